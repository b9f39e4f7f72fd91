package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.platform.linux.GtkProbe;
import dev.countersign.platform.linux.GtkPrompt;
import dev.countersign.ui.shell.Desk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javafx.application.ColorScheme;
import javafx.geometry.Point2D;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.scene.robot.Robot;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The dialog of the desktop, driven by the X server's own key and button events.
@EnabledOnOs(OS.LINUX)
class NativePromptTest extends WindowTest {
    private static final String ALLOW = "Allow once";
    private static final String DENY = "Deny";
    private static final String REVIEW = "Review in app…";

    @TempDir Path home;
    private final FakeService service = Scenes.afternoon();
    private final HandClock clock = new HandClock(Scenes.NOW);
    private @Nullable Stage another;
    private final GtkProbe probe = new GtkProbe();

    @BeforeEach
    void byGtk() {
        prompt = new GtkPrompt();
    }

    @AfterEach
    void nothingStaysOpen() {
        fx(() -> {
            Stage other = another;
            if (other != null) {
                other.hide();
            }
            if (desk != null) {
                desk.model().close();
            }
            return null;
        });
        until("the dialog is gone", () -> !probe.open());
    }

    /// The window is open, but not in front; what waits from before is known to the developer.
    private Desk behind() {
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("w.json"), clock);
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        assertThat(fx(probe::open)).isFalse();
        fx(() -> {
            Stage other = new Stage();
            another = other;
            other.setX(900);
            other.setY(600);
            other.setScene(new Scene(new Label("another window"), 200, 100));
            other.show();
            other.requestFocus();
            // Without a window manager the focus falls back to what lies under the pointer.
            new Robot().mouseMove(1000, 650);
            return null;
        });
        until("another window is in front", () -> stage != null && !stage.isFocused());
        return opened;
    }

    private void ask(ApprovalView request) {
        service.ask(request);
        until("the dialog is there", probe::open);
        fx(() -> {
            probe.focus();
            return null;
        });
        settle();
    }

    private void arm(Duration delay) {
        clock.pass(delay);
        until("it arms", () -> probe.sensitive(ALLOW));
    }

    private void type(KeyCode code) {
        fx(() -> {
            new Robot().keyType(code);
            return null;
        });
        settle();
    }

    private void click(String button) {
        fx(() -> {
            Point2D at = probe.place(button);
            Robot pointer = new Robot();
            pointer.mouseMove(at);
            pointer.mouseClick(MouseButton.PRIMARY);
            return null;
        });
        settle();
    }

    private static ApprovalView call(String id, Level level, String command) {
        ApprovalView like = Scenes.connect();
        List<List<GuestText>> argv =
                command.contains("\n")
                        ? List.of()
                        : List.of(
                                java.util.Arrays.stream(command.split(" ", -1))
                                        .map(GuestText::of)
                                        .toList());
        return new ApprovalView(
                id,
                like.session(),
                "calls",
                "wants to delete what was not committed",
                level,
                List.of(
                        new ApprovalView.Call(
                                GuestText.of("t-" + id),
                                GuestText.of("bash"),
                                GuestText.of("{}"),
                                GuestText.of(command),
                                argv,
                                null,
                                GuestText.of("/workspace"),
                                level,
                                List.of("It deletes files that are in no commit."),
                                List.of("It destroys uncommitted work."),
                                "mode checkpoint")),
                GuestText.of("I start from a clean tree."),
                List.of("Yes, inside the VM: by checkpoint 14:03."),
                "boundary-enforced",
                Digest.of(id),
                Scenes.NOW,
                Scenes.NOW.plusSeconds(300),
                List.of(),
                "open",
                null,
                null,
                null,
                null);
    }

    private static ApprovalView clean() {
        return call("r-9", Level.HIGH, "git clean -fdx");
    }

    @Test
    void itSaysOurSentenceFirstThenTheCallItsEffectsAndTheAgentsWords() {
        behind();
        ask(clean());
        assertThat(fx(probe::texts))
                .startsWith(
                        "“Voucher codes” wants to delete what was not committed",
                        "Folder web-shop. Held, nothing has run. 2 of 3 waiting.",
                        "1",
                        "git",
                        "clean",
                        "-fdx")
                .contains(
                        "▲ high",
                        "It destroys uncommitted work.",
                        "It deletes files that are in no commit.",
                        "Yes, inside the VM: by checkpoint 14:03.",
                        "agent says",
                        "I start from a clean tree.");
        assertThat(fx(() -> probe.focused(DENY))).isTrue();
        assertThat(fx(() -> probe.sensitive(ALLOW))).isFalse();
        screen("native");
    }

    @Test
    void p4ReturnDenies() {
        behind();
        ask(clean());
        type(KeyCode.ENTER);
        until("denied", () -> service.asked.contains("deny r-9"));
        assertThat(service.asked).containsExactly("deny r-9");
    }

    @Test
    void p4EscapeDenies() {
        behind();
        ask(clean());
        type(KeyCode.ESCAPE);
        until("denied", () -> service.asked.contains("deny r-9"));
    }

    @Test
    void p4ClosingTheDialogDenies() {
        behind();
        ask(clean());
        fx(() -> {
            probe.close();
            return null;
        });
        until("denied", () -> service.asked.contains("deny r-9"));
    }

    @Test
    void p4AnEarlyPressStartsTheWaitAgainAndALateOneAllowsWhatWasShown() {
        behind();
        ask(clean());
        click(ALLOW);
        clock.pass(Duration.ofMillis(600));
        click(ALLOW);
        clock.pass(Duration.ofMillis(600));
        settle();
        assertThat(fx(() -> probe.sensitive(ALLOW))).isFalse();
        click(ALLOW);
        assertThat(service.asked).isEmpty();
        arm(Duration.ofMillis(700));
        click(ALLOW);
        until("allowed", () -> !service.asked.isEmpty());
        assertThat(service.asked).containsExactly("allow r-9 " + Digest.of("r-9").brief());
    }

    @Test
    void p4ItArmsOnlyWithTheFocusAndLosesItWithIt() {
        behind();
        service.ask(clean());
        until("the dialog is there", probe::open);
        clock.pass(Duration.ofMinutes(1));
        settle();
        assertThat(fx(() -> probe.sensitive(ALLOW))).isFalse();
        fx(() -> {
            probe.focus();
            return null;
        });
        settle();
        arm(Duration.ofMillis(700));
        fx(() -> {
            probe.move(40, 40);
            return null;
        });
        until("a move disarms it", () -> !probe.sensitive(ALLOW));
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p4ACriticalCallWaitsLonger() {
        behind();
        ask(call("r-10", Level.CRITICAL, "git push --force origin main"));
        clock.pass(Duration.ofMillis(1400));
        settle();
        assertThat(fx(() -> probe.sensitive(ALLOW))).isFalse();
        arm(Duration.ofMillis(100));
    }

    @Test
    void p4WhatDoesNotFitCanOnlyBeDeniedOrReviewedInTheWindow() {
        Desk opened = behind();
        ask(call("r-11", Level.HIGH, "echo line\n".repeat(40)));
        assertThat(fx(() -> probe.has(ALLOW))).isFalse();
        assertThat(fx(probe::texts)).contains("… 29 more lines in the window");
        click(REVIEW);
        until(
                "the window shows it",
                () -> {
                    ApprovalView shown = opened.model().approvals().current().get();
                    return shown != null && shown.id().equals("r-11");
                });
        assertThat(service.asked).isEmpty();
    }

    @Test
    void p7TextOfTheGuestIsNeverMarkupNorAFormat() {
        behind();
        ask(call("r-12", Level.HIGH, "echo <b>%s%n</b> \u202Egnp.exe \u001b[2K"));
        assertThat(fx(probe::texts)).contains("<b>%s%n</b>", "⟨U+202E⟩gnp.exe", "⟨U+001B⟩[2K");
    }

    @Test
    void oneDialogAtATimeTheWorstFirst() {
        behind();
        ask(clean());
        service.ask(call("r-13", Level.HIGH, "git stash drop"));
        settle();
        type(KeyCode.ENTER);
        until("the next one is asked", () -> probe.open() && probe.texts().contains("stash"));
        assertThat(service.asked).containsExactly("deny r-9");
    }

    @Test
    void p4ARequestThatEndsElsewhereTakesTheDialogAway() {
        behind();
        ask(clean());
        service.close(
                "r-9",
                dev.countersign.domain.Answer.DENIED,
                dev.countersign.domain.DecidedBy.TIMEOUT);
        until("the dialog is gone", () -> !probe.open());
        assertThat(service.asked).isEmpty();
    }

    @Test
    void aWindowThatComesToTheFrontAsksInstead() {
        behind();
        ask(clean());
        fx(() -> {
            var window = stage;
            if (window != null) {
                window.requestFocus();
            }
            return null;
        });
        until("the dialog is gone", () -> !probe.open());
        assertThat(service.asked).isEmpty();
    }

    /// What lies on the screen, with all windows of the desktop.
    private void screen(String name) {
        settle();
        WritableImage all =
                fx(() -> new Robot().getScreenCapture(null, new Rectangle2D(0, 0, 1280, 960)));
        keep(name, ColorScheme.LIGHT, all);
    }
}
