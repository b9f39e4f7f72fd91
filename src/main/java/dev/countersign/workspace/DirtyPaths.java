package dev.countersign.workspace;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// What may have changed since somebody last looked. Adding never waits and never grows without
/// end: beyond a number of paths it is "everything". Safe for use by several threads.
final class DirtyPaths {
    /// @param everything then the paths are empty
    record Some(boolean everything, Set<String> paths) {}

    private final int most;
    private Set<String> paths = new HashSet<>();
    private boolean everything;

    DirtyPaths(int most) {
        this.most = most;
    }

    synchronized void add(Collection<String> more) {
        if (!everything) {
            paths.addAll(more);
            if (paths.size() > most) {
                all();
            }
        }
    }

    synchronized void add(Some more) {
        if (more.everything) {
            all();
        }
        add(more.paths);
    }

    synchronized void all() {
        everything = true;
        paths.clear();
    }

    synchronized boolean everything() {
        return everything;
    }

    synchronized boolean isEmpty() {
        return !everything && paths.isEmpty();
    }

    /// Takes what is there; what comes from now on is for the next time.
    synchronized Some drain() {
        Some some = new Some(everything, paths);
        everything = false;
        paths = new HashSet<>();
        return some;
    }
}
