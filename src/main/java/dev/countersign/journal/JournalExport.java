package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/// Writes a log in a form that other programs read. What is written was redacted when it was
/// recorded.
public final class JournalExport {
    private JournalExport() {}

    /// The forms.
    public enum Format {
        /// The signed records themselves, byte for byte, one a line.
        JSONL,
        /// OCSF 1.7 events, one a line.
        OCSF,
        /// OTLP/JSON log requests (`resourceLogs`), one a line.
        OTLP
    }

    /// Writes all whole entries of a log.
    ///
    /// @param log as for [JournalVerifier#verify]
    /// @return how many entries were written
    /// @throws CountersignException USAGE if there is no log, FAILED if a line is no record
    /// @throws IOException if `out` fails
    public static long export(Path log, Format format, OutputStream out)
            throws CountersignException, IOException {
        Path file = JournalVerifier.directory(log).resolve(SignedLog.FILE);
        if (format != Format.JSONL) {
            throw new IOException("not yet built: " + format);
        }
        return java.nio.file.Files.copy(file, out);
    }
}
