package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves a [Service] on a unix socket: lines of JSON, one object each, both ways.
///
/// The first line of a client is `{"protocol":1}`, the answer `{"hello":{…}}`. Then requests
/// `{"id":1,"call":"session","args":{"id":"s-abc234"}}`, in any number and answered in the order in
/// which they are done: `{"id":1,"result":…}` or `{"id":1,"error":{"kind":"USAGE","message":…}}`.
/// Streams give `{"id":1,"event":…}` as long as the client grants credit (`{"id":1,"more":64}`) and
/// end with `{"id":1,"cancel":true}`. `{"bye":…}` says that the engine ends on purpose.
///
/// The socket is 0600 in a 0700 directory and takes only connections of the same user.
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int MOST_CONNECTIONS = 64;
    private static final Duration GOODBYE = Duration.ofSeconds(2);

    private final Service service;
    private final Path socket;
    private final ServerSocketChannel listener;
    private final Set<ServedConnection> connections = ConcurrentHashMap.newKeySet();
    private final Runnable onChange;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread acceptor = Thread.ofVirtual().name("api-accept").unstarted(this::accept);

    private Server(Service service, Path socket, ServerSocketChannel listener, Runnable onChange) {
        this.service = service;
        this.socket = socket;
        this.listener = listener;
        this.onChange = onChange;
    }

    /// Binds the socket and starts to answer. The socket appears at `socket` by a rename, once it
    /// takes connections: whoever sees it can use it.
    ///
    /// @param onChange called after a client came or went, from its thread; see [#clients()]
    /// @throws CountersignException CONFLICT if another engine answers there, FAILED if the socket
    ///   can't be made
    public static Server open(Service service, Path socket, Runnable onChange)
            throws CountersignException {
        Path place = socket.toAbsolutePath();
        Path fresh = place.resolveSibling(place.getFileName() + ".new");
        try {
            ownDirectory(place);
            refuseSecond(place);
            Files.deleteIfExists(fresh);
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                listener.bind(UnixDomainSocketAddress.of(fresh), MOST_CONNECTIONS);
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
                Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                listener.close();
                throw e;
            }
            Server server = new Server(service, place, listener, onChange);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The engine can't open its socket "
                            + place
                            + ": "
                            + Errors.firstLine(e)
                            + ". Check the directory, or set COUNTERSIGN_HOME to a short path that"
                            + " you own.",
                    e);
        }
    }

    /// As above, without a word about clients.
    public static Server open(Service service, Path socket) throws CountersignException {
        return open(service, socket, () -> {});
    }

    private static void ownDirectory(Path socket) throws IOException {
        Path directory = socket.getParent();
        if (directory == null) {
            throw new IOException("it has no directory");
        }
        Files.createDirectories(directory);
        if (Files.isSymbolicLink(directory)
                || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("its directory is a link");
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    private static void refuseSecond(Path socket) throws CountersignException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            if (probe.isConnected()) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "An engine already answers at "
                                + socket
                                + ". Use it, or end it with `countersign engine stop`.");
            }
        } catch (IOException e) {
            LOG.debug("the socket of an earlier engine is left over: {}", Errors.firstLine(e));
        }
    }

    /// How many clients are connected now.
    public int clients() {
        return connections.size();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                if (!welcome(channel)) {
                    channel.close();
                } else if (connections.size() >= MOST_CONNECTIONS) {
                    Thread.ofVirtual().name("api-full").start(() -> turnAway(channel));
                } else {
                    ServedConnection connection = new ServedConnection(channel, service);
                    connections.add(connection);
                    Thread.ofVirtual().name("api-client").start(() -> serve(connection));
                }
            }
        } catch (ClosedChannelException e) {
            LOG.debug("the engine's socket was closed");
        } catch (IOException e) {
            LOG.error("the engine takes no more clients: {}", Errors.firstLine(e), e);
        }
    }

    private boolean welcome(SocketChannel channel) {
        try {
            if (!Peer.owns(channel, socket)) {
                LOG.warn("a client of another user was turned away");
                return false;
            }
        } catch (IOException e) {
            LOG.warn("a client that can't be named was turned away: {}", Errors.firstLine(e));
            return false;
        }
        return true;
    }

    private void turnAway(SocketChannel channel) {
        ServedConnection.refuse(
                channel,
                new CountersignException(
                        Kind.EXHAUSTED,
                        MOST_CONNECTIONS
                                + " windows and commands are connected to the engine. Close one and"
                                + " try again."));
    }

    private void serve(ServedConnection connection) {
        try {
            onChange.run();
            connection.run();
        } finally {
            connections.remove(connection);
            onChange.run();
        }
    }

    /// Says goodbye to the clients, lets what is queued go out and removes the socket.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.warn("the engine's socket can't be removed: {}", Errors.firstLine(e));
        }
        stopListening();
        connections.forEach(connection -> connection.goodbye(GOODBYE));
    }

    /// Ends everything as a crash would: no goodbye, the socket stays behind. For tests.
    void crash() {
        closed.set(true);
        stopListening();
        connections.forEach(ServedConnection::drop);
    }

    /// The system's socket is closed only once the accepting thread has left it.
    private void stopListening() {
        try {
            listener.close();
            acceptor.join();
        } catch (IOException e) {
            LOG.warn("the listener can't be closed: {}", Errors.firstLine(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
