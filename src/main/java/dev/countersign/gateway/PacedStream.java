package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Pieces that become readable one after another, as from a provider that is still writing.
final class PacedStream extends InputStream {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<byte[]> pieces;
    private final long paceNanos;
    private int piece;
    private int at;
    private boolean closed;

    PacedStream(List<byte[]> pieces, Duration pace) {
        this.pieces = pieces;
        this.paceNanos = pace.toNanos();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (piece < pieces.size() && at == pieces.get(piece).length) {
                piece++;
                at = 0;
                pause();
            }
            if (closed) {
                throw new IOException("closed");
            }
            if (piece == pieces.size()) {
                return -1;
            }
            byte[] current = pieces.get(piece);
            int count = Math.min(length, current.length - at);
            System.arraycopy(current, at, into, offset, count);
            at += count;
            return count;
        } finally {
            lock.unlock();
        }
    }

    private void pause() throws InterruptedIOException {
        long left = paceNanos;
        try {
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
