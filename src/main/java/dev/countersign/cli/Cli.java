package dev.countersign.cli;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The command line. Exit codes: 0 well, 1 a found problem or a failure, 2 wrong use.
///
/// ```java
/// int code = new Cli(ports).run("session", "list", "--json");
/// ```
public final class Cli {
    private static final Logger LOG = LoggerFactory.getLogger(Cli.class);

    private final Ports ports;

    /// A command line over these ports.
    public Cli(Ports ports) {
        this.ports = ports;
    }

    /// Runs one command to its end.
    ///
    /// @return the exit code
    public int run(String... args) {
        CommandLine line = commands();
        int code = line.execute(args);
        ports.terminal().out().flush();
        return code;
    }

    /// Everything without a verb: the window.
    @Command(
            name = "countersign",
            description =
                    "Lets AI coding agents work on a real repository, and countersigns what they do.",
            synopsisSubcommandLabel = "COMMAND",
            mixinStandardHelpOptions = true)
    private static final class Root implements Callable<Integer> {
        private final Ports ports;

        @Option(names = "--at", paramLabel = "SESSION", description = "Shows this session first.")
        private @Nullable SessionId session;

        Root(Ports ports) {
            this.ports = ports;
        }

        @Override
        public Integer call() throws CountersignException {
            WindowOpener window = ports.window();
            if (window == null) {
                throw new CountersignException(
                        CountersignException.Kind.MISSING,
                        "The window can't be opened here. Use a command; `countersign --help`"
                                + " lists them.");
            }
            return window.open(Optional.ofNullable(session));
        }
    }

    private CommandLine commands() {
        CommandLine root = new CommandLine(new Root(ports));
        CommandSpec spec = root.getCommandSpec();
        spec.versionProvider(new Version(ports.version()));
        root.addSubcommand(new SessionCommands(ports));
        root.addSubcommand(new ApprovalCommands(ports));
        root.addSubcommand(new CheckpointCommands(ports));
        root.addSubcommand(new CredentialCommands(ports));
        root.addSubcommand(new PortCommands(ports));
        root.addSubcommand(new EngineCommands.Engine(ports));
        new EngineCommands(ports).addTo(root);
        new ReviewCommands(ports).addTo(root);
        new ToolCommands(ports).addTo(root);
        if (ports.sample() != null) {
            root.addSubcommand(new TryCommand(ports, ports.sample()));
        }
        configure(root);
        return root;
    }

    private void configure(CommandLine root) {
        root.registerConverter(SessionId.class, SessionId::new);
        root.registerConverter(Digest.class, Digest::new);
        root.registerConverter(Mode.class, word(Mode.values(), Mode::word));
        root.registerConverter(Tier.class, word(Tier.values(), Tier::word));
        root.registerConverter(DataClass.class, word(DataClass.values(), DataClass::word));
        root.setOut(new PrintWriter(ports.terminal().out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(ports.terminal().err(), true, StandardCharsets.UTF_8));
        root.setColorScheme(
                CommandLine.Help.defaultColorScheme(
                        ports.terminal().colours()
                                ? CommandLine.Help.Ansi.ON
                                : CommandLine.Help.Ansi.OFF));
        root.setExpandAtFiles(false);
        root.setExecutionExceptionHandler((e, _, _) -> failed(e));
        root.setParameterExceptionHandler((e, args) -> wrongUse(e));
    }

    private static <T> ITypeConverter<T> word(T[] values, Function<T, String> word) {
        return text ->
                Arrays.stream(values)
                        .filter(value -> word.apply(value).equals(text))
                        .findFirst()
                        .orElseThrow(() ->
                                new TypeConversionException(
                                        "it is none of "
                                                + String.join(
                                                        ", ",
                                                        Arrays.stream(values).map(word).toList())));
    }

    private int wrongUse(CommandLine.ParameterException e) {
        CommandLine where = e.getCommandLine();
        complain(String.valueOf(e.getMessage()));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, where.getErr())) {
            where.getErr().println(where.getHelp().synopsis(0).strip());
            where.getErr()
                    .println(
                            "`" + where.getCommandSpec().qualifiedName() + " --help` explains it.");
        }
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception e) {
        if (e instanceof CountersignException known) {
            complain(known.getMessage());
            return known.kind() == CountersignException.Kind.USAGE
                    ? CommandLine.ExitCode.USAGE
                    : CommandLine.ExitCode.SOFTWARE;
        }
        LOG.error("a command failed by a bug", e);
        complain(
                "The command failed by an error of its own ("
                        + e.getClass().getSimpleName()
                        + "). Please report it with the log.");
        return CommandLine.ExitCode.SOFTWARE;
    }

    private void complain(String message) {
        ports.terminal().out().flush();
        ports.terminal().err().println("countersign: " + GuestText.of(message).visibleLines());
    }

    private record Version(String version) implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"countersign " + version};
        }
    }
}
