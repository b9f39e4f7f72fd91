package dev.countersign.api;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// Cuts a byte stream into lines of a bounded length. One reader, one thread.
final class Frames {
    /// A line was longer than allowed. Nothing after it can be trusted to start where a line does.
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(int longest) {
            super("a frame is longer than " + longest + " bytes");
        }
    }

    private final ReadableByteChannel channel;
    private final int longest;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).flip();

    Frames(ReadableByteChannel channel, int longest) {
        this.channel = channel;
        this.longest = longest;
    }

    /// The next line without its end, or null when the other side closed between two lines.
    ///
    /// @throws TooLong if it is longer than allowed
    /// @throws EOFException if the other side closed inside a line
    byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        while (true) {
            int start = buffer.position();
            int end = indexOfNewline();
            int take = (end < 0 ? buffer.limit() : end) - start;
            if (line.size() + take > longest) {
                throw new TooLong(longest);
            }
            line.write(buffer.array(), start, take);
            if (end >= 0) {
                buffer.position(end + 1);
                return line.toByteArray();
            }
            buffer.clear();
            int read = channel.read(buffer);
            buffer.flip();
            if (read < 0) {
                if (line.size() > 0) {
                    throw new EOFException("the connection ended inside a frame");
                }
                return null;
            }
        }
    }

    private int indexOfNewline() {
        for (int i = buffer.position(); i < buffer.limit(); i++) {
            if (buffer.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }
}
