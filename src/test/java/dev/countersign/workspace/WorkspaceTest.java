package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceTest {
    @TempDir Path dir;

    private static final String TEN = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

    @Test
    void theFilteredTreeEntersTheGuestWithOneBaselineCommit() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "src/a.txt", "a\n");
            Rig.write(rig.host, "run.sh", "#!/bin/sh\n");
            Files.setPosixFilePermissions(
                    rig.host.resolve("run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createSymbolicLink(rig.host.resolve("in"), Path.of("src/a.txt"));
            Files.createSymbolicLink(rig.host.resolve("out"), Path.of("/etc/passwd"));
            Rig.write(rig.host, ".gitignore", "dist/\n*.log\n");
            Rig.write(rig.host, "dist/x.js", "x");
            Rig.write(rig.host, "a.log", "x");
            Rig.gitInit(rig.host);
            CopyInReport report = rig.in();
            assertThat(report.git()).isTrue();
            assertThat(report.files()).isEqualTo(4);
            assertThat(Rig.tree(rig.guest))
                    .containsOnlyKeys("src/a.txt", "run.sh", "in", ".gitignore")
                    .containsEntry("run.sh", "x #!/bin/sh\n")
                    .containsEntry("in", "-> src/a.txt");
            assertThat(report.leftOut())
                    .extracting(l -> l.path().raw(), LeftOut::reason)
                    .contains(
                            org.assertj.core.groups.Tuple.tuple("dist/", LeftOut.Reason.IGNORED),
                            org.assertj.core.groups.Tuple.tuple("a.log", LeftOut.Reason.IGNORED),
                            org.assertj.core.groups.Tuple.tuple("out", LeftOut.Reason.LINK_OUTSIDE),
                            org.assertj.core.groups.Tuple.tuple(".git", LeftOut.Reason.GIT));
            assertThat(Rig.run(rig.guest, "git", "log", "--format=%an %s").strip())
                    .isEqualTo("Countersign Baseline");
            assertThat(Rig.run(rig.guest, "git", "status", "--porcelain")).isEmpty();
            assertThat(rig.facts).hasAtLeastOneElementOfType(Fact.CopiedIn.class);
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void aDirectoryThatIsNoRepositoryAndAnEmptyOneWork() throws Exception {
        try (Rig rig = new Rig(dir)) {
            CopyInReport report = rig.in();
            assertThat(report.git()).isFalse();
            assertThat(report.files()).isZero();
            assertThat(Rig.run(rig.guest, "git", "rev-list", "--count", "HEAD").strip())
                    .isEqualTo("1");
            Rig.write(rig.guest, "new.txt", "n\n");
            rig.workspace.collect();
            rig.applyAll();
            assertThat(Rig.tree(rig.host)).isEqualTo(Map.of("new.txt", "n\n"));
        }
    }

    @Test
    void anAgentsEditIsStagedByItselfAndAHostsEditArrives() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "1\n");
            Rig.write(rig.host, "b", "1\n");
            rig.in();
            Rig.write(rig.guest, "a", "2\n");
            Rig.write(rig.guest, "new/deep/c", "c\n");
            Rig.eventually(() -> rig.review().files().size() == 2);
            Rig.write(rig.host, "b", "2\n");
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, "b")).isEqualTo("2\n");
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw(), ReviewedFile::change)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("a", ChangeKind.EDITED),
                            org.assertj.core.groups.Tuple.tuple("new/deep/c", ChangeKind.CREATED));
            assertThat(rig.facts).hasAtLeastOneElementOfType(Fact.Pushed.class);
        }
    }

    @Test
    void P2_nothingReachesTheHostBeforeAnApply() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            Rig.write(rig.host, "gone", "x\n");
            Map<String, String> before = Rig.tree(rig.host);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("5", "five"));
            Files.delete(rig.guest.resolve("gone"));
            Rig.write(rig.guest, ".git/hooks/post-checkout", "#!/bin/sh\n");
            Rig.write(rig.guest, "sub/.git/config", "[core]\n");
            Files.createSymbolicLink(rig.guest.resolve("evil"), Path.of("../../etc"));
            rig.workspace.collect();
            assertThat(Rig.tree(rig.host)).isEqualTo(before);
            assertThat(rig.file("evil").change()).isEqualTo(ChangeKind.BLOCKED);
            rig.applyAll();
            assertThat(Rig.tree(rig.host)).containsOnlyKeys("a");
            assertThat(rig.host.resolve("sub")).doesNotExist();
            assertThat(rig.host.resolve(".git")).doesNotExist();
        }
    }

    @Test
    void oneHunkOfTwoIsAppliedTheOtherStaysAndUndoBringsBothBack() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "two\n").replace("9\n", "nine\n"));
            rig.workspace.collect();
            List<String> ids = rig.file("a").hunks().stream().map(Hunk::id).toList();
            assertThat(ids).hasSize(2);
            rig.applyHunk("a", 1);
            assertThat(Rig.read(rig.host, "a")).isEqualTo(TEN.replace("9\n", "nine\n"));
            assertThat(rig.file("a").hunks()).extracting(Hunk::id).containsExactly(ids.get(0));
            rig.applyHunk("a", 0);
            assertThat(rig.review().files()).isEmpty();
            rig.workspace.undo();
            assertThat(Rig.read(rig.host, "a")).isEqualTo(TEN.replace("9\n", "nine\n"));
            assertThat(rig.file("a").hunks()).hasSize(1);
            rig.workspace.undo();
            assertThat(Rig.read(rig.host, "a"))
                    .as("undo of undo")
                    .isEqualTo(TEN.replace("2\n", "two\n").replace("9\n", "nine\n"));
        }
    }

    @Test
    void P3_hostAndAgentOnDifferentLinesMergeAndOnTheSameLinesConflict() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "two\n").replace("9\n", "nine\n"));
            rig.workspace.collect();
            Rig.write(rig.host, "a", TEN.replace("9\n", "NINE\n").replace("5\n", "FIVE\n"));
            assertThat(rig.file("a").hunks())
                    .extracting(Hunk::state)
                    .containsExactly(HunkState.NEW, HunkState.CONFLICT);
            String both = rig.review().id();
            ApplyOutcome outcome = rig.workspace.apply(new Choice.All(both), Target.tree());
            assertThat(outcome.hunks()).isEqualTo(1);
            assertThat(outcome.refused()).hasSize(1);
            String merged =
                    TEN.replace("2\n", "two\n").replace("9\n", "NINE\n").replace("5\n", "FIVE\n");
            assertThat(Rig.read(rig.host, "a")).isEqualTo(merged);
            assertThatThrownBy(() -> rig.workspace.apply(new Choice.All(both), Target.tree()))
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, "a"))
                    .as("the agent's file is not pushed over")
                    .contains("nine");
        }
    }

    @Test
    void P3_undoKeepsLaterEditsOfTheHost() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            Rig.write(rig.host, "b", "b\n");
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "two\n"));
            Rig.write(rig.guest, "b", "agent\n");
            rig.workspace.collect();
            rig.applyAll();
            Rig.write(rig.host, "a", TEN.replace("2\n", "two\n") + "mine\n");
            Rig.write(rig.host, "b", "agent, then me\n");
            ApplyOutcome undone = rig.workspace.undo();
            assertThat(Rig.read(rig.host, "a")).isEqualTo(TEN + "mine\n");
            assertThat(Rig.read(rig.host, "b")).isEqualTo("agent, then me\n");
            assertThat(undone.refused()).hasSize(1);
        }
    }

    @Test
    void aNewFileThatTheHostMadeToo_isAConflictAndNeverOverwritten() throws Exception {
        try (Rig rig = new Rig(dir)) {
            rig.in();
            Rig.write(rig.guest, "n", "agent\n");
            rig.workspace.collect();
            Rig.write(rig.host, "n", "me\n");
            assertThat(rig.file("n").change()).isEqualTo(ChangeKind.CONFLICT);
            ApplyOutcome outcome = rig.applyHunk("n", 0);
            assertThat(outcome.paths()).isEmpty();
            assertThat(Rig.read(rig.host, "n")).isEqualTo("me\n");
        }
    }

    @Test
    void modesLinksBinariesAndLineEndsSurvive() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "crlf", "a\r\nb\r\nc");
            Rig.write(rig.host, "tool", "t\n");
            byte[] binary = {0, 1, 2, (byte) 0xff, 0};
            Rig.writeBytes(rig.host, "bin", binary);
            rig.in();
            Rig.write(rig.guest, "crlf", "a\r\nB\r\nc");
            Files.setPosixFilePermissions(
                    rig.guest.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Rig.writeBytes(rig.guest, "bin", new byte[] {0, 9});
            Files.createSymbolicLink(rig.guest.resolve("ln"), Path.of("bin"));
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .extracting(ReviewedFile::change)
                    .containsExactly(
                            ChangeKind.BINARY, ChangeKind.EDITED, ChangeKind.LINK, ChangeKind.MODE);
            rig.applyAll();
            assertThat(Rig.tree(rig.host)).isEqualTo(Rig.tree(rig.guest));
            rig.workspace.undo();
            assertThat(Rig.tree(rig.host))
                    .containsEntry("crlf", "a\r\nb\r\nc")
                    .containsEntry("tool", "t\n")
                    .doesNotContainKey("ln");
        }
    }

    @Test
    void criticalChangesAreNotPartOfAll_andARejectedHunkStaysRejectedUntilItChanges()
            throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "package.json", "{\n \"scripts\": {\n \"test\": \"x\"\n }\n}\n");
            rig.in();
            Rig.write(
                    rig.guest,
                    "package.json",
                    "{\n \"scripts\": {\n \"postinstall\": \"evil\",\n \"test\": \"x\"\n }\n}\n");
            Rig.write(rig.guest, "plain.txt", "p\n");
            rig.workspace.collect();
            assertThat(rig.file("package.json").level()).isEqualTo(Level.CRITICAL);
            assertThat(rig.file("package.json").runsOnHost()).isTrue();
            ApplyOutcome outcome = rig.applyAll();
            assertThat(outcome.paths()).extracting(p -> p.raw()).containsExactly("plain.txt");
            String id = rig.file("package.json").hunks().getFirst().id();
            rig.workspace.reject(new Choice.Hunks(List.of(id)));
            assertThat(rig.workspace.stagedHunks()).isZero();
            assertThat(rig.workspace.unapplied()).isEmpty();
            Rig.write(
                    rig.guest,
                    "package.json",
                    "{\n \"scripts\": {\n \"postinstall\": \"worse\",\n \"test\": \"x\"\n }\n}\n");
            rig.workspace.collect();
            assertThat(rig.workspace.stagedHunks()).isEqualTo(1);
        }
    }

    @Test
    void P4_aHunkThatChangedSinceItWasSeenIsNotCovered() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "two\n"));
            rig.workspace.collect();
            String id = rig.file("a").hunks().getFirst().id();
            String review = rig.review().id();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "evil\n"));
            rig.workspace.collect();
            for (Choice choice :
                    List.of(
                            new Choice.Hunks(List.of(id)),
                            new Choice.All(review),
                            new Choice.Files(List.of("a"), review))) {
                assertThatThrownBy(() -> rig.workspace.apply(choice, Target.tree()))
                        .isInstanceOfSatisfying(
                                CountersignException.class,
                                e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
            }
            assertThat(Rig.read(rig.host, "a")).isEqualTo(TEN);
        }
    }

    @Test
    void stagingSurvivesTheEngineAndTheGuest() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("2\n", "two\n"));
            rig.workspace.collect();
            String id = rig.review().id();
            rig.workspace.close();
            Rig.clear(rig.guest);
            rig.reopen();
            assertThat(rig.review().id()).isEqualTo(id);
            rig.applyAll();
            assertThat(Rig.read(rig.host, "a")).contains("two");
        }
    }

    @Test
    void aLostLinkIsTakenUpAgain() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "1\n");
            rig.in();
            rig.link.lose();
            Rig.write(rig.guest, "a", "2\n");
            Rig.write(rig.host, "h", "h\n");
            rig.link.comeBack();
            Rig.eventually(() -> rig.review().files().size() == 1);
            Rig.eventually(() -> "h\n".equals(Rig.read(rig.guest, "h")));
        }
    }

    @Test
    void aKilledHelperComesBackByItself() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "1\n");
            rig.in();
            rig.link.processes.getLast().destroyForcibly();
            Rig.write(rig.guest, "a", "2\n");
            Rig.eventually(() -> rig.review().files().size() == 1);
        }
    }

    @Test
    void branchAndPatchAreTakenByRealGit() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a b", TEN);
            Rig.write(rig.host, "gone", "x\ny");
            Rig.writeBytes(rig.host, "bin", new byte[] {0, 1, 2});
            Rig.gitInit(rig.host);
            rig.in();
            Rig.write(rig.guest, "a b", TEN.replace("2\n", "two\n") + "end");
            Files.delete(rig.guest.resolve("gone"));
            Rig.write(rig.guest, "dir/né\"w", "new\n");
            Rig.write(rig.guest, "empty", "");
            byte[] big = new byte[5000];
            new java.util.Random(7).nextBytes(big);
            Rig.writeBytes(rig.guest, "bin", big);
            Rig.write(rig.guest, "tool", "t\n");
            Files.setPosixFilePermissions(
                    rig.guest.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));
            rig.workspace.collect();
            String head = Rig.run(rig.host, "git", "rev-parse", "HEAD");
            Map<String, String> before = Rig.tree(rig.host);
            Review review = rig.review();
            rig.workspace.apply(
                    new Choice.All(review.id()), new Target.Branch("agent/work", "Do it"));
            Path patch = dir.resolve("out.patch");
            rig.workspace.apply(new Choice.All(review.id()), new Target.Patch(patch));
            assertThat(Rig.tree(rig.host)).isEqualTo(before);
            assertThat(Rig.run(rig.host, "git", "rev-parse", "HEAD")).isEqualTo(head);
            assertThat(Rig.run(rig.host, "git", "status", "--porcelain")).isEmpty();
            Rig.run(rig.host, "git", "fsck", "--strict");
            Path copy = Files.createDirectories(dir.resolve("copy"));
            Rig.run(copy, "git", "clone", "-q", "-b", "agent/work", rig.host.toString(), ".");
            assertThat(Rig.tree(copy)).isEqualTo(Rig.tree(rig.guest));
            Rig.run(copy, "git", "checkout", "-q", "main");
            Rig.run(copy, "git", "apply", "--index", patch.toString());
            assertThat(Rig.tree(copy)).isEqualTo(Rig.tree(rig.guest));
            assertThatThrownBy(() ->
                            rig.workspace.apply(
                                    new Choice.All(review.id()),
                                    new Target.Branch("agent/work", "again")))
                    .hasMessageContaining("exists already");
        }
    }

    @Test
    void P3_ignoredDirectoriesAreNotCollectedAndListed() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".gitignore", "node_modules/\n*.tmp\n");
            rig.in();
            Rig.write(rig.guest, "node_modules/p/i.js", "x");
            Rig.write(rig.guest, "a.tmp", "x");
            Rig.write(rig.guest, ".gitignore", "");
            Rig.write(rig.guest, "kept", "x\n");
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw())
                    .containsExactly(".gitignore", "kept");
            assertThat(rig.workspace.notCollected())
                    .extracting(l -> l.path().raw())
                    .containsExactly("a.tmp", "node_modules/");
        }
    }

    @Test
    void twoProgramsOnOneStateAreRefused() throws Exception {
        try (Rig rig = new Rig(dir)) {
            assertThatThrownBy(rig::open).hasMessageContaining("in use");
        }
    }

    @Test
    void aBrakeHoldsDeletionsWhenTheHostsTreeVanishes() throws Exception {
        try (Rig rig = new Rig(dir)) {
            for (int i = 0; i < 60; i++) {
                Rig.write(rig.host, "f" + i, "x" + i + "\n");
            }
            rig.in();
            Rig.clear(rig.host);
            rig.workspace.collect();
            assertThat(Rig.tree(rig.guest)).hasSize(60);
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void unreadableFilesAreListedAndNothingElseSuffers() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeFalse(
                "root".equals(System.getProperty("user.name")), "root can read everything");
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "secret-dir/x", "x\n");
            Rig.write(rig.host, "ok", "x\n");
            Files.setPosixFilePermissions(
                    rig.host.resolve("secret-dir"), PosixFilePermissions.fromString("---------"));
            CopyInReport report = rig.in();
            Files.setPosixFilePermissions(
                    rig.host.resolve("secret-dir"), PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(report.files()).isEqualTo(1);
            assertThat(report.leftOut())
                    .extracting(LeftOut::reason)
                    .contains(LeftOut.Reason.UNREADABLE);
        }
    }
}
