package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Invocation.Stdin;
import dev.countersign.gate.risk.Word.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Commands that run a command for each thing that they find or read.
final class CommandRunners {
    private final ToolTables tables;
    private final Paths paths;
    private final ShellWalk walk;
    private final CodeText text;

    CommandRunners(ToolTables tables, Paths paths, ShellWalk walk, CodeText text) {
        this.tables = tables;
        this.paths = paths;
        this.walk = walk;
        this.text = text;
    }

    Origin find(Invocation call, Findings own) {
        List<Word> words = call.arguments();
        List<Word> starts = new ArrayList<>();
        int i = 0;
        while (i < words.size() && words.get(i).text().matches("-[HLP]|-O[0-9]?|-D")) {
            i++;
        }
        while (i < words.size()
                && !words.get(i).option()
                && !Set.of("(", "!", ")").contains(words.get(i).text())) {
            starts.add(words.get(i++));
        }
        if (starts.isEmpty()) {
            starts.add(Word.of("."));
        }
        starts.forEach(start -> paths.read(start.text(), call.scope().cwd(), own));
        String names = null;
        for (int k = i; k + 1 < words.size(); k++) {
            if (words.get(k).text().matches("-i?name") && words.get(k + 1).literal()) {
                names = words.get(k + 1).text();
            }
        }
        boolean several =
                words.stream()
                        .anyMatch(w ->
                                w.text().equals("-o")
                                        || w.text().equals("-or")
                                        || w.text().equals("!")
                                        || w.text().equals("-not"));
        boolean inside =
                starts.stream()
                        .allMatch(start ->
                                !paths.place(paths.absolute(start.text(), call.scope().cwd()))
                                        .startsWith("/"));
        String known = names == null || several ? null : names;
        String found =
                inside
                        ? below(starts) + (known == null ? "*" : known)
                        : known == null ? null : "/" + Word.UNKNOWN + "/" + known;
        boolean filtered =
                words.stream()
                        .anyMatch(word ->
                                word.text()
                                        .matches(
                                                "-(i?name|i?path|i?regex|newer|mtime|mmin|empty|size|user)"));
        for (; i < words.size(); i++) {
            i = findTest(call, words, i, starts, found, filtered, own);
        }
        return new Origin(false, false, null, found);
    }

    /// The one directory inside of the workspace that is looked through, or nothing.
    private static String below(List<Word> starts) {
        Word start = starts.getFirst();
        boolean one = starts.size() == 1 && start.literal() && !start.glob();
        String name = one ? start.text().replaceAll("/+$", "") : "";
        return name.isEmpty() || name.equals(".") ? "" : name + "/";
    }

    private int findTest(
            Invocation call,
            List<Word> words,
            int at,
            List<Word> starts,
            @Nullable String found,
            boolean filtered,
            Findings own) {
        Word word = words.get(at);
        if (!word.literal() && word.bare()) {
            own.add(
                    Level.HIGH,
                    "shell.unknown-word",
                    "find gets a test that is known only when it runs");
        }
        return switch (word.text()) {
            case "-exec", "-execdir", "-ok", "-okdir" -> {
                List<Word> inner = new ArrayList<>();
                int i = at + 1;
                while (i < words.size()
                        && !words.get(i).text().equals(";")
                        && !(words.get(i).text().equals("+")
                                && words.get(i - 1).text().equals("{}"))) {
                    inner.add(hole(words.get(i), "{}", found));
                    i++;
                }
                if (inner.isEmpty()) {
                    own.notUnderstood("find runs a command that is not there");
                } else {
                    walk.run(call.inner(inner));
                }
                yield i;
            }
            case "-delete" -> {
                if (found != null
                        && inside(starts, call)
                        && Set.of(
                                        "*.pyc",
                                        "*.o",
                                        "*.class",
                                        "*.tmp",
                                        "*~",
                                        "*.swp",
                                        "*.orig",
                                        "*.log",
                                        "*.bak",
                                        "*.rej",
                                        ".DS_Store")
                                .contains(found.substring(found.lastIndexOf('/') + 1))) {
                    own.add(Level.MEDIUM, "delete", "find removes " + found);
                    yield at;
                }
                own.add(Level.HIGH, "delete.many", "find removes what it finds");
                for (Word start : starts) {
                    paths.delete(start.text(), call.scope().cwd(), own);
                    String place = paths.place(paths.absolute(start.text(), call.scope().cwd()));
                    if (!filtered) {
                        FileCommands.whole(start, place, true, own);
                    }
                }
                yield at;
            }
            case "-fprint", "-fprint0", "-fls", "-fprintf" -> {
                if (at + 1 < words.size()) {
                    paths.write(words.get(at + 1).text(), call.scope().cwd(), own);
                }
                yield at + 1;
            }
            case "-files0-from" -> {
                own.add(Level.MEDIUM, "read.unknown", "find starts where a file says");
                yield at + 1;
            }
            default -> at;
        };
    }

    private boolean inside(List<Word> starts, Invocation call) {
        return starts.stream()
                .noneMatch(start ->
                        paths.place(paths.absolute(start.text(), call.scope().cwd()))
                                .startsWith("/"));
    }

    /// The place where a found name goes.
    private static Word hole(Word word, String mark, @Nullable String found) {
        return hole(word, mark, found, Origin.NONE);
    }

    /// @param from where the names come from
    private static Word hole(Word word, String mark, @Nullable String found, Origin from) {
        if (!word.text().contains(mark)) {
            return word;
        }
        if (found != null && word.text().equals(mark)) {
            return new Word(
                    found,
                    word.source(),
                    found.indexOf(Word.UNKNOWN) < 0,
                    true,
                    false,
                    word.origin());
        }
        String other = word.text().replace(mark, String.valueOf(Word.UNKNOWN));
        return new Word(other, word.source(), false, false, false, word.origin().and(from));
    }

    void xargs(Invocation call, Arguments args, Findings own) {
        List<Word> inner = new ArrayList<>(args.command());
        Word mark = args.value("-I", "--replace", "-i", "-J");
        String found = call.stdin().origin().names();
        String literal = call.stdin().origin().literal();
        if (inner.isEmpty()) {
            return;
        }
        List<Word> given =
                literal != null
                        ? Arrays.stream(literal.strip().split("\\s+")).map(Word::of).toList()
                        : found != null
                                ? List.of(
                                        new Word(
                                                found,
                                                found,
                                                found.indexOf(Word.UNKNOWN) < 0,
                                                true,
                                                false,
                                                Origin.NONE))
                                : List.of(
                                        new Word(
                                                String.valueOf(Word.UNKNOWN),
                                                "…",
                                                false,
                                                false,
                                                false,
                                                call.stdin().origin()));
        List<Word> whole = new ArrayList<>();
        if (mark != null) {
            for (Word word : inner) {
                whole.add(
                        literal != null
                                ? word.withText(word.text().replace(mark.text(), literal.strip()))
                                : hole(word, mark.text(), found, call.stdin().origin()));
            }
        } else {
            whole.addAll(inner);
            whole.addAll(given);
        }
        Tool tool = tables.find(nameOf(inner.getFirst()));
        boolean code =
                tool != null
                        && Set.of("shell", "interpreter", "python", "eval")
                                .contains(tool.special());
        if (code && mark == null && inner.size() < 3 && literal == null) {
            CodeText.unknown(call.stdin().origin(), "code", own);
        }
        walk.run(new Invocation(whole, Stdin.NONE, call.scope(), false, call.depth() + 1));
        args.drop();
    }

    private static String nameOf(Word word) {
        return word.text().substring(word.text().lastIndexOf('/') + 1);
    }

    void parallel(Invocation call, Arguments args, Findings own) {
        List<Word> inner = new ArrayList<>();
        List<Word> given = new ArrayList<>();
        boolean behind = false;
        for (Word word : args.command()) {
            if (word.text().matches(":::+\\+?|::::")) {
                behind = true;
            } else {
                (behind ? given : inner).add(word);
            }
        }
        args.drop();
        if (inner.isEmpty() && !given.isEmpty()) {
            given.forEach(line -> text.code(call, line, own));
            return;
        }
        if (inner.isEmpty()) {
            CodeText.unknown(call.stdin().origin(), "shell text", own);
            return;
        }
        boolean known =
                !given.isEmpty() && given.size() <= 12 && given.stream().allMatch(Word::literal);
        String template = String.join(" ", inner.stream().map(Word::text).toList());
        for (Word one : known ? given : List.of(Word.unknown("…"))) {
            String value = known ? one.text() : "\"$1\"";
            String line =
                    template.contains("{}")
                            ? template.replace("{}", value)
                            : template + " " + value;
            text.code(
                    call,
                    new Word(
                            line,
                            line,
                            inner.stream().allMatch(Word::literal),
                            false,
                            false,
                            Word.Origin.NONE),
                    own);
        }
    }

    /// A word that the package manager does not know is a script of the project or a program that
    /// it has: pnpm, yarn, bun, composer.
    Origin scripts(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (args.sub() != null) {
            return Origin.NONE;
        }
        if (words.isEmpty()) {
            if (call.name().startsWith("yarn") && !args.has("--version", "-v", "--help", "-h")) {
                own.add(Level.HIGH, "install.code", "installs code and runs its scripts");
            }
            return Origin.NONE;
        }
        Word name = words.getFirst();
        if (!name.literal()) {
            own.notUnderstood("runs a script that is known only when it runs");
        } else if (tables.ofPackages(name.text()) && args.positionals().size() > 1) {
            List<Word> all = call.arguments();
            return walk.run(call.inner(all.subList(all.indexOf(name), all.size())));
        } else if (Targets.knows(name.text())) {
            Targets.check(name.text(), call, own, true);
        } else if (tables.find(name.text()) != null) {
            List<Word> all = call.arguments();
            return walk.run(call.inner(all.subList(all.indexOf(name), all.size())));
        } else {
            own.add(
                    Level.MEDIUM,
                    "run.project",
                    "runs " + CommandRater.shown(call) + ", a script of the project");
            own.acts();
        }
        return Origin.NONE;
    }

    /// npx(1): a tool of the project is what its table says; any other package is fetched and run.
    void npx(Invocation call, Arguments args, Findings own) {
        List<Word> command = args.command();
        args.drop();
        if (command.isEmpty()) {
            return;
        }
        Word name = command.getFirst();
        String known = SCOPED.get(name.text());
        if (known != null && name.literal()) {
            List<Word> whole = new ArrayList<>(command);
            whole.set(0, name.withText(known));
            walk.run(call.inner(whole));
        } else if (name.literal() && packaged(name.text())) {
            walk.run(call.inner(command));
        } else {
            own.add(Level.HIGH, "install.code", "runs a package, and gets it if it is not there");
            for (Word word : command.subList(0, Math.min(2, command.size()))) {
                if (word.literal() && !word.option()) {
                    Targets.check(word.text(), call, own, false);
                }
            }
        }
    }

    /// Packages whose program has another name than they have.
    private static final java.util.Map<String, String> SCOPED =
            java.util.Map.ofEntries(
                    java.util.Map.entry("@angular/cli", "ng"),
                    java.util.Map.entry("@babel/cli", "babel"),
                    java.util.Map.entry("@biomejs/biome", "biome"),
                    java.util.Map.entry("@changesets/cli", "changeset"),
                    java.util.Map.entry("@commitlint/cli", "commitlint"),
                    java.util.Map.entry("@graphql-codegen/cli", "graphql-codegen"),
                    java.util.Map.entry("@nestjs/cli", "nest"),
                    java.util.Map.entry("@playwright/test", "playwright"),
                    java.util.Map.entry("@redocly/cli", "redocly"),
                    java.util.Map.entry("@storybook/cli", "storybook"),
                    java.util.Map.entry("@swc/cli", "swc"),
                    java.util.Map.entry("@tailwindcss/cli", "tailwindcss"),
                    java.util.Map.entry("@vercel/ncc", "ncc"),
                    java.util.Map.entry("@sentry/cli", "sentry-cli"),
                    java.util.Map.entry("@expo/cli", "expo"));

    private boolean packaged(String name) {
        return tables.ofPackages(name)
                || Set.of(
                                "ts-node",
                                "tsx",
                                "rimraf",
                                "cross-env",
                                "dotenv",
                                "nodemon",
                                "markdownlint",
                                "http-server",
                                "serve",
                                "live-server",
                                "localtunnel",
                                "lt",
                                "wrangler",
                                "vercel",
                                "netlify",
                                "firebase",
                                "cdk",
                                "serverless",
                                "sls",
                                "tailwindcss",
                                "sass",
                                "cap",
                                "wscat",
                                "autocannon",
                                "ngrok")
                        .contains(name);
    }

    /// fd(1): everything behind -x or -X is a command.
    void fdExec(Invocation call, Findings own) {
        List<Word> words = call.arguments();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).text().matches("-x|-X|--exec|--exec-batch")) {
                List<Word> inner = new ArrayList<>();
                for (Word word : words.subList(i + 1, words.size())) {
                    if (word.text().equals(";")) {
                        break;
                    }
                    inner.add(hole(word, "{}", null));
                }
                inner.add(Word.unknown("…"));
                if (inner.size() == 1) {
                    own.notUnderstood("runs a command that is not there");
                } else {
                    walk.run(call.inner(inner));
                }
                return;
            }
        }
    }
}
