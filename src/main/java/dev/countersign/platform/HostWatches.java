package dev.countersign.platform;

import dev.countersign.platform.linux.InotifyWatch;
import dev.countersign.workspace.HostWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/// Chooses the watch of this system.
public final class HostWatches {
    private HostWatches() {}

    /// A watch over one directory, not yet started.
    public static HostWatch ofThisSystem() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return system.contains("linux") ? new InotifyWatch() : new Missing(system);
    }

    /// Where there is none; whoever starts it scans instead.
    private record Missing(String system) implements HostWatch {
        @Override
        public void start(Path root, Skip skip, Sink sink) throws IOException {
            throw new IOException("there is no watch for " + system + " yet");
        }

        @Override
        public void close() {
            // Nothing was started.
        }
    }
}
