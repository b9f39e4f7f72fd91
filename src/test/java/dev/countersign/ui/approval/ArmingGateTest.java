package dev.countersign.ui.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.ui.approval.ArmingGate.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArmingGateTest {
    private static final Instant T = Instant.parse("2026-11-23T14:03:00Z");
    private final ArmingGate gate = new ArmingGate(ArmingGate.USUAL);

    private static Instant at(long millis) {
        return T.plusMillis(millis);
    }

    @Test
    void isOffUntilTheWindowIsInFrontAndAllOfItWasSeen() {
        assertThat(gate.state(at(5000))).isEqualTo(State.OFF);
        gate.focused(at(0));
        assertThat(gate.state(at(5000))).isEqualTo(State.OFF);
        assertThat(gate.accepts(at(5000))).isFalse();
        gate.seen(at(6000));
        assertThat(gate.state(at(6699))).isEqualTo(State.ARMING);
        assertThat(gate.state(at(6700))).isEqualTo(State.ARMED);
    }

    @Test
    void acceptsAPressOnlyAfterTheDelay() {
        gate.focused(at(0));
        gate.seen(at(0));
        assertThat(gate.accepts(at(700))).isTrue();
    }

    @Test
    void anEarlyPressStartsTheDelayAgainSoABurstOfClicksNeverAllows() {
        gate.focused(at(0));
        gate.seen(at(0));
        for (int i = 1; i <= 20; i++) {
            assertThat(gate.accepts(at(i * 600L))).isFalse();
        }
        assertThat(gate.accepts(at(20 * 600 + 699))).isFalse();
        assertThat(gate.accepts(at(20 * 600 + 699 + 700))).isTrue();
    }

    @Test
    void losingTheFocusDisarmsAndComingBackStartsTheDelayAgain() {
        gate.focused(at(0));
        gate.seen(at(0));
        gate.disturbed();
        assertThat(gate.accepts(at(5000))).isFalse();
        gate.focused(at(6000));
        assertThat(gate.accepts(at(6699))).isFalse();
        assertThat(gate.accepts(at(6699 + 700))).isTrue();
    }

    @Test
    void movingTheWindowStartsTheDelayAgain() {
        gate.focused(at(0));
        gate.seen(at(0));
        gate.moved(at(650));
        assertThat(gate.state(at(1349))).isEqualTo(State.ARMING);
        assertThat(gate.state(at(1350))).isEqualTo(State.ARMED);
        gate.moved(at(2000));
        assertThat(gate.state(at(2001))).isEqualTo(State.ARMING);
    }

    @Test
    void somethingNewToSeeDisarms() {
        gate.focused(at(0));
        gate.seen(at(0));
        gate.unseen();
        assertThat(gate.state(at(9000))).isEqualTo(State.OFF);
    }

    @Test
    void aCriticalCallTakesLonger() {
        ArmingGate critical = new ArmingGate(ArmingGate.CRITICAL);
        critical.focused(at(0));
        critical.seen(at(0));
        assertThat(critical.state(at(1499))).isEqualTo(State.ARMING);
        assertThat(critical.state(at(1500))).isEqualTo(State.ARMED);
    }

    @Test
    void aClockThatIsSetBackNeverShortensTheWait() {
        gate.focused(at(10_000));
        gate.seen(at(10_000));
        assertThat(gate.state(at(0))).isEqualTo(State.ARMING);
        assertThat(gate.left(at(0))).isEqualTo(Duration.ofMillis(700));
        assertThat(gate.progress(at(0))).isZero();
        assertThat(gate.progress(at(10_350))).isEqualTo(0.5);
        assertThat(gate.progress(at(99_999))).isEqualTo(1);
    }

    @Test
    void beingToldTwiceThatItIsInFrontDoesNotStartAgain() {
        gate.focused(at(0));
        gate.seen(at(0));
        gate.focused(at(600));
        gate.seen(at(600));
        assertThat(gate.state(at(700))).isEqualTo(State.ARMED);
    }
}
