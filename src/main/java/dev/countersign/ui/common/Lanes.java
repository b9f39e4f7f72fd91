package dev.countersign.ui.common;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Where work runs: beside the screen or on it. View models take this, so that tests can run all of
/// it on one thread, in steps.
public interface Lanes {
    /// Runs it on a thread of its own; it may block.
    void background(Runnable work);

    /// Runs it on the screen's thread, soon.
    void screen(Runnable work);

    /// Runs it on the screen's thread after a pause. May be called on any thread.
    Pause after(Duration delay, Runnable work);

    /// A pause that can be given up.
    @FunctionalInterface
    interface Pause {
        /// Harmless when it is over.
        void cancel();
    }

    /// Virtual threads and the toolkit.
    static Lanes ofToolkit() {
        return new Lanes() {
            @Override
            public void background(Runnable work) {
                Thread.ofVirtual().name("ui-work").start(work);
            }

            @Override
            public void screen(Runnable work) {
                Fx.later(work);
            }

            @Override
            public Pause after(Duration delay, Runnable work) {
                // Not an animation: while one plays, the toolkit wakes 60 times a second for it.
                AtomicBoolean over = new AtomicBoolean();
                CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, Fx::later)
                        .execute(() -> {
                            if (over.compareAndSet(false, true)) {
                                work.run();
                            }
                        });
                return () -> over.set(true);
            }
        };
    }
}
