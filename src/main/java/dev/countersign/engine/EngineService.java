package dev.countersign.engine;

import dev.countersign.agent.AgentTerminal;
import dev.countersign.api.AppliedView;
import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Change;
import dev.countersign.api.Check;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.CommitsView;
import dev.countersign.api.CredentialRequest;
import dev.countersign.api.CredentialView;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.EgressView;
import dev.countersign.api.HeldView;
import dev.countersign.api.Hello;
import dev.countersign.api.MarkRequest;
import dev.countersign.api.PolicyText;
import dev.countersign.api.PolicyView;
import dev.countersign.api.PortView;
import dev.countersign.api.ResolveRequest;
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
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.Decision;
import dev.countersign.gate.approval.EqualRequests;
import dev.countersign.gate.approval.Reach;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Verification;
import dev.countersign.session.Admission;
import dev.countersign.session.Session;
import dev.countersign.session.SessionOrder;
import dev.countersign.session.SessionRegister;
import dev.countersign.workspace.Choice;
import dev.countersign.workspace.HunkState;
import dev.countersign.workspace.PullRequests;
import dev.countersign.workspace.Resolution;
import dev.countersign.workspace.Target;
import dev.countersign.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a person can ask, answered by the rooms. Translates, checks what only the engine can know,
/// and leaves every decision to the room that owns it.
public final class EngineService implements Service {
    /// Raised when a client of another number can't be served.
    public static final int PROTOCOL = 1;

    private final SessionRegister register;
    private final Approvals approvals;
    private final Admission admission;
    private final Doctor doctor;
    private final Defaults defaults;
    private final CredentialDesk credentials;
    private final String version;
    private final String build;
    private final Runnable end;
    private final Clock clock;
    private final RandomGenerator random;
    private final Changes changes;
    private final RuleBook rules;

    /// What a request that leaves things open gets.
    ///
    /// @param models where an agent asks its model
    public record Defaults(
            Mode mode,
            DataClass dataClass,
            int memoryMiB,
            int cpus,
            Models models,
            StartPolicy.Reader policy) {
        /// Finds provider and model of an agent.
        @FunctionalInterface
        public interface Models {
            /// @param provider as it was asked for; null: the one that fits
            /// @param model as it was asked for; null: the default
            /// @throws CountersignException with the next step if there is none, or if the provider
            ///   does not speak the agent's format
            Chosen of(String agent, @Nullable String provider, @Nullable String model)
                    throws CountersignException;
        }

        /// @param model null: the agent's own default
        public record Chosen(String provider, @Nullable String model) {}
    }

    /// The developer's own policy.
    ///
    /// @param file where it lies
    /// @param now what of it is in force
    public record OwnPolicy(Path file, java.util.function.Supplier<PolicySource> now) {}

    /// @param end asks the engine to end, after the answer went out
    public EngineService(
            SessionRegister register,
            Approvals approvals,
            Admission admission,
            Doctor doctor,
            Defaults defaults,
            RiskRater risk,
            OwnPolicy policy,
            CredentialDesk credentials,
            String version,
            String build,
            Runnable end,
            Clock clock,
            RandomGenerator random) {
        this.register = register;
        this.approvals = approvals;
        this.admission = admission;
        this.doctor = doctor;
        this.defaults = defaults;
        this.credentials = credentials;
        this.version = version;
        this.build = build;
        this.end = end;
        this.clock = clock;
        this.random = random;
        this.changes = new Changes();
        this.rules =
                new RuleBook(
                        register,
                        approvals,
                        risk,
                        policy.now(),
                        policy.file(),
                        defaults.mode(),
                        defaults.dataClass(),
                        clock);
        register.onChange(() -> changes.happened(Change.SESSIONS));
        approvals.onChange(() -> {
            changes.happened(Change.APPROVALS);
            changes.happened(Change.SESSIONS);
        });
    }

    /// How many clients watch what changes: windows, and commands that follow a session.
    public int watchers() {
        return changes.count();
    }

    /// Called after one of them came or went.
    public void onWatchers(Runnable listener) {
        changes.onCount(listener);
    }

    @Override
    public Hello hello() {
        return new Hello(version, PROTOCOL, ProcessHandle.current().pid(), build);
    }

    @Override
    public void shutdown() throws CountersignException {
        List<String> active =
                register.all().stream()
                        .filter(Session::vmTakesMemory)
                        .map(session -> session.id().value())
                        .toList();
        if (!active.isEmpty()) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The engine holds sessions with a running VM: %s. Stop them first: countersign session stop ID."
                            .formatted(String.join(", ", active)));
        }
        end.run();
    }

    @Override
    public List<Check> doctor() {
        return doctor.look();
    }

    @Override
    public Resources resources() throws CountersignException {
        Admission.Memory.Amount memory = admission.memory();
        int paused = (int) register.all().stream().filter(Session::vmPaused).count();
        return new Resources(
                register.vmsThatTakeMemory() - paused,
                paused,
                admission.vmLimit(),
                register.memoryTaken(),
                memory.available(),
                memory.total(),
                register.all().stream().mapToLong(Session::diskBytes).sum(),
                admission.diskFree());
    }

    @Override
    public SessionView start(StartRequest request) throws CountersignException {
        Path directory = realDirectory(request.directory());
        StartPolicy policy = defaults.policy().of(directory);
        DataClass dataClass = policy.dataClass(request.dataClass(), defaults.dataClass());
        Defaults.Chosen chosen =
                defaults.models().of(request.agent(), request.provider(), request.model());
        SessionOrder order =
                new SessionOrder(
                        SessionId.random(random),
                        directory,
                        request.agent(),
                        chosen.provider(),
                        chosen.model(),
                        GuestText.of(request.task()),
                        policy.mode(request.mode(), dataClass, defaults.mode()),
                        Objects.requireNonNullElse(request.tier(), Tier.VM),
                        dataClass,
                        policy.egress(request.egress()),
                        Objects.requireNonNullElse(request.memoryMiB(), defaults.memoryMiB()),
                        Objects.requireNonNullElse(request.cpus(), defaults.cpus()),
                        clock.instant(),
                        register.history(directory, request.history()));
        return view(register.start(order));
    }

    private static Path realDirectory(String directory) throws CountersignException {
        Path path = Path.of(directory);
        if (!path.isAbsolute()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s is not an absolute path. Name the directory in full."
                            .formatted(GuestText.of(directory).visible()));
        }
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The directory %s can't be read: %s. Name one that exists."
                            .formatted(
                                    GuestText.of(directory).visible(),
                                    e instanceof java.nio.file.NoSuchFileException
                                            ? "there is none"
                                            : e.getMessage()),
                    e);
        }
    }

    @Override
    public List<SessionView> sessions() {
        Map<SessionId, Long> waiting =
                approvals.open().stream()
                        .collect(
                                Collectors.groupingBy(
                                        ApprovalRequest::session, Collectors.counting()));
        return register.all().stream()
                .map(session ->
                        Views.of(session, waiting.getOrDefault(session.id(), 0L).intValue()))
                .toList();
    }

    @Override
    public SessionView session(SessionId id) throws CountersignException {
        return view(register.get(id));
    }

    private SessionView view(Session session) {
        int waiting =
                (int)
                        approvals.open().stream()
                                .filter(request -> request.session().equals(session.id()))
                                .count();
        return Views.of(session, waiting);
    }

    @Override
    public Subscription events(SessionId id, long fromSeq, Consumer<Entry> listener)
            throws CountersignException {
        var running = register.get(id).journal().subscribe(fromSeq, listener);
        return running::close;
    }

    @Override
    public Subscription changes(Consumer<Change> listener) {
        return changes.subscribe(listener);
    }

    @Override
    public void send(SessionId id, String text) throws CountersignException {
        register.get(id).send(GuestText.of(text));
    }

    @Override
    public Subscription terminal(SessionId id, Consumer<TerminalPiece> listener)
            throws CountersignException {
        AgentTerminal terminal = register.get(id).attach();
        Thread.ofVirtual()
                .name("terminal-" + id)
                .start(() -> {
                    try (terminal) {
                        terminal.follow(text -> listener.accept(new TerminalPiece(text, false)));
                    }
                    listener.accept(new TerminalPiece("", true));
                });
        return terminal::close;
    }

    @Override
    public void type(SessionId id, byte[] keys) throws CountersignException {
        register.get(id).type(keys);
    }

    @Override
    public void resize(SessionId id, int columns, int rows) throws CountersignException {
        register.get(id).resize(columns, rows);
    }

    @Override
    public void interrupt(SessionId id) throws CountersignException {
        register.get(id).interrupt();
    }

    @Override
    public void stop(SessionId id) throws CountersignException {
        register.get(id).stop();
    }

    @Override
    public void resume(SessionId id) throws CountersignException {
        Session session = register.get(id);
        admission.check(session.order().memoryMiB(), register.vmsThatTakeMemory());
        session.resume();
    }

    @Override
    public void delete(SessionId id, boolean dropStaged) throws CountersignException {
        register.delete(id, dropStaged);
    }

    @Override
    public void freeze(Optional<SessionId> id) throws CountersignException {
        if (id.isPresent()) {
            register.get(id.get()).freeze("by you");
        } else {
            register.freezeAll("by you");
        }
    }

    @Override
    public void thaw(SessionId id) throws CountersignException {
        register.get(id).thaw();
    }

    @Override
    public List<ApprovalView> approvals(Optional<SessionId> id) throws CountersignException {
        if (id.isPresent()) {
            register.get(id.get());
        }
        List<ApprovalRequest> open = approvals.open();
        List<ApprovalView> views = new ArrayList<>();
        for (ApprovalRequest request : open) {
            if (id.isEmpty() || request.session().equals(id.get())) {
                views.add(view(request, open));
            }
        }
        return views;
    }

    private ApprovalView view(ApprovalRequest request, List<ApprovalRequest> open)
            throws CountersignException {
        return Views.of(request, EqualRequests.to(request, open), approvals.secondFactor());
    }

    @Override
    public ApprovalView approval(String requestId) throws CountersignException {
        Optional<ApprovalRequest> found = approvals.find(requestId);
        if (found.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no request %s. List them: countersign approvals list."
                            .formatted(GuestText.of(requestId).visible()));
        }
        return view(found.get(), approvals.open());
    }

    @Override
    public void allow(String requestId, Digest digest, @Nullable String note)
            throws CountersignException {
        approvals.allow(requestId, digest, note);
    }

    @Override
    public void deny(String requestId, @Nullable String note) throws CountersignException {
        approvals.deny(requestId, note);
    }

    @Override
    public List<ApprovalView> decide(DecideRequest request) throws CountersignException {
        if (request.answer() == Answer.PLAN_FIRST
                || (request.digest() == null && request.answer() == Answer.ALLOWED)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A request is allowed by the digest of what was seen, or denied. Nothing was"
                            + " decided.");
        }
        List<ApprovalView> decided = new ArrayList<>();
        for (ApprovalRequest one :
                approvals.decide(
                        new Decision(
                                request.requestId(),
                                request.digest(),
                                request.answer(),
                                request.calls(),
                                request.note(),
                                request.proof(),
                                reach(request)))) {
            decided.add(view(one, List.of()));
        }
        return decided;
    }

    private @Nullable Reach reach(DecideRequest request) throws CountersignException {
        String scope = request.reach();
        if (scope == null) {
            if (request.until() != null) {
                throw new CountersignException(
                        Kind.USAGE, "A day needs a scope: --for session or --for repository.");
            }
            return null;
        }
        return new Reach(scope, end(request.until()));
    }

    /// The end of that day, where the developer is.
    private @Nullable Instant end(@Nullable String day) throws CountersignException {
        if (day == null) {
            return null;
        }
        try {
            return LocalDate.parse(day)
                    .plusDays(1)
                    .atStartOfDay(ZoneId.systemDefault())
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s is not a day such as 2027-01-31.".formatted(GuestText.of(day).visible()),
                    e);
        }
    }

    @Override
    public EgressView egress(SessionId id) throws CountersignException {
        Session session = register.get(id);
        return Views.egress(session);
    }

    @Override
    public List<EgressView.Host> revokeHosts(SessionId id, String place)
            throws CountersignException {
        return register.get(id).network().revoke(place).stream().map(Views::of).toList();
    }

    @Override
    public List<PortView> ports(SessionId id) throws CountersignException {
        return register.get(id).ports().all().stream().map(Views::of).toList();
    }

    @Override
    public PortView openPort(SessionId id, int guestPort, int hostPort)
            throws CountersignException {
        return Views.of(register.get(id).openPort(guestPort, hostPort));
    }

    @Override
    public void closePort(SessionId id, int guestPort) throws CountersignException {
        register.get(id).ports().close(guestPort);
    }

    @Override
    public List<CredentialView> credentials() {
        return credentials.all();
    }

    @Override
    public CredentialView addCredential(CredentialRequest request) throws CountersignException {
        return credentials.add(request);
    }

    @Override
    public void removeCredential(String name) throws CountersignException {
        credentials.remove(name);
    }

    @Override
    public void unlockKeys(String passphrase) throws CountersignException {
        credentials.unlock(passphrase);
    }

    @Override
    public RuleOffers offers(String requestId) throws CountersignException {
        return rules.offers(requestId);
    }

    @Override
    public RuleOutcome addRules(RuleRequest request) throws CountersignException {
        return rules.add(request);
    }

    @Override
    public RulesRemoved removeRules(RuleRemoval request) throws CountersignException {
        return rules.remove(request);
    }

    @Override
    public RuleSuggestions suggestRules(Optional<SessionId> id) throws CountersignException {
        return rules.suggest(id);
    }

    @Override
    public PolicyView policy(Optional<SessionId> id) throws CountersignException {
        return rules.policy(id);
    }

    @Override
    public TrialView tryCommand(SessionId id, String command) throws CountersignException {
        return rules.tryCommand(id, command);
    }

    @Override
    public PolicyText policyText() throws CountersignException {
        return rules.policyText();
    }

    @Override
    public SecondFactorView secondFactor(SecondFactorRequest request) throws CountersignException {
        SecondFactor factor = approvals.secondFactor();
        switch (request.action()) {
            case "show" -> {}
            case "none" -> factor.choose(SecondFactor.Choice.NONE, request.code());
            case "phrase" -> factor.choose(SecondFactor.Choice.PHRASE, request.code());
            case "confirm" -> factor.confirm(request.code());
            case "totp" -> {
                SecondFactor.Enrolment made = factor.enrol(request.code());
                return new SecondFactorView(factor.choice().word(), made.uri(), made.secret());
            }
            default ->
                    throw new CountersignException(
                            Kind.USAGE,
                            "%s is unknown. Use show, none, phrase, totp or confirm."
                                    .formatted(GuestText.of(request.action()).visible()));
        }
        changes.happened(Change.APPROVALS);
        return new SecondFactorView(factor.choice().word(), null, null);
    }

    @Override
    public CheckpointView createCheckpoint(SessionId id, String name) throws CountersignException {
        return Views.of(register.get(id).checkpoint(name, false, "by you"));
    }

    @Override
    public List<CheckpointView> checkpoints(SessionId id) throws CountersignException {
        return register.get(id).standing().checkpoints().stream().map(Views::of).toList();
    }

    @Override
    public CheckpointView restore(SessionId id, String checkpoint) throws CountersignException {
        return Views.of(register.get(id).restore(checkpoint));
    }

    @Override
    public ReviewView review(SessionId id) throws CountersignException {
        return Views.of(id, register.get(id).files().review());
    }

    @Override
    public ApplyView apply(SessionId id, ApplyRequest request) throws CountersignException {
        Session session = register.get(id);
        Target target = Target.parse(request.to(), commitMessage(session), pullRequests(session));
        return Views.of(session.files().apply(choice(session, request.selection()), target));
    }

    @Override
    public CommitsView commits(SessionId id) throws CountersignException {
        return Views.of(id, register.get(id).files().commits());
    }

    @Override
    public ApplyView applyCommits(SessionId id, ApplyRequest request) throws CountersignException {
        Session session = register.get(id);
        Target target = Target.parse(request.to(), trailers(session), pullRequests(session));
        return Views.of(session.files().applyCommits(choice(session, request.selection()), target));
    }

    private static PullRequests pullRequests(Session session) {
        return new PullRequests(session.order().directory(), System.getenv());
    }

    /// Says what was asked and who let it through.
    private static String commitMessage(Session session) {
        return session.order().task().visible() + "\n\n" + trailers(session);
    }

    private static String trailers(Session session) {
        StringBuilder lines = new StringBuilder();
        trailer(lines, "Agent", session.order().agent());
        // By the agent's own requests: it may ask several, and one that nobody chose.
        for (GuestText model : session.projection().models()) {
            trailer(lines, "Model", model.visible());
        }
        trailer(lines, "Model-Provider", session.order().provider());
        trailer(lines, "Countersign-Session", session.id().value());
        trailer(lines, "Approved-By", System.getProperty("user.name"));
        return lines.toString();
    }

    private static void trailer(StringBuilder lines, String name, String value) {
        lines.append("%s: %s%n".formatted(name, value));
    }

    private static Choice choice(Session session, Selection selection) throws CountersignException {
        boolean hunks = !selection.hunks().isEmpty();
        boolean files = !selection.files().isEmpty();
        if (hunks && files) {
            throw new CountersignException(
                    Kind.USAGE, "Name hunks or files, not both. Nothing was changed.");
        }
        if (hunks) {
            return new Choice.Hunks(selection.hunks());
        }
        String seen = selection.seen();
        if (files) {
            return new Choice.Files(
                    selection.files(), seen != null ? seen : session.files().review().id());
        }
        if (seen == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Nothing is named. Name hunks, files, or all of a review that you saw.");
        }
        return new Choice.All(seen);
    }

    @Override
    public void reject(SessionId id, Selection selection) throws CountersignException {
        Session session = register.get(id);
        session.files().reject(choice(session, selection));
    }

    @Override
    public void mark(SessionId id, MarkRequest request) throws CountersignException {
        HunkState as =
                switch (request.as()) {
                    case "seen" -> HunkState.SEEN;
                    case "accepted" -> HunkState.ACCEPTED;
                    case "new" -> HunkState.NEW;
                    default ->
                            throw new CountersignException(
                                    Kind.USAGE,
                                    "A hunk can't be marked as %s. Use seen, accepted or new."
                                            .formatted(GuestText.of(request.as()).visible()));
                };
        register.get(id).files().mark(request.hunks(), as);
    }

    @Override
    public ApplyView resolve(SessionId id, ResolveRequest request) throws CountersignException {
        String text = request.text();
        Resolution how =
                switch (request.take()) {
                    case "host" -> new Resolution.KeepHost();
                    case "agent" -> new Resolution.TakeAgent();
                    case "text" -> {
                        if (text == null) {
                            throw new CountersignException(
                                    Kind.USAGE, "The text is missing. Give the whole file.");
                        }
                        yield new Resolution.Text(text);
                    }
                    default ->
                            throw new CountersignException(
                                    Kind.USAGE,
                                    "%s solves no conflict. Use host, agent or text."
                                            .formatted(GuestText.of(request.take()).visible()));
                };
        return Views.of(register.get(id).files().resolve(request.path(), request.digest(), how));
    }

    @Override
    public List<AppliedView> applies(SessionId id) throws CountersignException {
        return Views.applied(register.get(id).files().applies());
    }

    @Override
    public HeldView heldDeletions(SessionId id) throws CountersignException {
        Workspace.HeldDeletions held = register.get(id).files().heldDeletions();
        return new HeldView(held.digest(), id, held.paths());
    }

    @Override
    public void allowDeletions(SessionId id, String digest) throws CountersignException {
        register.get(id).files().deleteHeld(digest);
    }

    @Override
    public ApplyView undo(SessionId id) throws CountersignException {
        return Views.of(register.get(id).files().undo());
    }

    @Override
    public VerifyView verify(SessionId id) throws CountersignException {
        Verification found = register.get(id).journal().verify();
        return new VerifyView(
                found.ok(), found.entries(), found.verifiedTo(), found.problem(), found.anchor());
    }

    void close() {
        changes.close();
    }
}
