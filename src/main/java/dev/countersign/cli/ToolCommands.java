package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.EgressView;
import dev.countersign.api.VerifyView;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The verbs that need no engine. A verb whose port is absent is absent.
final class ToolCommands {
    private static final int LONGEST = 1024 * 1024;

    private final Ports ports;
    private final Terminal terminal;
    private final Tools tools;
    private final Ink ink;

    ToolCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.tools = ports.tools();
        this.ink = new Ink(terminal.colours());
    }

    void addTo(CommandLine root) {
        if (tools.classify() != null) {
            CommandLine classify = new CommandLine(new Classify(tools.classify()));
            classify.getCommandSpec()
                    .addOption(
                            OptionSpec.builder("--json")
                                    .type(boolean.class)
                                    .description("The only format; may be left out.")
                                    .build());
            root.addSubcommand(classify);
        }
        if (tools.scan() != null) {
            root.addSubcommand(new Scan(tools.scan()));
        }
        if (tools.redact() != null) {
            root.addSubcommand(new Redact(tools.redact()));
        }
        if (tools.policy() != null) {
            root.addSubcommand(new PolicyCommands(ports, tools.policy()));
        }
        if (tools.journals() != null) {
            root.addSubcommand(new Journal(tools.journals()));
        }
        if (tools.images() != null) {
            root.addSubcommand(new Images(tools.images()));
        }
        if (tools.agents() != null) {
            root.addSubcommand(new AgentCommands(tools.agents(), terminal));
        }
        if (tools.egress() != null) {
            root.addSubcommand(new Egress(tools.egress()));
        }
        if (tools.gateways() != null) {
            root.addSubcommand(new Gateway(tools.gateways()));
        }
        if (tools.providers() != null) {
            root.addSubcommand(new Providers(tools.providers()));
        }
    }

    @Command(
            name = "classify",
            description = "Rates calls: one JSON object a line in, one a line out.",
            mixinStandardHelpOptions = true)
    private final class Classify implements Callable<Integer> {
        private final Tools.Classify classify;

        Classify(Tools.Classify classify) {
            this.classify = classify;
        }

        @Override
        public Integer call() throws IOException {
            InputStream in = new BufferedInputStream(terminal.in());
            return answerLines(in, classify::answer);
        }
    }

    @Command(
            name = "scan",
            description = "Looks for secrets; exit code 1 when something is found.",
            mixinStandardHelpOptions = true)
    private final class Scan implements Callable<Integer> {
        private final Tools.Scan scan;

        @Option(names = "--mode", paramLabel = "block|redact", defaultValue = "block")
        private String mode = "block";

        @Option(names = "--json")
        private boolean json;

        @Parameters(paramLabel = "PATH", arity = "1..*")
        private List<Path> paths = List.of();

        Scan(Tools.Scan scan) {
            this.scan = scan;
        }

        @Override
        public Integer call() throws CountersignException {
            AtomicInteger found = new AtomicInteger();
            scan.scan(
                    paths,
                    mode(),
                    finding -> {
                        found.incrementAndGet();
                        terminal.say(
                                json
                                        ? Follow.json(finding)
                                        : "%s:%d:%d  %s"
                                                .formatted(
                                                        Ink.one(finding.path()),
                                                        finding.line(),
                                                        finding.start() + 1,
                                                        finding.rule()));
                    });
            return found.get() == 0 ? 0 : 1;
        }

        private Tools.ScanMode mode() throws CountersignException {
            return switch (mode) {
                case "block" -> Tools.ScanMode.BLOCK;
                case "redact" -> Tools.ScanMode.REDACT;
                default ->
                        throw new CountersignException(
                                Kind.USAGE, "--mode " + mode + " is unknown. Use block or redact.");
            };
        }
    }

    @Command(
            name = "redact",
            description = "Copies standard input to standard output with every secret marked.",
            mixinStandardHelpOptions = true)
    private final class Redact implements Callable<Integer> {
        private final Tools.Redact redact;

        Redact(Tools.Redact redact) {
            this.redact = redact;
        }

        @Override
        public Integer call() throws IOException {
            redact.redact(terminal.in(), terminal.out());
            terminal.out().flush();
            return 0;
        }
    }

    private int answerLines(InputStream in, Tools.Answers answers) throws IOException {
        for (String line = line(in); line != null; line = line(in)) {
            terminal.say(answers.answer(line));
            if (terminal.out().checkError()) {
                return 0;
            }
        }
        return 0;
    }

    /// The next line, or null at the end. What is longer than a MiB is cut, so it can't be read as
    /// JSON and gets the answer of a malformed line.
    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.size() < LONGEST) {
                line.write(c);
            }
            c = in.read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// `egress …`.
    @Command(
            name = "egress",
            description = "The network rules and the proxy alone.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    final class Egress {
        private final Tools.Egress egress;

        Egress(Tools.Egress egress) {
            this.egress = egress;
        }

        @Command(
                name = "check",
                description = "Decides about hosts: one JSON object a line in, one a line out.")
        int check(
                @Option(names = "--policy", paramLabel = "FILE", required = true) Path policy,
                @Option(names = "--json", description = "The only format; may be left out.")
                        boolean json)
                throws CountersignException, IOException {
            return answerLines(new BufferedInputStream(terminal.in()), egress.check(policy));
        }

        @Command(
                name = "list",
                description = "What a session's guest may reach now: preset, rules, your answers.")
        int list(
                @Parameters(paramLabel = "SESSION") SessionId session,
                @Option(names = "--json") boolean json)
                throws CountersignException {
            try (Client engine = ports.connect()) {
                EgressView view = engine.egress(session);
                if (json) {
                    terminal.say(Follow.json(view));
                    return 0;
                }
                terminal.say(
                        "preset %s, %d connections open"
                                .formatted(view.preset(), view.connections()));
                if (view.trouble() != null) {
                    terminal.say("nothing goes out: " + view.trouble());
                }
                view.rules()
                        .forEach(rule ->
                                terminal.say(
                                        "%-14s %s  (%s)"
                                                .formatted(
                                                        rule.verb(), rule.host(), rule.source())));
                view.granted()
                        .forEach(host ->
                                terminal.say(
                                        "%-14s %s  (your answer to %s, %s%s)"
                                                .formatted(
                                                        "allowed",
                                                        host.host(),
                                                        host.requestId(),
                                                        host.scope(),
                                                        host.until() == null
                                                                ? ""
                                                                : ", until " + host.until())));
                return 0;
            }
        }

        @Command(
                name = "revoke",
                description = "Takes back hosts that you allowed when asked, and cuts them.")
        int revoke(
                @Parameters(paramLabel = "SESSION") SessionId session,
                @Parameters(
                                paramLabel = "HOST[:PORT]",
                                arity = "0..1",
                                description = "Left out: with --all, everything.")
                        @Nullable String host,
                @Option(names = "--all") boolean all,
                @Option(names = "--json") boolean json)
                throws CountersignException {
            if (all == (host != null)) {
                throw new CountersignException(
                        CountersignException.Kind.USAGE,
                        "Name a host, or --all. `countersign egress list %s` shows them."
                                .formatted(session));
            }
            try (Client engine = ports.connect()) {
                List<EgressView.Host> gone = engine.revokeHosts(session, host == null ? "" : host);
                gone.forEach(one ->
                        terminal.say(json ? Follow.json(one) : "Taken back: " + one.host() + "."));
                return 0;
            }
        }

        @Command(
                name = "serve",
                description = "Runs the proxy, for any client; one JSON object per decision.")
        int serve(
                @Option(names = "--policy", paramLabel = "FILE", required = true) Path policy,
                @Option(names = "--listen", paramLabel = "ADDR:PORT", required = true)
                        String listen,
                @Option(
                                names = "--hosts",
                                paramLabel = "FILE",
                                description = "Lines \"address name\", in place of DNS.")
                        @Nullable Path hosts)
                throws CountersignException {
            egress.serve(
                    new Tools.EgressRequest(policy, listen, hosts),
                    line -> {
                        terminal.say(line);
                        terminal.out().flush();
                    });
            return 0;
        }
    }

    /// `journal …`.
    @Command(
            name = "journal",
            description = "Checks and exports the signed logs.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    final class Journal {
        private final Tools.Journals journals;

        Journal(Tools.Journals journals) {
            this.journals = journals;
        }

        @Command(name = "verify", description = "Says up to where a log is verified.")
        int verify(
                @Parameters(paramLabel = "SESSION|FILE", arity = "0..1") @Nullable String name,
                @Option(names = "--json") boolean json)
                throws CountersignException {
            List<Tools.Verified> all = journals.verify(Optional.ofNullable(name));
            for (Tools.Verified one : all) {
                terminal.say(json ? Follow.json(one) : verified(ink, one.name(), one.outcome()));
            }
            if (all.isEmpty() && !json) {
                terminal.say("There is no log yet.");
            }
            return all.stream().allMatch(one -> one.outcome().ok()) ? 0 : 1;
        }

        @Command(name = "export", description = "Writes a session's log to standard output.")
        int export(
                @Parameters(paramLabel = "SESSION") SessionId session,
                @Option(names = "--format", defaultValue = "jsonl") String format)
                throws CountersignException, IOException {
            if (!journals.formats().contains(format)) {
                throw new CountersignException(
                        Kind.USAGE,
                        "--format "
                                + format
                                + " is unknown. Use "
                                + String.join(" or ", journals.formats())
                                + ".");
            }
            journals.export(session, format, terminal.out());
            terminal.out().flush();
            return 0;
        }
    }

    static String verified(Ink ink, String name, VerifyView outcome) {
        String problem = outcome.problem();
        return "%s  %s: %s, verified to %s, anchor %s%s"
                .formatted(
                        outcome.ok() ? ink.good("good") : ink.bad("BAD "),
                        Ink.one(name),
                        outcome.entries() == 1 ? "1 entry" : outcome.entries() + " entries",
                        outcome.verifiedTo() < 0 ? "none" : "entry " + outcome.verifiedTo(),
                        Ink.one(outcome.anchor()),
                        problem == null ? "" : "; " + GuestText.of(problem).visible());
    }

    /// `image …`.
    @Command(
            name = "image",
            description = "Guest images.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    final class Images {
        private final Tools.Images images;

        Images(Tools.Images images) {
            this.images = images;
        }

        @Command(name = "list", description = "All images, newest first.")
        int list(@Option(names = "--json") boolean json) throws CountersignException {
            List<Tools.Image> all = images.list();
            if (json) {
                all.forEach(image -> terminal.say(Follow.json(image)));
            } else if (all.isEmpty()) {
                terminal.say("No images. `countersign image build` makes one.");
            } else {
                ink.table(
                                List.of("ID", "WITH", "SIZE", "CREATED"),
                                all.stream().map(ToolCommands::row).toList())
                        .forEach(terminal::say);
            }
            return 0;
        }

        @Command(name = "build", description = "Builds an image, or finds it built.")
        int build(
                @Option(names = "--with", split = ",", paramLabel = "jdk,maven,go,rust")
                        @Nullable List<String> with,
                @Option(names = "--agents", split = ",", paramLabel = "NAME")
                        @Nullable List<String> agents,
                @Option(
                                names = "--in-vm",
                                description =
                                        "Build in a virtual machine, as where this system gives no user name spaces. Takes longer.")
                        boolean inVm,
                @Option(names = "--json") boolean json)
                throws CountersignException {
            Tools.Image built =
                    images.build(
                            Objects.requireNonNullElse(with, List.of()),
                            Objects.requireNonNullElse(agents, List.of()),
                            inVm,
                            progress ->
                                    terminal.say(
                                            json
                                                    ? Follow.json(progress)
                                                    : "%3d %%  %s"
                                                            .formatted(
                                                                    progress.percent(),
                                                                    Ink.one(progress.step()))));
            terminal.say(
                    json
                            ? Follow.json(built)
                            : "Image %s, %s.".formatted(built.id(), Ink.size(built.bytes())));
            return 0;
        }
    }

    private static List<String> row(Tools.Image image) {
        return List.of(
                image.id(),
                image.with().isEmpty() ? "-" : String.join(",", image.with()),
                Ink.size(image.bytes()),
                image.created());
    }

    /// `provider …`.
    @Command(
            name = "provider",
            description = "The models' providers.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    final class Providers {
        private static final int LONGEST_KEY = 16 * 1024;

        private final Tools.Providers providers;

        Providers(Tools.Providers providers) {
            this.providers = providers;
        }

        @Command(
                name = "add",
                description =
                        "Sets one up. Its key is read from standard input, unless it is named by"
                                + " --key-from-env or --no-key.")
        int add(
                @Parameters(paramLabel = "NAME") String name,
                @Option(names = "--kind", required = true, paramLabel = "anthropic|openai|gemini")
                        String kind,
                @Option(names = "--url", required = true, paramLabel = "URL") String url,
                @Option(names = "--key-from-env", paramLabel = "VARIABLE")
                        @Nullable String variable,
                @Option(names = "--no-key", description = "For local models.") boolean noKey,
                @Option(
                                names = "--model",
                                paramLabel = "NAME",
                                description = "What agents ask where a session names no model.")
                        @Nullable String model)
                throws CountersignException, IOException {
            boolean stored = variable == null && !noKey;
            String key = stored ? key() : null;
            String kept =
                    providers.add(
                            new Tools.Provider(name, kind, url, variable, stored, model), key);
            terminal.say("Provider %s is set up. %s".formatted(name, kept).strip());
            return 0;
        }

        private String key() throws CountersignException, IOException {
            byte[] given = terminal.in().readNBytes(LONGEST_KEY);
            String key = new String(given, StandardCharsets.UTF_8).strip();
            if (key.isEmpty() || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new CountersignException(
                        CountersignException.Kind.USAGE,
                        "The key on standard input is empty or has characters that no key has."
                                + " Pipe it in, name a variable with --key-from-env, or say"
                                + " --no-key.");
            }
            return key;
        }

        @Command(name = "list", description = "All that are set up; never a key.")
        int list(@Option(names = "--json") boolean json) throws CountersignException {
            for (Tools.Provider provider : providers.list()) {
                terminal.say(
                        json
                                ? Follow.json(provider)
                                : "%-16s %-10s %s  key: %s%s"
                                        .formatted(
                                                provider.name(),
                                                provider.kind(),
                                                provider.url(),
                                                provider.variable() != null
                                                        ? "$" + provider.variable()
                                                        : provider.stored() ? "stored" : "none",
                                                provider.model() == null
                                                        ? ""
                                                        : "  model: " + Ink.one(provider.model())));
            }
            return 0;
        }

        @Command(
                name = "model",
                description =
                        "Which model agents ask there where a session names none; without MODEL"
                                + " each asks its own default.")
        int model(
                @Parameters(paramLabel = "NAME") String name,
                @Parameters(paramLabel = "MODEL", arity = "0..1") @Nullable String model)
                throws CountersignException {
            providers.model(name, model);
            terminal.say(
                    model == null
                            ? "Agents ask %s for their own default.".formatted(name)
                            : "Agents ask %s for %s.".formatted(name, model));
            return 0;
        }

        @Command(
                name = "records",
                description =
                        "Which class of data may go where, by data-policy.yaml; exit code 1 if a"
                                + " record does not count.")
        int records(
                @Option(names = "--file", paramLabel = "FILE") @Nullable Path file,
                @Option(names = "--example", description = "Prints a filled file.") boolean example,
                @Option(names = "--json") boolean json)
                throws CountersignException {
            if (example) {
                terminal.say(providers.exampleRecords().stripTrailing());
                return 0;
            }
            Tools.DataRecords policy = providers.records(file);
            boolean bad =
                    !policy.findings().isEmpty()
                            || policy.records().stream().anyMatch(record -> !record.counts());
            if (json) {
                terminal.say(Follow.json(policy));
                return bad ? 1 : 0;
            }
            policy.findings()
                    .forEach(f ->
                            terminal.say(
                                    "%s:%d  %s  %s"
                                            .formatted(
                                                    Ink.one(policy.file()),
                                                    f.line(),
                                                    f.severity(),
                                                    Ink.one(f.message()))));
            if (!policy.present()) {
                terminal.say(
                        "%s does not exist: models on this machine may have all data, the known"
                                        .formatted(Ink.one(policy.file()))
                                + " providers public and internal data, others none.");
            }
            ink.table(
                            List.of(
                                    "PROVIDER",
                                    "PROCESSOR",
                                    "REGION",
                                    "CLASSES",
                                    "REVIEWED",
                                    "COUNTS"),
                            policy.records().stream()
                                    .map(record ->
                                            List.of(
                                                    Ink.one(record.provider()),
                                                    Ink.one(record.processor()),
                                                    Ink.one(record.region()),
                                                    String.join(",", record.classes()),
                                                    record.reviewedOn(),
                                                    record.counts()
                                                            ? "until " + record.due()
                                                            : "no"))
                                    .toList())
                    .forEach(terminal::say);
            return bad ? 1 : 0;
        }

        @Command(name = "remove", description = "Removes one and its key.")
        int remove(@Parameters(paramLabel = "NAME") String name) throws CountersignException {
            providers.remove(name);
            terminal.say("Provider %s and its key are removed.".formatted(name));
            return 0;
        }
    }

    /// `gateway …`.
    @Command(
            name = "gateway",
            description = "The model gateway alone.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    final class Gateway {
        private final Tools.Gateways gateways;

        Gateway(Tools.Gateways gateways) {
            this.gateways = gateways;
        }

        @Command(
                name = "serve",
                description = "Serves until Ctrl-C; the first line says where, and the token.")
        int serve(
                @Option(names = "--provider", required = true) String provider,
                @Option(names = "--upstream", required = true, paramLabel = "URL") String upstream,
                @Option(names = "--listen", required = true, paramLabel = "ADDR:PORT")
                        String listen,
                @Option(names = "--policy", paramLabel = "FILE") @Nullable Path policy,
                @Option(names = "--json", description = "The only format; may be left out.")
                        boolean json)
                throws CountersignException {
            Thread serving = Thread.currentThread();
            try (Interrupts.Armed _ = ports.interrupts().onInterrupt(serving::interrupt)) {
                gateways.serve(
                        new Tools.GatewayRequest(provider, upstream, listen, policy),
                        line -> {
                            terminal.say(line);
                            terminal.out().flush();
                        });
            }
            return 0;
        }
    }
}
