package dev.countersign.egress;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/// The system's time, but never earlier than it was once seen by this process: a clock that is set
/// back gives no ended answer its life again.
final class ForwardClock extends Clock {
    /// The one of this process.
    static final Clock SYSTEM = new ForwardClock(Clock.systemUTC());

    private final Clock clock;
    private final AtomicReference<Instant> latest;

    /// Never earlier than what this clock once said.
    ForwardClock(Clock clock) {
        this.clock = clock;
        this.latest = new AtomicReference<>(clock.instant());
    }

    @Override
    public Instant instant() {
        Instant now = clock.instant();
        return latest.accumulateAndGet(now, (old, read) -> read.isAfter(old) ? read : old);
    }

    @Override
    public ZoneId getZone() {
        return clock.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new ForwardClock(clock.withZone(zone));
    }
}
