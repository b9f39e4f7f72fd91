package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A host directory, a guest directory and a workspace between them.
final class Rig implements AutoCloseable {
    final Path host;
    final Path guest;
    final Path state;
    final LocalLink link = new LocalLink();
    final List<Fact> facts = Collections.synchronizedList(new ArrayList<>());
    final WorkspaceSettings settings;
    Workspace workspace;

    Rig(Path dir) throws Exception {
        this(dir, s -> s);
    }

    interface Change {
        WorkspaceSettings of(WorkspaceSettings settings);
    }

    Rig(Path dir, Change change) throws Exception {
        host = Files.createDirectories(dir.resolve("host"));
        guest = Files.createDirectories(dir.resolve("guest"));
        state = dir.resolve("state");
        settings =
                change.of(
                        WorkspaceSettings.standard(host, state)
                                .withGuest(guest.toString(), null, helper()));
        workspace = open();
    }

    static List<String> helper() {
        return List.of("python3", "-S", "-E", "-I", helperFile().toString());
    }

    static Path helperFile() {
        try {
            return Path.of(
                    java.util.Objects.requireNonNull(
                                    Workspace.class.getResource("/dev/countersign/guest/helper.py"))
                            .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    Workspace open() throws CountersignException {
        return Workspace.open(
                settings, recorder(), Clock.systemUTC(), FaultPoint.none(), NoWatch::new);
    }

    void reopen() throws CountersignException {
        workspace.close();
        workspace = open();
    }

    /// As after kill -9: what an engine writes when it closes is not there.
    void reopenAsAfterAKill() throws Exception {
        workspace.close();
        Files.deleteIfExists(state.resolve("guest-seen"));
        Files.deleteIfExists(state.resolve("host-seen"));
        workspace = open();
        workspace.connect(link);
    }

    Recorder recorder() {
        return fact -> {
            facts.add(fact);
            return new Entry(
                    facts.size() - 1,
                    java.time.Instant.EPOCH,
                    new dev.countersign.domain.SessionId("s-test"),
                    0,
                    fact);
        };
    }

    /// Tests say themselves when to look.
    static final class NoWatch implements HostWatch {
        @Override
        public void start(Path root, Skip skip, Sink sink) {}

        @Override
        public void close() {}
    }

    CopyInReport in() throws Exception {
        CopyInReport report = workspace.copyIn(link, Progress.none());
        workspace.connect(link);
        return report;
    }

    // -- files

    static void write(Path root, String path, String text) {
        writeBytes(root, path, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static void writeBytes(Path root, String path, byte[] bytes) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static @Nullable String read(Path root, String path) {
        try {
            Path file = root.resolve(path);
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    ? Files.readString(file)
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All files below, with their content or target, but those of git.
    static Map<String, String> tree(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            Map<String, String> tree = new TreeMap<>();
            for (Path file : all.toList()) {
                String path = root.relativize(file).toString();
                if (path.equals(".git") || path.startsWith(".git/")) {
                    continue;
                }
                if (Files.isSymbolicLink(file)) {
                    tree.put(path, "-> " + Files.readSymbolicLink(file));
                } else if (Files.isRegularFile(file)) {
                    tree.put(
                            path,
                            (Files.isExecutable(file) && executable(file) ? "x " : "")
                                    + new String(
                                            Files.readAllBytes(file),
                                            java.nio.charset.StandardCharsets.ISO_8859_1));
                }
            }
            return tree;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean executable(Path file) throws IOException {
        return Files.getPosixFilePermissions(file)
                .contains(java.nio.file.attribute.PosixFilePermission.OWNER_EXECUTE);
    }

    static void copyTree(Path from, Path to) throws Exception {
        clear(to);
        run(from, "cp", "-a", from + "/.", to + "/");
    }

    static void clear(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (!file.equals(root)) {
                    Files.delete(file);
                }
            }
        }
    }

    static String run(Path dir, String... argv) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(argv).directory(dir.toFile());
        builder.redirectErrorStream(true);
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        Process process = builder.start();
        process.getOutputStream().close();
        String out =
                new String(
                        process.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new AssertionError(String.join(" ", argv) + " ended " + code + ": " + out);
        }
        return out;
    }

    static void gitInit(Path dir) throws Exception {
        run(dir, "git", "init", "-q", "-b", "main");
        run(dir, "git", "config", "user.name", "Dev");
        run(dir, "git", "config", "user.email", "dev@example.org");
        run(dir, "git", "add", "-A");
        run(dir, "git", "commit", "-q", "--allow-empty", "-m", "first");
    }

    // -- looking

    Review review() throws CountersignException {
        return workspace.review();
    }

    ReviewedFile file(String path) throws CountersignException {
        return review().files().stream()
                .filter(f -> f.path().raw().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(path + " is not listed"));
    }

    ApplyOutcome applyAll() throws CountersignException {
        return workspace.apply(new Choice.All(review().id()), Target.tree());
    }

    ApplyOutcome applyHunk(String path, int n) throws CountersignException {
        String id = file(path).hunks().get(n).id();
        return workspace.apply(new Choice.Hunks(List.of(id)), Target.tree());
    }

    /// A tree that changes while it is read is not as it will be yet.
    private static boolean now(Callable<Boolean> holds) throws Exception {
        try {
            return holds.call();
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /// Waits for what comes by itself. The bound is generous: it only ends a test that would hang.
    static void eventually(Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        java.util.concurrent.CountDownLatch never = new java.util.concurrent.CountDownLatch(1);
        while (!now(holds)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it never came");
            }
            boolean _ = never.await(10, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        workspace.close();
        link.close();
    }
}
