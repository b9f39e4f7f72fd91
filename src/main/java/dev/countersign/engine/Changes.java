package dev.countersign.engine;

import dev.countersign.api.Change;
import dev.countersign.api.Subscription;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Tells listeners that lists changed, at most twenty times a second: a flood of facts is one
/// change.
final class Changes implements AutoCloseable {
    private static final long PAUSE_MILLIS = 50;

    private final List<Listening> listeners = new CopyOnWriteArrayList<>();

    private final List<Runnable> countWatchers = new CopyOnWriteArrayList<>();

    /// How many listen.
    int count() {
        return listeners.size();
    }

    /// Called after somebody came or went.
    void onCount(Runnable watcher) {
        countWatchers.add(watcher);
    }

    void happened(Change change) {
        listeners.forEach(listening -> listening.add(change));
    }

    Subscription subscribe(Consumer<Change> listener) {
        Listening listening = new Listening(listener);
        listeners.add(listening);
        listening.add(Change.SESSIONS);
        listening.add(Change.APPROVALS);
        listening.thread.start();
        countWatchers.forEach(Runnable::run);
        return () -> {
            listeners.remove(listening);
            listening.close();
            countWatchers.forEach(Runnable::run);
        };
    }

    @Override
    public void close() {
        listeners.forEach(Listening::close);
        listeners.clear();
    }

    /// One listener with its own thread, so that a slow one delays nobody.
    private static final class Listening {
        private final Consumer<Change> listener;
        private final EnumSet<Change> pending = EnumSet.noneOf(Change.class);
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition something = lock.newCondition();
        private final Thread thread;
        private boolean closed;

        Listening(Consumer<Change> listener) {
            this.listener = listener;
            this.thread = Thread.ofVirtual().name("changes").unstarted(this::tell);
        }

        void add(Change change) {
            lock.lock();
            try {
                if (pending.add(change)) {
                    something.signal();
                }
            } finally {
                lock.unlock();
            }
        }

        private void tell() {
            try {
                while (true) {
                    EnumSet<Change> now;
                    lock.lock();
                    try {
                        while (pending.isEmpty() && !closed) {
                            something.await();
                        }
                        if (closed) {
                            return;
                        }
                        now = EnumSet.copyOf(pending);
                        pending.clear();
                    } finally {
                        lock.unlock();
                    }
                    now.forEach(listener);
                    pause();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /// Lets what comes meanwhile gather.
        private void pause() throws InterruptedException {
            long left = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            lock.lock();
            try {
                while (left > 0 && !closed) {
                    left = something.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }

        void close() {
            lock.lock();
            try {
                closed = true;
                something.signal();
            } finally {
                lock.unlock();
            }
            thread.interrupt();
        }
    }
}
