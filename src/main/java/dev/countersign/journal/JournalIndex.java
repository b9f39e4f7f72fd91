package dev.countersign.journal;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds entries of all sessions. An SQLite file that is rebuilt from the logs at any time: losing
/// it loses nothing, and nothing is decided by what stands in it.
public final class JournalIndex implements AutoCloseable {
    /// What to look for; null means any.
    ///
    /// @param text words that must all occur, each as a prefix of a word
    /// @param type a fact's `type`, such as `decided`
    /// @param least the lowest level of calls
    public record Query(
            @Nullable String text,
            @Nullable SessionId session,
            @Nullable String type,
            @Nullable Level least,
            @Nullable Answer answer) {
        /// Everything.
        public static Query all() {
            return new Query(null, null, null, null, null);
        }
    }

    /// One entry that was found.
    ///
    /// @param position for the next page
    public record Hit(long position, SessionId session, long seq, Instant at, String type) {}

    /// Hits, newest first.
    ///
    /// @param next what to ask for the next page; null: this was the last
    public record Page(List<Hit> hits, @Nullable Long next) {}

    private JournalIndex() {}

    /// Opens the file, or makes it anew if it is missing, damaged or of another version.
    public static JournalIndex open(Path file) throws CountersignException {
        if (java.nio.file.Files.isDirectory(file)) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE, file + " is a directory.");
        }
        return new JournalIndex();
    }

    @Override
    public void close() {}
}
