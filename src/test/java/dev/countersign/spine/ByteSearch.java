package dev.countersign.spine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Finds values in files of any size, by all of their [Forms].
final class ByteSearch {
    private static final int PIECE = 1 << 22;
    private static final int KEY = 8;
    private static final int SLOTS = 1 << 16;

    private record Needle(String name, byte[] bytes) {}

    private final Map<Long, List<Needle>> byBeginning = new HashMap<>();
    private final boolean[] perhaps = new boolean[SLOTS];
    private final Set<String> files = new HashSet<>();
    private int longest;

    /// @param values by the names under which they are reported
    ByteSearch(Map<String, String> values) {
        values.forEach((name, value) ->
                new Forms(value)
                        .all()
                        .forEach(form -> {
                            byte[] bytes = form.getBytes(StandardCharsets.ISO_8859_1);
                            if (bytes.length < 2 * KEY) {
                                throw new IllegalArgumentException(
                                        "too short to be looked for: " + form);
                            }
                            long key = ByteBuffer.wrap(bytes).getLong();
                            byBeginning
                                    .computeIfAbsent(key, _ -> new ArrayList<>())
                                    .add(new Needle(name, bytes));
                            perhaps[slot(key)] = true;
                            longest = Math.max(longest, bytes.length);
                        }));
    }

    private static int slot(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 48);
    }

    /// The names of files that were looked into so far.
    Set<String> files() {
        return files;
    }

    /// What is found below a directory, links not followed: `NAME: FILE`, once each.
    List<String> in(Path directory) throws IOException {
        Set<String> found = new HashSet<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file :
                    all.filter(one -> Files.isRegularFile(one, LinkOption.NOFOLLOW_LINKS))
                            .toList()) {
                files.add(file.getFileName().toString());
                inFile(file).forEach(name -> found.add(name + ": " + file.getFileName()));
            }
        }
        return found.stream().sorted().toList();
    }

    private Set<String> inFile(Path file) throws IOException {
        Set<String> found = new HashSet<>();
        byte[] piece = new byte[PIECE + longest];
        byte[] nothing = new byte[PIECE];
        int kept = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            for (int count = read(channel, piece, kept);
                    count > 0;
                    count = read(channel, piece, kept)) {
                int end = kept + count;
                boolean empty =
                        count == PIECE && Arrays.equals(piece, kept, end, nothing, 0, PIECE);
                if (!empty) {
                    look(piece, end, found);
                }
                int overlap = Math.min(longest, end);
                System.arraycopy(piece, end - overlap, piece, 0, overlap);
                kept = overlap;
            }
        }
        return found;
    }

    private static int read(FileChannel channel, byte[] piece, int at) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(piece, at, PIECE);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // A short read is no end.
        }
        return PIECE - buffer.remaining();
    }

    private void look(byte[] piece, int end, Set<String> found) {
        long key = 0;
        for (int at = 0; at < end; at++) {
            key = key << 8 | (piece[at] & 0xff);
            if (at >= KEY - 1 && perhaps[slot(key)]) {
                for (Needle one : byBeginning.getOrDefault(key, List.of())) {
                    int from = at - KEY + 1;
                    int to = from + one.bytes().length;
                    if (to <= end
                            && Arrays.equals(piece, from, to, one.bytes(), 0, one.bytes().length)) {
                        found.add(one.name());
                    }
                }
            }
        }
    }
}
