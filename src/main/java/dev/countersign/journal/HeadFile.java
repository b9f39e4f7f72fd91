package dev.countersign.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The signed heads of a log, one after the other in a file of their own, an empty line behind
/// each. Apart from the records, so that a log that lost its end does not lose the proof of it too.
final class HeadFile implements AutoCloseable {
    static final String NAME = "heads.txt";

    /// What is wrong with entries that no head is kept for: the first is signed before the first
    /// entry is written.
    static final String MISSING = "it has no signed heads (" + NAME + ")";

    /// An em dash and a space in UTF-8, as they look byte by byte.
    private static final String SIGNATURE = "\u00e2\u0080\u0094 ";

    private final RandomAccessFile file;
    private long end;

    private HeadFile(RandomAccessFile file, long end) {
        this.file = file;
        this.end = end;
    }

    /// What a file of heads holds.
    ///
    /// @param end behind the last whole head
    /// @param fault what is wrong with it; an unfinished last head is no fault
    record Content(List<SignedHead> heads, long end, @Nullable String fault) {}

    static Content read(Path path) throws IOException {
        List<SignedHead> heads = new ArrayList<>();
        if (!Files.exists(path)) {
            return new Content(heads, 0, null);
        }
        String text = Files.readString(path, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < text.length()) {
            int blank = text.indexOf("\n\n", at);
            int close = blank < 0 ? -1 : text.indexOf("\n\n", blank + 2);
            if (close < 0) {
                return new Content(heads, at, faultOfTail(heads.size(), text.substring(at)));
            }
            String note = text.substring(at, close + 1);
            try {
                heads.add(SignedHead.parse(utf8(note)));
            } catch (IllegalArgumentException e) {
                return new Content(
                        heads, at, "head " + heads.size() + " can't be read: " + e.getMessage());
            }
            at = close + 2;
        }
        return new Content(heads, at, null);
    }

    /// What is wrong with a last head that has no empty line behind it. A head that a crash cut
    /// short is the beginning of a good one: nothing stands behind its signature, and its signed
    /// part is whole once its empty line is there.
    private static @Nullable String faultOfTail(int number, String tail) {
        int blank = tail.indexOf("\n\n");
        if (blank < 0) {
            return null;
        }
        try {
            SignedHead.requireText(utf8(tail.substring(0, blank + 1)));
        } catch (IllegalArgumentException e) {
            return "head " + number + " can't be read: " + e.getMessage();
        }
        boolean closed = tail.startsWith(SIGNATURE, tail.lastIndexOf('\n', tail.length() - 3) + 1);
        return tail.endsWith("\n\n") && closed
                ? "head " + number + " can't be read: not a signed note"
                : null;
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /// @param end behind the last whole head; an unfinished one is cut off
    static HeadFile append(Path path, long end) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            file.setLength(end);
            file.seek(end);
            return new HeadFile(file, end);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// Appends one head, or leaves the file as it was.
    void append(SignedHead head) throws IOException {
        byte[] bytes = (head.note() + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            file.write(bytes);
            end += bytes.length;
        } catch (IOException e) {
            file.setLength(end);
            file.seek(end);
            throw e;
        }
    }

    void sync() throws IOException {
        file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
