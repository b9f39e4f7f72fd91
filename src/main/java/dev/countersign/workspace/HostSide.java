package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the host has, as last looked at. Guarded by the workspace's lock, but for [#look] and
/// [#load].
final class HostSide {
    private final WorkspaceSettings settings;
    private final HostTree tree;
    private final SecretDoor door;
    private final ContentStore contents;
    private final Ledger ledger;
    private final Lock lock;
    private final SeenFile memory;
    private NavigableMap<String, Seen> files = new TreeMap<>();
    private NavigableMap<String, Boolean> unsure = new TreeMap<>();
    private NavigableMap<String, LeftOut> leftOut = new TreeMap<>();
    private volatile IgnoreRules rules;
    private long generation;

    /// Files that the guest has and that turned out to hold a secret.
    private final List<Exposed> exposed = new ArrayList<>();

    private @Nullable Long rootInode;

    HostSide(
            WorkspaceSettings settings,
            HostTree tree,
            ContentStore contents,
            Ledger ledger,
            Lock lock) {
        this.settings = settings;
        this.tree = tree;
        this.door = new SecretDoor(settings.secrets());
        this.contents = contents;
        this.ledger = ledger;
        this.lock = lock;
        this.memory = new SeenFile(settings.state().resolve("host-seen"));
        this.rules = freshRules();
    }

    static HostSide of(
            WorkspaceSettings settings,
            Ledger ledger,
            ContentStore contents,
            Clock clock,
            Lock lock) {
        HostTree tree = new HostTree(settings.root(), settings.limits().hostFileBytes(), clock);
        return new HostSide(settings, tree, contents, ledger, lock);
    }

    /// The rules as the files on the host have them now.
    private IgnoreRules freshRules() {
        return new IgnoreRules(settings.root(), settings.excludes(), settings.includes());
    }

    /// Takes up what git tracks by now.
    ///
    /// @return the paths that count otherwise for it
    Set<String> takeUpTracked() {
        IgnoreRules fresh = freshRules();
        Set<String> otherwise = fresh.trackedOtherwise(rules);
        rules = fresh;
        return otherwise;
    }

    IgnoreRules rules() {
        return rules;
    }

    /// What keeps secrets out, as far as the last look has learned them.
    SecretDoor door() {
        return door;
    }

    HostTree tree() {
        return tree;
    }

    NavigableMap<String, Seen> files() {
        return files;
    }

    List<LeftOut> leftOut() {
        return List.copyOf(leftOut.values());
    }

    // -- memory

    private String stamp() {
        return "host " + settings.root();
    }

    /// Takes up what was known before a restart, as far as its content is still kept.
    void load() throws IOException {
        NavigableMap<String, Seen> known = memory.load(stamp());
        known.values()
                .removeIf(seen -> seen.item() instanceof Item.File f && !contents.has(f.content()));
        files = known;
    }

    void save() throws IOException {
        memory.save(stamp(), files);
    }

    // -- looking

    /// A file that must not be in the guest any more.
    ///
    /// @param since when the version was written that the guest has
    record Exposed(String path, String why, Instant since) {}

    /// A look that is not yet taken in.
    record Look(HostTree.Scan scan, IgnoreRules rules, long generation, Duration took) {
        boolean full() {
            return scan.tops().isEmpty();
        }
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }

    /// Reads what changed at these paths and below them, or everywhere. Called without the lock.
    Look look(@Nullable Collection<String> paths) throws IOException {
        long begin = System.nanoTime();
        long since = locked(() -> generation);
        if (rootInode == null) {
            rootInode = Stat.of(settings.root()).inode();
        } else if (rootInode != Stat.of(settings.root()).inode()) {
            throw new IOException("the directory " + settings.root() + " was replaced by another");
        }
        IgnoreRules now = paths == null ? freshRules() : rules;
        HostTree.Scan scan = tree.scan(paths, now, door, contents, new Before());
        return new Look(scan, now, since, Duration.ofNanos(System.nanoTime() - begin));
    }

    private final class Before implements HostTree.Known {
        @Override
        public @Nullable Seen before(String path) {
            lock.lock();
            try {
                return files.get(path);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean inBase(String path) {
            return locked(() ->
                    ledger.base().containsKey(path)
                            || !GuestPaths.below(ledger.base(), path).isEmpty());
        }
    }

    /// Takes a look in.
    ///
    /// @return the paths that are otherwise than before, or null if an apply changed the files
    ///   meanwhile: then the look is too old
    @Nullable Set<String> take(Look look) {
        if (look.generation != generation) {
            return null;
        }
        rules = look.rules;
        Set<String> changed = new HashSet<>();
        for (LeftOut left : look.scan.leftOut()) {
            String path = left.path().raw();
            Seen was = files.get(path);
            if (was != null
                    && left.reason() == LeftOut.Reason.SECRET_CONTENT
                    && !ledger.base(path).absent()) {
                Instant since = Instant.ofEpochSecond(0, was.stat().modifiedNanos());
                exposed.add(new Exposed(path, left.detail(), since));
            }
        }
        if (look.full()) {
            compare(files, look.scan.files(), changed);
            files = look.scan.files();
            unsure.clear();
            leftOut.clear();
        } else {
            for (String top : look.scan.tops()) {
                NavigableMap<String, Seen> then = new TreeMap<>(at(files, top));
                compare(then, at(look.scan.files(), top), changed);
                then.keySet().forEach(files::remove);
                clear(unsure, top);
                clear(leftOut, top);
            }
            files.putAll(look.scan.files());
        }
        look.scan.unsure().forEach(path -> unsure.put(path, true));
        look.scan.leftOut().forEach(left -> leftOut.put(left.path().raw(), left));
        return changed;
    }

    private static <T> NavigableMap<String, T> at(NavigableMap<String, T> map, String top) {
        NavigableMap<String, T> all = new TreeMap<>(GuestPaths.below(map, top));
        T itself = map.get(top);
        if (itself != null) {
            all.put(top, itself);
        }
        return all;
    }

    private static <T> void clear(NavigableMap<String, T> map, String top) {
        map.remove(top);
        GuestPaths.below(map, top).clear();
    }

    private static void compare(
            NavigableMap<String, Seen> before,
            NavigableMap<String, Seen> now,
            Set<String> changed) {
        changed.addAll(
                SortedPaths.otherwise(
                        before, now, (then, seen) -> then.item().equals(seen.item())));
    }

    /// Files that turned out to hold a secret since this was asked last, although the guest has a
    /// version of them.
    List<Exposed> exposed() {
        List<Exposed> all = List.copyOf(exposed);
        exposed.clear();
        return all;
    }

    /// Whether the host has something at this path that the guest never saw.
    boolean hides(String path) {
        LeftOut left = leftOut.get(path);
        return left != null && left.reason() != LeftOut.Reason.IGNORED;
    }

    /// What the last look found; where it could not look, what both sides last agreed on.
    Item seen(String path) {
        Seen found = files.get(path);
        if (found != null) {
            return found.item();
        }
        if (!unsure.isEmpty()) {
            List<String> above = new ArrayList<>(List.of(path));
            for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
                above.add(path.substring(0, at));
            }
            if (above.stream().anyMatch(unsure::containsKey)) {
                return ledger.base(path);
            }
        }
        return Item.Absent.HERE;
    }

    /// What is there at this moment.
    Item now(RelativePath path) throws IOException {
        Seen found = files.get(path.value());
        if (found != null) {
            try {
                if (found.still(Stat.of(path.under(settings.root())))
                        && tree.obstacle(path).isEmpty()) {
                    return found.item();
                }
            } catch (NoSuchFileException e) {
                return tree.item(path);
            }
        }
        return tree.item(path);
    }

    /// An apply changed this path: earlier looks are void.
    void changed(RelativePath path) throws IOException {
        generation++;
        Item item = tree.item(path);
        if (item.absent() || item instanceof Item.Other) {
            files.remove(path.value());
        } else {
            Path file = path.under(settings.root());
            files.put(path.value(), new Seen(item, Stat.of(file), false));
        }
    }
}
