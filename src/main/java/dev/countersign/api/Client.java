package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;

/// The engine, as window and command line see it: a [Service] over the socket.
///
/// Calls may come from any thread; a slow one holds up no other. A call that is under way when the
/// connection is lost fails with FAILED and is not repeated. A stream is taken up again by itself
/// on the next connection, events from the last sequence number that was seen, without gaps or
/// doubles.
///
/// ```java
/// try (Client engine = Client.connect(socket)) {
///     engine.sessions().forEach(session -> show(session));
/// }
/// ```
public interface Client extends Service, AutoCloseable {
    /// Connects to an engine that runs.
    ///
    /// @throws CountersignException MISSING if none answers
    static Client connect(Path socket) throws CountersignException {
        return connect(new SocketConnector(socket));
    }

    /// Connects by this connector, and again by it whenever the connection was lost.
    static Client connect(Connector connector) throws CountersignException {
        return RemoteService.open(connector);
    }

    /// Tells this listener when the connection comes and goes, from a thread of the client's. Given
    /// after a loss it is told at once.
    void onConnection(ConnectionListener listener);

    /// Ends the connection and all streams. The engine and its sessions go on.
    @Override
    void close();
}
