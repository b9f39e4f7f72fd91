package dev.countersign.gateway;

import dev.countersign.domain.CountersignException;
import dev.countersign.journal.Recorder;
import java.nio.channels.ServerSocketChannel;
import java.util.List;

/// One session's way to its model. Text streams through; an answer that calls tools is held until
/// every call is decided; what cannot be understood is never handed over ([P4]).
public final class ModelGateway implements AutoCloseable {
    /// Takes up what an earlier gateway over the same directory still held in this epoch.
    ///
    /// @throws CountersignException if the directory can't be made private or read
    public ModelGateway(
            GatewaySettings settings, Upstream upstream, AnswerGate gate, Recorder recorder)
            throws CountersignException {}

    /// Serves this socket, unix or loopback TCP, until the gateway is closed. May be called for
    /// several sockets.
    public void listen(ServerSocketChannel server) {}

    /// Voids everything that is held: the VM went back to a checkpoint. Open connections are cut,
    /// so that the agent's retry is asked anew. Call it once the settings' epoch has grown.
    public void newEpoch() {}

    /// What the agent does not have yet, oldest first.
    public List<PendingAnswer> pending() {
        return List.of();
    }

    /// Cuts all connections. Held answers stay in the directory for the next gateway.
    @Override
    public void close() {}
}
