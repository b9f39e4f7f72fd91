package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.FakeService;
import dev.countersign.api.ReviewView;
import dev.countersign.cli.CliBench.Ran;
import dev.countersign.cli.tour.SampleRepository;
import dev.countersign.cli.tour.Tour;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.ToolCall;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// The tour on a fake engine, with real files and a real test command on the host.
@Timeout(60)
class TryTest {
    @TempDir Path directory;

    /// What the fake does wrong.
    enum Fault {
        NO_START_CHECKPOINT("the agent works; what is risky waits for you"),
        NO_PLAN("the agent works; what is risky waits for you"),
        NOT_RELEASED("the agent works; what is risky waits for you"),
        NO_RULE("the agent works; what is risky waits for you"),
        NETWORK_REACHED("the agent works; what is risky waits for you"),
        RULE_DENIED_CALL_RAN("review what is staged"),
        HELD_CALL_LEFT_NOTHING("review what is staged"),
        NO_NEW_EPOCH("a checkpoint and a rollback"),
        APPLY_DOES_NOTHING("apply, and run the tests on the host"),
        UNDO_DOES_NOTHING("undo, and apply again"),
        LOG_BROKEN("verify the signed log"),
        NOT_DELETED("delete the session"),
        DENIED_CALL_RELEASED("the agent works; what is risky waits for you"),
        SAMPLE_PASSES_ALREADY("its tests fail on the host, as they should");

        private final String step;

        Fault(String step) {
            this.step = step;
        }
    }

    private static final SampleRepository.Expected EXPECTED =
            new SampleRepository.Expected(
                    List.of(new RelativePath("markers/high")),
                    new RelativePath("markers/denied"),
                    new RelativePath("answer"),
                    "registry.example.org");

    private static final class Sample implements SampleRepository {
        private final String answer;

        Sample(String answer) {
            this.answer = answer;
        }

        @Override
        public void copyTo(Path place) {
            try {
                Files.createDirectory(place);
                Files.writeString(place.resolve("answer"), answer);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public List<String> hostTestCommand() {
            return List.of("sh", "-c", "echo checking; grep -q 42 answer && echo ok");
        }

        @Override
        public String task() {
            return "make the tests pass";
        }

        @Override
        public Expected expected() {
            return EXPECTED;
        }
    }

    /// An engine whose agent plays the tour's scenario.
    private static final class TourService extends FakeService {
        private final Set<Fault> faults;

        TourService(Set<Fault> faults) {
            this.faults = faults;
        }

        private boolean has(Fault fault) {
            return faults.contains(fault);
        }

        @Override
        protected void agent(SessionId id) throws InterruptedException {
            if (!has(Fault.NO_START_CHECKPOINT)) {
                record(
                        id,
                        new Fact.CheckpointTaken(
                                "c0", "start", true, "start", 1, Duration.ofMillis(1)));
            }
            record(
                    id,
                    new Fact.StateChanged(SessionState.PREPARING, SessionState.RUNNING, "ready"));
            record(id, new Fact.AgentStarted("mini", GuestText.of("1"), GuestText.of("mini")));
            List<ReviewView.File> files = new ArrayList<>();
            boolean goOn = has(Fault.NO_PLAN) || held(id, "plan", "make -C src");
            if (goOn) {
                unreachable(id);
                files.add(file("answer"));
                if (held(id, "calls", "npm install left-pad")
                        && !has(Fault.HELD_CALL_LEFT_NOTHING)) {
                    files.add(file("markers/high"));
                }
            }
            if (!has(Fault.NO_RULE)) {
                decide(id, "ruled", Answer.DENIED, DecidedBy.RULE);
            }
            if (has(Fault.RULE_DENIED_CALL_RAN)) {
                files.add(file("markers/denied"));
            }
            stage(new ReviewView(Digest.of(files.toString()).hex(), id, files));
            record(id, new Fact.AgentEnded(0, "done"));
            record(id, new Fact.StateChanged(SessionState.RUNNING, SessionState.REVIEW, "ended"));
        }

        private boolean held(SessionId id, String kind, String command)
                throws InterruptedException {
            String request = "r-" + kind;
            ask(FakeService.request(id, request, kind, Level.HIGH, command, "wants it"));
            boolean allowed = awaitDecision(request) == Answer.ALLOWED;
            if (allowed ? !has(Fault.NOT_RELEASED) : has(Fault.DENIED_CALL_RELEASED)) {
                record(id, new Fact.Released(GuestText.of("toolu_" + request)));
            }
            return allowed;
        }

        private void unreachable(SessionId id) {
            ToolCall call =
                    new ToolCall(
                            GuestText.of("net"),
                            GuestText.of("bash"),
                            GuestText.of("{\"command\":\"curl https://registry.example.org\"}"),
                            GuestText.of("/workspace"));
            record(id, new Fact.Called(call, call.digest(), "gateway", null));
            decide(id, "net", Answer.ALLOWED, DecidedBy.PLAN);
            record(
                    id,
                    new Fact.Returned(
                            GuestText.of("net"),
                            !has(Fault.NETWORK_REACHED),
                            GuestText.of("could not resolve host"),
                            22));
        }

        private void decide(SessionId id, String call, Answer answer, DecidedBy by) {
            record(
                    id,
                    new Fact.Decided(
                            GuestText.of(call),
                            answer,
                            by,
                            Level.HIGH,
                            "rule",
                            null,
                            null,
                            null,
                            null,
                            null));
        }

        private static ReviewView.File file(String path) {
            ReviewView.Hunk hunk =
                    new ReviewView.Hunk("h-" + path, "new", 1, 1, 1, 1, List.of(), null);
            return new ReviewView.File(
                    GuestText.of(path), "edited", Level.LOW, List.of(), false, 1, 1, List.of(hunk));
        }

        @Override
        public ApplyView apply(SessionId id, ApplyRequest request) throws CountersignException {
            ApplyView done = super.apply(id, request);
            write(id, has(Fault.APPLY_DOES_NOTHING) ? "0" : "42");
            return done;
        }

        @Override
        public ApplyView undo(SessionId id) throws CountersignException {
            ApplyView done = super.undo(id);
            write(id, has(Fault.UNDO_DOES_NOTHING) ? "42" : "0");
            return done;
        }

        private void write(SessionId id, String text) throws CountersignException {
            try {
                Files.writeString(Path.of(session(id).directory()).resolve("answer"), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public dev.countersign.api.CheckpointView restore(SessionId id, String checkpoint)
                throws CountersignException {
            return has(Fault.NO_NEW_EPOCH)
                    ? checkpoints(id).getFirst()
                    : super.restore(id, checkpoint);
        }

        @Override
        public dev.countersign.api.VerifyView verify(SessionId id) throws CountersignException {
            return has(Fault.LOG_BROKEN)
                    ? new dev.countersign.api.VerifyView(false, 9, 3, "entry 4 differs", "none")
                    : super.verify(id);
        }

        @Override
        public void delete(SessionId id, boolean dropStaged) throws CountersignException {
            if (!has(Fault.NOT_DELETED)) {
                super.delete(id, dropStaged);
            }
        }
    }

    private CliBench bench(Set<Fault> faults) throws CountersignException {
        CliBench bench = new CliBench(directory, new TourService(faults));
        bench.sample = new Sample(faults.contains(Fault.SAMPLE_PASSES_ALREADY) ? "42" : "0");
        return bench;
    }

    @Test
    void theTourThatAllowsSeesEveryStepAndLeavesTheTestsPassing() throws Exception {
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class))) {
            Ran ran = bench.run("try", "--cli", "--yes-tour");
            assertThat(ran.err()).isEmpty();
            assertThat(ran.code()).isZero();
            assertThat(ran.lines())
                    .filteredOn(line -> line.startsWith("Step "))
                    .hasSize(10)
                    .anyMatch(line -> line.contains("undo, and apply again"));
            assertThat(ran.out()).contains("All 10 steps were seen");
            assertThat(directory.resolve("countersign-tour/answer")).hasContent("42");
            assertThat(bench.service.sessions()).isEmpty();
            assertThat(bench.service.asked())
                    .contains("ALLOWED r-plan", "ALLOWED r-calls")
                    .anyMatch(line -> line.endsWith("scripted:tour"));
        }
    }

    @Test
    void p4TheTourThatDeniesEndsWithTheSampleStillFailing() throws Exception {
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class))) {
            Ran ran = bench.run("try", "--cli", "--answer", "deny");
            assertThat(ran.err()).isEmpty();
            assertThat(ran.code()).isZero();
            assertThat(directory.resolve("countersign-tour/answer")).hasContent("0");
            assertThat(bench.service.asked())
                    .contains("DENIED r-plan denied by the tour")
                    .noneMatch(line -> line.startsWith("apply"));
            assertThat(bench.service.sessions()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0} is noticed")
    @EnumSource(value = Fault.class, names = "DENIED_CALL_RELEASED", mode = Mode.EXCLUDE)
    void aStepThatWasNotReallySeenEndsTheTourWithItsName(Fault fault) throws Exception {
        try (CliBench bench = bench(EnumSet.of(fault))) {
            Ran ran = bench.run("try", "--cli", "--yes-tour");
            assertThat(ran.code()).as(ran.out()).isEqualTo(1);
            assertThat(ran.err()).startsWith("countersign: Step \"" + fault.step + "\"");
            if (fault != Fault.NOT_DELETED) {
                assertThat(bench.service.sessions()).isEmpty();
            }
        }
    }

    @Test
    void p4ADeniedCallThatRanEndsTheTour() throws Exception {
        try (CliBench bench = bench(EnumSet.of(Fault.DENIED_CALL_RELEASED))) {
            Ran ran = bench.run("try", "--cli", "--answer", "deny");
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err()).contains("was DENIED and released");
        }
    }

    @Test
    void theSampleNeverOverwritesWhatIsThere() throws Exception {
        Files.createDirectory(directory.resolve("countersign-tour"));
        Files.createSymbolicLink(
                directory.resolve("countersign-tour-2"), directory.resolve("nowhere"));
        assertThat(Tour.freeName(directory.resolve("countersign-tour")))
                .isEqualTo(directory.resolve("countersign-tour-3"));
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class))) {
            assertThat(bench.run("try", "--cli", "--yes-tour").code()).isZero();
            assertThat(directory.resolve("countersign-tour")).isEmptyDirectory();
            assertThat(directory.resolve("countersign-tour-3/answer")).hasContent("42");
        }
    }

    @Test
    void whereNobodyCanBeAskedItSaysWhichOptionToUse() throws Exception {
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class))) {
            for (String[] wrong :
                    new String[][] {
                        {"try", "--cli"},
                        {"try", "--yes-tour"},
                        {"try", "--cli", "--answer", "maybe"},
                        {"try", "--cli", "--yes-tour", "--answer", "deny"}
                    }) {
                assertThat(bench.run(wrong).code()).as(String.join(" ", wrong)).isEqualTo(2);
            }
            assertThat(directory.resolve("countersign-tour")).doesNotExist();
            assertThat(bench.service.asked()).isEmpty();
        }
    }

    @Test
    void withoutCliItOpensTheWindowOnTheSampleSession() throws Exception {
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class))) {
            List<Optional<SessionId>> opened = new ArrayList<>();
            bench.window =
                    session -> {
                        opened.add(session);
                        return 0;
                    };
            assertThat(bench.run("try").code()).isZero();
            assertThat(opened).containsExactly(Optional.of(new SessionId("s-new100")));
        }
    }

    @Test
    void inTheTerminalAPersonAnswersEachRequestAndQuestion() throws Exception {
        try (CliBench bench = bench(EnumSet.noneOf(Fault.class));
                PipedOutputStream keys = new PipedOutputStream()) {
            bench.in = new PipedInputStream(keys);
            bench.interactive = true;
            Thread person =
                    Thread.ofVirtual()
                            .start(() -> {
                                answer(bench, keys, "request r-plan", "a");
                                answer(bench, keys, "request r-calls", "a");
                                answer(bench, keys, "Apply all of it to", "y");
                                answer(bench, keys, "Undo it", "n");
                            });
            Ran ran = bench.run("try", "--cli", "--dir", directory.resolve("mine").toString());
            person.join();
            assertThat(ran.code()).isZero();
            assertThat(directory.resolve("mine/answer")).hasContent("42");
        }
    }

    private static void answer(CliBench bench, PipedOutputStream keys, String after, String key) {
        try {
            bench.awaitOut(after);
            keys.write((key + "\n").getBytes(StandardCharsets.UTF_8));
            keys.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSampleThatCannotBeTestedIsAClearError() {
        assertThatThrownBy(() ->
                        dev.countersign.cli.tour.HostTests.byProcess()
                                .run(List.of("no-such-program-here"), directory))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("no-such-program-here");
    }
}
