package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.api.FakeService;
import dev.countersign.api.Json;
import dev.countersign.api.ReviewView;
import dev.countersign.api.VerifyView;
import dev.countersign.app.tools.Tools;
import dev.countersign.cli.CliBench.Ran;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CliTest {
    @TempDir Path directory;

    private final FakeService service =
            new FakeService() {
                @Override
                protected void agent(SessionId id) {
                    record(
                            id,
                            new Fact.StateChanged(
                                    SessionState.PREPARING, SessionState.RUNNING, "ready"));
                    record(id, new Fact.AgentSaid(GuestText.of("hello \u001b[2J")));
                    record(id, new Fact.AgentEnded(0, "it was done"));
                    record(
                            id,
                            new Fact.StateChanged(
                                    SessionState.RUNNING, SessionState.REVIEW, "agent ended"));
                }
            };
    private CliBench bench;

    @BeforeEach
    void open() throws CountersignException {
        bench = new CliBench(directory, service);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void sessionListIsATable() {
        service.open("s-abc234", SessionState.RUNNING);
        SessionId waiting = service.open("s-def567", SessionState.RUNNING);
        service.ask(FakeService.request(waiting, "r1", Level.HIGH, "npm i x", "wants it"));
        assertThat(bench.run("session", "list").out())
                .isEqualTo(
                        """
                        ID        STATE    WAITS  STAGED  AGENT  ACTIVE   TASK
                        s-def567  running  1      -       mini   5 s ago  fix the tests
                        s-abc234  running  -      -       mini   5 s ago  fix the tests
                        """);
    }

    @Test
    void sessionListAsJsonIsOneObjectALine() throws Exception {
        service.open("s-abc234", SessionState.RUNNING);
        service.open("s-def567", SessionState.REVIEW);
        List<String> lines = bench.run("session", "list", "--json").lines();
        assertThat(lines).hasSize(2);
        JsonNode first = Json.mapper().readTree(lines.getFirst());
        assertThat(first.path("id").asText()).isEqualTo("s-def567");
        assertThat(first.path("state").asText()).isEqualTo("review");
    }

    @Test
    void anEmptyListSaysWhatToDo() {
        assertThat(bench.run("session", "list").out()).contains("countersign session start");
        assertThat(bench.run("session", "list", "--json").out()).isEmpty();
        assertThat(bench.run("approvals", "list").out()).isEqualTo("Nothing waits for you.\n");
    }

    @Test
    void sessionStartPrintsTheIdThenEventsUntilTheAgentEnds() {
        Ran ran =
                bench.run(
                        "session", "start", ".", "--agent", "mini", "--task", "fix it", "--mode",
                        "step");
        assertThat(ran.code()).isZero();
        assertThat(ran.lines().getFirst()).isEqualTo("s-new100");
        assertThat(ran.out())
                .contains("12:00:00  says        hello ⟨U+001B⟩[2J")
                .endsWith("12:00:00  review      was running: agent ended\n");
    }

    @Test
    void sessionStartAsJsonGivesTheIdThenOneEntryALine() throws Exception {
        List<String> lines =
                bench.run("session", "start", ".", "--agent", "mini", "--task", "x", "--json")
                        .lines();
        assertThat(lines.getFirst()).isEqualTo("{\"id\":\"s-new100\"}");
        List<Long> seqs = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            JsonNode entry = Json.mapper().readTree(line);
            seqs.add(entry.path("seq").asLong());
            assertThat(entry.path("fact").path("type").isTextual()).isTrue();
        }
        assertThat(seqs).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void aSessionThatFailsEndsWithOne() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.PREPARING);
        service.record(
                id, new Fact.StateChanged(SessionState.PREPARING, SessionState.FAILED, "no image"));
        Ran ran = bench.run("session", "events", "s-abc234", "--follow");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("failed      was preparing: no image");
    }

    @Test
    void followingASessionThatIsOverShowsAllOfItAndEnds() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        for (int i = 0; i < 2; i++) {
            service.record(
                    id,
                    new Fact.StateChanged(SessionState.REVIEW, SessionState.RUNNING, "resumed"));
            service.record(
                    id, new Fact.StateChanged(SessionState.RUNNING, SessionState.REVIEW, "ended"));
            service.record(id, new Fact.Noticed("info", "disk", "after it " + i));
        }
        Ran ran = bench.run("session", "events", "s-abc234", "--follow");
        assertThat(ran.code()).isZero();
        assertThat(ran.lines()).hasSize(6).last().asString().endsWith("after it 1");
        assertThat(bench.run("session", "events", "s-abc234", "--follow", "--from", "6"))
                .isEqualTo(new Ran(0, "", ""));
    }

    @Test
    void aLongLogThatGrowsWhileItIsReadHoldsNothingUp() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        for (int i = 0; i < 9000; i++) {
            service.record(id, new Fact.Noticed("info", "vm", "line " + i));
        }
        bench.failing = true;
        assertThat(bench.run("session", "events", "s-abc234").code()).isZero();
        assertThat(bench.run("session", "events", "s-abc234", "--follow").code()).isZero();
    }

    @Test
    void eventsWithoutFollowPrintsWhatIsOnRecordAndReturns() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        for (int i = 0; i < 5; i++) {
            service.record(id, new Fact.StepDone("vm", "warm", Duration.ofMillis(1500)));
        }
        assertThat(bench.run("session", "events", "s-abc234", "--from", "3").out())
                .isEqualTo(
                        """
                        12:00:00  ready       vm  warm  1.5 s
                        12:00:00  ready       vm  warm  1.5 s
                        """);
        service.open("s-empty2", SessionState.RUNNING);
        assertThat(bench.run("session", "events", "s-empty2")).isEqualTo(new Ran(0, "", ""));
    }

    @Test
    void requestsThatOpenWithoutATerminalSayTheCommandToUse() throws Exception {
        FakeService asking =
                new FakeService() {
                    @Override
                    protected void agent(SessionId id) throws InterruptedException {
                        ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
                        awaitDecision("r1");
                        record(
                                id,
                                new Fact.StateChanged(
                                        SessionState.RUNNING, SessionState.REVIEW, "ended"));
                    }
                };
        try (CliBench other = new CliBench(directory.resolve("b"), asking)) {
            Thread answering =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (var client = other.client()) {
                                    other.awaitOut("approvals deny r1");
                                    client.deny("r1", null);
                                } catch (CountersignException | InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            Ran ran = other.run("session", "start", ".", "--agent", "mini", "--task", "x");
            answering.join();
            assertThat(ran.out())
                    .contains(
                            "allow:  countersign approvals allow r1@"
                                    + Digest.of("r1npm i x").hex());
        }
    }

    @Test
    void everySimpleVerbReachesTheEngine() {
        service.open("s-abc234", SessionState.RUNNING);
        assertThat(bench.run("session", "send", "s-abc234", "go on").code()).isZero();
        assertThat(bench.run("session", "interrupt", "s-abc234").code()).isZero();
        assertThat(bench.run("session", "stop", "s-abc234").code()).isZero();
        assertThat(bench.run("session", "resume", "s-abc234", "--json").out())
                .contains("\"state\":\"running\"");
        assertThat(bench.run("freeze", "s-abc234").code()).isZero();
        assertThat(bench.run("session", "thaw", "s-abc234").code()).isZero();
        assertThat(bench.run("freeze", "--all").code()).isZero();
        assertThat(bench.run("checkpoint", "create", "s-abc234", "before").out())
                .isEqualTo("Took checkpoint c1 \"before\", 120 MiB.\n");
        assertThat(bench.run("checkpoint", "restore", "s-abc234", "before").out())
                .isEqualTo("Session s-abc234 is back at checkpoint c1 \"before\".\n");
        assertThat(bench.run("reject", "s-abc234", "--hunk", "h1", "h2").code()).isZero();
        assertThat(bench.run("session", "delete", "s-abc234").code()).isZero();
        assertThat(bench.run("engine", "stop").out()).isEqualTo("The engine ends.\n");
        assertThat(service.asked())
                .containsExactly(
                        "send s-abc234 go on",
                        "interrupt s-abc234",
                        "stop s-abc234",
                        "resume s-abc234",
                        "freeze s-abc234",
                        "thaw s-abc234",
                        "freeze all",
                        "checkpoint s-abc234 before",
                        "restore s-abc234 before",
                        "reject s-abc234 [h1, h2] []",
                        "delete s-abc234",
                        "shutdown");
    }

    @Test
    void p7ARequestIsShownInFullInABoxApartFromTheAgentsWords() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(
                FakeService.request(
                        id,
                        "r1",
                        Level.CRITICAL,
                        "git push \u202E--force origin",
                        "wants to push to a remote"));
        assertThat(bench.run("approvals", "show", "r1").out())
                .isEqualTo(
                        """

                        ● critical  The agent wants to push to a remote
                          request r1, session s-abc234, 3 s ago, boundary-enforced
                          ┌ bash in /workspace, critical
                          │ git push ⟨U+202E⟩--force origin
                          ├ runs [git] [push] [⟨U+202E⟩--force] [origin]
                          ├ why: runs code that was not here before
                          ├ effect: install-code
                          └ asked by mode checkpoint
                          The agent says (not checked):
                          > I need this to go on.
                          Undo: A checkpoint takes back what it does in the VM.
                          digest DIGEST
                          allow:  countersign approvals allow r1@DIGEST
                          deny:   countersign approvals deny r1 [--note TEXT]
                        """
                                .replace(
                                        "DIGEST",
                                        Digest.of("r1git push \u202E--force origin").hex()));
    }

    @Test
    void hostsAreAllowedAsFarAsIsSaid() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "connect", "wants it"));
        String shown = "r1@" + Digest.of("r1connect").hex();
        assertThat(
                        bench.run(
                                        "approvals",
                                        "allow",
                                        shown,
                                        "--for",
                                        "repository",
                                        "--until",
                                        "2027-01-31")
                                .code())
                .isZero();
        assertThat(service.asked())
                .containsExactly("for repository until 2027-01-31", "ALLOWED r1");
    }

    @Test
    void p4AllowTakesTheFullDigestOfWhatWasShown() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
        String digest = Digest.of("r1npm i x").hex();
        assertThat(bench.run("approvals", "allow", "r1").code()).isEqualTo(2);
        assertThat(bench.run("approvals", "allow", "r1@" + digest.substring(0, 12)).code())
                .isEqualTo(2);
        assertThat(bench.run("approvals", "allow", "r1@" + "0".repeat(64)).code()).isEqualTo(1);
        assertThat(service.asked()).isEmpty();
        assertThat(bench.run("approvals", "allow", "r1@" + digest, "--note", "fine").code())
                .isZero();
        assertThat(service.asked()).containsExactly("ALLOWED r1 fine");
        Ran again = bench.run("approvals", "deny", "r1");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("decided already");
    }

    @Test
    void approvalsListShowsTheWorstFirst() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
        service.ask(FakeService.request(id, "r2", Level.CRITICAL, "git push", "wants it"));
        assertThat(bench.run("approvals", "list", "--session", "s-abc234").lines())
                .startsWith(
                        "ID  LEVEL     SESSION   KIND   OPENED   WHAT",
                        "r2  critical  s-abc234  calls  3 s ago  git push",
                        "r1  high      s-abc234  calls  3 s ago  npm i x");
        List<String> json = bench.run("approvals", "list", "--json").lines();
        assertThat(json).hasSize(2);
        assertThat(Json.mapper().readTree(json.getFirst()).path("digest").asText()).hasSize(64);
    }

    static ReviewView review(SessionId id) {
        return new ReviewView(
                Digest.of("review").hex(),
                id,
                List.of(
                        new ReviewView.File(
                                GuestText.of("src/a\u001b.js"),
                                "edited",
                                Level.MEDIUM,
                                List.of(),
                                false,
                                1,
                                1,
                                List.of(
                                        new ReviewView.Hunk(
                                                "h1",
                                                "new",
                                                1,
                                                2,
                                                1,
                                                2,
                                                List.of(
                                                        line("context", "a"),
                                                        line("removed", "b"),
                                                        line("added", "c")),
                                                null))),
                        new ReviewView.File(
                                GuestText.of(".github/workflows/ci.yml"),
                                "created",
                                Level.HIGH,
                                List.of("runs on the build server"),
                                true,
                                1,
                                0,
                                List.of())));
    }

    private static ReviewView.Line line(String kind, String text) {
        return new ReviewView.Line(kind, GuestText.of(text));
    }

    @Test
    void reviewShowsTheWorstFileFirstAndItsId() {
        SessionId id = service.open("s-abc234", SessionState.REVIEW);
        service.stage(review(id));
        String seen = Digest.of("review").hex();
        assertThat(bench.run("review", "s-abc234").out())
                .isEqualTo(
                        """
                        high      .github/workflows/ci.yml  created  +1 -0  runs on the host later
                                  runs on the build server
                        medium    src/a⟨U+001B⟩.js  edited  +1 -1
                          @@ -1,2 +1,2 @@ h1  new
                           a
                          -b
                          +c
                        review SEEN
                        Apply all of it with `countersign apply s-abc234 --all --seen SEEN`.
                        """
                                .replace("SEEN", seen));
        assertThat(bench.run("apply", "s-abc234", "--all", "--seen", seen).out())
                .startsWith("Applied 1 hunk in 2 files to tree.\n");
        assertThat(bench.run("undo", "s-abc234").code()).isZero();
        assertThat(service.asked()).containsExactly("apply s-abc234 to tree", "undo s-abc234");
    }

    @Test
    void p2ApplyMustSayWhatItApplies() {
        SessionId id = service.open("s-abc234", SessionState.REVIEW);
        service.stage(review(id));
        for (String[] wrong :
                new String[][] {
                    {"apply", "s-abc234"},
                    {"apply", "s-abc234", "--all"},
                    {"apply", "s-abc234", "--seen", "x"},
                    {"apply", "s-abc234", "--all", "--seen", "x", "--hunk", "h1"},
                    {"apply", "s-abc234", "--hunk", "h1", "--to", "elsewhere"},
                    {"apply", "s-abc234", "--hunk", "h1", "--to", "branch:"},
                    {"apply", "s-abc234", "--hunk", "h1", "--to", "pr:"},
                    {"apply", "s-abc234", "--commits", "--hunk", "h1"},
                    {"reject", "s-abc234"},
                    {"freeze"},
                    {"freeze", "s-abc234", "--all"}
                }) {
            Ran ran = bench.run(wrong);
            assertThat(ran.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(ran.err()).startsWith("countersign: ");
        }
        Ran stale = bench.run("apply", "s-abc234", "--all", "--seen", "old");
        assertThat(stale.code()).isEqualTo(1);
        assertThat(stale.err()).contains("changed since it was shown");
        assertThat(service.asked()).isEmpty();
    }

    @Test
    void commitsAreShownWithTheirMessagesAndTakenByName() {
        service.open("s-abc234", SessionState.REVIEW);
        assertThat(bench.run("session", "commits", "s-abc234").out())
                .isEqualTo(
                        """
                        commit 0123456789abcdef0123456789abcdef01234567  agent <agent@guest>  1970-01-01T00:00:00Z
                            Fix it

                            It was ⟨U+001B⟩[31mbroken.
                        medium    a.txt  edited  +1 -0
                          @@ -1,0 +1,1 @@ c0-1  new
                        a note
                        commits c1
                        Take all of it, made anew as yours, with `countersign apply s-abc234 --commits --all --seen c1 --to branch:NAME` (or patch:FILE for git am, or pr:NAME).
                        """);
        Ran taken =
                bench.run(
                        "apply", "s-abc234", "--commits", "--all", "--seen", "c1", "--to", "pr:x");
        assertThat(taken.out()).startsWith("Applied 1 hunk in 1 file to pr:x.\n");
        assertThat(service.asked()).singleElement().asString().endsWith("pr:x");
    }

    @Test
    void deletingStagedWorkNeedsAWord() {
        SessionId id = service.open("s-abc234", SessionState.REVIEW);
        service.stage(review(id));
        Ran refused = bench.run("session", "delete", "s-abc234");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("--drop-staged");
        assertThat(bench.run("session", "delete", "s-abc234", "--drop-staged", "--json").out())
                .isEqualTo("{\"id\":\"s-abc234\"}\n");
    }

    @Test
    void wrongUseIsTwoAndNamesTheThing() {
        for (String[] wrong :
                new String[][] {
                    {"session"},
                    {"sesion", "list"},
                    {"session", "show"},
                    {"session", "show", "../../etc"},
                    {"session", "start", ".", "--agent", "mini"},
                    {
                        "session",
                        "start",
                        ".",
                        "--agent",
                        "mini",
                        "--task",
                        "x",
                        "--mode",
                        "careless"
                    },
                    {"session", "show", "s-none22"},
                    {"session", "list", "--nonsense"},
                    {"classify"}
                }) {
            Ran ran = bench.run(wrong);
            assertThat(ran.code()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).startsWith("countersign: ");
        }
        assertThat(
                        bench.run(
                                        "session",
                                        "start",
                                        ".",
                                        "--agent",
                                        "mini",
                                        "--task",
                                        "x",
                                        "--mode",
                                        "careless")
                                .err())
                .contains("autonomous, post-hoc, checkpoint, step");
    }

    @Test
    void doctorSaysWhatIsWrongAndWhatToDo() {
        assertThat(bench.run("doctor"))
                .isEqualTo(
                        new Ran(
                                0,
                                """
                                ok      limactl       2.1.1
                                warning kvm           present, does not work
                                        → Sessions run slower.
                                """,
                                ""));
        assertThat(bench.run("doctor", "--json").lines()).hasSize(2);
    }

    @Test
    void versionAndHelpNeedNoEngine() {
        bench.close();
        assertThat(bench.run("--version")).isEqualTo(new Ran(0, "countersign 0.1.0\n", ""));
        assertThat(bench.run("--help").out()).contains("session").doesNotContain("try");
        Ran stopped = bench.run("engine", "stop");
        assertThat(stopped).isEqualTo(new Ran(0, "No engine runs.\n", ""));
        Ran listed = bench.run("session", "list");
        assertThat(listed.code()).isEqualTo(1);
        assertThat(listed.err()).isEqualTo("countersign: No engine answers.\n");
    }

    @Test
    void withoutAVerbTheWindowOpens() {
        assertThat(bench.run().err()).contains("window can't be opened here");
        List<Optional<SessionId>> opened = new ArrayList<>();
        bench.window =
                session -> {
                    opened.add(session);
                    return 0;
                };
        assertThat(bench.run().code()).isZero();
        assertThat(opened).containsExactly(Optional.empty());
    }

    @Test
    void classifyAnswersEveryLineInOrderAlsoMalformedOnes() {
        bench.tools =
                new Tools(
                        line -> "{\"length\":" + line.length() + "}",
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
        bench.in =
                new ByteArrayInputStream(
                        ("one\n\n" + "x".repeat(2_000_000) + "\nlast")
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(bench.run("classify", "--json").lines())
                .containsExactly(
                        "{\"length\":3}",
                        "{\"length\":0}",
                        "{\"length\":1048576}",
                        "{\"length\":4}");
    }

    @Test
    void scanEndsWithOneWhenSomethingWasFound() {
        List<Tools.ScanMode> modes = new ArrayList<>();
        bench.tools =
                new Tools(
                        null,
                        (paths, mode, found) -> {
                            modes.add(mode);
                            if (paths.contains(Path.of("bad"))) {
                                found.accept(new Tools.Finding("bad", 3, 4, 9, "aws-key"));
                            }
                        },
                        null,
                        null,
                        null,
                        null,
                        null);
        assertThat(bench.run("scan", "--json", "good")).isEqualTo(new Ran(0, "", ""));
        assertThat(bench.run("scan", "--mode", "redact", "--json", "bad"))
                .isEqualTo(
                        new Ran(
                                1,
                                "{\"path\":\"bad\",\"line\":3,\"start\":4,\"end\":9,\"rule\":\"aws-key\"}\n",
                                ""));
        assertThat(bench.run("scan", "bad").out()).isEqualTo("bad:3:5  aws-key\n");
        assertThat(bench.run("scan", "--mode", "odd", "bad").code()).isEqualTo(2);
        assertThat(modes)
                .containsExactly(Tools.ScanMode.BLOCK, Tools.ScanMode.REDACT, Tools.ScanMode.BLOCK);
    }

    @Test
    void policyJournalAndRedactUseTheirPorts() {
        bench.tools =
                new Tools(
                        null,
                        null,
                        (in, out) ->
                                out.write(
                                        new String(in.readAllBytes(), StandardCharsets.UTF_8)
                                                .replace("secret", "⟨marked⟩")
                                                .getBytes(StandardCharsets.UTF_8)),
                        file ->
                                file.toString().equals("good.yaml")
                                        ? List.of()
                                        : List.of(
                                                new Tools.PolicyFinding(
                                                        4, "error", "unknown key alow")),
                        new FakeJournals(),
                        null,
                        null);
        bench.in = new ByteArrayInputStream("a secret\n".getBytes(StandardCharsets.UTF_8));
        assertThat(bench.run("redact").out()).isEqualTo("a ⟨marked⟩\n");
        assertThat(bench.run("policy", "check", "good.yaml")).isEqualTo(new Ran(0, "Good.\n", ""));
        assertThat(bench.run("policy", "check", "bad.yaml"))
                .isEqualTo(
                        new Ran(
                                1,
                                "bad.yaml:4  error  unknown key alow\nRefused as a whole.\n",
                                ""));
        assertThat(bench.run("journal", "verify", "s-abc234"))
                .isEqualTo(
                        new Ran(
                                0,
                                "good  s-abc234: 12 entries, verified to entry 11, anchor none\n",
                                ""));
        assertThat(bench.run("journal", "verify", "s-bad222").code()).isEqualTo(1);
        assertThat(bench.run("journal", "export", "s-abc234").out()).isEqualTo("{}\n");
        assertThat(bench.run("journal", "export", "s-abc234", "--format", "csv").code())
                .isEqualTo(2);
    }

    private static final class FakeJournals implements Tools.Journals {
        @Override
        public List<Tools.Verified> verify(Optional<String> name) {
            boolean good = name.equals(Optional.of("s-abc234"));
            return List.of(
                    new Tools.Verified(
                            name.orElse("all"),
                            new VerifyView(
                                    good, 12, good ? 11 : 3, good ? null : "entry 4", "none")));
        }

        @Override
        public void export(SessionId session, String format, java.io.OutputStream out)
                throws java.io.IOException {
            out.write("{}\n".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public List<String> formats() {
            return List.of("jsonl");
        }
    }

    @Test
    void imagesAndTheGatewayUseTheirPorts() {
        List<Tools.GatewayRequest> served = new ArrayList<>();
        bench.tools =
                new Tools(
                        null,
                        null,
                        null,
                        null,
                        null,
                        new Tools.Images() {
                            @Override
                            public List<Tools.Image> list() {
                                return List.of(
                                        new Tools.Image(
                                                "img1", List.of("jdk"), 1L << 30, "2026-11-23"));
                            }

                            @Override
                            public Tools.Image build(
                                    List<String> with,
                                    List<String> agents,
                                    boolean inVm,
                                    java.util.function.Consumer<Tools.Progress> progress) {
                                progress.accept(
                                        new Tools.Progress(
                                                40, inVm ? "packages in a VM" : "packages"));
                                return new Tools.Image("img2", with, 1L << 30, "2026-11-23");
                            }
                        },
                        (request, line) -> {
                            served.add(request);
                            line.accept("{\"listening\":\"127.0.0.1:1\"}");
                        });
        assertThat(bench.run("image", "list").lines())
                .containsExactly("ID    WITH  SIZE     CREATED", "img1  jdk   1.0 GiB  2026-11-23");
        assertThat(bench.run("image", "build", "--with", "jdk,go").out())
                .isEqualTo(" 40 %  packages\nImage img2, 1.0 GiB.\n");
        assertThat(bench.run("image", "build", "--in-vm").out()).contains("packages in a VM");
        assertThat(
                        bench.run(
                                        "gateway",
                                        "serve",
                                        "--provider",
                                        "anthropic",
                                        "--upstream",
                                        "http://127.0.0.1:2",
                                        "--listen",
                                        "127.0.0.1:0")
                                .out())
                .isEqualTo("{\"listening\":\"127.0.0.1:1\"}\n");
        assertThat(served).hasSize(1);
    }

    @Test
    void coloursAreOnlyUsedWhereAskedForAndNeverCarryMeaningAlone() {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
        String plain = bench.run("approvals", "show", "r1").out();
        bench.colours = true;
        String coloured = bench.run("approvals", "show", "r1").out();
        assertThat(plain).doesNotContain("\u001b");
        assertThat(coloured).contains("\u001b[33m");
        assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
    }

    @Test
    void anErrorOfTheEngineKeepsItsExitCode() {
        assertThat(bench.run("session", "show", "s-none22").code()).isEqualTo(2);
        CountersignException exhausted =
                new CountersignException(Kind.EXHAUSTED, "needs 2 GB, 1.1 GB free");
        FakeService full =
                new FakeService() {
                    @Override
                    public dev.countersign.api.SessionView start(
                            dev.countersign.api.StartRequest request) throws CountersignException {
                        throw exhausted;
                    }
                };
        try (CliBench other = new CliBench(directory.resolve("b"), full)) {
            Ran ran = other.run("session", "start", ".", "--agent", "mini", "--task", "x");
            assertThat(ran).isEqualTo(new Ran(1, "", "countersign: needs 2 GB, 1.1 GB free\n"));
        } catch (CountersignException e) {
            throw new IllegalStateException(e);
        }
    }
}
