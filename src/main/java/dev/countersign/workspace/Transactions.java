package dev.countersign.workspace;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Changes of the developer's files: planned on disk, done step by step, each step safe to stop at.
///
/// All contents, old and new, are in the content store before the first file is touched. New
/// versions are written beside the files, many at a time, and their bytes are on disk before the
/// first of them gets its name: an fsync for each would cost more than all the rest. A file is
/// replaced only while it still is what the plan says: its old version gets a second name, that
/// version is hashed, and the new one is renamed over it; a deletion renames the old one aside,
/// hashes that, and puts it back if it is not what the plan says. At the next open a transaction
/// that was begun is finished by the same rules, one that was only planned is forgotten.
final class Transactions {
    /// Names beside the developer's files while a transaction runs; scans pass over them.
    static final String IN_TREE = ".countersign-apply-";

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .setDefaultPropertyInclusion(
                            com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL);
    private static final int REMEMBERED = 20;

    /// So many new versions lie beside the developer's files at a time, so that their bytes go to
    /// the disk together.
    private static final int TOGETHER = 2000;

    private static final long TOGETHER_BYTES = 256L << 20;

    /// One path of a plan.
    ///
    /// @param before what the host must have for the change to be made
    /// @param baseBefore the common ancestor, which moves to `baseAfter` with it
    /// @param kept work that a restore left behind, of which `keptAfter` is left then
    record Op(
            String path,
            Item before,
            Item after,
            Item baseBefore,
            Item baseAfter,
            Ledger.@Nullable Kept kept,
            Ledger.@Nullable Kept keptAfter) {}

    /// @param undoOf the transaction that this one takes back
    record Plan(
            String id,
            List<Op> ops,
            List<String> hunks,
            @Nullable String undoOf,
            Map<String, String> refused) {}

    /// What became of each path: `""` if done, else why not.
    record Done(Map<String, String> outcome) {
        boolean did(String path) {
            return "".equals(outcome.get(path));
        }
    }

    private final Path root;
    private final Path directory;
    private final ContentStore contents;
    private final HostTree host;
    private final FaultPoint faults;
    private final ApplyHistory history;
    private final Clock clock;

    Transactions(
            Path root,
            Path directory,
            ContentStore contents,
            HostTree host,
            FaultPoint faults,
            ApplyHistory history,
            Clock clock)
            throws IOException {
        this.history = history;
        this.clock = clock;
        this.root = root;
        this.directory = directory;
        this.contents = contents;
        this.host = host;
        this.faults = faults;
        Files.createDirectories(directory);
    }

    /// A fresh name; they sort by age.
    String nextId() throws IOException {
        int last =
                all().stream()
                        .map(p -> p.getFileName().toString().substring(1))
                        .mapToInt(Integer::parseInt)
                        .max()
                        .orElse(0);
        return "t%06d".formatted(last + 1);
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.filter(p -> p.getFileName().toString().matches("t\\d{6}"))
                    .sorted()
                    .toList();
        }
    }

    /// Makes the change. `recorder` is told before the first file is touched.
    Done run(Plan plan, Ledger ledger, Recorder recorder) throws IOException, CountersignException {
        Path at = directory.resolve(plan.id);
        Files.createDirectory(at);
        Durable.write(at.resolve("plan.json"), JSON.writeValueAsBytes(plan));
        faults.reached("planned");
        recorder.record(
                new Fact.ApplyBegun(
                        plan.id,
                        plan.ops.stream().map(op -> new RelativePath(op.path)).toList(),
                        plan.hunks));
        faults.reached("recorded");
        contents.sync();
        Durable.write(at.resolve("begun"), new byte[0]);
        faults.reached("begun");
        return finish(at, plan, ledger, recorder);
    }

    /// Finishes or forgets what a crash left.
    void recover(Ledger ledger, Recorder recorder) throws IOException, CountersignException {
        for (Path at : all()) {
            if (!Files.exists(at.resolve("begun"))) {
                remove(at);
            } else if (!Files.exists(at.resolve("told"))) {
                finish(at, plan(at), ledger, recorder);
            }
        }
    }

    private Done finish(Path at, Plan plan, Ledger ledger, Recorder recorder)
            throws IOException, CountersignException {
        Done done;
        if (Files.exists(at.resolve("done.json"))) {
            done = JSON.readValue(Files.readAllBytes(at.resolve("done.json")), Done.class);
        } else {
            done = new Done(change(plan));
            faults.reached("changed");
            Durable.write(at.resolve("done.json"), JSON.writeValueAsBytes(done));
        }
        faults.reached("done");
        if (!ledger.landed(plan.id)) {
            land(plan, done, ledger);
        }
        faults.reached("landed");
        int files = (int) plan.ops.stream().filter(op -> done.did(op.path)).count();
        int left = plan.ops.size() - files + plan.refused.size();
        recorder.record(
                plan.undoOf == null
                        ? new Fact.Applied(plan.id, "tree", files, plan.hunks.size(), left)
                        : new Fact.Undone(plan.undoOf, files, left));
        List<GuestText> paths =
                plan.ops.stream()
                        .filter(op -> done.did(op.path))
                        .limit(ApplyHistory.LISTED)
                        .map(op -> GuestText.of(op.path))
                        .toList();
        if (files > 0) {
            history.add(
                    new PastApply(
                            plan.id,
                            clock.instant(),
                            "tree",
                            paths,
                            files,
                            plan.hunks.size(),
                            left,
                            plan.undoOf));
        }
        faults.reached("told");
        Durable.write(at.resolve("told"), new byte[0]);
        forgetOld();
        return done;
    }

    private static void land(Plan plan, Done done, Ledger ledger) throws IOException {
        try (Ledger.Batch _ = ledger.batch()) {
            rebase(plan, done, ledger);
        }
        ledger.land(plan.id);
    }

    private static void rebase(Plan plan, Done done, Ledger ledger) throws IOException {
        List<Ledger.Kept> kept = new ArrayList<>(ledger.kept());
        for (Op op : plan.ops) {
            if (!done.did(op.path)) {
                continue;
            }
            if (op.kept == null && op.keptAfter == null) {
                ledger.rebase(op.path, op.baseAfter);
            } else {
                kept.remove(op.kept);
                if (op.keptAfter != null && !kept.contains(op.keptAfter)) {
                    kept.add(op.keptAfter);
                }
            }
        }
        ledger.keepOld(kept);
    }

    // -- the files

    /// A path of a plan on its way, with the names beside it.
    private record Swap(Op op, RelativePath path, Path file, Path fresh, Path aside) {}

    private Map<String, String> change(Plan plan) throws IOException {
        List<Op> ordered = new ArrayList<>(plan.ops);
        ordered.sort(
                java.util.Comparator.comparing((Op op) -> !op.after.absent())
                        .thenComparing(Op::path));
        Map<String, String> outcome = new LinkedHashMap<>();
        Set<Path> touched = new LinkedHashSet<>();
        List<Swap> group = new ArrayList<>();
        long bytes = 0;
        int n = 0;
        for (Op op : ordered) {
            Swap swap = swap(op, IN_TREE + plan.id + "-" + n++);
            // What stands in the way of a new file is gone before that one is looked at.
            String why = attempt(swap, () -> prepare(swap, touched));
            if (why == null) {
                group.add(swap);
                bytes += op.after instanceof Item.File f ? f.size() : 0;
            } else {
                outcome.put(op.path, why);
                faults.reached("file " + op.path);
            }
            if (group.size() >= TOGETHER || bytes > TOGETHER_BYTES) {
                exchange(group, outcome);
                group.clear();
                bytes = 0;
            }
        }
        exchange(group, outcome);
        Durable.directories(touched);
        return outcome;
    }

    private Swap swap(Op op, String mark) {
        RelativePath path = new RelativePath(op.path);
        Path file = path.under(root);
        return new Swap(
                op,
                path,
                file,
                file.resolveSibling(mark + ".new"),
                file.resolveSibling(mark + ".old"));
    }

    private interface Attempt {
        @Nullable String make() throws IOException;
    }

    private @Nullable String attempt(Swap swap, Attempt attempt) throws IOException {
        try {
            return attempt.make();
        } catch (AtomicMoveNotSupportedException e) {
            tidy(swap);
            return "it is on another file system";
        } catch (IOException e) {
            String why = Failures.text(e);
            tidy(swap);
            return why;
        }
    }

    /// Puts new versions in the place of the old ones. Their bytes are on disk before: a loss of
    /// power never leaves a name without its content.
    private void exchange(List<Swap> group, Map<String, String> outcome) throws IOException {
        List<Path> fresh =
                group.stream()
                        .filter(swap -> swap.op.after instanceof Item.File)
                        .map(Swap::fresh)
                        .toList();
        Map<Path, IOException> failed = Durable.files(fresh);
        faults.reached("flushed");
        for (Swap swap : group) {
            Op op = swap.op;
            String why =
                    attempt(
                            swap,
                            () -> {
                                IOException unsafe = failed.get(swap.fresh);
                                if (unsafe != null) {
                                    throw unsafe;
                                }
                                String left = op.before.absent() ? create(swap) : replace(swap);
                                tidy(swap);
                                return left;
                            });
            outcome.put(op.path, java.util.Objects.requireNonNull(why));
            faults.reached("file " + op.path);
        }
    }

    /// @return null if the new version lies beside the file, empty if there is nothing more to do,
    ///   else why the file was left alone
    private @Nullable String prepare(Swap swap, Set<Path> touched) throws IOException {
        Op op = swap.op;
        Optional<String> obstacle = host.obstacle(swap.path);
        if (obstacle.isPresent()) {
            return obstacle.get();
        }
        restoreAside(op, swap.file, swap.aside);
        Item now = host.item(swap.path);
        if (now.equals(op.after)) {
            tidy(swap);
            return "";
        }
        if (!now.equals(op.before)) {
            tidy(swap);
            return now instanceof Item.Other other
                    ? other.what()
                    : "it changed on the host meanwhile";
        }
        Path parent = Durable.parent(swap.file);
        touched.add(parent);
        if (op.after.absent()) {
            return delete(swap);
        }
        if (now.absent()) {
            for (Path at = parent; !at.equals(root) && !Files.exists(at); ) {
                at = Durable.parent(at);
                touched.add(at);
            }
            Files.createDirectories(parent);
            Optional<String> late = host.obstacle(swap.path);
            if (late.isPresent()) {
                return late.get();
            }
        }
        write(op, swap.file, swap.fresh);
        faults.reached("staged");
        return null;
    }

    /// A crash in the middle of a deletion leaves the file aside and nothing in its place: back
    /// with it, and from the start again.
    private void restoreAside(Op op, Path file, Path aside) throws IOException {
        if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                rescue(op, aside);
            } else {
                putBack(aside, file);
            }
            Files.deleteIfExists(aside);
        }
    }

    /// Bytes that nobody planned for are never deleted: a version that came in between is kept.
    private void rescue(Op op, Path aside) throws IOException {
        if (Files.isRegularFile(aside, LinkOption.NOFOLLOW_LINKS) && !same(aside, op.before)) {
            Path rescued = directory.resolveSibling("rescued");
            Files.createDirectories(rescued);
            Digest content = HostTree.hashed(aside, false).content();
            String name = content.brief() + "-" + aside.getFileName();
            Files.copy(aside, rescued.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// Never over something that is there.
    private static void putBack(Path aside, Path file) throws IOException {
        if (Files.isSymbolicLink(aside)) {
            Files.createSymbolicLink(file, Files.readSymbolicLink(aside));
        } else {
            Files.createLink(file, aside);
        }
    }

    private void write(Op op, Path file, Path fresh) throws IOException {
        Files.deleteIfExists(fresh);
        switch (op.after) {
            case Item.LinkTo link -> Files.createSymbolicLink(fresh, Path.of(link.target()));
            case Item.File wanted -> {
                try (FileChannel channel =
                        FileChannel.open(
                                fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    pour(wanted, channel);
                }
                permissions(op, file, fresh, wanted);
            }
            case Item.Absent _, Item.Other _ ->
                    throw new IllegalStateException("nothing to write for " + op.after);
        }
    }

    /// From the store into the file, checked on the way.
    private void pour(Item.File wanted, FileChannel into) throws IOException {
        MessageDigest hash = Digest.sha256();
        byte[] piece = new byte[1 << 16];
        try (InputStream in = contents.open(wanted.content())) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                hash.update(piece, 0, n);
                Durable.writeFully(into, piece, 0, n);
            }
        }
        if (!HexFormat.of().formatHex(hash.digest()).equals(wanted.content().hex())) {
            throw new IOException("the kept content " + wanted.content().brief() + " is damaged");
        }
    }

    /// Of the mode only whether the owner may execute comes from the guest.
    private static void permissions(Op op, Path file, Path fresh, Item.File wanted)
            throws IOException {
        Set<PosixFilePermission> rights =
                op.before instanceof Item.File
                        ? Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)
                        : Files.getPosixFilePermissions(fresh, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> chosen = new HashSet<>(rights);
        if (wanted.executable()) {
            chosen.add(PosixFilePermission.OWNER_EXECUTE);
        } else {
            chosen.remove(PosixFilePermission.OWNER_EXECUTE);
            chosen.remove(PosixFilePermission.GROUP_EXECUTE);
            chosen.remove(PosixFilePermission.OTHERS_EXECUTE);
        }
        Files.setPosixFilePermissions(fresh, chosen);
    }

    private String create(Swap swap) throws IOException {
        try {
            // A link fails where a rename would replace what came meanwhile.
            putBack(swap.fresh, swap.file);
        } catch (FileAlreadyExistsException e) {
            return "the host has a file there now";
        }
        faults.reached("swapped");
        return "";
    }

    private String replace(Swap swap) throws IOException {
        Op op = swap.op;
        Path file = swap.file;
        Path fresh = swap.fresh;
        Path aside = swap.aside;
        boolean regular = op.before instanceof Item.File;
        if (regular) {
            Files.createLink(aside, file);
            faults.reached("linked");
            Stat kept = Stat.of(aside);
            if (!same(aside, op.before) || Stat.of(file).inode() != kept.inode()) {
                return "it changed on the host meanwhile";
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            faults.reached("swapped");
            Stat after = Stat.of(aside);
            if (after.modifiedNanos() != kept.modifiedNanos() || after.size() != kept.size()) {
                // Somebody wrote into the old file between the check and the swap: theirs counts.
                Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
                return "it changed on the host meanwhile";
            }
        } else {
            if (!same(file, op.before)) {
                return "it changed on the host meanwhile";
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            faults.reached("swapped");
        }
        return "";
    }

    private String delete(Swap swap) throws IOException {
        Op op = swap.op;
        Path file = swap.file;
        Path aside = swap.aside;
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        faults.reached("aside");
        if (!same(aside, op.before)) {
            try {
                putBack(aside, file);
            } catch (FileAlreadyExistsException e) {
                // What came in its place is newer; the version in between is kept.
                rescue(op, aside);
            }
            Files.deleteIfExists(aside);
            return "it changed on the host meanwhile";
        }
        Files.delete(aside);
        faults.reached("deleted");
        dropEmpty(Durable.parent(file));
        return "";
    }

    private boolean same(Path file, Item expected) throws IOException {
        return switch (expected) {
            case Item.File f -> {
                if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        || Files.size(file) != f.size()) {
                    yield false;
                }
                yield HostTree.hashed(file, Stat.of(file).executable()).equals(f);
            }
            case Item.LinkTo l ->
                    Files.isSymbolicLink(file)
                            && Files.readSymbolicLink(file).toString().equals(l.target());
            case Item.Absent _ -> !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            case Item.Other _ -> false;
        };
    }

    private void tidy(Swap swap) throws IOException {
        Path file = swap.file;
        Path aside = swap.aside;
        try {
            Files.deleteIfExists(swap.fresh);
            if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
                if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    putBack(aside, file);
                }
                Files.delete(aside);
            }
        } catch (NoSuchFileException e) {
            // Its directory is gone, and the names with it.
            return;
        }
    }

    private void dropEmpty(Path parent) throws IOException {
        for (Path at = parent; !at.equals(root); at = Durable.parent(at)) {
            try {
                Files.delete(at);
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                return;
            }
        }
    }

    // -- history

    /// The last transaction that changed something, with what it did.
    record Past(Plan plan, Done done) {}

    Optional<Past> last() throws IOException {
        List<Path> all = all();
        for (Path at : all.reversed()) {
            if (!Files.exists(at.resolve("told"))) {
                continue;
            }
            Done done = JSON.readValue(Files.readAllBytes(at.resolve("done.json")), Done.class);
            Plan plan = plan(at);
            if (plan.ops.stream().anyMatch(op -> done.did(op.path))) {
                return Optional.of(new Past(plan, done));
            }
        }
        return Optional.empty();
    }

    /// Content that an undo needs.
    Set<Digest> contents() throws IOException {
        Set<Digest> all = new HashSet<>();
        for (Path at : all()) {
            for (Op op : plan(at).ops) {
                Stream.of(op.before, op.after, op.baseBefore, op.baseAfter)
                        .forEach(item -> {
                            if (item instanceof Item.File f) {
                                all.add(f.content());
                            }
                        });
                Stream.of(Optional.ofNullable(op.kept), Optional.ofNullable(op.keptAfter))
                        .flatMap(Optional::stream)
                        .flatMap(k -> Stream.of(k.base(), k.made()))
                        .forEach(item -> {
                            if (item instanceof Item.File f) {
                                all.add(f.content());
                            }
                        });
            }
        }
        return all;
    }

    private static Plan plan(Path at) throws IOException {
        return JSON.readValue(Files.readAllBytes(at.resolve("plan.json")), Plan.class);
    }

    private void forgetOld() throws IOException {
        List<Path> all = all();
        for (Path at : all.subList(0, Math.max(0, all.size() - REMEMBERED))) {
            if (Files.exists(at.resolve("told"))) {
                remove(at);
            }
        }
    }

    private static void remove(Path at) throws IOException {
        // `begun` goes last: without it a plan has no effect, with it and without a plan it would
        // be damage.
        Files.deleteIfExists(at.resolve("begun"));
        try (Stream<Path> left = Files.list(at)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(at);
    }
}
