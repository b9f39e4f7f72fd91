package dev.countersign.vm;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Notices that the host slept: wall time went on, the monotonic clock did not. Guests stand still
/// meanwhile too, so their clocks are behind and their connections may be dead.
final class SleepWatch {
    private static final Duration JUMP = Duration.ofSeconds(3);

    private final Clock clock;
    private final LongSupplier nanos;
    private long lastOffset;

    SleepWatch(Clock clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
        this.lastOffset = offset();
    }

    private long offset() {
        return clock.millis() - nanos.getAsLong() / 1_000_000;
    }

    /// Whether the host slept since the last look.
    boolean slept() {
        long now = offset();
        boolean jumped = now - lastOffset > JUMP.toMillis();
        lastOffset = now;
        return jumped;
    }
}
