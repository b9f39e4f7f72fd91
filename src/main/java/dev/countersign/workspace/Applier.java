package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns a choice into changes of a target. Guarded by the workspace's lock.
final class Applier {
    private final WorkspaceSettings settings;
    private final Ledger ledger;
    private final ContentStore contents;
    private final HostSide host;
    private final Reviewer reviewer;
    private final Transactions transactions;
    private final Recorder recorder;
    private final ApplyHistory history;
    private final Clock clock;

    Applier(
            WorkspaceSettings settings,
            Ledger ledger,
            ContentStore contents,
            HostSide host,
            Reviewer reviewer,
            Transactions transactions,
            Recorder recorder,
            ApplyHistory history,
            Clock clock) {
        this.history = history;
        this.clock = clock;
        this.settings = settings;
        this.ledger = ledger;
        this.contents = contents;
        this.host = host;
        this.reviewer = reviewer;
        this.transactions = transactions;
        this.recorder = recorder;
    }

    /// What was chosen, by file, and what was not although it was asked for.
    record Chosen(Map<StagedChange, Set<String>> hunks, Map<String, String> refused) {
        int count() {
            return hunks.values().stream().mapToInt(Set::size).sum();
        }

        List<String> ids() {
            return hunks.values().stream().flatMap(Set::stream).toList();
        }
    }

    Chosen choose(Choice choice, Reviewer.Built now, boolean toReject) throws CountersignException {
        return switch (choice) {
            case Choice.All(String seen) -> all(seen, now, toReject);
            case Choice.Hunks(List<String> ids) -> hunks(ids, now);
            case Choice.Files(List<String> paths, @Nullable String seen) ->
                    files(paths, seen == null ? reviewer.lastShown() : seen, now, toReject);
        };
    }

    private static CountersignException changed(String what) {
        return new CountersignException(
                Kind.CONFLICT,
                what + " is not what is staged now. Look at the review again, then decide.");
    }

    private static Chosen all(String seen, Reviewer.Built now, boolean toReject)
            throws CountersignException {
        if (!now.review().id().equals(seen)) {
            throw changed("The review that was seen");
        }
        Map<StagedChange, Set<String>> chosen = new LinkedHashMap<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (Reviewer.Entry entry : now.entries()) {
            String path = entry.file().path().raw();
            if (entry.change().isEmpty()) {
                refused.put(path, String.join("; ", entry.file().reasons()));
                continue;
            }
            StagedChange change = entry.change().get();
            if (!toReject && change.kept.isPresent()) {
                refused.put(path, "made before a restore; apply it by itself");
                continue;
            }
            for (Hunk hunk : entry.file().hunks()) {
                boolean conflict = hunk.state() == HunkState.CONFLICT;
                if (!toReject && hunk.level() == Level.CRITICAL) {
                    refused.put(path, "critical; apply it by itself");
                } else if (conflict && !toReject) {
                    refused.put(path, String.valueOf(hunk.note()));
                } else if (hunk.undecided()) {
                    add(chosen, change, hunk.id());
                }
            }
        }
        return new Chosen(chosen, refused);
    }

    private static void add(Map<StagedChange, Set<String>> chosen, StagedChange change, String id) {
        chosen.computeIfAbsent(change, _ -> new LinkedHashSet<>()).add(id);
    }

    private static Chosen hunks(List<String> ids, Reviewer.Built now) throws CountersignException {
        Map<StagedChange, Set<String>> chosen = new LinkedHashMap<>();
        for (String id : ids) {
            boolean found = false;
            for (Reviewer.Entry entry : now.entries()) {
                boolean has = entry.file().hunks().stream().anyMatch(h -> h.id().equals(id));
                if (has && entry.change().isPresent()) {
                    add(chosen, entry.change().get(), id);
                    found = true;
                    break;
                }
            }
            if (!found) {
                throw changed("The hunk " + GuestText.of(id).visible());
            }
        }
        return new Chosen(chosen, Map.of());
    }

    private Chosen files(List<String> paths, String seen, Reviewer.Built now, boolean toReject)
            throws CountersignException {
        Map<StagedChange, Set<String>> chosen = new LinkedHashMap<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (String path : paths) {
            if (!reviewer.sameAsListed(seen, now, path)) {
                throw changed("The file " + GuestText.of(path).visible() + " as it was listed");
            }
            boolean current =
                    now.entries().stream()
                            .anyMatch(e -> is(e, path) && e.change().get().kept.isEmpty());
            for (Reviewer.Entry entry : now.entries()) {
                if (entry.file().path().raw().equals(path) && entry.change().isEmpty()) {
                    refused.put(path, String.join("; ", entry.file().reasons()));
                } else if (is(entry, path) && entry.change().get().kept.isEmpty() == current) {
                    for (Hunk hunk : entry.file().hunks()) {
                        if (toReject || hunk.undecided()) {
                            add(chosen, entry.change().get(), hunk.id());
                        }
                    }
                }
            }
        }
        return new Chosen(chosen, refused);
    }

    private static boolean is(Reviewer.Entry entry, String path) {
        return entry.file().path().raw().equals(path) && entry.change().isPresent();
    }

    // -- targets

    ApplyOutcome apply(Chosen chosen, Target to) throws IOException, CountersignException {
        if (chosen.hunks.isEmpty() && chosen.refused.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE, "Nothing is chosen. Name hunks or files of the review.");
        }
        return switch (to) {
            case Target.Tree _ -> toTree(chosen);
            case Target.Branch branch -> toBranch(chosen, branch);
            case Target.Patch patch -> toPatch(chosen, patch);
            case Target.PullRequest request -> toBranch(chosen, request.branch());
        };
    }

    private ApplyOutcome toTree(Chosen chosen) throws IOException, CountersignException {
        List<Transactions.Op> ops = new ArrayList<>();
        Map<String, String> refused = new LinkedHashMap<>(chosen.refused);
        Set<String> taken = new LinkedHashSet<>();
        Set<String> paths = new HashSet<>();
        for (var entry : chosen.hunks.entrySet()) {
            StagedChange change = entry.getKey();
            String path = change.path.value();
            Item now = host.now(change.path);
            if (!paths.add(path)) {
                refused.put(path, "another version of it is applied; apply this one after it");
                continue;
            }
            if (now instanceof Item.Other other) {
                refused.put(path, other.what());
                continue;
            }
            byte[] hostBytes = hostBytes(change.path, now);
            Optional<StagedChange.Merged> merged = change.onto(now, hostBytes, entry.getValue());
            if (merged.isEmpty()) {
                refused.put(path, "the host changed the same place; nothing of it was applied");
                continue;
            }
            if (merged.get().taken().size() < entry.getValue().size()) {
                int left = entry.getValue().size() - merged.get().taken().size();
                refused.put(path, left + " hunks touch what the host changed");
            }
            taken.addAll(merged.get().taken());
            ops.add(op(change, now, hostBytes, merged.get()));
        }
        if (ops.isEmpty()) {
            return new ApplyOutcome("", "tree", List.of(), 0, lines(refused));
        }
        Transactions.Plan plan =
                new Transactions.Plan(
                        transactions.nextId(), ops, List.copyOf(taken), null, refused);
        forgetMarks(chosen, taken);
        Transactions.Done done = run(plan);
        return outcome(plan, done, "tree", taken.size(), refused);
    }

    private void forgetMarks(Chosen chosen, Set<String> taken) throws IOException {
        try (Ledger.Batch _ = ledger.batch()) {
            for (var entry : chosen.hunks.entrySet()) {
                for (String id : entry.getValue()) {
                    if (taken.contains(id)) {
                        ledger.reject(id, false);
                        ledger.look(entry.getKey().path.value(), id, null);
                    }
                }
            }
        }
    }

    /// Puts an end to a conflict. The host's version before it is in the undo; the agent's is
    /// agreed on as what the developer has decided about.
    ApplyOutcome resolve(Reviewer.Built now, String path, String digest, Resolution how)
            throws IOException, CountersignException {
        Reviewer.Entry entry =
                now.entries().stream()
                        .filter(e -> is(e, path) && e.file().conflict() != null)
                        .filter(e ->
                                digest.equals(
                                        java.util.Objects.requireNonNull(e.file().conflict())
                                                .digest()))
                        .findFirst()
                        .orElseThrow(
                                () -> changed("The conflict in " + GuestText.of(path).visible()));
        StagedChange change = entry.change().orElseThrow();
        Item host = this.host.now(change.path);
        if (!Conflicts.digest(change, host).equals(digest)) {
            throw changed("The conflict in " + GuestText.of(path).visible());
        }
        if (host instanceof Item.Other other) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    GuestText.of(path).visible()
                            + " can't be solved here: "
                            + other.what()
                            + ". Clear the place first.");
        }
        Item after = resolved(change, host, how);
        keepHost(change.path, host, hostBytes(change.path, host));
        List<String> ids = change.pieces.stream().map(StagedChange.Piece::id).toList();
        Transactions.Op op =
                new Transactions.Op(
                        path,
                        host,
                        after,
                        change.base,
                        change.kept.isPresent() ? change.base : change.made,
                        change.kept.orElse(null),
                        null);
        for (String id : ids) {
            ledger.reject(id, false);
            ledger.look(path, id, null);
        }
        Transactions.Plan plan =
                new Transactions.Plan(transactions.nextId(), List.of(op), ids, null, Map.of());
        return outcome(plan, run(plan), "tree", ids.size(), Map.of());
    }

    private Item resolved(StagedChange change, Item host, Resolution how) throws IOException {
        return switch (how) {
            case Resolution.KeepHost _ -> host;
            case Resolution.TakeAgent _ -> change.made;
            case Resolution.Text(String text) -> {
                byte[] content = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                boolean executable =
                        host instanceof Item.File f
                                ? f.executable()
                                : change.made instanceof Item.File m && m.executable();
                Item.File item = StagedChange.file(content, executable);
                keep(item, content);
                yield item;
            }
        };
    }

    /// What a merge needs of the host's file: nothing of a large one, which is never merged.
    private byte[] hostBytes(RelativePath path, Item now) throws IOException {
        return now instanceof Item.File && !StagedChange.large(now)
                ? host.tree().bytes(path)
                : new byte[0];
    }

    private Transactions.Op op(
            StagedChange change, Item now, byte[] hostBytes, StagedChange.Merged merged)
            throws IOException {
        StagedChange.Merged left = now.equals(change.base) ? merged : change.onBase(merged.taken());
        keepHost(change.path, now, hostBytes);
        keep(merged.item(), merged.content());
        keep(left.item(), left.content());
        Ledger.@Nullable Kept kept = change.kept.orElse(null);
        Ledger.@Nullable Kept after =
                kept == null || left.item().equals(kept.made())
                        ? null
                        : new Ledger.Kept(kept.epoch(), kept.path(), left.item(), kept.made());
        return new Transactions.Op(
                change.path.value(), now, merged.item(), change.base, left.item(), kept, after);
    }

    private void keep(Item item, byte[] content) throws IOException {
        if (item instanceof Item.File file
                && !contents.has(file.content())
                && !contents.put(content).equals(file.content())) {
            throw new IOException("the file changed while it was read");
        }
    }

    private void keepHost(RelativePath path, Item now, byte[] content) throws IOException {
        if (!(now instanceof Item.File file) || !StagedChange.large(now)) {
            keep(now, content);
        } else if (!contents.has(file.content())
                && !host.tree().keep(path, contents).equals(file.content())) {
            throw new IOException("the file changed while it was read");
        }
    }

    /// All bytes of it, for targets that take no file by name.
    private byte[] whole(Item item, byte[] content) throws IOException {
        return StagedChange.large(item) ? StagedChange.bytes(item, contents) : content;
    }

    /// However it ends, what was known of these files of the host does not hold any more.
    private Transactions.Done run(Transactions.Plan plan) throws IOException, CountersignException {
        try {
            return transactions.run(plan, ledger, recorder);
        } finally {
            for (Transactions.Op op : plan.ops()) {
                host.changed(new RelativePath(op.path()));
            }
        }
    }

    private ApplyOutcome outcome(
            Transactions.Plan plan,
            Transactions.Done done,
            String to,
            int hunks,
            Map<String, String> refused) {
        List<GuestText> paths = new ArrayList<>();
        Map<String, String> left = new LinkedHashMap<>(refused);
        for (Transactions.Op op : plan.ops()) {
            if (done.did(op.path())) {
                paths.add(GuestText.of(op.path()));
            } else {
                left.put(op.path(), String.valueOf(done.outcome().get(op.path())));
            }
        }
        return new ApplyOutcome(plan.id(), to, paths, paths.isEmpty() ? 0 : hunks, lines(left));
    }

    private static List<GuestText> lines(Map<String, String> refused) {
        return refused.entrySet().stream()
                .map(e -> GuestText.of(e.getKey() + ": " + e.getValue()))
                .toList();
    }

    private ApplyOutcome toBranch(Chosen chosen, Target.Branch to)
            throws IOException, CountersignException {
        Map<String, String> refused = new LinkedHashMap<>(chosen.refused);
        List<GuestText> paths = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        try (BranchCommit commit = BranchCommit.on(settings.root(), to.name())) {
            for (var entry : chosen.hunks.entrySet()) {
                StagedChange change = entry.getKey();
                String path = change.path.value();
                BranchCommit.Committed head = commit.committed(path);
                Optional<StagedChange.Merged> merged =
                        change.onto(head.item(), head.content(), entry.getValue());
                if (merged.isEmpty()) {
                    refused.put(path, "HEAD has the same place otherwise");
                } else {
                    Item item = merged.get().item();
                    commit.change(path, item, whole(item, merged.get().content()));
                    taken.addAll(merged.get().taken());
                    paths.add(GuestText.of(path));
                }
            }
            if (paths.isEmpty()) {
                return new ApplyOutcome("", to.word(), paths, 0, lines(refused));
            }
            begun(to.word(), paths, taken);
            String id = commit.commit(to.message());
            recorder.record(
                    new Fact.Applied(id, to.word(), paths.size(), taken.size(), refused.size()));
            remember(id, to.word(), paths, taken.size(), refused.size());
            return new ApplyOutcome(id, to.word(), paths, taken.size(), lines(refused));
        }
    }

    void remember(String id, String to, List<GuestText> paths, int hunks, int refused)
            throws IOException {
        history.add(
                new PastApply(
                        id,
                        clock.instant(),
                        to,
                        paths.stream().limit(ApplyHistory.LISTED).toList(),
                        paths.size(),
                        hunks,
                        refused,
                        null));
    }

    private void begun(String to, List<GuestText> paths, List<String> hunks)
            throws CountersignException {
        recorder.record(
                new Fact.ApplyBegun(
                        to, paths.stream().map(p -> new RelativePath(p.raw())).toList(), hunks));
    }

    private ApplyOutcome toPatch(Chosen chosen, Target.Patch to)
            throws IOException, CountersignException {
        if (Files.exists(to.file(), LinkOption.NOFOLLOW_LINKS)) {
            throw exists(to.file());
        }
        Map<String, String> refused = new LinkedHashMap<>(chosen.refused);
        List<GuestText> paths = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        PatchText patch = new PatchText();
        for (var entry : chosen.hunks.entrySet()) {
            StagedChange change = entry.getKey();
            String path = change.path.value();
            Item now = host.now(change.path);
            byte[] hostBytes = hostBytes(change.path, now);
            Optional<StagedChange.Merged> merged = change.onto(now, hostBytes, entry.getValue());
            if (merged.isEmpty() || now instanceof Item.Other) {
                refused.put(path, "the host changed the same place");
                continue;
            }
            byte[] old = now instanceof Item.LinkTo ? StagedChange.bytes(now, contents) : hostBytes;
            if (StagedChange.large(now)) {
                old = host.tree().bytes(change.path);
            }
            Item item = merged.get().item();
            patch.add(path, now, old, item, whole(item, merged.get().content()));
            taken.addAll(merged.get().taken());
            paths.add(GuestText.of(path));
        }
        if (paths.isEmpty()) {
            return new ApplyOutcome("", to.word(), paths, 0, lines(refused));
        }
        begun(to.word(), paths, taken);
        try {
            Files.write(to.file(), patch.bytes(), StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw exists(to.file());
        }
        recorder.record(
                new Fact.Applied(to.word(), to.word(), paths.size(), taken.size(), refused.size()));
        remember(to.word(), to.word(), paths, taken.size(), refused.size());
        return new ApplyOutcome(to.word(), to.word(), paths, taken.size(), lines(refused));
    }

    private static CountersignException exists(Path file) {
        return new CountersignException(
                Kind.CONFLICT, "The file " + file + " exists already. Choose another name.");
    }

    // -- back

    ApplyOutcome undo() throws IOException, CountersignException {
        Transactions.Past past =
                transactions
                        .last()
                        .orElseThrow(() ->
                                new CountersignException(
                                        Kind.USAGE,
                                        "Nothing was applied to the tree, so there is"
                                                + " nothing to take back."));
        List<Transactions.Op> ops = new ArrayList<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (Transactions.Op op : past.plan().ops()) {
            if (past.done().did(op.path())) {
                back(op, refused).ifPresent(ops::add);
            }
        }
        if (ops.isEmpty()) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Nothing of the last apply can be taken back: "
                            + refused.entrySet().stream()
                                    .map(e ->
                                            GuestText.of(e.getKey()).visible()
                                                    + ": "
                                                    + e.getValue())
                                    .findFirst()
                                    .orElse("it changed nothing")
                            + ". Undo by hand what is left.");
        }
        Transactions.Plan plan =
                new Transactions.Plan(
                        transactions.nextId(), ops, past.plan().hunks(), past.plan().id(), refused);
        Transactions.Done done = run(plan);
        return outcome(plan, done, "tree", past.plan().hunks().size(), refused);
    }

    private Optional<Transactions.Op> back(Transactions.Op op, Map<String, String> refused)
            throws IOException {
        RelativePath path = new RelativePath(op.path());
        Item now = host.now(path);
        Item then = op.before();
        byte[] nowBytes = hostBytes(path, now);
        if (!now.equals(op.after())) {
            // Edited since: only what the apply brought is taken out.
            Optional<StagedChange.Merged> merged = reverse(op.after(), now, nowBytes, op.before());
            if (merged.isEmpty()) {
                refused.put(op.path(), "it was edited since, in the same place");
                return Optional.empty();
            }
            then = merged.get().item();
            keep(then, merged.get().content());
        }
        keepHost(path, now, nowBytes);
        Item base = ledger.base(op.path());
        Item baseThen = base;
        if (op.kept() == null && op.keptAfter() == null) {
            if (base.equals(op.baseAfter())) {
                baseThen = op.baseBefore();
            } else {
                byte[] baseBytes = StagedChange.bytes(base, contents);
                Optional<StagedChange.Merged> merged =
                        reverse(op.baseAfter(), base, baseBytes, op.baseBefore());
                if (merged.isPresent()) {
                    baseThen = merged.get().item();
                    keep(baseThen, merged.get().content());
                }
            }
        }
        return Optional.of(
                new Transactions.Op(
                        op.path(), now, then, base, baseThen, op.keptAfter(), op.kept()));
    }

    private Optional<StagedChange.Merged> reverse(
            Item after, Item now, byte[] nowBytes, Item before) throws IOException {
        if (!(after instanceof Item.File a)
                || !(now instanceof Item.File n)
                || !(before instanceof Item.File b)
                || StagedChange.large(a)
                || StagedChange.large(n)
                || StagedChange.large(b)) {
            return Optional.empty();
        }
        boolean executable = a.executable() == b.executable() ? n.executable() : b.executable();
        return TextDiff.merge(
                        StagedChange.bytes(after, contents),
                        nowBytes,
                        StagedChange.bytes(before, contents))
                .map(content ->
                        new StagedChange.Merged(
                                StagedChange.file(content, executable), content, Set.of()));
    }
}
