package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.Fact;
import dev.countersign.platform.HostWatches;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nobody asks for a comparison here: the system's own events on both sides do it all.
class LiveSyncTest {
    @TempDir Path dir;

    private static Rig live(Path dir) throws Exception {
        Rig rig = new Rig(dir);
        rig.workspace.close();
        rig.workspace =
                Workspace.open(
                        rig.settings,
                        rig.recorder(),
                        Clock.systemUTC(),
                        FaultPoint.none(),
                        HostWatches::ofThisSystem);
        return rig;
    }

    @Test
    void whatPeopleAndToolsDoArrivesOnTheOtherSideByItself() throws Exception {
        try (Rig rig = live(dir)) {
            Rig.write(rig.host, "src/a", "1\n");
            Rig.write(rig.host, "src/b", "1\n");
            rig.in();
            Rig.write(rig.host, "src/a", "2\n");
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "src/a")));
            // As most editors save.
            Rig.write(rig.host, "src/.b.swp", "temp");
            Files.move(
                    rig.host.resolve("src/.b.swp"),
                    rig.host.resolve("src/b"),
                    StandardCopyOption.ATOMIC_MOVE);
            Rig.eventually(() -> "temp".equals(Rig.read(rig.guest, "src/b")));
            // As git and others bring a whole directory.
            Rig.write(dir, "new/x/y/f", "1\n");
            Files.move(dir.resolve("new"), rig.host.resolve("new"));
            Rig.eventually(() -> "1\n".equals(Rig.read(rig.guest, "new/x/y/f")));
            Files.move(rig.host.resolve("new"), rig.host.resolve("newer"));
            Rig.eventually(() ->
                    "1\n".equals(Rig.read(rig.guest, "newer/x/y/f"))
                            && Rig.read(rig.guest, "new/x/y/f") == null);
            Rig.write(rig.host, "newer/x/y/f", "2\n");
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "newer/x/y/f")));
            Files.delete(rig.host.resolve("src/b"));
            Rig.eventually(() -> Rig.read(rig.guest, "src/b") == null);
            Rig.write(rig.guest, "made/by/agent", "1\n");
            Rig.eventually(() -> rig.review().files().size() == 1);
            rig.applyAll();
            Rig.eventually(() -> rig.review().files().isEmpty());
            assertThat(Rig.tree(rig.guest)).isEqualTo(Rig.tree(rig.host));
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
        }
    }

    @Test
    void aRuleThatChangesCountsAtOnce() throws Exception {
        try (Rig rig = live(dir)) {
            Rig.write(rig.host, ".gitignore", "out/\n");
            Rig.write(rig.host, "out/x", "1\n");
            Rig.write(rig.host, "a", "1\n");
            Rig.gitInit(rig.host);
            rig.in();
            assertThat(Rig.read(rig.guest, "out/x")).isNull();
            Rig.write(rig.host, ".gitignore", "");
            Rig.eventually(() -> "1\n".equals(Rig.read(rig.guest, "out/x")));
            Rig.write(rig.host, "out/x", "2\n");
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "out/x")));
        }
    }

    @Test
    void largeFilesGoBothWaysWhileSmallOnesGoOn() throws Exception {
        byte[] large = new byte[24 << 20];
        new java.util.Random(1).nextBytes(large);
        try (Rig rig = live(dir)) {
            Rig.writeBytes(rig.host, "large", large);
            Rig.write(rig.host, "small", "1\n");
            rig.in();
            assertThat(rig.guest.resolve("large")).hasBinaryContent(large);
            large[5] ^= 1;
            Rig.writeBytes(rig.host, "large", large);
            Rig.write(rig.host, "small", "2\n");
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "small")));
            rig.workspace.collect();
            assertThat(rig.guest.resolve("large")).hasBinaryContent(large);
            large[6] ^= 1;
            Rig.writeBytes(rig.guest, "large", large);
            rig.workspace.collect();
            assertThat(rig.applyAll().paths()).hasSize(1);
            assertThat(rig.host.resolve("large")).hasBinaryContent(large);
            assertThat(rig.workspace.undo().paths()).hasSize(1);
            large[6] ^= 1;
            assertThat(rig.host.resolve("large")).hasBinaryContent(large);
        }
    }

    @Test
    void P3_manyDeletionsAtOnceWaitForADecisionBoundToExactlyThem() throws Exception {
        try (Rig rig = live(dir)) {
            for (int i = 0; i < 60; i++) {
                Rig.write(rig.host, "d/f" + i, "1\n");
            }
            rig.in();
            Rig.clear(rig.host);
            rig.workspace.collect();
            Workspace.HeldDeletions held = rig.workspace.heldDeletions();
            assertThat(held.paths()).isNotEmpty();
            assertThat(rig.review().paused()).contains("deletions");
            assertThat(rig.facts)
                    .anyMatch(f -> f instanceof Fact.Noticed n && n.toString().contains("gone"));
            assertThat(Rig.tree(rig.guest)).hasSizeGreaterThanOrEqualTo(held.paths().size());
            assertThatThrownBy(() -> rig.workspace.deleteHeld("0".repeat(64)))
                    .hasMessageContaining("not the deletions");
            // One that is there again is not held any more, and the old word does not cover the
            // rest.
            Rig.write(rig.host, held.paths().getFirst().raw(), "1\n");
            rig.workspace.collect();
            assertThatThrownBy(() -> rig.workspace.deleteHeld(held.digest()))
                    .hasMessageContaining("not the deletions");
            rig.workspace.deleteHeld(rig.workspace.heldDeletions().digest());
            rig.workspace.collect();
            assertThat(Rig.tree(rig.guest)).hasSize(1);
            assertThat(rig.workspace.heldDeletions().paths()).isEmpty();
        }
    }

    @Test
    void whatWasSeenIsBelievedOnlyWholeSettledAndOfTheSameEpoch() throws Exception {
        Rig.write(dir, "a", "1\n");
        SeenFile memory = new SeenFile(dir.resolve("memory"));
        Stat stat = Stat.of(dir.resolve("a"));
        Seen seen = new Seen(new Item.LinkTo("x"), stat, true);
        memory.save("s", Map.of("a", seen, "b", new Seen(seen.item(), stat, false)));
        assertThat(memory.load("s")).as("only what is settled").isEqualTo(Map.of("a", seen));
        assertThat(memory.load("another epoch")).isEmpty();
        byte[] bytes = Files.readAllBytes(dir.resolve("memory"));
        bytes[bytes.length - 3] ^= 1;
        Files.write(dir.resolve("memory"), bytes);
        assertThat(memory.load("s")).as("damaged").isEmpty();
    }

    @Test
    void aRestartFindsBothSidesAsTheyWere() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "1\n");
            rig.in();
            rig.reopen();
            rig.workspace.connect(rig.link);
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.tree(rig.guest)).isEqualTo(Rig.tree(rig.host));
            assertThat(List.copyOf(rig.facts)).noneMatch(f -> f instanceof Fact.Staged);
        }
    }
}
