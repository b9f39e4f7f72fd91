package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Commands that remove, change or unpack files.
final class FileCommands {
    private static final Set<String> GENERATED =
            Set.of(
                    "node_modules",
                    "target",
                    "build",
                    "dist",
                    "out",
                    "coverage",
                    ".cache",
                    "__pycache__",
                    ".pytest_cache",
                    ".mypy_cache",
                    ".ruff_cache",
                    ".tox",
                    ".next",
                    ".nuxt",
                    ".gradle",
                    ".nyc_output",
                    "htmlcov",
                    ".coverage",
                    ".parcel-cache",
                    ".turbo",
                    "tmp",
                    "temp",
                    "logs",
                    ".eggs",
                    ".venv",
                    "venv",
                    "bin/debug",
                    "obj",
                    "cmake-build-debug",
                    ".svelte-kit",
                    "storybook-static",
                    ".angular",
                    ".terraform",
                    "_build",
                    ".ipynb_checkpoints");

    /// Patterns that only name what tools leave behind.
    private static final Set<String> LEFTOVERS =
            Set.of("*.pyc", "*.o", "*.class", "*.tmp", "*.log");

    private static final Pattern TOP = Pattern.compile("/[^/]+(/\\*)?");
    private static final Pattern TMP = Pattern.compile("/tmp(/\\*)?");

    private final Paths paths;

    FileCommands(Paths paths) {
        this.paths = paths;
    }

    void rm(Invocation call, Arguments args, Findings own) {
        boolean recursive = args.has("-r", "-R", "--recursive");
        for (Word word : args.positionals()) {
            remove(call, word, recursive, own);
        }
    }

    private void remove(Invocation call, Word word, boolean recursive, Findings own) {
        String cwd = call.scope().cwd();
        String place = paths.place(paths.absolute(word.text(), cwd));
        whole(word, place, recursive, own);
        paths.delete(word.text(), cwd, own);
        if (recursive && !place.startsWith("/") && !generated(place)) {
            own.add(
                    Level.HIGH,
                    "delete.many",
                    "removes " + Paths.shown(place) + " and all below it");
        } else if (word.glob() && !place.startsWith("/tmp/") && !generated(place)) {
            own.add(Level.HIGH, "delete.many", "removes all files " + Paths.shown(place));
        }
    }

    /// Removals of a whole tree that nobody means: the workspace, the history, the machine.
    static void whole(Word word, String found, boolean recursive, Findings own) {
        String unknown = "/" + Word.UNKNOWN;
        String place =
                found.equals(unknown)
                        ? "."
                        : found.startsWith(unknown + "/")
                                ? found.substring(unknown.length() + 1)
                                : found;
        boolean all =
                place.equals("*") || place.equals("/*") || place.equals(".*") || place.equals("**");
        String known = word.text().replace(String.valueOf(Word.UNKNOWN), "");
        if (place.equals(".") || (all && !place.startsWith("/") && recursive)) {
            own.add(Level.CRITICAL, "delete.workspace", "removes the whole workspace");
        } else if (place.equals(".git") || (place.startsWith(".git/") && recursive)) {
            own.add(Level.CRITICAL, "delete.git", "removes the repository's history");
        } else if (place.equals("/")
                || place.equals("/*")
                || (TOP.matcher(place).matches() && !TMP.matcher(place).matches())
                || place.equals(Paths.HOME)
                || place.startsWith(Paths.HOME + "/*")) {
            own.add(Level.CRITICAL, "delete.system", "removes " + Paths.shown(place));
        } else if (recursive
                && !word.literal()
                && (known.isEmpty() || known.equals("/") || known.equals("/*"))) {
            own.add(
                    Level.CRITICAL,
                    "delete.unknown",
                    "removes a tree that is known only when it runs");
        }
    }

    private static boolean generated(String place) {
        String folded = place.toLowerCase(Locale.ROOT);
        String name = folded.substring(folded.lastIndexOf('/') + 1);
        int first = folded.indexOf('/');
        String top = first < 0 ? folded : folded.substring(0, first);
        return GENERATED.contains(name)
                || GENERATED.contains(top)
                || name.endsWith(".egg-info")
                || LEFTOVERS.contains(name);
    }

    void chmod(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (words.isEmpty()) {
            return;
        }
        String mode = words.getFirst().text();
        if (mode.matches("[ugoa]*[+=][rwxXt]*s[rwxXst]*|[2-7][0-7]{3}|0[2-7][0-7]{3}")) {
            own.add(Level.CRITICAL, "file.setuid", "makes a program run as another user");
        } else if (mode.matches("0?777|[0-7]*[2367]|a?\\+.*w.*|o\\+.*w.*|ugo\\+.*w.*")) {
            own.add(Level.HIGH, "file.world-writable", "lets everybody write");
        }
        for (Word word : words.subList(Math.min(1, words.size()), words.size())) {
            Findings apart = own.apart();
            paths.write(word.text(), call.scope().cwd(), apart);
            String place = paths.place(paths.absolute(word.text(), call.scope().cwd()));
            boolean hook = apart.has("write.git") || apart.has("write.editor");
            if (apart.level() == Level.HIGH && !hook && !place.startsWith("/") && word.literal()) {
                own.writes(place);
                own.add(Level.MEDIUM, "file.mode", "changes the rights of " + Paths.shown(place));
            } else {
                own.addAll(apart);
            }
            if (mode.indexOf('x') >= 0 || mode.matches("0?[0-7]*[1357][0-7]*")) {
                call.scope().made(paths.absolute(word.text(), call.scope().cwd()));
            }
        }
        if (args.has("-R", "--recursive")) {
            below(call, args, own);
            own.add(Level.HIGH, "file.mode", "changes the rights of everything below");
        }
    }

    /// chmod -R, chown -R: rights of a whole tree.
    void below(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (!args.has("-R", "--recursive")) {
            return;
        }
        for (Word word : words.subList(Math.min(1, words.size()), words.size())) {
            String place = paths.place(paths.absolute(word.text(), call.scope().cwd()));
            if (place.equals("/")
                    || (TOP.matcher(place).matches() && !TMP.matcher(place).matches())) {
                own.add(
                        Level.CRITICAL,
                        "system.rights",
                        "changes the rights of the machine itself");
            }
        }
    }

    /// truncate(1): what a file held is gone, as if it were removed; a pattern names many.
    void truncate(Invocation call, Arguments args, Findings own) {
        for (Word word : args.positionals()) {
            String place = paths.place(paths.absolute(word.text(), call.scope().cwd()));
            if (word.glob() && !place.startsWith("/tmp/") && !generated(place)) {
                own.add(Level.HIGH, "delete.many", "empties all files " + Paths.shown(place));
            }
        }
    }

    /// ln(1): a link in the workspace to a place outside of it makes that place look like a part of
    /// it.
    void link(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (words.size() < 2 && args.value("-t", "--target-directory") == null) {
            return;
        }
        Word directory = args.value("-t", "--target-directory");
        String to =
                paths.absolute(
                        directory == null ? words.getLast().text() : directory.text(),
                        call.scope().cwd());
        // A relative target counts from the directory that the link is in; which of two that is,
        // the name alone does not tell.
        boolean symbolic = args.has("-s", "--symbolic");
        String parent = symbolic ? to.substring(0, Math.max(1, to.lastIndexOf('/'))) : null;
        for (Word from : directory != null ? words : words.subList(0, words.size() - 1)) {
            String place =
                    paths.place(
                            paths.absolute(
                                    from.text(),
                                    (parent == null || directory != null)
                                            ? call.scope().cwd()
                                            : parent));
            if (place.startsWith("/")
                    && !Paths.under(place, SHARED)
                    && !paths.place(to).startsWith("/")) {
                own.add(
                        Level.HIGH,
                        "link.outside",
                        "makes " + Paths.shown(place) + " look like a part of the workspace");
            }
        }
    }

    /// Where programs and scratch files lie: links to them are what build scripts make.
    private static final String[] SHARED = {"/usr", "/opt", "/tmp", "/var/tmp", "/lib"};

    /// rimraf: like rm -rf.
    void rimraf(Invocation call, Arguments args, Findings own) {
        for (Word word : args.positionals()) {
            remove(call, word, true, own);
        }
    }

    /// jar(1): `tf` lists, `xf` unpacks, `cf` packs.
    void jar(Invocation call, Findings own) {
        List<Word> words = call.arguments();
        String mode = words.isEmpty() ? "" : words.getFirst().text();
        if (mode.matches("-?t[vf0M]*|--list")) {
            return;
        }
        own.add(Level.MEDIUM, "build", "packs or unpacks");
    }

    /// cmake -E: a small set of file commands.
    void cmake(Invocation call, Arguments args, Findings own) {
        List<Word> words = call.arguments();
        for (int i = 0; i + 1 < words.size(); i++) {
            if (words.get(i).text().equals("-E")) {
                String name = words.get(i + 1).text();
                for (Word word : words.subList(i + 2, words.size())) {
                    if (word.option()) {
                        continue;
                    }
                    if (name.matches("rm|remove|remove_directory")) {
                        remove(call, word, true, own);
                    } else if (name.matches(
                            "copy.*|rename|make_directory|touch.*|create_.*link|tar")) {
                        paths.write(word.text(), call.scope().cwd(), own);
                    } else if (name.equals("cat")) {
                        paths.read(word.text(), call.scope().cwd(), own);
                    }
                }
                if (name.matches("env|time|chdir")) {
                    own.add(Level.HIGH, "run.code", "cmake -E " + name + " runs a command");
                }
            }
        }
    }

    void dd(Invocation call, Findings own) {
        for (Word word : call.arguments()) {
            if (word.text().startsWith("if=")) {
                paths.read(word.text().substring(3), call.scope().cwd(), own);
            } else if (word.text().startsWith("of=")) {
                paths.write(word.text().substring(3), call.scope().cwd(), own);
            }
        }
    }

    private static final java.util.regex.Pattern COMPRESSORS =
            java.util.regex.Pattern.compile(
                    "(gzip|bzip2|xz|zstd|zstdmt|lz4|pigz|pbzip2|pixz|lzip|plzip|lzop|brotli)( -[a-zA-Z]?[0-9]{0,2}| --[a-z]+(=[0-9]+)?)*");

    /// "Checkpoints" of GNU tar's manual.
    private static final java.util.regex.Pattern HARMLESS_ACTION =
            java.util.regex.Pattern.compile(
                    "(?s)(bell|dot|\\.|echo.*|totals|ttyout=.*|sleep=.*|wait=.*)");

    /// Where options of tar do more than pack: a remote archive, absolute names.
    void tar(Invocation call, Arguments args, CodeText text, Findings own) {
        Word program = args.value("-I", "--use-compress-program");
        if (program != null && !COMPRESSORS.matcher(program.text()).matches()) {
            own.add(Level.HIGH, "run.code", "tar runs a command");
            text.code(call, program, own);
        }
        for (Arguments.Used used : args.options()) {
            Word action = used.value();
            if (action != null
                    && used.is("--checkpoint-action")
                    && !HARMLESS_ACTION.matcher(action.text()).matches()) {
                own.add(Level.HIGH, "run.code", "tar runs a command");
                text.code(call, action.withText(action.text().replaceFirst("^exec=", "")), own);
            }
        }
        String first = call.arguments().isEmpty() ? "" : call.arguments().getFirst().text();
        boolean old = !first.startsWith("-") && first.matches("[A-Za-z]+");
        boolean lists =
                args.has("-t", "--list")
                        || (old && first.indexOf('t') >= 0 && first.indexOf('x') < 0);
        boolean makes =
                args.has("-c", "--create", "-r", "-u", "--append", "--update")
                        || (old && first.indexOf('c') >= 0);
        boolean toStdout = args.has("-O", "--to-stdout");
        List<Word> words = new ArrayList<>(args.positionals());
        if (old && !words.isEmpty()) {
            words.removeFirst();
        }
        Word archive = args.value("-f", "--file");
        if (archive == null && old && first.indexOf('f') >= 0 && !words.isEmpty()) {
            archive = words.removeFirst();
        }
        if (archive != null && archive.text().matches("[^/]+:.*") && !args.has("--force-local")) {
            own.add(Level.CRITICAL, "net.send", "tar uses an archive on another machine");
        }
        String cwd = call.scope().cwd();
        if (archive != null && !archive.text().equals("-")) {
            if (makes) {
                paths.write(archive.text(), cwd, own);
            } else {
                paths.read(archive.text(), cwd, own);
            }
        }
        if (makes) {
            words.forEach(word -> paths.readAll(word.text(), cwd, own));
            own.add(Level.MEDIUM, "", "packs files");
        } else if (!lists && !toStdout) {
            Word to = args.value("-C", "--directory");
            paths.write(to == null ? "." : to.text(), cwd, own);
            boolean remote =
                    (archive == null || archive.text().equals("-"))
                            ? call.stdin().origin().remote()
                            : call.scope().wasDownloaded(paths.absolute(archive.text(), cwd));
            if (remote) {
                call.scope().fetched(paths.absolute(to == null ? "." : to.text(), cwd));
            }
            own.add(Level.MEDIUM, "write.unpack", "unpacks an archive over what is there");
        }
    }

    void editor(Invocation call, Arguments args, CodeText text, Findings own) {
        for (Arguments.Used used : args.options()) {
            Word value = used.value();
            if (value != null && used.is("-u")) {
                if (!value.text().matches("NONE|NORC|DEFAULTS")) {
                    own.add(Level.HIGH, "run.code", "an editor runs commands from a file");
                }
            } else if (value != null) {
                commands(call, value, text, own);
            }
        }
        for (Word word : args.positionals()) {
            if (word.text().matches("\\+[0-9]*")) {
                own.add(Level.LOW, "", "opens a file at a line");
            } else if (word.text().startsWith("+")) {
                commands(call, word.withText(word.text().substring(1)), text, own);
            } else {
                paths.write(word.text(), call.scope().cwd(), own);
            }
        }
    }

    /// Ex commands that change the text, save and leave, and nothing else (vim's `:help
    /// ex-cmd-index`).
    private static final java.util.regex.Pattern EDITS =
            java.util.regex.Pattern.compile(
                    "[:%0-9,$.\\s]*(s(ubstitute)?[/#@,][^|`\\p{Cntrl}]*|[gv][/#][^/#|]*[/#]d|d(elete)?|norm(al)?!? [^:!|@`\\p{Cntrl}]*"
                            + "|w|wq|wqa|wa|up(date)?|x|xa|qa?!?|set? \\w+(=\\w+)?|retab!?|sort( u)?|gg=G)?");

    private void commands(Invocation call, Word command, CodeText text, Findings own) {
        String said = command.text();
        if (command.literal() && EDITS.matcher(said).matches() && !said.contains("\\=")) {
            return;
        }
        own.add(Level.HIGH, "run.code", "an editor runs commands from its arguments");
        int bang = said.indexOf('!');
        if (bang >= 0 && bang < 3) {
            text.code(call, command.withText(said.substring(bang + 1)), own);
        } else {
            CodeReader.commands(said, call, text, own);
        }
    }
}
