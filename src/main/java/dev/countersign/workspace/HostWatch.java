package dev.countersign.workspace;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Says which of the developer's files may have changed; a port that the platform room implements.
/// A hint and nothing more: what changed is decided by full signatures and content, so a watch that
/// says too much costs time, and one that says too little costs delay until the next audit.
///
/// An implementation keeps three stages apart: what reads events from the system never waits for
/// anything, what settles them never touches the network, and the workspace looks at the files.
public interface HostWatch extends AutoCloseable {
    /// Begins. Returns once everything that exists is watched, so that a scan made afterwards
    /// misses nothing.
    ///
    /// @throws IOException if nothing can be watched at all
    void start(Path root, Skip skip, Sink sink) throws IOException;

    /// Which directories are not worth a watch.
    @FunctionalInterface
    interface Skip {
        /// Whether all below this relative path stays out of the guest anyway.
        boolean test(String path);
    }

    /// Where words about changes go. Called from the watch's threads; must return at once.
    interface Sink {
        /// The file, link or directory at this relative path may have changed, come or gone. `""`
        /// is the root: anything may have changed.
        void changed(String path);

        /// From now on not everything is watched; the reason is for the developer.
        void limited(String why);
    }

    /// How long the last full scan took, so that a watch that asks for scans can keep its share of
    /// a core.
    default void scanTook(Duration time) {
        // Only those that ask for scans care.
    }

    @Override
    void close();
}
