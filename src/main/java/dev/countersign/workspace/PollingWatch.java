package dev.countersign.workspace;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Asks for a scan again and again: after two seconds, or after twenty times what the last one
/// took, whichever is longer. For what the system can't watch.
final class PollingWatch implements HostWatch {
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(15);
    private static final int SHARE = 20;

    private final ScheduledExecutorService clockwork =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("workspace-poll").factory());
    private volatile Duration took = Duration.ZERO;

    @Override
    public void start(Path root, Skip skip, Sink sink) {
        schedule(sink);
    }

    private void schedule(Sink sink) {
        Duration wait = took.multipliedBy(SHARE);
        long millis = Math.clamp(wait.toMillis(), SHORTEST.toMillis(), LONGEST.toMillis());
        if (!clockwork.isShutdown()) {
            var _ =
                    clockwork.schedule(
                            () -> {
                                sink.changed("");
                                schedule(sink);
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
