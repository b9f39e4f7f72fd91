package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Base and staging of every path, on disk: a log of final values per path, each row with its
/// checksum, rewritten when it grew. Whoever changes several things at once holds the workspace's
/// lock.
final class Ledger {
    private static final int REWRITE_AFTER = 50_000;
    private static final int TOGETHER = 1 << 18;

    /// Left behind by a restore: what the agent had made of `base`.
    record Kept(int epoch, String path, Item base, Item made) {}

    private final Path file;
    private final Path marks;
    private final NavigableMap<String, Item> base = new TreeMap<>();
    private final NavigableMap<String, Item> staged = new TreeMap<>();
    private final FoldedNames names;
    private final FaultPoint faults;
    private long stagedBytes;
    private final NavigableMap<String, String> blocked = new TreeMap<>();
    private final Set<String> rejected = new LinkedHashSet<>();
    private final Set<String> transactions = new LinkedHashSet<>();

    /// What the developer looked at or accepted, by path and hunk.
    private final NavigableMap<String, Map<String, HunkState>> looked = new TreeMap<>();

    private List<Kept> kept = List.of();
    private boolean copied;
    private int epoch;
    private FileChannel log;
    private final ByteArrayOutputStream unwritten = new ByteArrayOutputStream();
    private int batches;
    private int lines;

    /// @param names told of what the guest has
    Ledger(Path state, FoldedNames names, FaultPoint faults)
            throws IOException, CountersignException {
        this.names = names;
        this.faults = faults;
        this.file = state.resolve("ledger");
        this.marks = state.resolve("marks");
        Files.createDirectories(marks);
        boolean whole = Files.exists(file) && load(file, true);
        this.log = whole && !grown() ? appending() : rewritten();
    }

    // -- what it knows

    Item base(String path) {
        return base.getOrDefault(path, Item.Absent.HERE);
    }

    Item guest(String path) {
        Item made = staged.get(path);
        return made == null ? base(path) : made;
    }

    /// Paths whose guest differs from the base, with what the guest has.
    NavigableMap<String, Item> staged() {
        return staged;
    }

    /// All paths of the base.
    NavigableMap<String, Item> base() {
        return base;
    }

    NavigableMap<String, String> blocked() {
        return blocked;
    }

    boolean rejected(String hunk) {
        return rejected.contains(hunk);
    }

    /// What the developer said about hunks of this path, those included that are gone: `SEEN` or
    /// `ACCEPTED` by id.
    Map<String, HunkState> looked(String path) {
        return looked.getOrDefault(path, Map.of());
    }

    List<Kept> kept() {
        return kept;
    }

    boolean copied() {
        return copied;
    }

    int epoch() {
        return epoch;
    }

    boolean landed(String transaction) {
        return transactions.contains(transaction);
    }

    // -- what changes it

    /// Both sides have this.
    void agree(String path, Item item) throws IOException {
        set(path, item, item);
    }

    /// The guest has this; the base stays.
    void guestHas(String path, Item item) throws IOException {
        set(path, base(path), item);
    }

    /// The common ancestor is now this; what the guest has stays.
    void rebase(String path, Item item) throws IOException {
        set(path, item, guest(path));
    }

    private void set(String path, Item b, Item g) throws IOException {
        if (base(path).equals(b) && guest(path).equals(g)) {
            return;
        }
        append(LedgerRow.path(path, b, g));
        keep(path, b, g);
    }

    private void keep(String path, Item b, Item g) {
        if (b.absent()) {
            base.remove(path);
        } else {
            base.put(path, b);
        }
        Item before = g.equals(b) ? staged.remove(path) : staged.put(path, g);
        names.set(path, !g.absent());
        stagedBytes += size(g.equals(b) ? Item.Absent.HERE : g) - size(before);
    }

    private static long size(@Nullable Item item) {
        return item instanceof Item.File f ? f.size() : 0;
    }

    /// Another path of the guest that would be the same file on the host.
    Optional<String> twin(String path) {
        return names.twin(path);
    }

    /// What is blocked and would have been the same file on the host as this.
    List<String> blockedBy(String path) {
        return blocked.keySet().stream().filter(other -> names.same(path, other)).toList();
    }

    /// All staged content together.
    long stagedBytes() {
        return stagedBytes;
    }

    void reject(String hunk, boolean is) throws IOException {
        if (is ? rejected.add(hunk) : rejected.remove(hunk)) {
            append(LedgerRow.rejected(hunk, is));
        }
    }

    /// @param as `SEEN`, `ACCEPTED`, or null to forget it
    void look(String path, String hunk, @Nullable HunkState as) throws IOException {
        if (looked(path).get(hunk) != as) {
            lookedAt(path, hunk, as);
            append(LedgerRow.mark(path, hunk, as));
        }
    }

    private void lookedAt(String path, String hunk, @Nullable HunkState as) {
        Map<String, HunkState> here = looked.computeIfAbsent(path, _ -> new TreeMap<>());
        if (as == null) {
            here.remove(hunk);
        } else {
            here.put(hunk, as);
        }
        if (here.isEmpty()) {
            looked.remove(path);
        }
    }

    void block(String path, @Nullable String why) throws IOException {
        String before = why == null ? blocked.remove(path) : blocked.put(path, why);
        if (!java.util.Objects.equals(before, why)) {
            append(LedgerRow.blocked(path, why));
        }
    }

    void keepOld(List<Kept> all) throws IOException {
        if (!all.equals(kept)) {
            kept = List.copyOf(all);
            append(LedgerRow.kept(kept));
        }
    }

    void copyDone() throws IOException {
        copied = true;
        append(LedgerRow.flags(copied, epoch));
        sync();
    }

    /// The transaction's effect on the base is in this ledger.
    void land(String transaction) throws IOException {
        transactions.add(transaction);
        append(LedgerRow.transaction(transaction));
        sync();
    }

    /// Forgets a copy-in that did not end.
    void forgetPaths() throws IOException {
        base.clear();
        staged.clear();
        names.clear();
        stagedBytes = 0;
        rewrite();
    }

    /// All that was changed is on disk when this returns.
    void sync() throws IOException {
        if (unwritten.size() > 0) {
            Durable.writeFully(log, unwritten.toByteArray(), 0, unwritten.size());
            unwritten.reset();
        }
        log.force(false);
    }

    // -- marks

    void mark(String id) throws IOException {
        write(mark0(id));
    }

    void dropMark(String id) throws IOException {
        Files.deleteIfExists(mark0(id));
    }

    boolean marked(String id) {
        return Files.exists(mark0(id));
    }

    /// Base and staging as they were at the mark, at once and for good; `left` is kept beside what
    /// was kept before.
    void goBack(String id, int newEpoch, List<Kept> left) throws IOException, CountersignException {
        Set<String> landedNow = new LinkedHashSet<>(transactions);
        List<Kept> all = new ArrayList<>(kept);
        all.addAll(left);
        base.clear();
        staged.clear();
        names.clear();
        stagedBytes = 0;
        blocked.clear();
        Set<String> rejectedNow = new LinkedHashSet<>(rejected);
        Map<String, Map<String, HunkState>> lookedNow = new TreeMap<>(looked);
        load(mark0(id), false);
        looked.clear();
        looked.putAll(lookedNow);
        rejected.clear();
        rejected.addAll(rejectedNow);
        transactions.clear();
        transactions.addAll(landedNow);
        kept = List.copyOf(all);
        epoch = newEpoch;
        copied = true;
        rewrite();
    }

    /// What was staged at the mark.
    Map<String, Item> stagedAt(String id) throws IOException, CountersignException {
        return new Ledger(mark0(id), marks).staged();
    }

    private Ledger(Path file, Path marks) throws IOException, CountersignException {
        this.names = new FoldedNames(false);
        this.faults = FaultPoint.none();
        this.file = file;
        this.marks = marks;
        load(file, false);
        this.log = FileChannel.open(file, StandardOpenOption.READ);
        log.close();
    }

    private Path mark0(String id) {
        return marks.resolve(Digest.of(id).brief());
    }

    /// All content that this ledger or one of its marks needs.
    Set<Digest> contents() throws IOException, CountersignException {
        Set<Digest> all = new HashSet<>();
        addContents(all);
        try (Stream<Path> others = Files.list(marks)) {
            for (Path mark : others.toList()) {
                new Ledger(mark, marks).addContents(all);
            }
        }
        return all;
    }

    private void addContents(Set<Digest> all) {
        Stream.of(
                        base.values().stream(),
                        staged.values().stream(),
                        kept.stream().flatMap(k -> Stream.of(k.base(), k.made())))
                .flatMap(s -> s)
                .forEach(item -> {
                    if (item instanceof Item.File f) {
                        all.add(f.content());
                    }
                });
    }

    // -- the file

    /// Until closed, changes are written together: for whoever makes many. They are in the file at
    /// the latest when the last batch closes.
    Batch batch() {
        batches++;
        return () -> {
            batches--;
            flush();
        };
    }

    /// See [#batch()].
    interface Batch extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    void close() throws IOException {
        if (log.isOpen()) {
            batches = 0;
            flush();
            log.force(false);
            log.close();
        }
    }

    private void append(byte[] row) throws IOException {
        if (grown()) {
            rewrite();
        }
        unwritten.writeBytes(row);
        lines++;
        flush();
    }

    private boolean grown() {
        return lines > REWRITE_AFTER + 4 * base.size();
    }

    private void flush() throws IOException {
        if (unwritten.size() > 0 && (batches == 0 || unwritten.size() > TOGETHER)) {
            Durable.writeFully(log, unwritten.toByteArray(), 0, unwritten.size());
            unwritten.reset();
        }
    }

    private void rewrite() throws IOException {
        FileChannel before = log;
        log = rewritten();
        before.close();
    }

    private FileChannel rewritten() throws IOException {
        write(file);
        unwritten.reset();
        lines = 0;
        return appending();
    }

    private FileChannel appending() throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private void write(Path target) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream(1 << 16);
        all.writeBytes(LedgerRow.MAGIC);
        all.writeBytes(LedgerRow.flags(copied, epoch));
        base.forEach((path, item) -> {
            if (!staged.containsKey(path)) {
                all.writeBytes(LedgerRow.path(path, item, item));
            }
        });
        staged.forEach((path, item) -> all.writeBytes(LedgerRow.path(path, base(path), item)));
        blocked.forEach((path, why) -> all.writeBytes(LedgerRow.blocked(path, why)));
        rejected.forEach(id -> all.writeBytes(LedgerRow.rejected(id, true)));
        Set<String> listed = new HashSet<>(staged.keySet());
        kept.forEach(k -> listed.add(k.path()));
        looked.forEach((path, hunks) -> {
            // What nobody stages any more need not be remembered.
            if (listed.contains(path)) {
                hunks.forEach((id, as) -> all.writeBytes(LedgerRow.mark(path, id, as)));
            }
        });
        transactions.forEach(id -> all.writeBytes(LedgerRow.transaction(id)));
        if (!kept.isEmpty()) {
            all.writeBytes(LedgerRow.kept(kept));
        }
        Durable.write(target, all.toByteArray(), faults);
    }

    /// @param torn whether a last row that a crash cut short is passed over
    /// @return whether there was none
    private boolean load(Path from, boolean torn) throws IOException, CountersignException {
        byte[] all = Files.readAllBytes(from);
        int good = LedgerRow.readAll(all, new Loading());
        if (good < all.length && !(torn && LedgerRow.cutShort(all, good))) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The workspace state "
                            + from
                            + " is damaged at byte "
                            + good
                            + ". Staged content is still below "
                            + from.getParent()
                            + "; nothing was changed.");
        }
        return good == all.length;
    }

    private final class Loading implements LedgerRow.Reader {
        @Override
        public void path(String path, Item b, Item g) {
            lines++;
            keep(path, b, g);
        }

        @Override
        public void rejected(String id, boolean is) {
            lines++;
            if (is) {
                rejected.add(id);
            } else {
                rejected.remove(id);
            }
        }

        @Override
        public void kept(List<Kept> all) {
            lines++;
            kept = List.copyOf(all);
        }

        @Override
        public void blocked(String path, @Nullable String why) {
            lines++;
            if (why == null) {
                blocked.remove(path);
            } else {
                blocked.put(path, why);
            }
        }

        @Override
        public void flags(boolean isCopied, int isEpoch) {
            lines++;
            copied = isCopied;
            epoch = isEpoch;
        }

        @Override
        public void transaction(String id) {
            lines++;
            transactions.add(id);
        }

        @Override
        public void mark(String path, String hunk, @Nullable HunkState as) {
            lines++;
            lookedAt(path, hunk, as);
        }
    }
}
