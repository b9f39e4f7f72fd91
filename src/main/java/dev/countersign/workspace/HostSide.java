package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the host has, as last looked at. Guarded by the workspace's lock, but for [#scan].
final class HostSide {
    private final WorkspaceSettings settings;
    private final HostTree tree;
    private final SecretDoor door;
    private final ContentStore contents;
    private final Ledger ledger;
    private Map<String, Seen> files = new TreeMap<>();
    private Set<String> hidden = Set.of();
    private List<String> unsure = List.of();
    private List<LeftOut> leftOut = List.of();
    private volatile IgnoreRules rules;
    private long generation;
    private @Nullable Long rootInode;

    HostSide(
            WorkspaceSettings settings,
            HostTree tree,
            SecretDoor door,
            ContentStore contents,
            Ledger ledger) {
        this.settings = settings;
        this.tree = tree;
        this.door = door;
        this.contents = contents;
        this.ledger = ledger;
        this.rules = new IgnoreRules(settings.root(), settings.excludes());
    }

    static HostSide of(
            WorkspaceSettings settings, Ledger ledger, ContentStore contents, Clock clock) {
        HostTree tree = new HostTree(settings.root(), settings.limits().fileBytes(), clock);
        return new HostSide(settings, tree, new SecretDoor(settings.secrets()), contents, ledger);
    }

    IgnoreRules rules() {
        return rules;
    }

    HostTree tree() {
        return tree;
    }

    Map<String, Seen> files() {
        return files;
    }

    List<LeftOut> leftOut() {
        return leftOut;
    }

    /// A scan that is not yet taken in.
    record Look(HostTree.Scan scan, IgnoreRules rules, long generation, Duration took) {}

    long generation() {
        return generation;
    }

    /// Reads what changed. Called without the lock: `known` and `basePaths` are copies.
    Look scan(Map<String, Seen> known, Map<String, Item> basePaths, long since) throws IOException {
        long begin = System.nanoTime();
        if (rootInode == null) {
            rootInode = Stat.of(settings.root()).inode();
        } else if (rootInode != Stat.of(settings.root()).inode()) {
            throw new IOException("the directory " + settings.root() + " was replaced by another");
        }
        IgnoreRules now = new IgnoreRules(settings.root(), settings.excludes());
        TreeMap<String, Item> base = new TreeMap<>(basePaths);
        HostTree.Scan scan = tree.scan(now, door, contents, known, path -> covers(base, path));
        return new Look(scan, now, since, Duration.ofNanos(System.nanoTime() - begin));
    }

    private static boolean covers(NavigableMap<String, Item> base, String path) {
        if (base.containsKey(path)) {
            return true;
        }
        String below = base.ceilingKey(path + "/");
        return below != null && below.startsWith(path + "/");
    }

    /// Takes a scan in, unless an apply changed the files meanwhile: then it is too old.
    boolean take(Look look) {
        if (look.generation != generation) {
            return false;
        }
        files = look.scan.files();
        unsure = look.scan.unsure();
        leftOut = look.scan.leftOut();
        rules = look.rules;
        Set<String> out = new HashSet<>();
        for (LeftOut left : leftOut) {
            if (left.reason() != LeftOut.Reason.IGNORED) {
                out.add(left.path().raw());
            }
        }
        hidden = out;
        return true;
    }

    /// Whether the host has something at this path that the guest never saw.
    boolean hides(String path) {
        return hidden.contains(path);
    }

    /// What the last scan found; where it could not look, what both sides last agreed on.
    Item seen(String path) {
        Seen found = files.get(path);
        if (found != null) {
            return found.item();
        }
        for (String doubt : unsure) {
            if (path.equals(doubt) || path.startsWith(doubt + "/")) {
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

    /// An apply changed this path: earlier scans are void.
    void changed(RelativePath path) throws IOException {
        generation++;
        Item item = tree.item(path);
        if (item.absent() || item instanceof Item.Other) {
            files.remove(path.value());
        } else {
            files.put(path.value(), new Seen(item, Stat.of(path.under(settings.root())), false));
        }
    }
}
