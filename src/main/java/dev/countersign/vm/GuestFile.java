package dev.countersign.vm;

import java.util.Arrays;

/// A file of ours in the guest, owned by root.
///
/// @param path absolute path in the guest, such as `/opt/countersign/relay.py`
/// @param mode permission bits, such as 0755
/// @param bytes the content; not copied, callers do not change it afterwards
public record GuestFile(String path, int mode, byte[] bytes) {
    /// @throws IllegalArgumentException if the path is not plain and absolute or the mode has more
    ///   than the nine permission bits
    public GuestFile {
        if (!path.startsWith("/") || path.contains("/../") || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not an absolute guest path: " + path);
        }
        if (mode < 0 || mode > 0777) {
            throw new IllegalArgumentException("not a file mode: " + mode);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GuestFile(String p, int m, byte[] b)
                && p.equals(path)
                && m == mode
                && Arrays.equals(b, bytes);
    }

    @Override
    public int hashCode() {
        return path.hashCode() * 31 + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "%s (%o, %d bytes)".formatted(path, mode, bytes.length);
    }
}
