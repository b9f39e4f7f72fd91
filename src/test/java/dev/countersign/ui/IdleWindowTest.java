package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javafx.application.ColorScheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A window in which nothing happens lets the machine sleep.
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
                // The ages of what waits are drawn each second; layout may take a second pulse.
                .isLessThanOrEqualTo(4 * SECONDS);
    }

    @Test
    void aCardThatIsArmedOrNotInFrontIsAtRest() throws InterruptedException {
        var opened = open(_ -> Scenes.afternoon(), ColorScheme.LIGHT, home.resolve("w.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        fx(() -> {
            opened.model().showWaiting(null);
            opened.model().approvals().blurred();
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        fx(() -> {
            opened.model().approvals().blurred();
            return null;
        });
        assertThat(pulsesWithin(SECONDS)).isLessThanOrEqualTo(4 * SECONDS);
    }

    /// Pulses of the toolkit in which the window was laid out, while its own clock ticks.
    private int pulsesWithin(int seconds) throws InterruptedException {
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
