package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Moves the bytes of large files while the worker goes on with small ones. It only moves bytes:
/// what follows from a transfer is done by the worker, which collects it with [#finished].
final class BulkTransfers implements AutoCloseable {
    /// From this size on a file is worth a transfer of its own.
    static final long WORTH = 1L << 20;

    /// Moves bytes and returns what the worker is to do then.
    interface Transfer {
        After run() throws CountersignException, InterruptedException;
    }

    /// What follows.
    interface After {
        GuestSide.Taken take() throws CountersignException, InterruptedException;
    }

    /// A transfer that ended: the paths to look at again where it failed.
    record Ended(Set<String> paths, After after) {}

    private final Set<String> carried = ConcurrentHashMap.newKeySet();
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Runnable wake;
    private final ExecutorService carrier =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("workspace-bulk").factory());

    /// @param wake called when something ended
    BulkTransfers(Runnable wake) {
        this.wake = wake;
    }

    /// Whether this path is on its way.
    boolean carries(String path) {
        return carried.contains(path);
    }

    void carry(Set<String> paths, Transfer transfer) {
        carried.addAll(paths);
        try {
            var _ =
                    carrier.submit(() -> {
                        // Where it fails the channel says why; the next one looks at everything.
                        After after = () -> new GuestSide.Taken(false, Set.of(), paths);
                        try {
                            after = transfer.run();
                        } catch (CountersignException | InterruptedException e) {
                            return;
                        } finally {
                            ended.add(new Ended(paths, after));
                            signal();
                            wake.run();
                        }
                    });
        } catch (RejectedExecutionException e) {
            // Closed: nothing moves any more.
            carried.removeAll(paths);
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What ended since the last call; its paths are free again. For the worker.
    List<Ended> finished() {
        List<Ended> all = new ArrayList<>();
        for (Ended one = ended.poll(); one != null; one = ended.poll()) {
            carried.removeAll(one.paths);
            all.add(one);
        }
        return all;
    }

    /// Waits until something ended; false if nothing is on its way. For the worker.
    boolean await() throws InterruptedException {
        lock.lock();
        try {
            while (ended.isEmpty()) {
                if (carried.isEmpty()) {
                    return false;
                }
                changed.await();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        carrier.shutdownNow();
    }
}
