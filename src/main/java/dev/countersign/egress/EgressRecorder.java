package dev.countersign.egress;

import java.io.IOException;

/// Writes down what the proxy is about to do.
@FunctionalInterface
public interface EgressRecorder {
    /// Called before the event takes effect.
    ///
    /// @throws IOException if it could not be written down: then it does not take effect
    void record(EgressEvent event) throws IOException;
}
