package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.SecondFactorRequest;
import dev.countersign.api.SecondFactorView;
import dev.countersign.domain.Answer;
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
        static Shown of(String text) throws CountersignException {
            try {
                return new Reader().convert(text);
            } catch (TypeConversionException e) {
                throw new CountersignException(
                        CountersignException.Kind.USAGE,
                        GuestText.of(text).visible() + ": " + e.getMessage() + ".",
                        e);
            }
        }

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
                // Equal ones stand in one line, at the place of the first.
                List<ApprovalView> firsts =
                        requests.stream()
                                .filter(request ->
                                        request.equal() == null
                                                || request.equal()
                                                        .ids()
                                                        .getFirst()
                                                        .equals(request.id()))
                                .toList();
                ink.table(
                                List.of("ID", "LEVEL", "SESSION", "KIND", "OPENED", "WHAT"),
                                firsts.stream().map(this::row).toList())
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
                (r.equal() == null ? "" : r.equal().ids().size() + " × ") + Ink.cut(first, 70));
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

    @Command(
            name = "allow",
            description =
                    "Allows exactly what was shown; all equal requests with the digest of all.")
    int allow(
            @Parameters(paramLabel = "ID@DIGEST", converter = Shown.Reader.class) Shown shown,
            @Option(names = "--note", paramLabel = "TEXT") @Nullable String note,
            @Option(
                            names = "--call",
                            paramLabel = "N",
                            description =
                                    "Allow only this call of several, by its number; may be"
                                            + " repeated. The others are denied.")
                    @Nullable List<Integer> calls,
            @Option(
                            names = "--code",
                            paramLabel = "CODE",
                            description = "For critical: the authenticator's code, or the phrase.")
                    @Nullable String code,
            @Option(
                            names = "--for",
                            paramLabel = "SCOPE",
                            description =
                                    "For hosts: once, session (if nothing is said) or repository.")
                    @Nullable String reach,
            @Option(
                            names = "--until",
                            paramLabel = "DATE",
                            description = "For hosts: the last day on which it counts.")
                    @Nullable String until,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            List<ApprovalView> decided =
                    engine.decide(
                            new DecideRequest(
                                    shown.id(),
                                    shown.digest(),
                                    Answer.ALLOWED,
                                    calls == null ? List.of() : calls,
                                    note,
                                    code,
                                    reach,
                                    until));
            decided(decided, json, calls == null ? "Allowed" : "Allowed in part");
            if (!json) {
                offerRules(engine, shown.id());
            }
            return 0;
        }
    }

    @Command(name = "deny", description = "Denies a request; the note reaches the model.")
    int deny(
            @Parameters(
                            paramLabel = "ID[@DIGEST]",
                            description = "With the digest of all equal requests: all of them.")
                    String request,
            @Option(names = "--note", paramLabel = "TEXT") @Nullable String note,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        Shown shown = request.indexOf('@') < 0 ? null : Shown.of(request);
        try (Client engine = ports.connect()) {
            decided(
                    engine.decide(
                            new DecideRequest(
                                    shown == null ? request : shown.id(),
                                    shown == null ? null : shown.digest(),
                                    Answer.DENIED,
                                    List.of(),
                                    note,
                                    null)),
                    json,
                    "Denied");
            return 0;
        }
    }

    private void decided(List<ApprovalView> decided, boolean json, String said) {
        if (json) {
            decided.forEach(one -> terminal.say(Follow.json(one)));
        } else {
            terminal.say(
                    said
                            + (decided.size() == 1
                                    ? "."
                                    : ": " + decided.size() + " equal requests."));
        }
    }

    /// One line, where a narrow rule would save the next prompt.
    private void offerRules(Client engine, String id) throws CountersignException {
        if (!engine.offers(id).offers().isEmpty()) {
            terminal.say(
                    ink.faint(
                            "Not ask the like again? `countersign policy propose "
                                    + id
                                    + "` shows the narrowest rule."));
        }
    }

    @Command(
            name = "second-factor",
            description = "What critical requests need beside the answer: none, phrase, totp.")
    int secondFactor(
            @Parameters(
                            paramLabel = "show|none|phrase|totp|confirm",
                            arity = "0..1",
                            defaultValue = "show")
                    String action,
            @Option(
                            names = "--code",
                            paramLabel = "CODE",
                            description =
                                    "The authenticator's code: to confirm, and to change away from"
                                            + " it.")
                    @Nullable String code,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            SecondFactorView now = engine.secondFactor(new SecondFactorRequest(action, code));
            if (json) {
                terminal.say(Follow.json(now));
                return 0;
            }
            if (now.uri() != null) {
                terminal.say("Put this into your authenticator app. It is shown this once:");
                terminal.say("  " + now.uri());
                terminal.say("  secret " + now.secret());
                terminal.say(
                        "Then confirm with the code that it shows: countersign approvals"
                                + " second-factor confirm --code CODE. Until then it is not asked"
                                + " for.");
            }
            terminal.say("Critical requests need: " + meaning(now.choice()) + ".");
            return 0;
        }
    }

    private static String meaning(String choice) {
        return switch (choice) {
            case "phrase" -> "a phrase that names the effect, typed";
            case "totp" -> "a code of your authenticator app";
            default -> "the answer alone";
        };
    }
}
