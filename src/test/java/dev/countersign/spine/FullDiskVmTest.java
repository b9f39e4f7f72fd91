package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The disk with the product's own state fills up under a running engine and a real VM.
@Tag("vm")
class FullDiskVmTest {
    private static final long MIB = 1L << 20;

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
    void p5WithoutRoomNothingIsDecidedAndNothingIsLostAndWithRoomItGoesOn() throws Exception {
        desk.onOwnDisk();
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
                    next: held
                  held:
                    say: I run a script.
                    calls:
                      - bash: {command: "python3 -c 'getattr(open(\\"ran.txt\\",\\"a\\"),\\"write\\")(\\"once \\")'"}
                    next: done
                  done:
                    say: Done.
                """;
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(scenario))).id();
            ApprovalView open = Desk.request(engine, id);
            Desk.await("what was written to be staged", () -> Desk.hunks(engine, id) == 1);

            desk.room(700 * MIB);
            Desk.await(
                    "the warning",
                    () ->
                            Desk.notices(engine, id, "disk").stream()
                                    .anyMatch(said -> said.contains("are left")));
            desk.room(0);
            fill(desk.seen("filler"));

            assertThatExceptionOfType(CountersignException.class)
                    .as("what can't be recorded is not done")
                    .isThrownBy(() -> engine.allow(open.id(), open.digest(), null))
                    .satisfies(refused ->
                            assertThat(refused.kind())
                                    .isEqualTo(CountersignException.Kind.EXHAUSTED))
                    .withMessageContaining(
                            "so it stays as it was and nothing runs. Free some space");
            assertThat(Desk.request(engine, id).digest()).isEqualTo(open.digest());
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            assertThat(Desk.hunks(engine, id)).isEqualTo(1);

            // The guest's own disk has room; the file that it lies in can't grow.
            CompletableFuture<String> writing =
                    CompletableFuture.supplyAsync(
                            () ->
                                    guest(
                                            id,
                                            "dd if=/dev/zero bs=1M count=300 conv=fsync of=/home/agent/big 2>/dev/null && tr -d '\\0' </home/agent/big | wc -c && stat -c %s /home/agent/big"),
                            task -> Thread.ofVirtual().start(task));
            Desk.await("the VM to stand still", () -> desk.log().contains("the VM stands still"));
            assertThat(writing).isNotDone();

            Files.delete(desk.seen("filler"));
            desk.room(1500 * MIB);
            assertThat(writing.join()).as("what was in flight").isEqualTo("0\n314572800");
            Desk.await(
                    "word of it",
                    () ->
                            Desk.notices(engine, id, "disk").stream()
                                    .anyMatch(said -> said.contains("went on where it was")));

            ApprovalView still = Desk.request(engine, id);
            assertThat(still.id()).isEqualTo(open.id());
            engine.allow(still.id(), still.digest(), null);
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(guest(id, "cat /workspace/ran.txt")).as("it ran once").isEqualTo("once");
            Desk.await("both files to be staged", () -> Desk.hunks(engine, id) == 2);
            assertThat(Desk.facts(engine, id, Fact.Decided.class))
                    .filteredOn(decided -> decided.by() == DecidedBy.PERSON)
                    .hasSize(1);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private String guest(SessionId id, String script) {
        try {
            return desk.inGuest(id, script);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
