package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The classes of paths in `paths.tbl`.
final class PathTable {
    /// One class.
    record PathClass(String name, Level read, Level write, String why) {}

    private record Row(PathClass of, PathPattern pattern) {}

    /// Rows by a name that a path must have to match; under the empty name those that have none.
    private final Map<String, List<Row>> rows = new HashMap<>();

    private final List<Row> all = new ArrayList<>();

    /// By a name that a path must have to match; under the empty name those that have none.
    private final Map<String, List<PathPattern>> exempt = new HashMap<>();

    private final List<PathPattern> readable = new ArrayList<>();

    static PathTable load() {
        return new PathTable(Tables.lines("paths.tbl"));
    }

    private PathTable(List<String> lines) {
        PathClass now = null;
        for (String line : lines) {
            String text = line.strip();
            if (text.startsWith("class ")) {
                String[] parts = text.split(" ", 5);
                now =
                        new PathClass(
                                parts[1],
                                Level.valueOf(parts[2].toUpperCase(Locale.ROOT)),
                                Level.valueOf(parts[3].toUpperCase(Locale.ROOT)),
                                parts[4]);
            } else if (text.startsWith("!class ")) {
                PathPattern pattern = new PathPattern(text.substring(7));
                exempt.computeIfAbsent(pattern.fixedName(), _ -> new ArrayList<>()).add(pattern);
            } else if (text.startsWith("!read ")) {
                readable.add(new PathPattern(text.substring(6)));
            } else if (now != null) {
                Row row = new Row(now, new PathPattern(text));
                all.add(row);
                rows.computeIfAbsent(row.pattern().fixedName(), _ -> new ArrayList<>()).add(row);
            } else {
                throw new IllegalStateException("paths.tbl: a pattern without a class: " + text);
            }
        }
    }

    /// The class that makes this access worst, or null if none is about it.
    ///
    /// @param path folded; inside the workspace relative, else absolute
    @Nullable PathClass of(String path, boolean write) {
        String[] parts = PathPattern.parts(path);
        boolean exact = PathPattern.exact(path);
        if (exact && exempt(parts)) {
            return null;
        }
        PathClass worst = null;
        for (Row row : candidates(path, parts)) {
            if (worse(row.of(), worst, write) && row.pattern().matches(parts, exact)) {
                worst = row.of();
            }
        }
        if (worst != null && !write && readable.stream().anyMatch(p -> p.matches(parts))) {
            return null;
        }
        return worst;
    }

    private boolean exempt(String[] parts) {
        if (matches(exempt.getOrDefault("", List.of()), parts)) {
            return true;
        }
        for (String part : parts) {
            if (!part.isEmpty() && matches(exempt.getOrDefault(part, List.of()), parts)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(List<PathPattern> patterns, String[] parts) {
        for (PathPattern pattern : patterns) {
            if (pattern.matches(parts, true)) {
                return true;
            }
        }
        return false;
    }

    private List<Row> candidates(String path, String[] parts) {
        if (!PathPattern.exact(path)) {
            return all;
        }
        List<Row> found = new ArrayList<>(rows.getOrDefault("", List.of()));
        for (String part : parts) {
            if (!part.isEmpty()) {
                found.addAll(rows.getOrDefault(part, List.of()));
            }
        }
        return found;
    }

    private static boolean worse(PathClass one, @Nullable PathClass other, boolean write) {
        if (other == null) {
            return true;
        }
        return level(one, write).compareTo(level(other, write)) > 0;
    }

    static Level level(PathClass of, boolean write) {
        return write ? of.write() : of.read();
    }
}
