package dev.countersign.api;

import dev.countersign.domain.CountersignException;

/// Told how the connection to the engine stands.
public interface ConnectionListener {
    /// The engine answers; streams go on.
    void connected();

    /// It does not; what is shown may be old. The client keeps trying.
    ///
    /// @param why a sentence for the developer
    void disconnected(String why);

    /// A stream could not be taken up again, such as that of a session that was deleted meanwhile.
    default void streamEnded(CountersignException why) {}
}
