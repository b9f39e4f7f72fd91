package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Windows, commands and engines that are killed or interrupted while a real session is at work.
/// What is left afterwards is counted: VMs, processes, sockets, directories.
@Tag("vm")
class KillVmTest {
    private static final Duration SOON = Duration.ofMinutes(2);

    /// QEMU has written so much more: it is in the middle of saving the guest's memory.
    private static final long INTO_A_SAVE = 16L << 20;

    /// QEMU has read so much more: it is in the middle of loading it.
    private static final long INTO_A_LOAD = 64L << 20;

    /// A file by itself, then one held call that leaves another, then the end.
    private static final String ONE_HELD_CALL =
            """
            version: 1
            first: make
            again: more
            steps:
              make:
                say: I write a file.
                calls:
                  - write: {path: made.txt, content: "made before\\n"}
                next: held
              held:
                say: I run a script.
                calls:
                  - bash: {command: "python3 -c 'getattr(open(\\"ran.txt\\",\\"a\\"),\\"write\\")(\\"once \\")'"}
                next: done
              done:
                say: Done.
              more:
                say: Nothing more.
            """;

    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        if (desk != null) {
            desk.clear();
        }
    }

    @Test
    void p4AHeldCallOutlivesTheCommandThatStartedItAndAKilledWindow()
            throws IOException, InterruptedException, CountersignException {
        String display = System.getenv("DISPLAY");
        Assumptions.assumeTrue(
                display != null && !display.isBlank(), "no display: run under xvfb-run");
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Desk.Running start = startSession(repository);
        SessionId id = startedSession(start);
        start.awaitOutput("\"type\":\"asked\"");

        assertThat(start.interrupt()).isEqualTo(130);
        assertThat(start.output())
                .contains("Detached. Session " + id + " goes on")
                .contains("countersign session events " + id + " --follow")
                .contains("countersign session stop " + id);
        try (Client engine = desk.connect()) {
            ApprovalView open = Desk.request(engine, id);
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);

            OpenWindow.startToolkit();
            int emptyScreen = OpenWindow.coloursOnScreen();
            long without = desk.connections();
            Desk.Running window = desk.start(desk.window(Path::toAbsolutePath));
            Desk.await(
                    "the window on the screen",
                    () -> {
                        assertThat(window.process().isAlive()).as(window.output()).isTrue();
                        return OpenWindow.coloursOnScreen() > emptyScreen + 8;
                    });
            Desk.await(
                    "the window's connection",
                    () -> {
                        try {
                            return desk.connections() > without;
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            window.process().destroyForcibly().waitFor();

            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            ApprovalView still = Desk.request(engine, id);
            assertThat(still.id()).isEqualTo(open.id());
            assertThat(still.digest()).isEqualTo(open.digest());
            assertThat(ran(engine, id)).as("calls that ran").isZero();

            try (OpenWindow next =
                    OpenWindow.at(
                            desk.home.resolve("engine.sock"), desk.work.resolve("window.json"))) {
                assertThat(next.waiting(open.id()))
                        .contains("ran.txt")
                        .contains(open.digest().brief());
                next.allow();
                Desk.awaitState(engine, id, SessionState.REVIEW);
            }
            assertThat(ran(engine, id)).isEqualTo(1);
            assertThat(text(engine.review(id), "ran.txt")).as("it ran once").isEqualTo("once ");
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
        nothingIsLeft();
    }

    @Test
    void p3AnEngineThatIsKilledDuringACheckpointOrARestoreLosesNothing()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        SessionId id;
        ApprovalView open;
        String staged;
        try (Client engine = desk.engine()) {
            id = engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            open = Desk.request(engine, id);
            engine.createCheckpoint(id, "good");
            Desk.await("what was written to be staged", () -> Desk.hunks(engine, id) == 1);
            staged = text(engine.review(id), "made.txt");
            BooleanSupplier saving = moving(id, "wchar: ", INTO_A_SAVE);
            Thread asking =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    engine.createCheckpoint(id, "half");
                                } catch (CountersignException e) {
                                    // The engine is killed under it.
                                    return;
                                }
                            });
            Desk.awaitClosely("the checkpoint to be on its way", saving);
            desk.killEngine();
            asking.join();
        }
        SessionId session = id;
        try (Client engine = desk.engine()) {
            ApprovalView still = Desk.request(engine, id);
            assertThat(still.id()).isEqualTo(open.id());
            assertThat(still.digest()).isEqualTo(open.digest());
            Desk.await("the session to be taken up", () -> takenUp(engine, session, 1));
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            assertThat(takenCheckpoints(engine, id))
                    .as("the kill was in time")
                    .doesNotContain("half");
            assertThat(Desk.notices(engine, id, "checkpoint"))
                    .singleElement()
                    .asString()
                    .contains("not finished");
            assertThat(names(engine, id)).containsExactly("start", "good");
            assertThat(text(engine.review(id), "made.txt")).isEqualTo(staged);

            engine.createCheckpoint(id, "half");
            assertThat(names(engine, id)).containsExactly("start", "good", "half");

            // Made after the checkpoint: the restore takes it from the guest, not from staging.
            desk.inGuest(id, "echo since > /workspace/since.txt");
            Desk.await("it to be staged", () -> Desk.hunks(engine, session) == 2);
            BooleanSupplier loading = moving(id, "rchar: ", INTO_A_LOAD);
            Thread asking =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    engine.restore(session, "good");
                                } catch (CountersignException e) {
                                    // The engine is killed under it.
                                    return;
                                }
                            });
            Desk.awaitClosely("the restore to be on its way", loading);
            desk.killEngine();
            asking.join();
        }
        try (Client engine = desk.engine()) {
            Desk.await("the session to be taken up", () -> takenUp(engine, session, 2));
            assertThat(Desk.notices(engine, id, "restore"))
                    .singleElement()
                    .asString()
                    .contains("during the restore of checkpoint good");
            assertThat(Desk.facts(engine, id, Fact.Restored.class))
                    .singleElement()
                    .extracting(Fact.Restored::voided)
                    .isEqualTo(List.of(open.id()));
            ApprovalView again = Desk.request(engine, id);
            assertThat(again.id()).isNotEqualTo(open.id());
            assertThat(Desk.asked(again)).isEqualTo(Desk.asked(open));
            assertThat(engine.session(id).epoch()).isEqualTo(1);
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            assertThat(desk.inGuest(id, "ls /workspace"))
                    .contains("made.txt")
                    .doesNotContain("since");
            assertThat(text(engine.review(id), "made.txt")).isEqualTo(staged);
            assertThat(text(engine.review(id), "since.txt")).isEqualTo("since");

            // Allowed, and killed while the checkpoint before its release is taken.
            BooleanSupplier saving = moving(id, "wchar: ", INTO_A_SAVE);
            engine.allow(again.id(), again.digest(), null);
            Desk.awaitClosely("the checkpoint to be on its way", saving);
            desk.killEngine();
        }
        try (Client engine = desk.engine()) {
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(Desk.facts(engine, id, Fact.Decided.class))
                    .filteredOn(decided -> decided.by() == DecidedBy.PERSON)
                    .as("it was decided once")
                    .hasSize(1);
            assertThat(Desk.notices(engine, id, "checkpoint")).hasSize(2);
            assertThat(names(engine, id)).startsWith("start", "good", "half").hasSize(4);
            assertThat(text(engine.review(id), "ran.txt")).as("it ran once").isEqualTo("once ");
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
        nothingIsLeft();
    }

    @Test
    void p3AnEngineThatIsKilledDuringTheCopyInLeavesASessionThatSaysSo()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        byte[] bytes = new byte[100_000];
        long seed = 20261123;
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            random.nextBytes(bytes);
            Files.write(repository.resolve("picture-" + i + ".bin"), bytes);
        }
        Map<String, Digest> before = tree(repository);
        SessionId id;
        try (Client engine = desk.engine()) {
            id = engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            SessionId session = id;
            Desk.awaitClosely(
                    "the copy-in",
                    () ->
                            Desk.notices(engine, session, "preparing")
                                    .contains("copying the workspace"));
            desk.killEngine();
        }
        try (Client engine = desk.engine()) {
            assertThat(Desk.facts(engine, id, Fact.StepDone.class))
                    .as("the kill was in time")
                    .noneMatch(step -> step.step().equals("copy-in"));
            Desk.awaitState(engine, id, SessionState.FAILED);
            assertThat(engine.session(id).why())
                    .contains("The engine ended while the session was being prepared")
                    .contains("Start it again");
            assertThat(tree(repository)).isEqualTo(before);
            assertThat(desk.instances()).isEmpty();
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, false);
            assertThat(engine.sessions()).isEmpty();
        }
        assertThat(tree(repository)).isEqualTo(before);
        nothingIsLeft();
    }

    @Test
    void ctrlCWhilePreparingLeavesNothing()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        for (String moment : List.of("\"id\":", "", "\"step\":\"vm\"")) {
            Desk.Running start = startSession(repository);
            SessionId id = startedSession(start);
            if (moment.isEmpty()) {
                Desk.awaitClosely("the VM", () -> Files.exists(desk.qemuPid(id)));
            } else {
                start.awaitOutput(moment);
            }
            assertThat(start.interrupt()).isEqualTo(130);
            assertThat(start.output())
                    .as("at %s", moment)
                    .contains("Session " + id + " was still being prepared; it was removed.");
            try (Client engine = desk.connect()) {
                assertThat(engine.sessions()).isEmpty();
            }
            assertThat(desk.instances()).isEmpty();
        }
        nothingIsLeft();
    }

    private Desk.Running startSession(Path repository) throws IOException {
        return desk.inForeground(
                "session",
                "start",
                repository.toString(),
                "--agent",
                "mini",
                "--task",
                "do what the scenario says",
                "--mode",
                "post-hoc",
                "--provider",
                desk.scenario(ONE_HELD_CALL),
                "--memory",
                "1024",
                "--json");
    }

    private static SessionId startedSession(Desk.Running start) {
        start.awaitOutput("}");
        String line = start.output().lines().findFirst().orElseThrow();
        assertThat(line).matches("\\{\"id\":\"s-[a-z0-9]{6}\"}");
        return new SessionId(line.substring(7, 15));
    }

    /// True once the session's QEMU has moved so much more than it has by now.
    ///
    /// @param which `rchar: ` for read, `wchar: ` for written, see proc_pid_io(5)
    private BooleanSupplier moving(SessionId id, String which, long bytes) throws IOException {
        Path io = Path.of("/proc", Long.toString(desk.qemu(id).pid()), "io");
        long before = moved(io, which);
        return () -> moved(io, which) > before + bytes;
    }

    private static long moved(Path io, String which) {
        try (Stream<String> lines = Files.lines(io)) {
            return lines.filter(line -> line.startsWith(which))
                    .mapToLong(line -> Long.parseLong(line.substring(which.length()).strip()))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean takenUp(Client engine, SessionId id, int engines) {
        return Desk.notices(engine, id, "engine").size() == engines;
    }

    private static List<String> takenCheckpoints(Client engine, SessionId id)
            throws CountersignException {
        return Desk.facts(engine, id, Fact.CheckpointTaken.class).stream()
                .map(Fact.CheckpointTaken::name)
                .toList();
    }

    private static List<String> names(Client engine, SessionId id) throws CountersignException {
        return engine.checkpoints(id).stream().map(CheckpointView::name).toList();
    }

    private static long ran(Client engine, SessionId id) throws CountersignException {
        return engine.review(id).files().stream()
                .filter(file -> file.path().raw().equals("ran.txt"))
                .count();
    }

    private static String text(ReviewView review, String path) {
        return review.files().stream()
                .filter(file -> file.path().raw().equals(path))
                .findFirst()
                .orElseThrow()
                .hunks()
                .getFirst()
                .lines()
                .getFirst()
                .text()
                .raw();
    }

    private static Map<String, Digest> tree(Path root) throws IOException {
        Map<String, Digest> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(root.relativize(file).toString(), Digest.of(Files.readAllBytes(file)));
            }
        }
        return found;
    }

    /// Ends the engine as a user would, and counts what is left of all that ran.
    private void nothingIsLeft() throws IOException, InterruptedException, CountersignException {
        List<ProcessHandle> family;
        try (Client engine = desk.connect()) {
            ProcessHandle own = ProcessHandle.of(engine.hello().pid()).orElseThrow();
            family = Stream.concat(Stream.of(own), own.descendants()).toList();
        }
        Desk.Ended stopped = desk.run(SOON, "engine", "stop");
        assertThat(stopped.code()).as(stopped.output()).isZero();
        Desk.await(
                "the end of all processes",
                () ->
                        desk.processes().isEmpty()
                                && family.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(desk.instances()).isEmpty();
        assertThat(left(desk.home.resolve("sessions"))).isEmpty();
        try (Stream<Path> all = Files.walk(desk.home)) {
            assertThat(
                            all.filter(path -> Files.exists(path) && !Files.isRegularFile(path))
                                    .filter(path -> !Files.isDirectory(path)))
                    .as("sockets and pipes")
                    .isEmpty();
        }
        Desk.Ended verified = desk.run(SOON, "journal", "verify");
        assertThat(verified.code()).as(verified.output()).isZero();
    }

    private static List<String> left(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.map(path -> path.getFileName().toString()).toList();
        }
    }
}
