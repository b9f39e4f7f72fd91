package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stops an apply and an undo at every step, by an error in this process and by a kill of another.
class ApplyCrashTest {
    @TempDir Path dir;

    /// Ends the step as a crash would: nothing after it runs.
    private static final class Stop extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static void fill(Rig rig) throws Exception {
        Rig.write(rig.host, "edit", "1\n2\n3\n4\n5\n6\n7\n8\n");
        Rig.write(rig.host, "d/gone", "gone\n");
        Rig.write(rig.host, "stays", "same\n");
        rig.in();
        Rig.write(rig.guest, "edit", "1\ntwo\n3\n4\n5\n6\nseven\n8\n");
        Files.delete(rig.guest.resolve("d/gone"));
        Rig.write(rig.guest, "n/new", "new\n");
        rig.workspace.collect();
        rig.workspace.close();
        rig.link.close();
    }

    private static WorkspaceSettings settings(Path at) {
        return WorkspaceSettings.standard(at.resolve("host"), at.resolve("state"));
    }

    private static Workspace open(Path at, List<Fact> facts, FaultPoint faults) throws Exception {
        return Workspace.open(
                settings(at),
                fact -> {
                    facts.add(fact);
                    return new dev.countersign.domain.Entry(
                            facts.size() - 1,
                            java.time.Instant.EPOCH,
                            new dev.countersign.domain.SessionId("s-test"),
                            0,
                            fact);
                },
                Clock.systemUTC(),
                faults,
                Rig.NoWatch::new);
    }

    private Path copy(Path template, String name) throws Exception {
        Path at = Files.createDirectories(dir.resolve(name));
        Rig.copyTree(template, at);
        return at;
    }

    private static void checkAfterCrash(
            Path at, Map<String, String> before, Map<String, String> after, boolean mayBeBefore)
            throws Exception {
        List<Fact> facts = new ArrayList<>();
        try (Workspace workspace = open(at, facts, FaultPoint.none())) {
            Map<String, String> tree = Rig.tree(at.resolve("host"));
            if (mayBeBefore) {
                assertThat(tree).isIn(before, after);
            } else {
                assertThat(tree).isEqualTo(after);
            }
            boolean applied = tree.equals(after);
            assertThat(workspace.review().files()).hasSize(applied ? 0 : 3);
            if (applied) {
                workspace.undo();
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(before);
                assertThat(workspace.review().files()).hasSize(3);
            }
        }
    }

    @Test
    void P3_anApplyThatStopsAtAnyStepIsFinishedOrNotBegun() throws Exception {
        Path template = dir.resolve("template");
        Map<String, String> before;
        Map<String, String> after;
        try (Rig rig = new Rig(template)) {
            fill(rig);
            before = Rig.tree(rig.host);
            after = Rig.tree(rig.guest);
        }
        int steps = 0;
        for (int k = 1; ; k++) {
            Path at = copy(template, "run" + k);
            AtomicInteger left = new AtomicInteger(k);
            List<Fact> facts = new ArrayList<>();
            boolean begun = false;
            try (Workspace workspace =
                    open(
                            at,
                            facts,
                            step -> {
                                if (left.decrementAndGet() == 0) {
                                    throw new Stop();
                                }
                            })) {
                workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
                steps = k - 1;
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(after);
                break;
            } catch (Stop e) {
                begun = Files.exists(at.resolve("state/tx/t000001/begun"));
            }
            if (!begun) {
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(before);
            } else {
                assertThat(facts).hasAtLeastOneElementOfType(Fact.ApplyBegun.class);
            }
            checkAfterCrash(at, before, after, !begun);
        }
        assertThat(steps).isGreaterThan(15);
    }

    @Test
    void P3_anUndoThatStopsAtAnyStepIsFinishedOrNotBegun() throws Exception {
        Path template = dir.resolve("template");
        Map<String, String> before;
        Map<String, String> after;
        try (Rig rig = new Rig(template)) {
            fill(rig);
            before = Rig.tree(rig.host);
        }
        try (Workspace workspace = open(template, new ArrayList<>(), FaultPoint.none())) {
            workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
            after = Rig.tree(template.resolve("host"));
        }
        assertThat(after).isNotEqualTo(before);
        for (int k = 1; ; k++) {
            Path at = copy(template, "run" + k);
            AtomicInteger left = new AtomicInteger(k);
            try (Workspace workspace =
                    open(
                            at,
                            new ArrayList<>(),
                            step -> {
                                if (left.decrementAndGet() == 0) {
                                    throw new Stop();
                                }
                            })) {
                workspace.undo();
                assertThat(k).isGreaterThan(15);
                return;
            } catch (Stop e) {
                boolean begun = Files.exists(at.resolve("state/tx/t000002/begun"));
                try (Workspace again = open(at, new ArrayList<>(), FaultPoint.none())) {
                    assertThat(Rig.tree(at.resolve("host"))).isEqualTo(begun ? before : after);
                    assertThat(again.review().files()).hasSize(begun ? 3 : 0);
                }
            }
        }
    }

    @Test
    void P3_aHostEditBetweenCrashAndRestartIsKept() throws Exception {
        Path template = dir.resolve("template");
        try (Rig rig = new Rig(template)) {
            fill(rig);
        }
        for (int k = 3; k < 14; k++) {
            Path at = copy(template, "run" + k);
            AtomicInteger left = new AtomicInteger(k);
            try (Workspace workspace =
                    open(
                            at,
                            new ArrayList<>(),
                            step -> {
                                if (left.decrementAndGet() == 0) {
                                    throw new Stop();
                                }
                            })) {
                workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
            } catch (Stop e) {
                Rig.write(at.resolve("host"), "edit", "mine\n");
                Rig.write(at.resolve("host"), "n/new", "mine too\n");
                Rig.write(at.resolve("host"), "d/gone", "and this\n");
                try (Workspace again = open(at, new ArrayList<>(), FaultPoint.none())) {
                    assertThat(Rig.tree(at.resolve("host")))
                            .as("stopped at step %s", k)
                            .containsEntry("edit", "mine\n")
                            .containsEntry("n/new", "mine too\n")
                            .containsEntry("d/gone", "and this\n")
                            .hasSize(4);
                    assertThat(again.unapplied()).isNotEmpty();
                }
            }
        }
    }

    /// Child: applies all, or takes the last apply back, and kills itself at the step that it is
    /// told.
    public static void main(String[] args) throws Exception {
        AtomicInteger left = new AtomicInteger(Integer.parseInt(args[1]));
        Path at = Path.of(args[0]);
        try (Workspace workspace =
                open(
                        at,
                        new ArrayList<>(),
                        step -> {
                            if (left.decrementAndGet() == 0) {
                                ProcessHandle self = ProcessHandle.current();
                                try {
                                    new ProcessBuilder("kill", "-9", Long.toString(self.pid()))
                                            .start()
                                            .waitFor();
                                } catch (java.io.IOException | InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            }
                        })) {
            if (args[2].equals("undo")) {
                workspace.undo();
            } else {
                workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
            }
        }
    }

    /// Whether the child got to its end.
    private static boolean child(Path at, int step, String what) throws Exception {
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ApplyCrashTest.class.getName(),
                                at.toString(),
                                Integer.toString(step),
                                what)
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(
                        child.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        int code = child.waitFor();
        if (code != 0) {
            assertThat(code).as(said).isEqualTo(137);
        }
        return code == 0;
    }

    @Test
    void P3_aKillMinusNineAtAnyStepOfAnUndoLosesNothing() throws Exception {
        Path template = dir.resolve("template");
        Map<String, String> before;
        Map<String, String> after;
        try (Rig rig = new Rig(template)) {
            fill(rig);
            before = Rig.tree(rig.host);
            after = Rig.tree(rig.guest);
        }
        try (Workspace workspace = open(template, new ArrayList<>(), FaultPoint.none())) {
            workspace.apply(new Choice.All(workspace.review().id()), Target.tree());
        }
        int killed = 0;
        for (int k = 1; ; k++) {
            Path at = copy(template, "kill" + k);
            if (child(at, k, "undo")) {
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(before);
                break;
            }
            killed++;
            boolean begun = Files.exists(at.resolve("state/tx/t000002/begun"));
            try (Workspace again = open(at, new ArrayList<>(), FaultPoint.none())) {
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(begun ? before : after);
                assertThat(again.review().files()).hasSize(begun ? 3 : 0);
                if (begun) {
                    again.undo();
                    assertThat(Rig.tree(at.resolve("host"))).isEqualTo(after);
                }
            }
        }
        assertThat(killed).isGreaterThan(15);
    }

    @Test
    void P3_aKillMinusNineAtAnyStepOfAnApplyLosesNothing() throws Exception {
        Path template = dir.resolve("template");
        Map<String, String> before;
        Map<String, String> after;
        try (Rig rig = new Rig(template)) {
            fill(rig);
            before = Rig.tree(rig.host);
            after = Rig.tree(rig.guest);
        }
        int killed = 0;
        for (int k = 1; ; k++) {
            Path at = copy(template, "kill" + k);
            if (child(at, k, "apply")) {
                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(after);
                break;
            }
            killed++;
            boolean begun = Files.exists(at.resolve("state/tx/t000001/begun"));
            checkAfterCrash(at, before, after, !begun);
        }
        assertThat(killed).isGreaterThan(15);
    }
}
