package dev.countersign.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits to be written to one connection. Only its own thread touches the channel: an
/// interrupt of a caller's thread inside a channel would close the whole connection.
final class Outbox {
    private static final int HIGH_WATER = 8 * 1024 * 1024;

    private final WritableByteChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean writing;
    private boolean finishing;
    private boolean closed;

    Outbox(WritableByteChannel channel) {
        this.channel = channel;
    }

    /// Queues a frame; waits while too much is queued.
    ///
    /// @return false if the connection is gone: the frame will not arrive
    boolean send(ObjectNode frame) throws InterruptedException {
        byte[] line = bytes(frame);
        lock.lockInterruptibly();
        try {
            while (!closed && !finishing && bytes > 0 && bytes + line.length > HIGH_WATER) {
                changed.await();
            }
            if (closed || finishing) {
                return false;
            }
            waiting.add(line);
            bytes += line.length;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Queues a frame without waiting, for the thread that reads. A peer that sends and never reads
    /// loses its connection.
    void sendNow(ObjectNode frame) {
        byte[] line = bytes(frame);
        lock.lock();
        try {
            if (!closed && !finishing) {
                waiting.add(line);
                bytes += line.length;
                closed = bytes > 2L * HIGH_WATER + line.length;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Writes until [#finish] was called and nothing is left, or until the channel fails. Several
    /// small frames go out in one write.
    void run() throws IOException {
        try {
            ByteArrayOutputStream batch = new ByteArrayOutputStream();
            while (take(batch)) {
                ByteBuffer buffer = ByteBuffer.wrap(batch.toByteArray());
                batch.reset();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
        } finally {
            close();
        }
    }

    private boolean take(ByteArrayOutputStream batch) {
        lock.lock();
        try {
            writing = false;
            changed.signalAll();
            while (waiting.isEmpty()) {
                if (closed || finishing) {
                    return false;
                }
                changed.awaitUninterruptibly();
            }
            while (!waiting.isEmpty() && batch.size() < 64 * 1024) {
                byte[] line = waiting.remove();
                bytes -= line.length;
                batch.writeBytes(line);
            }
            writing = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Nothing more is accepted; waits at most so long until what is queued was written.
    void finish(Duration atMost) {
        lock.lock();
        try {
            finishing = true;
            changed.signalAll();
            long left = atMost.toNanos();
            while (!closed && (writing || !waiting.isEmpty()) && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Drops what is queued and lets waiting senders go.
    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            bytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static byte[] bytes(ObjectNode frame) {
        try {
            byte[] json = Json.mapper().writeValueAsBytes(frame);
            byte[] line = new byte[json.length + 1];
            System.arraycopy(json, 0, line, 0, json.length);
            line[json.length] = '\n';
            return line;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a frame can't be written as JSON", e);
        }
    }
}
