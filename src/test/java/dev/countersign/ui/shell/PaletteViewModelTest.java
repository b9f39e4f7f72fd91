package dev.countersign.ui.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PaletteViewModelTest {
    private final PaletteViewModel palette =
            new PaletteViewModel(
                    List.of(
                            Action.of("waiting", "Look", "Shortcut+Enter", () -> true, () -> {}),
                            Action.of("thaw", "Thaw it", "Shortcut+T", () -> false, () -> {}),
                            Action.named("a", "Unfreeze nothing", () -> {}),
                            Action.of(
                                    "freeze-all",
                                    "Freeze all sessions",
                                    "Shortcut+Shift+Alt+PERIOD",
                                    () -> true,
                                    () -> {})));

    private List<String> ids() {
        return palette.found().stream().map(Action::id).toList();
    }

    @Test
    void whatCanNotBeDoneNowIsNotListed() {
        assertThat(ids()).containsExactly("waiting", "a", "freeze-all");
    }

    @Test
    void allWordsMustOccurAndBeginningsComeFirst() {
        palette.typed().set("freeze");
        assertThat(ids()).containsExactly("freeze-all", "a");
        palette.typed().set("sessions free");
        assertThat(ids()).containsExactly("freeze-all");
        palette.typed().set("no such thing");
        assertThat(ids()).isEmpty();
        assertThat(palette.chosen().get()).isEqualTo(-1);
        palette.step(1);
        assertThat(palette.chosen().get()).isEqualTo(-1);
    }

    @Test
    void stepsGoAroundTheEnds() {
        palette.step(-1);
        assertThat(palette.chosen().get()).isEqualTo(2);
        palette.step(1);
        assertThat(palette.chosen().get()).isZero();
    }

    @Test
    void keysAreWrittenAsTheyStandOnTheKeyboard() {
        assertThat(palette.found().getFirst().key()).isEqualTo("Ctrl Enter");
        assertThat(palette.found().getLast().key()).isEqualTo("Ctrl Shift Alt .");
        assertThat(Action.of("x", "x", "Shortcut+EQUALS", () -> true, () -> {}).key())
                .isEqualTo("Ctrl +");
        assertThat(Action.of("x", "x", "Shortcut+1", () -> true, () -> {}).key())
                .isEqualTo("Ctrl 1");
    }
}
