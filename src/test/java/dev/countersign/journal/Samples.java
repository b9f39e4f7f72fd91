package dev.countersign.journal;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import dev.countersign.domain.ToolCall;
import java.time.Duration;
import java.util.List;

/// Facts to record in tests.
final class Samples {
    private Samples() {}

    static final Duration TOOK = Duration.ofMillis(1500);

    static ToolCall call(String id, String command) {
        return new ToolCall(
                GuestText.of(id),
                GuestText.of("bash"),
                GuestText.of("{\"command\":\"" + command + "\"}"),
                GuestText.of("/workspace"));
    }

    static Fact noticed(String message) {
        return new Fact.Noticed("info", "test", message);
    }

    /// SYNCED, unlike [#noticed].
    static Fact decided(String call) {
        return new Fact.Decided(
                GuestText.of(call),
                Answer.ALLOWED,
                DecidedBy.PERSON,
                Level.HIGH,
                "mode checkpoint",
                "r-1",
                Digest.of(call),
                null,
                TOOK,
                null);
    }

    static List<Fact> oneOfEach() {
        ToolCall call = call("toolu_01", "ls -l");
        GuestText id = call.id();
        Digest digest = call.digest();
        return List.of(
                new Fact.SessionOpened(
                        "/home/dev/shop",
                        "mini",
                        Mode.CHECKPOINT,
                        Tier.VM,
                        DataClass.INTERNAL,
                        GuestText.of("make the tests pass"),
                        "0.1.0"),
                new Fact.StateChanged(SessionState.PREPARING, SessionState.RUNNING, "ready"),
                new Fact.StepDone("vm", "warm", TOOK),
                new Fact.VmStarted("warm", "tcg", "restrict=on", TOOK),
                new Fact.LinkChanged(true, "connected"),
                new Fact.CopiedIn(12, 3456, List.of(GuestText.of(".env: secret")), 1, TOOK),
                new Fact.MessageSent(GuestText.of("go on")),
                new Fact.ModelAsked(GuestText.of("scripted"), 10, 20, 200, TOOK, 4L, 0L, 150L),
                new Fact.AgentSaid(GuestText.of("I read \u202e first\n\u0000\ud83d\ude00")),
                new Fact.Called(call, digest, "gateway", GuestText.of("scripted")),
                new Fact.Judged(id, Level.LOW, List.of("read"), List.of("reads"), "mode"),
                new Fact.Asked("r-1", "calls", List.of(id), Level.HIGH, digest),
                decided("toolu_01"),
                new Fact.PlanGranted("r-2", List.of(GuestText.of("src")), digest),
                new Fact.PlanEnded("60 minutes are over"),
                new Fact.Released(id),
                new Fact.Returned(id, false, GuestText.of("total 0"), 7),
                new Fact.CheckpointTaken("c-1", "start", true, "start", 1 << 20, TOOK),
                new Fact.CheckpointDropped("c-1", "start", "limit"),
                new Fact.Restored("c-1", "start", 1, List.of("r-1"), TOOK),
                new Fact.Pushed(1, 10, List.of(new RelativePath("a/b"))),
                new Fact.Staged(GuestText.of("a/b"), "edited", 3, 1, digest),
                new Fact.HunksDecided("rejected", List.of("h-1")),
                new Fact.ApplyBegun("t-1", List.of(new RelativePath("a/b")), List.of("h-1")),
                new Fact.Applied("t-1", "tree", 1, 1, 0),
                new Fact.Undone("t-1", 1, 0),
                new Fact.AgentStarted("mini", GuestText.of("1"), GuestText.of("python3 mini.py")),
                new Fact.AgentEnded(0, "done"),
                new Fact.ConnectionHeld(1, "docs.example.org", 443, GuestText.of("CONNECT"), null),
                new Fact.ConnectionDecided(
                        1,
                        "docs.example.org",
                        443,
                        GuestText.of("CONNECT"),
                        true,
                        "granted",
                        "you allowed it",
                        "192.0.2.7",
                        List.of("ech"),
                        GuestText.of("curl")),
                new Fact.ConnectionEnded(1, "docs.example.org", 443, "closed", 10, 2000),
                new Fact.HostsGranted("a-1", List.of("docs.example.org:443"), "session", null),
                new Fact.HostsRevoked(List.of("docs.example.org:443")),
                new Fact.ProviderAdmitted(
                        "work", "Example", "eu", DataClass.INTERNAL, "data-policy.yaml:4"),
                new Fact.CredentialUsed(
                        "code", "api.example.org:443", "GET", GuestText.of("/user")),
                new Fact.CredentialRevoked(List.of("code"), "the session was stopped"),
                new Fact.CanaryLeft(".env", "egress", GuestText.of("docs.example.org")),
                new Fact.SecretsToModel(GuestText.of("model"), List.of("jwt"), 1, "warned"),
                new Fact.PortNoticed(3000, GuestText.of("node")),
                new Fact.PortOpened(3000, 3000),
                new Fact.PortClosed(3000, 3000, "by you"),
                new Fact.Suspected(
                        GuestText.of("call-1"),
                        List.of("instruction"),
                        List.of("tells an agent what to do"),
                        GuestText.of("ignore all that")),
                new Fact.RuleAdded(
                        List.of("policy.yaml:7"), List.of("allow: {argv: [ls]}"), digest, null),
                new Fact.PolicyLoaded("policy.yaml", digest, "loaded"),
                noticed("nothing"));
    }
}
