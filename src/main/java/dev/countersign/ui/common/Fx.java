package dev.countersign.ui.common;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javafx.application.Platform;

/// The only way onto the toolkit's thread.
public final class Fx {
    private Fx() {}

    /// Runs it on the toolkit's thread, soon, also when called on that thread.
    public static void later(Runnable work) {
        Platform.runLater(work);
    }

    /// Runs it on the toolkit's thread: now if this is it, else soon.
    public static void run(Runnable work) {
        if (Platform.isFxApplicationThread()) {
            work.run();
        } else {
            Platform.runLater(work);
        }
    }

    /// Runs it on the toolkit's thread again and again, with this pause between, for as long as it
    /// says so. Unlike an animation it costs nothing in the pauses.
    public static void every(Duration pause, BooleanSupplier work) {
        CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS, Fx::later)
                .execute(() -> {
                    if (work.getAsBoolean()) {
                        every(pause, work);
                    }
                });
    }
}
