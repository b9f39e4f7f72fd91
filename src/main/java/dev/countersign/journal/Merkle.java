package dev.countersign.journal;

import dev.countersign.domain.Digest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, proofs, checks. Hashes are 32 bytes.
final class Merkle {
    static final int HASH = 32;
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private Merkle() {}

    /// SHA-256(0x00 ‖ record).
    static byte[] leaf(MessageDigest sha, byte[] bytes, int from, int to) {
        sha.update(LEAF);
        sha.update(bytes, from, to - from);
        return sha.digest();
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    static byte[] node(MessageDigest sha, byte[] left, byte[] right) {
        sha.update(NODE);
        sha.update(left);
        sha.update(right);
        return sha.digest();
    }

    /// The root over these leaf hashes.
    static byte[] root(List<byte[]> leaves) {
        MerkleFrontier tree = new MerkleFrontier();
        leaves.forEach(tree::append);
        return tree.root();
    }

    /// The audit path of one leaf, from the bottom up (RFC 9162 §2.1.3.1).
    static List<byte[]> inclusion(int index, List<byte[]> leaves) {
        if (index < 0 || index >= leaves.size()) {
            throw new IllegalArgumentException("no leaf " + index + " of " + leaves.size());
        }
        List<byte[]> path = new ArrayList<>();
        List<byte[]> part = leaves;
        int at = index;
        while (part.size() > 1) {
            int left = largestPowerBelow(part.size());
            if (at < left) {
                path.addFirst(root(part.subList(left, part.size())));
                part = part.subList(0, left);
            } else {
                path.addFirst(root(part.subList(0, left)));
                part = part.subList(left, part.size());
                at -= left;
            }
        }
        return path;
    }

    /// Whether the path leads from the leaf to the root (RFC 9162 §2.1.3.2).
    static boolean included(long index, long size, byte[] leaf, List<byte[]> path, byte[] root) {
        if (index < 0 || index >= size) {
            return false;
        }
        MessageDigest sha = Digest.sha256();
        long node = index;
        long last = size - 1;
        byte[] hash = leaf;
        for (byte[] sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = node(sha, sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                hash = node(sha, hash, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    /// The proof that the tree over the first `size` leaves is a prefix of the whole one (RFC 9162
    /// §2.1.4.1).
    static List<byte[]> consistency(int size, List<byte[]> leaves) {
        if (size <= 0 || size > leaves.size()) {
            throw new IllegalArgumentException("no prefix of " + size + " in " + leaves.size());
        }
        return size == leaves.size() ? List.of() : subproof(size, leaves, true);
    }

    private static List<byte[]> subproof(int size, List<byte[]> part, boolean whole) {
        if (size == part.size()) {
            return whole ? new ArrayList<>() : new ArrayList<>(List.of(root(part)));
        }
        int left = largestPowerBelow(part.size());
        List<byte[]> proof;
        if (size <= left) {
            proof = subproof(size, part.subList(0, left), whole);
            proof.add(root(part.subList(left, part.size())));
        } else {
            proof = subproof(size - left, part.subList(left, part.size()), false);
            proof.add(root(part.subList(0, left)));
        }
        return proof;
    }

    /// Whether the proof shows that the first tree is a prefix of the second (RFC 9162 §2.1.4.2).
    static boolean consistent(
            long first, long second, byte[] firstRoot, byte[] secondRoot, List<byte[]> proof) {
        if (first <= 0 || first > second) {
            return false;
        }
        if (first == second) {
            return proof.isEmpty() && Arrays.equals(firstRoot, secondRoot);
        }
        List<byte[]> path = new ArrayList<>(proof);
        if (Long.bitCount(first) == 1) {
            path.addFirst(firstRoot);
        }
        if (path.isEmpty()) {
            return false;
        }
        MessageDigest sha = Digest.sha256();
        long node = first - 1;
        long last = second - 1;
        while ((node & 1) == 1) {
            node >>>= 1;
            last >>>= 1;
        }
        byte[] fromFirst = path.getFirst();
        byte[] fromSecond = path.getFirst();
        for (byte[] sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                fromFirst = node(sha, sibling, fromFirst);
                fromSecond = node(sha, sibling, fromSecond);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                fromSecond = node(sha, fromSecond, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0
                && Arrays.equals(fromFirst, firstRoot)
                && Arrays.equals(fromSecond, secondRoot);
    }

    private static int largestPowerBelow(int size) {
        return Integer.highestOneBit(size - 1);
    }
}
