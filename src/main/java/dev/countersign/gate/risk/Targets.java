package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Names of goals, tasks, scripts and programs that say what they do: `targets.tbl`.
final class Targets {
    /// Words beside which a test or linter changes files.
    private static final Set<String> CHANGING =
            Set.of("fix", "format", "fmt", "write", "gen", "generate", "apply", "update", "build");

    private static final Set<String> CHECKING =
            Set.of(
                    "check",
                    "checks",
                    "verify",
                    "validate",
                    "test",
                    "tests",
                    "dry",
                    "dryrun",
                    "diff");

    /// A word with `=` before it is a whole name.
    private record Row(Level level, String effect, String why, Set<String> words) {
        boolean is(String name, List<String> parts) {
            for (String part : parts) {
                if (words.contains(part)) {
                    return true;
                }
            }
            return words.contains("=" + name.toLowerCase(Locale.ROOT));
        }
    }

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
                            Set.of(parts[3].split(" +"))));
        }
        return List.copyOf(rows);
    }

    /// Whether any row is about this name.
    static boolean knows(String name) {
        List<String> words = words(name);
        return ROWS.stream().anyMatch(row -> row.is(name, words));
    }

    /// The worst row that one of the name's words is in. `lint:fix` changes, `format:check` looks.
    ///
    /// @param goal a name that no row has is `medium`; false: it adds nothing, and low rows add
    ///   nothing either
    static void check(String name, Invocation call, Findings own, boolean goal) {
        List<String> words = words(name);
        Row worst = null;
        boolean low = false;
        for (Row row : ROWS) {
            if (row.is(name, words)) {
                if (row.level() == Level.LOW) {
                    low = true;
                } else if (worst == null || row.level().compareTo(worst.level()) > 0) {
                    worst = row;
                }
            }
        }
        boolean changes = words.stream().anyMatch(CHANGING::contains);
        boolean checks = words.stream().anyMatch(CHECKING::contains);
        if (worst != null && worst.level() == Level.MEDIUM && low && (checks || !changes)) {
            worst = null;
        }
        if (worst != null && TESTED.contains(worst.effect()) && testsFirst(words)) {
            worst = null;
            low = true;
        }
        if (worst != null
                && ASKED.contains(worst.effect())
                && words.size() > 1
                && ASKING.contains(words.get(words.size() - (extension(words) ? 2 : 1)))) {
            worst = null;
        }
        if (worst != null && !goal && worst.effect().equals(SCHEMA)) {
            worst = script(words, worst);
        }
        String shown = GuestText.of(name).visible();
        if (worst != null) {
            own.add(worst.level(), worst.effect(), "runs " + shown + ", which " + worst.why());
        } else if (goal && low) {
            own.add(Level.LOW, "test", "runs " + shown + " of " + call.name());
        } else if (goal) {
            own.add(Level.MEDIUM, "build", "runs " + shown + " of " + call.name());
        }
        own.acts();
    }

    private static final String SCHEMA = "sql.schema";

    /// What says that a script is about a database.
    private static final Set<String> DATABASE =
            Set.of(
                    "db",
                    "dbs",
                    "database",
                    "databases",
                    "schema",
                    "schemas",
                    "sql",
                    "postgres",
                    "mysql",
                    "tables",
                    "flyway",
                    "liquibase",
                    "alembic",
                    "dropdb",
                    "createdb",
                    "migrations",
                    "prod",
                    "production");

    private static final Set<String> SEEDING = Set.of("seed", "seeds");

    /// A script of the project that fills something is what its name says; `migrate_` with another
    /// word behind it may be about anything.
    private static @Nullable Row script(List<String> words, Row row) {
        boolean database = words.stream().anyMatch(DATABASE::contains);
        boolean seeds = words.stream().anyMatch(SEEDING::contains);
        boolean ending = words.size() > 1 && EXTENSIONS.contains(words.getLast());
        boolean alone = words.size() - (ending ? 1 : 0) == 1;
        if (!database) {
            return alone && !seeds ? row : null;
        }
        return seeds
                ? new Row(Level.HIGH, "sql.change", "changes what a database holds", Set.of())
                : row;
    }

    /// What tests of it are named after: `test:deploy`, `test_rotate_keys.sh`.
    private static final Set<String> TESTED =
            Set.of("deploy.release", "infra.apply", "secrets.rotate");

    /// What can be asked about or rehearsed: `deploy:status`, `release:dry-run`, `migrate:list`.
    private static final Set<String> ASKED = Set.of("deploy.release", "infra.apply", "sql.schema");

    private static final Set<String> ASKING =
            Set.of(
                    "status",
                    "list",
                    "info",
                    "help",
                    "check",
                    "verify",
                    "validate",
                    "diff",
                    "history",
                    "notes",
                    "changelog",
                    "log",
                    "logs",
                    "version",
                    "dry",
                    "dryrun");

    private static boolean extension(List<String> words) {
        return words.size() > 2 && EXTENSIONS.contains(words.getLast());
    }

    private static final Set<String> EXTENSIONS =
            Set.of("js", "mjs", "cjs", "ts", "py", "sh", "bash", "rb", "pl", "php");

    private static final Set<String> TESTING =
            Set.of(
                    "test",
                    "tests",
                    "spec",
                    "specs",
                    "unittest",
                    "e2e",
                    "lint",
                    "check",
                    "verify",
                    "validate",
                    "jest",
                    "vitest",
                    "pytest");

    /// A name says first what is done, then to what; `test-and-deploy` says two things.
    private static boolean testsFirst(List<String> words) {
        return TESTING.contains(words.getFirst())
                && !words.contains("and")
                && !words.contains("then")
                && !words.contains("n");
    }

    /// What the name of a tool that is not known says, where that is critical.
    static void raise(String name, Findings own) {
        List<String> words = words(name);
        for (Row row : ROWS) {
            if (row.level() == Level.CRITICAL && row.is(name, words)) {
                own.add(
                        row.level(),
                        row.effect(),
                        "by its name, " + GuestText.of(name).visible() + " " + row.why());
            }
        }
    }

    /// `deploy:prod-eu`, `dbMigrate` and `db_migrate` by their words.
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        int before = 0;
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            boolean letter = Character.isLetter(c) || isNumber(c);
            boolean hump = c >= 'A' && c <= 'Z' && lowerOrDigit(before);
            if ((hump || !letter) && !word.isEmpty()) {
                words.add(word.toString().toLowerCase(Locale.ROOT));
                word.setLength(0);
            }
            if (letter) {
                word.appendCodePoint(c);
            }
            before = c;
            i += Character.charCount(c);
        }
        if (!word.isEmpty() || words.isEmpty()) {
            words.add(word.toString().toLowerCase(Locale.ROOT));
        }
        return words;
    }

    private static boolean lowerOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    private static boolean isNumber(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                    true;
            default -> false;
        };
    }
}
