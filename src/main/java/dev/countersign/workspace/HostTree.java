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
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The developer's files, read without ever following a link.
final class HostTree {
    private final Path root;
    private final long fileLimit;
    private final Clock clock;
    private final Map<String, Stat> learned = new HashMap<>();

    HostTree(Path root, long fileLimit, Clock clock) {
        this.root = root;
        this.fileLimit = fileLimit;
        this.clock = clock;
    }

    /// All that may enter the guest, by path, and what stays out.
    ///
    /// @param unsure directories or files that could not be read: what was known of them still
    ///   holds
    record Scan(Map<String, Seen> files, List<LeftOut> leftOut, List<String> unsure, long bytes) {}

    private record Candidate(RelativePath path, Stat stat) {}

    private static final class Found {
        final List<Candidate> candidates = new ArrayList<>();
        final List<Candidate> secret = new ArrayList<>();
        final List<LeftOut> leftOut = new ArrayList<>();
        final List<String> unsure = new ArrayList<>();
    }

    /// Looks at everything. Content is read only where the signature does not prove it unchanged.
    ///
    /// @param before what the last scan found
    /// @param inBase whether the guest already has this path: then a pattern does not take it away
    Scan scan(
            IgnoreRules rules,
            SecretDoor door,
            ContentStore contents,
            Map<String, Seen> before,
            Predicate<String> inBase)
            throws IOException {
        Found found = new Found();
        walk(root, "", rules, inBase, found);
        for (Candidate candidate : found.secret) {
            Stat known = learned.put(candidate.path().value(), candidate.stat());
            if (!candidate.stat().equals(known) && candidate.stat().size() <= fileLimit) {
                try {
                    door.learn(bytes(candidate.path()));
                } catch (IOException e) {
                    // It stays out in any case; only copies of it can't be told.
                    learned.remove(candidate.path().value());
                }
            }
        }
        Map<String, Seen> files = new TreeMap<>();
        long bytes = 0;
        for (Candidate candidate : found.candidates) {
            Seen seen = look(candidate, door, contents, before, found);
            if (seen != null) {
                files.put(candidate.path().value(), seen);
                bytes += candidate.stat().size();
            }
        }
        found.leftOut.sort((a, b) -> a.path().raw().compareTo(b.path().raw()));
        return new Scan(files, found.leftOut, found.unsure, bytes);
    }

    private void walk(
            Path directory, String prefix, IgnoreRules rules, Predicate<String> inBase, Found found)
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
            try {
                visit(file, checked.get(), rules, inBase, found);
            } catch (NoSuchFileException e) {
                // Gone between listing and looking: the next scan says so.
                found.unsure.add(raw);
            } catch (IOException e) {
                found.unsure.add(raw);
                String why = "cannot be read: " + Failures.text(e);
                leave(found, raw, LeftOut.Reason.UNREADABLE, why.replace(root.toString(), ""));
            }
        }
    }

    private void visit(
            Path file, RelativePath path, IgnoreRules rules, Predicate<String> inBase, Found found)
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
        if (!rules.tracked(raw) && !inBase.test(raw) && rules.ignoredItself(raw, directory)) {
            leave(found, slashed(raw, directory), LeftOut.Reason.IGNORED, ".gitignore names it");
            return;
        }
        if (directory) {
            walk(file, raw + "/", rules, inBase, found);
        } else if (stat.regular() && stat.size() > fileLimit) {
            leave(
                    found,
                    raw,
                    LeftOut.Reason.TOO_LARGE,
                    "larger than " + (fileLimit >> 20) + " MiB");
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

    private @org.jspecify.annotations.Nullable Seen look(
            Candidate candidate,
            SecretDoor door,
            ContentStore contents,
            Map<String, Seen> before,
            Found found) {
        RelativePath path = candidate.path();
        Seen known = before.get(path.value());
        if (known != null && known.still(candidate.stat())) {
            return known;
        }
        try {
            if (candidate.stat().link()) {
                String target = Files.readSymbolicLink(path.under(root)).toString();
                if (!GuestPaths.staysInside(path, target)) {
                    leave(
                            found,
                            path.value(),
                            LeftOut.Reason.LINK_OUTSIDE,
                            "a link that leaves the workspace");
                    return null;
                }
                return seen(new Item.LinkTo(target), candidate.stat(), candidate.stat());
            }
            byte[] content = bytes(path);
            Optional<String> secret = door.byContent(path, content);
            if (secret.isPresent()) {
                leave(found, path.value(), LeftOut.Reason.SECRET_CONTENT, secret.get());
                return null;
            }
            Stat after = Stat.of(path.under(root));
            Item item = new Item.File(contents.put(content), content.length, after.executable());
            return seen(item, candidate.stat(), after);
        } catch (IOException e) {
            found.unsure.add(path.value());
            String why = "cannot be read: " + Failures.text(e);
            leave(found, path.value(), LeftOut.Reason.UNREADABLE, why.replace(root.toString(), ""));
            return null;
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
            if (stat.size() > fileLimit) {
                return new Item.Other("a file larger than the limit is there");
            }
            byte[] content = bytes(path);
            return new Item.File(Digest.of(content), content.length, stat.executable());
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Item.Absent.HERE;
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

    byte[] bytes(RelativePath path) throws IOException {
        try (InputStream in = Files.newInputStream(path.under(root), LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes((int) Math.min(fileLimit + 1, Integer.MAX_VALUE - 8));
            if (content.length > fileLimit) {
                throw new IOException("larger than the limit");
            }
            return content;
        }
    }

    Path root() {
        return root;
    }
}
