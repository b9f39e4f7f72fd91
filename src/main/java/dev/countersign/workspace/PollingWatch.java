package dev.countersign.workspace;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Asks for a scan again and again: after a second, or after twenty times what the last one took,
/// whichever is longer.
final class PollingWatch implements HostWatch {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(15);
    private static final int SHARE = 20;

    private final ScheduledExecutorService clockwork =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("workspace-poll").factory());
    private volatile Duration took = Duration.ZERO;

    @Override
    public void start(Runnable changed) {
        schedule(changed);
    }

    private void schedule(Runnable changed) {
        Duration wait = took.multipliedBy(SHARE);
        long millis = Math.clamp(wait.toMillis(), SHORTEST.toMillis(), LONGEST.toMillis());
        if (!clockwork.isShutdown()) {
            var _ =
                    clockwork.schedule(
                            () -> {
                                changed.run();
                                schedule(changed);
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void scanTook(Duration time) {
        took = time;
    }

    @Override
    public void close() {
        clockwork.shutdownNow();
    }
}
