package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// git, where its options and refs say more than its sub-command.
final class GitCommands {
    /// Settings by which git runs programs, or takes code and trust from elsewhere (git-config(1)).
    private static final Pattern STEERING =
            Pattern.compile(
                    "(alias\\.|core\\.(hookspath|fsmonitor|sshcommand|editor|pager|gitproxy|askpass|attributesfile|worktree|excludesfile|autocrlf=input)|"
                            + "credential\\.|diff\\..*|merge\\..*|filter\\.|pager\\.|sequence\\.editor|gpg\\.|include|url\\.|http\\.|https\\.|remote\\.|protocol\\.|"
                            + "uploadpack\\.|receive\\.|browser\\.|difftool\\.|mergetool\\.|man\\.|instaweb\\.|sendemail\\.|interactive\\.|ssh\\.|init\\.templatedir|safe\\.|transfer\\.|submodule\\.|trailer\\.).*",
                    Pattern.DOTALL);

    private static final Pattern HARMLESS =
            Pattern.compile(
                    "diff\\.(color|renames|mnemonicprefix|noprefix|algorithm).*|merge\\.(conflictstyle|ff|renames).*|safe\\.directory.*");

    /// A remote by its address (git-push(1), GIT URLS), not by a name.
    private static final Pattern ADDRESS =
            Pattern.compile("(?s)[a-z][a-z0-9+.-]*://.*|[^/:]+@[^/:]+:.*");

    private static final Pattern DIRECTORY = Pattern.compile("\\./?|:/|\\*|.*/|.*[*?].*");
    private static final Pattern FILE = Pattern.compile(".*\\.[a-z]{1,4}");
    private static final Pattern VERSION = Pattern.compile("v?[0-9.]+");

    private final Paths paths;
    private final ShellWalk walk;
    private final CodeText text;

    GitCommands(Paths paths, ShellWalk walk, CodeText text) {
        this.paths = paths;
        this.walk = walk;
        this.text = text;
    }

    /// git-push(1), git-fetch(1): `--dry-run` does everything but send or keep what it was asked
    /// for.
    static boolean rehearses(Arguments args) {
        if (args.has("--no-dry-run")) {
            return false;
        }
        return switch (args.subName()) {
            case "push" -> args.has("-n", "--dry-run");
            case "fetch", "pull" -> args.has("--dry-run");
            default -> false;
        };
    }

    /// Runs an alias that the same text defined: git-config(1), `alias.*`.
    private void alias(Invocation call, Arguments args, Findings own) {
        if (args.sub() != null || args.positionals().isEmpty()) {
            return;
        }
        Word name = args.positionals().getFirst();
        String key = ALIAS + name.text().toLowerCase(Locale.ROOT);
        String value = null;
        Word kept = call.scope().value(key);
        if (kept != null && kept.literal()) {
            value = kept.text();
        }
        for (Used option : args.options()) {
            Word setting = option.value();
            if (option.name().equals("-c")
                    && setting != null
                    && setting.text().toLowerCase(Locale.ROOT).startsWith(key + "=")) {
                value = setting.text().substring(key.length() + 1);
            }
        }
        if (value == null) {
            return;
        }
        List<Word> rest = args.behind(1);
        if (value.startsWith("!")) {
            text.code(call, Word.of(value.substring(1)), own);
            return;
        }
        StringBuilder line = new StringBuilder("git ").append(value);
        for (Word word : rest) {
            line.append(" '").append(word.text().replace("'", "'\\''")).append('\'');
        }
        text.code(call, Word.of(line.toString()), own);
    }

    private static final String ALIAS = "alias.";

    void git(Invocation call, Arguments args, Findings own) {
        alias(call, args, own);
        for (Used option : args.options()) {
            if (option.name().equals("-c") && option.value() != null && args.sub() != null) {
                gitConfig(option.value().text(), own);
                runs(call, option.value(), own);
            }
        }
        String sub = args.subName();
        List<Word> words = args.positionals();
        switch (sub) {
            case "push" -> {
                if (!rehearses(args)) {
                    push(call, words, own);
                }
            }
            case "remote add", "remote set-url" -> {
                if (!words.isEmpty()) {
                    call.scope().remote(words.getFirst().text());
                }
            }
            case "config" -> {
                boolean reads =
                        args.has(
                                        "--get",
                                        "--get-all",
                                        "--list",
                                        "-l",
                                        "--get-regexp",
                                        "--get-urlmatch")
                                || words.size() == 1
                                || (!words.isEmpty()
                                        && words.getFirst().text().matches("get|list"));
                if (!reads && !words.isEmpty()) {
                    int key = words.getFirst().text().matches("set|unset") ? 1 : 0;
                    own.add(Level.MEDIUM, "git.config", "changes git's configuration");
                    if (key < words.size()) {
                        String name = words.get(key).text();
                        gitConfig(name, own);
                        if (key + 1 < words.size() && name.startsWith(ALIAS)) {
                            call.scope().set(name.toLowerCase(Locale.ROOT), words.get(key + 1));
                        }
                    }
                }
            }
            case "checkout" -> {
                boolean dashes = call.arguments().stream().anyMatch(w -> w.text().equals("--"));
                boolean dot = words.stream().anyMatch(w -> DIRECTORY.matcher(w.text()).matches());
                boolean file =
                        words.stream()
                                .anyMatch(w ->
                                        FILE.matcher(w.text()).matches()
                                                && !VERSION.matcher(w.text()).matches());
                if (dashes || dot || file) {
                    own.add(
                            Level.HIGH,
                            "git.discard",
                            "throws away changes that were not committed");
                }
            }
            case "restore" -> {
                if (args.has("-W", "--worktree") || !args.has("-S", "--staged")) {
                    own.add(
                            Level.HIGH,
                            "git.discard",
                            "throws away changes that were not committed");
                }
            }
            case "branch", "tag", "remote", "stash" -> {
                boolean changes =
                        args.has(
                                "-d",
                                "-D",
                                "-m",
                                "-M",
                                "-f",
                                "--delete",
                                "--force",
                                "-c",
                                "-C",
                                "--move",
                                "--set-upstream-to",
                                "-u",
                                "--unset-upstream",
                                "--edit-description");
                boolean asks =
                        args.has(
                                "-l",
                                "--list",
                                "-a",
                                "-r",
                                "--all",
                                "--contains",
                                "--merged",
                                "--no-merged",
                                "--points-at",
                                "--show-current");
                boolean lists = !changes && (asks || (words.isEmpty() && !sub.equals("stash")));
                if (!lists) {
                    own.add(
                            Level.MEDIUM,
                            "git.ref",
                            "changes branches, tags, remotes or the stash");
                }
            }
            case "clone" -> {
                if (!words.isEmpty()) {
                    transport(words.getFirst(), own);
                    cloned(call, words);
                }
            }
            case "fetch", "pull", "ls-remote" ->
                    words.stream().limit(1).forEach(word -> transport(word, own));
            case "rm" -> {
                if (!args.has("--cached") && args.has("-r", "-f", "--force")) {
                    own.add(Level.HIGH, "git.discard", "removes files whatever they hold");
                }
                words.forEach(word -> paths.delete(word.text(), call.scope().cwd(), own));
            }
            case "bisect" -> {
                if (words.size() > 1 && words.getFirst().text().equals("run")) {
                    walk.run(call.inner(args.behind(1)));
                }
            }
            case "submodule" -> {
                int at = -1;
                for (int i = 0; i < words.size(); i++) {
                    at = words.get(i).text().equals("foreach") ? i : at;
                }
                if (at >= 0 && at + 1 < words.size()) {
                    text.joined(call, words.subList(at + 1, words.size()), own);
                }
            }
            case "diff",
                    "grep",
                    "blame",
                    "annotate",
                    "show",
                    "log",
                    "add",
                    "apply",
                    "cat-file",
                    "archive",
                    "checkout-index",
                    "difftool",
                    "whatchanged" -> {
                boolean names =
                        sub.matches("log|add|whatchanged")
                                && !args.has("-p", "-u", "--patch", "-L", "-G", "-S");
                for (Word word : words) {
                    if (!names
                            || word.text().startsWith("/")
                            || word.text().startsWith("..")
                            || word.text().startsWith("~")
                            || word.text().contains(".env")) {
                        reads(call, word.text(), own);
                    }
                }
            }
            default -> {}
        }
    }

    /// A word that may be a path, alone or in a commit: `HEAD~2:.env`, `:/.env`, `:!x`
    /// (gitrevisions(7), gitglossary(7) under pathspec). Names of commits are no paths of a class.
    private void reads(Invocation call, String word, Findings own) {
        int colon = word.lastIndexOf(':');
        String path = colon < 0 ? word : word.substring(colon + 1);
        boolean excludes = word.startsWith(":!") || word.startsWith(":^");
        if (!path.isEmpty() && !excludes) {
            paths.read(path, call.scope().cwd(), own);
        }
    }

    /// What a clone brings came over the network, wherever the same text goes on with it.
    private void cloned(Invocation call, List<Word> words) {
        String from = words.getFirst().text().replaceAll("/+$", "").replaceAll("\\.git$", "");
        if (ADDRESS.matcher(from).matches()) {
            String name =
                    from.substring(Math.max(from.lastIndexOf('/'), from.lastIndexOf(':')) + 1);
            String directory = words.size() > 1 ? words.get(1).text() : name;
            call.scope().fetched(paths.absolute(directory, call.scope().cwd()));
        }
    }

    /// Transports that run a command: gitremote-helpers(7), git-remote-ext(1).
    private static void transport(Word word, Findings own) {
        if (word.text().matches("(?s)(ext|fd)::.*") || word.text().startsWith("-")) {
            own.add(Level.CRITICAL, "run.code", "git runs a command as a transport");
        }
        String host = word.text().contains("://") ? NetworkCommands.hostOf(word.text()) : "";
        if (!host.isEmpty()) {
            own.host(host);
        }
    }

    /// Settings whose value is shell text (git-config(1)).
    private static final Pattern COMMANDS =
            Pattern.compile(
                    "(?is)(core\\.(sshcommand|editor|pager|askpass|fsmonitor|gitproxy|alternaterefscommand)|sequence\\.editor|pager\\..*|credential(\\..*)?\\.helper|diff\\.external|(diff|merge|filter)\\..*\\.(command|driver|textconv|clean|smudge|process)|(difftool|mergetool|browser|man)\\..*\\.cmd|gpg(\\..*)?\\.program|uploadpack\\.packobjectshook|interactive\\.difffilter|ssh\\.variant|trailer\\..*\\.(command|cmd))=(.*)");

    private void runs(Invocation call, Word setting, Findings own) {
        Matcher matcher = COMMANDS.matcher(setting.text());
        if (matcher.matches()) {
            String command = matcher.group(matcher.groupCount());
            String line = command.startsWith("!") ? command.substring(1) : command;
            boolean plain =
                    line.matches("true|false|cache.*|store.*")
                            || (line.startsWith("ssh ") && !line.contains("ommand"));
            if (!line.isBlank() && !plain) {
                text.code(call, setting.withText(line), own);
            }
        }
    }

    private static void gitConfig(String setting, Findings own) {
        String key = setting.toLowerCase(Locale.ROOT);
        if (STEERING.matcher(key).matches() && !HARMLESS.matcher(key).matches()) {
            own.add(
                    Level.HIGH,
                    "git.config",
                    "sets "
                            + GuestText.of(setting.replaceFirst("(?s)=.*", "")).visible()
                            + ", by which git may run code or trust others");
        }
    }

    private static void push(Invocation call, List<Word> words, Findings own) {
        words.stream().limit(1).forEach(word -> transport(word, own));
        if (!words.isEmpty()) {
            String to = words.getFirst().text();
            if (ADDRESS.matcher(to).matches() || call.scope().namedRemote(to)) {
                own.add(
                        Level.CRITICAL,
                        "net.send",
                        "sends commits to an address that the repository did not know");
            }
        }
        for (Word word : words) {
            String ref = word.text();
            if (ref.startsWith("+")) {
                own.add(Level.CRITICAL, "git.force-push", "replaces history that others have");
            } else if (ref.startsWith(":") && ref.length() > 1) {
                own.add(
                        Level.CRITICAL,
                        "git.delete-remote",
                        "removes a branch or tag at the remote");
            } else if (!word.literal()) {
                own.add(
                        Level.CRITICAL,
                        "git.force-push",
                        "pushes a ref that is known only when it runs");
            }
        }
    }
}
