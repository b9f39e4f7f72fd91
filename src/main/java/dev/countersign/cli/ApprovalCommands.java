package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/// `approvals …`.
@Command(
        name = "approvals",
        description = "Shows and answers the requests that wait.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ApprovalCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    ApprovalCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    /// A request and the digest of what was shown of it ([P4]).
    record Shown(String id, Digest digest) {
        static final class Reader implements ITypeConverter<Shown> {
            @Override
            public Shown convert(String text) {
                int at = text.lastIndexOf('@');
                try {
                    if (at > 0) {
                        return new Shown(text.substring(0, at), new Digest(text.substring(at + 1)));
                    }
                } catch (IllegalArgumentException e) {
                    throw new TypeConversionException("what follows @ is " + e.getMessage());
                }
                throw new TypeConversionException(
                        "it must be ID@DIGEST, as `countersign approvals show ID` prints it");
            }
        }
    }

    @Command(name = "list", description = "Requests that wait, worst first.")
    int list(
            @Option(names = "--session", paramLabel = "ID") @Nullable SessionId session,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            List<ApprovalView> requests = engine.approvals(Optional.ofNullable(session));
            if (json) {
                requests.forEach(request -> terminal.say(Follow.json(request)));
            } else if (requests.isEmpty()) {
                terminal.say("Nothing waits for you.");
            } else {
                ink.table(
                                List.of("ID", "LEVEL", "SESSION", "KIND", "OPENED", "WHAT"),
                                requests.stream().map(this::row).toList())
                        .forEach(terminal::say);
                terminal.say(
                        ink.faint("Look at one in full with `countersign approvals show ID`."));
            }
            return 0;
        }
    }

    private List<String> row(ApprovalView r) {
        String first =
                r.calls().stream()
                        .findFirst()
                        .map(ApprovalView.Call::command)
                        .map(GuestText::visible)
                        .orElse(Ink.one(r.title()));
        return List.of(
                r.id(),
                r.level().word(),
                r.session().value(),
                r.kind(),
                Ink.ago(r.opened(), ports.clock().instant()),
                Ink.cut(first, 70));
    }

    @Command(name = "show", description = "One request in full.")
    int show(@Parameters(paramLabel = "ID") String id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            ApprovalView request = engine.approval(id);
            if (json) {
                terminal.say(Follow.json(request));
                return 0;
            }
            new ApprovalText(ink).lines(request, ports.clock().instant()).forEach(terminal::say);
            if (request.state().equals("open")) {
                ApprovalText.commands(request).forEach(terminal::say);
            }
            return 0;
        }
    }

    @Command(name = "allow", description = "Allows exactly what was shown.")
    int allow(
            @Parameters(paramLabel = "ID@DIGEST", converter = Shown.Reader.class) Shown shown,
            @Option(names = "--note", paramLabel = "TEXT") @Nullable String note,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.allow(shown.id(), shown.digest(), note);
            return decided(engine, shown.id(), json, "Allowed.");
        }
    }

    @Command(name = "deny", description = "Denies a request; the note reaches the model.")
    int deny(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--note", paramLabel = "TEXT") @Nullable String note,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.deny(id, note);
            return decided(engine, id, json, "Denied.");
        }
    }

    private int decided(Client engine, String id, boolean json, String said)
            throws CountersignException {
        terminal.say(json ? Follow.json(engine.approval(id)) : said);
        return 0;
    }
}
