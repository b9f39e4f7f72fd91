package dev.countersign.egress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Reads a channel byte by byte without a call for each, and gives back what it read too much.
final class Wire extends InputStream {
    private static final int DRAINED = 1 << 16;
    private final SocketChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocate(2048).limit(0);

    Wire(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, bytes.length);
        if (count == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int had = Math.min(count, buffer.remaining());
        buffer.get(bytes, from, had);
        return had;
    }

    private boolean fill() throws IOException {
        while (!buffer.hasRemaining()) {
            buffer.clear();
            int count = channel.read(buffer);
            buffer.flip();
            if (count < 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether these are the next bytes. Nothing is taken.
    boolean startsWith(String ascii) throws IOException {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        if (!fill()) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (i == buffer.remaining() && !more()) {
                return false;
            }
            if (buffer.get(buffer.position() + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    /// Adds to what is there, which is less than the buffer holds.
    private boolean more() throws IOException {
        buffer.compact();
        try {
            return channel.read(buffer) > 0;
        } finally {
            buffer.flip();
        }
    }

    /// What was read and not used; the memory is given back.
    byte[] takeBuffered() {
        byte[] left = new byte[buffer.remaining()];
        buffer.get(left);
        buffer = ByteBuffer.allocate(0);
        return left;
    }

    /// Reads what is still on its way, so that closing does not reset what was answered.
    void drain() throws IOException {
        byte[] away = new byte[4096];
        int left = DRAINED;
        for (int count = 0; count >= 0 && left > 0; count = read(away, 0, away.length)) {
            left -= count;
        }
    }
}
