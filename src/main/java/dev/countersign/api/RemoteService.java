package dev.countersign.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The client's side of the socket: turns calls of [Service] into frames and keeps streams alive
/// over lost connections.
final class RemoteService implements InvocationHandler {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteService.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    /// After so many vain starts it only waits for an engine that somebody else starts.
    private static final int MOST_STARTS = 3;

    private final Connector connector;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, ClientStream> streams = new ConcurrentHashMap<>();
    private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();

    /// Held while connecting, so that two callers make one connection.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition closing = lock.newCondition();
    private final ExecutorService teller =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("api-tell").factory());
    private @Nullable ClientConnection current;
    private boolean retrying;
    private volatile boolean closed;
    private @Nullable String lost;

    private RemoteService(Connector connector) {
        this.connector = connector;
    }

    static Client open(Connector connector) throws CountersignException {
        RemoteService remote = new RemoteService(connector);
        remote.connection(true);
        return (Client)
                Proxy.newProxyInstance(
                        Client.class.getClassLoader(), new Class<?>[] {Client.class}, remote);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
            throws CountersignException {
        @Nullable Object[] args = given == null ? new @Nullable Object[0] : given;
        Contract.Operation operation =
                method.getDeclaringClass() == Service.class
                        ? Contract.named(method.getName())
                        : null;
        if (operation != null) {
            return operation.element() == null ? call(operation, args) : subscribe(operation, args);
        }
        return switch (method.getName()) {
            case "close" -> {
                close();
                yield null;
            }
            case "onConnection" -> {
                listen((ConnectionListener) Objects.requireNonNull(args[0]));
                yield null;
            }
            case "equals" ->
                    args[0] != null
                            && Proxy.isProxyClass(args[0].getClass())
                            && Proxy.getInvocationHandler(args[0]) == this;
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "Client[" + connector + "]";
            default -> throw new AssertionError("unknown method " + method);
        };
    }

    private void listen(ConnectionListener listener) {
        lock.lock();
        try {
            listeners.add(listener);
            String why = lost;
            if (why != null) {
                tell(one -> one.disconnected(why), List.of(listener));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Listeners are told in the order in which things happened, on a thread of their own.
    private void tell(Consumer<ConnectionListener> what, List<ConnectionListener> whom) {
        lock.lock();
        try {
            if (!closed) {
                teller.execute(() -> whom.forEach(what));
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object call(Contract.Operation operation, @Nullable Object[] args)
            throws CountersignException {
        ClientConnection connection = connection(true);
        if (operation.name().equals(Contract.SHUTDOWN)) {
            end(connection, operation);
            return null;
        }
        JsonNode result = await(connection.ask(frame(operation, args, null)));
        if (operation.result().hasRawClass(void.class)) {
            return null;
        }
        try {
            return Json.mapper().treeToValue(result, operation.result());
        } catch (JsonProcessingException e) {
            throw unreadable(operation, e);
        }
    }

    /// An engine that says goodbye instead of an answer has done what it was asked.
    private void end(ClientConnection connection, Contract.Operation shutdown)
            throws CountersignException {
        try {
            await(connection.ask(frame(shutdown, new @Nullable Object[0], null)));
        } catch (CountersignException e) {
            if (!connection.saidBye()) {
                throw e;
            }
        }
    }

    private static CountersignException unreadable(Contract.Operation operation, Exception e) {
        return new CountersignException(
                Kind.FAILED,
                "The engine's answer to "
                        + operation.name()
                        + " can't be read: "
                        + GuestText.of(Errors.firstLine(e)).visible()
                        + ". End the engine with `countersign engine stop` and try again.",
                e);
    }

    private Subscription subscribe(Contract.Operation operation, @Nullable Object[] args)
            throws CountersignException {
        @SuppressWarnings("unchecked") // the contract says what the stream gives
        Consumer<Object> listener =
                (Consumer<Object>) Objects.requireNonNull(args[args.length - 1]);
        ClientConnection connection = connection(true);
        ClientStream stream =
                new ClientStream(ids.incrementAndGet(), operation, args, listener, this::forget);
        streams.put(stream.id(), stream);
        try {
            await(connection.ask(stream.request(connection)));
        } catch (CountersignException e) {
            stream.close();
            throw e;
        }
        return stream;
    }

    private void forget(ClientStream stream, @Nullable ClientConnection connection) {
        streams.remove(stream.id());
        if (connection != null) {
            connection.tell(
                    Json.mapper().createObjectNode().put("id", stream.id()).put("cancel", true));
        }
    }

    private ObjectNode frame(
            Contract.Operation operation, @Nullable Object[] args, @Nullable Long next) {
        ObjectNode frame =
                Json.mapper()
                        .createObjectNode()
                        .put("id", ids.incrementAndGet())
                        .put("call", operation.name());
        frame.set("args", operation.write(args, next));
        return frame;
    }

    private static JsonNode await(Future<JsonNode> answer) throws CountersignException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(
                    Kind.FAILED,
                    "The request was interrupted here; the engine may have done it all the same."
                            + " Look before you repeat it.",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CountersignException told) {
                throw new CountersignException(told.kind(), told.getMessage(), told);
            }
            throw new IllegalStateException(e);
        }
    }

    /// The connection that stands, or a new one.
    private ClientConnection connection(boolean mayStart) throws CountersignException {
        lock.lock();
        try {
            if (closed) {
                throw new CountersignException(
                        Kind.FAILED, "This connection to the engine was closed. Open a new one.");
            }
            ClientConnection standing = current;
            if (standing != null && standing.isOpen()) {
                return standing;
            }
            ClientConnection fresh = greet(mayStart);
            current = fresh;
            fresh.start(this::event, this::ended);
            boolean again = lost != null;
            lost = null;
            streams.values().forEach(stream -> takeUp(stream, fresh));
            if (again) {
                tell(ConnectionListener::connected, listeners);
            }
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    private ClientConnection greet(boolean mayStart) throws CountersignException {
        ClientConnection first = shakeHands(mayStart);
        if (fits(first.hello())) {
            return first;
        }
        if (!endOther(first)) {
            return first;
        }
        return shakeHands(mayStart);
    }

    private ClientConnection shakeHands(boolean mayStart) throws CountersignException {
        SocketChannel channel = mayStart ? connector.connectOrStart() : connector.connect();
        return ClientConnection.open(channel);
    }

    private boolean fits(Hello hello) {
        Optional<String> build = connector.build();
        return hello.protocol() == Contract.PROTOCOL
                && (build.isEmpty() || build.get().equals(hello.build()));
    }

    /// Asks an engine of another build to end.
    ///
    /// @return false if it is busy but can be used
    /// @throws CountersignException CONFLICT if it is busy and can't be used
    private boolean endOther(ClientConnection other) throws CountersignException {
        Contract.Operation shutdown = Objects.requireNonNull(Contract.named(Contract.SHUTDOWN));
        boolean usable = other.hello().protocol() == Contract.PROTOCOL;
        ClientConnection asking = usable ? shakeHands(false) : other;
        try {
            asking.start((_, _, _) -> {}, (_, _) -> {});
            end(asking, shutdown);
            asking.awaitEnd(Duration.ofSeconds(10));
            other.close();
            return true;
        } catch (CountersignException e) {
            asking.close();
            if (usable) {
                LOG.info("the engine of another build stays: {}", e.getMessage());
                return false;
            }
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The engine that runs is Countersign "
                            + other.hello().version()
                            + " and can't serve this program. It did not end: "
                            + e.getMessage()
                            + " Finish its sessions with that version, then try again.",
                    e);
        }
    }

    private void takeUp(ClientStream stream, ClientConnection connection) {
        var _ =
                connection
                        .ask(stream.request(connection))
                        .whenComplete((_, problem) -> {
                            if (problem != null && connection.isOpen()) {
                                stream.close();
                                CountersignException why =
                                        problem instanceof CountersignException told
                                                ? told
                                                : new CountersignException(
                                                        Kind.FAILED,
                                                        Errors.firstLine(problem),
                                                        problem);
                                tell(listener -> listener.streamEnded(why), listeners);
                            }
                        });
    }

    private void event(ClientConnection connection, long id, JsonNode event) {
        ClientStream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        try {
            stream.received(connection, event);
        } catch (JsonProcessingException e) {
            stream.close();
            CountersignException why = unreadable(stream.operation(), e);
            tell(listener -> listener.streamEnded(why), listeners);
        }
    }

    private void ended(ClientConnection connection, String why) {
        lock.lock();
        try {
            if (closed || current != connection) {
                return;
            }
            current = null;
            lost = why;
            tell(listener -> listener.disconnected(why), listeners);
            if (!retrying) {
                retrying = true;
                Thread.ofVirtual().name("api-reconnect").start(() -> retry(connection.saidBye()));
            }
        } finally {
            lock.unlock();
        }
    }

    private void retry(boolean onPurpose) {
        Duration pause = FIRST_PAUSE;
        lock.lock();
        try {
            for (int tries = 0; !closed && current == null; tries++) {
                try {
                    connection(!onPurpose && tries < MOST_STARTS);
                } catch (CountersignException e) {
                    LOG.debug("no engine yet: {}", e.getMessage());
                    // the lock is free while this waits
                    if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        LOG.debug("no longer wanted");
                    }
                    pause = pause.multipliedBy(2);
                    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            retrying = false;
            lock.unlock();
        }
    }

    private void close() {
        ClientConnection standing;
        lock.lock();
        try {
            closed = true;
            teller.shutdown();
            standing = current;
            current = null;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
        streams.values().forEach(ClientStream::close);
        if (standing != null) {
            standing.close();
        }
    }
}
