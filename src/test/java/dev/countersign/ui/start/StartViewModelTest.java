package dev.countersign.ui.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.SessionView;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.LaunchOptions.Choice;
import dev.countersign.ui.common.LaunchOptions.Choices;
import dev.countersign.ui.common.WindowSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartViewModelTest {
    @TempDir Path home;
    private final FakeService service = new FakeService();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private final List<SessionView> started = new ArrayList<>();

    @BeforeEach
    void connect() {
        link.connect();
        lanes.run();
    }

    private StartViewModel sheet() {
        return new StartViewModel(
                link,
                lanes,
                lanes.clock(),
                WindowSettings.read(home.resolve("window.json")),
                new Choices(
                        List.of(new Choice("mini", "mini", ""), new Choice("x", "X", "")),
                        List.of(),
                        List.of()),
                started::add);
    }

    private StartViewModel filled() {
        StartViewModel sheet = sheet();
        sheet.folder().set(home.toString());
        sheet.task().set("make the tests pass");
        return sheet;
    }

    @Test
    void saysWhatIsMissing() {
        StartViewModel sheet = sheet();
        assertThat(sheet.missing()).isEqualTo("Choose a folder.");
        sheet.folder().set("relative/path");
        assertThat(sheet.missing()).contains("does not exist");
        sheet.folder().set(home.toString());
        assertThat(sheet.missing()).isEqualTo("Write the task.");
        sheet.start();
        lanes.run();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void theMachinesSizeIsAskedForAndRememberedWithTheFolder() {
        StartViewModel sheet = filled();
        sheet.memoryMiB().set(4096);
        sheet.cpus().set(1);
        sheet.start();
        lanes.run();
        assertThat(service.started.getLast().memoryMiB()).isEqualTo(4096);
        assertThat(service.started.getLast().cpus()).isEqualTo(1);
        StartViewModel next = filled();
        assertThat(next.memoryMiB().get()).isEqualTo(4096);
        assertThat(next.cpus().get()).isEqualTo(1);
        assertThat(next.recent()).containsExactly(home.toString());
    }

    @Test
    void aTighterDataClassTightensTheModeAndSaysWhy() {
        StartViewModel sheet = filled();
        sheet.mode().set(Mode.AUTONOMOUS);
        sheet.dataClass().set(DataClass.CONFIDENTIAL);
        assertThat(sheet.mode().get()).isEqualTo(Mode.CHECKPOINT);
        assertThat(sheet.why(Mode.AUTONOMOUS))
                .isEqualTo("autonomous is too free for confidential data. At most checkpoint.");
        assertThat(sheet.why(Mode.STEP)).isEmpty();
        sheet.dataClass().set(DataClass.RESTRICTED);
        assertThat(sheet.mode().get()).isEqualTo(Mode.STEP);
        assertThat(sheet.why(Tier.CONTAINER)).contains("restricted");
        assertThat(sheet.why(Tier.VM)).isEmpty();
    }

    @Test
    void showsEachStepAndClosesWhenTheAgentMayWork() {
        StartViewModel sheet = filled();
        sheet.start();
        lanes.run();
        assertThat(sheet.phase().get()).isEqualTo(StartViewModel.Phase.PREPARING);
        SessionId id = new SessionId("s-new1");
        service.record(
                id,
                Scenes.NOW,
                new Fact.StepDone("vm", "resumed from warm state", Duration.ofMillis(640)));
        sheet.drain();
        assertThat(sheet.steps())
                .containsExactly(
                        new StartViewModel.Step(
                                "vm", "resumed from warm state", Duration.ofMillis(640)));
        service.record(
                id,
                Scenes.NOW,
                new Fact.StateChanged(SessionState.PREPARING, SessionState.RUNNING, ""));
        sheet.drain();
        assertThat(started).extracting(SessionView::id).containsExactly(id);
    }

    @Test
    void aFailedStartSaysWhyAndCanBeTriedAgain() {
        StartViewModel sheet = filled();
        service.failNext(Kind.EXHAUSTED, "The session needs 2 GB, 1.1 GB are free. Stop another.");
        sheet.start();
        lanes.run();
        assertThat(sheet.phase().get()).isEqualTo(StartViewModel.Phase.FAILED);
        assertThat(sheet.problem().get()).contains("1.1 GB are free");
        sheet.start();
        lanes.run();
        assertThat(sheet.phase().get()).isEqualTo(StartViewModel.Phase.PREPARING);
    }

    @Test
    void aSessionThatFailsWhilePreparingSaysItsReason() {
        StartViewModel sheet = filled();
        sheet.start();
        lanes.run();
        service.record(
                new SessionId("s-new1"),
                Scenes.NOW,
                new Fact.StateChanged(
                        SessionState.PREPARING, SessionState.FAILED, "QEMU ended after 0.4 s."));
        sheet.drain();
        assertThat(sheet.phase().get()).isEqualTo(StartViewModel.Phase.FAILED);
        assertThat(sheet.problem().get()).isEqualTo("QEMU ended after 0.4 s.");
        assertThat(started).isEmpty();
    }

    @Test
    void givingUpWhilePreparingLeavesNothing() {
        StartViewModel sheet = filled();
        sheet.start();
        lanes.run();
        sheet.cancel();
        lanes.run();
        assertThat(service.asked).last().isEqualTo("delete s-new1 true");
        assertThat(sheet.phase().get()).isEqualTo(StartViewModel.Phase.CHOOSING);
    }

    @Test
    void theSecondSessionOfAFolderIsFilledIn() {
        StartViewModel first = filled();
        first.mode().set(Mode.STEP);
        first.agent().set(first.choices().agents().getLast());
        first.start();
        lanes.run();
        StartViewModel second = sheet();
        assertThat(second.folder().get()).isEqualTo(home.toString());
        assertThat(second.task().get()).isEqualTo("make the tests pass");
        assertThat(second.mode().get()).isEqualTo(Mode.STEP);
        assertThat(second.agent().get().id()).isEqualTo("x");
        assertThat(second.remembered().get()).isNotEmpty();
    }

    @Test
    void settingsThatCanNotBeReadAreNoReasonNotToStart() throws Exception {
        Files.writeString(home.resolve("window.json"), "{\"version\":1,\"width\":\"wide\"");
        assertThat(sheet().folder().get()).isEmpty();
    }
}
