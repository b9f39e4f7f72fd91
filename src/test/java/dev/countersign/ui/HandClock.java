package dev.countersign.ui;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/// Moves only when it is told to.
final class HandClock extends Clock {
    private final AtomicReference<Instant> now;

    HandClock(Instant begin) {
        now = new AtomicReference<>(begin);
    }

    void pass(Duration time) {
        now.updateAndGet(was -> was.plus(time));
    }

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
        return now.get();
    }
}
