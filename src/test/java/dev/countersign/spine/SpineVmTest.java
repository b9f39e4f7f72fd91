package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.api.Selection;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Sessions from end to end, with an engine that is killed on the way.
@Tag("vm")
class SpineVmTest {
    private static final Duration TOUR = Duration.ofMinutes(8);

    /// One held call that leaves a file, then the end.
    private static final String ONE_HELD_CALL =
            """
            version: 1
            first: go
            again: more
            steps:
              go:
                say: I run a script.
                calls:
                  - bash: {command: "python3 -c 'getattr(open(\\"ran.txt\\",\\"a\\"),\\"write\\")(\\"once \\")'"}
                next: done
              done:
                say: Done.
              more:
                say: Nothing more.
            """;

    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        if (desk != null) {
            desk.clear();
        }
    }

    @Test
    void theTourIsLivedThroughAndLeavesNothing() throws IOException, InterruptedException {
        Path place = desk.work.resolve("tour");
        Desk.Ended tour = desk.run(TOUR, "try", "--cli", "--yes-tour", "--dir", place.toString());
        assertThat(tour.output()).as("the tour").contains("All 10 steps were seen");
        assertThat(tour.code()).isZero();
        assertThat(desk.instances()).isEmpty();
        Desk.await("the end of all processes", () -> desk.processes().isEmpty());
    }

    @Test
    void theTourThatIsDeniedRunsNoHeldCall() throws IOException, InterruptedException {
        Path place = desk.work.resolve("tour");
        Desk.Ended tour =
                desk.run(TOUR, "try", "--cli", "--answer", "deny", "--dir", place.toString());
        assertThat(tour.code()).as(tour.output()).isZero();
        assertThat(place.resolve("tour-markers")).doesNotExist();
        assertThat(desk.instances()).isEmpty();
    }

    @Test
    void p4AKilledEngineRunsNothingAndTheNextOneGoesOn()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        SessionId id;
        String asked;
        Digest shown;
        try (Client engine = desk.engine()) {
            id = engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            ApprovalView open = Desk.request(engine, id);
            assertThat(open.level()).isEqualTo(Level.HIGH);
            asked = open.id();
            shown = open.digest();
            desk.killEngine();
        }
        try (Client engine = desk.engine()) {
            ApprovalView open = Desk.request(engine, id);
            assertThat(open.id()).isEqualTo(asked);
            assertThat(open.digest()).isEqualTo(shown);
            Desk.awaitState(engine, id, SessionState.RUNNING);
            assertThat(Desk.facts(engine, id, Fact.Released.class)).isEmpty();
            assertThatThrownBy(() -> engine.allow(asked, Digest.of("something else"), null))
                    .isInstanceOf(CountersignException.class);

            engine.allow(asked, shown, null);
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(Desk.facts(engine, id, Fact.Released.class)).hasSize(1);
            ReviewView review = engine.review(id);
            assertThat(review.files()).hasSize(1);
            assertThat(review.files().getFirst().hunks().getFirst().lines().getFirst().text().raw())
                    .as("it ran once")
                    .isEqualTo("once ");
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
            assertThat(desk.instances()).isEmpty();
        }
    }

    /// Counts in a file until it is ended.
    private static final String COUNTER =
            """
            import os, sys, time
            n = 0
            while True:
                n += 1
                with open("/tmp/" + sys.argv[1] + ".new", "w") as count:
                    count.write(str(n))
                os.replace("/tmp/" + sys.argv[1] + ".new", "/tmp/" + sys.argv[1])
                time.sleep(0.1)
            """;

    /// A process in the guest, told from any other of that number by when it began.
    private record Counting(String pid, String began, long count) {}

    private Counting early(SessionId id) throws IOException, InterruptedException {
        String[] seen =
                desk.inGuest(
                                id,
                                """
                                pid=$(pgrep -f '^python3 counter.py early$')
                                echo $pid $(cut -d ' ' -f 22 /proc/$pid/stat) $(cat /tmp/early)
                                """)
                        .split(" ");
        assertThat(seen).hasSize(3);
        return new Counting(seen[0], seen[1], Long.parseLong(seen[2]));
    }

    private String late(SessionId id) throws IOException, InterruptedException {
        return desk.inGuest(
                id, "pgrep -f '^python3 counter.py late$' || ls /tmp/late || echo none of it");
    }

    /// It is the process of the checkpoint and goes on from there.
    private void goesOn(SessionId id, Counting then) throws IOException, InterruptedException {
        Counting now = early(id);
        assertThat(now.pid()).isEqualTo(then.pid());
        assertThat(now.began()).isEqualTo(then.began());
        assertThat(now.count()).isGreaterThanOrEqualTo(then.count());
        Desk.await(
                "the early process to count on",
                () -> {
                    try {
                        return early(id).count() > now.count();
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        assertThat(late(id)).contains("none of it");
    }

    @Test
    void aRestoreGoesBackAndLosesNothing()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Files.writeString(repository.resolve("keep.txt"), "precious\n");
        Files.writeString(repository.resolve("counter.py"), COUNTER);
        String scenario =
                """
                version: 1
                first: make
                again: more
                steps:
                  make:
                    say: I write a file and start a service.
                    calls:
                      - write: {path: made.txt, content: "made before\\n"}
                      - bash: {command: "setsid python3 counter.py early >/tmp/early.log 2>&1 & until [ -e /tmp/early ]; do sleep 0.1; done"}
                    next: destroy
                  destroy:
                    say: I clean up.
                    calls:
                      - bash: {command: "python3 -c 'import os; os.remove(\\"keep.txt\\"); getattr(open(\\"after.txt\\",\\"w\\"),\\"write\\")(\\"late\\")'; setsid python3 counter.py late >/tmp/late.log 2>&1 & until [ -e /tmp/late ]; do sleep 0.1; done"}
                    next: wait
                  wait:
                    say: I write once more.
                    calls:
                      - bash: {command: "python3 -c 'getattr(open(\\"more.txt\\",\\"w\\"),\\"write\\")(\\"more\\")'"}
                    next: done
                  done:
                    say: Done.
                  more:
                    say: Nothing more.
                """;
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(scenario))).id();
            ApprovalView first = Desk.request(engine, id);
            String before = engine.createCheckpoint(id, "before").id();
            Counting then = early(id);
            engine.allow(first.id(), first.digest(), null);
            ApprovalView open = Desk.requestAfter(engine, id, first);
            Desk.await(
                    "the late process",
                    () -> {
                        try {
                            return late(id).matches("[0-9]+");
                        } catch (IOException | InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
            Desk.await(
                    "what was done to be staged",
                    () -> {
                        try {
                            return paths(engine.review(id))
                                    .containsAll(List.of("after.txt", "keep.txt", "made.txt"));
                        } catch (CountersignException e) {
                            throw new AssertionError(e);
                        }
                    });

            ReviewView late = engine.review(id);
            String made = hunk(late, "made.txt");
            engine.apply(id, new ApplyRequest(Selection.hunks(List.of(made)), "tree"));
            assertThat(repository.resolve("made.txt")).hasContent("made before");
            Files.writeString(repository.resolve("a.txt"), "one, edited on the host\n");

            engine.restore(id, before);
            ApprovalView again = Desk.request(engine, id);
            assertThat(again.id()).as("the void decision is not used").isNotEqualTo(first.id());
            assertThat(Desk.asked(again)).isEqualTo(Desk.asked(first));
            assertThat(engine.session(id).epoch()).isEqualTo(1);
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            goesOn(id, then);
            assertThat(repository.resolve("a.txt")).hasContent("one, edited on the host");
            assertThat(repository.resolve("keep.txt")).hasContent("precious");
            assertThat(repository.resolve("made.txt")).hasContent("made before");

            ReviewView kept = engine.review(id);
            assertThat(paths(kept))
                    .as("what was made meanwhile is in staging, the host's edits are not")
                    .contains("after.txt")
                    .doesNotContain("a.txt", "made.txt");
            List<Fact.Restored> restored = Desk.facts(engine, id, Fact.Restored.class);
            assertThat(restored).hasSize(1);
            assertThat(restored.getFirst().voided())
                    .as(() ->
                            "what was decided or open after the checkpoint is void, of\n"
                                    + Desk.story(engine, id))
                    .containsExactlyInAnyOrder(first.id(), open.id());

            engine.deny(again.id(), "keep the file");
            ApprovalView last = Desk.requestAfter(engine, id, again);
            engine.deny(last.id(), "there is nothing to see");
            Desk.awaitState(engine, id, SessionState.REVIEW);

            // Once more, now that the agent and all that it had started have ended.
            engine.restore(id, before);
            ApprovalView third = Desk.request(engine, id);
            assertThat(Desk.asked(third)).isEqualTo(Desk.asked(first));
            Desk.awaitState(engine, id, SessionState.RUNNING);
            goesOn(id, then);
            assertThat(Desk.facts(engine, id, Fact.Restored.class).getLast().voided())
                    .containsExactlyInAnyOrder(again.id(), last.id());
            engine.deny(third.id(), "keep the file");
            engine.deny(Desk.requestAfter(engine, id, third).id(), "there is nothing to see");
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
            assertThat(desk.instances()).isEmpty();
        }
    }

    /// Asks the model again and again, in a conversation of its own each time, as an agent does
    /// whose connections are cut.
    private static final String ASKS_AND_ASKS =
            """
            import http.client, json, threading, time
            BASH = {"name": "bash", "description": "Runs a command.", "input_schema": {
                "type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}}
            def ask(n):
                try:
                    model = http.client.HTTPConnection("127.0.0.1", 4100, timeout=600)
                    model.request("POST", "/v1/messages", json.dumps({
                        "model": "scripted", "max_tokens": 1000, "tools": [BASH],
                        "messages": [{"role": "user", "content": "again " + str(n)}]}),
                        {"content-type": "application/json", "anthropic-version": "2023-06-01"})
                    model.getresponse().read()
                except (OSError, http.client.HTTPException):
                    pass
            for n in range(1000):
                threading.Thread(target=ask, args=(n,), daemon=True).start()
                time.sleep(0.1)
            """;

    @Test
    void p4AGuestThatGoesBackLeavesNoQuestionOfItsOwnOpen()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "ask.py", ASKS_AND_ASKS);
        try (Client engine = desk.engine()) {
            SessionId id =
                    engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            ApprovalView held = Desk.request(engine, id);
            String before = engine.createCheckpoint(id, "before").id();
            desk.inGuest(
                    id,
                    "cd /workspace && setsid python3 ask.py >/dev/null 2>&1 </dev/null & echo started");
            Desk.await(
                    "questions of the guest",
                    () -> {
                        try {
                            return engine.approvals(Optional.of(id)).size() > 3;
                        } catch (CountersignException e) {
                            throw new AssertionError(e);
                        }
                    });

            engine.restore(id, before);
            ApprovalView again = Desk.request(engine, id);
            assertThat(Desk.asked(again)).isEqualTo(Desk.asked(held));
            assertThat(engine.approvals(Optional.of(id)))
                    .as("nobody would come for the answer to any other")
                    .hasSize(1);
            assertThat(desk.inGuest(id, "pgrep -f ask.py || echo none of it"))
                    .contains("none of it");
            engine.deny(again.id(), "leave it");
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
            assertThat(desk.instances()).isEmpty();
        }
    }

    @Test
    void aGuestThatIsKilledIsSaidAndCanBeResumed()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            SessionId id =
                    engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            Desk.request(engine, id);
            ProcessHandle qemu =
                    ProcessHandle.of(
                                    Long.parseLong(
                                            Files.readString(
                                                            desk.home.resolve(
                                                                    "lima/" + id + "/qemu.pid"))
                                                    .strip()))
                            .orElseThrow();
            qemu.destroyForcibly();
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(engine.session(id).why()).contains("countersign session resume");
            engine.delete(id, true);
            assertThat(desk.instances()).isEmpty();
        }
    }

    @Test
    void deletingWhilePreparingLeavesNothing()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            SessionId id =
                    engine.start(Desk.request(repository, desk.scenario(ONE_HELD_CALL))).id();
            engine.delete(id, true);
            assertThat(engine.sessions()).isEmpty();
            assertThat(desk.instances()).isEmpty();
            Desk.await(
                    "the end of the VM's processes",
                    () -> desk.processes().stream().noneMatch(line -> line.contains("/lima/")));
        }
    }

    private static List<String> paths(ReviewView review) {
        return review.files().stream().map(file -> file.path().raw()).toList();
    }

    private static String hunk(ReviewView review, String path) {
        return review.files().stream()
                .filter(file -> file.path().raw().equals(path))
                .findFirst()
                .orElseThrow()
                .hunks()
                .getFirst()
                .id();
    }
}
