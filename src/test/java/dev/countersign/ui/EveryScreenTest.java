package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.HeldView;
import dev.countersign.api.PolicyText;
import dev.countersign.api.ReviewView;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.ToolCall;
import dev.countersign.ui.shell.Desk;
import dev.countersign.ui.shell.ShellViewModel.Tab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javafx.application.ColorScheme;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.ComboBoxBase;
import javafx.scene.control.Control;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.KeyCode;
import javafx.scene.text.Text;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every screen with text that wants to deceive in every field that the guest, the model or the
/// repository can fill, walked node by node.
class EveryScreenTest extends WindowTest {
    private static final SessionId SESSION = new SessionId("s-hostile");
    private static final String HOSTILE =
            "\u202Egnp.exe\u2066 \u001b[2J\u0007<b>b</b> %s {0} \u200B\uFEFF\r\n"
                    + "\uD83D\uDC69\u200D\uD83D\uDCBB \u0634\u0631";
    private static final String LONG = "x".repeat(1_000_000) + "\u202E";

    @TempDir Path home;

    private static FakeService service() {
        FakeService service = new FakeService();
        service.put(
                Scenes.session(
                        SESSION,
                        HOSTILE,
                        "/home/dev/" + HOSTILE,
                        HOSTILE,
                        SessionState.RUNNING,
                        1,
                        2));
        GuestText text = GuestText.of(HOSTILE);
        int second = 0;
        for (GuestText each : List.of(text, GuestText.of(LONG))) {
            GuestText id = GuestText.of("t" + second);
            service.record(SESSION, Scenes.at(50, second++), new Fact.AgentSaid(each));
            ToolCall call = new ToolCall(id, each, each, each);
            service.record(
                    SESSION,
                    Scenes.at(50, second++),
                    new Fact.Called(call, call.digest(), "gateway", each));
            service.record(
                    SESSION,
                    Scenes.at(50, second++),
                    new Fact.Returned(id, true, each, each.raw().length()));
            service.record(SESSION, Scenes.at(50, second++), new Fact.MessageSent(each));
            service.record(
                    SESSION,
                    Scenes.at(50, second++),
                    new Fact.ConnectionDecided(
                            second,
                            each.raw(),
                            443,
                            each,
                            false,
                            "host-malformed",
                            "Countersign: " + each.visible() + " was refused.",
                            null,
                            List.of(),
                            each));
            service.record(
                    SESSION,
                    Scenes.at(50, second++),
                    new Fact.ConnectionHeld(second, "a" + each.raw(), 443, each, each));
        }
        service.ask(
                new ApprovalView(
                        "r-hostile",
                        SESSION,
                        "calls",
                        "wants to run a command",
                        Level.HIGH,
                        List.of(
                                new ApprovalView.Call(
                                        text,
                                        text,
                                        text,
                                        text,
                                        List.of(List.of(text, text)),
                                        text,
                                        text,
                                        Level.HIGH,
                                        List.of(),
                                        List.of("It was not understood."),
                                        "mode checkpoint")),
                        text,
                        List.of(),
                        "boundary-enforced",
                        Digest.of("hostile"),
                        Scenes.NOW,
                        null,
                        List.of(),
                        "open",
                        null,
                        null,
                        null,
                        null));
        service.stage(
                new ReviewView(
                        "v-1",
                        SESSION,
                        List.of(
                                new ReviewView.File(
                                        text,
                                        "edited",
                                        Level.HIGH,
                                        List.of("It runs later."),
                                        false,
                                        2,
                                        1,
                                        List.of(
                                                new ReviewView.Hunk(
                                                        "h-1",
                                                        "new",
                                                        1,
                                                        1,
                                                        1,
                                                        2,
                                                        List.of(
                                                                new ReviewView.Line(
                                                                        "removed", text),
                                                                new ReviewView.Line("added", text),
                                                                new ReviewView.Line(
                                                                        "added",
                                                                        GuestText.of(LONG))),
                                                        null))))));
        service.held = new HeldView("d1", SESSION, List.of(text));
        service.policyText = new PolicyText("/p/policy.yaml", true, HOSTILE, List.of());
        return service;
    }

    private List<Node> all() {
        var window = stage;
        List<Node> found = new ArrayList<>();
        if (window != null) {
            walk(window.getScene().getRoot(), found);
        }
        return found;
    }

    private static void walk(Node node, List<Node> found) {
        if (!node.isVisible()) {
            return;
        }
        found.add(node);
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(each -> walk(each, found));
        }
    }

    private static boolean deceives(String text) {
        return text.codePoints()
                .anyMatch(c ->
                        (Character.isISOControl(c) && c != '\n' && c != '\t')
                                || (c >= 0x202A && c <= 0x202E)
                                || (c >= 0x2066 && c <= 0x2069)
                                || c == 0x200B
                                || c == 0xFEFF);
    }

    /// What is wrong with the screen as it is now.
    private List<String> wrong(String screen) {
        settle();
        return fx(() -> {
            List<String> wrong = new ArrayList<>();
            for (Node node : all()) {
                String text =
                        node instanceof Labeled labeled
                                ? labeled.getText()
                                : node instanceof Text plain ? plain.getText() : null;
                if (text != null && deceives(text)) {
                    wrong.add(screen + ": shown as it came: " + node.getStyleClass());
                }
                if (text != null && text.length() > 40_000) {
                    wrong.add(screen + ": " + text.length() + " characters in one node");
                }
                if (node instanceof Control control && named(control) && name(control).isBlank()) {
                    wrong.add(screen + ": no name: " + control);
                }
                if (node.getAccessibleText() != null && deceives(node.getAccessibleText())) {
                    wrong.add(screen + ": read aloud as it came: " + node.getStyleClass());
                }
            }
            return wrong;
        });
    }

    private static boolean named(Control control) {
        // The list inside of an open choice is a part of the choice.
        boolean part = "list-view".equals(control.getId());
        return control instanceof ButtonBase
                || control instanceof TextInputControl
                || (control instanceof ListView && !part)
                || control instanceof ComboBoxBase;
    }

    private static String name(Control control) {
        if (control.getAccessibleText() != null) {
            return control.getAccessibleText();
        }
        return control instanceof Labeled labeled && labeled.getText() != null
                ? labeled.getText()
                : "";
    }

    @Test
    void p7NothingIsShownAsItCameAndEveryControlHasAName() {
        FakeService service = service();
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("w.json"));
        until("the session is there", () -> opened.model().sessions().waitingCount() == 1);
        List<String> wrong = new ArrayList<>();
        for (Tab tab : Tab.values()) {
            fx(() -> {
                opened.model().leaveWaiting();
                opened.model().tab().set(tab);
                return null;
            });
            settle();
            wrong.addAll(wrong(tab.name()));
        }
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        wrong.addAll(wrong("approval"));
        robot.press(KeyCode.CONTROL).type(KeyCode.K).release(KeyCode.CONTROL);
        until("the palette is there", () -> there("#palette-field"));
        wrong.addAll(wrong("palette"));
        robot.type(KeyCode.ESCAPE);
        until("the palette is gone", () -> !there("#palette-field"));
        fx(() -> {
            opened.model().startSession();
            return null;
        });
        until("the sheet is there", () -> there("#start-task"));
        wrong.addAll(wrong("start"));
        assertThat(wrong).isEmpty();
        assertThat(service.asked).isEmpty();
    }

    @Test
    void everyTabIsReachedAndLeftByKeysAlone() {
        FakeService service = service();
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("w.json"));
        until("the session is there", () -> opened.model().sessions().waitingCount() == 1);
        KeyCode[] digits = {
            KeyCode.DIGIT1,
            KeyCode.DIGIT2,
            KeyCode.DIGIT3,
            KeyCode.DIGIT4,
            KeyCode.DIGIT5,
            KeyCode.DIGIT6,
            KeyCode.DIGIT7,
            KeyCode.DIGIT8
        };
        assertThat(digits).hasSameSizeAs(Tab.values());
        for (Tab tab : Tab.values()) {
            robot.press(KeyCode.CONTROL).type(digits[tab.key() - 1]).release(KeyCode.CONTROL);
            until(tab + " is shown", () -> opened.model().tab().get() == tab);
        }
        robot.press(KeyCode.CONTROL).type(KeyCode.ENTER).release(KeyCode.CONTROL);
        until("what waits is shown", () -> opened.model().sessions().waitingShown().get());
        robot.press(KeyCode.CONTROL).type(KeyCode.DIGIT1).release(KeyCode.CONTROL);
        until("the feed is back", () -> !opened.model().sessions().waitingShown().get());
        assertThat(service.asked).isEmpty();
    }
}
