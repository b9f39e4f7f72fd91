package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The developer's files, read without ever following a link.
final class HostTree {
    /// What is read in one piece; the overlap is longer than any secret that is looked for.
    private static final int PIECE = 8 << 20;

    private static final int OVERLAP = 64 << 10;
    private static final int IN_MEMORY = 512 << 20;

    /// A file that its name keeps out is learned up to this size.
    private static final long LEARNED = 16L << 20;

    private static final int MOST_THREADS = 4;
    private static final int WORTH_THREADS = 64;

    private final Path root;
    private final long largest;
    private final Clock clock;
    private final Map<String, Stat> learned = new HashMap<>();
    private volatile boolean recheck;

    HostTree(Path root, long largest, Clock clock) {
        this.root = root;
        this.largest = largest;
        this.clock = clock;
    }

    /// What a look found.
    ///
    /// @param tops what was looked at, with all below it; empty: everything
    /// @param files all that may enter the guest, by path
    /// @param unsure directories or files that could not be read: what was known of them still
    ///   holds
    record Scan(
            List<String> tops,
            NavigableMap<String, Seen> files,
            List<LeftOut> leftOut,
            List<String> unsure,
            long bytes) {}

    private record Candidate(RelativePath path, Stat stat) {}

    private static final class Found {
        final List<Candidate> candidates = new ArrayList<>();
        final List<Candidate> secret = new ArrayList<>();
        final List<LeftOut> leftOut = new ArrayList<>();
        final List<String> unsure = new ArrayList<>();
    }

    /// What was known before.
    interface Known {
        /// What the last look found there.
        @Nullable Seen before(String path);

        /// Whether the guest already has this path: then a pattern does not take it away.
        boolean inBase(String path);
    }

    /// Looks at these paths and what is below them, or at everything. Content is read only where
    /// the signature does not prove it unchanged.
    Scan scan(
            @Nullable Collection<String> paths,
            IgnoreRules rules,
            SecretDoor door,
            ContentStore contents,
            Known known)
            throws IOException {
        Found found = new Found();
        List<String> tops = List.of();
        if (paths == null) {
            walk(root, "", false, rules, known, found);
        } else {
            tops = tops(paths, rules, known);
            for (String top : tops) {
                Optional<RelativePath> checked = GuestPaths.checked(top);
                if (checked.isPresent()) {
                    boolean named = rules.belowIgnored(top);
                    visitOrDoubt(
                            root.resolve(top), checked.get(), named, rules, known, found, true);
                }
            }
        }
        boolean first = learned.isEmpty();
        boolean news = learn(found, door, known, first);
        if (news && paths != null) {
            recheck = true;
        }
        boolean all = paths == null && (news || recheck);
        if (paths == null) {
            recheck = false;
        }
        NavigableMap<String, Seen> files = new TreeMap<>();
        placeholders(found, door, contents, known, files);
        long bytes = 0;
        for (Candidate candidate : readAll(found, door, contents, known, files, all)) {
            bytes += candidate.stat().size();
        }
        found.leftOut.sort((a, b) -> a.path().raw().compareTo(b.path().raw()));
        return new Scan(tops, files, found.leftOut, found.unsure, bytes);
    }

    /// @return whether there is something in them that files which were let in may hold too
    private boolean learn(Found found, SecretDoor door, Known known, boolean first) {
        boolean news = false;
        for (Candidate candidate : found.secret) {
            Stat before = learned.put(candidate.path().value(), candidate.stat());
            if (!candidate.stat().equals(before) && candidate.stat().size() <= LEARNED) {
                try {
                    door.learn(bytes(candidate.path()));
                    // After a restart the memory of what went in speaks for what did not change.
                    Seen seen = known.before(candidate.path().value());
                    news |= !first || (seen != null && !seen.still(candidate.stat()));
                } catch (IOException e) {
                    // It stays out in any case; only copies of it can't be told.
                    learned.remove(candidate.path().value());
                }
            }
        }
        return news;
    }

    /// Whether files that were let in before must be read again, since more is known of what must
    /// stay out.
    boolean recheck() {
        return recheck;
    }

    private void placeholders(
            Found found,
            SecretDoor door,
            ContentStore contents,
            Known known,
            Map<String, Seen> files) {
        for (Candidate candidate : found.secret) {
            RelativePath path = candidate.path();
            if (!Placeholders.fits(path, candidate.stat().size())) {
                continue;
            }
            Seen before = known.before(path.value());
            Seen now = before;
            if (before == null || !before.still(candidate.stat())) {
                now = placeholder(candidate, door, contents, found);
            }
            if (now != null) {
                files.put(path.value(), now);
                found.leftOut.replaceAll(left ->
                        left.path().raw().equals(path.value())
                                ? new LeftOut(
                                        left.path(),
                                        left.reason(),
                                        left.detail()
                                                + "; its names went in, with placeholders as values",
                                        left.count())
                                : left);
            }
        }
    }

    private @Nullable Seen placeholder(
            Candidate candidate, SecretDoor door, ContentStore contents, Found found) {
        try {
            Optional<byte[]> text = Placeholders.of(bytes(candidate.path()));
            if (text.isEmpty() || door.byContent(candidate.path(), text.get()).isPresent()) {
                return null;
            }
            Item item = new Item.File(contents.put(text.get()), text.get().length, false);
            return seen(item, candidate.stat(), Stat.of(candidate.path().under(root)));
        } catch (IOException e) {
            found.unsure.add(candidate.path().value());
            return null;
        }
    }

    /// What to look at so that these paths are covered: a directory on the way that is itself left
    /// out, is gone or is no directory stands for all below it.
    private List<String> tops(Collection<String> paths, IgnoreRules rules, Known known) {
        Map<String, Boolean> passable = new HashMap<>();
        TreeSet<String> tops = new TreeSet<>();
        for (String path : paths) {
            String top = path;
            for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
                String above = path.substring(0, at);
                if (!passable.computeIfAbsent(above, p -> passable(p, rules, known))) {
                    top = above;
                    break;
                }
            }
            tops.add(top);
        }
        return GuestPaths.outermost(tops);
    }

    private boolean passable(String directory, IgnoreRules rules, Known known) {
        Optional<RelativePath> checked = GuestPaths.checked(directory);
        if (checked.isEmpty() || GuestPaths.git(checked.get())) {
            return false;
        }
        try {
            return Stat.of(root.resolve(directory)).directory()
                    && !rules.excludedItself(directory, true)
                    && (rules.tracked(directory)
                            || known.inBase(directory)
                            || !rules.ignoredItself(directory, true));
        } catch (IOException e) {
            return false;
        }
    }

    /// Reads what changed, several files at a time where they are many.
    private List<Candidate> readAll(
            Found found,
            SecretDoor door,
            ContentStore contents,
            Known known,
            Map<String, Seen> files,
            boolean all)
            throws IOException {
        List<Candidate> kept = new ArrayList<>();
        List<Candidate> toRead = new ArrayList<>();
        for (Candidate candidate : found.candidates) {
            Seen before = known.before(candidate.path().value());
            if (!all && before != null && before.still(candidate.stat())) {
                files.put(candidate.path().value(), before);
                kept.add(candidate);
            } else {
                toRead.add(candidate);
            }
        }
        Map<String, Seen> read = new ConcurrentHashMap<>();
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_THREADS);
        if (toRead.size() < WORTH_THREADS || threads == 1) {
            for (Candidate candidate : toRead) {
                read(candidate, door, contents, found, read);
            }
        } else {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> running = new ArrayList<>();
            try (ExecutorService readers =
                    Executors.newFixedThreadPool(
                            threads,
                            Thread.ofPlatform().daemon().name("workspace-read-", 0).factory())) {
                for (int i = 0; i < threads; i++) {
                    running.add(
                            readers.submit(() -> {
                                for (int at = next.getAndIncrement();
                                        at < toRead.size();
                                        at = next.getAndIncrement()) {
                                    read(toRead.get(at), door, contents, found, read);
                                }
                            }));
                }
            }
            for (Future<?> one : running) {
                if (one.state() == Future.State.FAILED) {
                    throw new IOException("reading failed", one.exceptionNow());
                }
            }
        }
        for (Candidate candidate : toRead) {
            Seen seen = read.get(candidate.path().value());
            if (seen != null) {
                files.put(candidate.path().value(), seen);
                kept.add(candidate);
            }
        }
        return kept;
    }

    private void read(
            Candidate candidate,
            SecretDoor door,
            ContentStore contents,
            Found found,
            Map<String, Seen> read) {
        Seen seen = look(candidate, door, contents, found);
        if (seen != null) {
            read.put(candidate.path().value(), seen);
        }
    }

    /// @param named whether a pattern names the directory: then only what is tracked counts below
    ///   it
    private void walk(
            Path directory,
            String prefix,
            boolean named,
            IgnoreRules rules,
            Known known,
            Found found)
            throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(names::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        for (Path file : names) {
            String name = String.valueOf(file.getFileName());
            String raw = prefix + name;
            Optional<RelativePath> checked = GuestPaths.checked(raw);
            if (checked.isEmpty() || name.indexOf('\uFFFD') >= 0) {
                leave(found, raw, LeftOut.Reason.BAD_NAME, "its name is not UTF-8 or is too long");
                continue;
            }
            visitOrDoubt(file, checked.get(), named, rules, known, found, false);
        }
    }

    /// @param asked whether somebody named it: then that it is gone is an answer, and no doubt
    private void visitOrDoubt(
            Path file,
            RelativePath path,
            boolean named,
            IgnoreRules rules,
            Known known,
            Found found,
            boolean asked) {
        String raw = path.value();
        try {
            visit(file, path, named, rules, known, found);
        } catch (NoSuchFileException e) {
            // Gone between listing and looking: the next look says so.
            if (!asked) {
                found.unsure.add(raw);
            }
        } catch (IOException e) {
            found.unsure.add(raw);
            String why = "cannot be read: " + Failures.text(e);
            leave(found, raw, LeftOut.Reason.UNREADABLE, why.replace(root.toString(), ""));
        }
    }

    private void visit(
            Path file,
            RelativePath path,
            boolean above,
            IgnoreRules rules,
            Known known,
            Found found)
            throws IOException {
        String raw = path.value();
        Stat stat = Stat.of(file);
        boolean directory = stat.directory();
        if (GuestPaths.git(path)) {
            if (!raw.equals(".git")) {
                leave(found, raw, LeftOut.Reason.GIT, "belongs to a nested repository");
            } else {
                leave(found, raw, LeftOut.Reason.GIT, "the guest gets a repository of its own");
            }
            return;
        }
        if (path.name().startsWith(Transactions.IN_TREE)) {
            return;
        }
        if (rules.excludedItself(raw, directory)) {
            leave(
                    found,
                    slashed(raw, directory),
                    LeftOut.Reason.EXCLUDED,
                    "the settings exclude it");
            return;
        }
        Optional<String> secret = directory ? Optional.empty() : SecretDoor.byName(path);
        if (secret.isPresent()) {
            leave(found, raw, LeftOut.Reason.SECRET_NAME, secret.get());
            if (stat.regular()) {
                found.secret.add(new Candidate(path, stat));
            }
            return;
        }
        boolean named =
                above ? !rules.included(raw, directory) : rules.ignoredItself(raw, directory);
        if (named && !rules.tracked(raw) && !known.inBase(raw)) {
            leave(found, slashed(raw, directory), LeftOut.Reason.IGNORED, ".gitignore names it");
            return;
        }
        if (directory) {
            walk(file, raw + "/", named, rules, known, found);
        } else if (stat.regular() && stat.size() > largest) {
            leave(found, raw, LeftOut.Reason.TOO_LARGE, "larger than " + (largest >> 20) + " MiB");
        } else if (stat.regular() || stat.link()) {
            found.candidates.add(new Candidate(path, stat));
        } else {
            leave(found, raw, LeftOut.Reason.SPECIAL, "not a regular file");
        }
    }

    private static String slashed(String raw, boolean directory) {
        return directory ? raw + "/" : raw;
    }

    private static void leave(Found found, String path, LeftOut.Reason reason, String detail) {
        int count = path.endsWith("/") ? 0 : 1;
        found.leftOut.add(new LeftOut(GuestText.of(path), reason, detail, count));
    }

    private @Nullable Seen look(
            Candidate candidate, SecretDoor door, ContentStore contents, Found found) {
        RelativePath path = candidate.path();
        try {
            if (candidate.stat().link()) {
                String target = Files.readSymbolicLink(path.under(root)).toString();
                if (!GuestPaths.staysInside(path, target)) {
                    leaveLate(
                            found,
                            path.value(),
                            LeftOut.Reason.LINK_OUTSIDE,
                            "a link that leaves the workspace");
                    return null;
                }
                return seen(new Item.LinkTo(target), candidate.stat(), candidate.stat());
            }
            Taken taken = take(path, door, contents);
            if (taken.secret != null) {
                leaveLate(found, path.value(), LeftOut.Reason.SECRET_CONTENT, taken.secret);
                return null;
            }
            Stat after = Stat.of(path.under(root));
            Item item = new Item.File(taken.digest(), taken.size, after.executable());
            return seen(item, candidate.stat(), after);
        } catch (IOException e) {
            synchronized (found) {
                found.unsure.add(path.value());
            }
            String why = "cannot be read: " + Failures.text(e);
            leaveLate(
                    found,
                    path.value(),
                    LeftOut.Reason.UNREADABLE,
                    why.replace(root.toString(), ""));
            return null;
        }
    }

    /// @param secret why it must not enter the guest; then there is no digest
    private record Taken(@Nullable Digest content, long size, @Nullable String secret) {
        Digest digest() {
            return java.util.Objects.requireNonNull(content);
        }
    }

    /// Reads a file through the secrets' door into the store. Large ones go in pieces that overlap,
    /// so that what the door looks for is whole in one of them.
    private Taken take(RelativePath path, SecretDoor door, ContentStore contents)
            throws IOException {
        try (InputStream in = Files.newInputStream(path.under(root), LinkOption.NOFOLLOW_LINKS)) {
            byte[] piece = in.readNBytes(PIECE);
            if (piece.length < PIECE) {
                Optional<String> secret = door.byContent(path, piece);
                return secret.isPresent()
                        ? new Taken(null, 0, secret.get())
                        : new Taken(contents.put(piece), piece.length, null);
            }
            try (ContentStore.Incoming whole = contents.begin()) {
                while (true) {
                    Optional<String> secret = door.byContent(path, piece);
                    if (secret.isPresent()) {
                        return new Taken(null, 0, secret.get());
                    }
                    int fresh = whole.size() == 0 ? 0 : OVERLAP;
                    whole.write(piece, fresh, piece.length - fresh);
                    if (whole.size() > largest) {
                        throw new IOException("larger than the limit");
                    }
                    byte[] next = Arrays.copyOfRange(piece, piece.length - OVERLAP, piece.length);
                    byte[] more = in.readNBytes(PIECE - OVERLAP);
                    if (more.length == 0) {
                        return new Taken(whole.keep(), whole.size(), null);
                    }
                    piece = Arrays.copyOf(next, OVERLAP + more.length);
                    System.arraycopy(more, 0, piece, OVERLAP, more.length);
                }
            }
        }
    }

    private static void leaveLate(Found found, String path, LeftOut.Reason reason, String detail) {
        synchronized (found) {
            leave(found, path, reason, detail);
        }
    }

    private Seen seen(Item item, Stat before, Stat after) {
        boolean settled = before.equals(after) && after.settledAt(clock.instant());
        return new Seen(item, after, settled);
    }

    /// What is there now, read and hashed.
    Item item(RelativePath path) throws IOException {
        Optional<String> obstacle = obstacle(path);
        if (obstacle.isPresent()) {
            return new Item.Other(obstacle.get());
        }
        Path file = path.under(root);
        try {
            Stat stat = Stat.of(file);
            if (stat.link()) {
                return new Item.LinkTo(Files.readSymbolicLink(file).toString());
            }
            if (stat.directory()) {
                return new Item.Other("a directory is there");
            }
            if (!stat.regular()) {
                return new Item.Other("something that is no regular file is there");
            }
            if (stat.size() > largest) {
                return new Item.Other("a file larger than the limit is there");
            }
            return hashed(file, stat.executable());
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Item.Absent.HERE;
        }
    }

    /// The file's content by digest, read in pieces; a link is not followed.
    static Item.File hashed(Path file, boolean executable) throws IOException {
        MessageDigest hash = Digest.sha256();
        long size = 0;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                hash.update(piece, 0, n);
                size += n;
            }
        }
        Digest digest = new Digest(HexFormat.of().formatHex(hash.digest()));
        return new Item.File(digest, size, executable);
    }

    /// Keeps what is there now.
    Digest keep(RelativePath path, ContentStore contents) throws IOException {
        try (InputStream in = Files.newInputStream(path.under(root), LinkOption.NOFOLLOW_LINKS);
                ContentStore.Incoming incoming = contents.begin()) {
            in.transferTo(incoming);
            return incoming.keep();
        }
    }

    /// What keeps the path from being one of this tree: a parent that is a link or no directory.
    Optional<String> obstacle(RelativePath path) throws IOException {
        Path at = root;
        List<String> parts = path.parts();
        for (String part : parts.subList(0, parts.size() - 1)) {
            at = at.resolve(part);
            try {
                Stat stat = Stat.of(at);
                if (stat.link()) {
                    return Optional.of("its directory is a link");
                }
                if (!stat.directory()) {
                    return Optional.of("its directory is a file");
                }
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /// The whole file, for what fits into memory.
    byte[] bytes(RelativePath path) throws IOException {
        try (InputStream in = Files.newInputStream(path.under(root), LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(IN_MEMORY + 1);
            if (content.length > IN_MEMORY) {
                throw new IOException("larger than what can be compared");
            }
            return content;
        }
    }

    Path root() {
        return root;
    }
}
