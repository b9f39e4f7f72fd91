package dev.countersign.ui.common;

import dev.countersign.api.Subscription;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javafx.beans.value.ChangeListener;
import org.jspecify.annotations.Nullable;

/// One session's entries, from the engine's thread to the screen at a readable pace. The stream's
/// thread waits when the screen is behind, so nothing is dropped and nothing piles up; the screen
/// takes what is there in one batch, at most 20 times a second, and no more often than leaves the
/// screen as much time for itself as the last batch took. After a loss of the engine the stream
/// goes on behind the last entry that was taken.
public final class EntryPump {
    /// A batch that the screen folds in a few milliseconds.
    static final int MOST = 20_000;

    /// From the first entry of a batch to its hand-over, so that a burst is one batch.
    private static final Duration PACE = Duration.ofMillis(50);

    private final EngineLink link;
    private final Lanes lanes;
    private final SessionId session;
    private final Consumer<List<Entry>> sink;
    private final Consumer<CountersignException> failed;
    private final ArrayBlockingQueue<Entry> queue = new ArrayBlockingQueue<>(MOST);
    private final ChangeListener<EngineLink.State> onState =
            (_, _, now) -> {
                if (now instanceof EngineLink.State.Up) {
                    open();
                }
            };
    private volatile boolean closed;
    private volatile Duration took = Duration.ZERO;
    private final AtomicInteger stream = new AtomicInteger();
    private final AtomicBoolean due = new AtomicBoolean();
    private @Nullable Subscription subscription;
    private long next;

    /// Used on the screen's thread.
    ///
    /// @param sink gets every entry once, in order, on the screen's thread
    public EntryPump(
            EngineLink link,
            Lanes lanes,
            SessionId session,
            Consumer<List<Entry>> sink,
            Consumer<CountersignException> failed) {
        this.link = link;
        this.lanes = lanes;
        this.session = session;
        this.sink = sink;
        this.failed = failed;
    }

    /// Starts the stream from the session's first entry.
    public void start() {
        link.state().addListener(onState);
        if (link.up()) {
            open();
        }
    }

    /// Hands over what has come. Happens by itself soon after something came; without entries
    /// nothing wakes.
    public void drain() {
        long begun = System.nanoTime();
        take();
        took = Duration.ofNanos(System.nanoTime() - begun);
    }

    private void take() {
        due.set(false);
        if (queue.isEmpty()) {
            return;
        }
        List<Entry> batch = new ArrayList<>(Math.min(queue.size() + 16, MOST));
        queue.drainTo(batch, MOST);
        // An old stream may still have put entries that the new one repeats.
        List<Entry> fresh = new ArrayList<>(batch.size());
        for (Entry entry : batch) {
            if (entry.seq() >= next) {
                fresh.add(entry);
                next = entry.seq() + 1;
            }
        }
        if (!fresh.isEmpty()) {
            sink.accept(fresh);
        }
        if (!queue.isEmpty()) {
            wake();
        }
    }

    /// Ends the stream.
    public void close() {
        closed = true;
        link.state().removeListener(onState);
        end();
    }

    private void wake() {
        if (due.compareAndSet(false, true)) {
            Duration rest = took.multipliedBy(2);
            lanes.after(
                    rest.compareTo(PACE) > 0 ? rest : PACE,
                    () -> {
                        if (!closed) {
                            drain();
                        }
                    });
        }
    }

    private void open() {
        end();
        int mine = stream.get();
        long from = next;
        link.subscribe(
                service -> service.events(session, from, entry -> put(mine, entry)),
                opened -> {
                    if (closed || mine != stream.get()) {
                        end(opened);
                    } else {
                        subscription = opened;
                    }
                },
                failed);
    }

    private void end() {
        stream.incrementAndGet();
        queue.clear();
        Subscription last = subscription;
        subscription = null;
        if (last != null) {
            end(last);
        }
    }

    private static void end(Subscription last) {
        Thread.ofVirtual().name("ui-unsubscribe").start(last::close);
    }

    private void put(int mine, Entry entry) {
        try {
            while (!closed && mine == stream.get()) {
                if (queue.offer(entry, 100, TimeUnit.MILLISECONDS)) {
                    wake();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
