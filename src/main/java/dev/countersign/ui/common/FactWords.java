package dev.countersign.ui.common;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a fact says, in the past tense: our sentence, and behind it what came from the guest.
///
/// @param ours plain words of the window
/// @param guest text of guest, agent or model, already rendered; empty if there is none
public record FactWords(String ours, String guest) {
    private static final int LINE = 300;

    /// The sentence of a fact.
    public static FactWords of(Fact fact) {
        return switch (fact) {
            case Fact.SessionOpened f ->
                    ours(
                            text(
                                    "fact.opened",
                                    Words.directory(f.repository()),
                                    f.agent(),
                                    f.mode().word(),
                                    f.tier().word(),
                                    f.dataClass().word()));
            case Fact.StateChanged f ->
                    ours(
                            f.why().isEmpty()
                                    ? text("fact.state", Words.state(f.to()))
                                    : text("fact.state-why", Words.state(f.to()), f.why()));
            case Fact.StepDone f ->
                    ours(text("fact.step", f.step(), f.detail(), Words.fine(f.took())));
            case Fact.VmStarted f ->
                    ours(
                            text(
                                    "fact.vm",
                                    f.start(),
                                    f.accelerator(),
                                    f.boundary(),
                                    Words.fine(f.took())));
            case Fact.LinkChanged f ->
                    ours(f.up() ? text("fact.link-up", f.why()) : text("fact.link-down", f.why()));
            case Fact.CopiedIn f ->
                    ours(
                            text(
                                    "fact.copied-in",
                                    f.files(),
                                    Words.bytes(f.bytes()),
                                    f.leftOutCount(),
                                    Words.fine(f.took())));
            case Fact.MessageSent f -> with(text("fact.message"), f.text());
            case Fact.ModelAsked f ->
                    with(
                            text(
                                    "fact.model",
                                    Words.count(f.inputTokens()),
                                    Words.count(f.outputTokens()),
                                    f.status(),
                                    Words.span(f.took())),
                            f.model());
            case Fact.AgentSaid f -> with(text("fact.said"), f.text());
            case Fact.Called f ->
                    new FactWords(
                            text("fact.called"),
                            Guest.line(f.call().tool(), 60)
                                    + " "
                                    + Guest.line(f.call().argumentsJson(), LINE));
            case Fact.Judged f ->
                    ours(
                            f.effects().isEmpty()
                                    ? text("fact.judged", Words.level(f.level()), f.rule())
                                    : text(
                                            "fact.judged-effects",
                                            Words.level(f.level()),
                                            String.join(", ", f.effects()),
                                            f.rule()));
            case Fact.Asked f ->
                    ours(
                            f.kind().equals("plan")
                                    ? text("fact.asked-plan", f.requestId(), f.digest().brief())
                                    : text(
                                            "fact.asked",
                                            f.callIds().size(),
                                            Words.level(f.level()),
                                            f.requestId(),
                                            f.digest().brief()));
            case Fact.Decided f -> decided(f);
            case Fact.PlanGranted f ->
                    new FactWords(
                            text("fact.plan-granted"),
                            Guest.line(
                                    GuestText.of(
                                            String.join(
                                                    " · ",
                                                    f.directories().stream()
                                                            .map(GuestText::raw)
                                                            .toList())),
                                    LINE));
            case Fact.PlanEnded f -> ours(text("fact.plan-ended", f.why()));
            case Fact.Released f -> with(text("fact.released"), f.callId());
            case Fact.Returned f ->
                    new FactWords(
                            f.error()
                                    ? text("fact.returned-error", Words.bytes(f.outputBytes()))
                                    : text("fact.returned", Words.bytes(f.outputBytes())),
                            Guest.line(f.output(), LINE));
            case Fact.CheckpointTaken f ->
                    ours(
                            text(
                                    "fact.checkpoint",
                                    f.name(),
                                    f.why(),
                                    Words.span(f.took()),
                                    Words.bytes(f.bytes())));
            case Fact.CheckpointDropped f ->
                    ours(text("fact.checkpoint-dropped", f.name(), f.why()));
            case Fact.Restored f ->
                    ours(text("fact.restored", f.name(), f.voided().size(), Words.span(f.took())));
            case Fact.Pushed f -> ours(text("fact.pushed", f.files(), Words.bytes(f.bytes())));
            case Fact.Staged f ->
                    with(text("fact.staged", f.change(), f.added(), f.removed()), f.path());
            case Fact.HunksDecided f ->
                    ours(text("fact.hunks-decided", f.decision(), f.hunks().size()));
            case Fact.ApplyBegun f ->
                    ours(text("fact.apply-begun", f.hunks().size(), f.paths().size()));
            case Fact.Applied f ->
                    ours(
                            f.conflicts() == 0
                                    ? text("fact.applied", f.hunks(), f.files(), f.to())
                                    : text(
                                            "fact.applied-conflicts",
                                            f.hunks(),
                                            f.files(),
                                            f.to(),
                                            f.conflicts()));
            case Fact.Undone f ->
                    ours(
                            f.kept() == 0
                                    ? text("fact.undone", f.files())
                                    : text("fact.undone-kept", f.files(), f.kept()));
            case Fact.AgentStarted f -> with(text("fact.agent-started", f.agent()), f.version());
            case Fact.AgentEnded f -> ours(text("fact.agent-ended", f.exitCode(), f.why()));
            case Fact.PolicyLoaded f ->
                    ours(text("fact.policy", f.source(), f.outcome(), f.digest().brief()));
            case Fact.Suspected f ->
                    with(text("fact.suspected", String.join("; ", f.why())), f.excerpt());
            case Fact.RuleAdded f ->
                    with(
                            text("fact.rule-added", String.join(", ", f.places())),
                            GuestText.of(String.join("; ", f.rules())));
            case Fact.ConnectionHeld f ->
                    with(
                            text("fact.connection-held", Guest.place(f.host(), f.port())),
                            said(f.process()));
            case Fact.ConnectionDecided f ->
                    with(
                            f.allowed()
                                    ? text(
                                            "fact.connection-allowed",
                                            Guest.place(f.host(), f.port()),
                                            f.reason())
                                    : Guest.line(GuestText.of(f.says()), Guest.LONGEST_PLACE * 2),
                            said(f.process()));
            case Fact.ConnectionEnded f ->
                    ours(
                            text(
                                    "fact.connection-ended",
                                    Guest.place(f.host(), f.port()),
                                    f.reason(),
                                    Words.bytes(f.sent()),
                                    Words.bytes(f.received())));
            case Fact.HostsGranted f ->
                    ours(text("fact.hosts-granted", String.join(", ", f.hosts()), f.scope()));
            case Fact.HostsRevoked f ->
                    ours(text("fact.hosts-revoked", String.join(", ", f.hosts())));
            case Fact.ProviderAdmitted f ->
                    ours(
                            text(
                                    "fact.provider-admitted",
                                    f.provider(),
                                    f.dataClass().word(),
                                    f.processor(),
                                    f.region()));
            case Fact.CredentialUsed f ->
                    with(
                            text("fact.credential-used", f.credential(), f.method(), f.host()),
                            f.path());
            case Fact.CredentialRevoked f ->
                    ours(
                            text(
                                    "fact.credential-revoked",
                                    String.join(", ", f.credentials()),
                                    f.why()));
            case Fact.CanaryLeft f ->
                    with(text("fact.canary-left", f.canary(), f.way()), f.place());
            case Fact.SecretsToModel f ->
                    ours(
                            f.action().equals("replaced")
                                    ? text(
                                            "fact.secrets-replaced",
                                            Integer.toString(f.count()),
                                            String.join(", ", f.rules()))
                                    : text(
                                            "fact.secrets-sent",
                                            Integer.toString(f.count()),
                                            String.join(", ", f.rules())));
            case Fact.PortNoticed f ->
                    f.process() == null
                            ? ours(text("fact.port-noticed", Integer.toString(f.port())))
                            : with(
                                    text("fact.port-noticed", Integer.toString(f.port())),
                                    f.process());
            case Fact.PortOpened f ->
                    ours(
                            text(
                                    "fact.port-opened",
                                    Integer.toString(f.hostPort()),
                                    Integer.toString(f.guestPort())));
            case Fact.PortClosed f ->
                    ours(text("fact.port-closed", Integer.toString(f.hostPort()), f.why()));
            case Fact.Noticed f -> ours(f.message());
        };
    }

    private static FactWords decided(Fact.Decided f) {
        Duration waited = f.waited();
        String after = waited == null ? "" : " " + text("fact.after", Words.age(waited));
        String ours =
                switch (f.answer()) {
                    case ALLOWED ->
                            switch (f.by()) {
                                case PERSON -> text("fact.allowed-person") + after;
                                case RULE -> text("fact.allowed-rule", f.rule());
                                case MODE -> text("fact.allowed-mode", f.rule());
                                case PLAN -> text("fact.allowed-plan");
                                case TIMEOUT, SESSION -> text("fact.allowed-other", f.rule());
                            };
                    case DENIED ->
                            switch (f.by()) {
                                case PERSON -> text("fact.denied-person") + after;
                                case TIMEOUT -> text("fact.denied-timeout") + after;
                                case SESSION -> text("fact.denied-session");
                                case RULE, MODE, PLAN -> text("fact.denied-rule", f.rule());
                            };
                    case PLAN_FIRST -> text("fact.plan-first");
                };
        GuestText note = f.note();
        // A note is the developer's own, unless a client of the engine put it there: plain text.
        return new FactWords(ours, note == null ? "" : Guest.line(note, LINE));
    }

    private static GuestText said(@Nullable GuestText process) {
        return process == null ? GuestText.of("") : process;
    }

    private static FactWords ours(String ours) {
        return new FactWords(ours, "");
    }

    private static FactWords with(String ours, GuestText guest) {
        return new FactWords(ours, Guest.line(guest, LINE));
    }
}
