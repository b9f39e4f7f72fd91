package dev.countersign.journal;

import dev.countersign.domain.Entry;
import java.io.Closeable;
import java.io.IOException;

/// Reads entries of a log one after the other, also while it grows.
final class EntryCursor implements Closeable {
    private final LineReader lines;
    private long skip;

    private EntryCursor(LineReader lines, long skip) {
        this.lines = lines;
        this.skip = skip;
    }

    /// Before the entry of this number.
    static EntryCursor at(SignedLog log, long seq) throws IOException {
        SignedLog.LogPosition position = log.positionOf(seq);
        return new EntryCursor(new LineReader(log.file(), position.offset()), seq - position.seq());
    }

    /// Moves on within the first `limit` bytes of the file.
    boolean next(long limit) throws IOException {
        while (lines.next(limit)) {
            if (skip == 0) {
                return true;
            }
            skip--;
        }
        return false;
    }

    Entry entry() throws IOException {
        return FactCodec.read(lines.buffer(), lines.from(), lines.to());
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
