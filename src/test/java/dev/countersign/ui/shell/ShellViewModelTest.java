package dev.countersign.ui.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.LaunchOptions.Choice;
import dev.countersign.ui.common.LaunchOptions.Choices;
import dev.countersign.ui.common.NativePrompt;
import dev.countersign.ui.common.WindowSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellViewModelTest {
    @TempDir Path home;
    private final FakeService service = Scenes.afternoon();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private ShellViewModel model = shell(Path.of("window.json"));

    private ShellViewModel shell(Path settings) {
        return new ShellViewModel(
                link,
                lanes,
                lanes.clock(),
                new LaunchOptions(
                        "0.1.0",
                        settings,
                        new Choices(List.of(new Choice("mini", "mini", "")), List.of(), List.of()),
                        null,
                        null,
                        NativePrompt.NONE,
                        _ -> {}),
                WindowSettings.read(settings));
    }

    @BeforeEach
    void open() {
        model = shell(home.resolve("window.json"));
        model.open();
        lanes.run();
        model.drain();
    }

    @AfterEach
    void close() {
        model.close();
        lanes.run();
    }

    private int calls() {
        return Objects.requireNonNull(model.room().get()).feed().calls();
    }

    @Test
    void showsTheNewestSessionAndWhatWaits() {
        assertThat(model.sessions().selected().get()).isEqualTo(Scenes.VOUCHER);
        assertThat(model.sessions().waitingCount()).isEqualTo(2);
        assertThat(calls()).isEqualTo(13);
    }

    @Test
    void aRequestThatComesInIsSeenAtOnceAndTakesNothingsPlace() {
        model.showWaiting("r-2");
        service.ask(Scenes.migrate());
        lanes.run();
        assertThat(model.sessions().waitingCount()).isEqualTo(3);
        assertThat(Objects.requireNonNull(model.approvals().current().get()).id()).isEqualTo("r-2");
    }

    @Test
    void aLostEngineIsToldAndComesBackWithoutAGapOrARepeat() {
        service.down(true);
        lanes.pass(Duration.ofSeconds(4));
        assertThat(link.state().get()).isInstanceOf(EngineLink.State.Lost.class);
        Scenes.Tape tape = new Scenes.Tape(service, Scenes.VOUCHER);
        tape.put(Scenes.NOW, new Fact.AgentSaid(GuestText.of("meanwhile")));
        int before = calls();
        service.down(false);
        lanes.pass(Duration.ofSeconds(6));
        assertThat(link.up()).isTrue();
        assertThat(Objects.requireNonNull(model.notice().get()).problem()).isFalse();
        model.drain();
        assertThat(calls()).isEqualTo(before);
        service.record(Scenes.VOUCHER, Scenes.NOW, new Fact.PlanEnded("your message"));
        model.drain();
        assertThat(calls()).isEqualTo(before);
    }

    @Test
    void aRequestAnsweredFromElsewhereLeavesTheCount() {
        service.close("r-2", Answer.DENIED, DecidedBy.PERSON);
        lanes.run();
        assertThat(model.sessions().waitingCount()).isEqualTo(1);
    }

    @Test
    void freezeAsksNothingAndNamesTheSession() {
        model.freeze();
        model.freezeAll();
        lanes.run();
        assertThat(service.asked).containsExactly("freeze s-voucher", "freeze all");
    }

    @Test
    void deletingDropsStagedWorkOnlyWhenThatWasSaid() {
        model.askDelete();
        assertThat(service.asked).isEmpty();
        model.delete(false);
        lanes.run();
        assertThat(service.asked).containsExactly("delete s-voucher false");
        assertThat(model.sessions().selected().get()).isNotEqualTo(Scenes.VOUCHER);
    }

    @Test
    void aMessageThatWasNotSentStaysInItsField() {
        model.message().set("also the docs");
        service.failNext(Kind.REFUSED, "The session is frozen. Thaw it first.");
        model.send();
        lanes.run();
        assertThat(model.message().get()).isEqualTo("also the docs");
        assertThat(Objects.requireNonNull(model.notice().get()).detail()).contains("Thaw it");
        model.send();
        lanes.run();
        assertThat(model.message().get()).isEmpty();
    }

    @Test
    void closingTheWindowAsksNothingOfTheSessions() {
        model.close();
        lanes.run();
        assertThat(service.asked).isEmpty();
    }
}
