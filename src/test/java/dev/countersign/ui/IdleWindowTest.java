package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javafx.application.ColorScheme;
import javafx.css.PseudoClass;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A window in which nothing happens lets the machine sleep. Runs before the other windows of its
/// process: the toolkit keeps the caret of a field blinking whose window was closed, and a blinking
/// caret wakes it 60 times a second.
@Order(1)
class IdleWindowTest extends WindowTest {
    /// Ticks of the window's own second that are looked at.
    private static final int SECONDS = 4;

    @TempDir Path home;

    @Test
    void withoutNewsOnlyTheSecondsTickIsDrawn() throws InterruptedException {
        open(_ -> Scenes.afternoon(), ColorScheme.LIGHT, home.resolve("w.json"));
        settle();
        assertThat(pulsesWithin(SECONDS))
                .as("a running session and two waiting calls are on screen")
                // A few for what the window asks the engine now and then; an animation needs 60.
                .isLessThanOrEqualTo(4 * SECONDS);
    }

    @Test
    void aCardThatIsArmedIsAtRest() throws InterruptedException {
        var opened =
                open(
                        _ -> Scenes.afternoon(),
                        ColorScheme.LIGHT,
                        home.resolve("w.json"),
                        Clock.systemUTC());
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until(
                "it is armed",
                () ->
                        there("#allow")
                                && !node("#allow")
                                        .getPseudoClassStates()
                                        .contains(PseudoClass.getPseudoClass("unarmed")));
        assertThat(pulsesWithin(SECONDS)).isLessThanOrEqualTo(4 * SECONDS);
    }

    /// Pulses of the toolkit in which the window was laid out, while its own clock ticks.
    private int pulsesWithin(int seconds) throws InterruptedException {
        assumeTrue(
                Boolean.TRUE.equals(fx(IdleWindowTest::quiet)),
                "an animation of an earlier test's closed window still runs in this process");
        return count(seconds);
    }

    /// Whether no window but this test's one was opened in this process.
    private static boolean quiet() {
        return OPENED.get() <= 2;
    }

    private int count(int seconds) throws InterruptedException {
        AtomicInteger pulses = new AtomicInteger();
        Runnable count = pulses::incrementAndGet;
        CountDownLatch over = new CountDownLatch(seconds);
        fx(() -> {
            var now = stage;
            if (now != null) {
                now.getScene().addPreLayoutPulseListener(count);
            }
            return null;
        });
        dev.countersign.ui.common.Fx.every(
                java.time.Duration.ofSeconds(1),
                () -> {
                    over.countDown();
                    return over.getCount() > 0;
                });
        assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        return pulses.get();
    }
}
