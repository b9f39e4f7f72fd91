package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints and restores; the VM is a copy of the guest's directory.
class EpochTest {
    @TempDir Path dir;

    private static final class Vm {
        final Rig rig;
        final Path saved;
        int epoch;
        int marks;

        Vm(Rig rig, Path saved) {
            this.rig = rig;
            this.saved = saved;
        }

        String checkpoint() throws Exception {
            String id = "c" + marks++;
            try (Workspace.Hold _ = rig.workspace.hold()) {
                Rig.copyTree(rig.guest, Files.createDirectories(saved.resolve(id)));
                rig.workspace.mark(id);
            }
            return id;
        }

        void restore(String id) throws Exception {
            rig.workspace.beginRestore();
            Rig.copyTree(saved.resolve(id), rig.guest);
            rig.workspace.restored(id, ++epoch, rig.link);
        }
    }

    @Test
    void aRestoreKeepsHostEditsAndAppliesAndShowsNoneOfThemAsTheAgents() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "applied", "1\n");
            Rig.write(rig.host, "edited", "1\n");
            Rig.write(rig.host, "early", "1\n");
            rig.in();
            Vm vm = new Vm(rig, dir.resolve("vm"));
            Rig.write(rig.guest, "early", "agent, early\n");
            rig.workspace.collect();
            String start = vm.checkpoint();
            Rig.write(rig.guest, "applied", "agent\n");
            Rig.write(rig.guest, "late", "agent, late\n");
            rig.workspace.collect();
            rig.applyHunk("applied", 0);
            Rig.write(rig.host, "edited", "me\n");
            Rig.write(rig.host, "mine", "me\n");
            rig.workspace.collect();
            vm.restore(start);
            assertThat(Rig.tree(rig.host))
                    .containsEntry("applied", "agent\n")
                    .containsEntry("edited", "me\n")
                    .containsEntry("mine", "me\n");
            assertThat(Rig.tree(rig.guest))
                    .containsEntry("applied", "agent\n")
                    .containsEntry("edited", "me\n")
                    .containsEntry("mine", "me\n")
                    .containsEntry("early", "agent, early\n")
                    .doesNotContainKey("late");
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw(), ReviewedFile::epoch)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("early", 1),
                            org.assertj.core.groups.Tuple.tuple("late", 0));
            ApplyOutcome all = rig.applyAll();
            assertThat(all.paths()).extracting(p -> p.raw()).containsExactly("early");
            rig.applyHunk("late", 0);
            assertThat(Rig.read(rig.host, "late")).isEqualTo("agent, late\n");
            assertThat(rig.review().files()).isEmpty();
            rig.workspace.undo();
            assertThat(rig.review().files()).hasSize(1);
        }
    }

    @Test
    void P3_whatWaitsInAConflictIsKeptWhenARestoreGoesToATimeThatHadAgreedOnIt() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "f", "1\n");
            rig.in();
            Vm vm = new Vm(rig, dir.resolve("vm"));
            Rig.write(rig.guest, "f", "agent\n");
            rig.workspace.collect();
            String staged = vm.checkpoint();
            rig.applyAll();
            rig.workspace.collect();
            String agreed = vm.checkpoint();
            Rig.write(rig.host, "f", "me\n");
            rig.workspace.collect();
            vm.restore(staged);
            assertThat(rig.file("f").change()).isEqualTo(ChangeKind.CONFLICT);
            vm.restore(agreed);
            assertThat(Rig.read(rig.guest, "f")).isEqualTo("me\n");
            assertThat(agentTexts(rig)).as("nobody decided on it").containsExactly("agent\n");
            Rig.write(rig.host, "f", "agent\n");
            rig.workspace.collect();
            vm.restore(agreed);
            assertThat(rig.review().files()).as("the host has it").isEmpty();
        }
    }

    @Test
    void aDeletionThatWaitsIsKeptAsAnyOtherChange() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "f", "1\n");
            rig.in();
            Vm vm = new Vm(rig, dir.resolve("vm"));
            String start = vm.checkpoint();
            Rig.write(rig.host, "later", "me\n");
            rig.workspace.collect();
            Files.delete(rig.guest.resolve("later"));
            rig.workspace.collect();
            vm.restore(start);
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw(), ReviewedFile::change, ReviewedFile::epoch)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("later", ChangeKind.DELETED, 0));
            assertThat(Rig.read(rig.guest, "later")).isEqualTo("me\n");
        }
    }

    /// Every text that the agent or the host ever wrote carries its author: a host's text must
    /// never be listed as the agent's, and no agent's text may vanish unless the agent overwrote
    /// it.
    @Test
    void P3_randomCheckpointsEditsAppliesAndRestoresNeverConfuseAuthors() throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        System.err.println("EpochTest seed " + seed);
        int rounds = Integer.getInteger("countersign.epoch-rounds", 3);
        for (int round = 0; round < rounds; round++) {
            sequence(dir.resolve("r" + round), new Random(seed + round));
        }
    }

    private static void sequence(Path at, Random random) throws Exception {
        try (Rig rig = new Rig(at)) {
            for (int i = 0; i < 4; i++) {
                Rig.write(rig.host, "f" + i, "host-0\n");
            }
            rig.in();
            Vm vm = new Vm(rig, at.resolve("vm"));
            List<String> marks = new ArrayList<>(List.of(vm.checkpoint()));
            Map<String, String> lastByHost = new HashMap<>();
            for (int op = 1; op <= 25; op++) {
                String path = "f" + random.nextInt(5);
                switch (random.nextInt(7)) {
                    case 0, 1 -> Rig.write(rig.guest, path, "agent-" + op + "\n");
                    case 2 -> {
                        Rig.write(rig.host, path, "host-" + op + "\n");
                        lastByHost.put(path, "host-" + op + "\n");
                    }
                    case 3 -> Files.deleteIfExists(rig.guest.resolve(path));
                    case 4 -> {
                        if (!rig.review().files().isEmpty()) {
                            rig.applyAll().paths().forEach(p -> lastByHost.remove(p.raw()));
                        }
                    }
                    case 5 -> marks.add(vm.checkpoint());
                    default -> {
                        rig.workspace.collect();
                        Set<String> waiting = agentTexts(rig);
                        Map<String, String> host = Rig.tree(rig.host);
                        vm.restore(marks.get(random.nextInt(marks.size())));
                        assertThat(Rig.tree(rig.host)).as("a restore").isEqualTo(host);
                        Set<String> now = agentTexts(rig);
                        now.addAll(host.values());
                        assertThat(now).as("kept over a restore").containsAll(waiting);
                    }
                }
                rig.workspace.collect();
                for (ReviewedFile file : rig.review().files()) {
                    for (Hunk hunk : file.hunks()) {
                        for (Line line : hunk.lines()) {
                            if (line.kind() == Line.Kind.ADDED) {
                                assertThat(line.text().raw())
                                        .as("in %s", file.path())
                                        .startsWith("agent-");
                            }
                        }
                    }
                }
                for (var entry : lastByHost.entrySet()) {
                    assertThat(Rig.read(rig.host, entry.getKey())).isEqualTo(entry.getValue());
                }
            }
        }
    }

    private static Set<String> agentTexts(Rig rig) throws Exception {
        Set<String> texts = new HashSet<>();
        for (ReviewedFile file : rig.review().files()) {
            for (Hunk hunk : file.hunks()) {
                for (Line line : hunk.lines()) {
                    if (line.kind() == Line.Kind.ADDED) {
                        texts.add(line.text().raw() + "\n");
                    }
                }
            }
        }
        return texts;
    }
}
