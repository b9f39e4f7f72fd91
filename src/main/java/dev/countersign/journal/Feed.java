package dev.countersign.journal;

import dev.countersign.domain.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/// One subscriber: a thread that follows the file.
final class Feed implements Journal.Subscription {
    private final SignedLog log;
    private final long fromSeq;
    private final Consumer<Entry> listener;
    private final Consumer<Feed> onEnd;
    private boolean stopped;

    Feed(SignedLog log, long fromSeq, Consumer<Entry> listener, Consumer<Feed> onEnd) {
        this.log = log;
        this.fromSeq = fromSeq;
        this.listener = listener;
        this.onEnd = onEnd;
    }

    void start(String name) {
        Thread.ofVirtual().name(name).start(this::follow);
    }

    private void follow() {
        try (EntryCursor cursor = EntryCursor.at(log, fromSeq)) {
            long seen = 0;
            while (true) {
                long limit = log.awaitMore(seen, this::stopped);
                if (limit <= seen || stopped()) {
                    return;
                }
                while (cursor.next(limit)) {
                    Entry entry = cursor.entry();
                    if (!begin()) {
                        return;
                    }
                    listener.accept(entry);
                }
                seen = limit;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("the journal can't be read back", e);
        } finally {
            onEnd.accept(this);
        }
    }

    /// Whether a call of the listener may start. Once [#close] returned, none does.
    private synchronized boolean begin() {
        return !stopped;
    }

    private synchronized boolean stopped() {
        return stopped;
    }

    @Override
    public void close() {
        synchronized (this) {
            stopped = true;
        }
        log.wake();
    }
}
