package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Variables that make other programs run code, load code or trust somebody: `environment.tbl`.
final class Environment {
    private record Row(String name, String effect, String why) {
        boolean family() {
            return name.endsWith("*");
        }

        boolean has(String wanted) {
            return wanted.startsWith(name.substring(0, name.length() - 1));
        }
    }

    private static final List<Row> ROWS = load();

    /// Rows by the whole name that they are about.
    private static final Map<String, Row> NAMED =
            ROWS.stream()
                    .filter(row -> !row.family())
                    .collect(Collectors.toUnmodifiableMap(Row::name, row -> row, (one, _) -> one));

    private static final List<Row> FAMILIES = ROWS.stream().filter(Row::family).toList();
    private static final Pattern SIZES =
            Pattern.compile(
                    "(-X(m[sx]|ss)[0-9]+[kmgKMG]?|-XX:[+-]?(Use|Max|Min|Initial)\\w+(=[0-9.]+[kmgKMG]?)?"
                            + "|-D(file\\.encoding|user\\.timezone|user\\.language|java\\.awt\\.headless)=[A-Za-z0-9/_-]+"
                            + "|--max[-_]old[-_]space[-_]size=[0-9]+|--no-(warnings|deprecation)|--trace-(warnings|deprecation|uncaught)|--experimental-vm-modules|--enable-source-maps|--openssl-legacy-provider|--unhandled-rejections=[a-z-]+|--stack-trace-limit=[0-9]+"
                            + "|-[DAWF] ?[a-z_]+|-C ?(target-cpu|opt-level|debuginfo|instrument-coverage|debug-assertions)(=[a-z0-9-]+)?| )*");

    /// `go help build`: options that choose how, not what is run.
    private static final Pattern GO_FLAGS =
            Pattern.compile(
                    "(-(count|p|timeout|parallel)=[0-9]+[smh]?|-mod=(mod|vendor|readonly)|-(v|race|short|trimpath|failfast|x)|-tags=[\\w,.]+|-buildvcs=\\w+|-shuffle=\\w+| )*");

    private static final Pattern COMPILERS =
            Pattern.compile("(ccache )?(gcc|g\\+\\+|clang|clang\\+\\+|cc|c\\+\\+)(-[0-9.]+)?|");
    private static final Set<String> PLAIN_PROGRAMS =
            Set.of("", "cat", "true", "false", "less", ":", "more");

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
        Row named = NAMED.get(name);
        if (named != null && harms(named, name, value, scope, paths, into)) {
            return;
        }
        for (Row row : FAMILIES) {
            if (row.has(name) && harms(row, name, value, scope, paths, into)) {
                return;
            }
        }
    }

    private static boolean harms(
            Row row, String name, Word value, Scope scope, Paths paths, Findings into) {
        if (harmless(row, value, scope, paths)) {
            return false;
        }
        into.add(
                Level.HIGH,
                row.effect(),
                "sets " + GuestText.of(name).visible() + ", which " + row.why());
        return true;
    }

    private static boolean harmless(Row row, Word value, Scope scope, Paths paths) {
        String text = value.text();
        if (keeps(value.source(), row.name())) {
            return true;
        }
        if (!value.literal()) {
            return false;
        }
        return switch (row.effect()) {
            case "env.search" -> inside(text, scope, paths);
            case "env.options" -> SIZES.matcher(text).matches();
            case "env.goflags" -> GO_FLAGS.matcher(text).matches();
            case "env.cc" -> COMPILERS.matcher(text).matches();
            case "env.program" -> PLAIN_PROGRAMS.contains(text);
            default -> text.isEmpty();
        };
    }

    /// `PATH="$PATH"`: the value that it has.
    private static boolean keeps(String source, String name) {
        String value = source.startsWith(name + "=") ? source.substring(name.length() + 1) : source;
        String bare =
                value.length() > 2 && value.startsWith("\"") && value.endsWith("\"")
                        ? value.substring(1, value.length() - 1)
                        : value;
        return bare.equals("$" + name) || bare.equals("${" + name + "}");
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
