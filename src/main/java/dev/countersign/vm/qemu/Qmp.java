package dev.countersign.vm.qemu;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One connection to QEMU's machine protocol. QEMU serves one client at a time, and Lima is one too
/// (it shuts machines down by it), so a connection is opened for a purpose and closed again.
/// https://www.qemu.org/docs/master/interop/qmp-spec.html
public final class Qmp implements AutoCloseable {
    /// A line longer than this is not QEMU speaking to us.
    private static final int LONGEST_LINE = 4 << 20;

    private static final Duration UNTIL_IT_LISTENS = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<JsonNode> events = new ArrayDeque<>();
    private @Nullable JsonNode greeting;
    private @Nullable JsonNode answer;
    private @Nullable String ended;
    private long nextId;

    private Qmp(SocketChannel channel) {
        this.channel = channel;
    }

    /// QEMU refused a command.
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String command, String description) {
            super(command + ": " + description);
        }
    }

    /// Connects and leaves the negotiation mode.
    ///
    /// @throws CountersignException if the socket is not there, or QEMU did not greet in time
    ///   (another client has it, or it is busy)
    public static Qmp connect(Path socket, Duration timeout)
            throws CountersignException, InterruptedException {
        try {
            Qmp qmp = new Qmp(channelTo(socket));
            Thread.ofVirtual().name("qmp " + socket).start(qmp::read);
            try {
                qmp.awaitGreeting(timeout);
                qmp.call("qmp_capabilities", timeout);
                return qmp;
            } catch (CountersignException | InterruptedException e) {
                qmp.close();
                throw e;
            } catch (Refused e) {
                qmp.close();
                throw new CountersignException(
                        Kind.FAILED, "QEMU refused to talk: " + e.getMessage(), e);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "QEMU does not answer at %s: %s. Its VM may have ended."
                            .formatted(socket, e.getMessage()),
                    e);
        }
    }

    /// A socket that was just bound refuses until its owner listens.
    private static SocketChannel channelTo(Path socket) throws IOException, InterruptedException {
        long end = System.nanoTime() + UNTIL_IT_LISTENS.toNanos();
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (ConnectException e) {
                channel.close();
                if (System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(LOOK.toNanos());
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while QEMU starts");
                }
            }
        }
    }

    /// An empty object to put arguments into.
    public static ObjectNode arguments() {
        return JSON.createObjectNode();
    }

    /// A command without arguments.
    public JsonNode call(String command, Duration timeout)
            throws CountersignException, Refused, InterruptedException {
        return call(command, arguments(), timeout);
    }

    /// Sends a command and waits for its `return`.
    ///
    /// @throws Refused with QEMU's own words
    /// @throws CountersignException if QEMU went away or did not answer in time
    public JsonNode call(String command, ObjectNode arguments, Duration timeout)
            throws CountersignException, Refused, InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            long id = nextId++;
            ObjectNode request = JSON.createObjectNode().put("execute", command).put("id", id);
            if (!arguments.isEmpty()) {
                request.set("arguments", arguments);
            }
            answer = null;
            send(request);
            while (true) {
                JsonNode got = answer;
                if (got != null && got.path("id").asLong(-1) == id) {
                    answer = null;
                    if (got.has("error")) {
                        throw new Refused(command, got.path("error").path("desc").asText());
                    }
                    return got.path("return");
                }
                await(end, command);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes events from the queue until one fits, and returns it.
    public JsonNode event(Predicate<JsonNode> fits, Duration timeout, String what)
            throws CountersignException, InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            while (true) {
                JsonNode next = events.poll();
                if (next == null) {
                    await(end, what);
                } else if (fits.test(next)) {
                    return next;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until QEMU closes the connection, as it does when it ends.
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (ended == null && left > 0) {
                left = arrived.awaitNanos(left);
            }
            return ended != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // Nothing depends on how a closed connection closes.
            return;
        }
    }

    private void awaitGreeting(Duration timeout) throws CountersignException, InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            while (greeting == null) {
                await(end, "greeting");
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits for anything new; the lock is held. Each caller looks again in a loop.
    @SuppressWarnings("WaitNotInLoop")
    private void await(long end, String what) throws CountersignException, InterruptedException {
        if (ended != null) {
            throw new CountersignException(
                    Kind.FAILED, "QEMU ended during \"%s\" (%s).".formatted(what, ended));
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw new CountersignException(
                    Kind.TIMEOUT, "QEMU did not answer \"%s\" in time.".formatted(what));
        }
        var _ = arrived.awaitNanos(left);
    }

    private void send(ObjectNode request) throws CountersignException {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(request + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "QEMU went away: " + e.getMessage() + ".", e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
            for (String line = line(lines); line != null; line = line(lines)) {
                take(JSON.readTree(line));
            }
            end("connection closed");
        } catch (JacksonException e) {
            end("not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String line(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString();
            }
            if (line.length() >= LONGEST_LINE) {
                throw new IOException("a line of more than " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
        }
        return null;
    }

    private void take(JsonNode message) {
        lock.lock();
        try {
            if (message.has("QMP")) {
                greeting = message;
            } else if (message.has("event")) {
                events.add(message);
            } else {
                answer = message;
            }
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(String why) {
        lock.lock();
        try {
            ended = why;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
