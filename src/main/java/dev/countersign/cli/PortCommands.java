package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.PortView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `port …`.
@Command(
        name = "port",
        description = "Ports of this machine that lead into a guest, such as to a dev server.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class PortCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    PortCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    @Command(name = "list", description = "What listens in the guest, and what leads there.")
    int list(
            @Parameters(paramLabel = "SESSION") SessionId session,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            List<PortView> all = engine.ports(session);
            if (json) {
                all.forEach(one -> terminal.say(Follow.json(one)));
                return 0;
            }
            ink.table(
                            List.of("GUEST", "THIS MACHINE", "LISTENS (AS THE GUEST SAYS)"),
                            all.stream()
                                    .map(one ->
                                            List.of(
                                                    Integer.toString(one.guestPort()),
                                                    place(one),
                                                    listens(one.process())))
                                    .toList())
                    .forEach(terminal::say);
            return 0;
        }
    }

    private static String place(PortView one) {
        return one.hostPort() == null ? "-" : "127.0.0.1:" + one.hostPort();
    }

    private static String listens(@Nullable GuestText process) {
        if (process == null) {
            return "nothing";
        }
        return process.raw().isEmpty() ? "something" : process.visible();
    }

    @Command(
            name = "open",
            description = "Lets a port of this machine's loopback lead to one of the guest's.")
    int open(
            @Parameters(paramLabel = "SESSION") SessionId session,
            @Parameters(paramLabel = "PORT") int guestPort,
            @Option(
                            names = "--host-port",
                            paramLabel = "PORT",
                            defaultValue = "0",
                            description = "Default: the same number, or a free one.")
                    int hostPort,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            PortView opened = engine.openPort(session, guestPort, hostPort);
            terminal.say(
                    json
                            ? Follow.json(opened)
                            : "%s leads to port %d in the guest. End it: countersign port close %s %d."
                                    .formatted(place(opened), guestPort, session, guestPort));
            return 0;
        }
    }

    @Command(name = "close", description = "Ends it, and what is open over it.")
    int close(
            @Parameters(paramLabel = "SESSION") SessionId session,
            @Parameters(paramLabel = "PORT") int guestPort)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.closePort(session, guestPort);
            terminal.say("Nothing leads to port %d in the guest any more.".formatted(guestPort));
            return 0;
        }
    }
}
