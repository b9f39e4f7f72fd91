package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A workspace with its real helper, and beside it a model that knows only three words per path:
/// what both agreed on, what the host has, what the guest has. Every file is one line or a link, so
/// no two changes of a file can be merged and the model can say exactly what must be where; some
/// are executable. Random operations of both sides, decisions, checkpoints, restores, crashes and
/// reconnects; after each round both trees, the base and the review must be what the model says.
final class SyncModel {
    private static final int NAMES = 200;
    private static final int MARKS = 3;

    /// What a restore leaves behind stays listed for good, so there are only so many.
    private static final int MOST_RESTORES = 25;

    private static final List<String> DIRECTORIES = List.of("", "a/", "a/b/", "c/", "c/d/e/");

    /// How [Rig#tree] writes links and executable files.
    private static final String LINK = "-> ";

    private static final String RUNS = "x ";

    /// Thrown where a crash is played.
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }

    private record Applied(
            Map<String, @Nullable String> hostBefore,
            Map<String, @Nullable String> hostAfter,
            Map<String, @Nullable String> baseBefore,
            Map<String, @Nullable String> baseAfter) {}

    /// A checkpoint: what the model knew, and where the guest's files are kept.
    private record Mark(
            String id, Map<String, String> base, Map<String, String> guest, Path files) {}

    private final Path dir;
    private final Random random;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private final Thread mine = Thread.currentThread();
    private int marked;
    private int epoch;
    private final Map<String, String> base = new TreeMap<>();
    private final Map<String, String> host = new TreeMap<>();
    private final Map<String, String> guest = new TreeMap<>();
    private final Set<String> rejected = new HashSet<>();
    private final Deque<Applied> history = new ArrayDeque<>();
    private final LocalLink link = new LocalLink();
    private final Path hostRoot;
    private final Path guestRoot;
    private Path state;
    private Workspace workspace;
    private int crashAt = -1;
    private int states;
    private long word;

    /// What happened, to be asserted positive.
    int operations;

    int applies;
    int crashes;
    int reconnects;
    int conflicts;
    int restores;
    int brakes;

    SyncModel(Path dir, Random random) throws Exception {
        this.dir = dir;
        this.random = random;
        this.hostRoot = Files.createDirectories(dir.resolve("host"));
        this.guestRoot = Files.createDirectories(dir.resolve("guest"));
        this.state = dir.resolve("state0");
        for (int i = 0; i < NAMES / 2; i++) {
            String path = path();
            String text = "host " + word++ + "\n";
            Rig.write(hostRoot, path, text);
            base.put(path, text);
        }
        host.putAll(base);
        guest.putAll(base);
        workspace = open();
        workspace.copyIn(link, Progress.none());
        workspace.connect(link);
    }

    private Workspace open() throws CountersignException {
        return Workspace.open(
                WorkspaceSettings.standard(hostRoot, state)
                        .withGuest(guestRoot.toString(), null, Rig.helper()),
                fact ->
                        new dev.countersign.domain.Entry(
                                0,
                                java.time.Instant.EPOCH,
                                new dev.countersign.domain.SessionId("s-model"),
                                0,
                                fact),
                Clock.systemUTC(),
                _ -> {
                    // What the guest does meanwhile is not stopped.
                    if (Thread.currentThread() == mine && crashAt >= 0 && crashAt-- == 0) {
                        throw new Crash();
                    }
                },
                Rig.NoWatch::new);
    }

    private String path() {
        int n = random.nextInt(NAMES);
        return DIRECTORIES.get(n % DIRECTORIES.size()) + "f" + n;
    }

    /// Runs at least this many operations, in rounds.
    void run(int count) throws Exception {
        while (operations < count) {
            round();
        }
        workspace.close();
        link.close();
    }

    private void round() throws Exception {
        try (Workspace.Hold _ = workspace.hold()) {
            // What both do before either hears of the other.
            for (int i = random.nextInt(4) == 0 ? 5 : 100 + random.nextInt(900); i > 0; i--) {
                operations++;
                if (random.nextBoolean()) {
                    edit(hostRoot, host, "host ");
                } else {
                    edit(guestRoot, guest, "guest ");
                }
            }
            // Both are looked at before anything follows; else what follows depends on who is
            // heard of first, and the model would have to say both.
            int _ = workspace.auditNow();
        }
        workspace.collect();
        goOn();
        agree();
        check("after a round");
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> apply();
            case 3 -> undo();
            case 4 -> reject();
            case 5 -> {
                if (random.nextInt(6) == 0) {
                    crash();
                }
            }
            case 6 -> {
                if (random.nextInt(2) == 0) {
                    reconnect();
                }
            }
            case 7 -> {
                if (random.nextInt(4) == 0) {
                    crashInAnApply();
                }
            }
            case 8 -> checkpoint();
            case 9 -> {
                if (!marks.isEmpty() && restores < MOST_RESTORES && random.nextInt(3) == 0) {
                    restore();
                }
            }
            default -> {
                // Only both work.
            }
        }
    }

    private void checkpoint() throws Exception {
        String id = "c" + marked++;
        Path files = Files.createDirectories(dir.resolve("vm").resolve(id));
        try (Workspace.Hold _ = workspace.hold()) {
            Rig.copyTree(guestRoot, files);
            workspace.mark(id);
        }
        marks.addLast(new Mark(id, new TreeMap<>(base), new TreeMap<>(guest), files));
        if (marks.size() > MARKS) {
            Mark old = marks.removeFirst();
            workspace.dropMark(old.id);
            Rig.clear(old.files);
        }
    }

    /// The guest is as it was then, the host as it is; what the agent made since is kept beside it.
    private void restore() throws Exception {
        restores++;
        Mark mark = List.copyOf(marks).get(random.nextInt(marks.size()));
        Map<String, String> wasGuest = new TreeMap<>(guest);
        Map<String, String> wasBase = new TreeMap<>(base);
        workspace.beginRestore();
        Rig.copyTree(mark.files, guestRoot);
        workspace.restored(mark.id, ++epoch, link);
        base.clear();
        base.putAll(mark.base);
        guest.clear();
        guest.putAll(mark.guest);
        history.clear();
        workspace.collect();
        agree();
        goOn();
        agree();
        check("after a restore");
        Set<String> kept = new TreeSet<>();
        for (ReviewedFile file : workspace.review().files()) {
            if (file.epoch() < epoch) {
                kept.add(file.path().raw());
            }
        }
        Set<String> made = new TreeSet<>(wasGuest.keySet());
        made.addAll(wasBase.keySet());
        for (String path : made) {
            String text = wasGuest.get(path);
            boolean staged = !Objects.equals(text, wasBase.get(path));
            boolean there =
                    Objects.equals(text, mark.guest.get(path))
                            || Objects.equals(text, guest.get(path))
                            || Objects.equals(text, host.get(path));
            if (staged && !there && !kept.contains(path)) {
                throw new AssertionError("lost by a restore: " + path + " " + text);
            }
        }
    }

    /// Very many deletions wait for a decision: here it is always yes.
    private void goOn() throws Exception {
        Workspace.HeldDeletions held = workspace.heldDeletions();
        if (!held.paths().isEmpty()) {
            brakes++;
            workspace.deleteHeld(held.digest());
            workspace.collect();
        }
    }

    /// One of what people and tools do to a file.
    private void edit(Path root, Map<String, String> side, String author) throws IOException {
        String path = path();
        Path file = root.resolve(path);
        String text = author + word++ + "\n";
        boolean link = side.getOrDefault(path, "").startsWith(LINK);
        switch (random.nextInt(9)) {
            case 0 -> {
                Files.deleteIfExists(file);
                side.remove(path);
            }
            case 1 -> {
                String to = path();
                if (side.containsKey(path) && !to.equals(path)) {
                    Files.createDirectories(Objects.requireNonNull(root.resolve(to).getParent()));
                    Files.move(
                            file,
                            root.resolve(to),
                            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                    side.put(to, Objects.requireNonNull(side.remove(path)));
                }
            }
            case 2, 3 -> {
                // As editors save: a new file over the old one.
                Path fresh = file.resolveSibling("fresh~");
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.writeString(fresh, text);
                Files.move(fresh, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
                side.put(path, text);
            }
            case 4 -> {
                // Of equal length: size and time alone would miss it.
                String before = side.get(path);
                if (before != null && !link) {
                    String same = before.substring(0, before.length() - 2) + letter() + "\n";
                    Files.writeString(
                            file, same.startsWith(RUNS) ? same.substring(RUNS.length()) : same);
                    side.put(path, same);
                }
            }
            case 5 -> {
                String target = "t" + word;
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.deleteIfExists(file);
                Files.createSymbolicLink(file, Path.of(target));
                side.put(path, LINK + target);
            }
            default -> {
                if (link) {
                    Files.delete(file);
                }
                Rig.write(root, path, text);
                boolean runs = random.nextInt(5) == 0;
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
                side.put(path, runs ? RUNS + text : text);
            }
        }
    }

    private char letter() {
        return (char) ('a' + random.nextInt(26));
    }

    /// The rules, in the model's words.
    private void agree() {
        for (String path : all()) {
            String b = base.get(path);
            String h = host.get(path);
            String g = guest.get(path);
            if (Objects.equals(h, g)) {
                put(base, path, h);
            } else if (Objects.equals(g, b)) {
                put(guest, path, h);
                put(base, path, h);
            }
        }
    }

    private Set<String> all() {
        Set<String> paths = new TreeSet<>(base.keySet());
        paths.addAll(host.keySet());
        paths.addAll(guest.keySet());
        return paths;
    }

    private static void put(Map<String, String> map, String path, @Nullable String text) {
        if (text == null) {
            map.remove(path);
        } else {
            map.put(path, text);
        }
    }

    private void check(String when) throws CountersignException {
        same(when + ": host", host, Rig.tree(hostRoot));
        same(
                when + " (held " + workspace.heldDeletions().paths() + "): guest",
                guest,
                Rig.tree(guestRoot));
        Set<String> staged = new TreeSet<>();
        Set<String> clashing = new TreeSet<>();
        for (String path : all()) {
            String b = base.get(path);
            if (!Objects.equals(guest.get(path), b)) {
                staged.add(path);
                if (!Objects.equals(host.get(path), b)) {
                    clashing.add(path);
                }
            }
        }
        Set<String> listed = new TreeSet<>();
        Set<String> conflicting = new TreeSet<>();
        for (ReviewedFile file : workspace.review().files()) {
            if (file.epoch() < epoch) {
                // Left by a restore.
                continue;
            }
            listed.add(file.path().raw());
            if (file.change() == ChangeKind.CONFLICT) {
                conflicting.add(file.path().raw());
            }
        }
        sameSet(when + ": listed", staged, listed);
        sameSet(when + ": conflicts", clashing, conflicting);
        conflicts += clashing.size();
    }

    private void sameSet(String what, Set<String> expected, Set<String> is) {
        if (!expected.equals(is)) {
            Set<String> odd = new TreeSet<>(expected);
            odd.addAll(is);
            odd.removeIf(path -> expected.contains(path) == is.contains(path));
            String path = odd.iterator().next();
            throw new AssertionError(
                    "%s: %s, of which %s should be: base %s host %s guest %s"
                            .formatted(
                                    what,
                                    odd,
                                    expected.contains(path),
                                    base.get(path),
                                    host.get(path),
                                    guest.get(path)));
        }
    }

    private static void same(String what, Map<String, String> expected, Map<String, String> is) {
        if (!expected.equals(is)) {
            Map<String, String> left = new TreeMap<>(expected);
            left.entrySet().removeAll(is.entrySet());
            Map<String, String> right = new TreeMap<>(is);
            right.entrySet().removeAll(expected.entrySet());
            throw new AssertionError("%s: should be %s, is %s".formatted(what, left, right));
        }
    }

    /// Files that an apply of everything takes.
    private List<String> applicable() {
        List<String> paths = new ArrayList<>();
        for (String path : all()) {
            String b = base.get(path);
            if (!Objects.equals(guest.get(path), b)
                    && Objects.equals(host.get(path), b)
                    && !rejected.contains(key(path))) {
                paths.add(path);
            }
        }
        return paths;
    }

    private String key(String path) {
        return path + "\0" + base.get(path) + "\0" + guest.get(path);
    }

    private void apply() throws Exception {
        List<String> paths = applicable();
        if (paths.isEmpty()) {
            return;
        }
        boolean all = random.nextBoolean();
        if (all) {
            workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
        } else {
            Review review = workspace.review();
            paths = paths.stream().filter(path -> oneOf(review, path)).toList();
            if (paths.isEmpty()) {
                return;
            }
            paths = List.of(paths.get(random.nextInt(paths.size())));
            workspace.apply(new Choice.Files(paths, review.id()), Target.tree());
        }
        applied(paths, all);
        applies++;
        check("after an apply");
    }

    /// Whether no restore left another version of it: a path would name both.
    private static boolean oneOf(Review review, String path) {
        return review.files().stream().filter(file -> file.path().raw().equals(path)).count() == 1;
    }

    /// @param all whether also files in conflict were asked for: of these, what does not touch the
    ///   same lines is taken, and that is whether they are executable
    private void applied(List<String> paths, boolean all) {
        Applied one =
                new Applied(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        for (String path : paths) {
            one.hostBefore.put(path, host.get(path));
            one.baseBefore.put(path, base.get(path));
            put(host, path, guest.get(path));
            put(base, path, guest.get(path));
            one.hostAfter.put(path, host.get(path));
            one.baseAfter.put(path, base.get(path));
        }
        for (String path : all ? all() : Set.<String>of()) {
            String b = base.get(path);
            String h = host.get(path);
            String g = guest.get(path);
            boolean clash = !Objects.equals(h, b) && !Objects.equals(g, b) && !paths.contains(path);
            if (clash && file(b) && file(h) && file(g) && runs(b) != runs(g)) {
                one.hostBefore.put(path, h);
                one.baseBefore.put(path, b);
                host.put(path, withMode(String.valueOf(h), runs(g)));
                base.put(path, withMode(String.valueOf(b), runs(g)));
                one.hostAfter.put(path, host.get(path));
                one.baseAfter.put(path, base.get(path));
            }
        }
        history.push(one);
    }

    private static boolean file(@Nullable String text) {
        return text != null && !text.startsWith(LINK);
    }

    private static boolean runs(@Nullable String text) {
        return text != null && text.startsWith(RUNS);
    }

    private static String withMode(String text, boolean runs) {
        String plain = text.startsWith(RUNS) ? text.substring(RUNS.length()) : text;
        return runs ? RUNS + plain : plain;
    }

    /// Takes the last apply back where nobody changed anything since; else it is not tried, since
    /// what is refused then is another test's matter.
    private void undo() throws Exception {
        Applied last = history.peek();
        if (last == null
                || last.hostAfter.entrySet().stream()
                        .anyMatch(e ->
                                !Objects.equals(host.get(e.getKey()), e.getValue())
                                        || !Objects.equals(
                                                base.get(e.getKey()),
                                                last.baseAfter.get(e.getKey())))) {
            return;
        }
        workspace.undo();
        last.hostBefore.forEach((path, text) -> put(host, path, text));
        last.baseBefore.forEach((path, text) -> put(base, path, text));
        // An undo is an apply of its own: taking it back again is another test's matter.
        history.clear();
        workspace.collect();
        agree();
        check("after an undo");
    }

    private void reject() throws Exception {
        Review review = workspace.review();
        List<String> paths =
                applicable().stream()
                        .filter(one -> oneOf(review, one))
                        // Whether it is executable is a hunk of its own, which stays rejected.
                        .filter(one -> runs(base.get(one)) == runs(guest.get(one)))
                        .toList();
        if (paths.isEmpty()) {
            return;
        }
        String path = paths.get(random.nextInt(paths.size()));
        workspace.reject(new Choice.Files(List.of(path), review.id()));
        rejected.add(key(path));
        check("after a rejection");
    }

    /// As after a kill -9: what was on disk at this moment, and nothing of what was in memory.
    private void crash() throws Exception {
        crashes++;
        Path image = dir.resolve("state" + ++states);
        Rig.copyTree(state, Files.createDirectories(image));
        Workspace dead = workspace;
        dead.close();
        Rig.clear(state);
        Files.delete(state);
        state = image;
        workspace = open();
        check("after a crash, not connected");
        workspace.connect(link);
        workspace.collect();
        check("after a crash");
    }

    private void crashInAnApply() throws Exception {
        List<String> paths = applicable();
        if (paths.isEmpty()) {
            return;
        }
        String review = workspace.review().id();
        crashAt = random.nextInt(6 + 5 * paths.size());
        boolean ended = false;
        try {
            workspace.apply(new Choice.All(review), Target.tree());
            ended = true;
        } catch (Crash e) {
            ended = false;
        }
        crashAt = -1;
        crashes++;
        Path image = dir.resolve("state" + ++states);
        Rig.copyTree(state, Files.createDirectories(image));
        workspace.close();
        Rig.clear(state);
        Files.delete(state);
        state = image;
        workspace = open();
        Map<String, String> now = Rig.tree(hostRoot);
        boolean did =
                ended
                        || paths.stream()
                                .anyMatch(path -> Objects.equals(now.get(path), guest.get(path)));
        if (did) {
            applied(paths, true);
        }
        history.clear();
        check("after a crash in an apply");
        for (Path left : strangers()) {
            throw new AssertionError(left + " is left of an apply");
        }
        workspace.connect(link);
        workspace.collect();
        check("after a crash in an apply, connected");
    }

    private Set<Path> strangers() throws IOException {
        Set<Path> found = new LinkedHashSet<>();
        try (var all = Files.walk(hostRoot)) {
            all.filter(p -> p.getFileName().toString().startsWith(Transactions.IN_TREE))
                    .filter(p -> Files.exists(p, LinkOption.NOFOLLOW_LINKS))
                    .forEach(found::add);
        }
        return found;
    }

    private void reconnect() throws Exception {
        reconnects++;
        link.lose();
        for (int i = 0; i < 20; i++) {
            operations++;
            edit(guestRoot, guest, "guest ");
        }
        link.up = true;
        workspace.connect(link);
        workspace.collect();
        goOn();
        agree();
        check("after a lost link");
    }
}
