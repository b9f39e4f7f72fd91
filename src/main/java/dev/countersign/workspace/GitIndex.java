package dev.countersign.workspace;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The paths in git's list of what it tracks (gitformat-index(5)): versions 2 to 4, with the object
/// names of SHA-1 or SHA-256, also where a sparse checkout keeps whole directories as one entry.
/// Lists that are split over two files are not read.
final class GitIndex {
    private static final int HEADER = 12;

    /// Times, device, inode, mode, owner and size before the object's name.
    private static final int BEFORE_NAME = 40;

    private static final int MODE = 24;
    private static final int EXTENDED = 0x4000;
    private static final int LENGTH = 0xfff;
    private static final int DIRECTORY = 0040000;
    private static final List<Integer> MODES =
            List.of(0100644, 0100755, 0120000, 0160000, DIRECTORY);

    private final byte[] all;
    private final int hash;
    private final int version;
    private int at = HEADER;

    private GitIndex(byte[] all, int hash, int version) {
        this.all = all;
        this.hash = hash;
        this.version = version;
    }

    /// Every path; empty if it is damaged or of a kind that is not read.
    static Optional<List<String>> paths(byte[] all) {
        if (all.length < HEADER + 20 || all[0] != 'D' || all[1] != 'I' || all[2] != 'R') {
            return Optional.empty();
        }
        ByteBuffer head = ByteBuffer.wrap(all);
        int version = head.getInt(4);
        int count = head.getInt(8);
        if (version < 2 || version > 4 || count < 0) {
            return Optional.empty();
        }
        for (int hash : new int[] {20, 32}) {
            Optional<List<String>> found = new GitIndex(all, hash, version).read(count);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<List<String>> read(int count) {
        List<String> paths = new ArrayList<>(Math.min(count, all.length / BEFORE_NAME));
        byte[] before = new byte[0];
        for (int i = 0; i < count; i++) {
            int begin = at;
            int end = all.length - hash;
            if (begin + BEFORE_NAME + hash + 4 > end) {
                return Optional.empty();
            }
            ByteBuffer entry = ByteBuffer.wrap(all, begin, all.length - begin).slice();
            int mode = entry.getInt(MODE);
            int flags = entry.getShort(BEFORE_NAME + hash);
            at = begin + BEFORE_NAME + hash + 2 + ((flags & EXTENDED) == 0 ? 0 : 2);
            int kept = version < 4 ? 0 : before.length - stripped();
            int zero = at;
            while (zero < end && all[zero] != 0) {
                zero++;
            }
            int length = kept + zero - at;
            boolean asSaid = (flags & LENGTH) == LENGTH || (flags & LENGTH) == length;
            if (kept < 0 || zero >= end || !asSaid || !MODES.contains(mode)) {
                return Optional.empty();
            }
            byte[] path = Arrays.copyOf(before, length);
            System.arraycopy(all, at, path, kept, zero - at);
            before = path;
            // Entries are padded to eight bytes before version 4, with at least one zero.
            at = version < 4 ? begin + ((zero - begin + 8) & ~7) : zero + 1;
            if (mode != DIRECTORY) {
                paths.add(new String(path, StandardCharsets.UTF_8));
            }
        }
        return split() ? Optional.empty() : Optional.of(paths);
    }

    /// How many bytes of the path before are not in this one: a number as in packs' offsets.
    private int stripped() {
        int value = all[at] & 0x7f;
        while ((all[at++] & 0x80) != 0 && at < all.length && value < 1 << 20) {
            value = ((value + 1) << 7) | (all[at] & 0x7f);
        }
        return value;
    }

    /// Whether an extension says that the rest is in another file.
    private boolean split() {
        int end = all.length - hash;
        for (int next = at; next + 8 <= end; ) {
            if (new String(all, next, 4, StandardCharsets.US_ASCII).equals("link")) {
                return true;
            }
            int size = ByteBuffer.wrap(all).getInt(next + 4);
            if (size < 0) {
                return true;
            }
            next += 8 + Math.min(size, end);
        }
        return false;
    }
}
