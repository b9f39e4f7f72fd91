package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.ui.shell.Desk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javafx.application.ColorScheme;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.control.ListView;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The answers that real keys and clicks give in a real window.
class ApprovalWindowTest extends WindowTest {
    @TempDir Path home;
    private final FakeService service = Scenes.afternoon();
    private final HandClock clock = new HandClock(Scenes.NOW);

    private void arm() {
        until("all of it was seen", () -> !node("#allow").getAccessibleHelp().startsWith("Off"));
        clock.pass(Duration.ofMillis(700));
        until("it arms", this::armed);
    }

    private Desk show(ApprovalView... more) {
        for (ApprovalView each : more) {
            service.ask(each);
        }
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("w.json"), clock);
        until(
                "requests are known",
                () -> opened.model().sessions().waitingCount() == 2 + more.length);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        return opened;
    }

    private boolean armed() {
        return !node("#allow")
                .getPseudoClassStates()
                .contains(PseudoClass.getPseudoClass("unarmed"));
    }

    private boolean focused(String selector) {
        Node found = node(selector);
        return found.isFocused();
    }

    @Test
    void denyHasTheFocusAndReturnDenies() {
        show();
        assertThat(fx(() -> focused("#deny"))).isTrue();
        robot.type(KeyCode.ENTER);
        until("denied", () -> service.asked.contains("deny r-2"));
        assertThat(service.asked).containsExactly("deny r-2");
    }

    @Test
    void escapeDeniesFromWhereverTheFocusIs() {
        show();
        robot.clickOn(node("#approval-card"));
        robot.type(KeyCode.ESCAPE);
        until("denied", () -> service.asked.contains("deny r-2"));
    }

    @Test
    void p4AnEarlyClickOnAllowDoesNothingAndALateOneAllowsWhatWasShown() {
        show();
        robot.clickOn(node("#allow"));
        robot.clickOn(node("#allow"));
        settle();
        clock.pass(Duration.ofMillis(600));
        robot.clickOn(node("#allow"));
        clock.pass(Duration.ofMillis(600));
        robot.clickOn(node("#allow"));
        settle();
        assertThat(service.asked).isEmpty();
        arm();
        robot.clickOn(node("#allow"));
        until("allowed", () -> !service.asked.isEmpty());
        assertThat(service.asked).containsExactly("allow r-2 " + Digest.of("push").brief());
    }

    @Test
    void p4SpaceNeverPressesAButtonOfTheCard() {
        show();
        arm();
        fx(() -> {
            node("#allow").requestFocus();
            return null;
        });
        robot.type(KeyCode.SPACE);
        settle();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void aYesToHostsReachesAsFarAsWasChosenAndCoversThoseThatAreTicked() {
        Desk opened = show(Scenes.hosts());
        fx(() -> {
            opened.model().showWaiting("r-docs");
            return null;
        });
        until("the hosts are shown", () -> there("#reach-repository"));
        arm();
        assertThat(node("#allow").getAccessibleText()).isEqualTo("Allow for the session");
        robot.clickOn(node("#may-run-2"));
        robot.clickOn(node("#reach-repository"));
        until("it arms anew", () -> !armed());
        arm();
        robot.clickOn(node("#allow"));
        until("allowed", () -> service.asked.size() == 3);
        assertThat(service.asked.get(0)).isEqualTo("calls [1]");
        assertThat(service.asked.get(1)).startsWith("reach repository until 20");
        assertThat(service.asked.get(2)).startsWith("allow r-docs ");
    }

    @Test
    void allowingByKeyWorksOnceItIsArmed() {
        show();
        arm();
        robot.press(KeyCode.CONTROL).type(KeyCode.A).release(KeyCode.CONTROL);
        until("allowed", () -> !service.asked.isEmpty());
        assertThat(service.asked.getFirst()).startsWith("allow r-2 ");
    }

    @Test
    void aNoteGoesWithTheDenial() {
        show();
        robot.type(KeyCode.N);
        until("the field is there", () -> there("#approval-note"));
        robot.write("use the lock file", 0);
        robot.type(KeyCode.ENTER);
        until("denied", () -> !service.asked.isEmpty());
        assertThat(service.asked).containsExactly("deny r-2 use the lock file");
    }

    @Test
    void p4ALongCommandMustBeScrolledToItsEndFirst() {
        String command =
                IntStream.range(0, 300)
                        .mapToObj(i -> "echo line " + i)
                        .collect(Collectors.joining("\n"));
        show(longOne(command));
        fx(() -> {
            Desk opened = desk;
            if (opened != null) {
                opened.model().showWaiting("r-long");
            }
            return null;
        });
        until("the long text is there", () -> there(".long-list"));
        clock.pass(Duration.ofMinutes(1));
        settle();
        assertThat(fx(this::armed)).isFalse();
        fx(() -> {
            ListView<?> list = (ListView<?>) node(".long-list");
            list.scrollTo(list.getItems().size() - 1);
            return null;
        });
        settle();
        // The card below the text must be seen too.
        for (int i = 0; i < 5; i++) {
            robot.type(KeyCode.SPACE);
        }
        arm();
    }

    @Test
    void p7HostileTextIsShownAsPlainTextWithWhatItHides() {
        show(longOne("echo \u202Egnp.exe \u001b[2K<b>bold</b> %s {0}"));
        fx(() -> {
            Desk opened = desk;
            if (opened != null) {
                opened.model().showWaiting("r-long");
            }
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        settle();
        String words =
                fx(() ->
                        node("#approval-card").lookupAll(".label").stream()
                                .filter(javafx.scene.control.Label.class::isInstance)
                                .map(each -> ((javafx.scene.control.Label) each).getText())
                                .collect(Collectors.joining("|")));
        assertThat(words).contains("⟨U+202E⟩gnp.exe ⟨U+001B⟩[2K<b>bold</b> %s {0}");
    }

    private void fire(KeyCode code, boolean control) {
        fx(() -> {
            var window = stage;
            if (window != null) {
                var scene = window.getScene();
                Node target =
                        scene.getFocusOwner() == null ? scene.getRoot() : scene.getFocusOwner();
                javafx.event.Event.fireEvent(
                        target,
                        new KeyEvent(
                                KeyEvent.KEY_PRESSED, "", "", code, false, control, false, false));
            }
            return null;
        });
    }

    @Test
    void p4AKeyThatIsHeldSinceBeforeTheCardCameDecidesNothing() {
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("w.json"), clock);
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        fire(KeyCode.ENTER, false);
        fire(KeyCode.ESCAPE, false);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        fire(KeyCode.ENTER, false);
        fire(KeyCode.ESCAPE, false);
        settle();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4ARepeatOfTheAllowKeyAllowsNothing() {
        show();
        fire(KeyCode.A, true);
        arm();
        fire(KeyCode.A, true);
        settle();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4AWindowThatLostTheFocusIsNoLongerArmed() {
        Desk opened = show();
        arm();
        fx(() -> {
            opened.model().approvals().blurred();
            return null;
        });
        assertThat(fx(this::armed)).isFalse();
        robot.clickOn(node("#allow"));
        settle();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4WhatLiesOverTheCardTakesItsKeysAndDisarmsIt() {
        show();
        arm();
        robot.press(KeyCode.CONTROL).type(KeyCode.K).release(KeyCode.CONTROL);
        until("the palette is there", () -> there("#palette-field"));
        assertThat(fx(this::armed)).isFalse();
        robot.type(KeyCode.ESCAPE);
        settle();
        assertThat(service.asked).isEmpty();
        assertThat(fx(() -> there("#approval-card"))).isTrue();
    }

    @Test
    void p4ClosingTheWindowLeavesTheRequestOpen() {
        show();
        arm();
        closeTheWindow();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4ATimeoutIsShownAsADenialAndCanNotBeAllowedAnyMore() {
        show();
        arm();
        service.close(
                "r-2",
                dev.countersign.domain.Answer.DENIED,
                dev.countersign.domain.DecidedBy.TIMEOUT);
        until("it is over", () -> !there("#allow"));
        fire(KeyCode.A, true);
        settle();
        assertThat(service.asked).isEmpty();
    }

    private static ApprovalView longOne(String command) {
        ApprovalView like = Scenes.connect();
        return new ApprovalView(
                "r-long",
                like.session(),
                "calls",
                "wants to run a long script",
                Level.HIGH,
                List.of(
                        new ApprovalView.Call(
                                GuestText.of("t-77"),
                                GuestText.of("bash"),
                                GuestText.of("{}"),
                                GuestText.of(command),
                                List.of(),
                                null,
                                GuestText.of("/workspace"),
                                Level.HIGH,
                                List.of(),
                                List.of("It was not understood."),
                                "mode checkpoint")),
                GuestText.of("Trust me."),
                List.of(),
                "boundary-enforced",
                Digest.of("long"),
                Scenes.NOW,
                null,
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }
}
