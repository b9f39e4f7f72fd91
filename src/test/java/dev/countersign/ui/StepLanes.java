package dev.countersign.ui;

import dev.countersign.ui.common.Lanes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/// All lanes on one thread, in the order in which work came, and a clock that moves only when it is
/// told to.
public final class StepLanes implements Lanes {
    private record Timed(Instant at, long number, Runnable work) {}

    private final Deque<Runnable> queue = new ArrayDeque<>();
    private final List<Timed> timed = new ArrayList<>();
    private Instant now = Scenes.NOW;
    private long number;
    private boolean running;

    @Override
    public void background(Runnable work) {
        queue.add(work);
    }

    @Override
    public void screen(Runnable work) {
        queue.add(work);
    }

    @Override
    public Pause after(Duration delay, Runnable work) {
        Timed each = new Timed(now.plus(delay), number++, work);
        timed.add(each);
        return () -> timed.remove(each);
    }

    /// Runs what is there, and what follows from it.
    public void run() {
        if (running) {
            return;
        }
        running = true;
        while (!queue.isEmpty()) {
            queue.remove().run();
        }
        running = false;
    }

    /// Lets time pass.
    public void pass(Duration time) {
        run();
        Instant until = now.plus(time);
        while (true) {
            Timed next =
                    timed.stream()
                            .filter(each -> !each.at().isAfter(until))
                            .min(Comparator.comparing(Timed::at).thenComparingLong(Timed::number))
                            .orElse(null);
            if (next == null) {
                break;
            }
            timed.remove(next);
            now = next.at();
            next.work().run();
            run();
        }
        now = until;
    }

    /// The clock of these lanes.
    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
    }
}
