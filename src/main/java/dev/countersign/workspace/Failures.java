package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// Turns what the file system says into what the developer can do about it.
final class Failures {
    private Failures() {}

    /// @param doing such as `Reading the workspace state`
    static CountersignException of(String doing, IOException e) {
        if (full(e)) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    doing + " failed: no space is left on the disk. Free some and try again.",
                    e);
        }
        return new CountersignException(
                Kind.FAILED, doing + " failed: " + text(e) + ". Check the path and its rights.", e);
    }

    static boolean full(IOException e) {
        return Kind.ofWriting(e) == Kind.EXHAUSTED;
    }

    /// A short reason, such as `permission denied`.
    static String text(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied" + on(e);
            case NoSuchFileException _ -> "it is gone" + on(e);
            case FileSystemException f when f.getReason() != null -> f.getReason() + on(e);
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String on(IOException e) {
        @Nullable String file = e instanceof FileSystemException f ? f.getFile() : null;
        return file == null ? "" : " (" + file + ")";
    }
}
