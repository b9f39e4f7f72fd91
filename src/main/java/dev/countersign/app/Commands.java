package dev.countersign.app;

import dev.countersign.agent.AgentProfile;
import dev.countersign.agent.AgentProfiles;
import dev.countersign.agent.Tour;
import dev.countersign.api.Client;
import dev.countersign.api.ConnectionListener;
import dev.countersign.api.EngineLauncher;
import dev.countersign.api.StartRequest;
import dev.countersign.api.VerifyView;
import dev.countersign.app.tools.Tools;
import dev.countersign.cli.Cli;
import dev.countersign.cli.Interrupts;
import dev.countersign.cli.Ports;
import dev.countersign.cli.Terminal;
import dev.countersign.cli.tour.SampleRepository;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.policy.PolicyCheck;
import dev.countersign.gate.risk.Classifier;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.JournalExport;
import dev.countersign.journal.JournalVerifier;
import dev.countersign.journal.Journals;
import dev.countersign.journal.Verification;
import dev.countersign.platform.NativePrompts;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import dev.countersign.secrets.Scanner;
import dev.countersign.ui.Window;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.vm.image.ImageSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts command line and window together: both are clients of the engine, and the verbs that need
/// no engine get their rooms here.
final class Commands {
    private final Home home;
    private final Map<String, String> environment;
    private final EngineLauncher engine;

    Commands(Home home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
        this.engine =
                new EngineLauncher(
                        home.root(),
                        Program::engineCommand,
                        Optional.of(Program.build()),
                        EngineLauncher.DEADLINE);
    }

    /// Runs one command to its end and returns its exit code.
    int run(String[] args) {
        Ports ports =
                new Ports(
                        engine,
                        tools(),
                        sample(),
                        this::openWindow,
                        Terminal.ofProcess(environment),
                        Interrupts.ofProcess(),
                        Clock.systemUTC(),
                        System::nanoTime,
                        Path.of(System.getProperty("user.home")),
                        Program.version());
        return new Cli(ports).run(args);
    }

    private Tools tools() {
        return new Tools(
                line -> new Classifier(rater()).classifyLine(line),
                Commands::scan,
                (in, out) -> new Redactor().redact(in, out),
                file -> new PolicyCheck(rater()).check(file).stream().map(Policies::found).toList(),
                new Logs(),
                new Images(),
                new GatewayAlone(home, environment),
                models(),
                new Agents(),
                new EgressTool(this::rater));
    }

    private ModelSettings models() {
        return new ModelSettings(
                Home.config(environment),
                new FileKeyStore(home.keys()),
                environment,
                Clock.systemUTC());
    }

    private @Nullable RiskRater rater;

    /// One parser child for all lines of a command.
    private RiskRater rater() {
        RiskRater running = rater;
        if (running == null) {
            running = RiskRater.start();
            rater = running;
        }
        return running;
    }

    private static void scan(List<Path> paths, Tools.ScanMode mode, Consumer<Tools.Finding> found)
            throws CountersignException {
        Scanner scanner = new Scanner();
        Scanner.Mode how =
                switch (mode) {
                    case BLOCK -> Scanner.Mode.BLOCK;
                    case REDACT -> Scanner.Mode.REDACT;
                };
        for (Path path : paths) {
            scanner.scan(path, how)
                    .forEach(finding ->
                            found.accept(
                                    new Tools.Finding(
                                            finding.path(),
                                            finding.line(),
                                            finding.start(),
                                            finding.end(),
                                            finding.rule())));
        }
    }

    private static SampleRepository sample() {
        return new SampleRepository() {
            @Override
            public void copyTo(Path directory) throws CountersignException {
                Tour.copyTo(directory);
            }

            @Override
            public List<String> hostTestCommand() {
                return List.of(
                        "sh",
                        "-c",
                        String.join(
                                " && ",
                                Tour.tests().stream()
                                        .map(argv -> String.join(" ", argv))
                                        .toList()));
            }

            @Override
            public String task() {
                return Tour.TASK;
            }

            @Override
            public Expected expected() {
                return new Expected(
                        List.of(new RelativePath(Tour.markers().high())),
                        new RelativePath(Tour.markers().forbidden()),
                        new RelativePath("billing/money.py"),
                        "example.com");
            }
        };
    }

    private int openWindow(Optional<SessionId> session) throws CountersignException {
        LaunchOptions options =
                new LaunchOptions(
                        Program.version(),
                        home.root().resolve("window.json"),
                        choices(),
                        Commands::prepareSample,
                        session.orElse(null),
                        NativePrompts.ofThisSystem(),
                        _ -> {});
        try {
            Window.launch(this::connect, options);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private Client connect(Runnable onLost) throws CountersignException {
        Client client = Client.connect(engine);
        client.onConnection(
                new ConnectionListener() {
                    @Override
                    public void connected() {}

                    @Override
                    public void disconnected(String why) {
                        onLost.run();
                    }
                });
        return client;
    }

    /// Agents that a guest image here has; the others are named by `countersign agent list`.
    private List<LaunchOptions.Choice> agentChoices() throws CountersignException {
        List<LaunchOptions.Choice> choices = new ArrayList<>();
        for (Tools.Agent agent : new Agents().list()) {
            if (agent.image()) {
                choices.add(
                        new LaunchOptions.Choice(
                                agent.name(),
                                agent.title(),
                                agent.source().equals("bundled")
                                        ? "the bundled agent"
                                        : agent.version()));
            }
        }
        return choices;
    }

    private LaunchOptions.Choices choices() throws CountersignException {
        List<LaunchOptions.Choice> providers = new ArrayList<>();
        try {
            for (Tools.Provider provider : models().list()) {
                providers.add(
                        new LaunchOptions.Choice(
                                provider.name(),
                                provider.name(),
                                provider.variable() == null && !provider.stored()
                                        ? "without a key"
                                        : "your key stays on the host"));
            }
        } catch (CountersignException e) {
            System.err.println(e.getMessage());
        }
        providers.add(scripted());
        return new LaunchOptions.Choices(agentChoices(), providers, networks());
    }

    private static List<LaunchOptions.Choice> networks() {
        return List.of(
                new LaunchOptions.Choice(
                        "policy", "As your policy says", "no network if it says nothing"),
                new LaunchOptions.Choice("locked", "No network", "only what your policy names"),
                new LaunchOptions.Choice("packages", "Ask", "you are asked about each new host"),
                new LaunchOptions.Choice("web", "Web", "every public host, by name"));
    }

    private static LaunchOptions.Choice scripted() {
        return new LaunchOptions.Choice(
                "scripted:tour", "Scripted model", "follows the tour; needs no key");
    }

    private static StartRequest prepareSample() throws CountersignException {
        Path directory =
                dev.countersign.cli.tour.Tour.freeName(
                        Path.of(System.getProperty("user.home"), "countersign-tour"));
        Tour.copyTo(directory);
        return dev.countersign.cli.tour.Tour.request(directory, "mini", Tour.TASK);
    }

    /// Logs, read without the engine.
    private final class Logs implements Tools.Journals {
        @Override
        public List<Tools.Verified> verify(Optional<String> sessionOrFile)
                throws CountersignException {
            List<Verification> found =
                    sessionOrFile.isPresent()
                            ? List.of(JournalVerifier.verify(log(sessionOrFile.get())))
                            : JournalVerifier.verifyAll(home.root());
            return found.stream()
                    .map(one ->
                            new Tools.Verified(
                                    one.log(),
                                    new VerifyView(
                                            one.ok(),
                                            one.entries(),
                                            one.verifiedTo(),
                                            one.problem(),
                                            one.anchor())))
                    .toList();
        }

        /// A session's log by its id, else whatever lies at that path.
        private Path log(String sessionOrFile) throws CountersignException {
            if (sessionOrFile.matches("[a-z0-9][a-z0-9-]{1,19}")) {
                Path log = Journals.directory(home.root(), new SessionId(sessionOrFile));
                if (Files.isDirectory(log)) {
                    return log;
                }
            }
            Path path = Path.of(sessionOrFile);
            if (!Files.exists(path)) {
                throw new CountersignException(
                        Kind.USAGE,
                        "There is no session and no file %s. List sessions: countersign session list."
                                .formatted(sessionOrFile));
            }
            return path;
        }

        @Override
        public void export(SessionId session, String format, OutputStream out)
                throws CountersignException, IOException {
            JournalExport.export(log(session.value()), JournalExport.Format.of(format), out);
        }

        @Override
        public List<String> formats() {
            return Arrays.stream(JournalExport.Format.values())
                    .map(format -> format.name().toLowerCase(Locale.ROOT))
                    .toList();
        }
    }

    /// Guest images, built without the engine.
    private final class Images implements Tools.Images {
        @Override
        public List<Tools.Image> list() throws CountersignException {
            return GuestImages.under(home.root(), environment).list().stream()
                    .map(Images::of)
                    .toList();
        }

        @Override
        public Tools.Image build(
                List<String> with,
                List<String> agents,
                boolean inVm,
                Consumer<Tools.Progress> progress)
                throws CountersignException {
            Map<String, String> own = new HashMap<>(environment);
            if (inVm) {
                own.put(GuestImages.IN_MACHINE, "yes");
            }
            try {
                return of(
                        new AgentImages(home, AgentImages.profiles(environment), own)
                                .build(
                                        new ImageSettings(with, List.of()),
                                        agents,
                                        (what, percent) ->
                                                progress.accept(
                                                        new Tools.Progress(percent, what))));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CountersignException(
                        Kind.FAILED, "The build was interrupted. Nothing of it is left.", e);
            }
        }

        private static Tools.Image of(GuestImage image) {
            return new Tools.Image(
                    image.digest().brief(),
                    Stream.concat(
                                    image.settings().toolchains().stream(),
                                    image.settings().agents().stream()
                                            .map(agent -> agent.name() + "@" + agent.version()))
                            .toList(),
                    image.diskBytes(),
                    image.built().toString());
        }
    }

    /// Coding agents: their profiles and the images that have them.
    private final class Agents implements Tools.Agents {
        private final AgentProfiles profiles = AgentImages.profiles(environment);
        private final AgentImages images = new AgentImages(home, profiles, environment);

        @Override
        public List<Tools.Agent> list() throws CountersignException {
            List<GuestImage> built = images.images().list();
            List<Tools.Agent> all = new ArrayList<>();
            for (AgentProfile profile : profiles.all()) {
                all.add(of(profile, built));
            }
            return all;
        }

        private static Tools.Agent of(AgentProfile profile, List<GuestImage> built) {
            AgentProfile.Program program = profile.program();
            boolean inImage =
                    program == null
                            || program.packages().isEmpty()
                            || built.stream()
                                    .flatMap(image -> image.settings().agents().stream())
                                    .anyMatch(agent ->
                                            agent.name().equals(profile.name())
                                                    && agent.version().equals(profile.version()));
            return new Tools.Agent(
                    profile.name(),
                    profile.title(),
                    profile.version(),
                    program == null ? profile.version() : program.floor().toString(),
                    program == null ? "messages" : program.wire(),
                    profile.gate(),
                    program == null ? "bundled" : program.bundled() ? "countersign" : "own",
                    inImage);
        }

        @Override
        public Tools.Agent add(Path profile) throws CountersignException {
            return of(profiles.add(profile), images.images().list());
        }

        @Override
        public void remove(String name) throws CountersignException {
            profiles.remove(name);
        }

        @Override
        public boolean ready(String name, Path repository) throws CountersignException {
            return images.needed(name, repository).agents().isEmpty()
                    || images.find(name, repository).isPresent();
        }

        @Override
        public void prepare(String name, Path repository, Consumer<Tools.Progress> progress)
                throws CountersignException {
            try {
                images.build(
                        images.needed(name, repository),
                        (what, percent) -> progress.accept(new Tools.Progress(percent, what)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CountersignException(
                        Kind.FAILED, "The build was interrupted. Nothing of it is left.", e);
            }
        }
    }
}
