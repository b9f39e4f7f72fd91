package dev.countersign.ui.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.policy.SecondFactorViewModel.Step;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SecondFactorViewModelTest {
    private final FakeService service = new FakeService();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private final SecondFactorViewModel model = new SecondFactorViewModel(link);

    @BeforeEach
    void connect() {
        link.connect();
        lanes.run();
        model.look();
        lanes.run();
    }

    private void choose(String wanted) {
        model.choose(wanted);
        lanes.run();
    }

    private void confirm(String code) {
        model.code().set(code);
        model.confirm();
        lanes.run();
    }

    @Test
    void aPhraseCountsAtOnce() {
        assertThat(model.choice().get()).isEqualTo("none");
        choose("phrase");
        assertThat(model.choice().get()).isEqualTo("phrase");
        assertThat(service.asked).containsExactly("second-factor phrase");
    }

    @Test
    void anAppCountsOnceItsFirstCodeWasConfirmed() {
        choose("totp");
        assertThat(model.choice().get()).isEqualTo("none");
        assertThat(model.step().get())
                .isEqualTo(new Step.Enrol("otpauth://totp/x?secret=ABC", "ABC"));
        confirm(" 123456 ");
        assertThat(model.choice().get()).isEqualTo("totp");
        assertThat(model.step().get()).as("the secret is shown this once").isNull();
        assertThat(service.asked)
                .containsExactly("second-factor totp", "second-factor confirm 123456");
    }

    @Test
    void theWayAwayFromAnAppNeedsItsCode() {
        choose("totp");
        confirm("123456");
        service.asked.clear();
        choose("none");
        assertThat(service.asked).isEmpty();
        assertThat(model.choice().get()).isEqualTo("totp");
        service.failNext(Kind.USAGE, "The code is wrong. Type the one that the app shows now.");
        confirm("000000");
        assertThat(model.problem().get()).startsWith("The code is wrong.");
        assertThat(model.choice().get()).isEqualTo("totp");
        confirm("654321");
        assertThat(model.choice().get()).isEqualTo("none");
    }

    @Test
    void turningBackBeforeTheCodeChangesNothing() {
        choose("totp");
        choose("none");
        assertThat(model.step().get()).isNull();
        confirm("123456");
        assertThat(service.asked).containsExactly("second-factor totp");
    }
}
