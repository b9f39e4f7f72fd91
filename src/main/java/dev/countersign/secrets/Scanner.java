package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.util.List;

/// Finds secrets in files and texts. Stateless, safe for many threads, linear in its input.
public final class Scanner {
    /// What the answer is used for.
    public enum Mode {
        /// Before a file enters the guest: precision first.
        BLOCK,
        /// Before something is written, shown or sent: recall first.
        REDACT
    }

    /// Finds the secrets of one file, or of all files below a directory. Links are not followed, of
    /// `.git` the object store is left out.
    ///
    /// @return in order of path, line and column
    /// @throws CountersignException if something can't be read, naming it
    public List<Finding> scan(Path path, Mode mode) throws CountersignException {
        if (!java.nio.file.Files.exists(path)) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE, "There is no file " + path + ".");
        }
        return scan(path.toString(), new byte[0], mode);
    }

    /// Finds the secrets of one file's content.
    ///
    /// @param path names the file in the findings; its ending says how assignments are read
    public List<Finding> scan(String path, byte[] content, Mode mode) {
        return List.of();
    }
}
