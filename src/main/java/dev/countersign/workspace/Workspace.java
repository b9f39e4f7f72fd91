package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The developer's files and what the agent made of them. Keeps for every path what both sides last
/// agreed on (base), what the host has, what the guest has, and stages the difference. Nothing
/// reaches the host's files but by [#apply] and [#undo] ([P2]); nothing that was staged is lost
/// ([P3]).
///
/// Safe for use by several threads. Calls that talk to the guest block; all others only read and
/// write files of the host.
public final class Workspace implements AutoCloseable {
    private static final int RECORDED_LEFT_OUT = 200;
    private static final int HISTORY_NAMED = 50;
    private static final List<Duration> BACK_OFF =
            List.of(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10));
    private static final Duration AGAIN = Duration.ofMillis(200);
    private static final Duration AUDIT = Duration.ofMinutes(10);
    private static final Duration EVENTS_COME = Duration.ofSeconds(2);

    /// Git writes its list to another file first, and often.
    private static final Duration GIT_RESTS = Duration.ofMillis(100);

    private static final int MANY = 20_000;
    private static final int COPIED_AT_ONCE = 4000;
    private static final long COPIED_BYTES = 32L << 20;
    private static final Duration ROOM = Duration.ofSeconds(5);

    private final WorkspaceSettings settings;
    private final Recorder recorder;
    private final Clock clock;
    private final ContentStore contents;
    private final Ledger ledger;
    private final HostSide host;
    private final GuestSide guest;
    private final Reviewer reviewer;
    private final Applier applier;
    private final ApplyHistory history;
    private final Supplier<HostWatch> watches;
    private final DeletionBrake brake;
    private final BulkTransfers bulk;
    private final FileChannel stateLock;

    /// Guards ledger, host's view and review. Held for moments only, never while the guest is
    /// asked.
    private final ReentrantLock lock = new ReentrantLock();

    /// Taken while host edits are on their way into the guest; [#hold()] keeps it.
    private final Semaphore pushing = new Semaphore(1);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService worker =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("workspace").factory());

    // What the worker and the channel share.
    private final DirtyPaths guestDirty = new DirtyPaths(MANY);
    private final DirtyPaths hostDirty = new DirtyPaths(MANY);
    private final AtomicBoolean planAll = new AtomicBoolean();
    private final AtomicBoolean waitingForRoom = new AtomicBoolean();
    private final AtomicBoolean queued = new AtomicBoolean();
    private volatile boolean live;
    private volatile boolean closed;
    private volatile @Nullable Link link;
    private CommitReviewer.@Nullable Built shownCommits;
    private volatile @Nullable GuestChannel channel;
    private @Nullable HostWatch watch;
    private @Nullable HostWatch poll;
    private @Nullable HostWatch gitWatch;
    private final AtomicBoolean lookingAtGit = new AtomicBoolean();

    /// What an audit found and no event has told of yet. Guarded by itself.
    private final Set<String> unexplained = new HashSet<>();

    private @Nullable Link listenedTo;
    private int failures;
    private volatile String broken = "";

    private Workspace(
            WorkspaceSettings settings,
            Recorder recorder,
            Clock clock,
            FaultPoint faults,
            Supplier<HostWatch> watches,
            FoldedNames names,
            FileChannel stateLock)
            throws IOException, CountersignException {
        this.settings = settings;
        this.recorder = recorder;
        this.clock = clock;
        this.watches = watches;
        this.stateLock = stateLock;
        Path state = settings.state();
        this.contents = new ContentStore(state.resolve("contents"), faults);
        this.ledger = new Ledger(state, names, faults);
        this.host = HostSide.of(settings, ledger, contents, clock, lock);
        this.brake = new DeletionBrake(clock);
        this.bulk = new BulkTransfers(() -> soon(Duration.ZERO));
        this.guest = new GuestSide(settings, ledger, contents, host, recorder, lock, brake, bulk);
        this.reviewer = new Reviewer(ledger, contents, host, settings.secrets());
        this.history = new ApplyHistory(state.resolve("applies"));
        Transactions transactions =
                new Transactions(
                        settings.root(),
                        state.resolve("tx"),
                        contents,
                        host.tree(),
                        faults,
                        history,
                        clock);
        transactions.recover(ledger, recorder);
        Set<Digest> needed = ledger.contents();
        needed.addAll(transactions.contents());
        contents.keepOnly(needed);
        host.load();
        guest.load();
        this.applier =
                new Applier(
                        settings,
                        ledger,
                        contents,
                        host,
                        reviewer,
                        transactions,
                        recorder,
                        history,
                        clock);
        // Events can be lost, or kept back: now and then everything is compared.
        var _ =
                worker.scheduleWithFixedDelay(
                        this::audit, AUDIT.toMillis(), AUDIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Opens the state of a session, a new or an old one. An apply that a crash interrupted is
    /// finished or taken back first.
    ///
    /// @throws CountersignException if the root is not a readable directory or the state is damaged
    public static Workspace open(WorkspaceSettings settings, Recorder recorder, Clock clock)
            throws CountersignException {
        return open(settings, recorder, clock, PollingWatch::new);
    }

    /// As above, with the system's own watch over the developer's files.
    ///
    /// @param watches makes a watch; one that can't start is replaced by scans, and that is said
    public static Workspace open(
            WorkspaceSettings settings, Recorder recorder, Clock clock, Supplier<HostWatch> watches)
            throws CountersignException {
        return open(settings, recorder, clock, FaultPoint.none(), watches);
    }

    static Workspace open(
            WorkspaceSettings settings,
            Recorder recorder,
            Clock clock,
            FaultPoint faults,
            Supplier<HostWatch> watches)
            throws CountersignException {
        FoldedNames names = new FoldedNames(FoldedNames.foldsCase(settings.root()));
        return open(settings, recorder, clock, faults, watches, names);
    }

    static Workspace open(
            WorkspaceSettings settings,
            Recorder recorder,
            Clock clock,
            FaultPoint faults,
            Supplier<HostWatch> watches,
            FoldedNames names)
            throws CountersignException {
        if (!Files.isDirectory(settings.root())) {
            throw new CountersignException(
                    Kind.USAGE,
                    settings.root() + " is not a directory. Name the directory to work on.");
        }
        if (!Files.isReadable(settings.root()) || !Files.isExecutable(settings.root())) {
            throw new CountersignException(
                    Kind.MISSING,
                    settings.root() + " cannot be read. Give yourself the right to read it.");
        }
        try {
            Files.createDirectories(
                    settings.state(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            FileChannel stateLock = lockState(settings.state());
            try {
                return new Workspace(settings, recorder, clock, faults, watches, names, stateLock);
            } catch (IOException | CountersignException | RuntimeException e) {
                stateLock.close();
                throw e;
            }
        } catch (IOException e) {
            throw Failures.of("Opening the workspace state " + settings.state(), e);
        }
    }

    /// Two programs on one state would be two histories.
    private static FileChannel lockState(Path state) throws IOException, CountersignException {
        FileChannel file =
                FileChannel.open(
                        state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            locked = file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            locked = false;
        }
        if (!locked) {
            file.close();
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The workspace state "
                            + state
                            + " is in use by another program. Close it first.");
        }
        return file;
    }

    /// Copies the filtered tree into the guest's empty workspace and commits it there as the one
    /// baseline commit. May be repeated after a failure; refused once it succeeded.
    public CopyInReport copyIn(Link link, Progress progress)
            throws CountersignException, InterruptedException {
        return copyIn(link, progress, 0);
    }

    /// As above, with the last commits of the developer's history below the baseline: filtered as
    /// the files are, made of new objects. What is cut of it, and a history that could not be let
    /// in, are on record; neither keeps the session from its start.
    ///
    /// @param history how many commits; 0: none
    public CopyInReport copyIn(Link link, Progress progress, int history)
            throws CountersignException, InterruptedException {
        long begin = System.nanoTime();
        if (ledger.copied()) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The workspace is in the guest already; it is not copied again.");
        }
        HostTree.Scan scan;
        try {
            lock.lock();
            try {
                ledger.forgetPaths();
            } finally {
                lock.unlock();
            }
            HostSide.Look look = host.look(null);
            scan = look.scan();
            lock.lock();
            try {
                host.take(look);
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw Failures.of("Reading " + settings.root(), e);
        }
        if (scan.files().size() > settings.limits().paths()) {
            throw new CountersignException(
                    Kind.EXHAUSTED,
                    settings.root()
                            + " has "
                            + scan.files().size()
                            + " files, more than the limit of "
                            + settings.limits().paths()
                            + ". Exclude directories in the settings.");
        }
        List<LeftOut> left = scan.leftOut();
        recorder.record(
                new Fact.CopiedIn(
                        scan.files().size(),
                        scan.bytes(),
                        left.stream().limit(RECORDED_LEFT_OUT).map(LeftOut::line).toList(),
                        left.stream().mapToInt(l -> Math.max(1, l.count())).sum(),
                        Duration.ofNanos(System.nanoTime() - begin)));
        try (GuestChannel channel = GuestChannel.open(link, settings, new Deaf())) {
            channel.wipe();
            send(channel, scan, progress);
            channel.baseline(
                    "Countersign",
                    "baseline@countersign.invalid",
                    "@" + clock.instant().getEpochSecond() + " +0000",
                    "Baseline");
            if (history > 0) {
                letHistoryIn(link, history);
            }
            lock.lock();
            try (Ledger.Batch _ = ledger.batch()) {
                for (var file : scan.files().entrySet()) {
                    ledger.agree(file.getKey(), file.getValue().item());
                }
                ledger.copyDone();
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw Failures.of("Copying the workspace in", e);
        }
        boolean git = IgnoreRules.gitDirectory(settings.root()) != null;
        return new CopyInReport(
                scan.files().size(),
                scan.bytes(),
                git,
                List.copyOf(left),
                Duration.ofNanos(System.nanoTime() - begin));
    }

    private void letHistoryIn(Link link, int depth)
            throws CountersignException, InterruptedException {
        String severity = "info";
        String said;
        try {
            FilteredHistory.Made made =
                    new FilteredHistory(settings, host.door(), host.rules())
                            .into(link, depth, clock.instant().getEpochSecond() + " +0000");
            List<String> cut = made.cut();
            said =
                    made.commits() == 0
                            ? "There is no history to let in."
                            : "The last %d commits went in, filtered, below the baseline."
                                    .formatted(made.commits());
            if (!cut.isEmpty()) {
                said +=
                        " Left out: "
                                + GuestText.of(
                                                String.join(
                                                        "; ",
                                                        cut.subList(
                                                                0,
                                                                Math.min(
                                                                        cut.size(),
                                                                        HISTORY_NAMED))))
                                        .visible()
                                + (cut.size() > HISTORY_NAMED
                                        ? "; and %d more".formatted(cut.size() - HISTORY_NAMED)
                                        : "")
                                + ".";
            }
        } catch (IOException e) {
            severity = "warning";
            said = "The history could not be read: " + Failures.text(e) + ".";
        } catch (CountersignException e) {
            severity = "warning";
            said = e.getMessage();
        }
        recorder.record(new Fact.Noticed(severity, "history", String.valueOf(said)));
    }

    private void send(GuestChannel channel, HostTree.Scan scan, Progress progress)
            throws CountersignException, InterruptedException {
        List<GuestChannel.Put> batch = new ArrayList<>();
        long size = 0;
        long sent = 0;
        for (var file : scan.files().entrySet()) {
            Item item = file.getValue().item();
            GuestChannel.Expect nothing = new GuestChannel.Expect.Fresh();
            GuestChannel.Put put = GuestSide.put(file.getKey(), item, nothing, contents);
            batch.add(put);
            size += put.size();
            if (size >= COPIED_BYTES || batch.size() >= COPIED_AT_ONCE) {
                putAll(channel, batch, scan);
                sent += size;
                size = 0;
                progress.at(sent, scan.bytes());
            }
        }
        putAll(channel, batch, scan);
        progress.at(scan.bytes(), scan.bytes());
    }

    private void putAll(GuestChannel channel, List<GuestChannel.Put> batch, HostTree.Scan scan)
            throws CountersignException, InterruptedException {
        for (GuestChannel.Result result : channel.put(GuestChannel.Lane.BULK, batch)) {
            if (result.error() == null) {
                Seen seen = scan.files().get(result.path());
                if (seen != null && result.stat() != null) {
                    guest.copied(result.path(), seen.item(), result.stat());
                }
                continue;
            }
            if (result.error().equals("nospace")) {
                throw GuestChannel.noSpace();
            }
            throw new CountersignException(
                    Kind.FAILED,
                    "Copying "
                            + GuestText.of(result.path()).visible()
                            + " into the guest failed: "
                            + GuestText.of(result.error()).visible()
                            + ". Try again with a new session.");
        }
        batch.clear();
    }

    /// For channels that only copy.
    private static final class Deaf implements GuestChannel.Events {
        @Override
        public void changed(List<String> paths, boolean anything) {
            // Nothing is watched yet.
        }

        @Override
        public void ended(String why) {
            // Whoever asked gets the reason.
        }
    }

    /// Goes live: changes of the guest are staged, edits of the host are pushed. Returns after the
    /// first full comparison. A lost link is taken up again with its next generation.
    public void connect(Link link) throws CountersignException, InterruptedException {
        requireOpen();
        if (!ledger.copied()) {
            throw new CountersignException(
                    Kind.CONFLICT, "The workspace is not in the guest yet. Copy it in first.");
        }
        await(() -> {
            this.link = link;
            live = true;
            listen(link);
            try {
                attach(link);
            } catch (CountersignException | InterruptedException | RuntimeException e) {
                live = false;
                detach();
                throw e;
            }
        });
    }

    /// A link is the same only if it is the same object.
    @SuppressWarnings("ReferenceEquality")
    private void listen(Link to) {
        if (listenedTo != to) {
            listenedTo = to;
            to.onChange((up, _, _) -> {
                if (up && link == to && live) {
                    submit(this::reattach, Duration.ZERO);
                }
            });
        }
    }

    /// On the worker: a fresh channel, both sides compared in full, then watched.
    private void attach(Link to) throws CountersignException, InterruptedException {
        detach();
        GuestChannel fresh = GuestChannel.open(to, settings, new FromGuest());
        channel = fresh;
        guest.forgetRefusals();
        // Whoever looks first and watches then misses what comes between.
        watchGuest(fresh);
        if (watch == null) {
            watchHost();
        }
        guestDirty.all();
        hostDirty.all();
        planAll.set(true);
        cycle();
        failures = 0;
    }

    private final class FromGuest implements GuestChannel.Events {
        @Override
        public void changed(List<String> paths, boolean anything) {
            if (anything) {
                guestDirty.all();
            }
            guestDirty.add(paths);
            explained(paths, anything);
            soon(Duration.ZERO);
        }

        @Override
        public void ended(String why) {
            if (live && !closed) {
                submit(Workspace.this::retry, BACK_OFF.getFirst());
            }
        }
    }

    private void watchGuest(GuestChannel to) throws CountersignException, InterruptedException {
        IgnoreRules rules = host.rules();
        to.watch(rules.prunedNames(), rules.prunedPaths());
    }

    private final class FromHost implements HostWatch.Sink {
        @Override
        public void changed(String path) {
            if (path.isEmpty() || IgnoreRules.about(path)) {
                hostDirty.all();
            } else {
                hostDirty.add(List.of(path));
            }
            explained(List.of(path), path.isEmpty());
            soon(Duration.ZERO);
        }

        @Override
        public void limited(String why) {
            submit(() -> pollToo(why), Duration.ZERO);
        }
    }

    /// On the worker.
    private void watchHost() {
        HostWatch old = watch;
        if (old != null) {
            old.close();
        }
        HostWatch fresh = watches.get();
        watch = fresh;
        try {
            fresh.start(settings.root(), path -> host.rules().skips(path), new FromHost());
        } catch (IOException e) {
            pollToo("the system can't watch the directory: " + Failures.text(e));
        }
        watchGit();
        if (host.rules().unreadIndex()) {
            say(
                    "Git's list of tracked files can't be read here, so what it tracks though"
                            + " .gitignore names it stays out (git update-index --no-split-index).");
        }
    }

    /// Of git's own files two say what counts: its list of tracked files, and its own patterns.
    private void watchGit() {
        HostWatch old = gitWatch;
        if (old != null) {
            old.close();
            gitWatch = null;
        }
        Path git = IgnoreRules.gitDirectory(settings.root());
        if (git == null) {
            return;
        }
        HostWatch fresh = watches.get();
        try {
            fresh.start(git, path -> !path.equals("info"), new FromGit());
            gitWatch = fresh;
        } catch (IOException e) {
            // The scans that replace the other watch read git's files too.
            fresh.close();
        }
    }

    private final class FromGit implements HostWatch.Sink {
        @Override
        public void changed(String path) {
            if (path.equals("info/exclude")) {
                hostDirty.all();
                guestDirty.all();
                soon(Duration.ZERO);
            } else if ((path.isEmpty() || path.equals("index"))
                    && lookingAtGit.compareAndSet(false, true)) {
                submit(Workspace.this::takeUpTracked, GIT_RESTS);
            }
        }

        @Override
        public void limited(String why) {
            // The watch over the files says so, or the audit finds it.
        }
    }

    /// On the worker: what git tracks is never ignored, so `git add -f` and another branch count.
    private void takeUpTracked() {
        lookingAtGit.set(false);
        if (!live || closed) {
            return;
        }
        IgnoreRules before = host.rules();
        Set<String> otherwise = host.takeUpTracked();
        if (otherwise.isEmpty()) {
            return;
        }
        try {
            watchByRules(before);
        } catch (CountersignException e) {
            // A channel that ended compares everything when it is back.
            hostDirty.all();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        hostDirty.add(otherwise);
        guestDirty.add(otherwise);
        soon(Duration.ZERO);
    }

    /// On the worker: what can't be watched is scanned, and that is said once.
    private void pollToo(String why) {
        if (poll != null || closed) {
            return;
        }
        PollingWatch scans = new PollingWatch();
        poll = scans;
        scans.start(settings.root(), _ -> false, new FromHost());
        say(
                "Not every directory of the host can be watched, so it is scanned every few seconds: "
                        + why);
    }

    private void say(String message) {
        try {
            recorder.record(new Fact.Noticed("warning", "workspace", message));
        } catch (CountersignException e) {
            broken = e.getMessage();
        }
    }

    private void detach() {
        GuestChannel old = channel;
        channel = null;
        if (old != null) {
            old.close();
        }
        guestDirty.drain();
    }

    private void retry() {
        GuestChannel now = channel;
        if (live && (now == null || !now.open())) {
            reattach();
        }
    }

    private void reattach() {
        Link to = link;
        if (!live || closed || to == null || !to.up()) {
            return;
        }
        try {
            attach(to);
        } catch (CountersignException e) {
            note("The guest's side of the workspace could not be taken up: " + e.getMessage());
            Duration wait = BACK_OFF.get(Math.min(failures, BACK_OFF.size() - 1));
            failures++;
            submit(this::retry, wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(String message) {
        if (failures == 0) {
            say(message);
        }
    }

    // -- the worker

    private interface Work {
        void run() throws CountersignException, InterruptedException;
    }

    /// Runs it on the worker and waits for it.
    private void await(Work work) throws CountersignException, InterruptedException {
        Future<Optional<CountersignException>> done;
        try {
            done =
                    worker.submit(() -> {
                        try {
                            work.run();
                            return Optional.<CountersignException>empty();
                        } catch (CountersignException e) {
                            return Optional.of(e);
                        }
                    });
        } catch (RejectedExecutionException e) {
            throw closedAlready();
        }
        try {
            Optional<CountersignException> failed = done.get();
            if (failed.isPresent()) {
                throw failed.get();
            }
        } catch (CancellationException e) {
            throw closedAlready();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException) {
                throw closedAlready();
            }
            throw new IllegalStateException("workspace", e.getCause());
        }
    }

    private static CountersignException closedAlready() {
        return new CountersignException(
                Kind.FAILED, "The workspace was closed. Open the session again.");
    }

    private void submit(Runnable work, Duration after) {
        if (!closed) {
            try {
                var _ = worker.schedule(work, after.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Closed between the check and here: nothing is to be done any more.
                return;
            }
        }
    }

    private void soon(Duration after) {
        if (live && queued.compareAndSet(false, true)) {
            submit(
                    () -> {
                        queued.set(false);
                        if (live) {
                            cycleOrRetry();
                        }
                    },
                    after);
        }
    }

    private void cycleOrRetry() {
        boolean whole = false;
        try {
            cycle();
            whole = true;
        } catch (CountersignException e) {
            // A channel that ended retries by itself; what remains is the host's or the journal's.
            GuestChannel now = channel;
            if (now != null && now.open()) {
                broken = e.getMessage();
                tell();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!whole) {
                // What a broken round had taken up is not known to anybody else.
                guestDirty.all();
                hostDirty.all();
                planAll.set(true);
                submit(() -> soon(Duration.ZERO), BACK_OFF.getLast());
            }
        }
    }

    /// What a round came to.
    private static final class Round {
        final Set<String> plan = new LinkedHashSet<>();
        final Set<String> again = new LinkedHashSet<>();
        boolean changed;

        void add(GuestSide.Taken taken) {
            changed |= taken.changed();
            plan.addAll(taken.touched());
            again.addAll(taken.again());
        }
    }

    /// One round on the worker: what large transfers came to, what the guest changed, what the host
    /// changed, what follows. It costs what changed, not what there is.
    private void cycle() throws CountersignException, InterruptedException {
        GuestChannel now = channel;
        Round round = new Round();
        for (BulkTransfers.Ended ended : bulk.finished()) {
            round.add(ended.after().take());
            guestDirty.add(ended.paths());
            hostDirty.add(ended.paths());
        }
        lookAtBoth(now, round);
        round.add(guest.settlePlaceholders());
        guest.release();
        if (now != null && now.open() && pushing.tryAcquire()) {
            boolean all = planAll.getAndSet(false);
            try {
                round.add(guest.push(now, all ? null : round.plan));
            } catch (CountersignException e) {
                planAll.set(true);
                throw e;
            } finally {
                pushing.release();
            }
            waitForRoom();
        } else if (!round.plan.isEmpty()) {
            planAll.set(true);
        }
        broken = "";
        if (!round.again.isEmpty()) {
            guestDirty.add(round.again);
            submit(() -> soon(Duration.ZERO), AGAIN);
        }
        if (round.changed) {
            tell();
        }
    }

    /// A full disk of the guest makes no event when it has room again.
    private void waitForRoom() {
        if (guest.lacksRoom() && waitingForRoom.compareAndSet(false, true)) {
            submit(
                    () -> {
                        waitingForRoom.set(false);
                        guestDirty.add(guest.tryForRoom());
                        soon(Duration.ZERO);
                    },
                    ROOM);
        }
    }

    /// What there is to look at. Where both sides are compared in full, the host's files are looked
    /// at while the guest lists its own.
    private void lookAtBoth(@Nullable GuestChannel from, Round round)
            throws CountersignException, InterruptedException {
        if (from == null || !from.open()) {
            lookAtHost(round);
            return;
        }
        if (!guestDirty.everything() || !hostDirty.everything()) {
            takeFromGuest(from, round);
            lookAtHost(round);
            return;
        }
        // What is told of from now on is looked at once more.
        DirtyPaths.Some dirty = hostDirty.drain();
        FutureTask<HostSide.Look> look = new FutureTask<>(() -> host.look(null));
        Thread.ofPlatform().daemon().name("workspace-look").start(look);
        boolean taken = false;
        try {
            takeFromGuest(from, round);
            taken = true;
        } finally {
            if (!taken) {
                hostDirty.add(dirty);
                // Two looks at a time would share what only one may change.
                waitFor(look);
            }
        }
        takeLook(dirty, () -> result(look), round);
    }

    private static void waitFor(FutureTask<?> task) throws InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            // What it found is not used; the next look says what is wrong.
            return;
        }
    }

    private static HostSide.Look result(FutureTask<HostSide.Look> look)
            throws IOException, InterruptedException {
        try {
            return look.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("looking at the host", e.getCause());
        }
    }

    private interface Looking {
        HostSide.Look look() throws IOException, InterruptedException;
    }

    private void takeFromGuest(GuestChannel from, Round round)
            throws CountersignException, InterruptedException {
        DirtyPaths.Some dirty = guestDirty.drain();
        try {
            round.add(guest.take(from, dirty.everything() ? null : dirty.paths()));
            // A push that found the guest otherwise than expected is planned again after the look.
            round.plan.addAll(dirty.paths());
        } catch (CountersignException e) {
            guestDirty.all();
            planAll.set(true);
            throw e;
        }
    }

    private void lookAtHost(Round round) throws CountersignException, InterruptedException {
        DirtyPaths.Some dirty = hostDirty.drain();
        if (dirty.everything() || !dirty.paths().isEmpty()) {
            takeLook(dirty, () -> host.look(dirty.everything() ? null : dirty.paths()), round);
        }
    }

    private void takeLook(DirtyPaths.Some dirty, Looking looking, Round round)
            throws CountersignException, InterruptedException {
        IgnoreRules before = host.rules();
        Set<String> changed;
        List<HostSide.Exposed> exposed;
        try {
            HostSide.Look look = looking.look();
            HostWatch polling = poll;
            if (look.full() && polling != null) {
                polling.scanTook(look.took());
            }
            lock.lock();
            try {
                changed = host.take(look);
                exposed = host.exposed();
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            hostDirty.add(dirty);
            throw Failures.of("Reading " + settings.root(), e);
        }
        if (changed == null) {
            hostDirty.add(dirty);
            submit(() -> soon(Duration.ZERO), AGAIN);
            return;
        }
        for (HostSide.Exposed one : exposed) {
            recorder.record(
                    new Fact.Noticed(
                            "warning",
                            "secrets",
                            "%s holds a secret by now: %s. It goes out of the guest. Its version of %s was readable there until now; change the secret if it was in that version."
                                    .formatted(
                                            GuestText.of(one.path()).visible(),
                                            one.why(),
                                            one.since())));
        }
        if (host.tree().recheck()) {
            // More is known of what must stay out: also what went in is read again.
            hostDirty.all();
            submit(() -> soon(Duration.ZERO), Duration.ZERO);
        }
        round.plan.addAll(changed);
        if (dirty.everything()) {
            rulesMayDiffer(before, changed);
        }
    }

    /// Other rules: other directories are watched, and files of the guest count that did not.
    private void rulesMayDiffer(IgnoreRules before, Set<String> changed)
            throws CountersignException, InterruptedException {
        boolean differ = changed.stream().anyMatch(IgnoreRules::about);
        GuestChannel now = channel;
        if (!differ || now == null || !now.open()) {
            return;
        }
        watchByRules(before);
        guestDirty.all();
        hostDirty.all();
        soon(Duration.ZERO);
    }

    private void watchByRules(IgnoreRules before)
            throws CountersignException, InterruptedException {
        IgnoreRules rules = host.rules();
        GuestChannel now = channel;
        if (now == null || !now.open()) {
            return;
        }
        if (!rules.prunedNames().equals(before.prunedNames())
                || !rules.prunedPaths().equals(before.prunedPaths())) {
            watchGuest(now);
        }
        watchHost();
    }

    // -- audit

    /// On the worker, when nothing is due: everything is compared in full. What it finds was missed
    /// by the watches, unless an event is only late.
    private void audit() {
        if (!live || closed || !guestDirty.isEmpty() || !hostDirty.isEmpty()) {
            return;
        }
        try {
            Set<String> found = compareInFull();
            remember();
            if (!found.isEmpty()) {
                synchronized (unexplained) {
                    unexplained.addAll(found);
                }
                submit(this::sayWhatWasMissed, EVENTS_COME);
            }
        } catch (CountersignException e) {
            broken = e.getMessage();
            tell();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return the paths that turned out otherwise than known
    private Set<String> compareInFull() throws CountersignException, InterruptedException {
        Round round = new Round();
        guestDirty.all();
        hostDirty.all();
        lookAtBoth(channel, round);
        Set<String> found = Set.copyOf(round.plan);
        planAll.set(true);
        cycle();
        return found;
    }

    private void explained(List<String> paths, boolean everything) {
        synchronized (unexplained) {
            if (everything) {
                unexplained.clear();
            } else if (!unexplained.isEmpty()) {
                for (String path : paths) {
                    unexplained.removeIf(p -> p.equals(path) || p.startsWith(path + "/"));
                }
            }
        }
    }

    private void sayWhatWasMissed() {
        int missed;
        synchronized (unexplained) {
            missed = unexplained.size();
            unexplained.clear();
        }
        if (missed > 0) {
            say(missed + " changes were found by a full comparison and not by the watch.");
        }
    }

    /// Compares both sides in full, as the audit does when nothing is going on.
    ///
    /// @return how many paths were otherwise than known: 0 if the watches told everything
    int auditNow() throws CountersignException, InterruptedException {
        int[] found = new int[1];
        await(() -> found[0] = compareInFull().size());
        return found[0];
    }

    /// What was seen is kept, so that the next start need not read everything.
    private void remember() throws CountersignException {
        change(
                "Writing what was seen",
                () -> {
                    host.save();
                    guest.save();
                });
    }

    // -- deletions that wait

    /// Deletions on the host that did not go into the guest, since very many came at once.
    ///
    /// @param digest names exactly these; empty if none waits
    public record HeldDeletions(String digest, List<GuestText> paths) {}

    /// What waits for [#deleteHeld].
    public HeldDeletions heldDeletions() {
        return new HeldDeletions(brake.digest(), brake.held().stream().map(GuestText::of).toList());
    }

    /// Lets the deletions go into the guest that this digest names.
    ///
    /// @throws CountersignException CONFLICT if other ones wait by now
    public void deleteHeld(String digest) throws CountersignException {
        List<String> held = brake.held();
        if (digest.isEmpty() || !brake.digest().equals(digest)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "These are not the deletions that wait now. Look at them again, then decide.");
        }
        recorder.record(new Fact.HunksDecided("deletions let go", held));
        if (brake.goOn(digest).isEmpty()) {
            throw new CountersignException(
                    Kind.CONFLICT, "Other deletions wait by now. Look at them again, then decide.");
        }
        planAll.set(true);
        soon(Duration.ZERO);
        tell();
    }

    private void tell() {
        listeners.forEach(Runnable::run);
    }

    private void requireOpen() throws CountersignException {
        if (closed) {
            throw closedAlready();
        }
    }

    /// Stages all that the guest has now, by a full scan. Call it before a stop, a restore, and
    /// when the agent ended.
    public void collect() throws CountersignException, InterruptedException {
        requireOpen();
        await(this::collectNow);
    }

    private void collectNow() throws CountersignException, InterruptedException {
        GuestChannel now = channel;
        if (now == null || !now.open()) {
            Link to = link;
            if (to == null || !live) {
                throw GuestSide.notConnected();
            }
            attach(to);
        }
        // What changes while it is looked at is looked at again, a few times; then it is the
        // guest's own doing that it never rests.
        guestDirty.all();
        hostDirty.all();
        for (int round = 0; round < 4; round++) {
            cycle();
            while (bulk.await()) {
                cycle();
            }
            if (guestDirty.isEmpty() && hostDirty.isEmpty()) {
                break;
            }
        }
        lock.lock();
        try {
            ledger.sync();
        } catch (IOException e) {
            throw Failures.of("Writing the workspace state", e);
        } finally {
            lock.unlock();
        }
    }

    /// The epoch of its base: that of the last restore that came to its end.
    public int epoch() {
        lock.lock();
        try {
            return ledger.epoch();
        } finally {
            lock.unlock();
        }
    }

    /// Keeps host edits out of the guest until closed. Hold it around the VM's snapshot and
    /// [#mark], so that both show the same moment.
    public Hold hold() throws InterruptedException {
        pushing.acquire();
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.getAndSet(false)) {
                pushing.release();
                planAll.set(true);
                soon(Duration.ZERO);
            }
        };
    }

    /// See [#hold()].
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// Remembers base and staging as belonging to this checkpoint.
    public void mark(String checkpointId) throws CountersignException {
        change("Marking the checkpoint", () -> ledger.mark(checkpointId));
    }

    /// Forgets a mark. Unknown ids are fine.
    public void dropMark(String checkpointId) throws CountersignException {
        change("Dropping the checkpoint's mark", () -> ledger.dropMark(checkpointId));
    }

    private interface Change {
        void make() throws IOException, CountersignException;
    }

    private void change(String doing, Change change) throws CountersignException {
        lock.lock();
        try {
            change.make();
        } catch (IOException e) {
            throw Failures.of(doing, e);
        } finally {
            lock.unlock();
        }
    }

    /// Before the VM is loaded: stages all that the guest has and lets go of it. Where the guest
    /// does not answer this fails, and the developer may choose [#beginRestoreWithoutCollecting()].
    public void beginRestore() throws CountersignException, InterruptedException {
        requireOpen();
        await(() -> {
            collectNow();
            letGo();
        });
    }

    private void letGo() throws CountersignException {
        live = false;
        detach();
        change("Forgetting what the guest had", guest::forgetSeen);
    }

    /// As [#beginRestore()], but with what was staged before; the journal says that the guest was
    /// not asked.
    public void beginRestoreWithoutCollecting() throws CountersignException, InterruptedException {
        requireOpen();
        recorder.record(
                new Fact.Noticed(
                        "warning",
                        "workspace",
                        "The guest was not asked for its last changes before the restore; what was"
                                + " staged until then is kept."));
        await(this::letGo);
    }

    /// After the VM was loaded: takes the base of the checkpoint, scans the guest in full, pushes
    /// the host's edits anew and goes live. What the agent had made since the checkpoint stays in
    /// staging with its old epoch.
    public void restored(String checkpointId, int epoch, Link link)
            throws CountersignException, InterruptedException {
        requireOpen();
        await(() -> {
            letGo();
            change("Going back to the checkpoint", () -> goBack(checkpointId, epoch));
        });
        connect(link);
        change("Going back to the checkpoint", this::forgetDoubles);
        tell();
    }

    /// Base and staging of the checkpoint; what the agent had made since is kept beside them.
    private void goBack(String checkpointId, int epoch) throws IOException, CountersignException {
        if (!ledger.marked(checkpointId)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no workspace state for the checkpoint "
                            + checkpointId
                            + ". Choose another checkpoint.");
        }
        if (epoch <= ledger.epoch()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Epoch "
                            + epoch
                            + " is not later than "
                            + ledger.epoch()
                            + ". Start a new one.");
        }
        Map<String, Item> made = new TreeMap<>(ledger.staged());
        // That the guest had it then is not enough: where both sides had agreed on it, what the
        // host
        // has now takes its place.
        Map<String, Item> then = ledger.stagedAt(checkpointId);
        List<Ledger.Kept> left = new ArrayList<>();
        made.forEach((path, item) -> {
            if (!item.equals(then.get(path))) {
                left.add(new Ledger.Kept(ledger.epoch(), path, ledger.base(path), item));
            }
        });
        ledger.goBack(checkpointId, epoch, left);
    }

    /// What the guest or the host has again need not be kept from before.
    private void forgetDoubles() throws IOException {
        List<Ledger.Kept> needed = new ArrayList<>();
        for (Ledger.Kept kept : ledger.kept()) {
            boolean again =
                    ledger.guest(kept.path()).equals(kept.made())
                            || host.now(new RelativePath(kept.path())).equals(kept.made());
            if (!again && !needed.contains(kept)) {
                needed.add(kept);
            }
        }
        ledger.keepOld(needed);
    }

    /// The restore did not happen: goes on in the epoch that was left.
    public void restoreFailed(Link link) throws CountersignException, InterruptedException {
        connect(link);
    }

    /// All that is staged, against baseline and host of now.
    public Review review() throws CountersignException {
        Review[] review = new Review[1];
        change(
                "Building the review",
                () -> {
                    Reviewer.Built built = reviewer.build(paused());
                    reviewer.shown(built);
                    review[0] = built.review();
                });
        return review[0];
    }

    private String paused() {
        if (!broken.isEmpty()) {
            return broken;
        }
        int held = brake.held().size();
        return held == 0
                ? guest.paused()
                : held
                        + " deletions on the host wait before they go into the guest: very many came"
                        + " at once (countersign deletions SESSION)";
    }

    /// Brings exactly this to the target. Files that can't be merged with what the host has now are
    /// left alone and named.
    ///
    /// @throws CountersignException CONFLICT if it does not cover what is staged now
    public ApplyOutcome apply(Choice choice, Target to) throws CountersignException {
        return to instanceof Target.PullRequest request
                ? onToPullRequest(request, () -> applyHere(choice, to))
                : applyHere(choice, to);
    }

    private interface Branching {
        ApplyOutcome make() throws CountersignException;
    }

    /// Everything that may be missing is asked for first; each step is on record before it is made.
    private ApplyOutcome onToPullRequest(Target.PullRequest request, Branching branching)
            throws CountersignException {
        PullRequests by = request.by();
        PullRequests.Way way = by.find();
        ApplyOutcome done = branching.make();
        if (done.transaction().isEmpty()) {
            return done;
        }
        String name = request.branch().name();
        recorder.record(
                new Fact.Noticed(
                        "info",
                        "pull-request",
                        "The branch %s goes to the remote %s, and on to a pull request with %s."
                                .formatted(name, way.remote(), way.tool())));
        by.push(way, name);
        String message = request.branch().message();
        Optional<GuestText> address =
                by.open(
                        way,
                        name,
                        CommitMessages.title(message, name),
                        CommitMessages.description(message));
        recorder.record(
                new Fact.Noticed(
                        "info",
                        "pull-request",
                        "%s opened a pull request for the branch %s: %s"
                                .formatted(
                                        way.tool(),
                                        name,
                                        address.map(GuestText::visible).orElse("no address"))));
        return new ApplyOutcome(
                done.transaction(),
                request.word(),
                done.paths(),
                done.hunks(),
                done.refused(),
                address.orElse(null));
    }

    private ApplyOutcome applyHere(Choice choice, Target to) throws CountersignException {
        ApplyOutcome[] outcome = new ApplyOutcome[1];
        change(
                "Applying",
                () -> {
                    Reviewer.Built now = reviewer.build(paused());
                    outcome[0] = applier.apply(applier.choose(choice, now, false), to);
                });
        afterHostChanged(outcome[0]);
        return outcome[0];
    }

    private void afterHostChanged(ApplyOutcome outcome) {
        List<String> paths = outcome.paths().stream().map(GuestText::raw).toList();
        hostDirty.add(paths);
        // What was applied is agreed on now, also where the host's file did not change by it.
        guestDirty.add(paths);
        soon(Duration.ZERO);
        tell();
    }

    /// What the agent committed since the baseline, read anew from the guest. Nothing of the
    /// guest's repository comes to the host but what is shown.
    ///
    /// @throws CountersignException CONFLICT while the guest does not answer; MISSING if it has no
    ///   repository any more; EXHAUSTED if there is more than can be looked at
    public CommitReview commits() throws CountersignException {
        Link now = link;
        if (now == null || !now.up()) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The agent's commits are in its VM, which does not answer. Resume the session"
                            + " (countersign session resume), or review the files.");
        }
        GuestCommits.Log log = new GuestCommits(settings).read(now);
        CommitReview[] review = new CommitReview[1];
        change(
                "Reading the agent's commits",
                () -> {
                    CommitReviewer by = new CommitReviewer(settings, contents, host::hides);
                    CommitReviewer.Built built = by.build(log);
                    shownCommits = built;
                    review[0] = built.review();
                });
        return review[0];
    }

    /// Makes what was chosen of the commits that [#commits()] gave last anew on HEAD: as commits on
    /// a new branch, or as mails for `git am` in one file. Files and index stay as they are.
    ///
    /// @throws CountersignException CONFLICT if they are not what was shown last; USAGE for the
    ///   tree
    public ApplyOutcome applyCommits(Choice choice, Target to) throws CountersignException {
        return to instanceof Target.PullRequest request
                ? onToPullRequest(request, () -> commitsHere(choice, to))
                : commitsHere(choice, to);
    }

    private ApplyOutcome commitsHere(Choice choice, Target to) throws CountersignException {
        ApplyOutcome[] outcome = new ApplyOutcome[1];
        change(
                "Taking the agent's commits",
                () -> {
                    CommitReviewer.Built shown = shownCommits;
                    if (shown == null) {
                        throw new CountersignException(
                                Kind.CONFLICT,
                                "No commits were shown yet. Look at them first: countersign session"
                                        + " commits.");
                    }
                    outcome[0] = take(CommitSeries.choose(shown, choice), to);
                });
        return outcome[0];
    }

    private ApplyOutcome take(CommitSeries.Chosen chosen, Target to)
            throws IOException, CountersignException {
        CommitSeries series = new CommitSeries(settings, contents, recorder);
        ApplyOutcome done =
                switch (to) {
                    case Target.Branch branch -> series.toBranch(chosen, branch);
                    case Target.Patch patch -> series.toPatches(chosen, patch);
                    case Target.PullRequest request -> series.toBranch(chosen, request.branch());
                    case Target.Tree _ ->
                            throw new CountersignException(
                                    Kind.USAGE,
                                    "Commits go to a branch or into a patch file. For the tree,"
                                            + " apply the files (countersign apply).");
                };
        if (!done.paths().isEmpty()) {
            applier.remember(
                    done.transaction(),
                    to.word(),
                    done.paths(),
                    done.hunks(),
                    done.refused().size());
        }
        return done;
    }

    /// Marks hunks as not wanted; they come back when their content changes.
    public void reject(Choice choice) throws CountersignException {
        change(
                "Rejecting",
                () -> {
                    Reviewer.Built now = reviewer.build(paused());
                    Set<String> ids = new LinkedHashSet<>(applier.choose(choice, now, true).ids());
                    recorder.record(new Fact.HunksDecided("rejected", List.copyOf(ids)));
                    for (Reviewer.Entry entry : now.entries()) {
                        for (Hunk hunk : entry.file().hunks()) {
                            if (ids.contains(hunk.id())) {
                                ledger.reject(hunk.id(), true);
                                // What comes in its place is then something that changed.
                                ledger.look(entry.file().path().raw(), hunk.id(), HunkState.SEEN);
                            }
                        }
                    }
                    ledger.sync();
                });
        tell();
    }

    /// Remembers what the developer says about hunks that are staged: `SEEN`, `ACCEPTED`, or `NEW`
    /// to forget it and any rejection. Nothing reaches the host by it.
    ///
    /// @throws CountersignException CONFLICT if one of them is not staged as it was shown; USAGE
    ///   for another state
    public void mark(List<String> hunks, HunkState as) throws CountersignException {
        if (as != HunkState.SEEN && as != HunkState.ACCEPTED && as != HunkState.NEW) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A hunk can't be marked as " + as.word() + ". Use seen, accepted or new.");
        }
        change(
                "Remembering the decision",
                () -> {
                    Reviewer.Built now = reviewer.build(paused());
                    Applier.Chosen chosen = applier.choose(new Choice.Hunks(hunks), now, true);
                    if (as == HunkState.ACCEPTED) {
                        recorder.record(new Fact.HunksDecided("accepted", chosen.ids()));
                    }
                    for (var entry : chosen.hunks().entrySet()) {
                        for (String id : entry.getValue()) {
                            remember(entry.getKey().path.value(), id, as);
                        }
                    }
                    ledger.sync();
                });
        tell();
    }

    private void remember(String path, String id, HunkState as) throws IOException {
        if (as != HunkState.SEEN) {
            ledger.reject(id, false);
        } else if (ledger.looked(path).get(id) == HunkState.ACCEPTED) {
            // Looking again takes nothing back.
            return;
        }
        ledger.look(path, id, as == HunkState.NEW ? null : as);
    }

    /// Puts an end to a conflict, as one transaction that [#undo()] takes back.
    ///
    /// @param digest [Conflict#digest()] of what the developer looked at
    /// @throws CountersignException CONFLICT if host, agent or base changed since
    public ApplyOutcome resolve(String path, String digest, Resolution how)
            throws CountersignException {
        ApplyOutcome[] outcome = new ApplyOutcome[1];
        change(
                "Solving the conflict",
                () -> outcome[0] = applier.resolve(reviewer.build(paused()), path, digest, how));
        afterHostChanged(outcome[0]);
        return outcome[0];
    }

    /// What was applied and taken back in this session, oldest first.
    public List<PastApply> applies() throws CountersignException {
        List<PastApply> all = new ArrayList<>();
        change("Reading what was applied", () -> all.addAll(history.all()));
        return List.copyOf(all);
    }

    /// Takes the last apply to the tree back, or the last undo. Later edits are kept.
    ///
    /// @throws CountersignException USAGE if nothing was applied
    public ApplyOutcome undo() throws CountersignException {
        ApplyOutcome[] outcome = new ApplyOutcome[1];
        change("Taking the last apply back", () -> outcome[0] = applier.undo());
        afterHostChanged(outcome[0]);
        return outcome[0];
    }

    /// How many paths are staged below a directory.
    int stagedPaths(String directory) {
        lock.lock();
        try {
            return GuestPaths.below(ledger.staged(), directory).size();
        } finally {
            lock.unlock();
        }
    }

    /// How many hunks wait for a decision: neither rejected nor blocked.
    public int stagedHunks() throws CountersignException {
        int[] open = new int[1];
        change(
                "Counting what is staged",
                () ->
                        open[0] =
                                reviewer.build(paused()).review().files().stream()
                                        .mapToInt(Workspace::undecided)
                                        .sum());
        return open[0];
    }

    private static int undecided(ReviewedFile file) {
        return (int) file.hunks().stream().filter(Hunk::undecided).count();
    }

    /// Calls `listener` after staging changed, from a thread of the workspace; must return at once.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Files with staged work that neither was applied nor rejected: why a delete is refused.
    public List<ReviewedFile> unapplied() throws CountersignException {
        List<ReviewedFile> open = new ArrayList<>();
        change(
                "Looking at what is staged",
                () ->
                        reviewer.build(paused()).review().files().stream()
                                .filter(file -> undecided(file) > 0)
                                .forEach(open::add));
        return List.copyOf(open);
    }

    /// What the guest has and staging does not: lost with the VM ([P3], [P10]).
    public List<LeftOut> notCollected() throws CountersignException, InterruptedException {
        List<LeftOut> all = new ArrayList<>();
        await(() -> all.addAll(guest.notCollected()));
        return List.copyOf(all);
    }

    /// Closes and removes all state: base, staging, undo. The host's files stay as they are.
    public void drop() throws CountersignException {
        close();
        try (Stream<Path> all = Files.walk(settings.state())) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw Failures.of("Removing the workspace state " + settings.state(), e);
        }
    }

    /// Lets go of guest and watchers. Staging stays.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        live = false;
        GuestChannel now = channel;
        if (now != null) {
            now.close();
        }
        for (HostWatch watching : new @Nullable HostWatch[] {watch, poll, gitWatch}) {
            if (watching != null) {
                watching.close();
            }
        }
        worker.shutdownNow();
        bulk.close();
        boolean still = true;
        try {
            still = !worker.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            if (!still && ledger.copied()) {
                host.save();
                guest.save();
            }
            ledger.close();
            contents.close();
            stateLock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the workspace state", e);
        } finally {
            lock.unlock();
        }
    }
}
