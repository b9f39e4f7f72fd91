package dev.countersign.app;

import dev.countersign.agent.AgentProfiles;
import dev.countersign.agent.GuestResources;
import dev.countersign.api.Check;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.egress.Credentials;
import dev.countersign.egress.Grants;
import dev.countersign.egress.HostCommand;
import dev.countersign.engine.Attention;
import dev.countersign.engine.CredentialDesk;
import dev.countersign.engine.EngineLife;
import dev.countersign.engine.EngineService;
import dev.countersign.engine.QuietHours;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Journals;
import dev.countersign.journal.Recorder;
import dev.countersign.platform.HostWatches;
import dev.countersign.platform.KeyStores;
import dev.countersign.platform.Notices;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Finding;
import dev.countersign.secrets.KeyStore;
import dev.countersign.secrets.PassphraseKeyStore;
import dev.countersign.secrets.Scanner;
import dev.countersign.session.Admission;
import dev.countersign.session.SessionOrder;
import dev.countersign.session.SessionRegister;
import dev.countersign.session.SessionRooms;
import dev.countersign.vm.GuestDisk;
import dev.countersign.vm.GuestFile;
import dev.countersign.vm.GuestKit;
import dev.countersign.vm.Progress;
import dev.countersign.vm.VmRegister;
import dev.countersign.vm.VmSettings;
import dev.countersign.vm.Vms;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.workspace.SecretFilter;
import dev.countersign.workspace.WorkspaceSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the engine together. Reading it shows which room gets which.
final class EngineAssembly {
    private static final int MEMORY_MIB = 2048;
    private static final int CPUS = 2;
    private static final int VM_LIMIT = 4;
    private static final int AUTOMATIC_CHECKPOINTS = 5;
    private static final long CHECKPOINT_BYTES = 8L << 30;
    private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(20);
    private static final Duration SCRIPT_PACE = Duration.ofMillis(20);

    private static final Logger LOG = LoggerFactory.getLogger(EngineAssembly.class);

    private final Home home;
    private final Map<String, String> environment;
    private final String version;
    private final String build;
    private final Clock clock = Clock.systemUTC();
    private final RandomGenerator random = new SecureRandom();
    private final Map<SessionId, Recorder> guests = new ConcurrentHashMap<>();

    EngineAssembly(Home home, Map<String, String> environment, String version, String build) {
        this.home = home;
        this.environment = environment;
        this.version = version;
        this.build = build;
    }

    /// Lets the approvals serve something that is no session, such as a gateway that stands alone.
    EngineAssembly withGuest(SessionId id, Recorder recorder) {
        guests.put(id, recorder);
        return this;
    }

    EngineLife.Parts assemble(Runnable end) throws CountersignException {
        KeyStore keys = new FileKeyStore(home.keys());
        Journals journals = Journals.open(home.root(), keys, clock);
        RiskRater risk = RiskRater.start();
        AtomicReference<SessionRegister> register = new AtomicReference<>();
        Approvals approvals =
                new Approvals(
                        home.sessions(),
                        id ->
                                Optional.ofNullable(guests.get(id))
                                        .orElseGet(() -> register.get().recorder(id)),
                        new SecondFactor(home.root().resolve("second-factor.json"), clock, random),
                        clock,
                        random);
        VmSettings vmSettings = VmSettings.under(home.root(), environment);
        Vms vms = new VmRegister(vmSettings, environment, clock);
        AgentProfiles agents = AgentImages.profiles(environment);
        AgentImages agentImages = new AgentImages(home, agents, environment);
        GuestImages images = agentImages.images();
        SessionRooms.Upstreams upstreams = new Providers(models(), SCRIPT_PACE, random, clock);
        Admission admission = new Admission(home.root(), Admission.ofThisMachine(), VM_LIMIT);
        Policies policies = new Policies(Home.config(environment), home.root(), risk, clock);
        KeyStore credentialKeys =
                KeyStores.ofThisSystem(
                        environment,
                        home.root(),
                        new PassphraseKeyStore(
                                home.root().resolve("credentials"), new SecureRandom()));
        Credentials credentials =
                Credentials.open(
                        home.root().resolve("credentials.json"),
                        credentialKeys,
                        new HostCommand(COMMAND_PATIENCE));
        SessionRooms rooms =
                new SessionRooms(
                        home.sessions(),
                        journals,
                        keys,
                        approvals,
                        risk,
                        policies::of,
                        vms,
                        new Images(agentImages),
                        kit(),
                        upstreams,
                        EngineAssembly::secretsOf,
                        HostWatches::ofThisSystem,
                        clock,
                        askTimeout(),
                        AUTOMATIC_CHECKPOINTS,
                        CHECKPOINT_BYTES,
                        agents,
                        Grants.open(home.root().resolve("egress-grants.json")),
                        credentials,
                        new HostCertificates(environment),
                        new DeveloperRegistries(
                                        Path.of(System.getProperty("user.home")),
                                        Path.of("/etc"),
                                        environment,
                                        clock)
                                ::known,
                        new DeveloperOrigins(
                                Path.of(System.getProperty("user.home")),
                                home.root().resolve("look"),
                                environment,
                                clock));
        register.set(new SessionRegister(rooms, admission, version));
        EngineService service =
                new EngineService(
                        register.get(),
                        approvals,
                        admission,
                        () -> look(vmSettings, images, keys),
                        new EngineService.Defaults(
                                Mode.CHECKPOINT,
                                DataClass.INTERNAL,
                                MEMORY_MIB,
                                CPUS,
                                new ModelChoice(models(), agents, environment),
                                policies::starting),
                        risk,
                        new EngineService.OwnPolicy(policies.file(), policies::own),
                        new CredentialDesk(credentials, credentialKeys),
                        version,
                        build,
                        end,
                        clock,
                        random);
        Attention attention =
                new Attention(
                        approvals::open,
                        id -> nameOf(service, id),
                        service::watchers,
                        Notices.ofThisSystem(environment),
                        QuietHours.of(environment.get("COUNTERSIGN_QUIET_HOURS")),
                        clock,
                        ZoneId.systemDefault(),
                        EngineAssembly::openWindow);
        approvals.onChange(attention::changed);
        service.onWatchers(attention::changed);
        return new EngineLife.Parts(
                register.get(), approvals, service, upstreams, risk, journals, attention);
    }

    private static String nameOf(EngineService service, SessionId id) {
        try {
            return service.session(id).name();
        } catch (CountersignException _) {
            // It is being deleted.
            return id.value();
        }
    }

    /// The window is a process of its own, in the desktop that the engine was started from.
    private static void openWindow(SessionId session) {
        List<String> command = new ArrayList<>(Program.windowCommand());
        command.add("--at");
        command.add(session.value());
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .getOutputStream()
                    .close();
        } catch (IOException e) {
            LOG.warn("The window was not opened", e);
        }
    }

    /// The image that the developer's settings name for the repository, with the agent in it.
    private record Images(AgentImages images) implements SessionRooms.Images {
        @Override
        public void demand(SessionOrder order) throws CountersignException {
            images.demand(order.agent(), order.directory());
        }

        @Override
        public GuestDisk find(SessionOrder order, Progress progress)
                throws CountersignException, InterruptedException {
            demand(order);
            Optional<GuestImage> found = images.find(order.agent(), order.directory());
            return disk(
                    found.isPresent()
                            ? found.get()
                            : images.build(
                                    images.needed(order.agent(), order.directory()),
                                    progress::step));
        }
    }

    static GuestDisk disk(GuestImage image) {
        return new GuestDisk(
                image.disk(),
                image.kernel(),
                image.initrd(),
                image.cmdline(),
                image.digest(),
                image.diskDigest(),
                image.kernelDigest());
    }

    /// What is in every guest before a session: the relay, the bundled agent and the files' helper.
    static GuestKit kit() throws CountersignException {
        List<GuestFile> files = new ArrayList<>();
        for (GuestResources.GuestFile file : GuestResources.files()) {
            files.add(new GuestFile(file.path(), file.mode(), file.bytes()));
        }
        files.add(
                new GuestFile(
                        WorkspaceSettings.HELPER,
                        0644,
                        resource("/dev/countersign/guest/helper.py")));
        return new GuestKit(files, GuestResources.setupScript());
    }

    private ModelSettings models() {
        return new ModelSettings(
                Home.config(environment),
                new FileKeyStore(home.keys()),
                environment,
                Clock.systemUTC());
    }

    private Duration askTimeout() {
        String minutes = environment.getOrDefault("COUNTERSIGN_ASK_TIMEOUT_MINUTES", "0");
        return minutes.matches("[0-9]{1,5}")
                ? Duration.ofMinutes(Long.parseLong(minutes))
                : Duration.ZERO;
    }

    private static SecretFilter secretsOf(Path root) {
        Scanner scanner = new Scanner();
        return (path, content) ->
                scanner.scan(path.value(), content, Scanner.Mode.BLOCK).stream()
                        .findFirst()
                        .map(EngineAssembly::reason);
    }

    private static String reason(Finding finding) {
        return "%s (line %d)".formatted(finding.rule(), finding.line());
    }

    private static byte[] resource(String name) throws CountersignException {
        try (InputStream in = EngineAssembly.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The program's file %s is missing. Build or install it again."
                                .formatted(name));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The program's file %s can't be read: %s.".formatted(name, e.getMessage()),
                    e);
        }
    }

    private List<Check> look(VmSettings settings, GuestImages images, KeyStore keys) {
        return new MachineDoctor(home, settings, environment, images, keys).look();
    }
}
