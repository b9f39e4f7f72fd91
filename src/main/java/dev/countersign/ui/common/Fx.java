package dev.countersign.ui.common;

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
}
