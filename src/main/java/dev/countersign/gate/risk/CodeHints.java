package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Signs in code of any language that make it worse than `high`: `code.tbl`. Finding none says
/// nothing: such code is high by itself.
final class CodeHints {
    private record Hint(Level level, String effect, String why, List<String> words, Pattern sign) {}

    private static final List<Hint> HINTS = load();

    private CodeHints() {}

    private static List<Hint> load() {
        List<Hint> hints = new ArrayList<>();
        for (String line : Tables.lines("code.tbl")) {
            String[] parts = line.strip().split(" *¦ *", 5);
            hints.add(
                    new Hint(
                            Level.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                            parts[1],
                            parts[2],
                            List.of(parts[3].split(" +")),
                            Pattern.compile(folded(parts[4]))));
        }
        return List.copyOf(hints);
    }

    /// The pattern for text in lower case: looking for either case costs several times as much.
    private static String folded(String pattern) {
        StringBuilder out = new StringBuilder(pattern.length());
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            out.append(Character.toLowerCase(c));
            if (c == '\\' && i + 1 < pattern.length()) {
                out.append(pattern.charAt(++i));
            }
        }
        return out.toString();
    }

    static void check(String code, Findings own) {
        String folded = code.toLowerCase(Locale.ROOT);
        for (Hint hint : HINTS) {
            if (holds(folded, hint.words()) && hint.sign().matcher(folded).find()) {
                own.add(hint.level(), hint.effect(), hint.why());
            }
        }
    }

    private static boolean holds(String text, List<String> words) {
        for (String word : words) {
            if (text.contains(word)) {
                return true;
            }
        }
        return false;
    }
}
