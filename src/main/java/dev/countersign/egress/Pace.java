package dev.countersign.egress;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// How fast a guest may open connections: a burst at once, then so many a second. What comes faster
/// waits, in order, so that neither journal nor disk can be filled by asking in vain.
final class Pace {
    private final LongSupplier nanos;
    private final long each;
    private final long burst;
    private long next;

    /// @param perSecond once the burst is used up
    /// @param nanos a clock that only goes forward
    Pace(int burst, int perSecond, LongSupplier nanos) {
        this.nanos = nanos;
        this.each = 1_000_000_000L / perSecond;
        this.burst = burst * each;
        this.next = nanos.getAsLong() - this.burst;
    }

    /// Waits for its turn.
    void await() {
        long until = turn();
        for (long left = until - nanos.getAsLong();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = until - nanos.getAsLong()) {
            LockSupport.parkNanos(left);
        }
    }

    /// When the next one may go.
    synchronized long turn() {
        long earliest = nanos.getAsLong() - burst;
        next = (next - earliest < 0 ? earliest : next) + each;
        return next;
    }
}
