package dev.countersign.session;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.agent.AgentProfile;
import dev.countersign.agent.AgentRun;
import dev.countersign.agent.AgentTerminal;
import dev.countersign.agent.GuestResources;
import dev.countersign.agent.RootRun;
import dev.countersign.agent.RunOptions;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.egress.Grants;
import dev.countersign.egress.GuestClients;
import dev.countersign.egress.LockFiles;
import dev.countersign.egress.SessionCredentials;
import dev.countersign.egress.SessionEgress;
import dev.countersign.egress.SessionServers;
import dev.countersign.gate.Gate;
import dev.countersign.gate.HeldAnswer;
import dev.countersign.gate.Ruling;
import dev.countersign.gate.SessionContext;
import dev.countersign.gate.approval.ApprovalBudget;
import dev.countersign.gate.policy.DataPolicy;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.ToolPins;
import dev.countersign.gateway.AnswerGate;
import dev.countersign.gateway.GatewaySettings;
import dev.countersign.gateway.HookDesk;
import dev.countersign.gateway.ModelGateway;
import dev.countersign.gateway.SudoDesk;
import dev.countersign.gateway.ToolDefinition;
import dev.countersign.gateway.WatchedUpstream;
import dev.countersign.journal.Journal;
import dev.countersign.secrets.Canaries;
import dev.countersign.secrets.Redactor;
import dev.countersign.vm.CheckpointReport;
import dev.countersign.vm.Forward;
import dev.countersign.vm.Progress;
import dev.countersign.vm.RestoreReport;
import dev.countersign.vm.StartReport;
import dev.countersign.vm.Vm;
import dev.countersign.vm.VmSpec;
import dev.countersign.vm.VmState;
import dev.countersign.vm.ssh.Link;
import dev.countersign.workspace.CopyInReport;
import dev.countersign.workspace.HostForm;
import dev.countersign.workspace.ReviewedFile;
import dev.countersign.workspace.Workspace;
import dev.countersign.workspace.WorkspaceSettings;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session: the machine, the files, the gate and the record of one piece of work. Owns the
/// order in which they come up, go back and go away; every change of state is in the journal before
/// it counts.
///
/// Changes of its life wait for each other under one lock; [#freeze] alone does not wait.
public final class Session implements SessionContext {
    private static final String POLICY = "policy";
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /// The step and the topic of what is recorded about restores.
    static final String RESTORE = "restore";

    private static final String MODELS = "/run/countersign/models.sock";
    private static final String EGRESS = "/run/countersign/egress.sock";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CERTIFICATES_PATIENCE = Duration.ofSeconds(30);
    private static final Duration LINK_PATIENCE = Duration.ofMinutes(3);
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final SessionOrder order;
    private final Path directory;
    private final SessionFile file;
    private final SessionRooms rooms;
    private final SessionLog log;
    private final Redactor redactor;
    private final PlantedCanaries planted;
    private final GuestPorts ports;
    private final Workspace workspace;
    private final PolicySource policy;
    private final Gate gate;
    private final Grants grants;
    private final Runnable changed;
    private final ReentrantLock life = new ReentrantLock();

    private volatile Standing standing;
    private volatile boolean freezesOnCanary = true;
    private volatile @Nullable Vm vm;
    private volatile @Nullable ModelGateway gateway;
    private volatile @Nullable SessionEgress network;
    private volatile @Nullable AgentRun agent;
    private final AtomicReference<@Nullable AgentTerminal> terminal = new AtomicReference<>();
    private volatile AgentRun.@Nullable Watch watch;
    private volatile @Nullable Thread preparing;

    /// Opens a session's rooms on the host, a new one's or an old one's. Nothing runs yet.
    Session(
            SessionOrder order,
            Standing standing,
            Path directory,
            SessionRooms rooms,
            SessionLog log,
            Redactor redactor,
            Runnable changed)
            throws CountersignException {
        this.order = order;
        this.standing = standing;
        this.directory = directory;
        this.file = new SessionFile(directory);
        this.rooms = rooms;
        this.log = log;
        this.redactor = redactor;
        this.changed = changed;
        // Before the workspace, which has to be closed again: this one can be refused.
        this.policy = rooms.policies().of(order, directory.resolve(POLICY), log);
        this.ports = new GuestPorts(log, changed);
        this.planted = PlantedCanaries.open(directory.resolve("canaries.json"));
        this.grants = Grants.open(directory.resolve("egress.json"));
        this.workspace =
                Workspace.open(
                        WorkspaceSettings.standard(
                                        order.directory(), directory.resolve("workspace"))
                                .withExcludes(policy.excludes())
                                .withIncludes(policy.includes(order.directory()))
                                .withSecrets(rooms.secretFilters().apply(order.directory()))
                                .withHostForm(hostForm(new LockFiles(rooms.origins()))),
                        log,
                        rooms.clock(),
                        rooms.hostWatches());
        this.workspace.onChange(changed);
        this.gate =
                new Gate(
                        rooms.risk(),
                        policy,
                        rooms.approvals(),
                        this::checkpointBeforeRelease,
                        log,
                        rooms.clock(),
                        pins());
        String suspected = log.projection().suspected();
        if (suspected != null) {
            gate.suspected(suspected);
        }
    }

    /// What it was asked to be.
    public SessionOrder order() {
        return order;
    }

    /// Where it stands now.
    public Standing standing() {
        return standing;
    }

    /// What its journal says at a glance.
    public Projection projection() {
        return log.projection();
    }

    /// Its record.
    public Journal journal() {
        return log.journal();
    }

    /// What it asked of the developer so far.
    public ApprovalBudget budget() {
        return log.budget();
    }

    /// The rules that it is judged by.
    public PolicySource policy() {
        return policy;
    }

    /// Where the rules lie that the developer made for it alone.
    public Path sessionRules() {
        return directory.resolve(POLICY).resolve(PolicySource.SESSION_RULES);
    }

    /// Lets what waits go on where a rule covers it by now.
    ///
    /// @return the ids of the requests that went
    public List<String> rulesChanged() throws CountersignException {
        return gate.rulesChanged(this);
    }

    /// Records that the developer made rules that it is judged by.
    public void ruleAdded(Fact.RuleAdded added) throws CountersignException {
        log.record(added);
    }

    /// Records that the developer removes rules that it is judged by.
    ///
    /// @param places where they stand, such as `policy.yaml:7`
    /// @param rules what they say, in words
    public void rulesRemoved(List<String> places, List<String> rules) throws CountersignException {
        for (int i = 0; i < places.size(); i++) {
            notice(
                    "info",
                    POLICY,
                    "You removed the rule %s: %s.".formatted(places.get(i), rules.get(i)));
        }
    }

    /// Records a fact of this session.
    Entry record(Fact fact) throws CountersignException {
        return log.record(fact);
    }

    /// Its files: review, apply, reject, undo.
    public Workspace files() {
        return workspace;
    }

    /// How many hunks wait for a decision; -1 where that can't be read.
    public int stagedHunks() {
        try {
            return workspace.stagedHunks();
        } catch (CountersignException e) {
            LOG.warn("session {}: staging can't be counted", id(), e);
            return -1;
        }
    }

    /// Ports of its guest, and those of the host that lead there.
    public GuestPorts ports() {
        return ports;
    }

    /// Lets a port of the host lead into the guest, while there is one that may be reached.
    public GuestPorts.Port openPort(int guestPort, int hostPort) throws CountersignException {
        GuestPorts.Port[] opened = new GuestPorts.Port[1];
        holding(() -> {
            require(SessionState.RUNNING, SessionState.REVIEW);
            opened[0] = ports.open(guestPort, hostPort);
        });
        return java.util.Objects.requireNonNull(opened[0]);
    }

    /// Its network, while it has a proxy.
    ///
    /// @throws CountersignException CONFLICT while it has none
    public SessionEgress network() throws CountersignException {
        SessionEgress now = network;
        if (now == null) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Session %s has no network now: it does not run.".formatted(id()));
        }
        return now;
    }

    /// What its VM takes of the host's disk, in bytes.
    public long diskBytes() {
        Vm machine = vm;
        return machine == null ? 0 : machine.diskBytes();
    }

    /// Whether a VM of it takes memory now.
    public boolean vmTakesMemory() {
        if (preparing != null) {
            return true;
        }
        Vm machine = vm;
        return machine != null
                && (machine.state() == VmState.RUNNING || machine.state() == VmState.PAUSED);
    }

    /// Whether its VM stands still.
    public boolean vmPaused() {
        Vm machine = vm;
        return machine != null && machine.state() == VmState.PAUSED;
    }

    // What the gate asks ------------------------------------------------------------------------

    @Override
    public SessionId id() {
        return order.id();
    }

    @Override
    public int epoch() {
        return standing.epoch();
    }

    @Override
    public Mode mode() {
        return order.mode();
    }

    @Override
    public DataClass dataClass() {
        return order.dataClass();
    }

    @Override
    public String repository() {
        return order.directory().toString();
    }

    @Override
    public GuestText task() {
        return order.task();
    }

    @Override
    public Duration askTimeout() {
        return rooms.askTimeout();
    }

    // Preparing ---------------------------------------------------------------------------------

    /// Brings the session up on a thread of its own: VM, files, start checkpoint, agent.
    void prepare() {
        Thread thread = Thread.ofVirtual().name("prepare-" + id()).unstarted(this::prepareOrFail);
        preparing = thread;
        thread.start();
    }

    private void prepareOrFail() {
        try {
            life.lockInterruptibly();
            try {
                bringUp();
            } finally {
                preparing = null;
                life.unlock();
            }
        } catch (InterruptedException e) {
            failed("It was ended while it was being prepared. Nothing of it is left in a VM.");
        } catch (CountersignException e) {
            LOG.info("session {} could not be prepared", id(), e);
            failed(e.getMessage());
        } finally {
            preparing = null;
            changed.run();
        }
    }

    private void bringUp() throws CountersignException, InterruptedException {
        Progress progress = new StepLine();
        Instant begun = rooms.clock().instant();
        var image = rooms.images().find(order, progress);
        step("image", image.digest().brief(), begun);

        openListeners();
        save(standing.withVm(true));
        Vm machine =
                rooms.vms()
                        .create(
                                new VmSpec(
                                        id(),
                                        image,
                                        order.cpus(),
                                        order.memoryMiB(),
                                        rooms.kit(),
                                        forwards()),
                                log,
                                progress);
        adopt(machine);
        StartReport report = machine.startReport();
        log.record(
                new Fact.StepDone(
                        "vm",
                        (report.warm() ? "warm start" : "cold start: " + report.why())
                                + ", "
                                + report.accelerator(),
                        report.took()));

        Instant copying = rooms.clock().instant();
        CopyInReport copied =
                workspace.copyIn(
                        machine.link(),
                        (bytes, of) ->
                                progress.step(
                                        "copying the workspace",
                                        of <= 0 ? 0 : (int) Math.min(100, bytes * 100 / of)),
                        order.history());
        if (!planted.plant(machine.link())) {
            notice("warning", "canary", "The canaries could not be put into the guest.");
        }
        step("copy-in", "%d files, %d bytes".formatted(copied.files(), copied.bytes()), copying);
        workspace.connect(machine.link());

        Instant snapshot = rooms.clock().instant();
        checkpoint("start", true, "start");
        step("start checkpoint", "start", snapshot);

        startAgent(order.task(), RunOptions.withModel(order.model()));
    }

    /// A guest that may reach hosts trusts for them whom the host trusts: a company's own authority
    /// is among them. Nothing in there is secret.
    ///
    /// @return whether they are there
    private boolean bringCertificates(Link link) throws CountersignException {
        byte[] trusted = rooms.hostCertificates().get();
        if (trusted.length == 0) {
            return false;
        }
        Link.Output put =
                link.run(
                        List.of(
                                "sh",
                                "-c",
                                "umask 022 && mkdir -p /etc/countersign && cat > "
                                        + GuestResources.CERTIFICATES),
                        trusted,
                        CERTIFICATES_PATIENCE,
                        4096);
        if (put.exitCode() != 0) {
            notice(
                    "warning",
                    "network",
                    "The certificates that this machine trusts could not be put into the guest: clients there trust their own list alone.");
        }
        return put.exitCode() == 0;
    }

    /// The guest's clients read the registries that the host's own tools are set up with.
    ///
    /// @return environment beside the files
    private Map<String, String> bringClients(Link link) throws CountersignException {
        GuestClients clients = new GuestClients(rooms.origins().get());
        Link.Output put =
                link.run(
                        GuestResources.clientsCommand(),
                        JSON.valueToTree(clients.texts())
                                .toString()
                                .getBytes(StandardCharsets.UTF_8),
                        CERTIFICATES_PATIENCE,
                        4096);
        if (put.exitCode() != 0) {
            notice(
                    "warning",
                    "network",
                    "How clients find the registries could not be put into the guest: they ask for hosts one by one.");
            return Map.of();
        }
        return clients.environment();
    }

    /// Read when it is needed: a profile of the developer's own may be gone by then, and a session
    /// without one can still be reviewed.
    private AgentProfile profile() throws CountersignException {
        return rooms.agents().named(order.agent());
    }

    /// Without a profile, or one that pins none, nobody knows its tools: they are the guest's word.
    private ToolPins pins() {
        try {
            AgentProfile.Program program = profile().program();
            return program == null || program.tools().isEmpty()
                    ? ToolPins.none()
                    : new ToolPins(program.title() + " " + profile().version(), program.tools());
        } catch (CountersignException e) {
            LOG.warn("session {}: the pinned tools of its agent are not known", id(), e);
            return ToolPins.none();
        }
    }

    private void startAgent(GuestText task, RunOptions plain) throws CountersignException {
        Instant begun = rooms.clock().instant();
        boolean open = network().opensAnything();
        Map<String, String> environment = new TreeMap<>(network().issueCredentials());
        environment.putAll(
                GuestResources.networkEnvironment(open, open && bringCertificates(link())));
        if (open) {
            environment.putAll(bringClients(link()));
        }
        RunOptions options = plain.with(environment);
        save(standing.withAgent(true));
        log.record(
                new Fact.AgentStarted(
                        profile().name(),
                        GuestText.of(profile().version()),
                        GuestText.of(String.join(" ", profile().argv()))));
        AgentRun run = AgentRun.start(link(), profile(), task, options);
        step("agent", profile().name(), begun);
        enter(SessionState.RUNNING, null, "agent started");
        follow(run);
    }

    private void follow(AgentRun run) throws CountersignException {
        unwatch();
        agent = run;
        watch = run.watch(link(), this::agentEnded);
    }

    private void unwatch() {
        AgentRun.Watch old = watch;
        if (old != null) {
            old.close();
        }
        watch = null;
    }

    private void adopt(Vm machine) {
        vm = machine;
        machine.onExit((_, why) -> vmEnded(why));
        machine.link().onChange((_, _, _) -> changed.run());
        ports.follow(machine.link());
    }

    private void step(String step, String detail, Instant begun) throws CountersignException {
        log.record(
                new Fact.StepDone(step, detail, Duration.between(begun, rooms.clock().instant())));
    }

    private List<Forward> forwards() {
        return List.of(
                new Forward(MODELS, run().resolve("models.sock")),
                new Forward(EGRESS, run().resolve("egress.sock")));
    }

    private Path run() {
        return directory.resolve("run");
    }

    /// Both, or none: a guest whose proxy is not there waits for it, and reaches nothing.
    private void openListeners() throws CountersignException {
        openGateway();
        // Tools take seconds to say their registries; the machine comes up meanwhile.
        Thread.ofVirtual()
                .name("registries")
                .start(() -> {
                    var _ = rooms.origins().get();
                });
        try {
            network =
                    SessionEgress.open(
                            run().resolve("egress.sock"),
                            new NetworkGuest(),
                            new SessionEgress.Wiring(
                                    policy,
                                    grants,
                                    rooms.hostGrants(),
                                    rooms.approvals(),
                                    log,
                                    rooms.clock(),
                                    new SessionEgress.Registries(
                                            rooms.origins(), rooms.hostCertificates(), linkKey()),
                                    servers(),
                                    canaries()));
        } catch (CountersignException e) {
            closeListeners();
            throw e;
        }
    }

    /// The servers that the guest reaches with credentials of the host.
    private SessionServers servers() {
        return SessionServers.of(
                SessionCredentials.open(
                        directory.resolve("credentials.json"),
                        rooms.credentials(),
                        repository(),
                        redactor,
                        log),
                rooms.hostCertificates().get(),
                log);
    }

    /// What the guest had of the host's credentials is worth nothing from here on.
    private void revokeCredentials(String why) {
        SessionEgress now = network;
        if (now != null) {
            quietly("credentials", () -> now.revokeCredentials(why));
        }
    }

    private Canaries canaries() {
        return new Canaries(planted.tokens(), this::canaryLeft);
    }

    /// An incident: nothing harmless reads these tokens. On record before it is refused; the freeze
    /// ends the listener that is asking.
    private void canaryLeft(String canary, String way, String place) {
        quietly("canary", () -> log.record(new Fact.CanaryLeft(canary, way, GuestText.of(place))));
        if (freezesOnCanary) {
            Thread.ofVirtual()
                    .name("canary-" + id())
                    .start(() ->
                            quietly(
                                    "canary",
                                    () ->
                                            freeze(
                                                    "the canary in %s was about to leave by %s"
                                                            .formatted(canary, way))));
        }
    }

    /// The session as its egress proxy sees it.
    private final class NetworkGuest implements SessionEgress.Guest {
        @Override
        public SessionId id() {
            return Session.this.id();
        }

        @Override
        public int epoch() {
            return Session.this.epoch();
        }

        @Override
        public String repository() {
            return Session.this.repository();
        }

        @Override
        public String preset() {
            return order.egress();
        }

        @Override
        public Duration askTimeout() {
            return rooms.askTimeout();
        }

        @Override
        public Optional<String> known(String host) {
            return rooms.registries().apply(host);
        }

        @Override
        public @Nullable String lastCall() {
            return log.lastCall();
        }
    }

    /// Asked whenever the gateway opens: the data policy may have changed since the start.
    private DataPolicy.Admission admitProvider() throws CountersignException {
        DataPolicy.Admission admission =
                rooms.upstreams().admit(order.provider(), order.dataClass());
        log.record(
                new Fact.ProviderAdmitted(
                        order.provider(),
                        admission.processor(),
                        admission.region(),
                        order.dataClass(),
                        admission.record()));
        if (admission.warning() != null) {
            notice("info", "data-policy", admission.warning());
        }
        return admission;
    }

    private void openGateway() throws CountersignException {
        DataPolicy.Admission admission = admitProvider();
        freezesOnCanary = admission.onCanary() == DataPolicy.OnCanary.FREEZE;
        Path socket = run().resolve("models.sock");
        try {
            Files.createDirectories(
                    run(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(socket);
            GatewaySettings settings =
                    GatewaySettings.of(
                                    id(),
                                    () -> standing.epoch(),
                                    directory.resolve("held"),
                                    heldKey())
                            .withReturned(log::hasReturned)
                            .withBudget(
                                    rooms.upstreams()
                                            .budget(
                                                    log.projection().inputTokens()
                                                            + log.projection().outputTokens(),
                                                    log.projection().microUsd()));
            HookDesk hooks = new HookDesk(answers(), log, settings.epoch(), settings.cwd());
            hooks.takeUp(log.handedOver());
            ModelGateway fresh =
                    new ModelGateway(
                            settings,
                            new WatchedUpstream(
                                    rooms.upstreams().named(order.provider()),
                                    canaries(),
                                    admission.secrets() == DataPolicy.ToModel.REPLACE,
                                    log),
                            hooks,
                            log);
            fresh.serveHooks(hooks);
            fresh.serveSudo(
                    new SudoDesk(
                            (calls, text, model) -> decide(calls, text, model, SudoDesk.LAYER),
                            log,
                            (run, argv, cwd, input) -> RootRun.begin(link(), run, argv, cwd, input),
                            log::hasReleased));
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(socket));
            fresh.listen(channel);
            gateway = fresh;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The session's model gateway can't listen at %s: %s."
                            .formatted(socket, e.getMessage()),
                    e);
        }
    }

    /// The key that held answers are kept under: made once, gone with the session.
    private SecretKey heldKey() throws CountersignException {
        Optional<byte[]> kept = rooms.keys().get(keyName());
        byte[] key = new byte[32];
        if (kept.isPresent()) {
            key = kept.get();
        } else {
            new SecureRandom().nextBytes(key);
            rooms.keys().put(keyName(), key);
        }
        return new SecretKeySpec(key, "AES");
    }

    /// For links that the guest may remember: the same for every engine that serves it.
    private byte[] linkKey() throws CountersignException {
        MessageDigest sha = Digest.sha256();
        sha.update("links of registries".getBytes(StandardCharsets.UTF_8));
        return sha.digest(heldKey().getEncoded());
    }

    private HostForm hostForm(LockFiles locks) {
        Canaries canaries = canaries();
        return new HostForm() {
            @Override
            public void arrives(RelativePath path, byte[] guests) {
                // It may be staged: that is reviewed, and the incident says which file it is.
                canaries.in("staged", path.value(), guests);
            }

            @Override
            public boolean concerns(RelativePath path) {
                return LockFiles.named(path.name());
            }

            @Override
            public byte[] of(byte[] guests) {
                return locks.forHost(guests);
            }
        };
    }

    private String keyName() {
        return "held." + id();
    }

    private AnswerGate answers() {
        return new AnswerGate() {
            @Override
            public Verdicts decide(
                    List<dev.countersign.domain.ToolCall> calls,
                    GuestText text,
                    @Nullable GuestText model)
                    throws InterruptedException, CountersignException {
                return Session.this.decide(calls, text, model, "gateway");
            }

            @Override
            public void read(GuestText callId, String result) throws CountersignException {
                gate.read(callId, result);
            }

            @Override
            public void offered(ToolDefinition tool) throws CountersignException {
                gate.offered(tool.tool(), tool.digest());
            }
        };
    }

    private AnswerGate.Verdicts decide(
            List<dev.countersign.domain.ToolCall> calls,
            GuestText text,
            @Nullable GuestText model,
            String layer)
            throws InterruptedException, CountersignException {
        Ruling ruling = gate.decide(new HeldAnswer(calls, text, layer, model), this);
        return new AnswerGate.Verdicts(
                ruling.calls().stream()
                        .map(call ->
                                new AnswerGate.Verdict(
                                        call.callId(), call.answer(), call.by(), call.told()))
                        .toList(),
                ruling.planFirst());
    }

    // Told by the rooms -------------------------------------------------------------------------

    private void agentEnded(int exitCode, String why) {
        Thread.ofVirtual()
                .name("ended-" + id())
                .start(() ->
                        quietly(
                                "the agent's end",
                                () -> {
                                    life.lockInterruptibly();
                                    try {
                                        log.record(new Fact.AgentEnded(exitCode, why));
                                        recordBudget();
                                        collect();
                                        if (standing.state() == SessionState.RUNNING) {
                                            enter(
                                                    SessionState.REVIEW,
                                                    exitCode == 0 ? null : crashed(why),
                                                    why);
                                        }
                                    } finally {
                                        life.unlock();
                                    }
                                }));
    }

    /// What the run cost the developer's attention is on record where the run ends.
    private void recordBudget() {
        ApprovalBudget budget = log.budget();
        if (budget.prompts() + budget.covered() > 0) {
            notice("info", "approvals", budget.sentence());
        }
    }

    /// An agent that ended otherwise than by ending its turn: what is kept, and the next step.
    private String crashed(String why) {
        return "The agent ended by itself. %s What it made is staged. Give it work again: countersign session send %s TEXT. Go back to before: countersign checkpoint restore %s start."
                .formatted(why, id(), id());
    }

    private void vmEnded(String why) {
        Thread.ofVirtual()
                .name("vm-ended-" + id())
                .start(() ->
                        quietly(
                                "the VM's end",
                                () -> {
                                    life.lockInterruptibly();
                                    try {
                                        unwatch();
                                        revokeCredentials("the VM ended");
                                        closeListeners();
                                        String said =
                                                "The VM ended by itself: %s. What was staged is kept; what the guest had beside it is on the VM's disk. Start it again: countersign session resume %s."
                                                        .formatted(why, id());
                                        notice("error", "vm", said);
                                        if (log.projection().agentRunning()) {
                                            log.record(new Fact.AgentEnded(255, "the VM ended"));
                                        }
                                        if (standing.state() != SessionState.FAILED) {
                                            enter(SessionState.REVIEW, said, why);
                                        }
                                    } finally {
                                        life.unlock();
                                    }
                                }));
    }

    private void collect() throws InterruptedException {
        try {
            workspace.collect();
        } catch (CountersignException e) {
            notice("warning", "workspace", "Not all could be collected: " + e.getMessage());
        }
    }

    // Asked by the developer --------------------------------------------------------------------

    /// Gives the agent a further message. Ends the plan's approval. An agent that ended is started
    /// again and goes on where it was.
    public void send(GuestText text) throws CountersignException {
        holding(() -> {
            require(SessionState.RUNNING, SessionState.REVIEW);
            Link link = link();
            log.record(new Fact.MessageSent(text));
            gate.messageSent(id());
            AgentRun run = agent;
            if (run != null && run.status(link).running()) {
                run.send(link, text);
            } else {
                startAgent(text, RunOptions.withModel(order.model()).resumed());
            }
        });
    }

    /// The agent's own terminal, for one developer at a time, until it is closed.
    public AgentTerminal attach() throws CountersignException {
        require(SessionState.RUNNING);
        AgentRun run = agent;
        if (run == null) {
            throw new CountersignException(
                    Kind.CONFLICT, "No agent runs in session %s.".formatted(id()));
        }
        AgentTerminal fresh = run.terminal(link());
        if (!terminal.compareAndSet(null, fresh)) {
            fresh.close();
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The terminal of session %s is shown to you elsewhere. Detach there first."
                            .formatted(id()));
        }
        fresh.onClose(() -> {
            if (terminal.compareAndSet(fresh, null)) {
                notice("info", "terminal", "You left the agent's own terminal.");
            }
        });
        notice(
                "info",
                "terminal",
                "You are at the agent's own terminal. What you type reaches it as it is and is not recorded.");
        return fresh;
    }

    private AgentTerminal attached() throws CountersignException {
        AgentTerminal now = terminal.get();
        if (now == null) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The terminal of session %s is not shown. Attach again: countersign session attach %s."
                            .formatted(id(), id()));
        }
        return now;
    }

    /// Types into the agent's terminal. A line is a message: what was planned before no longer
    /// holds.
    public void type(byte[] keys) throws CountersignException {
        AgentTerminal now = attached();
        for (byte key : keys) {
            if (key == '\r' || key == '\n') {
                gate.messageSent(id());
                break;
            }
        }
        now.type(keys);
    }

    /// Tells the agent how large its terminal is.
    public void resize(int columns, int rows) throws CountersignException {
        attached().resize(columns, rows);
    }

    /// Interrupts what the agent does.
    public void interrupt() throws CountersignException {
        holding(() -> {
            require(SessionState.RUNNING);
            AgentRun run = agent;
            if (run == null) {
                throw new CountersignException(
                        Kind.CONFLICT, "No agent runs in session %s.".formatted(id()));
            }
            run.interrupt(link());
            notice("info", "agent", "Interrupted by you.");
        });
    }

    /// Ends agent and VM; what was staged waits for review.
    public void stop() throws CountersignException {
        Thread thread = preparing;
        if (thread != null) {
            thread.interrupt();
            awaitEnd(thread);
            return;
        }
        holding(() -> {
            Vm machine = vm;
            AgentRun run = agent;
            unwatch();
            if (machine != null && machine.state() == VmState.RUNNING) {
                if (run != null && log.projection().agentRunning()) {
                    try {
                        run.stop(machine.link());
                    } catch (CountersignException e) {
                        notice("warning", "agent", e.getMessage());
                    }
                    log.record(new Fact.AgentEnded(0, "stopped by you"));
                }
                collect();
            }
            revokeCredentials("the session was stopped");
            closeListeners();
            rooms.approvals().voidAll(id(), epoch(), "The session was stopped.");
            if (machine != null) {
                machine.stop();
            }
            if (standing.state() != SessionState.FAILED) {
                enter(SessionState.REVIEW, null, "stopped by you");
            }
        });
    }

    /// Starts VM and agent of a stopped session again.
    public void resume() throws CountersignException {
        holding(() -> {
            require(SessionState.REVIEW);
            Vm machine = machine();
            if (machine.state() != VmState.STOPPED) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "The VM of session %s runs already. Give the agent work: countersign session send %s TEXT."
                                .formatted(id(), id()));
            }
            Optional<Fact.Restored> restore = unfinishedRestore();
            if (restore.isPresent()) {
                finish(machine, restore.get());
                takeUpAgent();
                return;
            }
            openListeners();
            machine.start(new StepLine());
            workspace.connect(machine.link());
            startAgent(order.task(), RunOptions.withModel(order.model()).resumed());
        });
    }

    /// The kill switch: nothing of it runs or reaches anything from here on. Waits for nobody.
    public void freeze(String why) throws CountersignException {
        Thread thread = preparing;
        if (thread != null) {
            thread.interrupt();
            awaitEnd(thread);
            return;
        }
        if (standing.state() == SessionState.FROZEN) {
            return;
        }
        revokeCredentials("the session was frozen");
        closeListeners();
        Vm machine = vm;
        if (machine != null && machine.state() == VmState.RUNNING) {
            machine.pause();
        }
        SessionState before = standing.state();
        log.record(new Fact.StateChanged(before, SessionState.FROZEN, why));
        save(standing.frozen(why));
    }

    /// Takes a frozen session up again.
    public void thaw() throws CountersignException {
        holding(() -> {
            require(SessionState.FROZEN);
            SessionState before = standing.beforeFreeze();
            Vm machine = vm;
            if (machine != null && machine.state() == VmState.PAUSED) {
                openListeners();
                machine.resume();
                workspace.connect(machine.link());
            }
            enter(before == null ? SessionState.REVIEW : before, null, "taken up again by you");
        });
    }

    /// Takes a checkpoint of VM and workspace.
    ///
    /// @param name for people; empty takes the time of day
    public CheckpointRecord checkpoint(String name, boolean automatic, String why)
            throws CountersignException {
        CheckpointRecord[] made = new CheckpointRecord[1];
        holding(() -> made[0] = takeCheckpoint(name, automatic, why));
        return java.util.Objects.requireNonNull(made[0]);
    }

    private CheckpointRecord takeCheckpoint(String name, boolean automatic, String why)
            throws CountersignException, InterruptedException {
        Vm machine = machine();
        Instant at = rooms.clock().instant();
        String id = "c" + Long.toString(at.toEpochMilli(), 36);
        String called = name.isBlank() ? CLOCK.format(at.atZone(ZoneId.systemDefault())) : name;
        CheckpointReport report;
        try (Workspace.Hold _ = workspace.hold()) {
            report = machine.checkpoint(id);
            try {
                workspace.mark(id);
            } catch (CountersignException e) {
                machine.dropCheckpoint(id);
                throw e;
            }
        }
        var entry =
                log.record(
                        new Fact.CheckpointTaken(
                                id, called, automatic, why, report.bytes(), report.took()));
        CheckpointRecord made =
                new CheckpointRecord(
                        id, called, automatic, why, at, epoch(), entry.seq(), report.bytes());
        save(standing.with(made));
        prune(machine);
        return made;
    }

    /// Keeps automatic checkpoints below the count and the size limit; never drops the first one, a
    /// named one or the newest.
    private void prune(Vm machine) throws CountersignException {
        List<CheckpointRecord> automatic =
                standing.checkpoints().stream()
                        .filter(c -> c.automatic() && !c.why().equals("start"))
                        .toList();
        long bytes = automatic.stream().mapToLong(CheckpointRecord::bytes).sum();
        int count = automatic.size();
        for (CheckpointRecord old : automatic) {
            if (count <= 1
                    || (count <= rooms.automaticCheckpoints()
                            && bytes <= rooms.checkpointBytes())) {
                return;
            }
            log.record(
                    new Fact.CheckpointDropped(
                            old.id(), old.name(), "automatic ones are kept up to a limit"));
            save(standing.without(old));
            dropState(machine, old.id());
            count--;
            bytes -= old.bytes();
        }
    }

    private void dropState(Vm machine, String checkpoint) throws CountersignException {
        machine.dropCheckpoint(checkpoint);
        workspace.dropMark(checkpoint);
    }

    /// An engine that was killed while it took or dropped a checkpoint left a half of one: state in
    /// the VM that nothing leads to, or a line that leads to nothing. One that is on record is
    /// whole and counts; anything else goes, and the record says so.
    private void settleCheckpoints(Vm machine) throws CountersignException {
        List<String> there = machine.checkpoints();
        for (CheckpointRecord known : standing.checkpoints()) {
            if (!there.contains(known.id())) {
                log.record(
                        new Fact.CheckpointDropped(
                                known.id(), known.name(), "its state is not in the VM any more"));
                save(standing.without(known));
                workspace.dropMark(known.id());
            }
        }
        for (String id : there) {
            if (standing.checkpoints().stream().noneMatch(known -> known.id().equals(id))) {
                Optional<CheckpointRecord> onRecord = log.checkpointOnRecord(id);
                if (onRecord.isPresent()) {
                    save(standing.with(onRecord.get()));
                } else {
                    notice(
                            "warning",
                            "checkpoint",
                            "A checkpoint was not finished when the engine ended. What there was of it is removed; those before it are whole.");
                    dropState(machine, id);
                }
            }
        }
    }

    private void checkpointBeforeRelease(String why)
            throws CountersignException, InterruptedException {
        life.lockInterruptibly();
        try {
            if (!log.projection().checkpointIsFresh()) {
                takeCheckpoint("", true, why);
            }
        } finally {
            life.unlock();
        }
    }

    /// Goes back to a checkpoint and opens a new epoch: what was decided before is void, what the
    /// agent made meanwhile stays staged, the host's edits stay the host's.
    public CheckpointRecord restore(String idOrName) throws CountersignException {
        CheckpointRecord[] chosen = new CheckpointRecord[1];
        holding(() -> {
            require(SessionState.RUNNING, SessionState.REVIEW);
            CheckpointRecord checkpoint = find(idOrName);
            goBack(machine(), checkpoint);
            chosen[0] = checkpoint;
        });
        return java.util.Objects.requireNonNull(chosen[0]);
    }

    private void goBack(Vm machine, CheckpointRecord checkpoint)
            throws CountersignException, InterruptedException {
        Instant begun = rooms.clock().instant();
        unwatch();
        try {
            workspace.beginRestore();
        } catch (CountersignException e) {
            notice(
                    "warning",
                    RESTORE,
                    "The guest could not be asked for its last changes: " + e.getMessage());
            workspace.beginRestoreWithoutCollecting();
        }
        SessionEgress proxy = network;
        // Before anything is void: what a guest asked now that is about to go back would stay open
        // in the new epoch, and nobody would come for the answer. Its relay waits for the load.
        closeListeners();
        int epoch = standing.epoch() + 1;
        List<String> voided =
                Stream.concat(
                                log.decidedSince(checkpoint.seq()).stream(),
                                gate.newEpoch(id(), epoch).stream())
                        .distinct()
                        .toList();
        log.record(
                new Fact.Restored(
                        checkpoint.id(), checkpoint.name(), epoch, voided, Duration.ZERO));
        save(standing.withEpoch(epoch));
        if (proxy != null) {
            try {
                proxy.newEpoch();
            } catch (CountersignException e) {
                notice("warning", RESTORE, "Hosts allowed once may still count: " + e.getMessage());
            }
        }
        load(machine, checkpoint.id(), checkpoint.name(), epoch, begun);
        takeUpAgent();
    }

    /// The second half of a restore, once its epoch is open and its listeners are closed. Opens
    /// them for the guest that is there afterwards, whichever that is.
    private void load(Vm machine, String checkpoint, String name, int epoch, Instant begun)
            throws CountersignException, InterruptedException {
        RestoreReport report;
        try {
            report = machine.restore(checkpoint);
        } catch (CountersignException e) {
            notice("error", RESTORE, "The restore failed: " + e.getMessage());
            openListeners();
            workspace.restoreFailed(machine.link());
            takeUpAgent();
            throw e;
        }
        openListeners();
        workspace.restored(checkpoint, epoch, machine.link());
        step(RESTORE, name + ", load " + report.load().toMillis() + " ms", begun);
    }

    /// A restore that an engine was killed in: its epoch is open, the base of the workspace is not
    /// moved, and nobody knows whether the guest was. It is done again, for what staging would see
    /// of a guest that went back alone is that the agent took everything back ([P3]).
    private Optional<Fact.Restored> unfinishedRestore() throws CountersignException {
        Optional<Fact.Restored> open =
                log.openRestore().filter(restored -> workspace.epoch() < restored.epoch());
        if (open.isPresent() && standing.epoch() < open.get().epoch()) {
            save(standing.withEpoch(open.get().epoch()));
        }
        return open;
    }

    private void finish(Vm machine, Fact.Restored restore)
            throws CountersignException, InterruptedException {
        notice(
                "warning",
                RESTORE,
                "The engine ended during the restore of checkpoint %s. It is done again."
                        .formatted(restore.name()));
        load(machine, restore.id(), restore.name(), restore.epoch(), rooms.clock().instant());
    }

    private CheckpointRecord find(String idOrName) throws CountersignException {
        List<CheckpointRecord> found =
                standing.checkpoints().stream()
                        .filter(c -> c.id().equals(idOrName) || c.name().equals(idOrName))
                        .toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        throw new CountersignException(
                Kind.USAGE,
                (found.isEmpty()
                                        ? "Session %s has no checkpoint %s."
                                        : "Session %s has several checkpoints named %s; name one by"
                                                + " its id.")
                                .formatted(id(), GuestText.of(idOrName).visible())
                        + " List them: countersign checkpoint list "
                        + id()
                        + ".");
    }

    /// Removes everything of it. Staged work that is neither applied nor rejected is a reason to
    /// refuse.
    void delete(boolean dropStaged) throws CountersignException {
        if (!dropStaged) {
            List<ReviewedFile> unapplied = workspace.unapplied();
            if (!unapplied.isEmpty()) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "Session %s has %d files with work that was neither applied nor rejected, the first is %s. Review it, or delete with --drop-staged."
                                .formatted(
                                        id(),
                                        unapplied.size(),
                                        unapplied.getFirst().path().visible()));
            }
        }
        Thread thread = preparing;
        if (thread != null) {
            thread.interrupt();
            awaitEnd(thread);
        }
        holding(() -> {
            unwatch();
            closeListeners();
            rooms.approvals().voidAll(id(), epoch(), "The session was deleted.");
            Vm machine = vm;
            if (machine != null) {
                machine.delete();
            } else {
                rooms.vms().remove(id());
            }
            vm = null;
            workspace.drop();
            rooms.keys().remove(keyName());
        });
    }

    // Life of the engine ------------------------------------------------------------------------

    /// Takes the session up where an earlier engine left it.
    void takeUp() throws CountersignException {
        holding(() -> {
            for (Map.Entry<Integer, Integer> lost : log.projection().ports().entrySet()) {
                log.record(new Fact.PortClosed(lost.getValue(), lost.getKey(), "the engine ended"));
            }
            switch (standing.state()) {
                case PREPARING -> {
                    rooms.vms().remove(id());
                    save(standing.withVm(false));
                    enter(
                            SessionState.FAILED,
                            "The engine ended while the session was being prepared. Nothing"
                                    + " was changed on the host. Start it again.",
                            "the engine ended while it was being prepared");
                }
                case RUNNING, REVIEW, FROZEN -> takeUpVm();
                case CLOSED, FAILED -> {
                    if (standing.vmKept()) {
                        rooms.vms().remove(id());
                        save(standing.withVm(false));
                    }
                }
            }
        });
    }

    private void takeUpVm() throws CountersignException, InterruptedException {
        if (!standing.vmKept()) {
            return;
        }
        boolean paused = standing.state() == SessionState.FROZEN;
        Optional<Fact.Restored> restore = unfinishedRestore();
        if (!paused && restore.isEmpty()) {
            openListeners();
        }
        Optional<Vm> found;
        try {
            found = rooms.vms().attach(id(), forwards(), log);
        } catch (CountersignException e) {
            closeListeners();
            notice("error", "vm", "The VM could not be taken up: " + e.getMessage());
            if (standing.state() == SessionState.RUNNING) {
                enter(SessionState.REVIEW, e.getMessage(), "its VM could not be taken up");
            }
            return;
        }
        if (found.isEmpty()) {
            closeListeners();
            save(standing.withVm(false));
            if (standing.state() != SessionState.REVIEW) {
                enter(
                        SessionState.REVIEW,
                        "Its VM is gone. What was staged before is kept and can be reviewed.",
                        "its VM is gone");
            }
            return;
        }
        Vm machine = found.get();
        adopt(machine);
        try {
            settleCheckpoints(machine);
        } catch (CountersignException e) {
            notice(
                    "warning",
                    "checkpoint",
                    "The checkpoints can't be looked at: " + e.getMessage());
        }
        if (machine.state() == VmState.RUNNING) {
            if (restore.isPresent()) {
                finish(machine, restore.get());
            } else {
                awaitLink(machine.link());
                workspace.connect(machine.link());
            }
            if (standing.agentStarted()) {
                takeUpAgent();
            }
            notice("info", "engine", "A new engine took the session up.");
        } else if (!paused) {
            closeListeners();
            if (standing.state() == SessionState.RUNNING) {
                enter(
                        SessionState.REVIEW,
                        "Its VM was not running any more. Start it again: countersign session resume %s."
                                .formatted(id()),
                        "its VM was not running any more");
            }
        }
    }

    /// A VM that was found again gets its link in the background.
    private void awaitLink(Link link) throws CountersignException, InterruptedException {
        CountDownLatch up = new CountDownLatch(1);
        link.onChange((isUp, _, _) -> {
            if (isUp) {
                up.countDown();
            }
        });
        if (!link.up() && !up.await(LINK_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new CountersignException(
                    Kind.TIMEOUT,
                    "The VM of session %s runs, but no link to it came up within %d s. What was staged is kept. Stop it and start it again: countersign session stop %s."
                            .formatted(id(), LINK_PATIENCE.toSeconds(), id()));
        }
    }

    /// Finds the agent that runs in the guest now, which after a restore may be another than
    /// before.
    private void takeUpAgent() throws CountersignException {
        Link link = link();
        AgentRun run;
        AgentRun.Status status;
        try {
            run = AgentRun.attach(link, profile());
            status = run.status(link);
        } catch (CountersignException e) {
            if (e.kind() == Kind.MISSING) {
                // The checkpoint is from before the agent's start: it is started as it was then.
                startAgent(order.task(), RunOptions.withModel(order.model()));
                return;
            }
            throw e;
        }
        boolean wasRunning = log.projection().agentRunning();
        if (status.running()) {
            if (!wasRunning) {
                log.record(
                        new Fact.AgentStarted(
                                profile().name(),
                                GuestText.of(profile().version()),
                                GuestText.of("taken up in the guest")));
            }
            if (standing.state() == SessionState.REVIEW) {
                enter(SessionState.RUNNING, null, "the agent runs");
            }
            follow(run);
        } else {
            agent = run;
            if (wasRunning) {
                agentEnded(status.exitCode(), status.why());
            }
        }
    }

    /// Lets go of everything without ending it: VM and agent run on, held calls stay held.
    void close() {
        unwatch();
        closeListeners();
        workspace.close();
        log.journal().close();
    }

    // Small print -------------------------------------------------------------------------------

    private void closeListeners() {
        ports.closeAll("the session does not run any more");
        ModelGateway old = gateway;
        if (old != null) {
            old.close();
        }
        gateway = null;
        SessionEgress network = this.network;
        if (network != null) {
            network.close();
        }
        this.network = null;
    }

    private Vm machine() throws CountersignException {
        Vm machine = vm;
        if (machine == null) {
            throw new CountersignException(
                    Kind.CONFLICT, "Session %s has no VM any more.".formatted(id()));
        }
        return machine;
    }

    private Link link() throws CountersignException {
        return machine().link();
    }

    private void require(SessionState... states) throws CountersignException {
        SessionState now = standing.state();
        if (!List.of(states).contains(now)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Session %s is %s. %s"
                            .formatted(
                                    id(),
                                    now.word(),
                                    switch (now) {
                                        case FROZEN ->
                                                "Take it up again: countersign session thaw "
                                                        + id()
                                                        + ".";
                                        case PREPARING -> "Wait until it runs.";
                                        case FAILED -> "Delete it and start another.";
                                        case RUNNING -> "Stop it first.";
                                        case REVIEW, CLOSED -> "Its agent does not run.";
                                    }));
        }
    }

    private void enter(SessionState next, @Nullable String reason, String why)
            throws CountersignException {
        SessionState before = standing.state();
        if (before != next) {
            log.record(new Fact.StateChanged(before, next, why));
        }
        save(standing.in(next, reason));
    }

    private void save(Standing next) throws CountersignException {
        standing = next;
        file.write(order, next);
        changed.run();
    }

    private void failed(String why) {
        quietly(
                "a failed preparation",
                () -> {
                    life.lock();
                    try {
                        closeListeners();
                        Vm machine = vm;
                        if (machine != null) {
                            machine.delete();
                            vm = null;
                        } else {
                            rooms.vms().remove(id());
                        }
                        save(standing.withVm(false));
                        enter(SessionState.FAILED, why, why);
                    } finally {
                        life.unlock();
                    }
                });
    }

    private void notice(String severity, String topic, String message) {
        quietly(topic, () -> log.record(new Fact.Noticed(severity, topic, message)));
    }

    private static void awaitEnd(Thread thread) throws CountersignException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "Interrupted while waiting.", e);
        }
    }

    /// A step of the session's life.
    @FunctionalInterface
    private interface Step {
        void run() throws CountersignException, InterruptedException;
    }

    private void holding(Step step) throws CountersignException {
        try {
            life.lockInterruptibly();
            try {
                step.run();
            } finally {
                life.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(
                    Kind.FAILED, "Session %s was interrupted on the way.".formatted(id()), e);
        }
    }

    /// For threads that have nobody to tell: what fails is logged, and the state stays as it was.
    private void quietly(String what, Step step) {
        try {
            step.run();
        } catch (CountersignException e) {
            LOG.warn("session {}: {} could not be handled", id(), what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Says a long step's parts once each, not every percent and not `(3 of 173)`.
    private final class StepLine implements Progress {
        private String last = "";

        @Override
        public void step(String what, int percent) {
            int counted = what.indexOf(" (");
            String part = counted > 0 ? what.substring(0, counted) : what;
            if (!part.equals(last)) {
                last = part;
                notice("info", "preparing", part);
            }
        }
    }
}
