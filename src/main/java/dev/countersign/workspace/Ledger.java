package dev.countersign.workspace;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Base and staging of every path, on disk: a log of final values per path, each line with its
/// checksum, rewritten when it grew. Whoever changes several things at once holds the workspace's
/// lock.
final class Ledger {
    private static final ObjectMapper JSON =
            new ObjectMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);
    private static final int REWRITE_AFTER = 50_000;

    /// Left behind by a restore: what the agent had made of `base`.
    record Kept(int epoch, String path, Item base, Item made) {}

    /// One line of the log. Each component is null where the line is not about it.
    private record Row(
            @Nullable String p,
            @Nullable Item b,
            @Nullable Item g,
            @Nullable String reject,
            @Nullable String unreject,
            @Nullable List<Kept> kept,
            @Nullable String block,
            @Nullable String why,
            @Nullable Boolean copied,
            @Nullable Integer epoch,
            @Nullable String transaction) {
        static Row path(String p, Item b, Item g) {
            return new Row(p, b, g, null, null, null, null, null, null, null, null);
        }

        static Row rejected(String id, boolean is) {
            return new Row(
                    null,
                    null,
                    null,
                    is ? id : null,
                    is ? null : id,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }

        static Row kept(List<Kept> all) {
            return new Row(null, null, null, null, null, all, null, null, null, null, null);
        }

        static Row blocked(String path, @Nullable String why) {
            return new Row(null, null, null, null, null, null, path, why, null, null, null);
        }

        static Row flags(boolean copied, int epoch) {
            return new Row(null, null, null, null, null, null, null, null, copied, epoch, null);
        }

        static Row transaction(String id) {
            return new Row(null, null, null, null, null, null, null, null, null, null, id);
        }
    }

    private final Path file;
    private final Path marks;
    private final Map<String, Item> base = new TreeMap<>();
    private final Map<String, Item> staged = new TreeMap<>();
    private final Map<String, String> blocked = new TreeMap<>();
    private final Set<String> rejected = new LinkedHashSet<>();
    private final Set<String> transactions = new LinkedHashSet<>();
    private List<Kept> kept = List.of();
    private boolean copied;
    private int epoch;
    private FileChannel log;
    private int lines;

    Ledger(Path state) throws IOException, CountersignException {
        this.file = state.resolve("ledger");
        this.marks = state.resolve("marks");
        Files.createDirectories(marks);
        if (Files.exists(file)) {
            load(file, true);
        }
        this.log = rewritten();
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
    Map<String, Item> staged() {
        return staged;
    }

    /// All paths of the base.
    Map<String, Item> base() {
        return base;
    }

    Map<String, String> blocked() {
        return blocked;
    }

    boolean rejected(String hunk) {
        return rejected.contains(hunk);
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
        append(Row.path(path, b, g));
        keep(path, b, g);
    }

    private void keep(String path, Item b, Item g) {
        if (b.absent()) {
            base.remove(path);
        } else {
            base.put(path, b);
        }
        if (g.equals(b)) {
            staged.remove(path);
        } else {
            staged.put(path, g);
        }
    }

    void reject(String hunk, boolean is) throws IOException {
        if (is ? rejected.add(hunk) : rejected.remove(hunk)) {
            append(Row.rejected(hunk, is));
        }
    }

    void block(String path, @Nullable String why) throws IOException {
        String before = why == null ? blocked.remove(path) : blocked.put(path, why);
        if (!java.util.Objects.equals(before, why)) {
            append(Row.blocked(path, why));
        }
    }

    void keepOld(List<Kept> all) throws IOException {
        if (!all.equals(kept)) {
            kept = List.copyOf(all);
            append(Row.kept(kept));
        }
    }

    void copyDone() throws IOException {
        copied = true;
        append(Row.flags(copied, epoch));
        sync();
    }

    /// The transaction's effect on the base is in this ledger.
    void land(String transaction) throws IOException {
        transactions.add(transaction);
        append(Row.transaction(transaction));
        sync();
    }

    /// Forgets a copy-in that did not end.
    void forgetPaths() throws IOException {
        base.clear();
        staged.clear();
        rewrite();
    }

    /// All that was changed is on disk when this returns.
    void sync() throws IOException {
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
        blocked.clear();
        Set<String> rejectedNow = new LinkedHashSet<>(rejected);
        load(mark0(id), false);
        rejected.clear();
        rejected.addAll(rejectedNow);
        transactions.clear();
        transactions.addAll(landedNow);
        kept = List.copyOf(all);
        epoch = newEpoch;
        copied = true;
        rewrite();
    }

    /// What the guest had at the mark.
    Map<String, Item> guestAt(String id, Set<String> paths)
            throws IOException, CountersignException {
        Ledger then = new Ledger(mark0(id), marks);
        Map<String, Item> found = new TreeMap<>();
        paths.forEach(path -> found.put(path, then.guest(path)));
        return found;
    }

    private Ledger(Path file, Path marks) throws IOException, CountersignException {
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

    void close() throws IOException {
        if (log.isOpen()) {
            log.force(false);
            log.close();
        }
    }

    private void append(Row line) throws IOException {
        if (lines > REWRITE_AFTER + 4 * base.size()) {
            rewrite();
        }
        byte[] bytes = line(line).getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            log.write(buffer);
        }
        lines++;
    }

    private void rewrite() throws IOException {
        FileChannel before = log;
        log = rewritten();
        before.close();
    }

    private FileChannel rewritten() throws IOException {
        write(file);
        lines = 0;
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private void write(Path target) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(line(Row.flags(copied, epoch)));
        base.forEach((path, item) -> {
            if (!staged.containsKey(path)) {
                text.append(line(Row.path(path, item, item)));
            }
        });
        staged.forEach((path, item) -> text.append(line(Row.path(path, base(path), item))));
        blocked.forEach((path, why) -> text.append(line(Row.blocked(path, why))));
        rejected.forEach(id -> text.append(line(Row.rejected(id, true))));
        transactions.forEach(id -> text.append(line(Row.transaction(id))));
        if (!kept.isEmpty()) {
            text.append(line(Row.kept(kept)));
        }
        Durable.write(target, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Row line) {
        try {
            String json = JSON.writeValueAsString(line);
            return checksum(json) + " " + json + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a ledger line can always be written", e);
        }
    }

    private static String checksum(String json) {
        CRC32C sum = new CRC32C();
        sum.update(json.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(sum.getValue());
    }

    /// @param torn whether a last line that a crash cut short is passed over
    private void load(Path from, boolean torn) throws IOException, CountersignException {
        String text = Files.readString(from);
        boolean whole = text.endsWith("\n") || text.isEmpty();
        List<String> all = new BufferedReader(new StringReader(text)).lines().toList();
        for (int i = 0; i < all.size(); i++) {
            boolean last = i == all.size() - 1;
            String line = all.get(i);
            if (line.length() < 10 || !checksum(line.substring(9)).equals(line.substring(0, 8))) {
                if (last && torn && !whole) {
                    return;
                }
                throw new CountersignException(
                        Kind.FAILED,
                        "The workspace state "
                                + from
                                + " is damaged at line "
                                + (i + 1)
                                + ". Staged content is still below "
                                + from.getParent()
                                + "; nothing was changed.");
            }
            take(JSON.readValue(line.substring(9), Row.class));
        }
    }

    private void take(Row line) {
        if (line.p() != null && line.b() != null && line.g() != null) {
            keep(line.p(), line.b(), line.g());
        }
        if (line.reject() != null) {
            rejected.add(line.reject());
        }
        if (line.unreject() != null) {
            rejected.remove(line.unreject());
        }
        if (line.kept() != null) {
            kept = List.copyOf(line.kept());
        }
        if (line.block() != null) {
            if (line.why() == null) {
                blocked.remove(line.block());
            } else {
                blocked.put(line.block(), line.why());
            }
        }
        if (line.copied() != null) {
            copied = line.copied();
        }
        if (line.epoch() != null) {
            epoch = line.epoch();
        }
        if (line.transaction() != null) {
            transactions.add(line.transaction());
        }
    }
}
