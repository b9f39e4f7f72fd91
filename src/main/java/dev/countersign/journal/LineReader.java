package dev.countersign.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;

/// Walks over the lines of a file by blocks, without a copy a line. Reads through a
/// [RandomAccessFile], which an interrupt of the reading thread does not close.
final class LineReader implements Closeable {
    /// No record is longer; more is not a record but damage.
    static final int LONGEST_LINE = 64 << 20;

    private static final int BLOCK = 1 << 18;

    private final RandomAccessFile file;
    private byte[] buffer = new byte[BLOCK];
    private int filled;
    private int cursor;
    private int from;
    private int to;
    private long position;

    LineReader(Path path, long position) throws IOException {
        file = new RandomAccessFile(path.toFile(), "r");
        try {
            file.seek(position);
            this.position = position;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// Moves to the next line that ends before `limit` bytes of the file; false if there is none
    /// yet. Then [#buffer()] from [#from()] to [#to()] is the line without its line feed.
    boolean next(long limit) throws IOException {
        int searched = cursor;
        while (true) {
            for (int i = searched; i < filled; i++) {
                if (buffer[i] == '\n') {
                    from = cursor;
                    to = i;
                    cursor = i + 1;
                    return true;
                }
            }
            searched = makeRoom();
            int wanted = (int) Math.min(buffer.length - filled, limit - position);
            if (searched > LONGEST_LINE || wanted <= 0) {
                return false;
            }
            int count = file.read(buffer, filled, wanted);
            if (count <= 0) {
                return false;
            }
            filled += count;
            position += count;
        }
    }

    /// Moves the unfinished line to the front. Returns its length so far.
    private int makeRoom() {
        int held = filled - cursor;
        if (cursor > 0) {
            System.arraycopy(buffer, cursor, buffer, 0, held);
        } else if (held == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        cursor = 0;
        filled = held;
        return held;
    }

    byte[] buffer() {
        return buffer;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /// Where in the file the first byte after the current line stands.
    long after() {
        return position - filled + cursor;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
