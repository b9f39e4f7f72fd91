package dev.countersign.workspace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What a side was seen to have, on disk, so that a restart need not read every file again. Only a
/// memory: what is missing, damaged or of another epoch costs time and nothing else.
final class SeenFile {
    private static final byte STAMP = 20;
    private static final byte SEEN = 21;
    private static final int HEAD = 8;

    private final Path file;

    SeenFile(Path file) {
        this.file = file;
    }

    /// Replaces the file.
    ///
    /// @param stamp what must be equal for [#load] to believe it
    void save(String stamp, Map<String, Seen> all) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
        int[] count = new int[1];
        all.forEach((path, seen) -> {
            if (seen.settled()) {
                count[0]++;
                Stat stat = seen.stat();
                out.writeBytes(
                        new LedgerRow.Writer(SEEN)
                                .text(path)
                                .item(seen.item())
                                .longs(
                                        stat.device(),
                                        stat.inode(),
                                        stat.size(),
                                        stat.modifiedNanos(),
                                        stat.changedNanos(),
                                        stat.mode())
                                .row());
            }
        });
        byte[] head = new LedgerRow.Writer(STAMP).text(stamp).number(count[0]).row();
        byte[] whole = new byte[head.length + out.size()];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(out.toByteArray(), 0, whole, head.length, out.size());
        Durable.write(file, whole);
    }

    NavigableMap<String, Seen> load(String stamp) throws IOException {
        NavigableMap<String, Seen> all = new TreeMap<>();
        if (!Files.exists(file)) {
            return all;
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        int at = 0;
        int expected = -1;
        try {
            while (bytes.limit() - at >= HEAD) {
                int length = bytes.getInt(at);
                if (length < 1
                        || length > bytes.limit() - at - HEAD
                        || bytes.getInt(at + 4)
                                != LedgerRow.checksum(bytes.array(), at + HEAD, length)) {
                    return new TreeMap<>();
                }
                LedgerRow.Fields in = new LedgerRow.Fields(bytes.slice(at + HEAD, length));
                if (in.kind() == STAMP) {
                    if (!in.text().equals(stamp)) {
                        return new TreeMap<>();
                    }
                    expected = in.number();
                } else {
                    String path = in.text();
                    Item item = in.item();
                    Stat stat =
                            new Stat(
                                    in.big(),
                                    in.big(),
                                    in.big(),
                                    in.big(),
                                    in.big(),
                                    (int) in.big());
                    all.put(path, new Seen(item, stat, true));
                }
                at += HEAD + length;
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return new TreeMap<>();
        }
        return all.size() == expected ? all : new TreeMap<>();
    }

    void forget() throws IOException {
        Files.deleteIfExists(file);
    }
}
