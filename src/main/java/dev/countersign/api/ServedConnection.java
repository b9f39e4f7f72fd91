package dev.countersign.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine's end of one client: reads requests, runs each on a thread of its own, writes answers
/// and events as they come.
final class ServedConnection {
    /// Longest request. A task's text is the largest thing in one.
    static final int LONGEST_REQUEST = 4 * 1024 * 1024;

    /// How many events a stream sends before the client must grant more.
    static final int WINDOW = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ServedConnection.class);
    private static final int MOST_REQUESTS = 64;
    private static final int MOST_STREAMS = 256;

    private final SocketChannel channel;
    private final Service service;
    private final Outbox outbox;
    private final Semaphore requests = new Semaphore(MOST_REQUESTS);
    private final Map<Long, Stream> streams = new ConcurrentHashMap<>();
    private boolean otherProtocol;

    ServedConnection(SocketChannel channel, Service service) {
        this.channel = channel;
        this.service = service;
        this.outbox = new Outbox(channel);
    }

    /// Tells a client that it can't be served, and closes.
    static void refuse(SocketChannel channel, CountersignException why) {
        Outbox outbox = new Outbox(channel);
        outbox.sendNow(error(null, why));
        outbox.finish(Duration.ZERO);
        try (channel) {
            outbox.run();
        } catch (IOException e) {
            LOG.debug("a client went away: {}", Errors.firstLine(e));
        }
    }

    /// Serves until either side ends it. Never throws for what the client does.
    void run() {
        Thread.ofVirtual().name("api-write").start(this::write);
        try {
            Frames frames = new Frames(channel, LONGEST_REQUEST);
            if (handshake(frames)) {
                for (byte[] line = frames.next(); line != null; line = frames.next()) {
                    take(line);
                }
            }
        } catch (Frames.TooLong e) {
            refuse(
                    null,
                    Kind.USAGE,
                    "The request is too long: " + e.getMessage() + ". Shorten it.");
            outbox.finish(Duration.ofSeconds(2));
        } catch (IOException e) {
            LOG.debug("a client went away: {}", Errors.firstLine(e));
        } finally {
            drop();
        }
    }

    private void write() {
        try {
            outbox.run();
        } catch (IOException e) {
            LOG.debug("a client no longer reads: {}", Errors.firstLine(e));
        } finally {
            drop();
        }
    }

    private boolean handshake(Frames frames) throws IOException {
        byte[] line = frames.next();
        if (line == null) {
            return false;
        }
        JsonNode first = parse(line);
        if (first == null || !first.path("protocol").isInt()) {
            refuse(
                    null,
                    Kind.USAGE,
                    "The first line must be {\"protocol\":"
                            + Contract.PROTOCOL
                            + "}. Connect again and say it first.");
            outbox.finish(Duration.ofSeconds(2));
            return false;
        }
        otherProtocol = first.path("protocol").asInt() != Contract.PROTOCOL;
        try {
            ObjectNode answer = Json.mapper().createObjectNode();
            answer.set("hello", Json.mapper().valueToTree(service.hello()));
            outbox.sendNow(answer);
            return true;
        } catch (CountersignException e) {
            outbox.sendNow(error(null, e));
            outbox.finish(Duration.ofSeconds(2));
            return false;
        }
    }

    private void take(byte[] line) {
        JsonNode frame = parse(line);
        if (frame == null || !frame.path("id").canConvertToLong() || !frame.path("id").isNumber()) {
            refuse(
                    null,
                    Kind.USAGE,
                    "The line is no JSON object with a numeric \"id\". Correct it and send it"
                            + " again.");
            return;
        }
        long id = frame.path("id").asLong();
        Stream stream = streams.get(id);
        if (frame.has("call")) {
            call(id, frame.path("call").asText(), frame.path("args"));
        } else if (stream != null && frame.path("more").isInt()) {
            stream.grant(frame.path("more").asInt());
        } else if (stream != null && frame.path("cancel").asBoolean()) {
            streams.remove(id);
            stream.close();
        } else if (!frame.has("more") && !frame.has("cancel")) {
            refuse(id, Kind.USAGE, "The line names no \"call\". Correct it and send it again.");
        }
    }

    private void call(long id, String name, JsonNode arguments) {
        Contract.Operation operation = Contract.named(name);
        if (operation == null) {
            refuse(
                    id,
                    Kind.USAGE,
                    "This engine knows no request named "
                            + GuestText.of(name).visible()
                            + ". Restart it with `countersign engine stop` if it is older than the"
                            + " program that asks.");
        } else if (otherProtocol && !name.equals(Contract.SHUTDOWN)) {
            refuse(
                    id,
                    Kind.CONFLICT,
                    "This engine speaks protocol "
                            + Contract.PROTOCOL
                            + ", the program that asks another. End the engine with `countersign"
                            + " engine stop` and try again.");
        } else if (operation.element() != null) {
            openStream(id, operation, arguments);
        } else if (!requests.tryAcquire()) {
            refuse(
                    id,
                    Kind.EXHAUSTED,
                    MOST_REQUESTS
                            + " requests of this connection are under way. Wait for one to end and"
                            + " try again.");
        } else {
            Thread.ofVirtual()
                    .name("api-" + name)
                    .start(() -> {
                        try {
                            answer(id, operation, arguments);
                        } finally {
                            requests.release();
                        }
                    });
        }
    }

    private void answer(long id, Contract.Operation operation, JsonNode arguments) {
        try {
            Object result = operation.invoke(service, operation.read(arguments, null));
            ObjectNode answer = Json.mapper().createObjectNode().put("id", id);
            answer.set("result", Json.mapper().valueToTree(result));
            outbox.send(answer);
        } catch (CountersignException e) {
            outbox.sendNow(error(id, e));
        } catch (InvocationTargetException e) {
            outbox.sendNow(error(id, reported(operation, e.getCause())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void openStream(long id, Contract.Operation operation, JsonNode arguments) {
        Stream stream = new Stream(id);
        if (streams.size() >= MOST_STREAMS) {
            refuse(
                    id,
                    Kind.EXHAUSTED,
                    MOST_STREAMS
                            + " streams of this connection are open. Close one and try again.");
            return;
        }
        if (streams.putIfAbsent(id, stream) != null) {
            refuse(id, Kind.USAGE, "The id " + id + " is in use. Take a fresh one.");
            return;
        }
        Thread.ofVirtual()
                .name("api-" + operation.name())
                .start(() -> {
                    try {
                        Object subscription =
                                operation.invoke(
                                        service, operation.read(arguments, stream::deliver));
                        outbox.sendNow(
                                Json.mapper().createObjectNode().put("id", id).putNull("result"));
                        stream.feedBy((Subscription) Objects.requireNonNull(subscription));
                    } catch (CountersignException e) {
                        streams.remove(id);
                        outbox.sendNow(error(id, e));
                    } catch (InvocationTargetException e) {
                        streams.remove(id);
                        outbox.sendNow(error(id, reported(operation, e.getCause())));
                    }
                });
    }

    private static CountersignException reported(
            Contract.Operation operation, @Nullable Throwable cause) {
        if (cause instanceof CountersignException expected) {
            return expected;
        }
        LOG.error("request {} failed by a bug", operation.name(), cause);
        return new CountersignException(
                Kind.FAILED,
                "The engine failed at request "
                        + operation.name()
                        + " by an error of its own. The details are in engine.log; please report"
                        + " them.");
    }

    private static @Nullable JsonNode parse(byte[] line) {
        try {
            JsonNode node = Json.mapper().readTree(line);
            return node != null && node.isObject() ? node : null;
        } catch (IOException e) {
            LOG.debug("a client sent no JSON: {}", Errors.firstLine(e));
            return null;
        }
    }

    private void refuse(@Nullable Long id, Kind kind, String message) {
        outbox.sendNow(error(id, new CountersignException(kind, message)));
    }

    private static ObjectNode error(@Nullable Long id, CountersignException e) {
        ObjectNode frame = Json.mapper().createObjectNode();
        if (id != null) {
            frame.put("id", id);
        }
        frame.set("error", Errors.write(e));
        return frame;
    }

    /// Lets requests that are about to end be answered, tells the client that the engine ends on
    /// purpose, waits until that was written, and ends.
    void goodbye(Duration atMost) {
        try {
            if (!requests.tryAcquire(MOST_REQUESTS, atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("the engine ends while requests are under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        outbox.sendNow(
                Json.mapper()
                        .createObjectNode()
                        .put("bye", "The engine ended as it was asked to."));
        outbox.finish(atMost);
        drop();
    }

    /// Ends the connection and its streams. Requests that are under way go on to their end.
    void drop() {
        outbox.close();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection can't be closed: {}", Errors.firstLine(e));
        }
        streams.values().forEach(Stream::close);
        streams.clear();
    }

    /// One stream: sends only what the client granted, so a slow listener on its side holds up
    /// nothing else.
    private final class Stream {
        private final long id;
        private final Semaphore credit = new Semaphore(WINDOW);
        private @Nullable Subscription subscription;
        private boolean closed;

        Stream(long id) {
            this.id = id;
        }

        void deliver(Object element) {
            try {
                credit.acquire();
                if (isClosed()) {
                    credit.release();
                    return;
                }
                ObjectNode frame = Json.mapper().createObjectNode().put("id", id);
                frame.set("event", Json.mapper().valueToTree(element));
                outbox.send(frame);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void grant(int more) {
            if (more > 0 && more <= WINDOW) {
                credit.release(more);
            }
        }

        void feedBy(Subscription source) {
            boolean over;
            synchronized (this) {
                subscription = source;
                over = closed;
            }
            if (over) {
                source.close();
            }
        }

        private synchronized boolean isClosed() {
            return closed;
        }

        void close() {
            Subscription source;
            synchronized (this) {
                closed = true;
                source = subscription;
            }
            credit.release();
            if (source != null) {
                Thread.ofVirtual().name("api-unsubscribe").start(source::close);
            }
        }
    }
}
