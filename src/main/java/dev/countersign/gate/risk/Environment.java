package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;

/// Variables that make other programs run code, load code or trust somebody: `environment.tbl`.
final class Environment {
    private record Row(String name, String effect, String why) {
        boolean is(String wanted) {
            return name.endsWith("*")
                    ? wanted.startsWith(name.substring(0, name.length() - 1))
                    : name.equals(wanted);
        }
    }

    private static final List<Row> ROWS = load();

    private Environment() {}

    private static List<Row> load() {
        List<Row> rows = new ArrayList<>();
        for (String line : Tables.lines("environment.tbl")) {
            String[] parts = line.strip().split(" +", 3);
            rows.add(new Row(parts[0], parts[1], parts[2]));
        }
        return List.copyOf(rows);
    }

    /// Paths inside the workspace and plain sizes are what everybody sets; all else is high.
    static void check(String name, Word value, Scope scope, Paths paths, Findings into) {
        for (Row row : ROWS) {
            if (row.is(name) && !harmless(row, value, scope, paths)) {
                into.add(
                        Level.HIGH,
                        row.effect(),
                        "sets " + GuestText.of(name).visible() + ", which " + row.why());
                return;
            }
        }
    }

    private static boolean harmless(Row row, Word value, Scope scope, Paths paths) {
        String text = value.text();
        if (!value.literal()) {
            return false;
        }
        return switch (row.effect()) {
            case "env.search" -> inside(text, scope, paths);
            case "env.options" ->
                    text.matches(
                            "(-Xm[sx][0-9]+[kmgKMG]?|--max-old-space-size=[0-9]+|-Dfile\\.encoding=[A-Za-z0-9-]+| )*");
            case "env.program" -> text.isEmpty() || text.matches("cat|true|false|less|:|more");
            default -> text.isEmpty();
        };
    }

    private static boolean inside(String text, Scope scope, Paths paths) {
        for (String part : text.split(":", -1)) {
            if (!part.isEmpty() && paths.place(paths.absolute(part, scope.cwd())).startsWith("/")) {
                return false;
            }
        }
        return true;
    }
}
