package dev.countersign.vm.ssh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Reads a stream to its end on a thread of its own and keeps the beginning.
final class Bounded {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final int limit;
    private final Runnable overrun;
    private final Thread reader;
    private volatile boolean over;

    /// @param overrun called once when more than `limit` bytes came
    Bounded(InputStream in, int limit, Runnable overrun) {
        this.limit = limit;
        this.overrun = overrun;
        this.reader = Thread.ofPlatform().daemon().start(() -> drain(in));
    }

    private void drain(InputStream in) {
        byte[] buffer = new byte[16384];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                keep(buffer, n);
            }
        } catch (IOException _) {
            // A killed process's stream ends so.
            return;
        }
    }

    private void keep(byte[] buffer, int n) {
        boolean first = false;
        synchronized (kept) {
            int room = Math.min(n, limit - kept.size());
            kept.write(buffer, 0, room);
            if (room < n && !over) {
                over = true;
                first = true;
            }
        }
        if (first) {
            overrun.run();
        }
    }

    boolean over() {
        return over;
    }

    /// What was kept, once the stream ended or the wait is over.
    byte[] bytes(Duration wait) throws InterruptedException {
        reader.join(wait);
        synchronized (kept) {
            return kept.toByteArray();
        }
    }

    /// What is there now, as one line of text.
    String line() {
        synchronized (kept) {
            return kept.toString(StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
        }
    }
}
