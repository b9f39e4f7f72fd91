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
                            Pattern.compile(parts[4], Pattern.CASE_INSENSITIVE)));
        }
        return List.copyOf(hints);
    }

    static void check(String code, Findings own) {
        String folded = code.toLowerCase(Locale.ROOT);
        for (Hint hint : HINTS) {
            if (hint.words().stream().anyMatch(folded::contains)
                    && hint.sign().matcher(code).find()) {
                own.add(hint.level(), hint.effect(), hint.why());
            }
        }
    }
}
