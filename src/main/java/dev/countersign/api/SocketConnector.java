package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// Connects to the socket of an engine that runs, and checks whose it is.
record SocketConnector(Path socket) implements Connector {
    @Override
    public SocketChannel connect() throws CountersignException {
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            if (!Peer.owns(channel, ownDirectory())) {
                channel.close();
                throw new CountersignException(
                        Kind.REFUSED,
                        "The engine's socket "
                                + socket
                                + " is served by another user. Set COUNTERSIGN_HOME to a directory"
                                + " of your own.");
            }
            return channel;
        } catch (IOException | UnsupportedOperationException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "No engine answers at "
                            + socket
                            + ": "
                            + Errors.firstLine(e)
                            + ". Any command that needs one starts it.",
                    e);
        }
    }

    private Path ownDirectory() throws IOException {
        Path directory = socket.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("it has no directory");
        }
        return directory;
    }
}
