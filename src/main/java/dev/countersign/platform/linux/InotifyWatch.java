package dev.countersign.platform.linux;

import dev.countersign.workspace.HostWatch;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Watches a tree by inotify: one watch a directory, but for those that stay out anyway.
///
/// One thread only reads what the kernel has, so that its queue never runs full. Another settles
/// it: a file is told of when it was closed or renamed, since before it is half written; one that
/// was just made waits a moment, since an editor's temporary file is gone by then. A new directory
/// is watched first and told of then, so that whoever looks at it misses nothing. Where events were
/// lost the whole tree is told of.
public final class InotifyWatch implements HostWatch {
    private static final long MADE = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long WRITTEN = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);

    /// Events that wait to be settled; beyond it they are given up for a look at everything.
    private static final int MOST = 1_000_000;

    /// When to tell of a path.
    ///
    /// @param fresh whether it was made since it was last told of
    private record Due(long at, boolean fresh, long latest) {}

    private record Event(int wd, int mask, String name, boolean wellFormed) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();

    // Guarded by the lock: what the reader hands to the settler.
    private List<Event> raw = new ArrayList<>();
    private boolean lost;
    private boolean ended;

    // The settler's alone, once started.
    private final Map<Integer, String> paths = new HashMap<>();
    private final NavigableMap<String, Integer> watches = new TreeMap<>();
    private final Map<String, Due> due = new HashMap<>();
    private boolean limited;

    private int watched;

    private @Nullable Inotify inotify;
    private @Nullable Thread reader;
    private @Nullable Thread settler;
    private @Nullable Path root;
    private Skip skip = _ -> false;
    private @Nullable Sink sink;

    /// Not yet started.
    public InotifyWatch() {}

    @Override
    public void start(Path root, Skip skip, Sink sink) throws IOException {
        this.root = root;
        this.skip = skip;
        this.sink = sink;
        Inotify fresh = Inotify.open();
        this.inotify = fresh;
        // The reader first: what happens while the tree is walked must not fill the queue.
        reader = Thread.ofPlatform().daemon().name("workspace-inotify").start(this::read);
        CompletableFuture<Integer> watched = new CompletableFuture<>();
        settler =
                Thread.ofPlatform()
                        .daemon()
                        .name("workspace-settle")
                        .start(() -> {
                            try {
                                watchTree("");
                            } finally {
                                watched.complete(watches.size());
                            }
                            settle();
                        });
        this.watched = watched.join();
    }

    /// How many directories were watched at the start.
    int watched() {
        return watched;
    }

    // -- stage one: read

    private void read() {
        Inotify from = java.util.Objects.requireNonNull(inotify);
        String why = "";
        try {
            from.readAll((wd, mask, name, wellFormed) -> {
                lock.lock();
                try {
                    if (raw.size() >= MOST) {
                        raw.clear();
                        lost = true;
                    }
                    raw.add(new Event(wd, mask, name, wellFormed));
                    came.signal();
                } finally {
                    lock.unlock();
                }
            });
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        }
        lock.lock();
        try {
            ended = true;
            came.signal();
        } finally {
            lock.unlock();
        }
        if (!why.isEmpty()) {
            out().limited("inotify ended: " + why);
        }
    }

    private Sink out() {
        return java.util.Objects.requireNonNull(sink);
    }

    // -- stage two: settle

    private void settle() {
        try {
            while (true) {
                List<Event> batch;
                boolean gap;
                lock.lock();
                try {
                    while (raw.isEmpty() && !lost && !ended) {
                        if (due.isEmpty()) {
                            came.await();
                        } else {
                            long first = due.values().stream().mapToLong(Due::at).min().orElse(0);
                            long wait = first - System.nanoTime();
                            if (wait <= 0 || came.awaitNanos(wait) <= 0) {
                                break;
                            }
                        }
                    }
                    if (ended) {
                        return;
                    }
                    batch = raw;
                    gap = lost;
                    raw = new ArrayList<>();
                    lost = false;
                } finally {
                    lock.unlock();
                }
                tell(batch, gap);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(List<Event> batch, boolean gap) {
        Set<String> changed = new HashSet<>();
        boolean everything = gap;
        for (Event event : batch) {
            everything |= take(event, changed);
        }
        long now = System.nanoTime();
        due.entrySet()
                .removeIf(entry -> {
                    boolean is = entry.getValue().at - now <= 0;
                    if (is) {
                        changed.add(entry.getKey());
                    }
                    return is;
                });
        if (everything) {
            // Directories may have come that no event told of.
            watchTree("");
            out().changed("");
        } else {
            changed.forEach(out()::changed);
        }
    }

    /// @return whether anything may have changed
    private boolean take(Event event, Set<String> changed) {
        if ((event.mask & Inotify.OVERFLOW) != 0) {
            return true;
        }
        if ((event.mask & Inotify.IGNORED) != 0) {
            String path = paths.remove(event.wd);
            if (path != null) {
                watches.remove(path, event.wd);
            }
            return false;
        }
        String directory = paths.get(event.wd);
        if (directory == null) {
            // A watch that was given up: its directory was moved away or is gone.
            return false;
        }
        if (event.name.isEmpty()) {
            return false;
        }
        if (!event.wellFormed) {
            // Such names can't be told; a look at their directory lists them.
            changed.add(directory);
            return directory.isEmpty();
        }
        String path = directory.isEmpty() ? event.name : directory + "/" + event.name;
        if ((event.mask & Inotify.ISDIR) != 0) {
            directory(path, event.mask, changed);
        } else {
            file(path, event.mask, changed);
        }
        return false;
    }

    private void file(String path, int mask, Set<String> changed) {
        long now = System.nanoTime();
        Due waits = due.get(path);
        if (waits != null && !waits.fresh) {
            waits = null;
        }
        if ((mask & (Inotify.MOVED_FROM | Inotify.DELETE)) != 0) {
            due.remove(path);
            // Also of one that nobody was told of: who looked at its directory may have seen it.
            changed.add(path);
        } else if ((mask & Inotify.MOVED_TO) != 0
                || ((mask & Inotify.CLOSE_WRITE) != 0 && waits == null)) {
            due.remove(path);
            changed.add(path);
        } else if ((mask & Inotify.CREATE) != 0) {
            due.put(path, new Due(now + MADE, true, now + LONGEST));
        } else if (waits != null) {
            boolean closed = (mask & (Inotify.CLOSE_WRITE | Inotify.ATTRIB)) != 0;
            long at = Math.min(now + (closed ? MADE : WRITTEN), waits.latest);
            due.put(path, new Due(at, true, waits.latest));
        } else {
            long at = now + ((mask & Inotify.ATTRIB) != 0 ? MADE : WRITTEN);
            due.putIfAbsent(path, new Due(at, false, at));
        }
    }

    private void directory(String path, int mask, Set<String> changed) {
        if (skip.test(path)) {
            changed.add(path);
            return;
        }
        if ((mask & (Inotify.MOVED_FROM | Inotify.DELETE)) != 0) {
            forget(path);
            changed.add(path);
        } else if ((mask & (Inotify.CREATE | Inotify.MOVED_TO)) != 0) {
            // Another one may have been there under this name.
            forget(path);
            watchTree(path);
            changed.add(path);
        }
    }

    private void forget(String path) {
        Inotify at = java.util.Objects.requireNonNull(inotify);
        Map<String, Integer> gone = new HashMap<>(watches.subMap(path + "/", path + "0"));
        Integer itself = watches.get(path);
        if (itself != null) {
            gone.put(path, itself);
        }
        gone.forEach((below, wd) -> {
            watches.remove(below);
            paths.remove(wd);
            at.remove(wd);
        });
    }

    /// Watches a directory and all below it.
    private void watchTree(String top) {
        Deque<String> stack = new ArrayDeque<>();
        stack.push(top);
        Path base = java.util.Objects.requireNonNull(root);
        Inotify at = java.util.Objects.requireNonNull(inotify);
        while (!stack.isEmpty()) {
            String path = stack.pop();
            Path directory = path.isEmpty() ? base : base.resolve(path);
            int wd = at.add(directory.toString());
            if (wd < 0) {
                limit(-wd, path);
                continue;
            }
            String before = paths.put(wd, path);
            if (before != null && !before.equals(path)) {
                // It was moved, and no event has told of it yet: its old name is another's now.
                watches.remove(before, wd);
            }
            watches.put(path, wd);
            try (DirectoryStream<Path> all =
                    Files.newDirectoryStream(
                            directory, p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))) {
                for (Path below : all) {
                    String name = String.valueOf(below.getFileName());
                    String relative = path.isEmpty() ? name : path + "/" + name;
                    if (name.indexOf('\uFFFD') < 0 && !isGit(name) && !skip.test(relative)) {
                        stack.push(relative);
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                // Gone or closed meanwhile: the look that follows the event says so.
            }
        }
    }

    /// What git does with its own files is nothing that goes into a guest.
    private static boolean isGit(String name) {
        return name.equals(".git");
    }

    private void limit(int error, String path) {
        if (error == Inotify.ENOENT || error == Inotify.ENOTDIR || limited) {
            return;
        }
        limited = true;
        out().limited(
                        error == Inotify.ENOSPC
                                ? "the limit of watches is reached at "
                                        + watches.size()
                                        + " directories (raise fs.inotify.max_user_watches)"
                                : "the directory " + path + " can't be watched: error " + error);
    }

    @Override
    public void close() {
        Inotify open = inotify;
        if (open == null) {
            return;
        }
        open.wake();
        boolean interrupted = false;
        for (Thread thread : new @Nullable Thread[] {reader, settler}) {
            while (thread != null && thread.isAlive() && thread != Thread.currentThread()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        open.close();
        inotify = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
