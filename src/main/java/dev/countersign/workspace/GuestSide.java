package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import dev.countersign.workspace.GuestChannel.Lane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes what the guest has into staging and brings it what the host changed. All that the guest
/// says is a claim: content is hashed here, names are checked here, and a lie can only hide the
/// guest's own work. Runs on the workspace's worker alone; shared state is touched under its lock.
final class GuestSide {
    /// Bytes of a file that may have another form on the host.
    private static final int LARGEST_FORM = 64 << 20;

    private static final int LARGEST_SHOWN = 8 << 20;

    private static final int READ_AT_ONCE = 200;
    private static final long READ_AT_ONCE_BYTES = 4L << 20;
    private static final int HASH_AT_ONCE = 1000;

    /// Guests keep times to the nanosecond, but advance them only with the kernel's tick.
    private static final long GUEST_SETTLES = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int RECORDED_PATHS = 10;
    private static final int LISTED = 2000;

    private final WorkspaceSettings settings;
    private final Ledger ledger;
    private final ContentStore contents;
    private final HostSide host;
    private final Recorder recorder;
    private final Lock lock;

    /// The guest's signature of a path when its content was last known: what a push may replace,
    /// and what a look need not read again. Kept over restarts.
    private final Map<String, Seen> known = new HashMap<>();

    private final SeenFile memory;
    private final Map<String, Item> refusedPushes = new HashMap<>();

    /// What was said to be refused, once.
    private final Map<String, Item> said = new HashMap<>();

    /// Those of them that found no room in the guest: nothing tells when there is some again.
    private final Map<String, Item> noRoom = new HashMap<>();

    /// Files where the guest may have placeholders, with the digest that it claims: what they are
    /// is known when the host was looked at too.
    private final Map<String, GuestChannel.Entry> maybePlaceholders = new TreeMap<>();

    private final Map<String, LeftOut> notCollected = new TreeMap<>();
    private final DeletionBrake brake;
    private final BulkTransfers bulk;
    private String paused = "";

    GuestSide(
            WorkspaceSettings settings,
            Ledger ledger,
            ContentStore contents,
            HostSide host,
            Recorder recorder,
            Lock lock,
            DeletionBrake brake,
            BulkTransfers bulk) {
        this.settings = settings;
        this.ledger = ledger;
        this.contents = contents;
        this.host = host;
        this.recorder = recorder;
        this.lock = lock;
        this.brake = brake;
        this.bulk = bulk;
        this.memory = new SeenFile(settings.state().resolve("guest-seen"));
    }

    // -- memory

    private String stamp() {
        return "guest " + settings.guestRoot() + " " + ledger.epoch();
    }

    void load() throws IOException {
        known.putAll(memory.load(stamp()));
    }

    void save() throws IOException {
        memory.save(stamp(), known);
    }

    /// Another state of the guest is loaded: nothing that was seen holds any more.
    void forgetSeen() throws IOException {
        known.clear();
        maybePlaceholders.clear();
        memory.forget();
    }

    /// Why staging takes nothing more; empty if it does.
    String paused() {
        return paused;
    }

    List<LeftOut> notCollected() {
        return List.copyOf(notCollected.values());
    }

    /// What a look at the guest, or a push, came to.
    ///
    /// @param changed whether staging or base is otherwise than before
    /// @param touched paths whose state in the guest is otherwise than before
    /// @param again paths to look at once more: they changed while they were read
    record Taken(boolean changed, Set<String> touched, Set<String> again) {
        static Taken nothing() {
            return new Taken(false, Set.of(), Set.of());
        }
    }

    private static final class Found {
        final Set<String> present = new HashSet<>();
        final List<String> covered = new ArrayList<>();
        final List<GuestChannel.Entry> files = new ArrayList<>();
        final Set<String> again = new LinkedHashSet<>();
        final Set<String> touched = new LinkedHashSet<>();
        int maybePlaceholders;
        boolean changed;

        Taken taken() {
            return new Taken(changed, touched, again);
        }
    }

    // -- from the guest

    /// Stages what these paths, or all if null, have become.
    Taken take(GuestChannel channel, @Nullable Collection<String> paths)
            throws CountersignException, InterruptedException {
        IgnoreRules rules = host.rules();
        Found found = new Found();
        Set<String> asked = paths == null ? null : sane(paths);
        if (asked != null && asked.isEmpty()) {
            return Taken.nothing();
        }
        if (asked == null) {
            notCollected.clear();
        }
        if (asked != null && !refusedPushes.isEmpty()) {
            asked.forEach(path -> freeWay(path, found));
        }
        boolean over =
                channel.scan(
                        asked == null ? Lane.BULK : Lane.LIVE,
                        asked,
                        false,
                        rules.prunedNames(),
                        rules.prunedPaths(),
                        entry -> sort(entry, rules, found));
        if (over) {
            pause("the guest has more than " + settings.limits().paths() + " paths");
        } else if (asked == null && paused.startsWith("the guest has more than")) {
            paused = "";
        }
        List<GuestChannel.Entry> toRead = new ArrayList<>();
        List<GuestChannel.Entry> toHash = new ArrayList<>();
        lock.lock();
        try (Ledger.Batch _ = ledger.batch()) {
            if (!over) {
                // First: what is gone may have stood in another's way.
                removeGone(asked, found);
            }
            for (GuestChannel.Entry entry : found.files) {
                judge(entry, found, toRead, toHash);
            }
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
        hash(channel, toHash, toRead, found);
        read(channel, toRead, found);
        return found.taken();
    }

    /// Asks for the digests of files whose signature says nothing. What the guest claims can only
    /// hide the guest's own work.
    private void hash(
            GuestChannel channel,
            List<GuestChannel.Entry> files,
            List<GuestChannel.Entry> toRead,
            Found found)
            throws CountersignException, InterruptedException {
        for (int at = 0; at < files.size(); at += HASH_AT_ONCE) {
            List<GuestChannel.Entry> batch =
                    files.subList(at, Math.min(files.size(), at + HASH_AT_ONCE));
            Map<String, GuestChannel.Entry> answers = new HashMap<>();
            List<String> paths = batch.stream().map(GuestChannel.Entry::path).toList();
            channel.scan(
                    batch.size() < HASH_AT_ONCE ? Lane.LIVE : Lane.BULK,
                    paths,
                    true,
                    Set.of(),
                    Set.of(),
                    entry -> answers.put(entry.path(), entry));
            lock.lock();
            try (Ledger.Batch _ = ledger.batch()) {
                for (String path : paths) {
                    GuestChannel.Entry entry = answers.get(path);
                    if (entry == null || entry.kind() != 'f' || entry.stat() == null) {
                        found.again.add(path);
                    } else if (SecretDoor.byName(new RelativePath(path)).isPresent()) {
                        maybePlaceholders.put(path, entry);
                    } else if (ledger.guest(path) instanceof Item.File file
                            && claims(entry, file)) {
                        Stat stat = entry.stat();
                        Item item = new Item.File(file.content(), file.size(), stat.executable());
                        know(path, item, stat, entry.now());
                        stage(new RelativePath(path), item, found);
                    } else {
                        toRead.add(entry);
                    }
                }
            } catch (IOException e) {
                throw Failures.of("Writing the workspace state", e);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Decides about files where the guest may have placeholders, once both sides were looked at.
    /// Those that it was given are nobody's change, whichever engine gave them; all else in their
    /// place is blocked.
    Taken settlePlaceholders() throws CountersignException {
        Found found = new Found();
        lock.lock();
        try (Ledger.Batch _ = ledger.batch()) {
            for (var one : maybePlaceholders.entrySet()) {
                settlePlaceholders(new RelativePath(one.getKey()), one.getValue(), found);
            }
            maybePlaceholders.clear();
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
        return found.taken();
    }

    private void settlePlaceholders(RelativePath path, GuestChannel.Entry entry, Found found)
            throws IOException, CountersignException {
        String raw = path.value();
        Stat stat = java.util.Objects.requireNonNull(entry.stat());
        Item hosts = host.seen(raw);
        if (!claims(entry, ledger.base(raw))) {
            if (!claims(entry, hosts)) {
                Optional<String> obstacle = obstacle(path, entry, stat);
                if (obstacle.isPresent()) {
                    block(raw, obstacle.get(), found);
                }
                return;
            }
            // They came there by a push whose end nobody wrote down.
            ledger.agree(raw, hosts);
            found.changed = true;
        }
        know(raw, ledger.guest(raw), stat, entry.now());
        if (ledger.blocked().containsKey(raw)) {
            unblock(raw, found);
            // What the host changed meanwhile was kept back.
            found.touched.add(raw);
        }
    }

    private static boolean claims(GuestChannel.Entry entry, Item item) {
        return item instanceof Item.File file
                && file.size() == entry.size()
                && file.content().hex().equals(entry.claimedHash());
    }

    /// What was seen, and whether an equal signature proves it later: the guest's own clock says
    /// how old the signature was.
    private void know(String path, Item item, Stat stat, long guestNow) {
        boolean settled =
                guestNow - Math.max(stat.modifiedNanos(), stat.changedNanos()) > GUEST_SETTLES;
        known.put(path, new Seen(item, stat, settled));
    }

    private static Set<String> sane(Collection<String> paths) {
        TreeSet<String> sane = new TreeSet<>();
        for (String raw : paths) {
            GuestPaths.checked(raw)
                    .filter(p -> !GuestPaths.git(p))
                    .ifPresent(p -> sane.add(p.value()));
        }
        // What lies below another asked path is looked at with it.
        return new TreeSet<>(GuestPaths.outermost(sane));
    }

    /// First look at one entry, without the lock: only what needs no state.
    private void sort(GuestChannel.Entry entry, IgnoreRules rules, Found found) {
        String raw = entry.path();
        Optional<RelativePath> checked = GuestPaths.checked(raw);
        boolean git = checked.isPresent() && GuestPaths.git(checked.get());
        switch (entry.kind()) {
            case 'd', 'n' -> {
                // Nothing to keep: files are what counts.
            }
            case 'p' -> {
                found.covered.add(raw);
                if (!raw.equals(".git")) {
                    LeftOut.Reason why = git ? LeftOut.Reason.GIT : LeftOut.Reason.IGNORED;
                    pass(raw + "/", why, git ? "a nested repository" : ".gitignore names it");
                }
            }
            case 'u' -> {
                found.covered.add(raw);
                pass(raw, LeftOut.Reason.UNREADABLE, "could not be read in the guest");
            }
            case 'x' -> {
                found.present.add(raw);
                pass(raw, LeftOut.Reason.SPECIAL, "not a regular file");
            }
            case 'f', 'l' -> {
                found.present.add(raw);
                if (checked.isEmpty()) {
                    pass(raw, LeftOut.Reason.BAD_NAME, "a name that the host cannot have");
                } else if (!git && rules.excluded(raw)) {
                    pass(raw, LeftOut.Reason.EXCLUDED, "the settings exclude it");
                } else if (!git && ignored(rules, raw)) {
                    pass(ignoredTop(rules, raw), LeftOut.Reason.IGNORED, ".gitignore names it");
                } else {
                    found.files.add(entry);
                }
            }
            default -> pass(raw, LeftOut.Reason.BAD_NAME, "a name that the host cannot have");
        }
    }

    private boolean ignored(IgnoreRules rules, String raw) {
        lock.lock();
        try {
            return ledger.base(raw).absent() && host.seen(raw).absent() && rules.ignored(raw);
        } finally {
            lock.unlock();
        }
    }

    private static String ignoredTop(IgnoreRules rules, String raw) {
        for (int at = raw.indexOf('/'); at > 0; at = raw.indexOf('/', at + 1)) {
            if (rules.ignoredItself(raw.substring(0, at), true)) {
                return raw.substring(0, at + 1);
            }
        }
        return raw;
    }

    private void pass(String path, LeftOut.Reason reason, String detail) {
        LeftOut before = notCollected.get(path);
        if (before != null) {
            notCollected.put(path, new LeftOut(before.path(), reason, detail, before.count() + 1));
        } else if (notCollected.size() < LISTED) {
            int count = path.endsWith("/") && reason == LeftOut.Reason.GIT ? 0 : 1;
            notCollected.put(path, new LeftOut(GuestText.of(path), reason, detail, count));
        }
    }

    /// Under the lock: what one file or link of the guest means.
    private void judge(
            GuestChannel.Entry entry,
            Found found,
            List<GuestChannel.Entry> toRead,
            List<GuestChannel.Entry> toHash)
            throws IOException, CountersignException {
        String raw = entry.path();
        if (bulk.carries(raw)) {
            // It is on its way; whoever carries it looks again afterwards.
            return;
        }
        RelativePath path = new RelativePath(raw);
        Stat stat = java.util.Objects.requireNonNull(entry.stat());
        Item before = ledger.guest(raw);
        Seen seen = known.get(raw);
        boolean same = seen != null && seen.stat().equals(stat) && seen.item().equals(before);
        boolean proven = same && java.util.Objects.requireNonNull(seen).settled();
        if (maybePlaceholders(path, entry, stat)
                && (!proven || ledger.blocked().containsKey(raw))
                && found.maybePlaceholders++ < LISTED) {
            toHash.add(entry);
            return;
        }
        if (proven) {
            if (!before.equals(ledger.base(raw)) || ledger.blocked().containsKey(raw)) {
                // Staged before: what stands in its way may have changed on the host.
                Optional<String> obstacle = obstacle(path, entry, stat);
                if (obstacle.isPresent()) {
                    block(raw, obstacle.get(), found);
                } else {
                    unblock(raw, found);
                }
            }
            return;
        }
        Optional<String> obstacle = same ? Optional.empty() : obstacle(path, entry, stat);
        if (obstacle.isPresent()) {
            block(raw, obstacle.get(), found);
            return;
        }
        unblock(raw, found);
        if (entry.kind() == 'l') {
            Item item = new Item.LinkTo(String.valueOf(entry.target()));
            know(raw, item, stat, entry.now());
            stage(path, item, found);
        } else if (before instanceof Item.File file
                && file.size() == stat.size()
                && (same || seen == null || stat.size() > BulkTransfers.WORTH)) {
            toHash.add(entry);
        } else {
            toRead.add(entry);
        }
    }

    private static boolean maybePlaceholders(
            RelativePath path, GuestChannel.Entry entry, Stat stat) {
        return entry.kind() == 'f'
                && !GuestPaths.git(path)
                && Placeholders.fits(path, stat.size())
                && SecretDoor.byName(path).isPresent();
    }

    private Optional<String> obstacle(RelativePath path, GuestChannel.Entry entry, Stat stat) {
        String raw = path.value();
        if (GuestPaths.git(path)) {
            return Optional.of("it would be part of a git repository's own files");
        }
        Optional<String> secret = SecretDoor.byName(path);
        if (secret.isPresent()) {
            return secret.map(why -> why + "; such files are never applied");
        }
        if (path.name().startsWith(Transactions.IN_TREE)) {
            return Optional.of("the name is one of Countersign's own");
        }
        if (entry.kind() == 'l' && !GuestPaths.staysInside(path, String.valueOf(entry.target()))) {
            return Optional.of("a link that leaves the workspace");
        }
        boolean sizeKnown = ledger.guest(raw) instanceof Item.File f && f.size() == stat.size();
        if (stat.size() > settings.limits().fileBytes() && !sizeKnown) {
            return Optional.of("larger than the limit for a file");
        }
        if (ledger.base(raw).absent() && host.hides(raw)) {
            return Optional.of("the host has a file there that stayed out of the guest");
        }
        return clash(raw).map(other -> "on the host it would be the same file as " + other);
    }

    private Optional<String> clash(String raw) {
        return ledger.twin(raw).map(other -> GuestText.of(other).visible());
    }

    private void block(String raw, String why, Found found)
            throws IOException, CountersignException {
        if (why.equals(ledger.blocked().get(raw))) {
            return;
        }
        if (ledger.blocked().size() >= LISTED) {
            pass(raw, LeftOut.Reason.BAD_NAME, why);
            return;
        }
        recorder.record(new Fact.Staged(GuestText.of(raw), "blocked", 0, 0, null));
        ledger.block(raw, why);
        found.changed = true;
    }

    private void unblock(String raw, Found found) throws IOException {
        if (ledger.blocked().containsKey(raw)) {
            ledger.block(raw, null);
            found.changed = true;
        }
    }

    /// What the guest has no more. `asked` null: anything that was not seen is gone.
    private void removeGone(@Nullable Set<String> asked, Found found)
            throws IOException, CountersignException {
        for (String raw : inScope(asked, ledger.base(), ledger.staged())) {
            if (!found.present.contains(raw)
                    && !ledger.guest(raw).absent()
                    && !bulk.carries(raw)
                    && !under(found.covered, raw)) {
                known.remove(raw);
                if (SecretDoor.byName(new RelativePath(raw)).isPresent()) {
                    // Only placeholders are gone, not the host's file: they come anew.
                    ledger.agree(raw, Item.Absent.HERE);
                    found.touched.add(raw);
                    continue;
                }
                stage(new RelativePath(raw), Item.Absent.HERE, found);
                ledger.blockedBy(raw).forEach(found.again::add);
            }
        }
        for (String raw : inScope(asked, ledger.blocked(), ledger.blocked())) {
            if (!found.present.contains(raw) && !under(found.covered, raw)) {
                unblock(raw, found);
            }
        }
    }

    private static Set<String> inScope(
            @Nullable Set<String> asked,
            NavigableMap<String, ?> one,
            NavigableMap<String, ?> other) {
        Set<String> all = new TreeSet<>();
        for (NavigableMap<String, ?> map : List.of(one, other)) {
            if (asked == null) {
                all.addAll(map.keySet());
                continue;
            }
            for (String top : asked) {
                if (map.containsKey(top)) {
                    all.add(top);
                }
                all.addAll(GuestPaths.below(map, top).keySet());
            }
        }
        return all;
    }

    private static boolean under(Collection<String> tops, String path) {
        if (tops.isEmpty()) {
            return false;
        }
        if (tops.contains(path)) {
            return true;
        }
        for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
            if (tops.contains(path.substring(0, at))) {
                return true;
            }
        }
        return false;
    }

    private void stage(RelativePath path, Item item, Found found)
            throws IOException, CountersignException {
        String raw = path.value();
        if (ledger.guest(raw).equals(item)) {
            return;
        }
        Item base = ledger.base(raw);
        if (!item.equals(base)) {
            recorder.record(fact(path, base, item));
        }
        ledger.guestHas(raw, item);
        found.touched.add(raw);
        found.changed = true;
    }

    private Fact.Staged fact(RelativePath path, Item base, Item item) throws IOException {
        StagedChange change =
                new StagedChange(path, base, item, ledger.epoch(), Optional.empty(), contents);
        Digest content = item instanceof Item.File f ? f.content() : null;
        return new Fact.Staged(
                GuestText.of(path.value()),
                change.kind.word(),
                change.added(),
                change.removed(),
                content);
    }

    private void read(GuestChannel channel, List<GuestChannel.Entry> files, Found found)
            throws CountersignException, InterruptedException {
        long budget = settings.limits().stagedBytes() - locked(ledger::stagedBytes);
        List<String> batch = new ArrayList<>();
        long size = 0;
        boolean full = false;
        for (GuestChannel.Entry entry : files) {
            budget -= entry.size();
            if (budget < 0) {
                full = true;
                pause(
                        "more than "
                                + (settings.limits().stagedBytes() >> 20)
                                + " MiB would be staged");
                pass(entry.path(), LeftOut.Reason.TOO_LARGE, "staging is full");
                continue;
            }
            if (entry.size() > BulkTransfers.WORTH) {
                carryOut(channel, entry.path());
                continue;
            }
            batch.add(entry.path());
            size += entry.size();
            if (batch.size() >= READ_AT_ONCE || size > READ_AT_ONCE_BYTES) {
                readBatch(channel, batch, found);
                batch.clear();
                size = 0;
            }
        }
        if (!batch.isEmpty()) {
            readBatch(channel, batch, found);
        }
        if (!full && !files.isEmpty() && paused.startsWith("more than")) {
            paused = "";
        }
    }

    private void readBatch(GuestChannel channel, List<String> batch, Found found)
            throws CountersignException, InterruptedException {
        try (Reception reception = new Reception(found)) {
            channel.read(Lane.LIVE, batch, reception::receive);
            reception.stageAll();
        } catch (IOException e) {
            throw Failures.of("Taking in what the guest has", e);
        }
    }

    /// A large file comes on the other lane, while this one goes on.
    private void carryOut(GuestChannel channel, String path) {
        bulk.carry(
                Set.of(path),
                () -> {
                    Found found = new Found();
                    try (Reception reception = new Reception(found)) {
                        channel.read(Lane.BULK, List.of(path), reception::receive);
                        return () -> {
                            reception.stageAll();
                            return found.taken();
                        };
                    } catch (IOException e) {
                        throw Failures.of("Taking in what the guest has", e);
                    }
                });
    }

    private <T> T locked(java.util.function.Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }

    /// Receives the files of one request.
    private final class Reception implements AutoCloseable {
        private record Arrived(String path, Item item, Stat stat, long now) {}

        private final Found found;
        private final List<Arrived> arrived = new ArrayList<>();
        private ContentStore.@Nullable Incoming open;

        Reception(Found found) {
            this.found = found;
        }

        /// Takes a part; what is complete waits for [#stageAll].
        void receive(GuestChannel.Part part) throws IOException {
            if (part.error() != null) {
                close();
                if (part.error().equals("too large")) {
                    pass(part.path(), LeftOut.Reason.TOO_LARGE, "larger than the limit");
                } else {
                    found.again.add(part.path());
                }
                return;
            }
            if (open == null) {
                open = contents.begin();
            }
            open.write(part.bytes(), 0, part.bytes().length);
            if (!part.last()) {
                return;
            }
            Stat stat = java.util.Objects.requireNonNull(part.stat());
            if (part.torn()) {
                found.again.add(part.path());
            } else {
                long size = open.size();
                Digest content = open.keep();
                Item item = hostForm(part.path(), content, size, stat.executable());
                arrived.add(new Arrived(part.path(), item, stat, part.now()));
            }
            close();
        }

        /// What is staged is what the host will have.
        private Item hostForm(String path, Digest content, long size, boolean executable)
                throws IOException {
            if (size <= LARGEST_SHOWN) {
                settings.hostForm().arrives(new RelativePath(path), contents.bytes(content));
            }
            if (size <= LARGEST_FORM && settings.hostForm().concerns(new RelativePath(path))) {
                byte[] form = settings.hostForm().of(contents.bytes(content));
                try (ContentStore.Incoming host = contents.begin()) {
                    host.write(form, 0, form.length);
                    return new Item.File(host.keep(), form.length, executable);
                }
            }
            return new Item.File(content, size, executable);
        }

        void stageAll() throws CountersignException {
            lock.lock();
            try (Ledger.Batch _ = ledger.batch()) {
                for (Arrived one : arrived) {
                    know(one.path, one.item, one.stat, one.now);
                    stage(new RelativePath(one.path), one.item, found);
                }
            } catch (IOException e) {
                throw Failures.of("Writing the workspace state", e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            if (open != null) {
                open.close();
                open = null;
            }
        }
    }

    private void pause(String why) throws CountersignException {
        if (!paused.equals(why)) {
            paused = why;
            recorder.record(
                    new Fact.Noticed(
                            "warning", "staging", "Staging takes nothing more: " + why + "."));
        }
    }

    // -- to the guest

    private record Push(String path, Item host, Item base, Item guest) {}

    /// Brings the host's edits where the guest still has the base.
    ///
    /// @param paths whose state on a side changed; null: all
    Taken push(GuestChannel channel, @Nullable Collection<String> paths)
            throws CountersignException, InterruptedException {
        if (paths != null && paths.isEmpty()) {
            return Taken.nothing();
        }
        List<Push> files = new ArrayList<>();
        List<Push> gone = new ArrayList<>();
        Found found = new Found();
        lock.lock();
        try (Ledger.Batch _ = ledger.batch()) {
            plan(paths, files, gone, found);
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
        hold(gone);
        if (files.isEmpty() && gone.isEmpty()) {
            return found.taken();
        }
        long bytes =
                files.stream().mapToLong(p -> p.host instanceof Item.File f ? f.size() : 0).sum();
        List<RelativePath> first =
                Stream.concat(files.stream(), gone.stream())
                        .limit(RECORDED_PATHS)
                        .map(p -> new RelativePath(p.path))
                        .toList();
        recorder.record(new Fact.Pushed(files.size() + gone.size(), bytes, first));
        found.changed = true;
        List<Push> now = new ArrayList<>();
        for (Push push : files) {
            if (push.host instanceof Item.File f && f.size() > BulkTransfers.WORTH) {
                carryIn(channel, push);
            } else {
                now.add(push);
            }
        }
        // A file where a directory was, or the other way round, needs the way free first; all other
        // deletions come last, so that nothing that was renamed is missing meanwhile.
        List<Push> inTheWay = gone.stream().filter(p -> inTheWay(p.path, now)).toList();
        delete(channel, inTheWay, found);
        if (!now.isEmpty()) {
            settle(now, channel.put(Lane.LIVE, puts(now)), found);
        }
        delete(channel, gone.stream().filter(p -> !inTheWay.contains(p)).toList(), found);
        return found.taken();
    }

    private static boolean inTheWay(String gone, List<Push> files) {
        return files.stream().anyMatch(file -> related(gone, file.path));
    }

    /// Whether one lies below the other: then they can't both be files.
    private static boolean related(String one, String other) {
        return one.startsWith(other + "/") || other.startsWith(one + "/");
    }

    private void delete(GuestChannel channel, List<Push> gone, Found found)
            throws CountersignException, InterruptedException {
        if (!gone.isEmpty()) {
            List<GuestChannel.Delete> deletes =
                    gone.stream().map(p -> new GuestChannel.Delete(p.path, was(p.path))).toList();
            settle(gone, channel.delete(Lane.LIVE, deletes), found);
            gone.forEach(push -> freeWay(push.path, found));
        }
    }

    /// What was refused for what stood in its way is tried again when that changed.
    private void freeWay(String path, Found found) {
        refusedPushes
                .keySet()
                .removeIf(refused -> {
                    boolean again = related(path, refused);
                    if (again) {
                        found.again.add(refused);
                    }
                    return again;
                });
    }

    /// A large file goes on the other lane, while this one goes on.
    private void carryIn(GuestChannel channel, Push push) {
        List<GuestChannel.Put> puts = puts(List.of(push));
        bulk.carry(
                Set.of(push.path),
                () -> {
                    List<GuestChannel.Result> results = channel.put(Lane.BULK, puts);
                    return () -> {
                        Found found = new Found();
                        found.changed = true;
                        settle(List.of(push), results, found);
                        return found.taken();
                    };
                });
    }

    private void plan(
            @Nullable Collection<String> some, List<Push> files, List<Push> gone, Found found)
            throws IOException {
        Set<String> all = new TreeSet<>();
        if (some == null) {
            all.addAll(
                    SortedPaths.otherwise(
                            host.files(), ledger.base(), (seen, item) -> seen.item().equals(item)));
            all.addAll(ledger.staged().keySet());
        } else {
            all.addAll(some);
        }
        for (String path : all) {
            Item base = ledger.base(path);
            Item now = host.seen(path);
            Item guest = ledger.guest(path);
            if ((now.equals(base) && guest.equals(base)) || bulk.carries(path)) {
                continue;
            }
            Reconcile.Side hostSide = Reconcile.side(base, now);
            Reconcile.Side guestSide = Reconcile.side(base, guest);
            Push push = new Push(path, now, base, guest);
            switch (Reconcile.action(hostSide, guestSide, between(hostSide, guestSide, push))) {
                case PUSH -> {
                    if (ledger.blocked().containsKey(path)) {
                        // The guest has something there that is not taken; it is not replaced.
                        continue;
                    }
                    if (!guest.absent() && !known.containsKey(path)) {
                        found.again.add(path);
                    } else if (!now.equals(refusedPushes.get(path))) {
                        files.add(push);
                    }
                }
                case PUSH_DELETION -> {
                    if (ledger.blocked().containsKey(path)) {
                        continue;
                    }
                    if (!known.containsKey(path)) {
                        found.again.add(path);
                    } else if (!now.equals(refusedPushes.get(path))) {
                        gone.add(push);
                    }
                }
                case ADOPT -> {
                    ledger.agree(path, now);
                    found.changed = true;
                }
                case NOTHING, STAGE, STAGE_MERGED, STAGE_DELETION, CONFLICT -> {
                    // Nothing moves before the developer decides.
                }
            }
        }
    }

    private static Reconcile.Between between(Reconcile.Side host, Reconcile.Side guest, Push push) {
        if (host != Reconcile.Side.CHANGED || guest != Reconcile.Side.CHANGED) {
            return Reconcile.Between.NONE;
        }
        // Whether they touch the same lines is for review and apply to find out.
        return push.host.equals(push.guest) ? Reconcile.Between.EQUAL : Reconcile.Between.OVERLAP;
    }

    /// The brake: a tree that seems to vanish may be an unmounted disk.
    private void hold(List<Push> gone) throws CountersignException {
        List<String> paths = gone.stream().map(Push::path).toList();
        int files = locked(() -> ledger.base().size());
        boolean held = brake.holding();
        Set<String> passes = brake.pass(paths, files);
        gone.removeIf(push -> !passes.contains(push.path));
        if (brake.holding() && !held) {
            recorder.record(
                    new Fact.Noticed(
                            "warning",
                            "workspace",
                            brake.held().size()
                                    + " files are gone from the host at once. They stay in the"
                                    + " guest until you say that they may go, or they are back."));
        }
    }

    /// What the host has again is not held back any more.
    void release() {
        // The brake under the lock, never the lock under the brake: a review asks for what is held.
        lock.lock();
        try {
            brake.retain(path -> host.seen(path).absent() && !ledger.base(path).absent());
        } finally {
            lock.unlock();
        }
    }

    private List<GuestChannel.Put> puts(List<Push> batch) {
        List<GuestChannel.Put> puts = new ArrayList<>();
        for (Push push : batch) {
            GuestChannel.Expect expect =
                    push.guest.absent()
                            ? new GuestChannel.Expect.Nothing()
                            : new GuestChannel.Expect.Was(was(push.path));
            puts.add(put(push.path, push.host, expect, contents));
        }
        return puts;
    }

    /// How the host's version of a path goes into the guest.
    static GuestChannel.Put put(
            String path, Item item, GuestChannel.Expect expect, ContentStore contents) {
        return switch (item) {
            case Item.File(Digest content, long size, boolean executable) ->
                    new GuestChannel.Put(
                            path, false, executable, size, () -> contents.open(content), expect);
            case Item.LinkTo(String target) ->
                    new GuestChannel.Put(
                            path, true, false, target.getBytes(StandardCharsets.UTF_8), expect);
            case Item.Absent _, Item.Other _ ->
                    throw new IllegalStateException("nothing to put for " + item);
        };
    }

    private Stat was(String path) {
        return java.util.Objects.requireNonNull(known.get(path), path).stat();
    }

    /// After a put that began a session: what the guest has now. Nobody worked there yet, so no
    /// edit can hide behind an equal signature.
    void copied(String path, Item item, Stat stat) {
        known.put(path, new Seen(item, stat, true));
    }

    private void settle(List<Push> pushed, List<GuestChannel.Result> results, Found found)
            throws CountersignException {
        lock.lock();
        try (Ledger.Batch _ = ledger.batch()) {
            for (int i = 0; i < pushed.size(); i++) {
                Push push = pushed.get(i);
                GuestChannel.Result result = results.get(i);
                if (result.error() != null) {
                    failed(push, result.error(), found.again);
                    continue;
                }
                if (push.host.absent()) {
                    known.remove(push.path);
                } else if (result.stat() != null) {
                    known.put(push.path, new Seen(push.host, result.stat(), false));
                }
                refusedPushes.remove(push.path);
                said.remove(push.path);
                noRoom.remove(push.path);
                boolean asPlanned =
                        ledger.base(push.path).equals(push.base)
                                && ledger.guest(push.path).equals(push.guest);
                if (asPlanned) {
                    ledger.agree(push.path, push.host);
                } else {
                    ledger.guestHas(push.path, push.host);
                }
            }
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
    }

    private void failed(Push push, String error, Set<String> again) throws CountersignException {
        if (error.equals("changed") || error.equals("gone")) {
            again.add(push.path);
            return;
        }
        if (push.host.equals(refusedPushes.put(push.path, push.host))) {
            return;
        }
        boolean full = error.equals("nospace");
        if (full && push.host.equals(noRoom.put(push.path, push.host))) {
            return;
        }
        if (push.host.equals(said.put(push.path, push.host))) {
            return;
        }
        String why = full ? "no space is left there. It is tried again until there is some" : error;
        recorder.record(
                new Fact.Noticed(
                        "warning",
                        "workspace",
                        GuestText.of(push.path).visible()
                                + " could not be brought to the guest: "
                                + GuestText.of(why).visible()));
    }

    /// What was refused is tried again.
    void forgetRefusals() {
        refusedPushes.clear();
        noRoom.clear();
    }

    /// Whether something waits for room in the guest.
    boolean lacksRoom() {
        return !noRoom.isEmpty();
    }

    /// What found no room is not refused any more: these paths.
    Set<String> tryForRoom() {
        refusedPushes.keySet().removeAll(noRoom.keySet());
        return Set.copyOf(noRoom.keySet());
    }

    static CountersignException notConnected() {
        return new CountersignException(
                Kind.FAILED,
                "The workspace is not connected to the guest. Start or resume the session first.");
    }
}
