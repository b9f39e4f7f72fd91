package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import dev.countersign.gate.risk.Tool.Flag;
import dev.countersign.gate.risk.Tool.Grade;
import dev.countersign.gate.risk.Tool.Role;
import dev.countersign.gate.risk.Tool.Sub;
import dev.countersign.gate.risk.Word.Origin;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Rates one command: finds its table, reads its arguments, and gives what needs more than a table
/// to the [Specials].
final class CommandRater {
    private static final int DEEPEST = 12;
    private static final String FETCHED = "cwd.fetched";
    private static final Set<String> RESERVED =
            Set.of("{", "}", "if", "fi", "elif", "done", "esac", "for", "while", "until", "case");
    private static final Pattern ODD = Pattern.compile("[\\s;|&<>()`$\"']");
    private static final Set<String> HELP =
            Set.of("--version", "--help", "-V", "-h", "-v", "-version", "-help", "--info");
    private static final Set<String> SYSTEM =
            Set.of(
                    "/bin",
                    "/usr/bin",
                    "/usr/local/bin",
                    "/sbin",
                    "/usr/sbin",
                    "/usr/local/sbin",
                    "/lib",
                    "/lib64",
                    "/usr/lib",
                    "/usr/lib64");

    /// Where a project keeps its own copy of a known tool.
    private static final Pattern COPY =
            Pattern.compile(
                    "(.*/)?(gradlew|mvnw|manage\\.py|artisan|configure|setup\\.py)"
                            + "|(.*/)?(node_modules/\\.bin|\\.?v?env/bin|vendor/bin|\\.tox/[^/]+/bin|\\.nox/[^/]+/bin)/[^/]+"
                            + "|(.*/)?bin/(rails|rake|rspec|bundle|rubocop|brakeman|importmap|console|phpunit|phpstan)");

    private final ToolTables tables;
    private final Paths paths;
    private final Findings into;
    private final ShellWalk walk;
    private final Specials specials;

    CommandRater(ToolTables tables, Paths paths, Findings into, ShellWalk walk) {
        this.tables = tables;
        this.paths = paths;
        this.into = into;
        this.walk = walk;
        specials = new Specials(paths, walk, tables);
    }

    Origin rate(Invocation call) {
        Word head = call.head();
        if (call.depth() > DEEPEST) {
            into.notUnderstood("commands inside commands, too deep to follow");
            return Origin.NONE;
        }
        if (!head.literal() || head.glob()) {
            return dynamic(call);
        }
        Scope.Function function = call.scope().function(head.text());
        if (function != null) {
            record(call, Level.LOW);
            return walk.call(call, function);
        }
        if (RESERVED.contains(head.text()) || ODD.matcher(head.text()).find()) {
            record(call, Level.HIGH);
            into.notUnderstood("runs a program whose name is shell syntax");
            return call.arguments().isEmpty()
                    ? Origin.NONE
                    : walk.run(call.inner(call.arguments()));
        }
        Findings own = into.apart();
        if (Literals.hides(head.source())) {
            own.add(
                    Level.HIGH,
                    "shell.deceptive",
                    "writes the name of a program in escapes, so that it can't be read");
        }
        String name = call.name();
        boolean withDirectory = head.text().indexOf('/') >= 0;
        Tool tool = tables.find(name);
        if (withDirectory && !fromSystem(head.text())) {
            boolean wrapper = program(call, own);
            tool = wrapper ? tool : null;
            if (tool == null) {
                settle(call, own);
                return remote(own);
            }
        }
        Word meant = tool == null ? call.scope().value(ALIAS + name) : null;
        if (meant != null && meant.literal()) {
            settle(call, own);
            StringBuilder line = new StringBuilder(meant.text());
            for (Word word : call.arguments()) {
                line.append(" '").append(word.text().replace("'", "'\\''")).append('\'');
            }
            walk.text(line.toString(), call.scope(), call.stdin(), call.depth() + 1);
            return Origin.NONE;
        }
        if (tool == null) {
            own.add(
                    Level.HIGH,
                    "command.unknown",
                    "runs " + GuestText.of(name).visible() + ", which no table knows");
            settle(call, own);
            return Origin.NONE;
        }
        return tabled(call, tool, own);
    }

    /// What a name that `alias` gave stands for is kept like a variable's value, behind this.
    static final String ALIAS = "alias ";

    private Origin dynamic(Invocation call) {
        record(call, Level.HIGH);
        Origin origin = call.head().origin();
        if (origin.remote()) {
            into.add(Level.CRITICAL, "run.remote", "runs what it got over the network");
        } else if (origin.hidden()) {
            into.add(Level.CRITICAL, "run.hidden", "runs what it decoded");
        }
        into.notUnderstood("runs a command whose name is known only when it runs");
        String guess = guess(call.arguments());
        if (guess != null) {
            List<Word> words = new java.util.ArrayList<>(call.arguments());
            words.addFirst(Word.of(guess));
            walk.run(call.inner(words));
        }
        return Origin.NONE;
    }

    /// What its arguments look like to: the worst that a command without a known name may be.
    private static @Nullable String guess(List<Word> words) {
        if (words.size() > 1 && words.getFirst().text().equals("push")) {
            return "git";
        }
        for (Word word : words) {
            if (word.literal() && RECURSIVE.matcher(word.text()).matches()) {
                return "rm";
            }
        }
        return null;
    }

    private static final Pattern RECURSIVE =
            Pattern.compile("-[a-zA-Z]*(rf|fr|Rf|fR)[a-zA-Z]*|--no-preserve-root");

    private static boolean fromSystem(String head) {
        int slash = head.lastIndexOf('/');
        return SYSTEM.contains(head.substring(0, slash));
    }

    /// A program named by its path.
    ///
    /// @return whether its table counts: it is the project's own copy of a known tool
    private boolean program(Invocation call, Findings own) {
        String absolute = paths.absolute(call.head().text(), call.scope().cwd());
        String place = paths.place(absolute);
        if (call.scope().wasDownloaded(absolute)) {
            own.add(Level.CRITICAL, "run.remote", "runs a file that it downloaded");
            return false;
        }
        if (call.scope().wasMade(absolute)) {
            own.add(Level.HIGH, "run.made", "runs a file that the same text made or changed");
            return false;
        }
        if (place.indexOf(Word.UNKNOWN) >= 0) {
            own.notUnderstood("runs a program whose directory is known only when it runs");
            return false;
        }
        if (place.startsWith("/") && !call.scope().wasBuilt(absolute)) {
            Targets.check(call.name(), call, own, false);
            own.add(
                    Level.HIGH,
                    "run.outside",
                    "runs " + Paths.shown(place) + ", outside of the workspace");
            return false;
        }
        boolean copy = COPY.matcher(place).matches() && tables.find(call.name()) != null;
        if (!copy) {
            Targets.check(call.name(), call, own, false);
            own.add(
                    Level.MEDIUM,
                    "run.project",
                    "runs " + Paths.shown(place) + ", a program of the workspace");
            own.acts();
            return false;
        }
        return true;
    }

    private Origin tabled(Invocation call, Tool tool, Findings own) {
        List<Word> words0 = call.arguments();
        boolean toolchain =
                tool.special().equals("cargo")
                        && !words0.isEmpty()
                        && words0.getFirst().text().startsWith("+");
        Arguments arguments =
                new Arguments(tool, toolchain ? words0.subList(1, words0.size()) : words0);
        boolean named = tool.args() == Role.TARGET && !arguments.positionals().isEmpty();
        boolean help = tool.subs().all().size() > 1 && helps(tool, arguments, call.arguments());
        boolean lowered =
                arguments.lowered() || help || (tool.special().equals("cargo") && onlyChecks(call));
        if (help) {
            add(call, new Grade(Level.LOW, true, "", ""), own);
            settle(call, own);
            return Origin.NONE;
        }
        if (lowered) {
            add(call, new Grade(Level.LOW, false, "", ""), own);
        } else if (!named || arguments.sub() != null) {
            Grade other = specials.instead(call, tool, arguments);
            if (other == null) {
                grade(call, tool, arguments, own);
            } else {
                add(call, other, own);
            }
        }
        boolean rehearses = tool.special().equals("git") && GitCommands.rehearses(arguments);
        for (Used option : arguments.options()) {
            for (Flag flag : option.flags()) {
                if (!rehearses || flag.value() != null) {
                    option(call, tool, option, flag, own);
                }
            }
        }
        Role args = tool.args();
        if (arguments.sub() != null && arguments.sub().args() != null) {
            args = arguments.sub().args();
        }
        if (!lowered || args == Role.READ) {
            List<Word> words = arguments.positionals();
            boolean oneName = args == Role.TARGET && tool.special().equals("npm");
            positionals(
                    call, args, oneName ? words.subList(0, Math.min(1, words.size())) : words, own);
        }
        if (tool.flags().dangerous()) {
            for (Word word : call.arguments()) {
                if (word.bare() && !word.literal() && word.text().charAt(0) == Word.UNKNOWN) {
                    own.add(
                            Level.MEDIUM,
                            "shell.unknown-word",
                            "gives " + shown(call) + " a word that is known only when it runs");
                }
            }
        }
        boolean checks = lowered && CHECKERS.contains(tool.special());
        if (checks) {
            positionals(call, Role.READ, arguments.positionals(), own);
        }
        Origin printed = checks ? Origin.NONE : specials.apply(call, tool, arguments, own);
        settle(call, own);
        if (!arguments.command().isEmpty()) {
            for (Word assignment : arguments.assignments()) {
                int equals = assignment.text().indexOf('=');
                Environment.check(
                        assignment.text().substring(0, equals),
                        assignment.withText(assignment.text().substring(equals + 1)),
                        call.scope(),
                        paths,
                        into);
            }
            Sub sub = arguments.sub();
            List<Word> inner = arguments.command();
            if (sub != null && sub.self()) {
                inner = new java.util.ArrayList<>(inner);
                inner.addFirst(call.head());
            }
            return walk.run(call.inner(inner));
        }
        String cwd = call.scope().cwd();
        boolean fetched = own.has(FETCHED) || (cwd != null && call.scope().fromElsewhere(cwd));
        if (fetched && own.runsCode()) {
            into.add(
                    Level.CRITICAL,
                    "run.remote",
                    "runs code in a directory that the same text got over the network");
        }
        boolean known = printed.literal() != null || printed.names() != null;
        return known ? printed : printed.and(remote(own));
    }

    /// Rules that run a file; where an option says that it is only checked, they are left out.
    private static final Set<String> CHECKERS = Set.of("shell", "interpreter", "python");

    /// Rules behind whose sub-command the words of another program stand.
    private static final Set<String> FOREIGN = Set.of("docker", "sub-run", "npm", "tmux");

    private static final Set<String> RUNNING =
            Set.of("run", "exec", "x", "start", "serve", "dev", "test", "watch", "bench");

    /// `--help` behind a sub-command asks for its manual, unless the words belong to somebody else.
    private static boolean helps(Tool tool, Arguments arguments, List<Word> words) {
        Sub sub = arguments.sub();
        if (sub != null
                && (sub.args() != null
                        || RUNNING.contains(arguments.subName())
                        || sub.grade().effect().startsWith("run."))) {
            return false;
        }
        if (FOREIGN.contains(tool.special()) && words.size() > 2) {
            return false;
        }
        if (tool.wraps() >= 0 || tool.subs().all().stream().anyMatch(one -> one.runs() >= 0)) {
            return false;
        }
        if (sub == null
                && !words.isEmpty()
                && words.getFirst().literal()
                && words.getFirst().text().equals("help")) {
            return true;
        }
        for (Word word : words) {
            if (!word.literal() || word.text().equals("--") || word.text().equals("exec")) {
                return false;
            }
            if (word.text().equals("--help")) {
                return true;
            }
        }
        return false;
    }

    /// `cargo fmt -- --check` hands its words to rustfmt.
    private static boolean onlyChecks(Invocation call) {
        List<String> words = call.arguments().stream().map(Word::text).toList();
        return words.contains("fmt") && words.contains("--check");
    }

    private static Origin remote(Findings own) {
        return new Origin(own.has("net.request") || own.has("net.send"), false, null);
    }

    private void grade(Invocation call, Tool tool, Arguments arguments, Findings own) {
        if (!tool.subs().isEmpty()
                && !arguments.positionals().isEmpty()
                && arguments.sub() == null
                && !arguments.positionals().getFirst().literal()) {
            own.notUnderstood(
                    "runs " + shown(call) + " with a sub-command that is known only when it runs");
        }
        Grade grade =
                arguments.sub() != null
                        ? arguments.sub().grade()
                        : arguments.positionals().isEmpty() && onlyAsksForHelp(arguments)
                                ? new Grade(Level.LOW, true, "", "")
                                : tool.plain();
        add(call, grade, own);
    }

    /// `--version` and `--help` alone look.
    private static boolean onlyAsksForHelp(Arguments arguments) {
        return !arguments.options().isEmpty()
                && arguments.options().stream().allMatch(option -> HELP.contains(option.name()));
    }

    private void add(Invocation call, Grade grade, Findings own) {
        String why =
                grade.why().isEmpty() ? "runs " + shown(call) : shown(call) + " " + grade.why();
        own.add(grade.level(), grade.effect(), why);
        if (grade.level() == Level.LOW && !grade.looks()) {
            own.acts();
        }
    }

    private void option(Invocation call, Tool tool, Used used, Flag flag, Findings own) {
        Grade grade = flag.grade();
        if (grade != null) {
            String why =
                    grade.why().isEmpty()
                            ? shown(call) + " " + used.name()
                            : shown(call) + " " + used.name() + " " + grade.why();
            own.add(grade.level(), grade.effect(), GuestText.of(why).visible());
        }
        Role role = flag.value();
        Word value = used.value();
        if (role != null && value != null) {
            use(call, role, value, own);
        }
        if (role == Role.CD
                && value != null
                && call.scope().fromElsewhere(paths.absolute(value.text(), call.scope().cwd()))) {
            own.add(Level.LOW, FETCHED, "works in a directory that it got over the network");
        }
        if (role == Role.CD && value != null && !tool.special().equals("git")) {
            paths.read(value.text(), call.scope().cwd(), own);
        }
    }

    private void positionals(Invocation call, Role role, List<Word> words, Findings own) {
        switch (role) {
            case PATTERN -> {
                for (Word word : words.subList(Math.min(1, words.size()), words.size())) {
                    use(call, Role.READ, word, own);
                }
            }
            case COPY, MOVE -> {
                int last = words.size() - 1;
                for (int i = 0; i < last; i++) {
                    use(call, Role.READ, words.get(i), own);
                    if (role == Role.MOVE) {
                        use(call, Role.DELETE, words.get(i), own);
                    }
                }
                if (last > 0) {
                    use(call, Role.WRITE, words.get(last), own);
                }
            }
            default -> {
                for (Word word : words) {
                    use(call, role, word, own);
                }
            }
        }
    }

    private void use(Invocation call, Role role, Word word, Findings own) {
        String cwd = call.scope().cwd();
        switch (role) {
            case READ -> {
                if (!word.text().equals("-")) {
                    paths.read(word.text(), cwd, own);
                }
            }
            case WRITE -> {
                if (!word.text().equals("-")) {
                    paths.write(word.text(), cwd, own);
                    // What a compiler makes is as good as its sources.
                    boolean built =
                            own.has("build")
                                    && call.arguments().stream()
                                            .noneMatch(source ->
                                                    call.scope()
                                                            .wasMade(
                                                                    paths.absolute(
                                                                            source.text(), cwd)));
                    if (built) {
                        call.scope().built(paths.absolute(word.text(), cwd));
                    } else {
                        call.scope().made(paths.absolute(word.text(), cwd));
                    }
                }
            }
            case DELETE -> paths.delete(word.text(), cwd, own);
            case CODE -> {
                if (word.literal()) {
                    walk.text(word.text(), call.scope().inner(), call.stdin(), call.depth() + 1);
                } else {
                    own.notUnderstood("runs code that is known only when it runs");
                }
            }
            case SCRIPT -> specials.script(call, word, own);
            case CONFIG -> {
                paths.read(word.text(), cwd, own);
                if (paths.place(paths.absolute(word.text(), cwd)).startsWith("/")) {
                    own.add(
                            Level.HIGH,
                            "run.outside",
                            "takes settings, and code that they name, from outside of the workspace");
                }
            }
            case HOST, URL -> specials.url(word, own);
            case SECRET ->
                    own.add(
                            Level.HIGH,
                            "secrets.argument",
                            "has a password or key on its command line");
            case COMMAND -> walk.run(call.inner(List.of(word)));
            case TARGET -> {
                int equals = word.text().indexOf('=');
                if (equals > 0) {
                    Environment.check(
                            word.text().substring(0, equals),
                            word.withText(word.text().substring(equals + 1)),
                            call.scope(),
                            paths,
                            own);
                } else if (word.text().equals("install") && call.name().startsWith("mvn")) {
                    own.add(
                            Level.MEDIUM,
                            "build",
                            "builds, and puts the result into the local repository");
                } else {
                    specials.target(call, word, own);
                }
            }
            case NONE, VALUE, CD, PATTERN, COPY, MOVE -> {}
        }
    }

    /// Puts the command on record with the level that it has by itself.
    private void settle(Invocation call, Findings own) {
        record(call, own.level());
        into.addAll(own);
    }

    private void record(Invocation call, Level level) {
        boolean literal = call.argv().stream().allMatch(Word::literal);
        into.command(
                new SimpleCommand(
                        call.argv().stream()
                                .map(w -> GuestText.of(w.literal() ? w.text() : w.source()))
                                .toList(),
                        level,
                        literal && call.plain() && call.depth() == 0));
    }

    static String shown(Invocation call) {
        StringBuilder text = new StringBuilder(GuestText.of(call.name()).visible());
        List<Word> arguments = call.arguments();
        for (int i = 0; i < Math.min(2, arguments.size()); i++) {
            Word word = arguments.get(i);
            if (word.option()
                    || !word.literal()
                    || word.text().length() > 24
                    || word.text().indexOf('/') >= 0
                    || word.text().indexOf(' ') >= 0) {
                break;
            }
            text.append(' ').append(GuestText.of(word.text()).visible());
        }
        return text.toString();
    }

    static @Nullable Word last(List<Word> words) {
        return words.isEmpty() ? null : words.getLast();
    }
}
