package dev.countersign.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What the client sends, read ahead by a thread of its own: so that a read can have a deadline on
/// every kind of socket, and the end of the connection is seen while an answer is still held.
final class HttpInput {
    private static final int CHUNK = 16 * 1024;
    private static final int AHEAD = 8;

    private final SocketChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<ByteBuffer> ready = new ArrayDeque<>();
    private boolean ended;
    private @Nullable Runnable onEnd;

    HttpInput(SocketChannel channel) {
        this.channel = channel;
    }

    /// Reads until the client ends; runs on a thread of its own.
    void pump() {
        try {
            while (true) {
                ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
                if (channel.read(chunk) < 0) {
                    return;
                }
                if (chunk.flip().hasRemaining() && !offer(chunk)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client is gone: the same as its end.
        } finally {
            end();
        }
    }

    private boolean offer(ByteBuffer chunk) {
        lock.lock();
        try {
            while (ready.size() >= AHEAD && !ended) {
                changed.awaitUninterruptibly();
            }
            ready.add(chunk);
            changed.signalAll();
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    /// Marks the end; what was read before stays readable.
    void end() {
        Runnable told;
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            told = onEnd;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (told != null) {
            told.run();
        }
    }

    /// Whether the client has closed its side or is gone.
    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /// Calls back once the client is gone, at once if it already is.
    void onEnd(@Nullable Runnable listener) {
        boolean now;
        lock.lock();
        try {
            onEnd = listener;
            now = ended;
        } finally {
            lock.unlock();
        }
        if (now && listener != null) {
            listener.run();
        }
    }

    /// The next byte, -1 at the end, -2 once the deadline is over.
    int read(long deadlineNanos) throws InterruptedException {
        lock.lock();
        try {
            if (!await(deadlineNanos)) {
                return -2;
            }
            ByteBuffer first = ready.peek();
            if (first == null) {
                return -1;
            }
            int value = first.get() & 0xff;
            drop(first);
            return value;
        } finally {
            lock.unlock();
        }
    }

    /// Fills a part of `into`: bytes read, -1 at the end, -2 without a byte in time.
    int read(byte[] into, int offset, int length, Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            if (!await(System.nanoTime() + timeout.toNanos())) {
                return -2;
            }
            ByteBuffer first = ready.peek();
            if (first == null) {
                return -1;
            }
            int count = Math.min(length, first.remaining());
            first.get(into, offset, count);
            drop(first);
            return count;
        } finally {
            lock.unlock();
        }
    }

    private boolean await(long deadlineNanos) throws InterruptedException {
        while (ready.isEmpty() && !ended) {
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            // The signal or the time: both are looked at again by the loop.
            boolean signalled = changed.await(left, TimeUnit.NANOSECONDS);
            if (!signalled && ready.isEmpty() && !ended) {
                return false;
            }
        }
        return true;
    }

    private void drop(ByteBuffer first) {
        if (!first.hasRemaining()) {
            ready.remove();
            changed.signalAll();
        }
    }
}
