package dev.countersign.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import dev.countersign.journal.Journals;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a real journal says of checkpoints and restores, to this engine and to the next.
class SessionLogTest {
    private static final SessionId ID = new SessionId("s-abcdef");

    @TempDir Path home;
    private Journals journals;
    private SessionLog log;

    @BeforeEach
    void begin() throws CountersignException {
        open();
    }

    @AfterEach
    void end() {
        journals.close();
    }

    private void open() throws CountersignException {
        journals = Journals.open(home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
        log = new SessionLog(journals.open(ID, new Redactor()), Instant.EPOCH, () -> {});
    }

    private void nextEngine() throws CountersignException {
        journals.close();
        open();
    }

    private static Fact.CheckpointTaken taken(String id) {
        return new Fact.CheckpointTaken(id, "name of " + id, true, "why", 7, Duration.ZERO);
    }

    private static Fact.Restored restored(int epoch, String... voided) {
        return new Fact.Restored("c1", "start", epoch, List.of(voided), Duration.ZERO);
    }

    private long decide(String request) throws CountersignException {
        return log.record(
                        new Fact.Decided(
                                GuestText.of("call of " + request),
                                Answer.ALLOWED,
                                DecidedBy.PERSON,
                                Level.HIGH,
                                "mode step",
                                request,
                                Digest.of(request),
                                null,
                                Duration.ZERO,
                                null))
                .seq();
    }

    private void call(String id) throws CountersignException {
        ToolCall call =
                new ToolCall(
                        GuestText.of(id),
                        GuestText.of("shell"),
                        GuestText.of("{\"command\":\"ls\"}"),
                        GuestText.of("/workspace"));
        log.record(new Fact.Called(call, call.digest(), "gateway", null));
    }

    private List<String> handedOver() throws CountersignException {
        return log.handedOver().stream().map(called -> called.call().id().raw()).toList();
    }

    @Test
    void theNextEngineKnowsWhichCallsTheAgentHasAndHasNotReported() throws CountersignException {
        for (String id : List.of("held", "handed", "reported")) {
            call(id);
        }
        log.record(new Fact.Released(GuestText.of("handed")));
        log.record(new Fact.Released(GuestText.of("reported")));
        log.record(new Fact.Returned(GuestText.of("reported"), false, GuestText.of("ok"), 2));
        nextEngine();
        assertThat(handedOver()).containsExactly("handed");
        log.record(restored(1));
        assertThat(handedOver()).isEmpty();
        log.record(new Fact.Released(GuestText.of("held")));
        assertThat(handedOver()).as("a call of the abandoned epoch").isEmpty();
    }

    @Test
    void aCheckpointIsOnRecordUntilItIsDropped() throws CountersignException {
        assertThat(log.checkpointOnRecord("c1")).isEmpty();
        long seq = log.record(taken("c1")).seq();
        nextEngine();
        assertThat(log.checkpointOnRecord("c1"))
                .hasValueSatisfying(found -> {
                    assertThat(found.name()).isEqualTo("name of c1");
                    assertThat(found.seq()).isEqualTo(seq);
                    assertThat(found.bytes()).isEqualTo(7);
                });
        log.record(new Fact.CheckpointDropped("c1", "name of c1", "limit"));
        assertThat(log.checkpointOnRecord("c1")).isEmpty();
    }

    @Test
    void whatWasDecidedAfterACheckpointIsKnownUntilARestoreVoidsIt() throws CountersignException {
        decide("r-early");
        long checkpoint = log.record(taken("c1")).seq();
        decide("r-one");
        decide("r-two");
        assertThat(log.decidedSince(checkpoint)).containsExactly("r-one", "r-two");
        log.record(restored(1, "r-one", "r-two"));
        decide("r-three");
        assertThat(log.decidedSince(checkpoint)).containsExactly("r-three");
    }

    @Test
    void aRestoreIsOpenUntilItIsDoneOrHasFailed() throws CountersignException {
        assertThat(log.openRestore()).isEmpty();
        log.record(restored(1));
        log.record(new Fact.Noticed("warning", "restore", "is done again"));
        nextEngine();
        assertThat(log.openRestore()).map(Fact.Restored::epoch).contains(1);
        log.record(new Fact.StepDone("restore", "start", Duration.ZERO));
        assertThat(log.openRestore()).isEmpty();
        log.record(restored(2));
        log.record(new Fact.Noticed("error", "restore", "failed"));
        assertThat(log.openRestore()).isEmpty();
    }
}
