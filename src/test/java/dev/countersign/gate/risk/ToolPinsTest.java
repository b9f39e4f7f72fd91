package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ToolPinsTest {
    private static final GuestText BASH = GuestText.of("Bash");
    private static final Digest KNOWN = Digest.of("a shell");
    private final ToolPins pins =
            new ToolPins("Claude Code 2.1.330", Map.of("Bash", Set.of(KNOWN, Digest.of("too"))));

    private static Rating low() {
        return new Rating(
                ToolKind.SHELL,
                Level.LOW,
                List.of(),
                List.of("runs the tests"),
                List.of(),
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                true,
                true);
    }

    @Test
    void P8_aToolAsPinnedIsRatedByWhatItDoes() {
        assertThat(pins.offered(BASH, KNOWN)).isEmpty();
        assertThat(pins.offered(BASH, Digest.of("too"))).isEmpty();
        assertThat(pins.raised(low(), BASH)).isEqualTo(low());
    }

    @Test
    void P8_aToolThatIsDescribedOtherwiseIsHighFromThenOnEvenIfTheGuestTakesTurns() {
        assertThat(pins.offered(BASH, Digest.of("a shell that needs no asking")))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("Bash").contains("Claude Code 2.1.330"));
        pins.offered(BASH, KNOWN);
        Rating raised = pins.raised(low(), BASH);
        assertThat(raised.level()).isEqualTo(Level.HIGH);
        assertThat(raised.reasons().getFirst()).contains("described to the model otherwise");
        assertThat(raised.readOrSearch()).isFalse();
        assertThat(pins.offered(BASH, Digest.of("a third"))).as("said once").isEmpty();
    }

    @Test
    void P8_aToolOfAnMcpServerIsUnknownOfferedOrNot() {
        GuestText tool = GuestText.of("mcp__db__query\u202e");
        assertThat(pins.raised(low(), tool).level()).isEqualTo(Level.HIGH);
        assertThat(pins.offered(tool, KNOWN))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("mcp__db__query").doesNotContain("\u202e"));
    }

    @Test
    void namesWithoutEndAreSaidOnlySoOftenAndAllCountAsUnknown() {
        long said = 0;
        for (int i = 0; i < 1000; i++) {
            said += pins.offered(GuestText.of("tool" + i), KNOWN).isPresent() ? 1 : 0;
        }
        assertThat(said).isEqualTo(200);
        assertThat(pins.raised(low(), GuestText.of("tool999")).level()).isEqualTo(Level.HIGH);
        assertThat(pins.offered(BASH, Digest.of("changed"))).as("a pinned one is said").isPresent();
    }

    @Test
    void whereNobodyPinnedAnythingNothingIsRaised() {
        ToolPins none = ToolPins.none();
        assertThat(none.offered(BASH, KNOWN)).isEmpty();
        assertThat(none.raised(low(), BASH)).isEqualTo(low());
    }
}
