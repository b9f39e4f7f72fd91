package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// How a client reaches the engine, each time it has to.
public interface Connector {
    /// Connects to an engine that is there; never starts one.
    ///
    /// @throws CountersignException MISSING if none answers
    SocketChannel connect() throws CountersignException;

    /// Connects, and starts an engine first if none answers and this connector can.
    default SocketChannel connectOrStart() throws CountersignException {
        return connect();
    }

    /// This one, but it never starts an engine and takes it as it is.
    default Connector withoutStart() {
        Connector self = this;
        return new Connector() {
            @Override
            public SocketChannel connect() throws CountersignException {
                return self.connect();
            }
        };
    }

    /// The program's own [Hello#build()]: an idle engine of another build is asked to end and a new
    /// one is started. Empty: any engine will do.
    default Optional<String> build() {
        return Optional.empty();
    }
}
