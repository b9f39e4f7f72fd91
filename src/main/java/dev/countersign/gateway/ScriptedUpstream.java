package dev.countersign.gateway;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// The bundled model: follows a scenario file in place of a provider, so that the product can be
/// tried and shown without a key. It keeps no state: each answer is worked out from the
/// conversation that the request carries, as a real model's is.
public final class ScriptedUpstream implements Upstream {
    /// @param scenario YAML, closed by the caller
    /// @param pace between two pieces of an answer's text; zero sends it at once
    /// @throws CountersignException if the scenario is not one, with its line
    public ScriptedUpstream(InputStream scenario, Duration pace, RandomGenerator random)
            throws CountersignException {}

    @Override
    public Reply send(Request request) throws IOException {
        throw new IOException("not yet");
    }
}
