package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Word.Origin;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a table alone can't say: builtins here, the rest by theme.
final class Specials {
    private final Paths paths;
    private final ShellWalk walk;
    private final ToolTables tables;
    private final CodeText text;
    private final Interpreters interpreters;
    private final CommandRunners runners;
    private final FileCommands files;
    private final NetworkCommands network;
    private final GitCommands gits;
    private final ServiceCommands services;
    private final TerminalCommands terminals;
    private final PowerShell powerShell;

    Specials(Paths paths, ShellWalk walk, ToolTables tables) {
        this.paths = paths;
        this.walk = walk;
        this.tables = tables;
        text = new CodeText(walk);
        interpreters = new Interpreters(tables, paths, walk, text);
        files = new FileCommands(paths);
        runners = new CommandRunners(tables, paths, walk, text);
        network = new NetworkCommands(paths, text);
        gits = new GitCommands(paths, walk, text);
        services = new ServiceCommands(paths, walk);
        terminals = new TerminalCommands(text);
        powerShell = new PowerShell(text, interpreters);
    }

    /// A file that is run as a program.
    void script(Invocation call, Word file, Findings own) {
        interpreters.script(call, file, own);
    }

    /// A grade in place of the table's, where what the command is about decides: a service in the
    /// VM, a verb that only reads, a script of the project.
    Tool.@Nullable Grade instead(Invocation call, Tool tool, Arguments args) {
        return switch (tool.special()) {
            case "peer", "peer-load", "httpie" ->
                    NetworkCommands.onlyLocal(call, args)
                            ? new Tool.Grade(
                                    Level.MEDIUM, false, "net.local", "asks a service in the VM")
                            : null;
            case "sql" ->
                    ServiceCommands.local(call, args)
                            ? new Tool.Grade(
                                    Level.MEDIUM, false, "sql.read", "opens a database in the VM")
                            : null;
            case "go" ->
                    args.subName().equals("install")
                                    && args.positionals().stream()
                                            .allMatch(word ->
                                                    word.literal()
                                                            && word.text().matches("\\.(/[^@]*)?"))
                            ? new Tool.Grade(Level.MEDIUM, false, "build", "builds the project")
                            : null;
            case "cloud" -> ServiceCommands.cloud(call, args);
            case "forge" ->
                    args.subName().startsWith("api")
                                    && !args.has(
                                            "-X",
                                            "--method",
                                            "-f",
                                            "--raw-field",
                                            "-F",
                                            "--field",
                                            "--input")
                            ? new Tool.Grade(Level.HIGH, false, "net.request", "reads from a forge")
                            : null;
            case "copy-remote" ->
                    call.name().equals("scp") && NetworkCommands.onlyGets(args)
                            ? new Tool.Grade(
                                    Level.HIGH, false, "net.request", "gets files from elsewhere")
                            : null;
            case "mounts" ->
                    call.name().equals("mount")
                                    && args.positionals().isEmpty()
                                    && !args.has("-a", "--all")
                            ? new Tool.Grade(Level.LOW, true, "", "lists what is mounted")
                            : null;
            case "git" ->
                    GitCommands.rehearses(args)
                            ? new Tool.Grade(
                                    Level.MEDIUM,
                                    false,
                                    "net.request",
                                    "asks a remote what it would do, and changes nothing")
                            : null;
            default -> null;
        };
    }

    /// Rates a connection by where it goes.
    void url(Word word, Findings own) {
        network.url(word, own);
    }

    /// @return what the command prints
    Origin apply(Invocation call, Tool tool, Arguments args, Findings own) {
        Origin through = call.stdin().origin();
        switch (tool.special()) {
            case "" -> {}
            case "echo" -> {
                return echo(call, args);
            }
            case "printf" -> {
                if (args.has("-v")) {
                    Word name = args.value("-v");
                    walk.builtinWord(name == null ? Word.unknown("-v") : name);
                    String said = printf(args).literal();
                    if (name != null) {
                        forget(call, List.of(name));
                    }
                    if (name != null && name.literal() && said != null) {
                        call.scope().set(name.text(), Word.of(said));
                    }
                    return Origin.NONE;
                }
                return printf(args);
            }
            case "pwd" -> {
                String at = call.scope().cwd();
                return at == null ? Origin.NONE : new Origin(false, false, at);
            }
            case "which" -> {
                return which(call, args);
            }
            case "mktemp" -> {
                return new Origin(false, false, walk.temporary(args));
            }
            case "cat" -> {
                if (args.positionals().isEmpty() && args.options().isEmpty()) {
                    return through;
                }
                return content(call, args.positionals(), through);
            }
            case "decode" -> {
                return new Origin(through.remote(), true, null);
            }
            case "decode-d" -> {
                boolean decodes = args.has("-d", "-D", "--decode", "-r", "-base64", "enc");
                return new Origin(through.remote(), decodes || through.hidden(), null);
            }
            case "tee" -> {
                if (through.remote()) {
                    for (Word file : args.positionals()) {
                        paths.fetchedInto(
                                paths.absolute(file.text(), cwd(call)), call.scope(), own);
                    }
                }
                return through;
            }
            case "later" -> {
                later(call, own);
                String lines = call.stdin().origin().literal();
                if (lines != null && call.name().matches("at|batch")) {
                    text.code(call, Word.of(lines), own);
                }
            }
            case "read" -> read(call, args);
            case "pager" -> terminals.pager(call, own);
            case "line-editor" -> terminals.lineEditor(call, args, paths, own);
            case "truncate" -> files.truncate(call, args, own);
            case "link" -> files.link(call, args, own);
            case "tests" -> {
                if (PYTEST.contains(call.name())) {
                    tests(args, own);
                }
            }
            case "cd" -> cd(call, args, own);
            case "eval" -> eval(call, args, own);
            case "shell" -> interpreters.shell(call, args, own);
            case "source" -> interpreters.source(call, args, own);
            case "trap" -> trap(call, args, own);
            case "alias" -> alias(call, args, own);
            case "names" -> {
                call.arguments().forEach(walk::builtinWord);
                forget(call, call.arguments());
            }
            case "interpreter" -> interpreters.interpreter(call, args, own);
            case "python" -> interpreters.python(call, args, own);
            case "awk" -> interpreters.awk(call, args, own);
            case "sed" -> interpreters.sed(call, args, own);
            case "jq" -> interpreters.jq(call, args, own);
            case "find" -> {
                return runners.find(call, own);
            }
            case "xargs" -> runners.xargs(call, args, own);
            case "parallel" -> runners.parallel(call, args, own);
            case "exec-option" -> runners.fdExec(call, own);
            case "rm" -> files.rm(call, args, own);
            case "chmod" -> files.chmod(call, args, own);
            case "owners" -> files.below(call, args, own);
            case "curl" -> network.curl(call, args, own);
            case "ssh" -> network.ssh(call, args, own);
            case "copy-remote" -> network.copyRemote(call, args, own);
            case "git" -> gits.git(call, args, own);
            case "docker" -> services.docker(call, args, own);
            case "sql" -> services.sql(call, args, own);
            case "dd" -> files.dd(call, own);
            case "npm" -> services.npm(call, args, own);
            case "tar" -> files.tar(call, args, text, own);
            case "assign" -> assign(call, args, own);
            case "kill" -> ServiceCommands.kill(call, args, own);
            case "editor" -> files.editor(call, args, text, own);
            case "lookup" -> NetworkCommands.lookup(call, own);
            case "npx" -> runners.npx(call, args, own);
            case "scripts" -> {
                return runners.scripts(call, args, own);
            }
            case "rimraf" -> files.rimraf(call, args, own);
            case "sessions" -> {
                for (Arguments.Used used : args.options()) {
                    Word session = used.value();
                    if (session != null && used.is("-e", "--env", "-s", "--session")) {
                        Targets.check(session.text(), call, own, false);
                    }
                }
            }
            case "reads-files" ->
                    args.positionals().forEach(file -> paths.read(file.text(), cwd(call), own));
            case "unpack" ->
                    args.positionals().stream()
                            .limit(1)
                            .forEach(file -> paths.read(file.text(), cwd(call), own));
            case "jar" -> files.jar(call, own);
            case "tmux" -> terminals.tmux(call, args, own);
            case "screen" -> terminals.screen(call, own);
            case "expect" -> terminals.expect(call, args, own);
            case "capsh" -> terminals.capsh(call, own);
            case "peer", "peer-load" -> NetworkCommands.peer(call, args, own);
            case "httpie" -> network.httpie(call, args, own);
            case "cargo", "cloud", "forge", "mounts" -> {}
            case "deno" -> {
                for (Word word :
                        args.positionals().subList(0, Math.min(1, args.positionals().size()))) {
                    if (args.subName().matches("run|serve|")
                            && word.text().matches("(https?|jsr|npm):.*")) {
                        own.add(Level.CRITICAL, "run.remote", "runs a program from the network");
                    } else if (args.subName().matches("run|serve")) {
                        interpreters.script(call, word, own);
                    }
                }
            }
            case "at-versions" -> {
                if (args.subName().matches("exec|x") && args.command().isEmpty()) {
                    own.add(Level.HIGH, "run.code", "runs a command with another toolchain");
                }
            }
            case "powershell" -> powerShell.rate(call, args, own);
            case "make" -> {
                for (Arguments.Used used : args.options()) {
                    Word rules = used.value();
                    if (rules != null && used.is("--eval", "-E")) {
                        recipes(call, rules, own);
                    }
                }
            }
            case "cmake" -> files.cmake(call, args, own);
            case "printenv" -> printenv(args, own);
            case "set" -> {
                call.arguments().forEach(walk::builtinWord);
                if (call.arguments().isEmpty()) {
                    own.add(Level.HIGH, "secrets.env", "prints all variables");
                }
            }
            case "declare" -> {
                call.arguments().forEach(walk::builtinWord);
                if (call.arguments().isEmpty() || args.has("-p")) {
                    own.add(Level.HIGH, "secrets.env", "prints the whole environment");
                }
                for (Word word : args.positionals()) {
                    int equals = word.text().indexOf('=');
                    if (equals > 0) {
                        Environment.check(
                                word.text().substring(0, equals),
                                word.withText(word.text().substring(equals + 1)),
                                call.scope(),
                                paths,
                                own);
                    }
                }
            }
            case "sub-run" -> {}
            case "command" -> {
                if (args.has("-v", "-V")) {
                    List<Word> named = args.command();
                    args.drop();
                    if (named.size() == 1 && named.getFirst().literal()) {
                        return new Origin(false, false, named.getFirst().text());
                    }
                }
            }
            case "env" -> {
                if (args.command().isEmpty()) {
                    own.add(Level.HIGH, "secrets.env", "prints the whole environment");
                }
            }
            case "words-are-code" -> {
                List<Word> words = args.positionals();
                List<Word> behind = args.command();
                if (behind.size() == 1
                        && behind.getFirst().literal()
                        && behind.getFirst().text().indexOf(' ') > 0) {
                    args.drop();
                    text.joined(call, behind, own);
                }
                if (!words.isEmpty()) {
                    text.joined(call, words, own);
                }
            }
            case "service" -> ServiceCommands.service(args, own);
            case "go" -> services.go(call, args, own);
            default ->
                    throw new IllegalStateException(
                            "a table names a rule that is not there: " + tool.special());
        }
        boolean lists =
                LISTERS.contains(call.name())
                        || (tool.special().equals("git") && LISTS.contains(args.subName()))
                        || (GREPS.contains(call.name())
                                && args.has("-l", "-L", "--files-with-matches", "--files"));
        return new Origin(
                through.remote(),
                through.hidden() || OBSCURE.contains(call.name()),
                null,
                lists && own.level() == Level.LOW
                        ? "*"
                        : KEEPS.contains(call.name()) ? through.names() : null);
    }

    /// They print names of files of the workspace.
    private static final Set<String> LISTERS = Set.of("ls", "fd", "fdfind", "exa", "eza");

    private static final Set<String> LISTS = Set.of("ls-files", "diff", "ls-tree", "diff-tree");
    private static final Set<String> GREPS = Set.of("grep", "egrep", "fgrep", "rg", "ag", "ack");

    /// They print some of the lines that they read.
    private static final Set<String> KEEPS =
            Set.of("head", "tail", "sort", "uniq", "grep", "egrep", "fgrep", "shuf", "tac");

    /// What they print can't be read off what they read.
    private static final Set<String> OBSCURE = Set.of("tr", "rev", "rot13");

    private static Origin echo(Invocation call, Arguments args) {
        StringBuilder text = new StringBuilder();
        for (Word word : call.arguments()) {
            if (!word.literal() || word.glob()) {
                return CodeText.fromWords(call.arguments());
            }
            if (text.isEmpty() && word.text().matches("-[neE]+")) {
                continue;
            }
            text.append(text.isEmpty() ? "" : " ").append(word.text());
        }
        String said = text.toString();
        return args.has("-e")
                ? new Origin(false, Literals.hides(said), Literals.ansiC("$'" + said + "'"))
                : new Origin(false, false, said);
    }

    /// `which X`, `type -p X`, `command -v X`: the program X, wherever it lies.
    private static Origin which(Invocation call, Arguments args) {
        boolean one = args.positionals().size() == 1 && args.positionals().getFirst().literal();
        boolean path = call.name().equals("which") || args.has("-p", "-P");
        return one && path
                ? new Origin(false, false, args.positionals().getFirst().text())
                : Origin.NONE;
    }

    /// Shell text or a table of commands on standard input, run at another time.
    private static void later(Invocation call, Findings own) {
        Origin origin = call.stdin().origin();
        if (origin.remote()) {
            own.add(Level.CRITICAL, "run.remote", "runs later what it got over the network");
        } else if (origin.hidden()) {
            own.add(Level.CRITICAL, "run.hidden", "runs later what it decoded");
        }
    }

    /// What a builtin puts into variables is not known, whatever they held.
    private static void forget(Invocation call, List<Word> names) {
        for (Word name : names) {
            if (name.literal() && NAME.matcher(name.text()).matches()) {
                call.scope().forget(Set.of(name.text()));
            }
        }
    }

    private static final java.util.regex.Pattern NAME =
            java.util.regex.Pattern.compile("[A-Za-z_][A-Za-z_0-9]*");

    /// `read NAME` takes what stands on its input.
    private void read(Invocation call, Arguments args) {
        call.arguments().forEach(walk::builtinWord);
        Origin from = call.stdin().origin();
        Origin of = new Origin(from.remote(), from.hidden(), null);
        List<Word> names = args.positionals();
        forget(call, names);
        Word array = args.value("-a");
        if (array != null) {
            forget(call, List.of(array));
        }
        boolean plain =
                !args.has("-d", "-n", "-N", "-a", "-u", "-e", "-i")
                        && call.scope().value("IFS") == null;
        String line = from.literal() == null ? null : from.literal().strip();
        if (plain && line != null && line.indexOf('\n') < 0) {
            String[] parts = line.split("[ \t]+", Math.max(1, names.size()));
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).literal()) {
                    call.scope()
                            .set(names.get(i).text(), Word.of(i < parts.length ? parts[i] : ""));
                }
            }
            return;
        }
        String files = from.names();
        if (files != null && names.size() == 1 && names.getFirst().literal() && !args.has("-u")) {
            call.scope()
                    .set(
                            names.getFirst().text(),
                            new Word(
                                    files,
                                    files,
                                    files.indexOf(Word.UNKNOWN) < 0,
                                    true,
                                    false,
                                    Origin.NONE));
        }
        for (Word name : names) {
            if (name.literal() && (of.remote() || of.hidden())) {
                call.scope()
                        .set(
                                name.text(),
                                new Word(
                                        String.valueOf(Word.UNKNOWN),
                                        "$" + name.text(),
                                        false,
                                        false,
                                        true,
                                        of));
            }
        }
    }

    /// pytest(1): `-p NAME` loads a plugin by its name, before the tests; `no:NAME` leaves one out.
    private static void tests(Arguments args, Findings own) {
        for (Arguments.Used used : args.options()) {
            Word value = used.value();
            if (value != null
                    && used.is("-p")
                    && !value.text().startsWith("no:")
                    && !PLUGINS.contains(value.text())) {
                own.add(Level.HIGH, "run.code", "loads code by an option");
            }
        }
    }

    private static final Set<String> PYTEST = Set.of("pytest", "py.test", "pytest-watch", "ptw");

    /// What comes with pytest, and the plugins that projects name on its command line.
    private static final Set<String> PLUGINS =
            Set.of(
                    "cacheprovider",
                    "pytester",
                    "terminal",
                    "faulthandler",
                    "doctest",
                    "xdist",
                    "xdist.plugin",
                    "pytest_asyncio",
                    "asyncio",
                    "pytest_cov",
                    "randomly",
                    "pytest_randomly",
                    "timeout",
                    "pytest_timeout",
                    "pytest_mock",
                    "django");

    private static @Nullable String cwd(Invocation call) {
        return call.scope().cwd();
    }

    private static Origin printf(Arguments args) {
        List<Word> words = args.positionals();
        if (words.isEmpty() || !words.stream().allMatch(Word::literal)) {
            return CodeText.fromWords(words);
        }
        boolean hidden = Literals.hides(words.getFirst().text());
        String format = Literals.ansiC("$'" + words.getFirst().text() + "'");
        StringBuilder out = new StringBuilder();
        int next = 1;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 >= format.length()) {
                out.append(c);
            } else {
                char kind = format.charAt(++i);
                switch (kind) {
                    case '%' -> out.append('%');
                    case 's', 'd' ->
                            out.append(next < words.size() ? words.get(next++).text() : "");
                    case 'b' -> {
                        String given = next < words.size() ? words.get(next++).text() : "";
                        hidden |= Literals.hides(given);
                        out.append(Literals.ansiC("$'" + given + "'"));
                    }
                    default -> {
                        return new Origin(false, true, null);
                    }
                }
            }
        }
        return next < words.size()
                ? new Origin(false, true, null)
                : new Origin(false, hidden, out.toString());
    }

    private Origin content(Invocation call, List<Word> files, Origin through) {
        boolean remote = through.remote();
        for (Word file : files) {
            remote |= call.scope().wasDownloaded(paths.absolute(file.text(), call.scope().cwd()));
            remote |= file.origin().remote();
        }
        return new Origin(remote, through.hidden(), null);
    }

    private void cd(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (words.isEmpty()) {
            call.scope().cd(Paths.HOME);
            return;
        }
        Word to = words.getFirst();
        if (to.text().equals("-") || !to.literal() || to.glob()) {
            call.scope().cd(null);
            if (!to.literal()) {
                own.add(
                        Level.MEDIUM,
                        "shell.cd",
                        "goes to a directory that is known only when it runs");
            }
            return;
        }
        call.scope().cd(paths.absolute(to.text(), call.scope().cwd()));
        own.add(Level.LOW, "", "changes the directory");
    }

    private void eval(Invocation call, Arguments args, Findings own) {
        text.joined(call, call.arguments(), own);
        if (args.options().isEmpty() && call.arguments().isEmpty()) {
            own.add(Level.LOW, "", "evaluates nothing");
        }
    }

    private void trap(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (words.size() > 1
                && !words.getFirst().text().isEmpty()
                && !words.getFirst().text().equals("-")) {
            text.code(call, words.getFirst(), own);
        }
    }

    private static void printenv(Arguments args, Findings own) {
        if (args.positionals().isEmpty()) {
            own.add(Level.HIGH, "secrets.env", "prints the whole environment");
        }
        for (Word word : args.positionals()) {
            if (!word.literal() || ShellWalk.secretName(word.text())) {
                own.add(
                        Level.CRITICAL,
                        "secrets.env",
                        "prints a variable that looks like a secret");
            }
        }
    }

    private void alias(Invocation call, Arguments args, Findings own) {
        for (Word word : args.positionals()) {
            int equals = word.text().indexOf('=');
            if (equals >= 0) {
                own.add(Level.MEDIUM, "shell.alias", "gives a command another meaning");
                String name = word.text().substring(0, equals);
                if (tables.find(name) != null) {
                    own.add(
                            Level.HIGH,
                            "shell.alias",
                            "gives the known command "
                                    + GuestText.of(name).visible()
                                    + " another meaning");
                }
                Word value = word.withText(word.text().substring(equals + 1));
                call.scope().set(CommandRater.ALIAS + name, value);
                text.code(call, value, own);
            }
        }
    }

    /// Text of a makefile: what stands behind a rule's `;` or a tab, and in `$(shell ...)`, is
    /// shell text (GNU make's manual, "Rule Syntax").
    private void recipes(Invocation call, Word rules, Findings own) {
        CodeHints.check(rules.text(), own);
        for (String line : rules.text().split("\n")) {
            int from = line.startsWith("\t") ? 0 : line.indexOf(';');
            int shell = line.indexOf("$(shell ");
            if (from >= 0) {
                text.code(call, rules.withText(line.substring(from + 1).replace("$$", "$")), own);
            }
            if (shell >= 0) {
                String command = line.substring(shell + 8);
                int end = command.lastIndexOf(')');
                text.code(call, rules.withText(end < 0 ? command : command.substring(0, end)), own);
            }
        }
    }

    private static void assign(Invocation call, Arguments args, Findings own) {
        if (args.has("-C", "-F", "-f")) {
            own.add(
                    Level.HIGH,
                    "shell.callback",
                    CommandRater.shown(call) + " sets code that runs later");
        }
    }

    /// A goal, task or script of a build, rated by its name.
    void target(Invocation call, Word word, Findings own) {
        if (!word.literal()) {
            own.add(Level.HIGH, "run.unknown", "runs a goal that is known only when it runs");
        } else {
            Targets.check(word.text(), call, own, true);
        }
    }
}
