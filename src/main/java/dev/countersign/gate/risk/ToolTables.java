package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Tool.Flag;
import dev.countersign.gate.risk.Tool.Grade;
import dev.countersign.gate.risk.Tool.Role;
import dev.countersign.gate.risk.Tool.Sub;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All tables below `tools/`, by program. Their form is told in `tools/README`.
final class ToolTables {
    private final Map<String, Tool> byName = new HashMap<>();
    private final Set<String> packaged = new HashSet<>();

    static ToolTables load() {
        ToolTables tables = new ToolTables();
        for (String file : Tables.lines("tools/INDEX")) {
            tables.read(file.strip());
        }
        return tables;
    }

    private ToolTables() {}

    @Nullable Tool find(String name) {
        Tool exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        // python3.11, gcc-12, clang++-15
        int end = name.length();
        while (end > 0
                && (Character.isDigit(name.charAt(end - 1)) || name.charAt(end - 1) == '.')) {
            end--;
        }
        if (end == name.length() || end == 0) {
            return null;
        }
        String stem = name.substring(0, end);
        return byName.get(stem.endsWith("-") ? stem.substring(0, end - 1) : stem);
    }

    /// Whether a program comes with JavaScript packages, so that npx finds it in the project.
    boolean ofPackages(String name) {
        return packaged.contains(name);
    }

    int size() {
        return byName.size();
    }

    private void read(String file) {
        Draft draft = null;
        for (String line : Tables.lines("tools/" + file)) {
            List<String> words = List.of(line.strip().split(" +"));
            if (words.getFirst().equals("tool")) {
                keep(draft);
                draft = new Draft(file, words.subList(1, words.size()));
            } else if (draft == null) {
                throw new IllegalStateException(file + ": no tool before: " + line);
            } else {
                draft.line(words);
            }
        }
        keep(draft);
    }

    private void keep(@Nullable Draft draft) {
        if (draft == null) {
            return;
        }
        Tool tool = draft.done();
        for (String name : tool.names()) {
            if (draft.file.startsWith("javascript/")) {
                packaged.add(name);
            }
            if (byName.put(name, tool) != null) {
                throw new IllegalStateException(draft.file + ": " + name + " has two tables");
            }
        }
    }

    /// A tool while its lines are read.
    private static final class Draft {
        private final String file;
        private final List<String> names;
        private Grade plain =
                new Grade(Level.HIGH, false, "", "is used in a way that its table does not know");
        private Role args = Role.NONE;
        private int wraps = -1;
        private boolean assigns;
        private boolean single;
        private boolean exact;
        private String special = "";
        private final List<Flag> flags = new ArrayList<>();
        private final List<DraftSub> subs = new ArrayList<>();

        Draft(String file, List<String> names) {
            this.file = file;
            this.names = names;
        }

        void line(List<String> words) {
            List<String> rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "default" -> plain = grade(rest);
                case "args" -> args = role(rest.getFirst());
                case "wraps" -> wraps = Integer.parseInt(rest.getFirst());
                case "assigns" -> assigns = true;
                case "single" -> {
                    single = true;
                    exact = rest.contains("exact");
                }
                case "special" -> special = rest.getFirst();
                case "flag" -> {
                    Flag flag = flag(rest);
                    (subs.isEmpty() ? flags : subs.getLast().flags).add(flag);
                }
                case "sub" -> subs.add(sub(rest));
                case "runs", "self" -> {
                    subs.getLast().runs = Integer.parseInt(rest.getFirst());
                    subs.getLast().self = words.getFirst().equals("self");
                }
                default -> throw new IllegalStateException(file + ": unknown line: " + words);
            }
        }

        private Flag flag(List<String> words) {
            Role value = null;
            List<String> rest = words.subList(1, words.size());
            if (!rest.isEmpty() && rest.getFirst().startsWith("=")) {
                value = role(rest.getFirst().substring(1));
                rest = rest.subList(1, rest.size());
            }
            boolean lowers = !rest.isEmpty() && rest.getFirst().equals("lowers");
            return new Flag(
                    List.of(words.getFirst().split(",")),
                    value,
                    rest.isEmpty() || lowers ? null : grade(rest),
                    lowers);
        }

        private DraftSub sub(List<String> words) {
            List<String> rest = words.subList(1, words.size());
            Role role = null;
            if (rest.getFirst().startsWith("=")) {
                role = role(rest.getFirst().substring(1));
                rest = rest.subList(1, rest.size());
            }
            List<String> subNames = new ArrayList<>();
            for (String name : words.getFirst().split(",")) {
                subNames.add(name.replace('+', ' '));
            }
            return new DraftSub(subNames, grade(rest), role);
        }

        private Grade grade(List<String> words) {
            String level = words.getFirst();
            boolean looks = level.equals("read");
            List<String> rest = words.subList(1, words.size());
            String effect = "";
            if (!rest.isEmpty()
                    && rest.getFirst().matches("[a-z]+\\.[a-z.-]+|build|test|write|delete")) {
                effect = rest.getFirst();
                rest = rest.subList(1, rest.size());
            }
            return new Grade(
                    looks ? Level.LOW : Level.valueOf(level.toUpperCase(Locale.ROOT)),
                    looks,
                    effect,
                    String.join(" ", rest));
        }

        private static Role role(String word) {
            return Role.valueOf(word.toUpperCase(Locale.ROOT));
        }

        Tool done() {
            return new Tool(
                    names,
                    plain,
                    args,
                    new FlagTable(flags),
                    new SubTable(subs.stream().map(DraftSub::done).toList()),
                    wraps,
                    assigns,
                    single,
                    exact,
                    special);
        }
    }

    /// A sub-command while its lines are read.
    private static final class DraftSub {
        private final List<String> names;
        private final Grade grade;
        private final @Nullable Role args;
        private final List<Flag> flags = new ArrayList<>();
        private int runs = -1;
        private boolean self;

        DraftSub(List<String> names, Grade grade, @Nullable Role args) {
            this.names = names;
            this.grade = grade;
            this.args = args;
        }

        Sub done() {
            return new Sub(names, grade, args, new FlagTable(flags), runs, self);
        }
    }
}
