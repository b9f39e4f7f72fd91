package dev.countersign.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of the client, from the handshake to its end.
final class ClientConnection {
    /// Longest answer: a review of a large change.
    static final int LONGEST_ANSWER = 64 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private final SocketChannel channel;
    private final Frames frames;
    private final Outbox outbox;
    private final Hello hello;
    private final Map<Long, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean open = true;
    private volatile @Nullable String bye;

    private ClientConnection(SocketChannel channel, Frames frames, Outbox outbox, Hello hello) {
        this.channel = channel;
        this.frames = frames;
        this.outbox = outbox;
        this.hello = hello;
    }

    /// Gets an event of a stream, on the reading thread.
    interface Events {
        void event(ClientConnection connection, long id, JsonNode event);
    }

    /// Says hello and waits for the answer.
    static ClientConnection open(SocketChannel channel) throws CountersignException {
        Frames frames = new Frames(channel, LONGEST_ANSWER);
        Outbox outbox = new Outbox(channel);
        Thread.ofVirtual().name("api-write").start(() -> write(outbox));
        outbox.sendNow(Json.mapper().createObjectNode().put("protocol", Contract.PROTOCOL));
        CompletableFuture<Hello> greeting = new CompletableFuture<>();
        Thread.ofVirtual().name("api-greet").start(() -> greet(frames, greeting));
        try {
            Hello hello = greeting.get(HANDSHAKE.toMillis(), TimeUnit.MILLISECONDS);
            return new ClientConnection(channel, frames, outbox, hello);
        } catch (InterruptedException e) {
            shut(channel, outbox);
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "The connection was interrupted.", e);
        } catch (TimeoutException e) {
            shut(channel, outbox);
            throw new CountersignException(
                    Kind.TIMEOUT,
                    "The engine took the connection and said nothing for "
                            + HANDSHAKE.toSeconds()
                            + " s. Look at engine.log, or end its process and try again.",
                    e);
        } catch (ExecutionException e) {
            shut(channel, outbox);
            if (e.getCause() instanceof CountersignException told) {
                throw told;
            }
            throw new CountersignException(
                    Kind.FAILED,
                    "The engine closed the connection at once: "
                            + Errors.firstLine(e.getCause() == null ? e : e.getCause())
                            + ". Try again; if it goes on, look at engine.log.",
                    e);
        }
    }

    private static void greet(Frames frames, CompletableFuture<Hello> greeting) {
        try {
            byte[] line = frames.next();
            if (line == null) {
                greeting.completeExceptionally(new IOException("it ended"));
                return;
            }
            JsonNode answer = Json.mapper().readTree(line);
            if (answer.has("error")) {
                greeting.completeExceptionally(Errors.read(answer.path("error")));
            } else {
                greeting.complete(Json.mapper().treeToValue(answer.path("hello"), Hello.class));
            }
        } catch (IOException e) {
            greeting.completeExceptionally(e);
        }
    }

    /// Does not close the channel when the engine no longer reads: it may have said why.
    private static void write(Outbox outbox) {
        try {
            outbox.run();
        } catch (IOException e) {
            LOG.debug("the engine no longer reads: {}", Errors.firstLine(e));
        }
    }

    private static void shut(SocketChannel channel, Outbox outbox) {
        outbox.close();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("the connection can't be closed: {}", Errors.firstLine(e));
        }
    }

    Hello hello() {
        return hello;
    }

    /// Starts to read. `onEnd` is called once, with a sentence that says why.
    void start(Events events, BiConsumer<ClientConnection, String> onEnd) {
        Thread.ofVirtual().name("api-read").start(() -> read(events, onEnd));
    }

    private void read(Events events, BiConsumer<ClientConnection, String> onEnd) {
        String why = "The engine ended or closed the connection.";
        try {
            for (byte[] line = frames.next(); line != null; line = frames.next()) {
                take(Json.mapper().readTree(line), events);
            }
        } catch (IOException e) {
            why = "The connection to the engine broke: " + Errors.firstLine(e) + ".";
        } finally {
            shut(channel, outbox);
            String said = bye;
            end(said == null ? why : said);
            onEnd.accept(this, said == null ? why : said);
            over.countDown();
        }
    }

    private void take(JsonNode frame, Events events) {
        if (frame.path("bye").isTextual()) {
            bye = frame.path("bye").asText();
            return;
        }
        if (!frame.has("id")) {
            LOG.warn("the engine says: {}", Errors.read(frame.path("error")).getMessage());
            return;
        }
        long id = frame.path("id").asLong();
        if (frame.has("event")) {
            events.event(this, id, frame.path("event"));
            return;
        }
        CompletableFuture<JsonNode> answer = pending.remove(id);
        if (answer == null) {
            LOG.debug("an answer to nothing that was asked: {}", id);
        } else if (frame.has("error")) {
            answer.completeExceptionally(Errors.read(frame.path("error")));
        } else {
            answer.complete(frame.path("result"));
        }
    }

    private void end(String why) {
        open = false;
        CountersignException lost =
                new CountersignException(
                        Kind.FAILED,
                        why
                                + " It may have done what was asked, or not. Look with `countersign"
                                + " session list` before you repeat it; the next command starts the"
                                + " engine again.");
        pending.values().forEach(answer -> answer.completeExceptionally(lost));
        pending.clear();
    }

    /// Sends a request; the future gets the result, or fails with a [CountersignException].
    CompletableFuture<JsonNode> ask(ObjectNode request) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        long id = request.path("id").asLong();
        pending.put(id, answer);
        try {
            if (!outbox.send(request) || !open) {
                pending.remove(id);
                answer.completeExceptionally(
                        new CountersignException(
                                Kind.FAILED,
                                "The engine went away before the request was sent. Try again: the"
                                        + " next command starts it."));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pending.remove(id);
            answer.completeExceptionally(
                    new CountersignException(
                            Kind.FAILED, "The request was interrupted and not sent.", e));
        }
        return answer;
    }

    /// Sends what needs no answer.
    void tell(ObjectNode frame) {
        outbox.sendNow(frame);
    }

    boolean isOpen() {
        return open;
    }

    /// Whether the engine said that it ends on purpose.
    boolean saidBye() {
        return bye != null;
    }

    /// Waits until the other side has closed.
    void awaitEnd(Duration atMost) throws CountersignException {
        try {
            if (!over.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CountersignException(
                        Kind.TIMEOUT, "The engine was asked to end and did not.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "Interrupted.", e);
        }
    }

    void close() {
        shut(channel, outbox);
    }
}
