package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Tool.Flag;
import dev.countersign.gate.risk.Tool.Grade;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The options of a program or sub-command, found by their names.
final class FlagTable {
    private final List<Flag> all;
    private final Map<String, List<Flag>> byName = new HashMap<>();
    private final boolean dangerous;

    FlagTable(List<Flag> flags) {
        all = List.copyOf(flags);
        for (Flag flag : all) {
            for (String name : flag.names()) {
                byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(flag);
            }
        }
        dangerous = all.stream().anyMatch(FlagTable::dangerous);
    }

    private static boolean dangerous(Flag flag) {
        Grade grade = flag.grade();
        return grade != null && grade.level().compareTo(Level.HIGH) >= 0;
    }

    /// Whether any of them makes a command `high` or worse.
    boolean dangerous() {
        return dangerous;
    }

    List<Flag> all() {
        return all;
    }

    /// Those that have exactly this name.
    List<Flag> named(String name) {
        return byName.getOrDefault(name, List.of());
    }

    /// Adds those of which this is the beginning of a name.
    void abbreviated(String name, List<Flag> into) {
        for (Flag flag : all) {
            for (String full : flag.names()) {
                if (full.startsWith(name)) {
                    into.add(flag);
                    break;
                }
            }
        }
    }
}
