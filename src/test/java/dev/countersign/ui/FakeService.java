package dev.countersign.ui;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Change;
import dev.countersign.api.Check;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.Hello;
import dev.countersign.api.PolicyText;
import dev.countersign.api.PolicyView;
import dev.countersign.api.Resources;
import dev.countersign.api.ReviewView;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleOutcome;
import dev.countersign.api.RuleRemoval;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.RuleSuggestions;
import dev.countersign.api.RulesRemoved;
import dev.countersign.api.SecondFactorRequest;
import dev.countersign.api.SecondFactorView;
import dev.countersign.api.Selection;
import dev.countersign.api.Service;
import dev.countersign.api.SessionView;
import dev.countersign.api.StartRequest;
import dev.countersign.api.Subscription;
import dev.countersign.api.TerminalPiece;
import dev.countersign.api.TrialView;
import dev.countersign.api.VerifyView;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An engine by hand: what the tests put in is what the window sees, and what the window asks for
/// is written down in [#asked]. Calls its listeners on the thread that changes it.
public final class FakeService implements Service {
    private record Listener(SessionId session, Consumer<Entry> sink) {}

    private final Map<SessionId, SessionView> sessions = new LinkedHashMap<>();
    private final Map<SessionId, List<Entry>> logs = new LinkedHashMap<>();
    private final Map<String, ApprovalView> approvals = new LinkedHashMap<>();
    private final Map<SessionId, List<CheckpointView>> checkpoints = new LinkedHashMap<>();
    private final Map<SessionId, ReviewView> reviews = new LinkedHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Change>> watchers = new CopyOnWriteArrayList<>();

    /// What was asked for, in order, such as `allow r-1 DIGEST`.
    public final List<String> asked = new CopyOnWriteArrayList<>();

    /// Sessions that were asked for.
    public final List<StartRequest> started = new CopyOnWriteArrayList<>();

    /// Hosts that the developer allowed when asked.
    public final List<dev.countersign.api.EgressView.Host> granted = new CopyOnWriteArrayList<>();

    /// What listens in the guest.
    public final List<dev.countersign.api.PortView> ports = new CopyOnWriteArrayList<>();

    private @Nullable CountersignException failure;
    private boolean down;
    private volatile String factor = "none";
    private int number;

    /// Puts a session in, or changes it.
    public synchronized void put(SessionView session) {
        sessions.put(session.id(), session);
        logs.computeIfAbsent(session.id(), _ -> new ArrayList<>());
        tell(Change.SESSIONS);
    }

    /// Changes a session.
    public synchronized void change(SessionId id, UnaryOperator<SessionView> how) {
        put(how.apply(known(id)));
    }

    /// Records a fact, as the journal would.
    public void record(SessionId id, Instant at, Fact fact) {
        Entry entry;
        synchronized (this) {
            List<Entry> log = logs.computeIfAbsent(id, _ -> new ArrayList<>());
            entry = new Entry(log.size(), at, id, 0, fact);
            log.add(entry);
        }
        listeners.stream()
                .filter(each -> each.session().equals(id))
                .forEach(each -> each.sink().accept(entry));
    }

    /// Opens a request.
    public synchronized void ask(ApprovalView request) {
        approvals.put(request.id(), request);
        tell(Change.APPROVALS);
    }

    /// Closes a request from elsewhere.
    public synchronized void close(String id, Answer answer, DecidedBy by) {
        ApprovalView was = approvals.get(id);
        if (was != null) {
            approvals.put(id, decided(was, answer, by));
            tell(Change.APPROVALS);
        }
    }

    /// What is staged.
    public synchronized void stage(ReviewView review) {
        reviews.put(review.session(), review);
    }

    /// A checkpoint that exists.
    public synchronized void checkpoint(SessionId id, CheckpointView view) {
        checkpoints.computeIfAbsent(id, _ -> new ArrayList<>()).add(view);
    }

    /// The next wish fails with this.
    public synchronized void failNext(Kind kind, String message) {
        failure = new CountersignException(kind, message);
    }

    /// From now on nothing answers, until it is up again.
    public synchronized void down(boolean now) {
        down = now;
        if (now) {
            listeners.clear();
            watchers.clear();
        }
    }

    private void tell(Change change) {
        watchers.forEach(each -> each.accept(change));
    }

    private synchronized void answer(String what) throws CountersignException {
        if (down) {
            throw new CountersignException(Kind.FAILED, "The engine ended. It is started again.");
        }
        if (!what.isEmpty()) {
            asked.add(what);
            CountersignException now = failure;
            failure = null;
            if (now != null) {
                throw now;
            }
        }
    }

    private SessionView known(SessionId id) {
        SessionView view = sessions.get(id);
        if (view == null) {
            throw new IllegalStateException("no session " + id);
        }
        return view;
    }

    @Override
    public Hello hello() throws CountersignException {
        answer("");
        return new Hello("0.1.0", 1, 4711, "test");
    }

    @Override
    public void shutdown() throws CountersignException {
        answer("shutdown");
    }

    @Override
    public List<Check> doctor() throws CountersignException {
        answer("doctor");
        return List.of();
    }

    @Override
    public Resources resources() throws CountersignException {
        answer("");
        return new Resources(
                2,
                1,
                4,
                6_100_000_000L,
                5_900_000_000L,
                12_000_000_000L,
                3_400_000_000L,
                88_000_000_000L);
    }

    @Override
    public synchronized SessionView start(StartRequest request) throws CountersignException {
        answer("start " + request.directory() + " " + request.agent() + " " + request.task());
        started.add(request);
        SessionView view =
                new SessionView(
                        new SessionId("s-new" + ++number),
                        request.task(),
                        request.directory(),
                        request.agent(),
                        GuestText.of(request.task()),
                        request.mode() == null ? Mode.CHECKPOINT : request.mode(),
                        request.tier() == null ? Tier.VM : request.tier(),
                        request.dataClass() == null ? DataClass.INTERNAL : request.dataClass(),
                        SessionState.PREPARING,
                        null,
                        false,
                        null,
                        null,
                        null,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Instant.EPOCH,
                        Instant.EPOCH);
        put(view);
        return view;
    }

    @Override
    public synchronized List<SessionView> sessions() throws CountersignException {
        answer("");
        return List.copyOf(sessions.values());
    }

    @Override
    public synchronized SessionView session(SessionId id) throws CountersignException {
        answer("");
        return known(id);
    }

    @Override
    public Subscription events(SessionId id, long fromSeq, Consumer<Entry> listener)
            throws CountersignException {
        answer("");
        List<Entry> past;
        Listener mine = new Listener(id, listener);
        synchronized (this) {
            past =
                    logs.getOrDefault(id, List.of()).stream()
                            .filter(each -> each.seq() >= fromSeq)
                            .toList();
            listeners.add(mine);
        }
        past.forEach(listener);
        return () -> listeners.remove(mine);
    }

    @Override
    public Subscription changes(Consumer<Change> listener) throws CountersignException {
        answer("");
        watchers.add(listener);
        listener.accept(Change.SESSIONS);
        listener.accept(Change.APPROVALS);
        return () -> watchers.remove(listener);
    }

    @Override
    public void send(SessionId id, String text) throws CountersignException {
        answer("send " + id + " " + text);
    }

    @Override
    public Subscription terminal(SessionId id, Consumer<TerminalPiece> listener)
            throws CountersignException {
        answer("terminal " + id);
        return () -> {};
    }

    @Override
    public void type(SessionId id, byte[] keys) throws CountersignException {
        answer("type " + id);
    }

    @Override
    public void resize(SessionId id, int columns, int rows) throws CountersignException {
        answer("resize " + id);
    }

    @Override
    public void interrupt(SessionId id) throws CountersignException {
        answer("interrupt " + id);
    }

    @Override
    public void stop(SessionId id) throws CountersignException {
        answer("stop " + id);
    }

    @Override
    public void resume(SessionId id) throws CountersignException {
        answer("resume " + id);
    }

    @Override
    public synchronized void delete(SessionId id, boolean dropStaged) throws CountersignException {
        answer("delete " + id + " " + dropStaged);
        sessions.remove(id);
        tell(Change.SESSIONS);
    }

    @Override
    public void freeze(Optional<SessionId> id) throws CountersignException {
        answer("freeze " + id.map(SessionId::value).orElse("all"));
    }

    @Override
    public void thaw(SessionId id) throws CountersignException {
        answer("thaw " + id);
    }

    @Override
    public synchronized List<ApprovalView> approvals(Optional<SessionId> id)
            throws CountersignException {
        answer("");
        return approvals.values().stream()
                .filter(each -> each.state().equals("open"))
                .filter(each -> id.isEmpty() || each.session().equals(id.get()))
                .sorted(
                        java.util.Comparator.comparing(ApprovalView::level)
                                .reversed()
                                .thenComparing(ApprovalView::opened))
                .toList();
    }

    @Override
    public synchronized ApprovalView approval(String requestId) throws CountersignException {
        answer("");
        ApprovalView view = approvals.get(requestId);
        if (view == null) {
            throw new CountersignException(Kind.USAGE, "There is no request " + requestId + ".");
        }
        return view;
    }

    @Override
    public synchronized void allow(String requestId, Digest digest, @Nullable String note)
            throws CountersignException {
        answer("allow " + requestId + " " + digest.brief());
        ApprovalView view = approvals.get(requestId);
        if (view == null || !view.state().equals("open") || !view.digest().equals(digest)) {
            throw new CountersignException(Kind.CONFLICT, "The request changed. Look again.");
        }
        approvals.put(requestId, decided(view, Answer.ALLOWED, DecidedBy.PERSON));
        tell(Change.APPROVALS);
    }

    @Override
    public synchronized void deny(String requestId, @Nullable String note)
            throws CountersignException {
        answer("deny " + requestId + (note == null ? "" : " " + note));
        ApprovalView view = approvals.get(requestId);
        if (view != null) {
            approvals.put(requestId, decided(view, Answer.DENIED, DecidedBy.PERSON));
            tell(Change.APPROVALS);
        }
    }

    @Override
    public synchronized List<ApprovalView> decide(DecideRequest request)
            throws CountersignException {
        ApprovalView view = approvals.get(request.requestId());
        ApprovalView.Equal equal = view == null ? null : view.equal();
        if (equal != null && equal.digest().equals(request.digest())) {
            answer("decide all " + String.join(",", equal.ids()) + " " + request.answer());
            for (String id : equal.ids()) {
                approvals.put(
                        id,
                        decided(
                                Objects.requireNonNull(approvals.get(id)),
                                request.answer(),
                                DecidedBy.PERSON));
            }
            tell(Change.APPROVALS);
            return List.of();
        }
        if (!request.calls().isEmpty()) {
            answer("calls " + request.calls());
        }
        if (request.reach() != null) {
            answer("reach " + request.reach() + " until " + request.until());
        }
        if (request.proof() != null) {
            answer("proof " + request.proof());
        }
        if (request.answer() == Answer.ALLOWED) {
            allow(
                    request.requestId(),
                    java.util.Objects.requireNonNull(request.digest()),
                    request.note());
        } else {
            deny(request.requestId(), request.note());
        }
        return List.of(approvals.get(request.requestId()));
    }

    @Override
    public RuleOffers offers(String requestId) throws CountersignException {
        return offers.getOrDefault(
                requestId,
                new RuleOffers(
                        requestId,
                        List.of(),
                        "No rule can say exactly what this is: a push leaves the VM."));
    }

    @Override
    public RuleOutcome addRules(RuleRequest request) throws CountersignException {
        answer("rule " + request.scope() + " " + String.join("; ", request.rules()));
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
    public PolicyView policy(Optional<SessionId> id) throws CountersignException {
        return new PolicyView(
                "/home/dev/.config/countersign/policy.yaml",
                "checkpoint",
                "internal",
                policyText.findings().isEmpty()
                        ? null
                        : "The policy has 1 error; the version of 13:20 stays in force.",
                List.of(
                        new PolicyView.Rule(
                                "built-in:5",
                                "deny, effect guard.tamper",
                                "the guard stays",
                                false,
                                "built in",
                                0),
                        new PolicyView.Rule(
                                "built-in:9",
                                "deny, effect vm.escape",
                                "the wall stays",
                                false,
                                "built in",
                                0),
                        new PolicyView.Rule(
                                "policy.yaml:4",
                                "deny, effect git.force-push",
                                "history is shared",
                                false,
                                "your file",
                                0),
                        new PolicyView.Rule(
                                ".countersign.yaml:3",
                                "ask write, path db/migrations/**",
                                "the database is not in the checkpoint",
                                false,
                                "your file",
                                0),
                        new PolicyView.Rule(
                                "policy.yaml:9",
                                "allow shell [npm, test]",
                                "",
                                false,
                                "your file",
                                0),
                        new PolicyView.Rule(
                                "policy.yaml:12",
                                "allow shell [make, ...], scope repository, until 2026-11-01",
                                "",
                                true,
                                "your file",
                                0)),
                "version: 1");
    }

    @Override
    public TrialView tryCommand(SessionId id, String command) throws CountersignException {
        answer("");
        return command.contains("--force")
                ? new TrialView(
                        Level.CRITICAL,
                        "denied",
                        "policy.yaml:4",
                        "history is shared",
                        List.of("overwrites history that others have", "leaves the VM"),
                        List.of("git.push", "git.force-push"))
                : new TrialView(
                        Level.LOW,
                        "runs",
                        "policy.yaml:9",
                        "",
                        List.of("runs the project\u2019s own tests"),
                        List.of());
    }

    @Override
    public PolicyText policyText() throws CountersignException {
        answer("");
        return policyText;
    }

    /// What [#policyText] gives.
    public volatile PolicyText policyText =
            new PolicyText(
                    "/home/dev/.config/countersign/policy.yaml",
                    true,
                    """
                    version: 1
                    rules:
                      - deny: {effect: git.force-push, because: history is shared}
                    """,
                    List.of());

    @Override
    public SecondFactorView secondFactor(SecondFactorRequest request) throws CountersignException {
        boolean shown = request.action().equals("show");
        String code = request.code();
        answer(shown ? "" : "second-factor " + request.action() + (code == null ? "" : " " + code));
        if (request.action().equals("totp")) {
            return new SecondFactorView(factor, "otpauth://totp/x?secret=ABC", "ABC");
        }
        if (!shown) {
            factor = request.action().equals("confirm") ? "totp" : request.action();
        }
        return new SecondFactorView(factor, null, null);
    }

    /// What [#offers] gives for a request.
    public final Map<String, RuleOffers> offers = new java.util.concurrent.ConcurrentHashMap<>();

    /// What [#heldDeletions] gives.
    public volatile dev.countersign.api.HeldView held =
            new dev.countersign.api.HeldView("", Scenes.VOUCHER, List.of());

    /// What [#suggestRules] gives.
    public volatile RuleSuggestions suggestions = new RuleSuggestions(0, 0, List.of(), List.of());

    private static ApprovalView decided(ApprovalView was, Answer answer, DecidedBy by) {
        return new ApprovalView(
                was.id(),
                was.session(),
                was.kind(),
                was.title(),
                was.level(),
                was.calls(),
                was.agentText(),
                was.undo(),
                was.gate(),
                was.digest(),
                was.opened(),
                was.deadline(),
                was.planDirectories(),
                "decided",
                answer,
                by,
                null,
                null);
    }

    @Override
    public synchronized CheckpointView createCheckpoint(SessionId id, String name)
            throws CountersignException {
        answer("checkpoint " + id + " " + name);
        CheckpointView view =
                new CheckpointView(
                        "c-new" + ++number, name, false, "by you", Instant.EPOCH, 0, 0, 61_000_000);
        checkpoint(id, view);
        return view;
    }

    @Override
    public synchronized List<CheckpointView> checkpoints(SessionId id) throws CountersignException {
        answer("");
        return List.copyOf(checkpoints.getOrDefault(id, List.of()));
    }

    @Override
    public synchronized CheckpointView restore(SessionId id, String checkpoint)
            throws CountersignException {
        answer("restore " + id + " " + checkpoint);
        return checkpoints.getOrDefault(id, List.of()).stream()
                .filter(each -> each.id().equals(checkpoint))
                .findFirst()
                .orElseThrow(() -> new CountersignException(Kind.USAGE, "No such checkpoint."));
    }

    @Override
    public synchronized ReviewView review(SessionId id) throws CountersignException {
        answer("");
        ReviewView view = reviews.get(id);
        return view == null ? new ReviewView("r-empty", id, List.of()) : view;
    }

    @Override
    public ApplyView apply(SessionId id, ApplyRequest request) throws CountersignException {
        answer("apply " + id + " " + request.selection().hunks() + " " + request.to());
        return new ApplyView(
                "t-1",
                request.to(),
                List.of(GuestText.of("src/export/csv.ts")),
                request.selection().hunks().size(),
                List.of());
    }

    @Override
    public void reject(SessionId id, Selection selection) throws CountersignException {
        answer("reject " + id + " " + selection.hunks());
    }

    @Override
    public void mark(SessionId id, dev.countersign.api.MarkRequest request)
            throws CountersignException {
        answer("mark " + id + " " + request.hunks() + " " + request.as());
    }

    @Override
    public ApplyView resolve(SessionId id, dev.countersign.api.ResolveRequest request)
            throws CountersignException {
        answer(
                "resolve "
                        + id
                        + " "
                        + request.path()
                        + " "
                        + request.take()
                        + " "
                        + request.digest());
        return new ApplyView("t-2", "tree", List.of(GuestText.of(request.path())), 1, List.of());
    }

    @Override
    public dev.countersign.api.CommitsView commits(SessionId id) throws CountersignException {
        answer("");
        return new dev.countersign.api.CommitsView("c-1", id, List.of(), List.of());
    }

    @Override
    public ApplyView applyCommits(SessionId id, dev.countersign.api.ApplyRequest request)
            throws CountersignException {
        answer("apply commits " + id + " " + request.to());
        return new ApplyView("t-3", request.to(), List.of(), 0, List.of());
    }

    @Override
    public List<dev.countersign.api.AppliedView> applies(SessionId id) throws CountersignException {
        answer("");
        return List.of();
    }

    @Override
    public dev.countersign.api.HeldView heldDeletions(SessionId id) throws CountersignException {
        answer("");
        return held;
    }

    @Override
    public void allowDeletions(SessionId id, String digest) throws CountersignException {
        answer("allow deletions " + id + " " + digest);
        if (!digest.equals(held.digest())) {
            throw new CountersignException(Kind.CONFLICT, "Other deletions wait by now.");
        }
        held = new dev.countersign.api.HeldView("", id, List.of());
    }

    @Override
    public ApplyView undo(SessionId id) throws CountersignException {
        answer("undo " + id);
        return new ApplyView(
                "t-1", "tree", List.of(GuestText.of("src/export/csv.ts")), 4, List.of());
    }

    @Override
    public synchronized VerifyView verify(SessionId id) throws CountersignException {
        answer("");
        int size = logs.getOrDefault(id, List.of()).size();
        return new VerifyView(true, size, size - 1L, null, "none");
    }

    @Override
    public dev.countersign.api.EgressView egress(SessionId id) throws CountersignException {
        return new dev.countersign.api.EgressView(
                id, "packages", List.of(), List.copyOf(granted), 0, null);
    }

    @Override
    public List<dev.countersign.api.EgressView.Host> revokeHosts(SessionId id, String place)
            throws CountersignException {
        asked.add("revoke " + place);
        granted.removeIf(each -> each.host().equals(place));
        return List.copyOf(granted);
    }

    @Override
    public List<dev.countersign.api.CredentialView> credentials() {
        return List.of();
    }

    @Override
    public dev.countersign.api.CredentialView addCredential(
            dev.countersign.api.CredentialRequest request) {
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
    public void removeCredential(String name) {}

    @Override
    public void unlockKeys(String passphrase) {}

    @Override
    public List<dev.countersign.api.PortView> ports(SessionId id) {
        return List.copyOf(ports);
    }

    @Override
    public dev.countersign.api.PortView openPort(SessionId id, int guestPort, int hostPort) {
        asked.add("open-port " + guestPort);
        return new dev.countersign.api.PortView(guestPort, hostPort, null);
    }

    @Override
    public void closePort(SessionId id, int guestPort) {
        asked.add("close-port " + guestPort);
    }
}
