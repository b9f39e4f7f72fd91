package dev.countersign.cli;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An entry of the log as one line for a person. All text of the guest goes through
/// [GuestText#visible()] ([P7]).
final class EventText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final int LONGEST = 400;

    private final Ink ink;
    private final ZoneId zone;

    EventText(Ink ink, ZoneId zone) {
        this.ink = ink;
        this.zone = zone;
    }

    String line(Entry entry) {
        Line line = of(entry.fact());
        String word = "%-10s".formatted(line.word());
        return ink.faint(TIME.format(entry.at().atZone(zone)))
                + "  "
                + (line.level() == null ? word : ink.level(line.level(), word))
                + "  "
                + line.text();
    }

    private record Line(String word, String text, @Nullable Level level) {
        Line(String word, String text) {
            this(word, text, null);
        }
    }

    private Line of(Fact fact) {
        return switch (fact) {
            case Fact.SessionOpened f ->
                    new Line(
                            "opened",
                            "%s in %s, mode %s, tier %s, class %s"
                                    .formatted(
                                            f.agent(),
                                            one(f.repository()),
                                            f.mode().word(),
                                            f.tier().word(),
                                            f.dataClass().word()));
            case Fact.StateChanged f ->
                    new Line(f.to().word(), "was " + f.from().word() + ": " + one(f.why()));
            case Fact.StepDone f ->
                    new Line("ready", f.step() + "  " + one(f.detail()) + took(f.took()));
            case Fact.VmStarted f ->
                    new Line(
                            "vm",
                            "%s start, %s, boundary %s%s"
                                    .formatted(
                                            f.start(),
                                            f.accelerator(),
                                            one(f.boundary()),
                                            took(f.took())));
            case Fact.LinkChanged f -> new Line(f.up() ? "link up" : "link lost", one(f.why()));
            case Fact.CopiedIn f ->
                    new Line(
                            "copied in",
                            "%s, %s; %d left out%s"
                                    .formatted(
                                            Ink.plural(f.files(), "file"),
                                            Ink.size(f.bytes()),
                                            f.leftOutCount(),
                                            took(f.took())));
            case Fact.MessageSent f -> new Line("you said", brief(f.text()));
            case Fact.ModelAsked f ->
                    new Line(
                            "model",
                            "%s, %d tokens in, %d out, status %d%s"
                                    .formatted(
                                            brief(f.model()),
                                            f.inputTokens(),
                                            f.outputTokens(),
                                            f.status(),
                                            took(f.took())));
            case Fact.AgentSaid f -> new Line("says", brief(f.text()));
            case Fact.Called f ->
                    new Line(
                            "calls",
                            brief(f.call().tool()) + "  " + brief(f.call().argumentsJson()));
            case Fact.Judged f ->
                    new Line(
                            f.level().word(),
                            one(String.join("; ", f.reasons())) + "  (" + one(f.rule()) + ")",
                            f.level());
            case Fact.Asked f ->
                    new Line(
                            "waits",
                            "request %s (%s, %s), %s"
                                    .formatted(
                                            f.requestId(),
                                            f.kind(),
                                            f.level().word(),
                                            Ink.plural(f.callIds().size(), "call")),
                            f.level());
            case Fact.Decided f -> decided(f);
            case Fact.PlanGranted f ->
                    new Line("plan", "granted for " + join(f.directories()) + " until it ends");
            case Fact.PlanEnded f -> new Line("plan", "ended: " + one(f.why()));
            case Fact.Released f -> new Line("released", brief(f.callId()));
            case Fact.Returned f ->
                    new Line(
                            f.error() ? "failed" : "returned",
                            "%s, %s: %s"
                                    .formatted(
                                            brief(f.callId()),
                                            Ink.size(f.outputBytes()),
                                            brief(f.output())));
            case Fact.CheckpointTaken f ->
                    new Line(
                            "checkpoint",
                            "%s \"%s\" %s, %s%s"
                                    .formatted(
                                            f.id(),
                                            one(f.name()),
                                            one(f.why()),
                                            Ink.size(f.bytes()),
                                            took(f.took())));
            case Fact.CheckpointDropped f ->
                    new Line("checkpoint", f.id() + " dropped: " + one(f.why()));
            case Fact.Restored f ->
                    new Line(
                            "restored",
                            "to %s \"%s\", epoch %d, %s void%s"
                                    .formatted(
                                            f.id(),
                                            one(f.name()),
                                            f.epoch(),
                                            Ink.plural(f.voided().size(), "request"),
                                            took(f.took())));
            case Fact.Pushed f ->
                    new Line(
                            "pushed",
                            Ink.plural(f.files(), "host edit")
                                    + ", "
                                    + Ink.size(f.bytes())
                                    + " to the guest");
            case Fact.Staged f ->
                    new Line(
                            "staged",
                            "%s %s  +%d -%d"
                                    .formatted(
                                            f.change(), brief(f.path()), f.added(), f.removed()));
            case Fact.HunksDecided f ->
                    new Line(f.decision(), Ink.plural(f.hunks().size(), "hunk"));
            case Fact.ApplyBegun f -> new Line("applying", Ink.plural(f.paths().size(), "file"));
            case Fact.Applied f ->
                    new Line(
                            "applied",
                            "%s, %s to %s; %s"
                                    .formatted(
                                            Ink.plural(f.files(), "file"),
                                            Ink.plural(f.hunks(), "hunk"),
                                            one(f.to()),
                                            Ink.plural(f.conflicts(), "conflict")));
            case Fact.Undone f ->
                    new Line(
                            "undone",
                            Ink.plural(f.files(), "file") + ", " + f.kept() + " left as they are");
            case Fact.AgentStarted f ->
                    new Line("agent", f.agent() + " " + brief(f.version()) + " started");
            case Fact.AgentEnded f ->
                    new Line("agent", "ended with code " + f.exitCode() + ": " + one(f.why()));
            case Fact.PolicyLoaded f ->
                    new Line("policy", one(f.source()) + " " + one(f.outcome()));
            case Fact.Suspected f ->
                    new Line(
                            "warning",
                            "read text that "
                                    + one(String.join("; ", f.why()))
                                    + ": "
                                    + one(f.excerpt().visible()));
            case Fact.RuleAdded f ->
                    new Line(
                            "rule",
                            "made at "
                                    + one(String.join(", ", f.places()))
                                    + ": "
                                    + one(String.join("; ", f.rules())));
            case Fact.ConnectionHeld f ->
                    new Line(
                            "network",
                            "%s:%d is held: no rule knows it%s"
                                    .formatted(one(f.host()), f.port(), claimed(f.process())));
            case Fact.ConnectionDecided f ->
                    f.allowed()
                            ? new Line(
                                    "network",
                                    "%s:%d allowed (%s)%s"
                                            .formatted(
                                                    one(f.host()),
                                                    f.port(),
                                                    one(f.reason()),
                                                    claimed(f.process())))
                            : new Line("refused", one(f.says()) + claimed(f.process()), Level.HIGH);
            case Fact.ConnectionEnded f ->
                    new Line(
                            "network",
                            "%s:%d ended (%s), %s out, %s in"
                                    .formatted(
                                            one(f.host()),
                                            f.port(),
                                            one(f.reason()),
                                            Ink.size(f.sent()),
                                            Ink.size(f.received())));
            case Fact.HostsGranted f ->
                    new Line(
                            "network",
                            "you let %s be reached: %s%s"
                                    .formatted(
                                            one(String.join(", ", f.hosts())),
                                            f.scope(),
                                            f.until() == null ? "" : ", until " + f.until()));
            case Fact.HostsRevoked f ->
                    new Line("network", "you took back " + one(String.join(", ", f.hosts())));
            case Fact.ProviderAdmitted f ->
                    new Line(
                            "data",
                            "%s data may go to %s (%s, %s) by %s"
                                    .formatted(
                                            f.dataClass().word(),
                                            one(f.provider()),
                                            one(f.processor()),
                                            one(f.region()),
                                            one(f.record())));
            case Fact.CredentialUsed f ->
                    new Line(
                            "credential",
                            "%s for %s %s%s"
                                    .formatted(
                                            one(f.credential()),
                                            one(f.method()),
                                            one(f.host()),
                                            f.path().visible()));
            case Fact.CredentialRevoked f ->
                    new Line(
                            "credential",
                            "%s taken back: %s"
                                    .formatted(
                                            one(String.join(", ", f.credentials())), one(f.why())));
            case Fact.CanaryLeft f ->
                    new Line(
                            "INCIDENT",
                            "the canary in %s was about to leave by %s (%s); it was refused"
                                    .formatted(one(f.canary()), f.way(), f.place().visible()));
            case Fact.SecretsToModel f ->
                    new Line(
                            "secrets",
                            "%d in what the agent sends to the model (%s), %s"
                                    .formatted(
                                            f.count(),
                                            one(String.join(", ", f.rules())),
                                            f.action()));
            case Fact.PortNoticed f ->
                    new Line(
                            "port",
                            "the guest says that %s listens on %d"
                                    .formatted(
                                            f.process() == null
                                                    ? "something"
                                                    : f.process().visible(),
                                            f.port()));
            case Fact.PortOpened f ->
                    new Line(
                            "port",
                            "127.0.0.1:%d leads to port %d in the guest"
                                    .formatted(f.hostPort(), f.guestPort()));
            case Fact.PortClosed f ->
                    new Line(
                            "port",
                            "127.0.0.1:%d leads nowhere any more: %s"
                                    .formatted(f.hostPort(), one(f.why())));
            case Fact.Noticed f -> new Line(f.severity(), f.topic() + ": " + one(f.message()));
        };
    }

    private static Line decided(Fact.Decided f) {
        String word =
                switch (f.answer()) {
                    case ALLOWED -> "allowed";
                    case DENIED -> "denied";
                    case PLAN_FIRST -> "plan first";
                };
        String by =
                switch (f.by()) {
                    case PERSON -> "by you";
                    case RULE -> "by rule";
                    case MODE -> "by mode";
                    case PLAN -> "by the plan";
                    case TIMEOUT -> "since nobody answered in time";
                    case SESSION -> "since the session moved on";
                };
        boolean shown = f.answer() != Answer.ALLOWED || f.by() == DecidedBy.PERSON;
        return new Line(
                word,
                "%s %s  (%s)%s%s"
                        .formatted(
                                brief(f.callId()),
                                by,
                                one(f.rule()),
                                f.note() == null ? "" : "  note: " + brief(f.note()),
                                Boolean.TRUE.equals(f.flagged()) ? "  flagged for review" : ""),
                shown ? f.level() : null);
    }

    private static String claimed(@Nullable GuestText process) {
        return process == null ? "" : "  by " + brief(process) + " (as the guest says)";
    }

    private static String join(List<GuestText> texts) {
        return String.join(", ", texts.stream().map(EventText::brief).toList());
    }

    private static String took(Duration took) {
        return "  " + Ink.span(took);
    }

    private static String one(String text) {
        return brief(GuestText.of(text));
    }

    /// One line, shortened here only: the full text is in the log and, where something is asked, on
    /// the screen.
    private static String brief(GuestText text) {
        String shown = text.visible();
        return shown.codePointCount(0, shown.length()) <= LONGEST
                ? shown
                : shown.substring(0, shown.offsetByCodePoints(0, LONGEST)) + "…";
    }
}
