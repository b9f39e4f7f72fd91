package dev.countersign.ui.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.RuleOffers;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Level;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApprovalViewModelTest {
    private final FakeService service = Scenes.afternoon();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private final ApprovalViewModel model = new ApprovalViewModel(link, lanes.clock(), _ -> null);

    @BeforeEach
    void connect() throws Exception {
        link.connect();
        lanes.run();
        refresh();
        model.open(null);
    }

    private void refresh() throws Exception {
        model.refresh(service.approvals(Optional.empty()));
    }

    private void arm() {
        model.focused();
        model.seenToEnd();
        lanes.pass(Duration.ofMillis(1500));
        model.tick();
    }

    private String shown() {
        ApprovalView now = model.current().get();
        return now == null ? "" : now.id();
    }

    @Test
    void p4AnAllowNamesTheDigestOfWhatWasShown() {
        arm();
        model.allow();
        lanes.run();
        assertThat(service.asked).containsExactly("allow r-2 " + Digest.of("push").brief());
        assertThat(shown()).isEqualTo("r-3");
    }

    @Test
    void p4AnEarlyAllowDoesNothing() {
        model.focused();
        model.seenToEnd();
        lanes.pass(Duration.ofMillis(600));
        model.allow();
        lanes.run();
        assertThat(service.asked).isEmpty();
        lanes.pass(Duration.ofMillis(600));
        model.allow();
        lanes.run();
        assertThat(service.asked).as("the early press started the delay again").isEmpty();
    }

    @Test
    void denyingNeedsNoArmingAndCarriesTheNote() {
        model.addNote();
        model.note().set("  use the lock file ");
        model.deny();
        lanes.run();
        assertThat(service.asked).containsExactly("deny r-2 use the lock file");
    }

    @Test
    void theNextRequestStartsItsOwnDelay() {
        arm();
        model.allow();
        lanes.run();
        model.allow();
        lanes.run();
        assertThat(service.asked).hasSize(1);
        assertThat(model.arming().get()).isNotEqualTo(ArmingGate.State.ARMED);
    }

    @Test
    void aWorseRequestDoesNotTakeThePlaceOfTheOneThatIsRead() throws Exception {
        service.ask(Scenes.migrate());
        refresh();
        assertThat(shown()).isEqualTo("r-2");
        assertThat(model.worst()).isEqualTo(Level.CRITICAL);
        assertThat(model.position()).isEqualTo(2);
    }

    @Test
    void aCriticalRequestIsAnsweredBeforeAnotherCanBeOpened() throws Exception {
        service.ask(Scenes.migrate());
        refresh();
        model.open("r-9");
        assertThat(model.alone()).isTrue();
        model.step(1);
        model.open("r-3");
        assertThat(shown()).isEqualTo("r-9");
        model.deny();
        lanes.run();
        assertThat(model.alone()).isFalse();
    }

    @Test
    void p4ARequestThatChangedUnderTheReaderIsShownAnewAndDisarmed() throws Exception {
        arm();
        ApprovalView was = Scenes.push();
        ApprovalView changed =
                new ApprovalView(
                        was.id(),
                        was.session(),
                        was.kind(),
                        was.title(),
                        was.level(),
                        was.calls(),
                        was.agentText(),
                        was.undo(),
                        was.gate(),
                        Digest.of("other"),
                        was.opened(),
                        null,
                        was.planDirectories(),
                        "open",
                        null,
                        null,
                        null,
                        null);
        service.ask(changed);
        refresh();
        assertThat(model.problem().get()).contains("changed");
        assertThat(model.arming().get()).isNotEqualTo(ArmingGate.State.ARMED);
        model.allow();
        lanes.run();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4IfTheEngineSaysConflictTheProblemIsToldAndNothingIsAllowed() {
        arm();
        service.failNext(Kind.CONFLICT, "The request changed. Look again.");
        model.allow();
        lanes.run();
        assertThat(model.problem().get()).isEqualTo("The request changed. Look again.");
        assertThat(shown()).isEqualTo("r-2");
        assertThat(model.sending().get()).isFalse();
    }

    @Test
    void aRequestThatWasAnsweredElsewhereSaysHowAndCanNoLongerBeAnswered() throws Exception {
        service.close("r-2", Answer.DENIED, DecidedBy.TIMEOUT);
        refresh();
        lanes.run();
        assertThat(model.outcome().get()).isEqualTo("Denied by timeout.");
        arm();
        model.allow();
        lanes.run();
        assertThat(service.asked).isEmpty();
        model.next();
        assertThat(shown()).isEqualTo("r-3");
    }

    @Test
    void losingTheFocusDisarms() {
        arm();
        model.blurred();
        model.allow();
        lanes.run();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void withoutAnEngineTheAnswerFailsAndTheRequestStays() {
        arm();
        service.down(true);
        model.allow();
        lanes.run();
        assertThat(model.problem().get()).isNotEmpty();
        assertThat(shown()).isEqualTo("r-2");
    }

    private static RuleOffers offers(String id) {
        return new RuleOffers(
                id,
                List.of(
                        new RuleOffers.Offer(
                                List.of("allow: {tool: shell, argv: [npm, ci]}"),
                                List.of("runs of `npm ci`, exactly"),
                                false,
                                new RuleOffers.Effect(3, 4, 0, 0, 2, "over your last 3 sessions"))),
                null);
    }

    @Test
    void aRuleIsMadeOnlyByTheAnswerThatItWasChosenFor() {
        service.offers.put("r-2", offers("r-2"));
        model.step(1);
        model.open("r-2");
        lanes.run();
        RuleOffers found = model.offers().get();
        assertThat(found).isNotNull();
        arm();
        model.choose(new ApprovalViewModel.Standing(found.offers().getFirst(), "session", null));
        assertThat(model.arming().get())
                .as("what is covered changed")
                .isEqualTo(ArmingGate.State.ARMING);
        assertThat(service.asked).isEmpty();
        lanes.pass(Duration.ofMillis(1500));
        model.tick();
        model.allow();
        lanes.run();
        assertThat(service.asked)
                .containsExactly(
                        "allow r-2 " + Digest.of("push").brief(),
                        "rule session allow: {tool: shell, argv: [npm, ci]}");
        assertThat(model.standing().get()).as("the next request starts without one").isNull();
    }

    @Test
    void p4AllEqualRequestsAreAnsweredByTheDigestOfAll() throws Exception {
        ApprovalView was = Scenes.push();
        Digest all = Digest.of("all of them");
        service.ask(
                new ApprovalView(
                        was.id(),
                        was.session(),
                        was.kind(),
                        was.title(),
                        was.level(),
                        was.calls(),
                        was.agentText(),
                        was.undo(),
                        was.gate(),
                        was.digest(),
                        was.opened(),
                        null,
                        was.planDirectories(),
                        "open",
                        null,
                        null,
                        null,
                        null,
                        new ApprovalView.Equal(List.of("r-2", "r-3"), all),
                        null,
                        null));
        refresh();
        model.together(true);
        arm();
        model.allow();
        lanes.run();
        assertThat(service.asked).containsExactly("decide all r-2,r-3 ALLOWED");
    }
}
