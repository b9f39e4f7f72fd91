package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Builds what the developer sees from ledger and host. Guarded by the workspace's lock.
final class Reviewer {
    private static final int REMEMBERED = 20;
    private static final int MANY = 100;

    private record Key(
            String path, Item base, Item made, int epoch, boolean kept, List<String> aliases) {}

    /// A review with what stands behind its files, in the same order.
    record Built(Review review, List<Entry> entries) {}

    /// A file of a review; `change` is empty for what is blocked.
    record Entry(ReviewedFile file, Optional<StagedChange> change) {
        Entry told(@Nullable String from, @Nullable String to, String reason) {
            List<String> reasons = new ArrayList<>(file.reasons());
            reasons.add(reason);
            boolean arrives = from != null && file.change() == ChangeKind.CREATED;
            return new Entry(
                    new ReviewedFile(
                            file.path(),
                            arrives ? ChangeKind.MOVED : file.change(),
                            file.level(),
                            List.copyOf(reasons),
                            file.runsOnHost(),
                            file.added(),
                            file.removed(),
                            file.epoch(),
                            file.hunks(),
                            from == null ? null : GuestText.of(from),
                            to == null ? null : GuestText.of(to),
                            file.generated(),
                            file.conflict()),
                    change);
        }
    }

    /// A line of what was asked about, not of the file.
    private static final Pattern AT = Pattern.compile(" \\(line [0-9]+\\)$");

    private final Ledger ledger;
    private final ContentStore contents;
    private final HostSide host;
    private final Conflicts conflicts;
    private final SecretFilter secrets;

    /// What the changes of the cache hold that looks like a secret, by piece; by identity.
    private final IdentityHashMap<StagedChange, Map<String, String>> findings =
            new IdentityHashMap<>();

    private Map<Key, StagedChange> cache = new HashMap<>();

    /// What reviews listed, by their id: for each file its own digest.
    private final LinkedHashMap<String, Map<String, String>> listed = new LinkedHashMap<>();

    private String lastId = "";

    Reviewer(Ledger ledger, ContentStore contents, HostSide host, SecretFilter secrets) {
        this.secrets = secrets;
        this.ledger = ledger;
        this.contents = contents;
        this.host = host;
        this.conflicts = new Conflicts(contents);
    }

    Built build(String paused) throws IOException {
        Map<Key, StagedChange> used = new HashMap<>();
        List<Entry> entries = new ArrayList<>();
        int epoch = ledger.epoch();
        LinkNames links = LinkNames.of(ledger.base(), ledger.staged());
        compareAnew(epoch, links);
        for (var staged : new TreeMap<>(ledger.staged()).entrySet()) {
            String path = staged.getKey();
            Item base = ledger.base(path);
            StagedChange change =
                    change(
                            new Key(path, base, staged.getValue(), epoch, false, links.of(path)),
                            Optional.empty(),
                            used);
            Item now = host.now(change.path);
            if (!now.equals(staged.getValue())) {
                entries.add(entry(change, now));
            }
        }
        for (Ledger.Kept kept : ledger.kept()) {
            Key key =
                    new Key(
                            kept.path(),
                            kept.base(),
                            kept.made(),
                            kept.epoch(),
                            true,
                            links.of(kept.path()));
            StagedChange change = change(key, Optional.of(kept), used);
            entries.add(entry(change, host.now(change.path)));
        }
        tellMoves(entries);
        for (var blocked : ledger.blocked().entrySet()) {
            entries.add(new Entry(blocked(blocked.getKey(), blocked.getValue()), Optional.empty()));
        }
        cache = used;
        Set<StagedChange> still = Collections.newSetFromMap(new IdentityHashMap<>());
        still.addAll(used.values());
        findings.keySet().retainAll(still);
        List<ReviewedFile> files = entries.stream().map(Entry::file).toList();
        StringBuilder all = new StringBuilder().append(epoch).append('\n');
        files.forEach(file -> all.append(digest(file)).append('\n'));
        return new Built(
                new Review(Digest.of(all.toString()).hex(), epoch, paused, files), entries);
    }

    /// The developer looks at this one.
    void shown(Built built) {
        Map<String, String> files = new HashMap<>();
        for (ReviewedFile file : built.review().files()) {
            files.merge(file.path().raw(), digest(file), (a, b) -> a + b);
        }
        lastId = built.review().id();
        listed.remove(lastId);
        listed.put(lastId, files);
        if (listed.size() > REMEMBERED) {
            listed.remove(listed.firstEntry().getKey());
        }
    }

    String lastShown() {
        return lastId;
    }

    /// Whether this file is as the review with this id listed it.
    boolean sameAsListed(String review, Built now, String path) {
        Map<String, String> files = listed.get(review);
        if (files == null || !files.containsKey(path)) {
            return false;
        }
        StringBuilder current = new StringBuilder();
        for (ReviewedFile file : now.review().files()) {
            if (file.path().raw().equals(path)) {
                current.append(digest(file));
            }
        }
        return current.toString().equals(files.get(path));
    }

    /// Fills the cache by all processors: after a start nothing of it is there, and each change by
    /// itself reads, compares and judges two versions.
    private void compareAnew(int epoch, LinkNames links) throws IOException {
        List<Key> missing = new ArrayList<>();
        for (var staged : ledger.staged().entrySet()) {
            String path = staged.getKey();
            Key key =
                    new Key(
                            path,
                            ledger.base(path),
                            staged.getValue(),
                            epoch,
                            false,
                            links.of(path));
            if (!cache.containsKey(key)) {
                missing.add(key);
            }
        }
        if (missing.size() < MANY) {
            return;
        }
        try {
            missing.parallelStream()
                    .map(key -> Map.entry(key, compared(key)))
                    .toList()
                    .forEach(one -> cache.put(one.getKey(), one.getValue()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private StagedChange compared(Key key) {
        try {
            return made(key, Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StagedChange made(Key key, Optional<Ledger.Kept> kept) throws IOException {
        return new StagedChange(
                new RelativePath(key.path),
                key.base,
                key.made,
                key.epoch,
                kept,
                contents,
                key.aliases);
    }

    private StagedChange change(Key key, Optional<Ledger.Kept> kept, Map<Key, StagedChange> used)
            throws IOException {
        StagedChange change = cache.get(key);
        if (change == null) {
            change = made(key, kept);
        }
        used.put(key, change);
        return change;
    }

    private Entry entry(StagedChange change, Item now) throws IOException {
        boolean moved = !now.equals(change.base);
        byte[] hostBytes =
                moved && now instanceof Item.File && !StagedChange.large(now)
                        ? host.tree().bytes(change.path)
                        : new byte[0];
        List<Hunk> hunks = new ArrayList<>();
        boolean conflict = false;
        Map<String, HunkState> looked = ledger.looked(change.path.value());
        boolean otherSeen = otherSeen(change, looked);
        Map<String, String> found = findings.computeIfAbsent(change, this::found);
        for (StagedChange.Piece piece : change.pieces) {
            String secret = found.get(piece.id());
            Level level =
                    secret != null
                            ? Level.CRITICAL
                            : change.levels.getOrDefault(piece.id(), change.judgement.level());
            HunkState state = state(piece.id(), looked, otherSeen);
            boolean byDefault = false;
            String note = secret == null ? piece.note() : joined(piece.note(), secret);
            if (moved && change.onto(now, hostBytes, Set.of(piece.id())).isEmpty()) {
                state = HunkState.CONFLICT;
                conflict = true;
                note = joined(note, conflictNote(now));
            } else if (level == Level.CRITICAL && state.open() && state != HunkState.ACCEPTED) {
                state = HunkState.REJECTED;
                byDefault = true;
            }
            hunks.add(
                    new Hunk(
                            piece.id(),
                            state,
                            byDefault,
                            level,
                            piece.oldStart(),
                            piece.oldLines(),
                            piece.newStart(),
                            piece.newLines(),
                            piece.lines(),
                            note));
        }
        List<String> reasons = new ArrayList<>(change.judgement.reasons());
        found.values().stream().distinct().forEach(reasons::add);
        if (change.kept.isPresent()) {
            reasons.add("made before a restore, in epoch " + change.epoch);
        }
        if (moved && !conflict) {
            reasons.add("the host's file changed too; an apply merges both");
        }
        ReviewedFile file =
                new ReviewedFile(
                        GuestText.of(change.path.value()),
                        conflict ? ChangeKind.CONFLICT : change.kind,
                        found.isEmpty() ? change.judgement.level() : Level.CRITICAL,
                        List.copyOf(reasons),
                        change.judgement.runsOnHost(),
                        change.added(),
                        change.removed(),
                        change.epoch,
                        List.copyOf(hunks),
                        null,
                        null,
                        change.generated.orElse(null),
                        conflict ? conflicts.of(change, now, hostBytes) : null);
        return new Entry(file, Optional.of(change));
    }

    private static String joined(@Nullable String note, String more) {
        return note == null ? more : note + "; " + more;
    }

    /// What is added that looks like a secret: asked for all that is added at once, and piece by
    /// piece only where that is answered.
    private Map<String, String> found(StagedChange change) {
        StringBuilder all = new StringBuilder();
        change.pieces.forEach(piece -> all.append(added(piece)));
        Optional<String> together =
                all.isEmpty() ? Optional.empty() : reason(change, all.toString());
        if (together.isEmpty()) {
            return Map.of();
        }
        Map<String, String> found = new HashMap<>();
        for (StagedChange.Piece piece : change.pieces) {
            reason(change, added(piece)).ifPresent(what -> found.put(piece.id(), what));
        }
        if (found.isEmpty()) {
            // It is one only where they all stand together.
            change.pieces.forEach(piece -> found.put(piece.id(), together.get()));
        }
        return found;
    }

    private Optional<String> reason(StagedChange change, String text) {
        return secrets.reason(change.path, text.getBytes(StandardCharsets.UTF_8))
                .map(what ->
                        "what it adds looks like a secret: " + AT.matcher(what).replaceAll(""));
    }

    private static String added(StagedChange.Piece piece) {
        StringBuilder added = new StringBuilder();
        for (Line line : piece.lines()) {
            if (line.kind() == Line.Kind.ADDED) {
                added.append(line.text().raw()).append('\n');
            }
        }
        return added.toString();
    }

    private HunkState state(String id, Map<String, HunkState> looked, boolean otherSeen) {
        if (ledger.rejected(id)) {
            return HunkState.REJECTED;
        }
        HunkState said = looked.get(id);
        return said != null ? said : otherSeen ? HunkState.CHANGED : HunkState.NEW;
    }

    /// Whether the developer looked at a hunk of this file that is not there any more.
    private static boolean otherSeen(StagedChange change, Map<String, HunkState> looked) {
        return !looked.isEmpty()
                && looked.keySet().stream()
                        .anyMatch(id ->
                                change.pieces.stream().noneMatch(piece -> piece.id().equals(id)));
    }

    /// Says of new files whose content a removed one had where it came from.
    private void tellMoves(List<Entry> entries) throws IOException {
        Map<String, Moves.Move> to = new HashMap<>();
        Map<String, Moves.Move> from = new HashMap<>();
        List<StagedChange> changes = entries.stream().flatMap(e -> e.change().stream()).toList();
        for (Moves.Move move : Moves.of(changes, contents)) {
            to.put(move.to(), move);
            from.put(move.from(), move);
        }
        if (to.isEmpty()) {
            return;
        }
        entries.replaceAll(entry -> {
            boolean current = entry.change().filter(c -> c.kept.isEmpty()).isPresent();
            String path = entry.file().path().raw();
            if (current && to.containsKey(path)) {
                Moves.Move move = java.util.Objects.requireNonNull(to.get(path));
                String how = move.same() ? "moved from " : "moved and changed, from ";
                return entry.told(move.from(), null, how + GuestText.of(move.from()).visible());
            }
            if (current && from.containsKey(path)) {
                Moves.Move move = java.util.Objects.requireNonNull(from.get(path));
                return entry.told(null, move.to(), "moved to " + GuestText.of(move.to()).visible());
            }
            return entry;
        });
    }

    private static String conflictNote(Item now) {
        return switch (now) {
            case Item.Absent _ -> "the host deleted the file";
            case Item.Other other -> other.what();
            case Item.File _, Item.LinkTo _ -> "the host changed the same place";
        };
    }

    private ReviewedFile blocked(String path, String why) {
        return new ReviewedFile(
                GuestText.of(path),
                ChangeKind.BLOCKED,
                Level.CRITICAL,
                List.of(why),
                false,
                0,
                0,
                ledger.epoch(),
                List.of(),
                null,
                null,
                null,
                null);
    }

    private static String stand(Hunk hunk) {
        boolean open = hunk.state().open() || hunk.byDefault();
        return open ? "open" : hunk.state().word();
    }

    private static String digest(ReviewedFile file) {
        StringBuilder text = new StringBuilder();
        text.append(file.path().raw().length()).append(':').append(file.path().raw());
        text.append('\0').append(file.change()).append('\0').append(file.epoch());
        file.reasons().forEach(reason -> text.append('\0').append(reason));
        // What the developer says about a hunk is no change of it: only a refusal is.
        file.hunks()
                .forEach(h -> text.append('\0').append(h.id()).append(h.level()).append(stand(h)));
        return Digest.of(text.toString()).hex();
    }
}
