package dev.countersign.gate.risk;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What `${name...}` becomes where both the variable and the operator's word are known: Parameter
/// Expansion in bash(1). Patterns with wildcards are left unknown.
final class Expansions {
    private static final Pattern FORM =
            Pattern.compile(
                    "\\$\\{([A-Za-z_][A-Za-z_0-9]*|[1-9])(:-|-|%%?|##?|//?|\\^\\^?|,,?)([^$`\"'\\\\}]*)}");

    private Expansions() {}

    /// Null if it can't be told.
    static @Nullable String value(String source, Scope scope) {
        Matcher form = FORM.matcher(source);
        if (!form.matches()) {
            return null;
        }
        String operator = form.group(2);
        String word = form.group(3);
        Word value = scope.value(form.group(1));
        if (operator.equals(":-") || operator.equals("-")) {
            if (value == null) {
                return ShellWalk.secretName(form.group(1)) ? null : word;
            }
            return value.literal() ? (value.text().isEmpty() ? word : value.text()) : null;
        }
        if (value == null || !value.literal()) {
            return null;
        }
        return changed(value.text(), operator, word);
    }

    private static @Nullable String changed(String text, String operator, String word) {
        return switch (operator) {
            case "^^" -> text.toUpperCase(Locale.ROOT);
            case ",," -> text.toLowerCase(Locale.ROOT);
            case "^", "," ->
                    text.isEmpty()
                            ? text
                            : (operator.equals("^")
                                            ? text.substring(0, 1).toUpperCase(Locale.ROOT)
                                            : text.substring(0, 1).toLowerCase(Locale.ROOT))
                                    + text.substring(1);
            case "%", "%%" -> cutEnd(text, operator.length() == 2, word);
            case "#", "##" -> cutStart(text, operator.length() == 2, word);
            case "/", "//" -> replaced(text, operator.length() == 2, word);
            default -> null;
        };
    }

    private static @Nullable String cutEnd(String text, boolean longest, String word) {
        if (!Literals.hasGlob(word)) {
            return text.endsWith(word) ? text.substring(0, text.length() - word.length()) : text;
        }
        if (word.endsWith("*") && !Literals.hasGlob(word.substring(0, word.length() - 1))) {
            String mark = word.substring(0, word.length() - 1);
            int at = longest ? text.indexOf(mark) : text.lastIndexOf(mark);
            return mark.isEmpty() || at < 0 ? text : text.substring(0, at);
        }
        return null;
    }

    private static @Nullable String cutStart(String text, boolean longest, String word) {
        if (!Literals.hasGlob(word)) {
            return text.startsWith(word) ? text.substring(word.length()) : text;
        }
        if (word.startsWith("*") && !Literals.hasGlob(word.substring(1))) {
            String mark = word.substring(1);
            int at = longest ? text.lastIndexOf(mark) : text.indexOf(mark);
            return mark.isEmpty() || at < 0 ? text : text.substring(at + mark.length());
        }
        return null;
    }

    private static @Nullable String replaced(String text, boolean all, String word) {
        int slash = word.indexOf('/');
        String from = slash < 0 ? word : word.substring(0, slash);
        String to = slash < 0 ? "" : word.substring(slash + 1);
        if (from.isEmpty()
                || Literals.hasGlob(from)
                || from.startsWith("#")
                || from.startsWith("%")) {
            return null;
        }
        int at = text.indexOf(from);
        if (at < 0) {
            return text;
        }
        return all
                ? text.replace(from, to)
                : text.substring(0, at) + to + text.substring(at + from.length());
    }
}
