package dev.countersign.api;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An engine in memory, for tests of clients: sessions with a log, requests that wait, checkpoints
/// and a review, all consistent with each other. What the agent does is the test's to write.
public class FakeService implements Service {
    /// The time of everything in it.
    public static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<SessionId, Session> sessions = new LinkedHashMap<>();
    private final Map<String, ApprovalView> requests = new LinkedHashMap<>();
    private final List<Consumer<Change>> watchers = new CopyOnWriteArrayList<>();
    private final Map<SessionId, Consumer<TerminalPiece>> screens = new ConcurrentHashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private boolean shut;

    /// One session: its view and its log.
    private static final class Session {
        SessionView view;
        boolean deleted;
        int epoch;
        final List<Entry> log = new ArrayList<>();
        final List<CheckpointView> checkpoints = new ArrayList<>();
        ReviewView review;

        Session(SessionView view) {
            this.view = view;
            this.review = new ReviewView(Digest.of("empty").hex(), view.id(), List.of());
        }
    }

    /// Every request that came in, as text: `freeze s-abc234`.
    public List<String> asked() {
        return List.copyOf(asked);
    }

    /// Whether `shutdown` was called.
    public boolean isShut() {
        return shut;
    }

    // --- what a test does to it ---

    /// Adds a session that stands in this state.
    public SessionId open(String id, SessionState state) {
        SessionId session = new SessionId(id);
        lock.lock();
        try {
            sessions.put(session, new Session(view(session, "/src/shop", "fix the tests", state)));
        } finally {
            lock.unlock();
        }
        return session;
    }

    private static SessionView view(
            SessionId id, String directory, String task, SessionState state) {
        return new SessionView(
                id,
                task,
                directory,
                "mini",
                GuestText.of(task),
                Mode.CHECKPOINT,
                Tier.VM,
                DataClass.INTERNAL,
                state,
                null,
                state == SessionState.RUNNING,
                state == SessionState.RUNNING ? true : null,
                "warm",
                "kvm",
                0,
                0,
                0,
                -1,
                0,
                0,
                NOW.minusSeconds(120),
                NOW.minusSeconds(5));
    }

    /// Appends to the log.
    public Entry record(SessionId id, Fact fact) {
        lock.lock();
        try {
            Session session = known(id);
            Entry entry = new Entry(session.log.size(), NOW, id, session.epoch, fact);
            session.log.add(entry);
            if (fact instanceof Fact.StateChanged moved) {
                session.view = with(session.view, moved.to(), session);
            } else {
                session.view = with(session.view, session.view.state(), session);
            }
            changed.signalAll();
            return entry;
        } catch (CountersignException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }

    private SessionView with(SessionView v, SessionState state, Session session) {
        int waiting =
                (int)
                        requests.values().stream()
                                .filter(r -> r.session().equals(v.id()) && r.state().equals("open"))
                                .count();
        int hunks = session.review.files().stream().mapToInt(f -> f.hunks().size()).sum();
        return new SessionView(
                v.id(),
                v.name(),
                v.directory(),
                v.agent(),
                v.task(),
                v.mode(),
                v.tier(),
                v.dataClass(),
                state,
                state == SessionState.FAILED ? "no image" : v.why(),
                state == SessionState.RUNNING,
                v.linkUp(),
                v.startKind(),
                v.accelerator(),
                session.epoch,
                waiting,
                hunks,
                session.log.size() - 1L,
                v.inputTokens(),
                v.outputTokens(),
                v.created(),
                v.lastActivity());
    }

    /// Opens a request and records it.
    public void ask(ApprovalView request) {
        lock.lock();
        try {
            requests.put(request.id(), request);
        } finally {
            lock.unlock();
        }
        record(
                request.session(),
                new Fact.Asked(
                        request.id(),
                        request.kind(),
                        request.calls().stream().map(ApprovalView.Call::id).toList(),
                        request.level(),
                        request.digest()));
        watchers.forEach(watcher -> watcher.accept(Change.APPROVALS));
    }

    /// Blocks until the request is decided.
    public Answer awaitDecision(String id) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                ApprovalView request = requests.get(id);
                if (request != null && request.answer() != null) {
                    return request.answer();
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// What `review` shows from now on.
    public void stage(ReviewView review) {
        lock.lock();
        try {
            known(review.session()).review = review;
        } catch (CountersignException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }

    /// A shell call's request.
    public static ApprovalView request(
            SessionId session, String id, Level level, String command, String title) {
        return request(session, id, "calls", level, command, title);
    }

    /// A request of this kind.
    public static ApprovalView request(
            SessionId session, String id, String kind, Level level, String command, String title) {
        ApprovalView.Call call =
                new ApprovalView.Call(
                        GuestText.of("toolu_" + id),
                        GuestText.of("bash"),
                        GuestText.of("{\"command\":\"" + command.replace("\"", "\\\"") + "\"}"),
                        GuestText.of(command),
                        List.of(Arrays.stream(command.split(" ")).map(GuestText::of).toList()),
                        null,
                        GuestText.of("/workspace"),
                        level,
                        List.of("install-code"),
                        List.of("runs code that was not here before"),
                        "mode checkpoint");
        return new ApprovalView(
                id,
                session,
                kind,
                title,
                level,
                List.of(call),
                GuestText.of("I need this to go on."),
                List.of("A checkpoint takes back what it does in the VM."),
                "boundary-enforced",
                Digest.of(id + command),
                NOW.minusSeconds(3),
                null,
                kind.equals("plan") ? List.of(GuestText.of("src")) : List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    /// What the agent does once a session was started. Runs on a thread of its own.
    protected void agent(SessionId id) throws InterruptedException {}

    // --- the service ---

    private Session known(SessionId id) throws CountersignException {
        Session session = sessions.get(id);
        if (session == null || session.deleted) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no session " + id + ". `countersign session list` shows all.");
        }
        return session;
    }

    @Override
    public Hello hello() throws CountersignException {
        return new Hello("0.1.0", Contract.PROTOCOL, 4242, "build-1");
    }

    @Override
    public void shutdown() throws CountersignException {
        asked.add("shutdown");
        shut = true;
    }

    @Override
    public List<Check> doctor() throws CountersignException {
        asked.add("doctor");
        return List.of(
                new Check("limactl", "ok", "2.1.1", ""),
                new Check("kvm", "warning", "present, does not work", "Sessions run slower."));
    }

    @Override
    public Resources resources() throws CountersignException {
        return new Resources(1, 0, 4, 2L << 30, 4L << 30, 8L << 30, 1L << 30, 50L << 30);
    }

    @Override
    public SessionView start(StartRequest request) throws CountersignException {
        asked.add("start " + request.directory() + " " + request.provider());
        SessionId id;
        lock.lock();
        try {
            id = new SessionId("s-new" + (sessions.size() + 100));
            sessions.put(
                    id,
                    new Session(
                            view(id, request.directory(), request.task(), SessionState.PREPARING)));
        } finally {
            lock.unlock();
        }
        record(
                id,
                new Fact.SessionOpened(
                        request.directory(),
                        request.agent(),
                        Mode.CHECKPOINT,
                        Tier.VM,
                        DataClass.INTERNAL,
                        GuestText.of(request.task()),
                        "0.1.0"));
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        agent(id);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        return session(id);
    }

    @Override
    public List<SessionView> sessions() throws CountersignException {
        lock.lock();
        try {
            List<SessionView> all =
                    new ArrayList<>(
                            sessions.values().stream()
                                    .filter(s -> !s.deleted)
                                    .map(s -> s.view)
                                    .toList());
            Collections.reverse(all);
            return List.copyOf(all);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SessionView session(SessionId id) throws CountersignException {
        lock.lock();
        try {
            return known(id).view;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Subscription events(SessionId id, long fromSeq, Consumer<Entry> listener)
            throws CountersignException {
        Session session;
        lock.lock();
        try {
            session = known(id);
        } finally {
            lock.unlock();
        }
        Follower follower = new Follower(session, fromSeq, listener);
        Thread.ofVirtual().start(follower);
        return follower;
    }

    private final class Follower implements Subscription, Runnable {
        private final Session session;
        private final Consumer<Entry> listener;
        private long next;
        private volatile boolean closed;

        Follower(Session session, long next, Consumer<Entry> listener) {
            this.session = session;
            this.next = next;
            this.listener = listener;
        }

        @Override
        public void run() {
            while (true) {
                Entry entry;
                lock.lock();
                try {
                    while (!closed && next >= session.log.size()) {
                        changed.awaitUninterruptibly();
                    }
                    if (closed) {
                        return;
                    }
                    entry = session.log.get((int) next);
                } finally {
                    lock.unlock();
                }
                listener.accept(entry);
                next++;
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public Subscription changes(Consumer<Change> listener) throws CountersignException {
        watchers.add(listener);
        listener.accept(Change.SESSIONS);
        listener.accept(Change.APPROVALS);
        return () -> watchers.remove(listener);
    }

    @Override
    public void send(SessionId id, String text) throws CountersignException {
        session(id);
        asked.add("send " + id + " " + text);
        record(id, new Fact.MessageSent(GuestText.of(text)));
    }

    @Override
    public Subscription terminal(SessionId id, Consumer<TerminalPiece> listener)
            throws CountersignException {
        session(id);
        asked.add("terminal " + id);
        screens.put(id, listener);
        listener.accept(new TerminalPiece("the agent's screen", false));
        return () -> asked.add("left " + id);
    }

    @Override
    public void type(SessionId id, byte[] keys) throws CountersignException {
        String text = new String(keys, StandardCharsets.UTF_8);
        asked.add("type " + id + " " + text);
        Consumer<TerminalPiece> screen = screens.get(id);
        if (screen != null) {
            screen.accept(new TerminalPiece("<" + text + ">", text.contains("exit")));
        }
    }

    @Override
    public void resize(SessionId id, int columns, int rows) throws CountersignException {
        asked.add("resize " + id + " " + columns + "x" + rows);
        Consumer<TerminalPiece> screen = screens.get(id);
        if (screen != null) {
            screen.accept(new TerminalPiece("(" + columns + "x" + rows + ")", false));
        }
    }

    @Override
    public void interrupt(SessionId id) throws CountersignException {
        session(id);
        asked.add("interrupt " + id);
    }

    @Override
    public void stop(SessionId id) throws CountersignException {
        asked.add("stop " + id);
        record(id, new Fact.StateChanged(session(id).state(), SessionState.REVIEW, "stopped"));
    }

    @Override
    public void resume(SessionId id) throws CountersignException {
        asked.add("resume " + id);
        record(id, new Fact.StateChanged(session(id).state(), SessionState.RUNNING, "resumed"));
    }

    @Override
    public void delete(SessionId id, boolean dropStaged) throws CountersignException {
        lock.lock();
        try {
            Session session = known(id);
            boolean staged =
                    session.review.files().stream()
                            .flatMap(f -> f.hunks().stream())
                            .anyMatch(h -> h.state().equals("new"));
            if (staged && !dropStaged) {
                throw new CountersignException(
                        Kind.REFUSED,
                        "Session "
                                + id
                                + " has staged work that was not applied. Apply or reject it, or"
                                + " give --drop-staged.");
            }
            asked.add("delete " + id + (dropStaged ? " dropping staged work" : ""));
            session.deleted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        watchers.forEach(watcher -> watcher.accept(Change.SESSIONS));
    }

    @Override
    public void freeze(Optional<SessionId> id) throws CountersignException {
        asked.add("freeze " + id.map(SessionId::value).orElse("all"));
        for (SessionView view : sessions()) {
            if (id.isEmpty() || id.get().equals(view.id())) {
                record(
                        view.id(),
                        new Fact.StateChanged(view.state(), SessionState.FROZEN, "kill switch"));
            }
        }
    }

    @Override
    public void thaw(SessionId id) throws CountersignException {
        asked.add("thaw " + id);
        record(id, new Fact.StateChanged(session(id).state(), SessionState.RUNNING, "thawed"));
    }

    @Override
    public List<ApprovalView> approvals(Optional<SessionId> id) throws CountersignException {
        lock.lock();
        try {
            return requests.values().stream()
                    .filter(r -> r.state().equals("open"))
                    .filter(r -> id.isEmpty() || id.get().equals(r.session()))
                    .sorted(Comparator.comparing(ApprovalView::level).reversed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ApprovalView approval(String requestId) throws CountersignException {
        lock.lock();
        try {
            ApprovalView request = requests.get(requestId);
            if (request == null) {
                throw new CountersignException(
                        Kind.USAGE,
                        "There is no request "
                                + requestId
                                + ". `countersign approvals list` shows those that wait.");
            }
            return request;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void allow(String requestId, Digest digest, @Nullable String note)
            throws CountersignException {
        ApprovalView request = approval(requestId);
        if (!request.digest().equals(digest)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Request " + requestId + " is not what was shown any more. Look at it again.");
        }
        decide(request, Answer.ALLOWED, note);
    }

    @Override
    public void deny(String requestId, @Nullable String note) throws CountersignException {
        decide(approval(requestId), Answer.DENIED, note);
    }

    @Override
    public List<ApprovalView> decide(DecideRequest request) throws CountersignException {
        ApprovalView view = approval(request.requestId());
        ApprovalView.Equal equal = view.equal();
        List<String> ids =
                equal != null && equal.digest().equals(request.digest())
                        ? equal.ids()
                        : List.of(request.requestId());
        if (ids.size() == 1
                && request.digest() != null
                && !view.digest().equals(request.digest())) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Request "
                            + request.requestId()
                            + " is not what was shown any more. Look at it again.");
        }
        if (!request.calls().isEmpty()) {
            asked.add("calls " + request.calls());
        }
        if (request.proof() != null) {
            asked.add("proof " + request.proof());
        }
        if (request.reach() != null) {
            asked.add("for " + request.reach() + " until " + request.until());
        }
        List<ApprovalView> decided = new ArrayList<>();
        for (String id : ids) {
            decide(approval(id), request.answer(), request.note());
            decided.add(approval(id));
        }
        return decided;
    }

    @Override
    public RuleOffers offers(String requestId) throws CountersignException {
        return offers.getOrDefault(
                requestId, new RuleOffers(requestId, List.of(), "The test offers none."));
    }

    @Override
    public RuleOutcome addRules(RuleRequest request) throws CountersignException {
        asked.add("rule " + request.scope() + " " + String.join("; ", request.rules()));
        return new RuleOutcome(
                request.rules(),
                "policy.yaml",
                List.of("policy.yaml:3"),
                new RuleOffers.Effect(0, 0, 0, 0, 0, "no session is on record to try it on"),
                List.of());
    }

    @Override
    public RulesRemoved removeRules(RuleRemoval request) {
        return new RulesRemoved(
                "policy.yaml",
                List.of("ask write"),
                List.of("-    3    - ask: {tool: write}"),
                List.of());
    }

    @Override
    public RuleSuggestions suggestRules(Optional<SessionId> id) throws CountersignException {
        return suggestions;
    }

    @Override
    public TrialView tryCommand(SessionId id, String command) throws CountersignException {
        return new TrialView(Level.LOW, "runs", "mode checkpoint", "", List.of("reads"), List.of());
    }

    @Override
    public PolicyText policyText() throws CountersignException {
        return new PolicyText("policy.yaml", false, "", List.of());
    }

    @Override
    public PolicyView policy(Optional<SessionId> id) throws CountersignException {
        return new PolicyView(
                "policy.yaml",
                "checkpoint",
                "internal",
                null,
                List.of(
                        new PolicyView.Rule(
                                "built-in:5",
                                "deny, effect guard.tamper",
                                "x",
                                false,
                                "built in",
                                0)),
                "version: 1");
    }

    @Override
    public SecondFactorView secondFactor(SecondFactorRequest request) throws CountersignException {
        asked.add("second-factor " + request.action());
        return request.action().equals("totp")
                ? new SecondFactorView("none", "otpauth://totp/x?secret=ABC", "ABC")
                : new SecondFactorView(
                        request.action().equals("show") ? "none" : request.action(), null, null);
    }

    /// What [#offers] gives for a request.
    public final Map<String, RuleOffers> offers = new java.util.concurrent.ConcurrentHashMap<>();

    /// What [#suggestRules] gives.
    public volatile RuleSuggestions suggestions = new RuleSuggestions(0, 0, List.of(), List.of());

    private void decide(ApprovalView r, Answer answer, @Nullable String note)
            throws CountersignException {
        if (!r.state().equals("open")) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Request " + r.id() + " is decided already. Nothing was changed.");
        }
        asked.add(answer.name() + " " + r.id() + (note == null ? "" : " " + note));
        // on record first, as the engine does it
        for (ApprovalView.Call call : r.calls()) {
            record(
                    r.session(),
                    new Fact.Decided(
                            call.id(),
                            answer,
                            DecidedBy.PERSON,
                            call.level(),
                            call.rule(),
                            r.id(),
                            r.digest(),
                            note == null ? null : GuestText.of(note),
                            Duration.ofSeconds(3),
                            null));
        }
        lock.lock();
        try {
            requests.put(
                    r.id(),
                    new ApprovalView(
                            r.id(),
                            r.session(),
                            r.kind(),
                            r.title(),
                            r.level(),
                            r.calls(),
                            r.agentText(),
                            r.undo(),
                            r.gate(),
                            r.digest(),
                            r.opened(),
                            r.deadline(),
                            r.planDirectories(),
                            "decided",
                            answer,
                            DecidedBy.PERSON,
                            note == null ? null : GuestText.of(note),
                            null));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        watchers.forEach(watcher -> watcher.accept(Change.APPROVALS));
    }

    @Override
    public CheckpointView createCheckpoint(SessionId id, String name) throws CountersignException {
        asked.add("checkpoint " + id + " " + name);
        lock.lock();
        try {
            Session session = known(id);
            CheckpointView made =
                    new CheckpointView(
                            "c" + (session.checkpoints.size() + 1),
                            name,
                            false,
                            "by you",
                            NOW,
                            session.epoch,
                            session.log.size(),
                            120L << 20);
            session.checkpoints.add(made);
            record(
                    id,
                    new Fact.CheckpointTaken(
                            made.id(),
                            name,
                            false,
                            made.why(),
                            made.bytes(),
                            Duration.ofMillis(300)));
            return made;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<CheckpointView> checkpoints(SessionId id) throws CountersignException {
        lock.lock();
        try {
            return List.copyOf(known(id).checkpoints);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CheckpointView restore(SessionId id, String checkpoint) throws CountersignException {
        asked.add("restore " + id + " " + checkpoint);
        lock.lock();
        try {
            Session session = known(id);
            CheckpointView found =
                    session.checkpoints.stream()
                            .filter(c -> c.id().equals(checkpoint) || c.name().equals(checkpoint))
                            .findFirst()
                            .orElseThrow(() ->
                                    new CountersignException(
                                            Kind.USAGE,
                                            "Session "
                                                    + id
                                                    + " has no checkpoint "
                                                    + checkpoint
                                                    + ". `countersign checkpoint list`"
                                                    + " shows them."));
            session.epoch++;
            record(
                    id,
                    new Fact.Restored(
                            found.id(),
                            found.name(),
                            session.epoch,
                            List.of(),
                            Duration.ofMillis(700)));
            return found;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ReviewView review(SessionId id) throws CountersignException {
        lock.lock();
        try {
            return known(id).review;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ApplyView apply(SessionId id, ApplyRequest request) throws CountersignException {
        ReviewView review = review(id);
        String seen = request.selection().seen();
        if (seen != null && !seen.equals(review.id())) {
            throw new CountersignException(
                    Kind.CONFLICT, "The review changed since it was shown. Look at it again.");
        }
        asked.add("apply " + id + " to " + request.to());
        List<GuestText> paths = review.files().stream().map(ReviewView.File::path).toList();
        int hunks = review.files().stream().mapToInt(f -> f.hunks().size()).sum();
        record(id, new Fact.Applied("t1", request.to(), paths.size(), hunks, 0));
        return new ApplyView("t1", request.to(), paths, hunks, List.of());
    }

    @Override
    public void reject(SessionId id, Selection selection) throws CountersignException {
        session(id);
        asked.add("reject " + id + " " + selection.hunks() + " " + selection.files());
    }

    @Override
    public void mark(SessionId id, MarkRequest request) throws CountersignException {
        session(id);
        asked.add("mark " + id + " " + request.hunks() + " " + request.as());
    }

    @Override
    public ApplyView resolve(SessionId id, ResolveRequest request) throws CountersignException {
        session(id);
        asked.add(
                "resolve %s %s %s %s %s"
                        .formatted(
                                id,
                                request.path(),
                                request.digest(),
                                request.take(),
                                request.text()));
        return new ApplyView("t2", "tree", List.of(GuestText.of(request.path())), 1, List.of());
    }

    @Override
    public CommitsView commits(SessionId id) throws CountersignException {
        session(id);
        return new CommitsView(
                "c1",
                id,
                List.of(
                        new CommitsView.Commit(
                                "c1-1",
                                GuestText.of("0123456789abcdef0123456789abcdef01234567"),
                                GuestText.of("agent <agent@guest>"),
                                Instant.EPOCH,
                                false,
                                GuestText.of("Fix it\n\nIt was \u001b[31mbroken."),
                                List.of(
                                        new ReviewView.File(
                                                GuestText.of("a.txt"),
                                                "edited",
                                                dev.countersign.domain.Level.MEDIUM,
                                                List.of(),
                                                false,
                                                1,
                                                0,
                                                List.of(
                                                        new ReviewView.Hunk(
                                                                "c0-1", "new", 1, 0, 1, 1,
                                                                List.of(), null)))))),
                List.of("a note"));
    }

    @Override
    public ApplyView applyCommits(SessionId id, ApplyRequest request) throws CountersignException {
        session(id);
        asked.add("commits %s %s %s".formatted(id, request.selection(), request.to()));
        return new ApplyView("t3", request.to(), List.of(GuestText.of("a.txt")), 1, List.of());
    }

    @Override
    public List<AppliedView> applies(SessionId id) throws CountersignException {
        session(id);
        return List.of(
                new AppliedView(
                        "t1",
                        Instant.EPOCH,
                        "tree",
                        List.of(GuestText.of("a.txt")),
                        1,
                        2,
                        0,
                        null,
                        true));
    }

    @Override
    public HeldView heldDeletions(SessionId id) throws CountersignException {
        session(id);
        return new HeldView("", id, List.of());
    }

    @Override
    public void allowDeletions(SessionId id, String digest) throws CountersignException {
        session(id);
        asked.add("allow deletions " + id + " " + digest);
    }

    @Override
    public ApplyView undo(SessionId id) throws CountersignException {
        ReviewView review = review(id);
        asked.add("undo " + id);
        record(id, new Fact.Undone("t1", review.files().size(), 0));
        return new ApplyView(
                "t1",
                "tree",
                review.files().stream().map(ReviewView.File::path).toList(),
                1,
                List.of());
    }

    @Override
    public VerifyView verify(SessionId id) throws CountersignException {
        lock.lock();
        try {
            long entries = known(id).log.size();
            return new VerifyView(true, entries, entries - 1, null, "none");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public dev.countersign.api.EgressView egress(SessionId id) throws CountersignException {
        return new dev.countersign.api.EgressView(
                id,
                "packages",
                List.of(
                        new dev.countersign.api.EgressView.Rule(
                                "deny", "paste.example.net", "policy.yaml")),
                List.of(
                        new dev.countersign.api.EgressView.Host(
                                "docs.example.org:443",
                                "session",
                                java.time.Instant.EPOCH,
                                null,
                                "r1")),
                2,
                null);
    }

    @Override
    public List<dev.countersign.api.EgressView.Host> revokeHosts(SessionId id, String place)
            throws CountersignException {
        asked.add("revoke " + place);
        return egress(id).granted();
    }

    @Override
    public List<dev.countersign.api.CredentialView> credentials() {
        return List.of();
    }

    @Override
    public dev.countersign.api.CredentialView addCredential(
            dev.countersign.api.CredentialRequest request) {
        asked.add("credential %s %s".formatted(request.name(), request.value()));
        return new dev.countersign.api.CredentialView(
                request.name(),
                request.url(),
                request.paths(),
                request.methods(),
                request.as(),
                request.command(),
                request.env(),
                request.urlEnv(),
                "http://127.0.0.1:4101/o/api/" + request.name(),
                request.repository());
    }

    @Override
    public void removeCredential(String name) {
        asked.add("no credential " + name);
    }

    @Override
    public void unlockKeys(String passphrase) {
        asked.add("unlock " + passphrase);
    }

    @Override
    public List<dev.countersign.api.PortView> ports(SessionId id) {
        return List.of();
    }

    @Override
    public dev.countersign.api.PortView openPort(SessionId id, int guestPort, int hostPort) {
        return new dev.countersign.api.PortView(guestPort, hostPort, null);
    }

    @Override
    public void closePort(SessionId id, int guestPort) {}
}
