package dev.countersign.cli;

import dev.countersign.api.Check;
import dev.countersign.api.Client;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.SessionId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `doctor`, `freeze`, `engine stop`.
final class EngineCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    EngineCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    void addTo(CommandLine root) {
        root.addSubcommand(new Doctor());
        root.addSubcommand(new Freeze());
    }

    @Command(
            name = "doctor",
            description = "What is present, missing or broken on this machine, and what to do.",
            mixinStandardHelpOptions = true)
    private final class Doctor implements Callable<Integer> {
        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                List<Check> checks = engine.doctor();
                if (json) {
                    checks.forEach(check -> terminal.say(Follow.json(check)));
                } else {
                    checks.forEach(this::say);
                }
                return checks.stream().anyMatch(check -> check.state().equals("missing")) ? 1 : 0;
            }
        }

        private void say(Check check) {
            String state = "%-8s".formatted(check.state());
            terminal.say(
                    (check.state().equals("ok") ? ink.good(state) : ink.bad(state))
                            + "%-14s".formatted(check.name())
                            + Ink.one(check.found()));
            if (!check.next().isEmpty()) {
                terminal.say("        → " + Ink.one(check.next()));
            }
        }
    }

    @Command(
            name = "freeze",
            description = "The kill switch: pauses VMs and cuts their links; nothing is lost.",
            mixinStandardHelpOptions = true)
    private final class Freeze implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION", arity = "0..1")
        private @Nullable SessionId session;

        @Option(names = "--all")
        private boolean all;

        @Override
        public Integer call() throws CountersignException {
            if (all == (session != null)) {
                throw new CountersignException(
                        Kind.USAGE, "Say what to freeze: one SESSION, or --all.");
            }
            try (Client engine = ports.connect()) {
                engine.freeze(Optional.ofNullable(session));
                terminal.say(
                        (session == null ? "All sessions are" : "Session " + session + " is")
                                + " frozen. `countersign session thaw ID` takes one up again.");
                return 0;
            }
        }
    }

    /// `engine …`.
    @Command(
            name = "engine",
            description = "The process that owns sessions and gateways.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    static final class Engine {
        private final Ports ports;

        Engine(Ports ports) {
            this.ports = ports;
        }

        @Command(name = "stop", description = "Ends the engine once nothing is active.")
        int stop() throws CountersignException {
            try (Client engine = ports.connectToRunning()) {
                engine.shutdown();
                ports.terminal().say("The engine ends.");
            } catch (CountersignException e) {
                if (e.kind() != Kind.MISSING) {
                    throw e;
                }
                ports.terminal().say("No engine runs.");
            }
            return 0;
        }
    }
}
