package dev.countersign.spine;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.Service;
import dev.countersign.api.SessionView;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.vm.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// One developer's desk for a test: a home of its own with the images and warm bases of this user,
/// the engine as a process that can be killed, commands as processes.
final class Desk {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration CLOSELY = Duration.ofMillis(10);

    /// A call that waits, so that the session stays where it is.
    static final String WAITING =
            """
            version: 1
            first: go
            again: more
            steps:
              go:
                say: I run a script.
                calls:
                  - bash: {command: "python3 -c 'getattr(open(\\"ran.txt\\",\\"a\\"),\\"write\\")(\\"once \\")'"}
                next: done
              done:
                say: Done.
              more:
                say: Nothing more.
            """;

    final Path home;
    final Path work;
    private final List<Process> engines = new ArrayList<>();
    private final List<Process> others = new ArrayList<>();
    private Optional<Path> ownDisk = Optional.empty();

    private Desk(Path home, Path work) {
        this.home = home;
        this.work = work;
    }

    /// Needs a normal user and the guest image; says which is missing.
    static Desk set() throws IOException {
        boolean required = Boolean.getBoolean("countersign.vm.required");
        boolean root = "root".equals(System.getProperty("user.name"));
        Path images = TestImage.usersHome(System.getenv()).resolve("images");
        if (required && (root || !Files.isDirectory(images))) {
            throw new AssertionError("VM tests need a normal user and an image in " + images);
        }
        Assumptions.assumeFalse(root, "limactl refuses root");
        Assumptions.assumeTrue(Files.isDirectory(images), "no guest image in " + images);
        Path home =
                Files.createTempDirectory(
                        "csd",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Path users = TestImage.usersHome(System.getenv());
        Files.createSymbolicLink(home.resolve("images"), images);
        Files.createSymbolicLink(
                home.resolve("bases"), Files.createDirectories(users.resolve("bases")));
        // Guests of a base let in one key. With a key of its own each desk would build a base.
        Files.createDirectory(home.resolve("lima"));
        Files.createSymbolicLink(
                home.resolve("lima/_config"),
                Files.createDirectories(users.resolve("lima/_config")));
        return new Desk(home, Files.createTempDirectory("csw"));
    }

    /// For what needs no VM: a home with nothing in it.
    static Desk bare() throws IOException {
        return new Desk(
                Files.createTempDirectory(
                        "csd",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------"))),
                Files.createTempDirectory("csw"));
    }

    /// A command of the product as a process, in this home.
    ProcessBuilder command(String... words) {
        return program(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path")),
                List.of(words));
    }

    /// The window as a process, as the launcher starts it: the toolkit on the module path, the rest
    /// on the class path.
    ///
    /// @param place how paths are named, such as `Path::toAbsolutePath`
    ProcessBuilder window(UnaryOperator<Path> place) {
        String separator = System.getProperty("path.separator");
        List<String> modules = new ArrayList<>();
        List<String> classes = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(separator, -1)) {
            Path path = Path.of(entry);
            boolean toolkit = path.getFileName().toString().startsWith("javafx-");
            (toolkit ? modules : classes).add(place.apply(path).toString());
        }
        return program(
                List.of(
                        "--enable-native-access=ALL-UNNAMED,javafx.graphics",
                        "-Dprism.order=sw",
                        "--module-path",
                        String.join(separator, modules),
                        "--add-modules",
                        "javafx.controls,javafx.fxml",
                        "-cp",
                        String.join(separator, classes)),
                List.of());
    }

    private ProcessBuilder program(List<String> flags, List<String> words) {
        List<String> argv = new ArrayList<>();
        argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        argv.add("--sun-misc-unsafe-memory-access=allow");
        argv.add("-Xmx512m");
        argv.add("-Dcountersign.log.level=INFO");
        argv.addAll(flags);
        argv.add("dev.countersign.app.Main");
        argv.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(argv).directory(work.toFile());
        builder.environment().put("COUNTERSIGN_HOME", home.toString());
        builder.environment().put("COUNTERSIGN_CONFIG", home.resolve("config").toString());
        builder.environment().put("COUNTERSIGN_ENGINE_IDLE_SECONDS", "20");
        return builder;
    }

    /// What a command printed and how it ended.
    record Ended(int code, String output) {}

    Ended run(Duration deadline, String... words) throws IOException, InterruptedException {
        Path output = Files.createTempFile(work, "output", ".txt");
        Process process =
                command(words)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(emptyFile()))
                        .redirectOutput(output.toFile())
                        .start();
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(
                    String.join(" ", words) + " did not end:\n" + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }

    /// A process that runs while the test goes on, with what it printed so far.
    record Running(Process process, Path said) {
        String output() {
            try {
                return Files.readString(said);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /// Waits until it printed this; fails if it ended before.
        void awaitOutput(String text) {
            await(
                    "\"" + text + "\"",
                    CLOSELY,
                    () -> {
                        boolean alive = process.isAlive();
                        if (output().contains(text)) {
                            return true;
                        }
                        if (!alive) {
                            throw new AssertionError("it ended:\n" + output());
                        }
                        return false;
                    });
        }

        /// Ctrl-C as a terminal gives it: to the whole group, whatever the command has started.
        int interrupt() throws IOException, InterruptedException {
            Process kill =
                    new ProcessBuilder("kill", "-INT", "--", "-" + process.pid())
                            .inheritIO()
                            .start();
            if (kill.waitFor() != 0 || !process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("it does not end:\n" + output());
            }
            return process.exitValue();
        }
    }

    Running start(ProcessBuilder builder) throws IOException {
        Path said = Files.createTempFile(work, "output", ".txt");
        Process process =
                builder.redirectErrorStream(true)
                        .redirectInput(emptyFile())
                        .redirectOutput(said.toFile())
                        .start();
        others.add(process);
        return new Running(process, said);
    }

    /// A command in a process group of its own, as a shell with job control starts it. A test that
    /// runs in the background of a shell would have it ignore Ctrl-C.
    Running inForeground(String... words) throws IOException {
        ProcessBuilder builder = command(words);
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "python3",
                                "-c",
                                "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"));
        argv.addAll(builder.command());
        return start(builder.command(argv));
    }

    /// How a command on a terminal ended.
    ///
    /// @param failed what did not happen; empty if all did
    /// @param restored whether the terminal was set at the end as at the beginning
    record OnTerminal(int code, String failed, String output, boolean restored) {}

    /// A command of the product on a real terminal of 100 by 30, through steps such as `["wait",
    /// "text"]`, `["type", "text"]` and `["size", 80, 24]`, as JSON.
    OnTerminal onTerminal(String steps, String... words) throws IOException, InterruptedException {
        Path script = work.resolve("on_pty.py");
        try (InputStream in = Desk.class.getResourceAsStream("on_pty.py")) {
            Files.copy(
                    Objects.requireNonNull(in),
                    script,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        ProcessBuilder builder = command(words);
        List<String> argv =
                new ArrayList<>(
                        List.of("python3", "-I", script.toString(), "100", "30", steps, "--"));
        argv.addAll(builder.command());
        builder.environment().put("TERM", "xterm-256color");
        Process process = builder.command(argv).redirectErrorStream(true).start();
        others.add(process);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return new com.fasterxml.jackson.databind.ObjectMapper().readValue(said, OnTerminal.class);
    }

    private java.io.File emptyFile() throws IOException {
        return Files.write(work.resolve("nothing"), new byte[0]).toFile();
    }

    /// Gives the next engine's home a file system of its own, in memory, seen by that engine and
    /// what it starts. Skips the test where a normal user can't have one. Linux.
    void onOwnDisk() throws IOException, InterruptedException {
        Path script = work.resolve("own_disk.py");
        try (InputStream in = Desk.class.getResourceAsStream("own_disk.py")) {
            Files.copy(Objects.requireNonNull(in), script);
        }
        Process probe =
                new ProcessBuilder(ownDisk(script, "run", work.toString(), "true"))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        boolean possible = probe.waitFor() == 0;
        if (!possible && Boolean.getBoolean("countersign.vm.required")) {
            throw new AssertionError("this user can't mount in a name space: " + said);
        }
        Assumptions.assumeTrue(possible, "this user can't mount in a name space: " + said);
        ownDisk = Optional.of(script);
    }

    private static List<String> ownDisk(Path script, String... words) {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--user",
                                "--map-current-user",
                                "--mount",
                                "--keep-caps",
                                "python3",
                                "-I",
                                script.toString()));
        argv.addAll(List.of(words));
        return argv;
    }

    /// What runs beside the engine that was started last, where its disk is seen.
    private List<String> beside(String... words) {
        List<String> argv = new ArrayList<>();
        if (ownDisk.isPresent()) {
            argv.addAll(
                    List.of(
                            "nsenter",
                            "--target",
                            Long.toString(engines.getLast().pid()),
                            "--user",
                            "--mount",
                            "--preserve-credentials"));
        }
        argv.addAll(List.of(words));
        return argv;
    }

    /// Makes the engine's own disk so large or small that so many bytes are free.
    void room(long bytes) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                "python3",
                                "-I",
                                ownDisk.orElseThrow().toString(),
                                "room",
                                Long.toString(engines.getLast().pid()),
                                home.toString(),
                                Long.toString(bytes))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("the disk could not be made so large: " + said);
        }
    }

    /// A place in the home, as the engine sees it.
    Path seen(String name) {
        return ownDisk.isEmpty()
                ? home.resolve(name)
                : Path.of("/proc/" + engines.getLast().pid() + "/root" + home).resolve(name);
    }

    /// Starts an engine and connects to it.
    Client engine() throws IOException, CountersignException {
        return engine(Map.of());
    }

    /// As above, with more in its environment.
    Client engine(Map<String, String> environment) throws IOException, CountersignException {
        ProcessBuilder builder = command("engine");
        builder.environment().putAll(environment);
        ownDisk.ifPresent(script -> {
            List<String> argv = ownDisk(script, "run", home.toString());
            argv.addAll(builder.command());
            builder.command(argv);
        });
        Process engine =
                builder.redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        home.resolve("engine.log").toFile()))
                        .start();
        engines.add(engine);
        Path socket = seen("engine.sock");
        Client[] client = new Client[1];
        await(
                "the engine's socket",
                () -> {
                    if (!engine.isAlive()) {
                        throw new AssertionError("the engine ended:\n" + log());
                    }
                    try {
                        client[0] = Client.connect(socket);
                        return true;
                    } catch (CountersignException e) {
                        return false;
                    }
                });
        return client[0];
    }

    /// kill -9 for the engine that was started last.
    void killEngine() throws InterruptedException {
        engines.getLast().destroyForcibly().waitFor();
    }

    /// Connects to the engine that a command or a window started.
    Client connect() throws CountersignException {
        return Client.connect(home.resolve("engine.sock"));
    }

    /// How many connections the engine has, as the kernel counts them. Linux.
    long connections() throws IOException {
        // The path is that of its birth: it is bound as engine.sock.new and moved.
        String socket = " " + home.resolve("engine.sock");
        try (Stream<String> lines = Files.lines(Path.of("/proc/net/unix"))) {
            // The sixth column is the state; 03 is connected, the listener itself is 01.
            return lines.filter(line -> line.contains(socket))
                    .filter(line -> line.split(" +", -1)[5].equals("03"))
                    .count();
        }
    }

    /// The QEMU of a session's VM.
    ProcessHandle qemu(SessionId id) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(qemuPid(id)).strip()))
                .orElseThrow();
    }

    Path qemuPid(SessionId id) {
        return home.resolve("lima").resolve(id.value()).resolve("qemu.pid");
    }

    /// Runs a script as the guest's root, beside the product: over the connection that it holds.
    String inGuest(SessionId id, String script) throws IOException, InterruptedException {
        Process ssh =
                new ProcessBuilder(
                                beside(
                                        "ssh",
                                        "-F",
                                        home.resolve("lima/" + id + "/s/config").toString(),
                                        "-T",
                                        "countersign-" + id,
                                        "sh -s"))
                        .redirectErrorStream(true)
                        .start();
        try (var in = ssh.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(ssh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (ssh.waitFor() != 0) {
            throw new AssertionError(script + " failed in the guest: " + said);
        }
        return said.strip();
    }

    /// A repository with one file.
    Path repository(String name, String file, String content) throws IOException {
        Path repository = Files.createDirectory(work.resolve(name));
        Files.writeString(repository.resolve(file), content);
        return repository;
    }

    /// A scenario for the bundled model.
    String scenario(String yaml) throws IOException {
        Path file = Files.createTempFile(work, "scenario", ".yaml");
        Files.writeString(file, yaml, StandardCharsets.UTF_8);
        return "scripted:" + file.toAbsolutePath();
    }

    static StartRequest request(Path repository, String provider) {
        return new StartRequest(
                repository.toString(),
                "mini",
                "do what the scenario says",
                Mode.POST_HOC,
                null,
                null,
                null,
                provider,
                1024,
                null);
    }

    /// All entries of a session so far.
    static List<Entry> entries(Service engine, SessionId id) throws CountersignException {
        long last = engine.session(id).lastSeq();
        List<Entry> entries = new CopyOnWriteArrayList<>();
        try (var _ = engine.events(id, 0, entries::add)) {
            await("the journal", () -> entries.size() > last);
        }
        return entries;
    }

    static <T extends Fact> List<T> facts(Service engine, SessionId id, Class<T> kind)
            throws CountersignException {
        return entries(engine, id).stream()
                .map(Entry::fact)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /// The session's journal for a person to read, where a test fails.
    static String story(Service engine, SessionId id) {
        try {
            return entries(engine, id).stream()
                    .map(entry -> entry.seq() + " " + entry.at() + " " + entry.fact())
                    .map(line -> line.substring(0, Math.min(300, line.length())))
                    .collect(Collectors.joining("\n"));
        } catch (CountersignException e) {
            return e.getMessage();
        }
    }

    /// What the session's journal notices under a topic.
    static List<String> notices(Service engine, SessionId id, String topic) {
        try {
            return facts(engine, id, Fact.Noticed.class).stream()
                    .filter(noticed -> noticed.topic().equals(topic))
                    .map(Fact.Noticed::message)
                    .toList();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    /// How many changes wait for review.
    static int hunks(Service engine, SessionId id) {
        try {
            return engine.session(id).stagedHunks();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits for a request of the session and returns it.
    static ApprovalView request(Service engine, SessionId id) {
        ApprovalView[] found = new ApprovalView[1];
        await(
                "a request of " + id,
                () -> {
                    try {
                        SessionView view = engine.session(id);
                        if (view.state() == SessionState.FAILED) {
                            throw new AssertionError("the session failed: " + view.why());
                        }
                        List<ApprovalView> open = engine.approvals(Optional.of(id));
                        if (open.isEmpty()) {
                            return false;
                        }
                        found[0] = open.getFirst();
                        return true;
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        return found[0];
    }

    /// Waits until another request than that one is the first that is open.
    static ApprovalView requestAfter(Service engine, SessionId id, ApprovalView known) {
        ApprovalView[] found = {known};
        await(
                "a request after " + known.id(),
                () -> {
                    found[0] = request(engine, id);
                    return !found[0].id().equals(known.id());
                });
        return found[0];
    }

    /// What a request asks for. A model that is asked anew gives its calls other ids.
    static List<String> asked(ApprovalView request) {
        return request.calls().stream().map(call -> call.argumentsJson().raw()).toList();
    }

    static void awaitState(Service engine, SessionId id, SessionState state) {
        await(
                id + " to be " + state,
                () -> {
                    try {
                        SessionView view = engine.session(id);
                        if (view.state() == SessionState.FAILED && state != SessionState.FAILED) {
                            throw new AssertionError("the session failed: " + view.why());
                        }
                        return view.state() == state;
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /// Looks four times a second: the things waited for are processes, which have no condition.
    static void await(String what, BooleanSupplier seen) {
        await(what, Duration.ofMillis(250), seen);
    }

    /// As above, for what is over in a moment.
    static void awaitClosely(String what, BooleanSupplier seen) {
        await(what, CLOSELY, seen);
    }

    private static void await(String what, Duration pause, BooleanSupplier seen) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!seen.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(pause.toNanos());
        }
    }

    /// Names of what lies in the private LIMA_HOME.
    List<String> instances() throws IOException {
        Path lima = home.resolve("lima");
        if (!Files.isDirectory(lima)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(lima)) {
            return found.map(path -> path.getFileName().toString())
                    .filter(name -> !name.startsWith("_"))
                    .toList();
        }
    }

    /// Processes that were started from this home.
    List<String> processes() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(home + "/"))
                .toList();
    }

    String log() {
        try {
            return Files.readString(home.resolve("engine.log"));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /// Ends what was started and removes both directories.
    void clear() throws IOException, InterruptedException {
        others.forEach(Process::destroyForcibly);
        endStartedEngine();
        for (Process engine : engines) {
            if (engine.isAlive()) {
                engine.destroy();
                if (!engine.waitFor(20, TimeUnit.SECONDS)) {
                    engine.destroyForcibly().waitFor();
                }
            }
        }
        // What a failed test left: VMs of this home alone.
        ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .map(line -> line.contains(home + "/lima/"))
                                .orElse(false))
                .forEach(ProcessHandle::destroyForcibly);
        for (Path directory : List.of(home, work)) {
            try (Stream<Path> tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    /// One that a command or a window started.
    private void endStartedEngine() throws InterruptedException {
        if (engines.stream().anyMatch(Process::isAlive)) {
            return;
        }
        try (Client client = connect()) {
            ProcessHandle engine = ProcessHandle.of(client.hello().pid()).orElseThrow();
            engine.destroy();
            await("the engine's end", () -> !engine.isAlive());
        } catch (CountersignException e) {
            // None answers.
            return;
        }
    }
}
