package dev.countersign.journal;

import dev.countersign.domain.Digest;
import dev.countersign.journal.LogLine.Fit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One walk over a log: number, chain, tree, and every head on the way. Stops at the first fault.
///
/// @param tree over the entries that are in order
/// @param end behind the last of them
/// @param last its leaf hash, or the hash of the origin
/// @param trailing bytes after the last line feed: a record that was cut short
/// @param good the last head whose root the log reproduces
record LogScan(
        MerkleFrontier tree,
        long end,
        byte[] last,
        long trailing,
        @Nullable SignedHead good,
        @Nullable Fault fault) {

    /// Something that is not as it was written.
    ///
    /// @param entry the first entry that is not vouched for
    record Fault(long entry, String says) {}

    /// Told of each entry that is in order.
    interface Visitor {
        void entry(long seq, long start, byte[] buffer, int from, int to, byte[] leaf);
    }

    static byte[] begin(String origin) {
        return Digest.sha256().digest(origin.getBytes(StandardCharsets.UTF_8));
    }

    /// @param limit how many bytes of the file to look at
    /// @param heads those that the log must reproduce; their signatures are the caller's care
    static LogScan of(Path file, long limit, String origin, List<SignedHead> heads, Visitor visitor)
            throws IOException {
        MerkleFrontier tree = new MerkleFrontier();
        MessageDigest sha = Digest.sha256();
        List<SignedHead> due =
                heads.stream().sorted(Comparator.comparingLong(SignedHead::size)).toList();
        int next = 0;
        byte[] last = begin(origin);
        SignedHead good = null;
        Fault fault = null;
        long end = 0;
        try (LineReader lines = new LineReader(file, 0)) {
            while (true) {
                while (next < due.size() && due.get(next).size() == tree.size()) {
                    SignedHead head = due.get(next);
                    if (!head.root().equals(digest(tree.root()))) {
                        fault =
                                lastShows(lines, limit, tree.size(), last)
                                        ? changed(tree.size())
                                        : unlike(head, good);
                        break;
                    }
                    good = head;
                    next++;
                }
                if (fault != null || !lines.next(limit)) {
                    break;
                }
                Fit fit = LogLine.fit(lines.buffer(), lines.from(), lines.to(), tree.size(), last);
                if (fit != Fit.FITS) {
                    fault = misfit(fit, lines, tree.size(), good);
                    break;
                }
                byte[] leaf = Merkle.leaf(sha, lines.buffer(), lines.from(), lines.to());
                visitor.entry(tree.size(), end, lines.buffer(), lines.from(), lines.to(), leaf);
                tree.append(leaf);
                last = leaf;
                end = lines.after();
            }
            if (fault == null && next < due.size()) {
                SignedHead missed = due.getLast();
                fault =
                        new Fault(
                                tree.size(),
                                "entries "
                                        + tree.size()
                                        + " to "
                                        + (missed.size() - 1)
                                        + " are missing: they were signed at "
                                        + missed.at());
            }
            long trailing = fault == null ? limit - end : 0;
            return new LogScan(tree, end, last, trailing, good, fault);
        }
    }

    static Visitor nobody() {
        return (seq, start, buffer, from, to, leaf) -> {};
    }

    /// All leaf hashes of the entries that are in order.
    static Visitor leaves(Consumer<byte[]> each) {
        return (seq, start, buffer, from, to, leaf) -> each.accept(leaf);
    }

    private static Fault unlike(SignedHead head, @Nullable SignedHead good) {
        long first = good == null ? 0 : Math.min(good.size(), Math.max(0, head.size() - 1));
        return new Fault(
                first,
                (first == head.size() - 1
                                ? "entry " + first + " is"
                                : "entries " + first + " to " + (head.size() - 1) + " are")
                        + " not what was signed at "
                        + head.at());
    }

    private static Fault misfit(Fit fit, LineReader lines, long seq, @Nullable SignedHead good) {
        return switch (fit) {
            case FITS -> throw new AssertionError("it fits");
            case NOT_A_RECORD -> new Fault(seq, "entry " + seq + " is not a record");
            case OTHER_NUMBER -> {
                long found = LogLine.number(lines.buffer(), lines.from(), lines.to());
                yield found > seq
                        ? new Fault(
                                seq,
                                "in the place of entry "
                                        + seq
                                        + " stands entry "
                                        + found
                                        + ": what was between is missing or was moved")
                        : new Fault(
                                seq,
                                "in the place of entry "
                                        + seq
                                        + " stands entry "
                                        + found
                                        + " again: it was inserted or moved");
            }
            case OTHER_PREDECESSOR -> {
                boolean beforeIsSigned = good != null && good.size() >= seq;
                yield seq == 0
                        ? new Fault(0, "entry 0 is of another log")
                        : beforeIsSigned
                                ? new Fault(
                                        seq,
                                        "entry "
                                                + seq
                                                + " does not follow from the one before: it was"
                                                + " changed or is of another log")
                                : changed(seq);
            }
        };
    }

    /// Whether the entry behind a head that does not fit shows that the last one under it changed.
    private static boolean lastShows(LineReader lines, long limit, long seq, byte[] last)
            throws IOException {
        return seq > 0
                && lines.next(limit)
                && LogLine.fit(lines.buffer(), lines.from(), lines.to(), seq, last)
                        == Fit.OTHER_PREDECESSOR;
    }

    private static Fault changed(long next) {
        return new Fault(
                next - 1,
                "entry " + (next - 1) + " was changed: entry " + next + " does not follow from it");
    }

    private static Digest digest(byte[] hash) {
        return new Digest(java.util.HexFormat.of().formatHex(hash));
    }
}
