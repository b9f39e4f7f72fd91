package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Invocation.Stdin;
import dev.countersign.gate.risk.ShellTree.Node;
import dev.countersign.gate.risk.Word.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Walks the whole tree of a shell text in the order in which it runs, and hands each command to
/// the rater. Every node is looked at: what is not known by type has its children walked, so that
/// no command hides inside a construct.
final class ShellWalk {
    private static final int MOST_STEPS = 3000;
    private static final int DEEPEST_TEXT = 8;
    private static final int MOST_TEXTS = 48;
    private static final int MOST_CHARACTERS = 256 * 1024;
    private static final int MOST_LOOPS = 12;
    private static final int MOST_WORDS = 64;

    /// Stands for what `$(( ))` gives: some number.
    private static final String NUMBER = "7";

    private final ShellParser parser;
    private final CommandRater commands;
    private final Paths paths;
    private final Findings into;
    private static final Set<String> ASSIGNING =
            Set.of("read", "mapfile", "readarray", "printf", "getopts", "let");

    private static final Pattern PLAIN_EXPANSION = Pattern.compile("\\$\\{[A-Za-z_]\\w*}");
    private static final Pattern DESCRIPTOR = Pattern.compile("[0-9]+-?|-");
    private static final Pattern DEFAULTING =
            Pattern.compile("\\$\\{[A-Za-z_][A-Za-z_0-9]*:?=.*", Pattern.DOTALL);

    private final List<Scope.Function> uncalled = new ArrayList<>();
    private final List<Scope.Function> active = new ArrayList<>();
    private int recursions;
    private long length;

    /// One text that crashes or holds up the parser is enough: each costs a second and a new child.
    private boolean givenUp;

    /// Rests of texts that were read a second time, as bash may: each once.
    private final Set<String> reread = new HashSet<>();

    /// How many texts are being walked now, one inside the other.
    private int open;

    private int steps;
    private int texts;
    private ShellTree tree = new ShellTree("", new Node("", "", false, 0, 0, List.of()), false);

    ShellWalk(ShellParser parser, ToolTables tables, Paths paths, Findings into) {
        this.parser = parser;
        this.paths = paths;
        this.into = into;
        commands = new CommandRater(tables, paths, into, this);
    }

    /// Rates shell text that runs in this scope. Used for the call itself and for every text inside
    /// it (`sh -c`, `eval`, `trap`, here-documents).
    void text(String source, Scope scope, Stdin stdin, int depth) {
        text(source, scope, stdin, depth, false);
    }

    /// @param again it is the rest of a text that was looked through as a whole before
    private void text(String source, Scope scope, Stdin stdin, int depth, boolean again) {
        length += source.length();
        if (givenUp) {
            into.notUnderstood("shell text behind one that could not be read");
            return;
        }
        if (depth > DEEPEST_TEXT || ++texts > MOST_TEXTS || length > MOST_CHARACTERS) {
            into.notUnderstood("shell text inside shell text, too deep to follow");
            return;
        }
        if (GuestText.of(source).deceptive()) {
            into.notUnderstood("invisible or deceptive characters");
        }
        ShellTree outer = tree;
        open++;
        try {
            tree = parser.parse(source);
            if (tree.faulty()) {
                into.notUnderstood("shell text that can't be parsed");
                if (!again) {
                    CodeHints.check(source, into);
                }
            }
            node(tree.root(), scope, stdin, depth);
            if (--open == 0) {
                uncalledFunctions();
            }
            open++;
        } catch (ShellUnreadable e) {
            givenUp = true;
            into.notUnderstood("shell text " + e.getMessage());
        } finally {
            tree = outer;
            open--;
        }
    }

    /// An argument vector without a shell.
    void argv(List<Word> words, Scope scope) {
        run(new Invocation(words, Stdin.NONE, scope, true, 0));
    }

    /// Hands a command to the rater; wrappers come back here with what they run.
    Origin run(Invocation invocation) {
        if (tired()) {
            return Origin.NONE;
        }
        return commands.rate(invocation);
    }

    /// A name that stands for a new file or directory of mktemp(1), so that what becomes of it can
    /// be followed; null where the options say another place.
    @Nullable String temporary(Arguments args) {
        boolean plain =
                args.positionals().stream()
                        .allMatch(word -> word.literal() && word.text().indexOf('/') < 0);
        boolean elsewhere = args.has("-p", "--tmpdir") || (!plain && !args.has("-t"));
        for (Word word : args.positionals()) {
            if (word.literal() && word.text().startsWith("/tmp/")) {
                return word.text() + "." + ++temporaries;
            }
        }
        return elsewhere || (!args.positionals().isEmpty() && !args.has("-t"))
                ? null
                : "/tmp/tmp." + ++temporaries;
    }

    private int temporaries;

    private boolean tired() {
        if (++steps > MOST_STEPS) {
            into.notUnderstood("more commands than can be looked at");
            return true;
        }
        return false;
    }

    /// @return what the node prints, for the next one in a pipe
    private Origin node(Node node, Scope scope, Stdin stdin, int depth) {
        if (tired()) {
            return Origin.NONE;
        }
        return switch (node.type()) {
            case "comment", "heredoc_start", "heredoc_end" -> Origin.NONE;
            case "command" -> command(node, List.of(), scope, stdin, depth);
            case "declaration_command" -> declaration(node, scope, stdin, depth);
            case "unset_command" -> {
                for (Node child : node.parts()) {
                    if (child.is("variable_name")) {
                        scope.unset(tree.text(child));
                    } else {
                        builtinWord(word(child, scope, depth));
                    }
                }
                yield Origin.NONE;
            }
            case "variable_assignment" -> {
                assign(node, scope, depth);
                yield Origin.NONE;
            }
            case "variable_assignments" -> {
                node.parts().forEach(child -> assign(child, scope, depth));
                yield Origin.NONE;
            }
            case "redirected_statement" -> redirected(node, scope, stdin, depth);
            case "file_redirect", "herestring_redirect", "heredoc_redirect" -> {
                Redirects applied = redirects(List.of(node), scope, stdin, depth);
                yield trailing(applied, applied.stdin().origin(), scope, depth);
            }
            case "pipeline" -> pipeline(node.parts(), scope, stdin, depth);
            case "subshell", "command_substitution", "process_substitution" ->
                    children(node, scope.inner(), stdin, depth);
            case "for_statement" -> loop(node, scope, stdin, depth);
            case "c_style_for_statement", "while_statement" -> {
                scope.forget(assigned(node, scope));
                yield children(node, scope, stdin, depth);
            }
            case "if_statement", "case_statement" -> {
                Scope inside = scope.inner();
                Origin printed = children(node, inside, stdin, depth);
                scope.forget(assigned(node, scope));
                keepDirectory(scope, inside);
                yield printed;
            }
            case "list" -> list(node, scope, stdin, depth);
            case "function_definition" -> function(node, scope, depth);
            case "test_command" -> {
                testArguments(node);
                yield children(node, scope, stdin, depth);
            }
            default ->
                    isWord(node)
                            ? wordOnly(node, scope, depth)
                            : children(node, scope, stdin, depth);
        };
    }

    private Origin wordOnly(Node node, Scope scope, int depth) {
        return word(node, scope, depth).origin();
    }

    private Origin children(Node node, Scope scope, Stdin stdin, int depth) {
        Origin printed = Origin.NONE;
        int count = 0;
        for (Node child : node.children()) {
            if (child.named() || !child.children().isEmpty()) {
                Origin one = node(child, scope, stdin, depth);
                printed = count++ == 0 ? one : printed.and(one);
            }
        }
        return printed;
    }

    private static void keepDirectory(Scope scope, Scope inside) {
        String before = scope.cwd();
        if (before != null && !before.equals(inside.cwd())) {
            scope.cd(null);
        }
    }

    /// `a && b`: what `a` set holds in `b`. `a || b`: it may not.
    private Origin list(Node node, Scope scope, Stdin stdin, int depth) {
        boolean or = node.children().stream().anyMatch(child -> child.is("||"));
        if (!or) {
            return children(node, scope, stdin, depth);
        }
        Scope inside = scope.inner();
        Origin printed = children(node, inside, stdin, depth);
        scope.forget(assigned(node, scope));
        keepDirectory(scope, inside);
        return printed;
    }

    private Origin pipeline(List<Node> parts, Scope scope, Stdin stdin, int depth) {
        Stdin in = stdin;
        Origin printed = Origin.NONE;
        for (int i = 0; i < parts.size(); i++) {
            Node part = parts.get(i);
            if (part.is("comment")) {
                continue;
            }
            if (i + 1 < parts.size() && picksVariables(part, parts.get(i + 1))) {
                continue;
            }
            printed = node(part, scope.inner(), in, depth);
            in = new Stdin(true, printed);
        }
        return printed;
    }

    /// `env | grep NODE_`: not the whole environment is seen but what the pattern lets through.
    /// Says so, and that the first command is rated with it.
    private boolean picksVariables(Node printing, Node picking) {
        boolean prints = printing.is("command") || printing.is("declaration_command");
        if (!prints || !picking.is("command")) {
            return false;
        }
        Matcher pattern = PICKING.matcher(tree.text(picking));
        if (!PRINTING.contains(tree.text(printing)) || !pattern.matches()) {
            return false;
        }
        String wanted = pattern.group(1).toUpperCase(Locale.ROOT);
        boolean secret = SECRET_WORDS.stream().anyMatch(wanted::contains);
        into.add(
                secret ? Level.CRITICAL : Level.MEDIUM,
                "secrets.env",
                secret
                        ? "prints variables that look like secrets"
                        : "prints the variables that a pattern names");
        return true;
    }

    private static final Set<String> PRINTING =
            Set.of(
                    "env",
                    "printenv",
                    "export",
                    "export -p",
                    "set",
                    "declare",
                    "declare -p",
                    "declare -x",
                    "declare -px",
                    "typeset -p",
                    "typeset -x");
    private static final List<String> SECRET_WORDS =
            List.of(
                    "SECRET",
                    "PASS",
                    "TOKEN",
                    "KEY",
                    "CRED",
                    "AUTH",
                    "_PAT",
                    "PRIVATE",
                    "PWD",
                    "AWS",
                    "AZURE",
                    "DATABASE",
                    "CONNECTION");

    /// grep(1) for names, not `-v` and not for everything.
    private static final Pattern PICKING =
            Pattern.compile(
                    "e?grep (?:-[iEwno]+ )*['\"]?(\\^?\\(?[A-Za-z_][A-Za-z0-9_]{2,}=?(?:\\\\?\\|\\^?[A-Za-z_][A-Za-z0-9_]{2,}=?)*\\)?)['\"]?");

    /// A function's body is rated where it is called; one that nothing here calls, at the end.
    private Origin function(Node node, Scope scope, int depth) {
        for (Node name : node.byField("name")) {
            Scope.Function made = new Scope.Function(node, tree, scope.later(), depth);
            scope.function(tree.text(name), made);
            uncalled.add(made);
        }
        return Origin.NONE;
    }

    private Origin body(Scope.Function function, Scope scope, Stdin stdin, int depth) {
        ShellTree outer = tree;
        tree = function.tree();
        Origin printed = Origin.NONE;
        try {
            for (Node child : function.node().children()) {
                if (!child.field().equals("name")) {
                    printed = printed.and(node(child, scope, stdin, depth));
                }
            }
            return printed;
        } finally {
            tree = outer;
        }
    }

    /// Runs a function of this text: its body, with the words that it was given.
    ///
    /// @return what it prints
    Origin call(Invocation call, Scope.Function function) {
        uncalled.remove(function);
        if (active.contains(function)) {
            into.add(Level.MEDIUM, "shell.recursion", "calls a function from inside of itself");
            if (++recursions > 1) {
                into.add(
                        Level.CRITICAL,
                        "system.exhaust",
                        "a function that calls itself more than once: it takes all processes");
            }
            return Origin.NONE;
        }
        if (active.size() > DEEPEST_TEXT) {
            into.notUnderstood("functions inside functions, too deep to follow");
            return Origin.NONE;
        }
        List<Word> before = call.scope().parameters();
        active.add(function);
        try {
            call.scope().parameters(call.arguments());
            return body(function, call.scope(), call.stdin(), call.depth());
        } finally {
            active.remove(function);
            call.scope().parameters(before);
        }
    }

    private void uncalledFunctions() {
        while (!uncalled.isEmpty()) {
            Scope.Function function = uncalled.removeFirst();
            active.add(function);
            body(function, function.later(), Stdin.NONE, function.depth());
            active.remove(function);
        }
    }

    private Origin loop(Node node, Scope scope, Stdin stdin, int depth) {
        scope.forget(assigned(node, scope));
        String variable = "";
        List<Word> values = new ArrayList<>();
        for (Node child : node.children()) {
            switch (child.field()) {
                case "variable" -> variable = tree.text(child);
                case "value" -> values.addAll(words(child, scope, depth));
                default -> {}
            }
        }
        List<Node> bodies = node.byField("body");
        boolean known = !values.isEmpty() && values.size() <= MOST_LOOPS;
        Origin printed = Origin.NONE;
        for (Word value : known ? values : List.of(Word.unknown("$" + variable))) {
            scope.set(variable, value);
            for (Node body : bodies) {
                printed = printed.and(node(body, scope, stdin, depth));
            }
        }
        return printed;
    }

    /// Names that anything below assigns, reads or loops over.
    private Set<String> assigned(Node node, Scope scope) {
        Set<String> names = new HashSet<>();
        collectAssigned(node, tree, names, scope, 0);
        return names;
    }

    private static void collectAssigned(
            Node node, ShellTree of, Set<String> names, Scope scope, int depth) {
        if (node.is("variable_name") && !node.field().isEmpty()) {
            names.add(of.text(node));
        }
        if (node.is("command")) {
            List<Node> parts = node.parts();
            String command = parts.isEmpty() ? "" : of.text(parts.getFirst()).strip();
            if (ASSIGNING.contains(command)) {
                for (Node part : parts.subList(1, parts.size())) {
                    names.add(of.text(part));
                }
            }
            Scope.Function function = scope.function(command);
            if (function != null && depth < 4) {
                collectAssigned(function.node(), function.tree(), names, scope, depth + 1);
            }
        }
        for (Node child : node.children()) {
            collectAssigned(child, of, names, scope, depth);
        }
    }

    // ---- commands

    private Origin redirected(Node node, Scope scope, Stdin stdin, int depth) {
        List<Node> redirects = new ArrayList<>();
        Node body = null;
        for (Node child : node.children()) {
            if (child.field().equals("redirect") || child.type().endsWith("_redirect")) {
                redirects.add(child);
            } else if (child.named() && body == null) {
                body = child;
            } else if (child.named()) {
                node(child, scope, stdin, depth);
            }
        }
        if (body != null && body.is("command")) {
            return command(body, redirects, scope, stdin, depth);
        }
        Redirects applied = redirects(redirects, scope, stdin, depth);
        Origin printed = body == null ? Origin.NONE : node(body, scope, applied.stdin(), depth);
        return trailing(applied, printed, scope, depth);
    }

    /// What redirections make of input and output.
    ///
    /// @param files whether one names a file to write
    /// @param trailing commands that the grammar puts inside a here-document's first line, each
    ///   with the operator before it
    private record Redirects(Stdin stdin, boolean files, List<Node> trailing, List<String> made) {}

    private Redirects redirects(List<Node> nodes, Scope scope, Stdin stdin, int depth) {
        Stdin in = stdin;
        boolean files = false;
        List<Node> trailing = new ArrayList<>();
        List<String> made = new ArrayList<>();
        for (Node node : nodes) {
            switch (node.type()) {
                case "file_redirect" -> {
                    List<String> written = new ArrayList<>();
                    Stdin read = fileRedirect(node, scope, depth, written);
                    files |= !written.isEmpty();
                    made.addAll(written);
                    if (read != null) {
                        in = read;
                    }
                }
                case "herestring_redirect" -> in = new Stdin(true, hereString(node, scope, depth));
                case "heredoc_redirect" -> {
                    in = new Stdin(true, hereDocument(node, scope, depth));
                    List<Node> more = new ArrayList<>();
                    for (Node child : node.children()) {
                        if (child.type().endsWith("_redirect")) {
                            more.add(child);
                        } else if (child.named() && !child.type().startsWith("heredoc_")) {
                            trailing.add(child);
                        }
                    }
                    Redirects inner = redirects(more, scope, in, depth);
                    files |= inner.files();
                    made.addAll(inner.made());
                    trailing.addAll(inner.trailing());
                }
                default -> node(node, scope, stdin, depth);
            }
        }
        return new Redirects(in, files, trailing, made);
    }

    private Origin hereString(Node node, Scope scope, int depth) {
        Origin origin = Origin.NONE;
        for (Node child : node.parts()) {
            Word word = word(child, scope, depth);
            origin = word.literal() ? new Origin(false, false, word.text() + "\n") : word.origin();
        }
        return origin;
    }

    private Origin hereDocument(Node node, Scope scope, int depth) {
        String tag = "";
        Origin origin = new Origin(false, false, "");
        for (Node child : node.children()) {
            if (child.is("heredoc_start")) {
                tag = tree.text(child);
            } else if (child.is("heredoc_body")) {
                boolean quoted =
                        tag.indexOf('\'') >= 0 || tag.indexOf('"') >= 0 || tag.indexOf('\\') >= 0;
                List<Node> parts =
                        child.parts().stream().filter(p -> !p.is("heredoc_content")).toList();
                if (quoted || parts.isEmpty()) {
                    origin = new Origin(false, false, tree.text(child));
                } else {
                    StringBuilder text = new StringBuilder();
                    boolean literal = true;
                    int at = child.start();
                    for (Node part : parts) {
                        Word word = word(part, scope, depth);
                        text.append(tree.source(), at, part.start()).append(word.text());
                        literal &= word.literal();
                        at = part.end();
                    }
                    text.append(tree.source(), at, child.end());
                    origin = new Origin(false, false, literal ? text.toString() : null);
                }
            }
        }
        return origin;
    }

    private @Nullable Stdin fileRedirect(Node node, Scope scope, int depth, List<String> written) {
        String operator = "";
        List<Word> targets = new ArrayList<>();
        for (Node child : node.children()) {
            if (child.field().equals("destination")) {
                targets.add(word(child, scope, depth));
            } else if (child.is("ERROR")) {
                operator += tree.text(child).strip();
                node(child, scope, Stdin.NONE, depth);
            } else if (!child.is("file_descriptor")) {
                operator += child.type();
            }
        }
        Stdin in = null;
        for (Word target : targets) {
            if ((operator.startsWith("<&") || operator.endsWith(">&"))
                    && DESCRIPTOR.matcher(target.text()).matches()) {
                continue;
            }
            if (operator.contains(">")) {
                paths.write(target.text(), scope.cwd(), into);
                if (!target.text().equals("/dev/null")) {
                    String absolute = paths.absolute(target.text(), scope.cwd());
                    written.add(absolute);
                    scope.made(absolute);
                }
            }
            if (operator.startsWith("<")) {
                paths.read(target.text(), scope.cwd(), into);
                String absolute = paths.absolute(target.text(), scope.cwd());
                boolean remote = scope.wasDownloaded(absolute) || target.origin().remote();
                in = new Stdin(true, new Origin(remote, scope.wasMade(absolute), null));
            }
        }
        return in;
    }

    /// A command behind a here-document's first line: `cat <<E | sh`, `cat <<E && rm x`.
    private Origin trailing(Redirects applied, Origin printed, Scope scope, int depth) {
        Origin out = printed;
        for (Node node : applied.trailing()) {
            out =
                    node.is("pipeline")
                            ? pipeline(node.parts(), scope, new Stdin(true, printed), depth)
                            : node(node, scope, Stdin.NONE, depth);
        }
        return out;
    }

    /// Where bash and the grammar may disagree: an unquoted line end or operator inside of what the
    /// grammar took for one command. Bash starts another command there, so that is rated too.
    private void disagreement(Node node, Scope scope, int depth) {
        int at = node.start();
        for (Node child : node.children()) {
            if (child.start() == at && at > node.start() && tree.source().charAt(at - 1) == '$') {
                split(scope, depth);
                return;
            }
            boolean name =
                    child.is("command_name")
                            && child.children().size() == 1
                            && child.children().getFirst().is("word");
            int end = name || child.is("word") ? child.end() : child.start();
            for (int i = at; i < end; i++) {
                char c = tree.source().charAt(i);
                if (c == '\\') {
                    i++;
                } else if (c == '\n' || c == ';' || c == '|' || c == '&') {
                    into.notUnderstood("shell text that can be read in two ways");
                    String rest = tree.source().substring(i + 1);
                    if (reread.add(rest)) {
                        text(rest, scope.inner(), Stdin.NONE, depth + 1, tree.faulty());
                    }
                    return;
                }
            }
            at = child.end();
        }
    }

    /// The grammar ends a word at a `$` that bash takes for a variable's (`a$IFS/`): read again
    /// with every name in braces, which both read the same way.
    private void split(Scope scope, int depth) {
        into.notUnderstood("shell text that can be read in two ways");
        String braced = NAMED.matcher(tree.source()).replaceAll("\\${$1}");
        if (reread.add(braced)) {
            text(braced, scope.inner(), Stdin.NONE, depth + 1, tree.faulty());
        }
    }

    private static final Pattern NAMED = Pattern.compile("\\$([A-Za-z_][A-Za-z_0-9]*)");

    private Origin command(Node node, List<Node> outer, Scope scope, Stdin stdin, int depth) {
        disagreement(node, scope, depth);
        List<Word> argv = new ArrayList<>();
        List<Node> redirects = new ArrayList<>();
        List<Node> assignments = new ArrayList<>();
        for (Node child : node.children()) {
            if (child.is("variable_assignment")) {
                assignments.add(child);
            } else if (child.type().endsWith("_redirect")) {
                redirects.add(child);
            } else if (child.is("command_name")) {
                for (Node name : child.children()) {
                    if (name.is("arithmetic_expansion") || !isWord(name)) {
                        node(name, scope, stdin, depth);
                    } else {
                        List<Word> found = words(name, scope, depth);
                        if (name.is("command_substitution")) {
                            into.add(
                                    Level.HIGH,
                                    "shell.dynamic",
                                    "runs a command whose name another command prints");
                        }
                        boolean guessed = argv.isEmpty() && guessed(tree.text(name));
                        boolean told = !found.isEmpty() && found.getFirst().literal();
                        if (guessed && told) {
                            into.notUnderstood("runs a command that an expansion names");
                        }
                        argv.addAll(
                                guessed && !told ? List.of(Word.unknown(tree.text(name))) : found);
                    }
                }
            } else if (child.field().equals("argument") || isWord(child)) {
                argv.addAll(words(child, scope, depth));
            } else if (child.named()) {
                node(child, scope, stdin, depth);
            } else if (!argv.isEmpty()) {
                argv.add(Word.of(tree.text(child)));
            }
        }
        Scope own = argv.isEmpty() || assignments.isEmpty() ? scope : scope.inner();
        for (Node assignment : assignments) {
            assign(assignment, argv.isEmpty() ? scope : own, depth);
        }
        redirects.addAll(outer);
        Redirects applied = redirects(redirects, scope, stdin, depth);
        if (argv.isEmpty()) {
            return trailing(applied, applied.stdin().origin(), scope, depth);
        }
        boolean plain = assignments.isEmpty() && !applied.files();
        for (Node redirect : redirects) {
            plain &= redirect.is("file_redirect");
        }
        Origin printed = run(new Invocation(argv, applied.stdin(), scope, plain, depth));
        for (String file : applied.made()) {
            if (printed.remote()) {
                paths.fetchedInto(file, scope, into);
            }
        }
        return trailing(applied, printed, scope, depth);
    }

    /// Whether an expansion in the place of a command's name does more than give a variable's
    /// value.
    private static boolean guessed(String name) {
        return name.startsWith("${") && !PLAIN_EXPANSION.matcher(name).matches();
    }

    private Origin declaration(Node node, Scope scope, Stdin stdin, int depth) {
        for (Node child : node.children()) {
            if (child.is("variable_assignment")) {
                assign(child, scope, depth);
            } else if (child.named() && isWord(child)) {
                builtinWord(word(child, scope, depth));
            } else if (child.named()) {
                node(child, scope, stdin, depth);
            }
        }
        if (node.parts().stream().allMatch(part -> tree.text(part).equals("-p"))) {
            into.add(Level.HIGH, "secrets.env", "prints the whole environment");
        }
        into.add(Level.LOW, "", "sets variables");
        return Origin.NONE;
    }

    /// Builtins that take names evaluate `a[$(code)]` in them even when it was quoted.
    void builtinWord(Word word) {
        String text = word.text();
        boolean code = text.contains("$(") || text.indexOf('`') >= 0 || !word.literal();
        if (text.indexOf('[') >= 0 && code) {
            into.notUnderstood("a variable's index that runs a command");
        }
    }

    private void testArguments(Node node) {
        String text = tree.text(node);
        if (text.contains("-v")
                && text.indexOf('\'') >= 0
                && (text.contains("$(") || text.indexOf('`') >= 0)) {
            into.notUnderstood("a test of a variable's index that may run a command");
        }
    }

    // ---- words

    private static boolean isWord(Node node) {
        return switch (node.type()) {
            case "word",
                    "string",
                    "raw_string",
                    "ansi_c_string",
                    "translated_string",
                    "concatenation",
                    "number",
                    "simple_expansion",
                    "expansion",
                    "command_substitution",
                    "process_substitution",
                    "arithmetic_expansion",
                    "brace_expression",
                    "extglob_pattern",
                    "regex",
                    "string_content",
                    "variable_name",
                    "special_variable_name" ->
                    true;
            default -> false;
        };
    }

    /// One node as the words that it expands to: several for `{a,b}`.
    private List<Word> words(Node node, Scope scope, int depth) {
        List<Word> given = scope.parameters();
        String whole = given == null ? "" : tree.text(node);
        if (given != null && (whole.equals("\"$@\"") || whole.equals("$@") || whole.equals("$*"))) {
            return given;
        }
        List<Word> elements = elements(node, scope);
        if (elements != null) {
            return elements;
        }
        if (node.is("simple_expansion")
                || node.is("command_substitution")
                || node.is("expansion")) {
            Word word = word(node, scope, depth);
            int blank = word.text().indexOf(Word.UNKNOWN);
            boolean split = blank == 0 && word.text().length() > 1;
            if (!split) {
                return word.text().isEmpty() ? List.of() : List.of(word);
            }
            return java.util.Arrays.stream(word.text().substring(1).strip().split("\\s+"))
                    .map(part ->
                            new Word(
                                    part,
                                    word.source(),
                                    true,
                                    Literals.hasGlob(part),
                                    false,
                                    word.origin()))
                    .toList();
        }
        Word word = raw(node, scope, depth);
        if (word.text().indexOf(BREAK) >= 0) {
            return broken(word);
        }
        String source = word.source();
        if (source.indexOf('{') < 0
                || source.startsWith("${")
                || source.startsWith("\"")
                || source.startsWith("'")) {
            return List.of(word);
        }
        if (!word.literal()) {
            return List.of(word);
        }
        boolean quotes =
                source.indexOf('\'') >= 0 || source.indexOf('"') >= 0 || source.indexOf('\\') >= 0;
        List<String> all = quotes ? null : Braces.expand(word.text(), MOST_WORDS);
        if (all == null) {
            return List.of(Word.unknown(source));
        }
        return all.stream().map(word::withText).toList();
    }

    /// `"${name[@]}"` of an array that the same text wrote out.
    private @Nullable List<Word> elements(Node node, Scope scope) {
        if (!node.is("string") && !node.is("expansion")) {
            return null;
        }
        Matcher all = ELEMENTS.matcher(tree.text(node));
        return all.matches() ? scope.array(all.group(1)) : null;
    }

    private static final Pattern ELEMENTS = Pattern.compile("\"?\\$\\{([A-Za-z_]\\w*)\\[[@*]]}\"?");

    /// Where an unquoted `$IFS` that nobody set ends a word. No file name or argument holds it.
    private static final char BREAK = '\uFFFF';

    private Word word(Node node, Scope scope, int depth) {
        Word word = raw(node, scope, depth);
        return word.text().indexOf(BREAK) < 0
                ? word
                : word.withText(word.text().replace(BREAK, ' '));
    }

    /// The words that a text with [#BREAK] falls into.
    private static List<Word> broken(Word word) {
        List<Word> all = new ArrayList<>();
        for (String part : word.text().split(String.valueOf(BREAK))) {
            if (!part.isEmpty()) {
                all.add(
                        new Word(
                                part,
                                word.source(),
                                part.indexOf(Word.UNKNOWN) < 0,
                                word.glob() && Literals.hasGlob(part),
                                word.bare(),
                                word.origin()));
            }
        }
        return all;
    }

    private Word raw(Node node, Scope scope, int depth) {
        Parts parts = new Parts();
        part(node, scope, depth, false, parts);
        String text = parts.text.toString();
        return new Word(
                text,
                tree.text(node),
                text.indexOf(Word.UNKNOWN) < 0,
                parts.glob,
                parts.bare,
                parts.origin);
    }

    /// A word as it is put together.
    private static final class Parts {
        private final StringBuilder text = new StringBuilder();
        private boolean glob;
        private boolean bare;
        private Origin origin = Origin.NONE;

        void add(Word word, boolean quoted) {
            text.append(word.text());
            glob |= word.glob() && !quoted;
            bare |= !quoted && !word.literal();
            origin = origin.and(word.origin());
        }

        void unknown(boolean quoted, Origin from) {
            text.append(Word.UNKNOWN);
            bare |= !quoted;
            origin = origin.and(from);
        }
    }

    private void part(Node node, Scope scope, int depth, boolean quoted, Parts out) {
        switch (node.type()) {
            case "word",
                    "number",
                    "extglob_pattern",
                    "regex",
                    "variable_name",
                    "special_variable_name" -> {
                if (node.named() && !node.children().isEmpty()) {
                    for (Node child : node.children()) {
                        part(child, scope, depth, quoted, out);
                    }
                    return;
                }
                String raw = tree.text(node);
                out.glob |= !quoted && Literals.hasGlob(raw);
                out.text.append(Literals.unescaped(raw));
            }
            case "raw_string" -> {
                String raw = tree.text(node);
                out.text.append(raw.length() < 2 ? raw : raw.substring(1, raw.length() - 1));
            }
            case "ansi_c_string" -> out.text.append(Literals.ansiC(tree.text(node)));
            case "string_content" -> out.text.append(Literals.unescapedInQuotes(tree.text(node)));
            case "string" -> string(node, scope, depth, out);
            case "translated_string" -> {
                for (Node child : node.parts()) {
                    part(child, scope, depth, true, out);
                }
            }
            case "concatenation" -> concatenation(node, scope, depth, quoted, out);
            case "simple_expansion" -> variable(node, scope, quoted, out);
            case "expansion" -> expansion(node, scope, depth, quoted, out);
            case "command_substitution" -> substitution(node, scope, depth, quoted, out);
            case "process_substitution" -> {
                Origin origin = children(node, scope.inner(), Stdin.NONE, depth);
                boolean alone = out.text.isEmpty();
                out.text.append("/dev/fd/");
                out.unknown(true, origin);
                if (alone) {
                    out.origin = origin;
                }
            }
            case "arithmetic_expansion" -> {
                children(node, scope, Stdin.NONE, depth);
                out.text.append(NUMBER);
            }
            case "brace_expression" -> out.text.append(tree.text(node));
            default -> {
                if (node.children().isEmpty()) {
                    out.text.append(Literals.unescaped(tree.text(node)));
                } else {
                    children(node, scope, Stdin.NONE, depth);
                    out.unknown(quoted, Origin.NONE);
                }
            }
        }
    }

    /// What lies between the nodes of a string is text too.
    private void string(Node node, Scope scope, int depth, Parts out) {
        int at = node.start() + 1;
        int end = Math.max(at, node.end() - 1);
        for (Node child : node.children()) {
            if (child.is("\"")) {
                continue;
            }
            if (child.start() > at) {
                out.text.append(
                        Literals.unescapedInQuotes(tree.source().substring(at, child.start())));
            }
            if (child.named()) {
                part(child, scope, depth, true, out);
            } else {
                out.text.append(tree.text(child));
            }
            at = child.end();
        }
        if (at < end) {
            out.text.append(Literals.unescapedInQuotes(tree.source().substring(at, end)));
        }
    }

    private void concatenation(Node node, Scope scope, int depth, boolean quoted, Parts out) {
        int at = node.start();
        for (Node child : node.children()) {
            if (child.start() > at) {
                out.text.append(Literals.unescaped(tree.source().substring(at, child.start())));
            }
            part(child, scope, depth, quoted, out);
            at = child.end();
        }
    }

    private void variable(Node node, Scope scope, boolean quoted, Parts out) {
        String name = "";
        for (Node child : node.parts()) {
            name = tree.text(child);
        }
        value(name, scope, quoted, out);
    }

    private void value(String name, Scope scope, boolean quoted, Parts out) {
        if (name.equals("?") || name.equals("#") || name.equals("$") || name.equals("!")) {
            out.text.append(NUMBER);
            return;
        }
        Word value = scope.value(name);
        if (value == null && name.equals("IFS")) {
            out.text.append(quoted ? ' ' : BREAK);
            return;
        }
        if (value != null) {
            Word marks = quoted ? null : scope.value("IFS");
            Word apart = marks == null ? value : value.withText(spaced(value.text(), marks.text()));
            boolean several = !quoted && value.literal() && blank(apart.text());
            if (several) {
                splitting(apart, out);
            } else {
                out.add(value, quoted);
            }
            return;
        }
        if (secretName(name)) {
            into.add(
                    Level.CRITICAL,
                    "secrets.env",
                    "uses the variable "
                            + GuestText.of(name).visible()
                            + ", which looks like a secret");
        }
        out.unknown(quoted, Origin.NONE);
    }

    /// An unquoted value with blanks becomes several words. As one word it would be read wrongly,
    /// so it counts as unknown, but for what it says itself.
    private void splitting(Word value, Parts out) {
        out.text.append(Word.UNKNOWN).append(value.text());
        out.bare = true;
        out.origin =
                out.origin.and(new Origin(value.origin().remote(), value.origin().hidden(), null));
    }

    /// With a blank where the text's own `IFS` splits.
    private static String spaced(String text, String marks) {
        String out = text;
        for (int i = 0; i < marks.length(); i++) {
            out = out.replace(marks.charAt(i), ' ');
        }
        return out;
    }

    /// Whether it holds a blank that splits words, as `\\s` of a pattern means it.
    private static boolean blank(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || (c >= '\t' && c <= '\r')) {
                return true;
            }
        }
        return false;
    }

    static boolean secretName(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.contains("SECRET")
                || upper.contains("PASSWORD")
                || upper.contains("PASSWD")
                || upper.endsWith("TOKEN")
                || upper.endsWith("API_KEY")
                || upper.endsWith("APIKEY")
                || upper.endsWith("ACCESS_KEY")
                || upper.endsWith("PRIVATE_KEY")
                || upper.endsWith("CREDENTIALS")
                || upper.endsWith("_PAT");
    }

    private void expansion(Node node, Scope scope, int depth, boolean quoted, Parts out) {
        String source = tree.text(node);
        String changed = Expansions.value(source, scope);
        if (changed != null) {
            node.parts().stream()
                    .filter(part -> !part.is("variable_name") && !part.children().isEmpty())
                    .forEach(part -> node(part, scope, Stdin.NONE, depth));
            out.add(
                    new Word(
                            changed,
                            source,
                            changed.indexOf(Word.UNKNOWN) < 0,
                            Literals.hasGlob(changed),
                            false,
                            Origin.NONE),
                    quoted);
            return;
        }
        String name = "";
        boolean first = true;
        boolean plain = true;
        for (Node child : node.children()) {
            if (child.is("${") || child.is("}") || (first && child.is("!"))) {
                continue;
            }
            if (first && (child.is("variable_name") || child.is("special_variable_name"))) {
                name = tree.text(child);
            } else {
                plain = false;
                if (child.named()) {
                    node(child, scope, Stdin.NONE, depth);
                }
            }
            first = false;
        }
        if (source.startsWith("${!") && !name.isEmpty()) {
            indirect(scope.value(name), quoted, scope, out);
            return;
        }
        if (source.contains("@P")) {
            into.notUnderstood("a prompt expansion, which runs what a variable holds");
        }
        if (plain && !name.isEmpty()) {
            value(name, scope, quoted, out);
            return;
        }
        if (DEFAULTING.matcher(source).matches()) {
            scope.forget(Set.of(name));
        }
        if (!name.isEmpty()
                && secretName(name)
                && scope.value(name) == null
                && !source.startsWith("${#")) {
            value(name, scope, quoted, out);
            return;
        }
        out.unknown(quoted, Origin.NONE);
    }

    /// `${!name}`: the variable that another one names.
    private void indirect(@Nullable Word named, boolean quoted, Scope scope, Parts out) {
        if (named != null && named.literal()) {
            value(named.text(), scope, quoted, out);
            return;
        }
        into.add(Level.HIGH, "secrets.env", "uses a variable that is known only when it runs");
        out.unknown(quoted, Origin.NONE);
    }

    private void substitution(Node node, Scope scope, int depth, boolean quoted, Parts out) {
        Origin origin = children(node, scope.inner(), Stdin.NONE, depth);
        String literal = origin.literal();
        String names = origin.names();
        if (names != null && out.text.isEmpty()) {
            out.text.append(names);
            out.glob = true;
            return;
        }
        if (literal == null) {
            out.unknown(quoted, origin);
            return;
        }
        String text = literal.stripTrailing();
        if (!quoted && blank(text)) {
            splitting(Word.of(text), out);
        } else {
            out.text.append(text);
        }
    }

    /// An assignment: the value is followed, and a name that steers other programs is a finding.
    private void assign(Node node, Scope scope, int depth) {
        String name = "";
        Word value = Word.of("");
        List<Word> list = null;
        boolean adds = node.children().stream().anyMatch(child -> child.is("+="));
        for (Node child : node.children()) {
            switch (child.field()) {
                case "name" -> {
                    if (child.is("variable_name")) {
                        name = tree.text(child);
                    } else {
                        child.parts().stream()
                                .filter(part -> part.is("variable_name"))
                                .forEach(part -> scope.forget(Set.of(tree.text(part))));
                        node(child, scope, Stdin.NONE, depth);
                    }
                }
                case "value" -> {
                    if (isWord(child)) {
                        value = word(child, scope, depth);
                    } else if (child.is("array") && child.children().size() <= MOST_WORDS) {
                        list = new ArrayList<>();
                        for (Node element : child.parts()) {
                            list.addAll(
                                    isWord(element)
                                            ? words(element, scope, depth)
                                            : List.of(Word.unknown(tree.text(element))));
                            if (!isWord(element)) {
                                node(element, scope, Stdin.NONE, depth);
                            }
                        }
                        value = Word.unknown(tree.text(child));
                    } else {
                        children(child, scope, Stdin.NONE, depth);
                        value = Word.unknown(tree.text(child));
                    }
                }
                default -> {}
            }
        }
        if (!name.isEmpty()) {
            Environment.check(name, value, scope, paths, into);
            Word before = scope.value(name);
            if (adds) {
                value =
                        before != null && before.literal() && value.literal()
                                ? Word.of(before.text() + value.text())
                                : Word.unknown("$" + name);
            }
            List<Word> added = adds ? scope.array(name) : null;
            if (list != null && !adds) {
                scope.array(name, list);
            } else if (list != null && added != null) {
                List<Word> both = new ArrayList<>(added);
                both.addAll(list);
                scope.array(name, both);
            } else {
                scope.set(name, value);
            }
        }
    }
}
