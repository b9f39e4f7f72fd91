package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes a branch on to a pull request with the developer's own programs: `git push`, then `gh` or
/// `glab`. All that can be missing is looked for before anything is made.
///
/// git reads the developer's own configuration, since it needs their way to the server; hooks are
/// off: a hook may run files of the tree.
public final class PullRequests {
    private static final int LONGEST = 64 << 10;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s\\p{Cntrl}]{1,500}");

    /// `user@host:path`, as ssh's own tools write it.
    private static final Pattern SCP = Pattern.compile("(?:[^@/:]+@)?([^/:]+):(?!//).*");

    private final Path root;
    private final Map<String, String> environment;
    private final Duration patience;

    /// @param environment of the developer: where the programs are and what they read
    public PullRequests(Path root, Map<String, String> environment) {
        this(root, environment, PATIENCE);
    }

    PullRequests(Path root, Map<String, String> environment, Duration patience) {
        this.root = root;
        this.environment = Map.copyOf(environment);
        this.patience = patience;
    }

    /// Where a branch would go.
    ///
    /// @param remote git's name of it
    /// @param tool `gh` or `glab`
    public record Way(String remote, String tool) {}

    /// Finds the way for a branch that does not exist yet.
    ///
    /// @throws CountersignException MISSING naming what is missing: git, a remote, a tool, a login
    public Way find() throws CountersignException {
        String remote = remote();
        Ran url = git("remote", "get-url", "--push", remote);
        String host = url.code == 0 ? host(url.out.strip()) : "";
        for (String tool : candidates(host)) {
            if (installed(tool)) {
                loggedIn(tool, host);
                return new Way(remote, tool);
            }
        }
        throw new CountersignException(
                Kind.MISSING,
                "Neither of %s is installed, so no pull request can be opened at %s. Install it, or use --to branch:NAME and push it yourself. Nothing was made."
                        .formatted(
                                String.join(" and ", candidates(host)),
                                host.isEmpty() ? remote : GuestText.of(host).visible()));
    }

    private String remote() throws CountersignException {
        Ran listed = git("remote");
        if (listed.code != 0) {
            throw new CountersignException(
                    Kind.MISSING,
                    "git can't read "
                            + root
                            + ": "
                            + brief(listed)
                            + ". A pull request needs a repository. Nothing was made.");
        }
        List<String> remotes = listed.out.lines().filter(line -> !line.isBlank()).toList();
        List<String> wanted = new ArrayList<>();
        Ran branch = git("symbolic-ref", "--quiet", "--short", "HEAD");
        if (branch.code == 0) {
            String name = branch.out.strip();
            wanted.add(setting("branch." + name + ".pushRemote"));
            wanted.add(setting("remote.pushDefault"));
            wanted.add(setting("branch." + name + ".remote"));
        }
        wanted.add("origin");
        for (String name : wanted) {
            if (remotes.contains(name)) {
                return name;
            }
        }
        if (remotes.size() == 1) {
            return remotes.getFirst();
        }
        throw new CountersignException(
                Kind.MISSING,
                remotes.isEmpty()
                        ? "The repository has no remote to push to. Add one (git remote add origin ADDRESS), or use --to branch:NAME. Nothing was made."
                        : "Which of the remotes %s is meant can't be told. Say so with `git config remote.pushDefault NAME`. Nothing was made."
                                .formatted(GuestText.of(String.join(", ", remotes)).visible()));
    }

    private String setting(String key) throws CountersignException {
        Ran read = git("config", "--get", key);
        return read.code == 0 ? read.out.strip() : "";
    }

    static String host(String address) {
        Matcher scp = SCP.matcher(address);
        if (scp.matches()) {
            return scp.group(1).toLowerCase(Locale.ROOT);
        }
        try {
            String host = URI.create(address).getHost();
            return host == null ? "" : host.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static List<String> candidates(String host) {
        if (host.contains("github")) {
            return List.of("gh");
        }
        return host.contains("gitlab") ? List.of("glab") : List.of("gh", "glab");
    }

    private boolean installed(String tool) {
        return program(tool).isPresent();
    }

    /// As the developer's own shell would find it; never from the repository.
    private Optional<Path> program(String name) {
        for (String part : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (part.isEmpty()) {
                continue;
            }
            Path directory = Path.of(part);
            Path file = directory.resolve(name);
            boolean own = directory.isAbsolute() && !file.normalize().startsWith(root.normalize());
            if (own && Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    private void loggedIn(String tool, String host) throws CountersignException {
        List<String> argv = new ArrayList<>(List.of(tool, "auth", "status"));
        if (!host.isEmpty()) {
            argv.addAll(List.of("--hostname", host));
        }
        Ran ran = run(argv, null);
        if (ran.code != 0) {
            throw new CountersignException(
                    Kind.MISSING,
                    "%s is not logged in%s. Run `%s auth login`, or use --to branch:NAME. Nothing was made."
                            .formatted(
                                    tool,
                                    host.isEmpty() ? "" : " at " + GuestText.of(host).visible(),
                                    tool));
        }
    }

    /// Pushes the branch, never over one that is there.
    ///
    /// @throws CountersignException FAILED with what git said; the branch stays
    public void push(Way way, String branch) throws CountersignException {
        String ref = "refs/heads/" + branch;
        // An empty lease: the server must not have this branch yet.
        Ran ran =
                git(
                        "push",
                        "--porcelain",
                        "--no-follow-tags",
                        "--recurse-submodules=no",
                        "--force-with-lease=" + ref + ":",
                        "--",
                        way.remote,
                        ref + ":" + ref);
        if (ran.code != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The branch %s was made and stays, but pushing it to %s failed: %s. Mend that, then: git push %s %s, and open the pull request with %s."
                            .formatted(
                                    branch, way.remote, brief(ran), way.remote, branch, way.tool));
        }
    }

    /// Opens the pull request.
    ///
    /// @return its address, as far as the tool said one
    /// @throws CountersignException FAILED with what the tool said; branch and push stay
    public Optional<GuestText> open(Way way, String branch, String title, String body)
            throws CountersignException {
        boolean hub = way.tool.equals("gh");
        List<String> argv =
                hub
                        ? List.of(
                                "gh",
                                "pr",
                                "create",
                                "--head=" + branch,
                                "--title=" + title,
                                "--body-file=-")
                        : List.of(
                                "glab",
                                "mr",
                                "create",
                                "--source-branch=" + branch,
                                "--title=" + title,
                                "--description=" + body,
                                "--yes");
        Ran ran = run(argv, hub ? body : null);
        if (ran.code != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The branch %s was made and pushed to %s and stays, but %s opened no pull request: %s. Mend that, then: %s."
                            .formatted(
                                    branch,
                                    way.remote,
                                    way.tool,
                                    brief(ran),
                                    hub
                                            ? "gh pr create --head " + branch
                                            : "glab mr create --source-branch " + branch));
        }
        String last = null;
        Matcher found = ADDRESS.matcher(ran.out);
        while (found.find()) {
            last = found.group();
        }
        return Optional.ofNullable(last).map(GuestText::of);
    }

    private static String brief(Ran ran) {
        String said = ran.err.isBlank() ? ran.out : ran.err;
        String text = GuestText.of(said.strip()).visible();
        return text.isEmpty()
                ? "it ended with code " + ran.code
                : text.length() > 600 ? "… " + text.substring(text.length() - 600) : text;
    }

    // -- programs

    private record Ran(int code, String out, String err) {}

    private Ran git(String... words) throws CountersignException {
        List<String> argv = new ArrayList<>(List.of("git", "--no-pager"));
        for (String off :
                List.of(
                        "core.hooksPath=/dev/null",
                        "core.fsmonitor=false",
                        "push.followTags=false",
                        "push.gpgSign=false",
                        "protocol.ext.allow=never")) {
            argv.addAll(List.of("-c", off));
        }
        argv.addAll(List.of("-C", root.toString()));
        argv.addAll(List.of(words));
        return run(argv, null);
    }

    private Ran run(List<String> argv, @Nullable String input) throws CountersignException {
        String name = argv.getFirst();
        Path program =
                program(name)
                        .orElseThrow(() ->
                                new CountersignException(
                                        Kind.MISSING,
                                        name
                                                + " is not installed, or not on the PATH that the"
                                                + " engine was started with. Install it, then"
                                                + " restart the engine (countersign engine stop)."));
        List<String> words = new ArrayList<>(argv);
        words.set(0, program.toString());
        ProcessBuilder builder = new ProcessBuilder(words).directory(root.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        // Nobody is there to be asked.
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        builder.environment().put("GH_PROMPT_DISABLED", "1");
        builder.environment().put("GH_NO_UPDATE_NOTIFIER", "1");
        builder.environment().put("NO_PROMPT", "1");
        builder.environment().put("NO_COLOR", "1");
        try {
            Process process = builder.start();
            try {
                return ended(process, name, input);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, name + " can't be run: " + Failures.text(e) + ". Run it by hand.");
        }
    }

    private Ran ended(Process process, String name, @Nullable String input)
            throws IOException, CountersignException {
        CompletableFuture<byte[]> out = read(process.getInputStream());
        CompletableFuture<byte[]> err = read(process.getErrorStream());
        try (OutputStream in = process.getOutputStream()) {
            if (input != null) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // It does not read: what it says and how it ends tells more.
            out.isDone();
        }
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "%s did not end within %d s. Run it by hand to see what it waits for; what was made before stays."
                                .formatted(name, patience.toSeconds()));
            }
            return new Ran(
                    process.exitValue(),
                    new String(out.get(5, TimeUnit.SECONDS), StandardCharsets.UTF_8),
                    new String(err.get(5, TimeUnit.SECONDS), StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.TIMEOUT, name + " was interrupted. Try again.");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("what it prints can't be read", e);
        }
    }

    private static CompletableFuture<byte[]> read(InputStream from) {
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try (InputStream in = from) {
                        byte[] first = in.readNBytes(LONGEST);
                        in.transferTo(OutputStream.nullOutputStream());
                        all.complete(first);
                    } catch (IOException e) {
                        all.completeExceptionally(e);
                    }
                });
        return all;
    }
}
