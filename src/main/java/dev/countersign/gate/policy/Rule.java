package dev.countersign.gate.policy;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.PathPattern;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.SimpleCommand;
import dev.countersign.gate.risk.ToolKind;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One line of a policy. All of its conditions must hold.
///
/// `deny`, `ask` and `raise` look for what they name anywhere in the call: in each simple command,
/// with options in any order, bundled or abbreviated. `allow` covers a call only if every simple
/// command in it is exactly what the rule says, and everything that the call does is what the rule
/// names: one effect, host or path beside it, and the rule says nothing.
///
/// @param place file and line, such as `policy.yaml:4`
/// @param tool a [ToolKind]'s word or `any`; `write` means edits and removals too
/// @param argv words; the last may be `...`
/// @param raiseTo for `raise`
public record Rule(
        Verb verb,
        String place,
        @Nullable String tool,
        List<String> argv,
        @Nullable String effect,
        @Nullable String path,
        List<String> hosts,
        @Nullable Level risk,
        String scope,
        @Nullable String in,
        @Nullable LocalDate until,
        String because,
        @Nullable Level raiseTo) {
    /// What a rule does.
    public enum Verb {
        /// Never runs, never asked.
        DENY,
        /// Asks whatever the level.
        ASK,
        /// Runs below critical.
        ALLOW,
        /// Counts as a higher level.
        RAISE
    }

    static final String REST = "...";

    /// Keeps copies.
    public Rule {
        argv = List.copyOf(argv);
        hosts = List.copyOf(hosts);
    }

    /// What it says, in one line, for a list of rules.
    public String inWords() {
        StringBuilder text = new StringBuilder(verb.name().toLowerCase(Locale.ROOT));
        if (tool != null) {
            text.append(' ').append(tool);
        }
        if (!argv.isEmpty()) {
            text.append(" [").append(String.join(", ", argv)).append(']');
        }
        part(text, "effect", effect);
        part(text, "path", path);
        part(text, "host", hosts.isEmpty() ? null : String.join(", ", hosts));
        part(text, "risk", risk == null ? null : risk.word());
        part(text, "to", raiseTo == null ? null : raiseTo.word());
        part(
                text,
                "scope",
                scope.equals("everywhere") ? null : in == null ? "every " + scope : scope);
        part(text, "in", in);
        part(text, "until", until == null ? null : until.toString());
        return text.toString();
    }

    private static void part(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            text.append(", ").append(name).append(' ').append(value);
        }
    }

    boolean applies(Scope where, LocalDate today) {
        if (until != null && today.isAfter(until)) {
            return false;
        }
        return switch (scope) {
            case "session" -> in == null || where.session().value().equals(in);
            case "repository" -> in == null || where.repository().equals(in);
            default -> true;
        };
    }

    boolean matches(Rating rating) {
        boolean allow = verb == Verb.ALLOW;
        return tool(rating.kind(), allow)
                && (risk == null
                        || (allow
                                ? rating.level().compareTo(risk) <= 0
                                : rating.level().compareTo(risk) >= 0))
                && (effect == null || effects(rating, allow))
                && (hosts.isEmpty() || hosts(rating, allow))
                && (path == null || path(rating, allow))
                && commands(rating, allow);
    }

    private boolean commands(Rating rating, boolean allow) {
        if (allow && rating.kind() == ToolKind.SHELL) {
            return !rating.commands().isEmpty()
                    && rating.commands().stream().allMatch(this::covers);
        }
        return argv.isEmpty() || (allow ? exactly(rating) : anywhere(rating));
    }

    /// Whether everything but the single commands is as an `allow` says, so that it is for
    /// [#covers] to say which of them it speaks of.
    boolean speaksOf(Rating rating) {
        return verb == Verb.ALLOW
                && rating.kind() == ToolKind.SHELL
                && tool(rating.kind(), true)
                && (risk == null || rating.level().compareTo(risk) <= 0)
                && (hosts.isEmpty() || hosts(rating, true))
                && path == null
                && inside(rating);
    }

    /// Whether rules that cover a text's commands between them also name all that it does, as soon
    /// as one of them names an effect.
    static boolean nameAllEffects(List<Rule> rules, Rating rating) {
        List<Rule> naming = rules.stream().filter(rule -> rule.effect != null).toList();
        return naming.isEmpty()
                || rating.effects().stream()
                        .allMatch(found ->
                                naming.stream()
                                        .anyMatch(
                                                rule -> rule.effect(found) || rule.implied(found)));
    }

    /// What is written outside of the workspace is covered only by a rule that names such a path.
    private boolean inside(Rating rating) {
        return argv.stream().anyMatch(word -> word.startsWith("/"))
                || rating.writes().stream()
                        .allMatch(path ->
                                !path.startsWith("/")
                                        || path.startsWith("/tmp/")
                                        || path.startsWith("/var/tmp/"));
    }

    /// Whether this one command is what an `allow` names: literal, on its own, nothing that carries
    /// other code.
    boolean covers(SimpleCommand command) {
        List<String> words = command.argv().stream().map(word -> word.raw()).toList();
        if (!command.plain() || Carriers.carries(words)) {
            return false;
        }
        if (argv.isEmpty()) {
            return true;
        }
        if (argv.getLast().equals(REST)) {
            List<String> head = argv.subList(0, argv.size() - 1);
            return words.size() >= head.size() && words.subList(0, head.size()).equals(head);
        }
        return words.equals(argv);
    }

    private boolean effects(Rating rating, boolean allow) {
        return allow
                ? rating.effects().stream().anyMatch(this::effect)
                        && rating.effects().stream()
                                .allMatch(found -> effect(found) || implied(found))
                : rating.effects().stream().anyMatch(this::effect);
    }

    private boolean tool(ToolKind kind, boolean allow) {
        if (tool == null || tool.equals("any")) {
            return true;
        }
        if (tool.equals("write")) {
            return kind == ToolKind.WRITE
                    || kind == ToolKind.EDIT
                    || kind == ToolKind.DELETE
                    || (!allow && path != null && kind == ToolKind.SHELL);
        }
        if (tool.equals("read")) {
            return kind == ToolKind.READ
                    || kind == ToolKind.SEARCH
                    || (!allow && path != null && kind == ToolKind.SHELL);
        }
        return kind.word().equals(tool);
    }

    private boolean effect(String found) {
        return effect != null && (found.equals(effect) || found.startsWith(effect + "."));
    }

    /// A plain read, a test, a build, or the family that the rule's effect is of: nothing more.
    private boolean implied(String found) {
        return found.equals("read")
                || found.equals("test")
                || found.equals("build")
                || (effect != null && effect.startsWith(found + "."));
    }

    private boolean hosts(Rating rating, boolean allow) {
        return allow
                ? !rating.hosts().isEmpty() && rating.hosts().stream().allMatch(this::host)
                : rating.hosts().stream().anyMatch(this::host);
    }

    private boolean host(String found) {
        String name = found.toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(wanted ->
                        wanted.startsWith("*.")
                                ? name.endsWith(wanted.substring(1))
                                : name.equals(wanted));
    }

    private boolean path(Rating rating, boolean allow) {
        PathPattern pattern = pattern(path == null ? "" : path);
        if (allow) {
            List<String> all =
                    Stream.concat(rating.reads().stream(), rating.writes().stream()).toList();
            return rating.kind() != ToolKind.SHELL
                    && !all.isEmpty()
                    && all.stream().allMatch(pattern::matches);
        }
        Stream<String> used =
                "write".equals(tool) || "edit".equals(tool) || "delete".equals(tool)
                        ? rating.writes().stream()
                        : "read".equals(tool)
                                ? rating.reads().stream()
                                : Stream.concat(rating.reads().stream(), rating.writes().stream());
        return used.anyMatch(pattern::matches);
    }

    /// A policy's globs begin at the workspace, unless they are absolute or begin with `**`.
    static PathPattern pattern(String glob) {
        return new PathPattern(glob.startsWith("/") ? glob : "^" + glob);
    }

    private boolean exactly(Rating rating) {
        return !rating.commands().isEmpty() && rating.commands().stream().allMatch(this::covers);
    }

    private boolean anywhere(Rating rating) {
        return rating.commands().stream()
                .anyMatch(command ->
                        loosely(command.argv().stream().map(word -> word.raw()).toList()));
    }

    private boolean loosely(List<String> words) {
        List<String> wanted = argv.getLast().equals(REST) ? argv.subList(0, argv.size() - 1) : argv;
        String program = words.getFirst();
        if (!program.substring(program.lastIndexOf('/') + 1).equals(wanted.getFirst())) {
            return false;
        }
        List<String> names = new ArrayList<>();
        for (String word : wanted.subList(1, wanted.size())) {
            if (!word.startsWith("-")) {
                names.add(word);
            } else if (words.stream().noneMatch(given -> isOption(given, word))) {
                return false;
            }
        }
        int next = 0;
        for (String word : words.subList(1, words.size())) {
            if (next < names.size() && word.equals(names.get(next))) {
                next++;
            }
        }
        return next == names.size();
    }

    private static boolean isOption(String given, String wanted) {
        int equals = given.indexOf('=');
        String name = equals < 0 ? given : given.substring(0, equals);
        if (name.equals(wanted) || given.equals(wanted)) {
            return true;
        }
        if (wanted.startsWith("--")) {
            return name.startsWith("--") && name.length() > 3 && wanted.startsWith(name);
        }
        return wanted.length() == 2
                && given.startsWith("-")
                && !given.startsWith("--")
                && given.indexOf(wanted.charAt(1)) > 0;
    }
}
