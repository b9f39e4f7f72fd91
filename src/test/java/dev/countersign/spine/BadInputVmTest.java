package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Sessions that meet what is broken or full: each says what is the matter and what to do, and
/// loses nothing.
@Tag("vm")
class BadInputVmTest {
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
    void unreadableFilesStayOutByNameAndAnAgentThatIsKilledIsSaidAndGoesOn()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Path file = Files.writeString(repository.resolve("sealed.txt"), "nobody reads me\n");
        Path directory = Files.createDirectory(repository.resolve("sealed"));
        Files.writeString(directory.resolve("inside.txt"), "nor me\n");
        String scenario =
                """
                version: 1
                first: make
                steps:
                  make:
                    say: I write a file.
                    calls:
                      - write: {path: made.txt, content: "made before\\n"}
                    next: crash
                  crash:
                    say: I end myself.
                    calls:
                      - bash: {command: "kill -9 $PPID; sleep 60"}
                    next: back
                  back:
                    say: I am back.
                    calls:
                      - write: {path: later.txt, content: "made after\\n"}
                    next: end
                  end:
                    say: Done.
                """;
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("---------"));
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(scenario))).id();
            allowUntil(engine, id, SessionState.REVIEW);

            List<Fact.CopiedIn> copied = Desk.facts(engine, id, Fact.CopiedIn.class);
            assertThat(copied).hasSize(1);
            assertThat(copied.getFirst().leftOut().stream().map(GuestText::raw))
                    .as("what stayed out, by name and reason")
                    .anyMatch(line -> line.startsWith("sealed.txt: ") && says(line))
                    .anyMatch(line -> line.startsWith("sealed: ") && says(line));

            assertThat(engine.session(id).why())
                    .contains("signal 9")
                    .contains("countersign session send " + id);
            assertThat(Desk.facts(engine, id, Fact.AgentEnded.class).getLast().exitCode())
                    .isEqualTo(137);
            assertThat(paths(engine.review(id)))
                    .as("what it made is kept; what could not be read is no deletion")
                    .containsExactly("made.txt");

            // The next step that was named works: it goes on where it was.
            engine.send(id, "go on");
            Desk.awaitState(engine, id, SessionState.RUNNING);
            allowUntil(engine, id, SessionState.REVIEW);
            assertThat(engine.session(id).why()).isNull();
            assertThat(paths(engine.review(id))).containsExactly("later.txt", "made.txt");
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        } finally {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(file).hasContent("nobody reads me");
        assertThat(directory.resolve("inside.txt")).hasContent("nor me");
    }

    private static boolean says(String line) {
        return line.contains("cannot be read: permission denied");
    }

    @Test
    void aDiskThatFillsUpInTheGuestIsSaidAndWhatTheHostHadArrivesOnceThereIsRoom()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        String scenario =
                """
                version: 1
                first: make
                steps:
                  make:
                    say: I write a file.
                    calls:
                      - write: {path: made.txt, content: "made before\\n"}
                    next: fill
                  fill:
                    say: I fill the disk.
                    calls:
                      - bash: {command: "python3 -c 'import os\\nfor n in range(30, 11, -1):\\n  try:\\n    while 1: f = os.open(\\"/home/agent/fill\\", os.O_WRONLY | os.O_CREAT); os.posix_fallocate(f, os.fstat(f).st_size, 1 << n)\\n  except OSError as e: print(e)'"}
                    next: wait
                  wait:
                    say: I write more than there is room for.
                    calls:
                      - write: {path: late.txt, content: "%s"}
                    next: free
                  free:
                    say: I make room.
                    calls:
                      - bash: {command: "python3 -c 'import os; os.remove(\\"/home/agent/fill\\")'"}
                    next: look
                  look:
                    say: I look again when there is room.
                    calls:
                      - bash: {command: "until [ $(stat -c %%s a.txt) -gt 100000 ]; do sleep 0.2; done; cp a.txt seen.txt"}
                    next: end
                  end:
                    say: Done.
                """
                        .formatted("x".repeat(20_000));
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(scenario))).id();
            ApprovalView fill = Desk.request(engine, id);
            engine.allow(fill.id(), fill.digest(), null);
            ApprovalView[] free = {fill};
            Desk.await(
                    "the call that makes room",
                    () -> {
                        free[0] = Desk.request(engine, id);
                        return !free[0].id().equals(fill.id());
                    });
            assertThat(paths(engine.review(id)))
                    .as("what it made before is staged, what had no room is not there in part")
                    .containsExactly("made.txt");

            String edited = "edited on the host\n".repeat(10_000);
            Files.writeString(repository.resolve("a.txt"), edited);
            Desk.await(
                    "the word that there is no space",
                    () -> {
                        try {
                            return Desk.facts(engine, id, Fact.Noticed.class).stream()
                                    .anyMatch(fact ->
                                            fact.message().contains("a.txt")
                                                    && fact.message().contains("no space is left"));
                        } catch (CountersignException e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            assertThat(repository.resolve("a.txt")).hasContent(edited);

            engine.allow(free[0].id(), free[0].digest(), null);
            allowUntil(engine, id, SessionState.REVIEW);
            assertThat(engine.session(id).why()).isNull();
            ReviewView review = engine.review(id);
            assertThat(paths(review))
                    .as("the host's own edit is none of the agent's")
                    .containsExactly("made.txt", "seen.txt");
            assertThat(repository.resolve("a.txt")).hasContent(edited);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
            assertThat(desk.instances()).isEmpty();
        }
    }

    /// Allows whatever is asked until the session is in that state.
    private static void allowUntil(Client engine, SessionId id, SessionState state) {
        Desk.await(
                id + " to be " + state,
                () -> {
                    try {
                        for (ApprovalView open : engine.approvals(Optional.of(id))) {
                            engine.allow(open.id(), open.digest(), null);
                        }
                        SessionState now = engine.session(id).state();
                        if (now == SessionState.FAILED && state != SessionState.FAILED) {
                            throw new AssertionError("it failed: " + engine.session(id).why());
                        }
                        return now == state;
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static List<String> paths(ReviewView review) {
        return review.files().stream().map(file -> file.path().raw()).sorted().toList();
    }
}
