package dev.countersign.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectionTest {
    private static Projection of(Fact... facts) {
        Projection projection = Projection.empty(Instant.EPOCH);
        for (int i = 0; i < facts.length; i++) {
            projection =
                    projection.with(
                            new Entry(
                                    i,
                                    Instant.ofEpochSecond(i),
                                    new SessionId("s-abc"),
                                    0,
                                    facts[i]));
        }
        return projection;
    }

    private static final Fact CHECKPOINT =
            new Fact.CheckpointTaken("c1", "start", true, "start", 1, Duration.ZERO);
    private static final Fact RELEASED = new Fact.Released(GuestText.of("toolu_1"));

    @Test
    void aCheckpointIsFreshUntilACallIsReleased() {
        assertThat(of().checkpointIsFresh()).isFalse();
        assertThat(of(CHECKPOINT).checkpointIsFresh()).isTrue();
        assertThat(of(CHECKPOINT, RELEASED).checkpointIsFresh()).isFalse();
        assertThat(of(RELEASED, CHECKPOINT).checkpointIsFresh()).isTrue();
    }

    @Test
    void aRestoreMakesNoOldCheckpointFresh() {
        Fact restored = new Fact.Restored("c1", "start", 1, List.of(), Duration.ZERO);
        assertThat(of(RELEASED, CHECKPOINT, restored).checkpointIsFresh()).isFalse();
    }

    @Test
    void whatTheModelReadIsSuspectedUntilTheNextMessageOrARestore() {
        Fact suspected =
                new Fact.Suspected(
                        GuestText.of("c1"),
                        List.of("instruction"),
                        List.of("speaks to an agent"),
                        GuestText.of("ignore all"));
        assertThat(of(suspected, RELEASED).suspected()).isEqualTo("speaks to an agent");
        assertThat(of(suspected, new Fact.MessageSent(GuestText.of("go on"))).suspected()).isNull();
        assertThat(
                        of(suspected, new Fact.Restored("c1", "start", 1, List.of(), Duration.ZERO))
                                .suspected())
                .isNull();
    }

    @Test
    void portsOfTheHostLeadIntoTheGuestUntilTheyAreClosed() {
        Fact one = new Fact.PortOpened(3000, 3000);
        Fact other = new Fact.PortOpened(8080, 9000);
        assertThat(of(one, other).ports())
                .containsOnly(Map.entry(3000, 3000), Map.entry(9000, 8080));
        assertThat(of(one, other, new Fact.PortClosed(8080, 9000, "by you")).ports())
                .containsOnlyKeys(3000);
        assertThat(of(one, RELEASED, new Fact.PortClosed(3000, 3000, "by you")).ports()).isEmpty();
    }

    @Test
    void modelsAreThoseThatWereAskedAndAnsweredEachOnce() {
        Projection projection =
                of(
                        asked("claude-a", 200),
                        asked("claude-b", 200),
                        asked("claude-a", 200),
                        asked("none-such", 404),
                        asked("  ", 200));
        assertThat(projection.models())
                .extracting(GuestText::raw)
                .containsExactly("claude-a", "claude-b");
        Fact[] many = new Fact[100];
        for (int i = 0; i < many.length; i++) {
            many[i] = asked(i + "x".repeat(5_000), 200);
        }
        assertThat(of(many).models())
                .hasSizeLessThan(20)
                .allMatch(model -> model.raw().length() <= 100);
    }

    private static Fact asked(String model, int status) {
        return new Fact.ModelAsked(
                GuestText.of(model), 1, 1, status, Duration.ZERO, null, null, null);
    }

    @Test
    void tokensAddUpAndTheAgentComesAndGoes() {
        Fact asked =
                new Fact.ModelAsked(GuestText.of("m"), 100, 7, 200, Duration.ZERO, null, null, 5L);
        Projection running =
                of(
                        new Fact.AgentStarted("mini", GuestText.of("1"), GuestText.of("x")),
                        asked,
                        asked);
        assertThat(running.inputTokens()).isEqualTo(200);
        assertThat(running.outputTokens()).isEqualTo(14);
        assertThat(running.agentRunning()).isTrue();
        assertThat(
                        of(
                                        new Fact.AgentStarted(
                                                "mini", GuestText.of("1"), GuestText.of("x")),
                                        new Fact.StateChanged(
                                                SessionState.RUNNING, SessionState.FAILED, "x"))
                                .agentRunning())
                .isFalse();
    }
}
