package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Names of goals, tasks, scripts and programs that say what they do: `targets.tbl`.
final class Targets {
    private record Row(Level level, String effect, String why, List<String> words) {}

    private static final List<Row> ROWS = load();

    private Targets() {}

    private static List<Row> load() {
        List<Row> rows = new ArrayList<>();
        for (String line : Tables.lines("targets.tbl")) {
            String[] parts = line.strip().split(" *\\| *", 4);
            rows.add(
                    new Row(
                            Level.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                            parts[1],
                            parts[2],
                            List.of(parts[3].split(" +"))));
        }
        return List.copyOf(rows);
    }

    /// The worst row that one of the name's words is in.
    ///
    /// @param goal a name that no row has is `medium`; false: it adds nothing, and low rows add
    ///   nothing either
    static void check(String name, Invocation call, Findings own, boolean goal) {
        List<String> words = words(name);
        Row worst = null;
        boolean low = false;
        for (Row row : ROWS) {
            if (row.words().stream().anyMatch(words::contains)
                    || row.words().contains(name.toLowerCase(Locale.ROOT))) {
                if (row.level() == Level.LOW) {
                    low = true;
                } else if (worst == null || row.level().compareTo(worst.level()) > 0) {
                    worst = row;
                }
            }
        }
        String shown = GuestText.of(name).visible();
        if (worst != null && !(low && worst.level() == Level.MEDIUM)) {
            own.add(worst.level(), worst.effect(), "runs " + shown + ", which " + worst.why());
        } else if (goal && low) {
            own.add(Level.LOW, "test", "runs " + shown + " of " + call.name());
        } else if (goal) {
            own.add(Level.MEDIUM, "build", "runs " + shown + " of " + call.name());
        }
        own.acts();
    }

    /// `deploy:prod-eu`, `dbMigrate` and `db_migrate` by their words.
    private static List<String> words(String name) {
        String apart =
                name.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}]+", " ")
                        .strip();
        return List.of(apart.split(" "));
    }
}
