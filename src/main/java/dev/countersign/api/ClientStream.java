package dev.countersign.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Entry;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One subscription of the client. Its listener runs on a thread of its own and may block: the
/// engine sends no more than was granted.
final class ClientStream implements Subscription {
    /// Credit goes back in lots, so that it costs a frame per lot and not per event.
    private static final int LOT = ServedConnection.WINDOW / 8;

    private record Received(ClientConnection from, Object element) {}

    private final long id;
    private final Contract.Operation operation;
    private final @Nullable Object[] args;
    private final Consumer<Object> listener;
    private final BiConsumer<ClientStream, @Nullable ClientConnection> onClose;
    private final BlockingQueue<Received> queue = new LinkedBlockingQueue<>();
    private final ReentrantLock delivering = new ReentrantLock();
    private final Thread thread;
    private volatile @Nullable ClientConnection connection;
    private volatile boolean closed;
    private @Nullable Long next;
    private int consumed;

    ClientStream(
            long id,
            Contract.Operation operation,
            @Nullable Object[] args,
            Consumer<Object> listener,
            BiConsumer<ClientStream, @Nullable ClientConnection> onClose) {
        this.id = id;
        this.operation = operation;
        this.args = args.clone();
        this.listener = listener;
        this.onClose = onClose;
        this.thread = Thread.ofVirtual().name("api-stream-" + id).start(this::deliver);
    }

    long id() {
        return id;
    }

    Contract.Operation operation() {
        return operation;
    }

    /// The frame that opens it on this connection, from where it stands.
    synchronized ObjectNode request(ClientConnection connection) {
        this.connection = connection;
        ObjectNode frame =
                Json.mapper().createObjectNode().put("id", id).put("call", operation.name());
        frame.set("args", operation.write(args, next));
        return frame;
    }

    /// An event came. What was seen before is dropped.
    synchronized void received(ClientConnection from, JsonNode event)
            throws JsonProcessingException {
        Object element =
                Json.mapper().treeToValue(event, Objects.requireNonNull(operation.element()));
        if (operation.resumes() && element instanceof Entry entry) {
            if (next != null && entry.seq() < next) {
                return;
            }
            next = entry.seq() + 1;
        }
        queue.add(new Received(from, element));
    }

    private void deliver() {
        try {
            while (!closed) {
                Received received = queue.take();
                delivering.lock();
                try {
                    if (closed) {
                        return;
                    }
                    listener.accept(received.element());
                } finally {
                    delivering.unlock();
                }
                grant(received.from());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void grant(ClientConnection from) {
        if (from != connection) {
            return;
        }
        consumed++;
        if (consumed >= LOT) {
            from.tell(Json.mapper().createObjectNode().put("id", id).put("more", consumed));
            consumed = 0;
        }
    }

    /// After this the listener is not called again. Waits for a call that is under way, except when
    /// the listener itself closes.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClose.accept(this, connection);
        if (Thread.currentThread() == thread) {
            return;
        }
        delivering.lock();
        try {
            thread.interrupt();
        } finally {
            delivering.unlock();
        }
    }
}
