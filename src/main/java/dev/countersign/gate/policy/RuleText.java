package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A rule as one line of YAML in flow style, such as `allow: {tool: shell, argv: [npm, ci]}`. What
/// comes from a call is quoted so that it is one text and nothing else; whoever writes a line reads
/// it again before it counts.
final class RuleText {
    private static final Pattern BARE = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

    /// Words that YAML 1.1 takes for something else than text.
    private static final Pattern TAKEN =
            Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|nan|inf");

    private RuleText() {}

    static String argv(List<String> words, boolean rest, @Nullable String effect, String risk) {
        StringBuilder text = new StringBuilder("allow: {tool: shell, argv: [");
        text.append(String.join(", ", words.stream().map(RuleText::quoted).toList()));
        text.append(rest ? ", ...]" : "]");
        if (effect != null) {
            text.append(", effect: ").append(effect);
        }
        if (rest) {
            text.append(", risk: ").append(risk);
        }
        return text.append('}').toString();
    }

    static String path(String tool, String glob, @Nullable String effect, @Nullable String risk) {
        return "allow: {tool: "
                + tool
                + ", path: "
                + quoted(glob)
                + (effect == null ? "" : ", effect: " + effect)
                + (risk == null ? "" : ", risk: " + risk)
                + "}";
    }

    static String host(String host) {
        return "allow: {tool: network, host: " + quoted(host) + "}";
    }

    /// The rule with where and until when it counts.
    ///
    /// @param rule one line in flow style
    /// @param in the session's id or the repository's directory
    /// @throws CountersignException USAGE if the line is not one rule in braces
    static String scoped(String rule, String scope, @Nullable String in, @Nullable LocalDate until)
            throws CountersignException {
        String text = rule.strip();
        if (text.startsWith("- ")) {
            text = text.substring(2).strip();
        }
        if (!text.matches("(allow|ask|deny|raise): *\\{.*\\S.*\\}")) {
            throw new CountersignException(
                    Kind.USAGE,
                    "`"
                            + GuestText.of(rule).visible()
                            + "` is not one rule in braces. Write it like `allow: {tool: shell,"
                            + " argv: [npm, ci]}`.");
        }
        StringBuilder out = new StringBuilder(text.substring(0, text.length() - 1).stripTrailing());
        if (!scope.equals("everywhere")) {
            out.append(", scope: ").append(scope);
        }
        if (in != null) {
            out.append(", in: ").append(quoted(in));
        }
        if (until != null) {
            out.append(", until: ").append(until);
        }
        return out.append('}').toString();
    }

    /// A YAML scalar of exactly this text.
    static String quoted(String word) {
        if (BARE.matcher(word).matches() && !TAKEN.matcher(word).matches()) {
            return word;
        }
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7E) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
