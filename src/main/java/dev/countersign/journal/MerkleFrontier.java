package dev.countersign.journal;

import dev.countersign.domain.Digest;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// The right edge of a growing tree: appends in constant time on average, gives the root in
/// logarithmic time, and keeps one hash a level. Not safe for many threads.
final class MerkleFrontier {
    private final MessageDigest sha = Digest.sha256();

    /// `peaks[i]` is the root of a full subtree of 2^i leaves, present where bit i of the size is
    /// set.
    private final byte[][] peaks = new byte[Long.SIZE][];

    private long size;

    void append(byte[] leafHash) {
        byte[] node = leafHash;
        int level = 0;
        for (long rest = size; (rest & 1) == 1; rest >>>= 1) {
            node = Merkle.node(sha, peaks[level], node);
            level++;
        }
        peaks[level] = node;
        size++;
    }

    long size() {
        return size;
    }

    byte[] root() {
        byte @Nullable [] root = null;
        for (int level = 0; level < peaks.length; level++) {
            if ((size >>> level & 1) == 1) {
                root = root == null ? peaks[level] : Merkle.node(sha, peaks[level], root);
            }
        }
        return root == null ? sha.digest() : root;
    }
}
