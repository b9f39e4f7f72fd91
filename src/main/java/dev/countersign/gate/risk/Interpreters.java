package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import dev.countersign.gate.risk.Invocation.Stdin;
import dev.countersign.gate.risk.Word.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Programs whose arguments or input are programs.
final class Interpreters {
    private static final Set<String> KNOWN_SCRIPTS =
            Set.of(
                    "manage.py",
                    "setup.py",
                    "artisan",
                    "console",
                    "rails",
                    "rake",
                    "rspec",
                    "bundle",
                    "phpunit",
                    "phpstan",
                    "jest",
                    "vitest",
                    "eslint",
                    "tsc",
                    "prettier",
                    "mocha");

    /// What `python -m venv` makes for a shell to read.
    private static final java.util.regex.Pattern ACTIVATE =
            java.util.regex.Pattern.compile("([^/].*/)?\\.?v?env/bin/activate(\\.[a-z]+)?");

    private final ToolTables tables;
    private final Paths paths;
    private final ShellWalk walk;
    private final CodeText text;

    Interpreters(ToolTables tables, Paths paths, ShellWalk walk, CodeText text) {
        this.tables = tables;
        this.paths = paths;
        this.walk = walk;
        this.text = text;
    }

    void shell(Invocation call, Arguments args, Findings own) {
        boolean code =
                args.options().stream()
                        .anyMatch(o -> !o.name().startsWith("--") && o.name().equals("-c"));
        List<Word> words = args.positionals();
        if (code) {
            if (words.isEmpty()) {
                own.notUnderstood("a shell with -c and no text");
            } else {
                text.code(call, words.getFirst(), own);
            }
            own.add(Level.LOW, "", "runs shell text");
            own.acts();
            return;
        }
        if (!words.isEmpty() && !args.has("-s")) {
            script(call, words.getFirst(), own);
            return;
        }
        standardInput(call, "shell text", true, own);
    }

    /// An interpreter that reads its program from standard input.
    private void standardInput(Invocation call, String what, boolean shell, Findings own) {
        Stdin stdin = call.stdin();
        Origin origin = stdin.origin();
        if (!stdin.connected()) {
            own.add(Level.MEDIUM, "run.interactive", "starts an interpreter that waits for input");
            return;
        }
        String literal = origin.literal();
        if (literal == null) {
            CodeText.unknown(origin, what, own);
        } else if (shell) {
            if (origin.hidden()) {
                own.add(
                        Level.CRITICAL,
                        "run.hidden",
                        "runs " + what + " that is written in escapes");
            }
            walk.text(literal, call.scope().inner(), Stdin.NONE, call.depth() + 1);
        } else {
            CodeReader.rate(call.name(), literal, call, paths, text, own);
        }
    }

    /// Code in an argument.
    private void inline(Invocation call, Word code, Findings own) {
        if (code.literal()) {
            CodeReader.rate(call.name(), modules(call) + code.text(), call, paths, text, own);
        } else {
            own.add(Level.HIGH, "run.code", "runs code that is known only in part");
            if (code.origin().remote()) {
                own.add(Level.CRITICAL, "run.remote", "runs code that it got over the network");
            } else if (code.origin().hidden()) {
                own.add(Level.CRITICAL, "run.hidden", "runs code that it decoded");
            }
            CodeHints.check(code.text(), own);
        }
    }

    /// perlrun(1): `-MX` is `use X;` before the program.
    private static String modules(Invocation call) {
        if (!call.name().equals("perl")) {
            return "";
        }
        StringBuilder uses = new StringBuilder();
        for (Word word : call.arguments()) {
            String option = word.text();
            if (option.startsWith("-M") || option.startsWith("-m")) {
                uses.append("use ").append(option.substring(2).replace('=', ' ')).append("; ");
            }
        }
        return uses.toString();
    }

    void source(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (words.isEmpty()) {
            return;
        }
        String place = paths.place(paths.absolute(words.getFirst().text(), call.scope().cwd()));
        if (ACTIVATE.matcher(place).matches() && !call.scope().wasMade(place)) {
            own.add(Level.LOW, "", "uses the environment of the project");
            own.acts();
        } else {
            script(call, words.getFirst(), own);
        }
    }

    /// A file that is run as a program.
    void script(Invocation call, Word file, Findings own) {
        if (file.text().equals("-")
                || file.text().equals("/dev/stdin")
                || file.text().equals("/dev/fd/0")) {
            boolean shell = SHELLS.contains(call.name());
            standardInput(call, "code", shell, own);
            return;
        }
        String printed = file.origin().literal();
        if (!file.literal() && printed != null && SHELLS.contains(call.name())) {
            text.code(call, Word.of(printed), own);
        }
        if (!file.literal()) {
            CodeText.unknown(file.origin(), "a file", own);
            return;
        }
        paths.read(file.text(), call.scope().cwd(), own);
        String absolute = paths.absolute(file.text(), call.scope().cwd());
        String place = paths.place(absolute);
        boolean ownCode = !place.startsWith("/") && !call.scope().wasMade(absolute);
        if (ownCode && file.glob() == false && known(file)) {
            own.acts();
            return;
        }
        if (call.scope().wasDownloaded(absolute)) {
            own.add(Level.CRITICAL, "run.remote", "runs a file that it downloaded");
        } else if (call.scope().wasMade(absolute)) {
            own.add(Level.HIGH, "run.made", "runs a file that the same text made or changed");
        } else if (place.startsWith("/")) {
            own.add(
                    Level.HIGH,
                    "run.outside",
                    "runs " + Paths.shown(place) + ", outside of the workspace");
        } else {
            own.add(
                    Level.MEDIUM,
                    "run.project",
                    "runs " + Paths.shown(place) + ", a program of the workspace");
        }
        Targets.check(name(file), call, own, false);
        own.acts();
    }

    private static final Set<String> SHELLS =
            Set.of("sh", "bash", "dash", "zsh", "ksh", "source", ".");

    private static String name(Word file) {
        return file.text().substring(file.text().lastIndexOf('/') + 1);
    }

    private static boolean known(Word file) {
        return KNOWN_SCRIPTS.contains(name(file));
    }

    void interpreter(Invocation call, Arguments args, Findings own) {
        boolean code = false;
        for (Used option : args.options()) {
            if (option.is(
                            "-e", "-c", "-E", "-r", "-p", "-pe", "-ne", "--eval", "--print", "-R",
                            "-B", "-i", "-n")
                    && (option.value() != null || option.is("-p", "-n", "-i"))) {
                Word value = option.value();
                boolean name = option.is("-i", "-n", "-B", "-E") && !call.name().equals("perl");
                if (value != null && !name) {
                    code = true;
                    inline(call, value, own);
                }
            }
        }
        List<Word> words = args.positionals();
        if (args.has("--test") && call.name().startsWith("node")) {
            for (Word word : words) {
                String absolute = paths.absolute(word.text(), call.scope().cwd());
                if (paths.place(absolute).startsWith("/") || call.scope().wasMade(absolute)) {
                    script(call, word, own);
                } else {
                    paths.read(word.text(), call.scope().cwd(), own);
                }
            }
            own.acts();
            return;
        }
        if (code) {
            boolean inPlace = call.name().equals("perl") && args.has("-i");
            for (Word file : words) {
                if (inPlace) {
                    paths.write(file.text(), call.scope().cwd(), own);
                } else if (file.text().matches("[\\w./~-]*[./][\\w./~-]*")) {
                    paths.read(file.text(), call.scope().cwd(), own);
                }
            }
            return;
        }
        if (!words.isEmpty()) {
            script(call, words.getFirst(), own);
            knownScript(call, args);
            return;
        }
        if (args.options().isEmpty() || call.stdin().connected()) {
            standardInput(call, "code", false, own);
        }
    }

    void python(Invocation call, Arguments args, Findings own) {
        Word code = args.value("-c");
        if (code != null) {
            inline(call, code, own);
            for (Word word : args.positionals()) {
                if (word.text().matches("[\\w./~-]*[./][\\w./~-]*")) {
                    paths.read(word.text(), call.scope().cwd(), own);
                }
            }
            return;
        }
        Word module = args.value("-m");
        int at = -1;
        List<Word> words = call.arguments();
        for (int i = 0; i < words.size(); i++) {
            if (at < 0
                    && module != null
                    && i > 0
                    && words.get(i).text().equals(module.text())
                    && words.get(i - 1).text().endsWith("m")) {
                at = i;
            }
        }
        if (module != null) {
            if (!module.literal()) {
                own.notUnderstood("runs a module that is known only when it runs");
                return;
            }
            List<Word> rest = new ArrayList<>();
            rest.add(Word.of(pythonTool(module.text())));
            if (at >= 0) {
                rest.addAll(words.subList(at + 1, words.size()));
            } else {
                rest.addAll(args.positionals());
            }
            if (tables.find(rest.getFirst().text()) == null) {
                own.add(
                        Level.MEDIUM,
                        "run.project",
                        "runs the module " + GuestText.of(module.text()).visible());
                own.acts();
            } else {
                walk.run(new Invocation(rest, call.stdin(), call.scope(), false, call.depth() + 1));
            }
            return;
        }
        if (args.positionals().isEmpty()) {
            if (args.options().isEmpty() || call.stdin().connected()) {
                standardInput(call, "code", false, own);
            }
            return;
        }
        script(call, args.positionals().getFirst(), own);
        knownScript(call, args);
    }

    /// Scripts of frameworks, whose sub-commands say what they do.
    private void knownScript(Invocation call, Arguments args) {
        Word file = args.positionals().getFirst();
        String name = name(file);
        if (known(file)) {
            List<Word> rest = new ArrayList<>(args.behind(1));
            rest.addFirst(Word.of(name));
            walk.run(new Invocation(rest, call.stdin(), call.scope(), false, call.depth() + 1));
        }
    }

    /// `python -m X` is what the program X is, where there is one.
    private static String pythonTool(String module) {
        return switch (module) {
            case "pip", "pip3" -> "pip";
            case "http.server", "SimpleHTTPServer" -> "python-http-server";
            case "json.tool" -> "python-json-tool";
            case "venv", "virtualenv" -> "virtualenv";
            case "compileall", "py_compile" -> "py-compile";
            case "unittest", "doctest" -> "python-unittest";
            default -> module;
        };
    }

    void awk(Invocation call, Arguments args, Findings own) {
        if (args.has("-f", "--file", "-E", "--exec", "-l", "--load", "-i", "--include")) {
            own.add(Level.MEDIUM, "run.project", "runs an awk program from a file");
            Word file = args.value("-f", "--file", "-E", "--exec");
            if (file != null) {
                script(call, file, own);
            }
        }
        for (Used option : args.options()) {
            if (option.is("-e", "--source") && option.value() != null) {
                awkProgram(call, option.value(), own);
            }
        }
        List<Word> words = args.positionals();
        boolean inFile = args.has("-f", "--file", "-e", "--source", "-E", "--exec");
        if (!inFile && !words.isEmpty()) {
            awkProgram(call, words.getFirst(), own);
        }
        for (Word file : words.subList(Math.min(inFile ? 0 : 1, words.size()), words.size())) {
            if (!file.text().matches("[A-Za-z_]\\w*=.*") && !file.text().equals("-")) {
                paths.read(file.text(), call.scope().cwd(), own);
            }
        }
    }

    /// awk(1) runs programs by `system(`, pipes and `getline`, writes by `>`, and loads by `@`.
    private void awkProgram(Invocation call, Word program, Findings own) {
        String code = program.text();
        if (!program.literal()) {
            own.add(Level.MEDIUM, "run.code", "runs an awk program that is known only in part");
        }
        String bare =
                code.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "\"\"")
                        .replaceAll("(^|[~(!,;{&|\\n])\\s*/(\\\\.|[^/\\\\\\n])+/", "$1x")
                        .replace("||", "");
        if (bare.contains("system")
                || bare.indexOf('|') >= 0
                || bare.contains("getline")
                || code.contains("@load")
                || code.contains("@include")
                || code.contains("/inet")
                || bare.matches("(?s).*@[A-Za-z_]\\w*\\s*\\(.*")) {
            own.add(Level.HIGH, "run.code", "awk runs a command or opens a file from its program");
            CodeHints.check(code, own);
            CodeReader.commands(code, call, text, own);
        } else if (bare.matches("(?s).*\\bprintf?\\b[^;}]*>.*")) {
            own.add(Level.HIGH, "write.unknown", "awk writes a file from its program");
        }
        if (code.contains("ENVIRON")) {
            own.add(Level.HIGH, "secrets.env", "awk reads the environment");
        }
    }

    /// sed(1): `e` and the flag `e` run commands, `w`, `W` and the flag `w` write files, `r` and
    /// `R` read them.
    void sed(Invocation call, Arguments args, Findings own) {
        List<Word> scripts = new ArrayList<>();
        for (Used option : args.options()) {
            if (option.is("-e", "--expression") && option.value() != null) {
                scripts.add(option.value());
            }
        }
        List<Word> files = new ArrayList<>(args.positionals());
        if (scripts.isEmpty() && !args.has("-f", "--file") && !files.isEmpty()) {
            scripts.add(files.removeFirst());
        }
        for (Word script : scripts) {
            if (!script.literal()) {
                boolean address = SED_ADDRESS.matcher(script.text()).matches();
                own.add(
                        address || script.text().startsWith("s") ? Level.MEDIUM : Level.HIGH,
                        "run.code",
                        "sed runs a script that is known only in part");
            }
            SedScript.check(script.text().replace(Word.UNKNOWN, '1'), call, paths, own);
        }
        boolean inPlace = args.options().stream().anyMatch(o -> o.is("-i", "--in-place"));
        for (Word file : files) {
            if (inPlace) {
                paths.write(file.text(), call.scope().cwd(), own);
            } else {
                paths.read(file.text(), call.scope().cwd(), own);
            }
        }
        if (inPlace && files.isEmpty()) {
            own.add(Level.MEDIUM, "write.unknown", "sed changes files in place");
        }
    }

    /// A script that only prints or drops lines, with line numbers that are known later.
    private static final java.util.regex.Pattern SED_ADDRESS =
            java.util.regex.Pattern.compile("[\0 0-9,+$~/\\w]*\0[\0 0-9,+$~]*[pdq=] *");

    void jq(Invocation call, Arguments args, Findings own) {
        if (call.name().equals("yq") && args.has("-i", "--inplace", "--in-place", "-yi")) {
            List<Word> files = args.positionals();
            boolean eval = files.size() > 1;
            for (Word file : files.subList(eval ? 1 : 0, files.size())) {
                paths.write(file.text(), call.scope().cwd(), own);
            }
        }
        for (Word word : args.positionals()) {
            String filter = word.text();
            if (filter.matches("(?s).*(\\$ENV|\\benv\\b(?!\\s*:)).*")
                    && filter.indexOf('/') < 0
                    && !filter.endsWith(".json")) {
                own.add(Level.HIGH, "secrets.env", "jq reads the environment");
            }
        }
    }
}
