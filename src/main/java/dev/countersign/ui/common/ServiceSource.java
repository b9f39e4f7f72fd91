package dev.countersign.ui.common;

import dev.countersign.api.Service;
import dev.countersign.domain.CountersignException;

/// Where the window gets its engine from: connects, and starts the engine if there is none.
@FunctionalInterface
public interface ServiceSource {
    /// Connects. Called on a background thread, again after each loss; may block.
    ///
    /// @param onLost to be run, on any thread, once the connection is gone; more than once is
    ///   harmless, and a source that can't tell may leave it: the window asks every few seconds
    /// @throws CountersignException thing, reason and next step, shown while the window tries again
    Service open(Runnable onLost) throws CountersignException;
}
