package dev.countersign.vm;

import java.lang.ref.WeakReference;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices that the host slept: wall time went on, the monotonic clock did not. Guests stand still
/// meanwhile too, so their clocks are behind and their connections may be dead.
final class SleepWatch {
    private static final Logger LOG = LoggerFactory.getLogger(SleepWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration JUMP = Duration.ofSeconds(3);

    private final Clock clock;
    private final LongSupplier nanos;
    private final List<WeakReference<LimaVm>> vms = new CopyOnWriteArrayList<>();
    private long lastOffset;

    SleepWatch(Clock clock) {
        this(clock, System::nanoTime);
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> Thread.ofPlatform().daemon().name("sleep watch").unstarted(task));
        var _ =
                timer.scheduleWithFixedDelay(
                        this::look, LOOK.toSeconds(), LOOK.toSeconds(), TimeUnit.SECONDS);
    }

    SleepWatch(Clock clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
        this.lastOffset = offset();
    }

    void add(LimaVm vm) {
        vms.removeIf(reference -> reference.get() == null);
        vms.add(new WeakReference<>(vm));
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

    private void look() {
        if (!slept()) {
            return;
        }
        LOG.info("the host slept");
        for (WeakReference<LimaVm> reference : vms) {
            LimaVm vm = reference.get();
            if (vm != null) {
                Thread.ofVirtual().name("after sleep").start(vm::hostSlept);
            }
        }
    }
}
