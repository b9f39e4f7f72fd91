package dev.countersign.ui.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ReviewView;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.review.ReviewViewModel.Mark;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReviewViewModelTest {
    private final FakeService service = Scenes.afternoon();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private final ReviewViewModel model = new ReviewViewModel(link, lanes, Scenes.EXPORT);

    @BeforeEach
    void open() {
        link.connect();
        lanes.run();
        model.watch(true);
        lanes.run();
    }

    private String current() {
        return model.rows().get(model.current().get()) instanceof ReviewRow.HunkHead head
                ? head.hunk().id()
                : "";
    }

    private ReviewView.File file(String path) {
        return Objects.requireNonNull(model.review().get()).files().stream()
                .filter(each -> each.path().raw().equals(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatRunsOnTheHostComesFirst() {
        assertThat(Objects.requireNonNull(model.review().get()).files())
                .extracting(file -> file.path().raw())
                .containsExactly(
                        ".github/workflows/ci.yml",
                        "package.json",
                        "src/export/csv.ts",
                        "src/export/format.ts",
                        "docs/export.md");
        assertThat(current()).isEqualTo("h-ci");
    }

    @Test
    void keysWalkThroughHunksAndDecideThem() {
        model.decideCurrent(Mark.REJECTED);
        assertThat(current()).isEqualTo("h-pkg-1");
        model.decideCurrent(Mark.ACCEPTED);
        model.step(-1);
        assertThat(model.count(Mark.ACCEPTED)).isEqualTo(1);
        assertThat(model.count(Mark.REJECTED)).isEqualTo(1);
        assertThat(current()).isEqualTo("h-pkg-1");
        model.takeBack();
        assertThat(model.count(Mark.ACCEPTED)).isZero();
    }

    @Test
    void p2NothingIsToldToTheEngineBeforeApply() {
        model.decide(file("src/export/csv.ts").hunks(), Mark.ACCEPTED);
        model.decide(file("package.json").hunks(), Mark.REJECTED);
        lanes.run();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4ApplyNamesExactlyTheHunksThatWereAccepted() {
        model.decide(file("src/export/csv.ts").hunks(), Mark.ACCEPTED);
        model.decide(file("package.json").hunks(), Mark.REJECTED);
        model.apply();
        lanes.run();
        assertThat(service.asked)
                .containsExactly(
                        "reject s-export [h-pkg-1, h-pkg-2]", "apply s-export [h-csv] tree");
        assertThat(model.busy().get()).isFalse();
        assertThat(Objects.requireNonNull(model.told().get()).title()).contains("Applied 1 hunk");
        model.undo();
        lanes.run();
        assertThat(service.asked).last().isEqualTo("undo s-export");
    }

    @Test
    void aHunkWhoseContentChangedIsUndecidedAgain() {
        model.decide(file("docs/export.md").hunks(), Mark.ACCEPTED);
        ReviewView was = Scenes.review(Scenes.EXPORT);
        ReviewView.File doc = was.files().getLast();
        ReviewView.Hunk hunk = doc.hunks().getFirst();
        ReviewView.Hunk changed =
                new ReviewView.Hunk(
                        "h-doc-2",
                        "new",
                        hunk.oldStart(),
                        hunk.oldLines(),
                        hunk.newStart(),
                        hunk.newLines(),
                        hunk.lines(),
                        null);
        ReviewView.File now =
                new ReviewView.File(
                        doc.path(),
                        doc.change(),
                        doc.level(),
                        doc.reasons(),
                        false,
                        1,
                        1,
                        List.of(changed));
        service.stage(new ReviewView("rv-2", Scenes.EXPORT, List.of(now)));
        model.load();
        lanes.run();
        assertThat(model.mark(changed)).isEqualTo(Mark.UNDECIDED);
    }

    @Test
    void aBranchNeedsANameThatGitTakes() {
        model.decide(file("src/export/csv.ts").hunks(), Mark.ACCEPTED);
        model.target().set(ReviewViewModel.Target.BRANCH);
        model.apply();
        lanes.run();
        assertThat(service.asked).isEmpty();
        model.name().set("--force");
        assertThat(model.nameProblem()).isNotNull();
        model.name().set("agent/export");
        model.apply();
        lanes.run();
        assertThat(service.asked).containsExactly("apply s-export [h-csv] branch:agent/export");
    }

    @Test
    void aFailureIsToldAndTheDecisionsStay() {
        model.decide(file("src/export/csv.ts").hunks(), Mark.ACCEPTED);
        service.failNext(Kind.CONFLICT, "csv.ts changed on the host. Look at it again.");
        model.apply();
        lanes.run();
        assertThat(Objects.requireNonNull(model.told().get()).detail()).contains("csv.ts changed");
        assertThat(model.count(Mark.ACCEPTED)).isEqualTo(1);
        assertThat(model.busy().get()).isFalse();
    }

    @Test
    void p7HiddenCharactersOfAHunkAreCountedAndShown() {
        ReviewView.Hunk hunk = file("src/export/format.ts").hunks().getLast();
        assertThat(ReviewViewModel.deceptiveLines(hunk)).isEqualTo(1);
        assertThat(Pairs.of(hunk, Syntax.NONE))
                .anySatisfy(pair ->
                        assertThat(Objects.requireNonNull(pair.right()).text())
                                .contains("⟨U+FEFF⟩"));
    }

    @Test
    void removedAndAddedLinesStandSideBySideWithTheirNumbers() {
        List<ReviewRow.Pair> pairs =
                Pairs.of(file("src/export/format.ts").hunks().getFirst(), Syntax.NONE);
        assertThat(pairs).hasSize(3);
        ReviewRow.Pair change = pairs.get(1);
        assertThat(Objects.requireNonNull(change.left()).line()).isEqualTo(32);
        assertThat(Objects.requireNonNull(change.right()).line()).isEqualTo(32);
        assertThat(change.spans().removed()).isNotEmpty();
        assertThat(Objects.requireNonNull(pairs.get(2).left()).line()).isEqualTo(33);
    }

    @Test
    void tickingAFileAcceptsWhatIsUndecidedAndTickingAgainTakesItBack() {
        ReviewView.File file = file("package.json");
        model.decide(List.of(file.hunks().getFirst()), Mark.REJECTED);
        model.tick(file);
        assertThat(model.mark(file.hunks().getFirst())).isEqualTo(Mark.REJECTED);
        assertThat(model.mark(file.hunks().getLast())).isEqualTo(Mark.ACCEPTED);
        model.tick(file);
        assertThat(model.decided(file)).isZero();
    }

    private ReviewView.File conflicted(ReviewView.Conflict sides) {
        ReviewView.File whole = Scenes.conflicted(Scenes.EXPORT).files().getFirst();
        ReviewView.File file =
                new ReviewView.File(
                        whole.path(),
                        whole.change(),
                        whole.level(),
                        whole.reasons(),
                        whole.runsOnHost(),
                        whole.added(),
                        whole.removed(),
                        whole.hunks(),
                        null,
                        null,
                        null,
                        sides);
        service.stage(new ReviewView("rv-" + sides.digest(), Scenes.EXPORT, List.of(file)));
        model.load();
        lanes.run();
        return file;
    }

    private static ReviewView.Conflict sides(String digest, String merged) {
        return new ReviewView.Conflict(
                digest,
                GuestText.of("a\n"),
                GuestText.of("b\n"),
                GuestText.of("c\n"),
                GuestText.of(merged),
                null);
    }

    @Test
    void aConflictIsSolvedByTheDigestThatWasShown() {
        ReviewView.File file = conflicted(sides("d-9", "<<<<<<< host\nb\n"));
        model.solveNext();
        assertThat(model.solving().get()).isEqualTo(file);
        model.resolve(file, "agent", null);
        lanes.run();
        assertThat(service.asked)
                .contains("resolve " + Scenes.EXPORT + " config/tax.yaml agent d-9");
        assertThat(model.solving().get()).isNull();
        assertThat(model.undoable()).isTrue();
    }

    @Test
    void whatWasTypedOutlivesAFailureAndNewSides() {
        ReviewView.File file = conflicted(sides("d-1", "<<<<<<< host\nb\n"));
        model.solve(file);
        model.draft(file, "mine\n");
        service.failNext(Kind.CONFLICT, "config/tax.yaml changed on the host. Look at it again.");
        model.resolve(file, "text", "mine\n");
        lanes.run();
        assertThat(Objects.requireNonNull(model.told().get()).detail())
                .contains("Look at it again");
        ReviewView.File now = conflicted(sides("d-2", "<<<<<<< host\nb2\n"));
        assertThat(model.solving().get()).isEqualTo(now);
        assertThat(model.draft(now, Objects.requireNonNull(now.conflict()))).isEqualTo("mine\n");
    }

    @Test
    void p7NoFieldIsOfferedForTextThatItWouldNotShow() {
        assertThat(model.notEditable(sides("d", "plain\n"))).isNull();
        assertThat(model.notEditable(sides("d", "a\u202Eb\n"))).contains("hidden characters");
        assertThat(model.notEditable(sides("d", "x".repeat(3_000)))).contains("too long");
        assertThat(ReviewViewModel.openPlaces("<<<<<<< host\nb\n=======\nc\n>>>>>>> agent\n"))
                .isEqualTo(1);
        assertThat(ReviewViewModel.openPlaces("b\n")).isZero();
    }
}
