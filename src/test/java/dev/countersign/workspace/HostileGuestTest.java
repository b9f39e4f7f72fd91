package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The guest's side replaced by one that lies.
class HostileGuestTest {
    @TempDir Path dir;

    private static final Limits TIGHT = new Limits(1 << 20, 4 << 20, 500, Duration.ofSeconds(5));

    /// A helper that behaves until `sabotage` patches the class.
    private Path evil(String sabotage) throws Exception {
        String good = Files.readString(Rig.helperFile());
        int main = good.indexOf("if __name__");
        Path file = dir.resolve("evil.py");
        Files.writeString(file, good.substring(0, main) + sabotage + "\nmain()\n");
        return file;
    }

    private Rig rig(String sabotage) throws Exception {
        Path helper = evil(sabotage);
        return new Rig(
                dir,
                s ->
                        s.withGuest(
                                        s.guestRoot(),
                                        null,
                                        List.of("python3", "-S", "-E", "-I", helper.toString()))
                                .withLimits(TIGHT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside",
                "/etc/outside",
                "a/../../outside",
                "",
                ".",
                "a//b",
                ".git/hooks/x",
                ".GIT/config",
                "x/.git/config",
                "a\\u0000b",
                "\\ud800bad",
                ".g\\u200cit/config",
                "git~1/x",
            })
    void P2_aNameThatLeavesTheWorkspaceNeverComesIn(String name) throws Exception {
        String sabotage =
                """
                def scan(self, rid, head, blob):
                    sig = [1, 2, 3, 4, 5, 0o100644]
                    self.wire.send("e", {"id": rid, "rows": [["%s", "f", sig, None]]})
                    self.wire.send("d", {"id": rid, "over": False})
                def read(self, rid, head, blob):
                    for p in head["paths"]:
                        self.wire.send("f", {"id": rid, "p": p, "last": True, "stat": [1, 2, 3, 4, 5, 0o100755], "torn": False}, b"bad")
                    self.wire.send("d", {"id": rid})
                Side.scan = scan
                Side.read = read
                """
                        .formatted(name);
        try (Rig rig = rig(sabotage)) {
            rig.in();
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .allSatisfy(f -> assertThat(f.change()).isEqualTo(ChangeKind.BLOCKED));
            ApplyOutcome outcome =
                    rig.review().files().isEmpty()
                            ? new ApplyOutcome("", "tree", List.of(), 0, List.of())
                            : rig.applyAll();
            assertThat(outcome.paths()).isEmpty();
            assertThat(Rig.tree(rig.host)).isEmpty();
            assertThat(dir.resolve("outside")).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Frames that are none.
                "import sys\nsys.stdout.write('hello\\\\n' * 100); sys.stdout.flush()",
                "import sys\nsys.stdout.buffer.write(b'e\\\\x01\\\\xff\\\\xff\\\\xff\\\\xff'); sys.stdout.flush()",
                "import sys\nsys.stdout.buffer.write(b'e\\\\x01\\\\x00\\\\x00\\\\x00\\\\x08\\\\x7f\\\\xff\\\\xff\\\\xffaaaa'); sys.stdout.flush()",
                // Answers to nothing, deep JSON, wrong shapes, silence, an early end.
                "def scan(self, rid, head, blob):\n  self.wire.send('d', {'id': 999})\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  self.wire.send('e', {'id': rid, 'rows': [['a', 'f', 'x', 1]]})\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  self.wire.send('e', {'id': rid, 'rows': [[1, 2]]})\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  self.wire.send('f', {'id': rid})\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  sys.exit(0)\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  threading.Event().wait()\nSide.scan = scan",
                "def scan(self, rid, head, blob):\n  n = 0\n  while True:\n    n += 1\n    self.wire.send('e', {'id': rid, 'rows': [['f%d' % n, 'f', [1,2,3,4,5,33188], None]]})\nSide.scan = scan",
            })
    void aBrokenProtocolEndsTheChannelWithAReasonAndNothingElse(String sabotage) throws Exception {
        try (Rig rig = rig(sabotage.replace("\\\\", "\\"))) {
            Rig.write(rig.host, "a", "1\n");
            Map<String, String> before = Rig.tree(rig.host);
            assertThatThrownBy(rig::in)
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.getMessage()).contains("guest"));
            assertThat(Rig.tree(rig.host)).isEqualTo(before);
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void moreContentThanAskedForEndsTheChannel() throws Exception {
        String sabotage =
                """
                def read(self, rid, head, blob):
                    while True:
                        self.wire.send("f", {"id": rid, "p": head["paths"][0], "last": False}, b"x" * 65536)
                Side.read = read
                """;
        try (Rig rig = rig(sabotage)) {
            rig.in();
            Rig.write(rig.guest, "a", "1\n");
            assertThatThrownBy(() -> rig.workspace.collect())
                    .hasMessageContaining("more of a file");
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void aLieAboutAHashIsFoundSinceTheHostHashesItself() throws Exception {
        String sabotage =
                """
                def digest(fd, name):
                    return "0" * 64
                """;
        try (Rig rig = rig(sabotage)) {
            Rig.write(rig.host, "a", "1\n");
            rig.in();
            Rig.write(rig.guest, "a", "2\n");
            rig.workspace.collect();
            assertThat(rig.applyAll().paths()).hasSize(1);
            assertThat(Rig.read(rig.host, "a")).isEqualTo("2\n");
        }
    }

    @Test
    void tooMuchContentPausesStagingWithAReason() throws Exception {
        try (Rig rig = new Rig(dir, s -> s.withLimits(TIGHT))) {
            rig.in();
            for (int i = 0; i < 6; i++) {
                Rig.writeBytes(rig.guest, "big" + i, new byte[1000_000]);
            }
            Rig.writeBytes(rig.guest, "huge", new byte[2 << 20]);
            rig.workspace.collect();
            assertThat(rig.review().paused()).contains("MiB would be staged");
            assertThat(rig.file("huge").change()).isEqualTo(ChangeKind.BLOCKED);
            assertThat(rig.review().files().size()).isBetween(2, 6);
        }
    }

    @Test
    void tooManyPathsPauseStagingWithAReason() throws Exception {
        try (Rig rig = new Rig(dir, s -> s.withLimits(TIGHT))) {
            rig.in();
            for (int i = 0; i < 600; i++) {
                Rig.write(rig.guest, "many/" + i, "x");
            }
            rig.workspace.collect();
            assertThat(rig.review().paused()).contains("more than 500 paths");
        }
    }

    @Test
    void aPushNeverFollowsALinkThatTheAgentPutInItsWay() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Path outside = Files.createDirectories(dir.resolve("outside"));
            Rig.write(outside, "x", "mine\n");
            Rig.write(rig.host, "d/x", "1\n");
            rig.in();
            Files.delete(rig.guest.resolve("d/x"));
            Files.delete(rig.guest.resolve("d"));
            Files.createSymbolicLink(rig.guest.resolve("d"), outside);
            Rig.write(rig.host, "d/y", "2\n");
            rig.workspace.collect();
            assertThat(Rig.tree(outside)).isEqualTo(Map.of("x", "mine\n"));
            assertThat(rig.file("d").change()).isEqualTo(ChangeKind.BLOCKED);
        }
    }

    @Test
    void P2_anAppliedLinkIsNeverWrittenThrough() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Path outside = Files.createDirectories(dir.resolve("outside"));
            rig.in();
            Rig.write(rig.guest, "d/new", "agent\n");
            rig.workspace.collect();
            Files.createSymbolicLink(rig.host.resolve("d"), outside);
            ApplyOutcome outcome = rig.applyHunk("d/new", 0);
            assertThat(outcome.paths()).isEmpty();
            assertThat(Rig.tree(outside)).isEmpty();
        }
    }

    @Test
    void aCopyInThatBreaksOffIsRepeatedFromTheStart() throws Exception {
        String sabotage =
                """
                def baseline(self, rid, head, blob):
                    os._exit(1)
                Side.baseline = baseline
                """;
        try (Rig rig = rig(sabotage)) {
            Rig.write(rig.host, "a", "1\n");
            assertThatThrownBy(rig::in).hasMessageContaining("gone");
            assertThat(Rig.tree(rig.guest)).as("half of it").hasSize(1);
            rig.workspace.close();
            Rig.write(rig.host, "a", "2\n");
            try (Workspace again =
                    Workspace.open(
                            rig.settings.withGuest(rig.guest.toString(), null, Rig.helper()),
                            rig.recorder(),
                            java.time.Clock.systemUTC(),
                            FaultPoint.none(),
                            Rig.NoWatch::new)) {
                assertThat(again.copyIn(rig.link, Progress.none()).files()).isEqualTo(1);
                assertThat(Rig.tree(rig.guest)).isEqualTo(Map.of("a", "2\n"));
                assertThatThrownBy(() -> again.copyIn(rig.link, Progress.none()))
                        .hasMessageContaining("in the guest already");
            }
        }
    }

    @Test
    void noSpaceInTheGuestIsSaidWithTheNextStep() throws Exception {
        String sabotage =
                """
                def full(self, *_):
                    raise OSError(errno.ENOSPC, "full")
                Side.write = Side.put_first = full
                """;
        try (Rig rig = rig(sabotage)) {
            Rig.write(rig.host, "a", "1\n");
            assertThatThrownBy(rig::in)
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e ->
                                    assertThat(e.kind())
                                            .isEqualTo(CountersignException.Kind.EXHAUSTED))
                    .hasMessageContaining("guest's disk");
        }
    }

    @Test
    void whatFoundNoSpaceInTheGuestIsSaidOnceAndArrivesWhenThereIsSome() throws Exception {
        Path full = dir.resolve("full");
        String sabotage =
                """
                real = Side.write
                def write(self, fd, file, content):
                    if os.path.exists("%s"):
                        raise OSError(errno.ENOSPC, "full")
                    return real(self, fd, file, content)
                Side.write = write
                """
                        .formatted(full);
        try (Rig rig = rig(sabotage)) {
            Rig.write(rig.host, "a", "1\n");
            rig.in();
            Files.createFile(full);
            Rig.write(rig.host, "a", "2\n");
            rig.workspace.collect();
            Rig.eventually(() -> notices(rig).size() == 1);
            assertThat(notices(rig).getFirst()).startsWith("a ").contains("no space is left");
            // A second try that finds none either says nothing new.
            rig.workspace.collect();
            Files.delete(full);
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "a")));
            assertThat(notices(rig)).hasSize(1);
        }
    }

    private static List<String> notices(Rig rig) {
        return List.copyOf(rig.facts).stream()
                .filter(Fact.Noticed.class::isInstance)
                .map(fact -> ((Fact.Noticed) fact).message())
                .toList();
    }
}
