package dev.countersign.ui;

import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.ServiceSource;
import dev.countersign.ui.shell.Desk;

/// The front door of the window. [#launch] is all that the composition root calls:
///
/// ```java
/// Window.launch(
///         onLost -> Client.connectOrStart(paths, onLost),
///         new LaunchOptions(version, paths.home().resolve("window.json"), choices, null, null, prompt, control -> {}));
/// ```
public final class Window {
    private Window() {}

    /// Starts the toolkit, opens the window and blocks until it is closed. Closing it leaves the
    /// sessions as they are. May be called once in a process, from any thread but the toolkit's.
    ///
    /// The engine is reached through `source`, on a thread of its own, so the window is there
    /// before the engine is; if the engine goes away, `source` is asked again with a growing pause.
    ///
    /// @throws InterruptedException if the caller was interrupted; the window is closed then
    public static void launch(ServiceSource source, LaunchOptions options)
            throws InterruptedException {
        Desk.open(source, options);
    }
}
