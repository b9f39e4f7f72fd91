package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes what the guest has into staging and brings it what the host changed. All that the guest
/// says is a claim: content is hashed here, names are checked here, and a lie can only hide the
/// guest's own work. Runs on the workspace's worker alone; shared state is touched under its lock.
final class GuestSide {
    private static final int READ_AT_ONCE = 200;
    private static final int RECORDED_PATHS = 10;
    private static final int LISTED = 2000;

    private final WorkspaceSettings settings;
    private final Ledger ledger;
    private final ContentStore contents;
    private final HostSide host;
    private final Recorder recorder;
    private final Lock lock;
    private final boolean foldsCase =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");

    /// The guest's signature of a path when its content was last known: what a push may replace.
    private final Map<String, Stat> stats = new HashMap<>();

    private final Map<String, Item> refusedPushes = new HashMap<>();
    private final Map<String, LeftOut> notCollected = new TreeMap<>();
    private String paused = "";
    private boolean deletionsHeld;

    GuestSide(
            WorkspaceSettings settings,
            Ledger ledger,
            ContentStore contents,
            HostSide host,
            Recorder recorder,
            Lock lock) {
        this.settings = settings;
        this.ledger = ledger;
        this.contents = contents;
        this.host = host;
        this.recorder = recorder;
        this.lock = lock;
    }

    /// Why staging takes nothing more; empty if it does.
    String paused() {
        return paused;
    }

    List<LeftOut> notCollected() {
        return List.copyOf(notCollected.values());
    }

    /// What a look at the guest came to.
    ///
    /// @param again paths to look at once more: they changed while they were read
    record Taken(boolean changed, Set<String> again) {}

    private static final class Found {
        final Set<String> present = new HashSet<>();
        final List<String> covered = new ArrayList<>();
        final List<GuestChannel.Entry> files = new ArrayList<>();
        final Set<String> again = new LinkedHashSet<>();
        boolean changed;
    }

    // -- from the guest

    /// Stages what these paths, or all if null, have become.
    Taken take(GuestChannel channel, @Nullable Collection<String> paths)
            throws CountersignException, InterruptedException {
        IgnoreRules rules = host.rules();
        Found found = new Found();
        Set<String> asked = paths == null ? null : sane(paths);
        if (asked != null && asked.isEmpty()) {
            return new Taken(false, Set.of());
        }
        if (asked == null) {
            notCollected.clear();
        }
        boolean over =
                channel.scan(
                        asked,
                        true,
                        rules.prunedNames(),
                        rules.prunedPaths(),
                        entry -> sort(entry, rules, found));
        if (over) {
            pause("the guest has more than " + settings.limits().paths() + " paths");
        } else if (asked == null && paused.startsWith("the guest has more than")) {
            paused = "";
        }
        List<GuestChannel.Entry> toRead = new ArrayList<>();
        lock.lock();
        try {
            for (GuestChannel.Entry entry : found.files) {
                judge(entry, found, toRead);
            }
            if (!over) {
                removeGone(asked, found);
            }
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
        read(channel, toRead, found);
        return new Taken(found.changed, found.again);
    }

    private static Set<String> sane(Collection<String> paths) {
        Set<String> sane = new TreeSet<>();
        for (String raw : paths) {
            GuestPaths.checked(raw)
                    .filter(p -> !GuestPaths.git(p))
                    .ifPresent(p -> sane.add(p.value()));
        }
        // What lies below another asked path is looked at with it.
        sane.removeIf(p -> {
            for (int at = p.indexOf('/'); at > 0; at = p.indexOf('/', at + 1)) {
                if (sane.contains(p.substring(0, at))) {
                    return true;
                }
            }
            return false;
        });
        return sane;
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
            return ledger.base(raw).absent() && rules.ignored(raw);
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
    private void judge(GuestChannel.Entry entry, Found found, List<GuestChannel.Entry> toRead)
            throws IOException, CountersignException {
        String raw = entry.path();
        RelativePath path = new RelativePath(raw);
        Stat stat = java.util.Objects.requireNonNull(entry.stat());
        Optional<String> obstacle = obstacle(path, entry, stat);
        if (obstacle.isPresent()) {
            block(raw, obstacle.get(), found);
            return;
        }
        unblock(raw, found);
        Item known = ledger.guest(raw);
        if (entry.kind() == 'l') {
            Item item = new Item.LinkTo(String.valueOf(entry.target()));
            stats.put(raw, stat);
            stage(path, item, found);
        } else if (known instanceof Item.File file
                && file.content().hex().equals(entry.claimedHash())
                && file.size() == stat.size()) {
            stats.put(raw, stat);
            stage(path, new Item.File(file.content(), file.size(), stat.executable()), found);
        } else {
            toRead.add(entry);
        }
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
        if (stat.size() > settings.limits().fileBytes()) {
            return Optional.of("larger than the limit for a file");
        }
        if (ledger.base(raw).absent() && host.hides(raw)) {
            return Optional.of("the host has a file there that stayed out of the guest");
        }
        return clash(raw).map(other -> "on the host it would be the same file as " + other);
    }

    private Optional<String> clash(String raw) {
        if (!foldsCase && raw.chars().allMatch(c -> c < 0x80)) {
            return Optional.empty();
        }
        String key = GuestPaths.key(raw, foldsCase);
        return Stream.concat(ledger.base().keySet().stream(), ledger.staged().keySet().stream())
                .filter(other -> !other.equals(raw))
                .filter(other -> !ledger.guest(other).absent())
                .filter(other -> GuestPaths.key(other, foldsCase).equals(key))
                .map(other -> GuestText.of(other).visible())
                .findFirst();
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
        Set<String> known = new TreeSet<>(ledger.base().keySet());
        known.addAll(ledger.staged().keySet());
        for (String raw : known) {
            boolean inScope = asked == null || under(asked, raw);
            if (inScope
                    && !found.present.contains(raw)
                    && !ledger.guest(raw).absent()
                    && !under(found.covered, raw)) {
                stats.remove(raw);
                stage(new RelativePath(raw), Item.Absent.HERE, found);
            }
        }
        for (String raw : List.copyOf(ledger.blocked().keySet())) {
            boolean inScope = asked == null || under(asked, raw);
            if (inScope && !found.present.contains(raw) && !under(found.covered, raw)) {
                unblock(raw, found);
            }
        }
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
        for (int at = 0; at < files.size(); at += READ_AT_ONCE) {
            List<String> batch = new ArrayList<>();
            long budget = settings.limits().stagedBytes() - stagedBytes();
            for (GuestChannel.Entry entry :
                    files.subList(at, Math.min(files.size(), at + READ_AT_ONCE))) {
                budget -= java.util.Objects.requireNonNull(entry.stat()).size();
                if (budget < 0) {
                    pause(
                            "more than "
                                    + (settings.limits().stagedBytes() >> 20)
                                    + " MiB would be staged");
                    pass(entry.path(), LeftOut.Reason.TOO_LARGE, "staging is full");
                } else {
                    batch.add(entry.path());
                }
            }
            if (budget >= 0 && paused.startsWith("more than")) {
                paused = "";
            }
            if (!batch.isEmpty()) {
                try (Reception reception = new Reception(found)) {
                    channel.read(batch, reception::take);
                } catch (IOException e) {
                    throw Failures.of("Taking in what the guest has", e);
                }
            }
        }
    }

    private long stagedBytes() {
        lock.lock();
        try {
            return ledger.staged().values().stream()
                    .mapToLong(i -> i instanceof Item.File f ? f.size() : 0)
                    .sum();
        } finally {
            lock.unlock();
        }
    }

    /// Receives the files of one request.
    private final class Reception implements AutoCloseable {
        private final Found found;
        private ContentStore.@Nullable Incoming open;

        Reception(Found found) {
            this.found = found;
        }

        void take(GuestChannel.Part part) throws IOException, CountersignException {
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
                Digest digest = open.keep(false);
                lock.lock();
                try {
                    stats.put(part.path(), stat);
                    Item item = new Item.File(digest, size, stat.executable());
                    stage(new RelativePath(part.path()), item, found);
                } finally {
                    lock.unlock();
                }
            }
            close();
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
    /// @return whether anything changed, and what to look at again
    Taken push(GuestChannel channel) throws CountersignException, InterruptedException {
        List<Push> files = new ArrayList<>();
        List<Push> gone = new ArrayList<>();
        Set<String> again = new LinkedHashSet<>();
        boolean changed;
        lock.lock();
        try {
            changed = plan(files, gone, again);
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
        hold(gone);
        if (files.isEmpty() && gone.isEmpty()) {
            return new Taken(changed, again);
        }
        long bytes =
                files.stream().mapToLong(p -> p.host instanceof Item.File f ? f.size() : 0).sum();
        List<RelativePath> first =
                Stream.concat(files.stream(), gone.stream())
                        .limit(RECORDED_PATHS)
                        .map(p -> new RelativePath(p.path))
                        .toList();
        recorder.record(new Fact.Pushed(files.size() + gone.size(), bytes, first));
        try {
            List<Push> batch = new ArrayList<>();
            long size = 0;
            for (Push push : files) {
                batch.add(push);
                size += push.host instanceof Item.File f ? f.size() : 0;
                if (size > 8L << 20 || batch.size() >= 500) {
                    settle(batch, channel.put(puts(batch)), again);
                    batch.clear();
                    size = 0;
                }
            }
            if (!batch.isEmpty()) {
                settle(batch, channel.put(puts(batch)), again);
            }
            if (!gone.isEmpty()) {
                List<GuestChannel.Delete> deletes =
                        gone.stream()
                                .map(p -> new GuestChannel.Delete(p.path, was(p.path)))
                                .toList();
                settle(gone, channel.delete(deletes), again);
            }
        } catch (IOException e) {
            throw Failures.of("Bringing the host's edits to the guest", e);
        }
        return new Taken(true, again);
    }

    private boolean plan(List<Push> files, List<Push> gone, Set<String> again) throws IOException {
        boolean changed = false;
        Set<String> all = new TreeSet<>(host.files().keySet());
        all.addAll(ledger.base().keySet());
        all.addAll(ledger.staged().keySet());
        for (String path : all) {
            Item base = ledger.base(path);
            Item now = host.seen(path);
            Item guest = ledger.guest(path);
            Reconcile.Side hostSide = Reconcile.side(base, now);
            Reconcile.Side guestSide = Reconcile.side(base, guest);
            Push push = new Push(path, now, base, guest);
            switch (Reconcile.action(hostSide, guestSide, between(hostSide, guestSide, push))) {
                case PUSH -> {
                    if (!guest.absent() && !stats.containsKey(path)) {
                        again.add(path);
                    } else if (!now.equals(refusedPushes.get(path))) {
                        files.add(push);
                    }
                }
                case PUSH_DELETION -> {
                    if (!stats.containsKey(path)) {
                        again.add(path);
                    } else if (!now.equals(refusedPushes.get(path))) {
                        gone.add(push);
                    }
                }
                case ADOPT -> {
                    ledger.agree(path, now);
                    changed = true;
                }
                case NOTHING, STAGE, STAGE_MERGED, STAGE_DELETION, CONFLICT -> {
                    // Nothing moves before the developer decides.
                }
            }
        }
        return changed;
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
        int most = Math.max(20, ledger.base().size() / 4);
        if (gone.size() > most) {
            if (!deletionsHeld) {
                deletionsHeld = true;
                recorder.record(
                        new Fact.Noticed(
                                "warning",
                                "workspace",
                                gone.size()
                                        + " files are gone from the host at once. They stay in the"
                                        + " guest until they are back or fewer are gone."));
            }
            gone.clear();
        } else {
            deletionsHeld = false;
        }
    }

    private List<GuestChannel.Put> puts(List<Push> batch) throws IOException {
        List<GuestChannel.Put> puts = new ArrayList<>();
        for (Push push : batch) {
            GuestChannel.Expect expect =
                    push.guest.absent()
                            ? new GuestChannel.Expect.Nothing()
                            : new GuestChannel.Expect.Was(was(push.path));
            puts.add(
                    new GuestChannel.Put(
                            push.path,
                            push.host instanceof Item.LinkTo,
                            push.host instanceof Item.File f && f.executable(),
                            StagedChange.bytes(push.host, contents),
                            expect));
        }
        return puts;
    }

    private Stat was(String path) {
        return java.util.Objects.requireNonNull(stats.get(path), path);
    }

    private void settle(List<Push> pushed, List<GuestChannel.Result> results, Set<String> again)
            throws IOException, CountersignException {
        lock.lock();
        try {
            for (int i = 0; i < pushed.size(); i++) {
                Push push = pushed.get(i);
                GuestChannel.Result result = results.get(i);
                if (result.error() != null) {
                    failed(push, result.error(), again);
                    continue;
                }
                if (push.host.absent()) {
                    stats.remove(push.path);
                } else if (result.stat() != null) {
                    stats.put(push.path, result.stat());
                }
                refusedPushes.remove(push.path);
                boolean asPlanned =
                        ledger.base(push.path).equals(push.base)
                                && ledger.guest(push.path).equals(push.guest);
                if (asPlanned) {
                    ledger.agree(push.path, push.host);
                } else {
                    ledger.guestHas(push.path, push.host);
                }
            }
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
        String why = error.equals("nospace") ? "no space is left there" : error;
        recorder.record(
                new Fact.Noticed(
                        "warning",
                        "workspace",
                        GuestText.of(push.path).visible()
                                + " could not be brought to the guest: "
                                + GuestText.of(why).visible()));
    }

    /// What was refused is tried again, and nothing is known of the guest's signatures any more.
    void forget() {
        stats.clear();
        refusedPushes.clear();
    }

    static CountersignException notConnected() {
        return new CountersignException(
                Kind.FAILED,
                "The workspace is not connected to the guest. Start or resume the session first.");
    }
}
