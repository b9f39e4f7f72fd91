package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.PolicyView;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleOutcome;
import dev.countersign.api.RuleRemoval;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.RuleSuggestions;
import dev.countersign.api.RulesRemoved;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `policy …`: `check` and `default` need no engine, the others ask it.
@Command(
        name = "policy",
        description = "Checks policy files, shows the rules in force, makes rules from practice.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class PolicyCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;
    private final Tools.PolicyCheck policy;

    PolicyCommands(Ports ports, Tools.PolicyCheck policy) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
        this.policy = policy;
    }

    @Command(name = "check", description = "Names every fault with its line.")
    int check(@Parameters(paramLabel = "FILE") Path file, @Option(names = "--json") boolean json)
            throws CountersignException {
        List<Tools.PolicyFinding> findings = policy.check(file);
        boolean refused = findings.stream().anyMatch(f -> f.severity().equals("error"));
        if (json) {
            findings.forEach(finding -> terminal.say(Follow.json(finding)));
        } else {
            findings.forEach(f ->
                    terminal.say(
                            "%s:%d  %s  %s"
                                    .formatted(
                                            Ink.one(file.toString()),
                                            f.line(),
                                            f.severity(),
                                            Ink.one(f.message()))));
            terminal.say(refused ? "Refused as a whole." : "Good.");
        }
        return refused ? 1 : 0;
    }

    @Command(
            name = "show",
            description =
                    "The rules in force, strictest source first, each with its file and line.")
    int show(
            @Option(names = "--session", paramLabel = "ID") @Nullable SessionId session,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            PolicyView now = engine.policy(Optional.ofNullable(session));
            if (json) {
                terminal.say(Follow.json(now));
                return now.trouble() == null ? 0 : 1;
            }
            terminal.say("Your file is %s.".formatted(Ink.one(now.file())));
            if (now.trouble() != null) {
                terminal.say(ink.bad("It is not in force: " + Ink.one(now.trouble())));
            }
            terminal.say(
                    session == null
                            ? "Sessions start in mode %s, as %s data, where nothing else is said."
                                    .formatted(now.mode(), now.dataClass())
                            : "The session is in mode %s, its data is %s."
                                    .formatted(now.mode(), now.dataClass()));
            ink.table(
                            List.of("AT", "RULE", "FROM", "HITS", "BECAUSE"),
                            now.rules().stream()
                                    .map(rule ->
                                            List.of(
                                                    Ink.one(rule.place()),
                                                    Ink.one(rule.text())
                                                            + (rule.ended() ? " (ended)" : ""),
                                                    Ink.one(rule.origin()),
                                                    Integer.toString(rule.hits()),
                                                    Ink.one(rule.because())))
                                    .toList())
                    .forEach(terminal::say);
            terminal.say(
                    ink.faint(
                            "Hits: calls that it decided in the newest sessions. To end one:"
                                    + " countersign policy remove AT."));
            terminal.say(ink.faint("What no rule names is decided by the mode and the level."));
            return now.trouble() == null ? 0 : 1;
        }
    }

    @Command(name = "default", description = "The built-in rules, as they are.")
    int builtIn() throws CountersignException {
        try (Client engine = ports.connect()) {
            terminal.say(engine.policy(Optional.empty()).builtIn().stripTrailing());
            return 0;
        }
    }

    @Command(
            name = "propose",
            description =
                    "The narrowest rules that would have covered a request, and what they would"
                            + " have done.")
    int propose(
            @Parameters(paramLabel = "REQUEST") String request,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            RuleOffers offers = engine.offers(request);
            if (json) {
                terminal.say(Follow.json(offers));
                return 0;
            }
            if (offers.offers().isEmpty()) {
                terminal.say("No rule: " + Ink.one(String.valueOf(offers.whyNone())));
                return 0;
            }
            int number = 0;
            for (RuleOffers.Offer offer : offers.offers()) {
                number++;
                terminal.say("%d. %s".formatted(number, Ink.one(String.join("; ", offer.words()))));
                offer.rules().forEach(rule -> terminal.say("     - " + Ink.one(rule)));
                terminal.say("   " + offer.effect().sentence() + ".");
            }
            terminal.say(
                    "Make one: countersign policy add --request "
                            + request
                            + " --offer N [--scope session|repository|everywhere] [--until DAY]");
            return 0;
        }
    }

    @Command(
            name = "add",
            description =
                    "Makes rules: of a request, or as written. The rest of the file stays as it"
                            + " is.")
    int add(
            @Parameters(
                            paramLabel = "RULE",
                            arity = "0..*",
                            description = "Such as 'allow: {tool: shell, argv: [npm, ci]}'.")
                    @Nullable List<String> rules,
            @Option(names = "--request", paramLabel = "ID") @Nullable String request,
            @Option(names = "--offer", paramLabel = "N") @Nullable Integer offer,
            @Option(
                            names = "--scope",
                            paramLabel = "session|repository|everywhere",
                            description =
                                    "Left out: the session of --request or --session, else"
                                            + " everywhere.")
                    @Nullable String scope,
            @Option(names = "--session", paramLabel = "ID") @Nullable SessionId session,
            @Option(names = "--until", paramLabel = "DAY") @Nullable String until,
            @Option(names = "--dry-run", description = "Say what it would have done, and stop.")
                    boolean dryRun,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        List<String> given = rules == null ? List.of() : rules;
        boolean written = !given.isEmpty();
        if (written == (offer != null) || (offer != null && request == null)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Name rules, or a request and one of its offers: `countersign policy propose"
                            + " REQUEST` numbers them.");
        }
        try (Client engine = ports.connect()) {
            List<String> wanted = written ? given : offered(engine, String.valueOf(request), offer);
            String where =
                    scope != null
                            ? scope
                            : request != null || session != null ? "session" : "everywhere";
            RuleOutcome outcome =
                    engine.addRules(
                            new RuleRequest(wanted, where, request, session, until, dryRun));
            if (json) {
                terminal.say(Follow.json(outcome));
                return 0;
            }
            outcome.rules().forEach(rule -> terminal.say("- " + Ink.one(rule)));
            terminal.say("  " + outcome.effect().sentence() + ".");
            terminal.say(
                    dryRun
                            ? "Nothing was changed."
                            : "Made, at %s of %s. To end it: countersign policy remove %s."
                                    .formatted(
                                            String.join(", ", outcome.places()),
                                            Ink.one(outcome.file()),
                                            String.join(" ", outcome.places())));
            if (!outcome.released().isEmpty()) {
                terminal.say(
                        "Waiting requests that it covers went on: "
                                + String.join(", ", outcome.released())
                                + ".");
            }
            return 0;
        }
    }

    @Command(
            name = "remove",
            description =
                    "Takes rules out of your file, or a session's own, by file and line as `policy"
                            + " show` lists them. The rest of the file stays as it is.")
    int remove(
            @Parameters(paramLabel = "AT", arity = "1..*", description = "Such as policy.yaml:7.")
                    List<String> places,
            @Option(names = "--session", paramLabel = "ID") @Nullable SessionId session,
            @Option(names = "--dry-run", description = "Show what would go, and stop.")
                    boolean dryRun,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            RulesRemoved removed = engine.removeRules(new RuleRemoval(places, session, dryRun));
            if (json) {
                terminal.say(Follow.json(removed));
                return 0;
            }
            terminal.say(Ink.one(removed.file()));
            removed.diff().forEach(line -> terminal.say(Ink.one(line)));
            removed.rules()
                    .forEach(rule ->
                            terminal.say(
                                    (dryRun ? "Would end: " : "Ended: ") + Ink.one(rule) + "."));
            terminal.say(
                    dryRun
                            ? "Nothing was changed."
                            : "The lines of the rules below it moved up: `policy show` has the new"
                                    + " numbers.");
            if (!removed.released().isEmpty()) {
                terminal.say(
                        "Waiting requests that went on: "
                                + String.join(", ", removed.released())
                                + ".");
            }
            return 0;
        }
    }

    private static List<String> offered(Client engine, String request, @Nullable Integer number)
            throws CountersignException {
        RuleOffers offers = engine.offers(request);
        if (number == null || number < 1 || number > offers.offers().size()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Request %s has %d offers%s. Number them with `countersign policy propose %s`."
                            .formatted(
                                    GuestText.of(request).visible(),
                                    offers.offers().size(),
                                    offers.whyNone() == null ? "" : ": " + offers.whyNone(),
                                    GuestText.of(request).visible()));
        }
        return offers.offers().get(number - 1).rules();
    }

    @Command(
            name = "suggest",
            description =
                    "Rules that would have made a session, or the last ones, ask less; with the"
                            + " count.")
    int suggest(
            @Option(names = "--session", paramLabel = "ID") @Nullable SessionId session,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            RuleSuggestions found = engine.suggestRules(Optional.ofNullable(session));
            if (json) {
                terminal.say(Follow.json(found));
                return 0;
            }
            terminal.say(
                    "%s asked %s."
                            .formatted(
                                    Ink.plural(found.sessions(), "session"),
                                    Ink.plural(found.asked(), "time")));
            for (RuleSuggestions.Step step : found.steps()) {
                for (int i = 0; i < step.rules().size(); i++) {
                    terminal.say("- " + Ink.one(step.rules().get(i)));
                    terminal.say(ink.faint("    " + Ink.one(step.words().get(i))));
                }
                terminal.say(
                        "  with this and all above: %s; %s."
                                .formatted(
                                        Ink.plural(step.left(), "request"),
                                        step.effect().sentence()));
            }
            for (RuleSuggestions.Remaining stays : found.remaining()) {
                terminal.say("Stays: %s, %s.".formatted(stays.requestId(), Ink.one(stays.why())));
            }
            if (!found.steps().isEmpty()) {
                terminal.say(
                        "Make them: countersign policy add 'RULE' … [--scope repository --session"
                                + " ID] [--until DAY]");
            }
            return 0;
        }
    }
}
