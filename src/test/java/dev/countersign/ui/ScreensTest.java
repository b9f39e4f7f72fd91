package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.HeldView;
import dev.countersign.api.PolicyText;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionState;
import dev.countersign.ui.shell.Desk;
import dev.countersign.ui.shell.ShellViewModel.Tab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import javafx.application.ColorScheme;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.control.ListView;
import javafx.scene.input.KeyCode;
import javafx.stage.Screen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every screen in both themes, as pictures that a person looks at.
class ScreensTest extends WindowTest {
    @TempDir Path home;

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void theFeedShowsCallsWithTheirDecisionsResultsAndEffects(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        assertThat(fx(() -> opened.model().sessions().waitingCount())).isEqualTo(2);
        fx(() -> {
            ListView<?> list = (ListView<?>) node("#feed-list");
            list.requestFocus();
            list.getSelectionModel().select(8);
            return null;
        });
        robot.type(KeyCode.SPACE);
        picture("feed", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aRequestIsShownWithAllThatItsAnswerCovers(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        picture("approval", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aCriticalRequestIsAloneInTheWindow(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.ask(Scenes.migrate());
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 3);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        assertThat(fx(() -> there("#new-session"))).isFalse();
        picture("critical", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void severalCallsAreAnsweredOneByOneTogetherOrByARule(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.ask(Scenes.batch());
        service.offers.put("r-5", Scenes.offers());
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 3);
        fx(() -> {
            opened.model().showWaiting("r-5");
            return null;
        });
        until("the offers are there", () -> there("#rule-session-1"));
        robot.clickOn(node("#may-run-2"));
        robot.clickOn(node("#rule-session-1"));
        picture("approval-rules", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aSecondFactorIsTypedBesideTheAnswer(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.ask(Scenes.proven(new ApprovalView.Proof("phrase", "staging-7")));
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 3);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the field is there", () -> there("#approval-proof"));
        robot.clickOn(node("#approval-proof"));
        robot.write("stag", 0);
        picture("critical-proof", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aPlanIsAReadablePage(ColorScheme scheme) {
        FakeService service = new FakeService();
        service.put(
                Scenes.session(
                        Scenes.VOUCHER,
                        "Voucher codes",
                        "/home/dev/code/web-shop",
                        "Claude Code",
                        SessionState.RUNNING,
                        1,
                        0));
        service.ask(Scenes.plan());
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the plan is known", () -> opened.model().sessions().waitingCount() == 1);
        fx(() -> {
            opened.model().showWaiting(null);
            return null;
        });
        until("the card is there", () -> there("#approval-card"));
        picture("plan", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void changesAreShownSideBySideWithTheirRisk(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("sessions are known", () -> opened.model().sessions().sessions().size() == 3);
        fx(() -> {
            opened.model().showSession(Scenes.EXPORT);
            opened.model().tab().set(Tab.REVIEW);
            return null;
        });
        until("hunks are there", () -> rows("#review-list") > 20);
        robot.clickOn(node("#review-list"));
        robot.type(KeyCode.R, KeyCode.A, KeyCode.A, KeyCode.K, KeyCode.K, KeyCode.K);
        picture("review", scheme);
        robot.type(KeyCode.V);
        until(
                "one column",
                () ->
                        !rowsOf("#review-list").stream()
                                .filter(row -> row.toString().startsWith("Single"))
                                .toList()
                                .isEmpty());
        picture("review-unified", scheme);
    }

    @Test
    void aWindowIsNeverLargerThanTheScreen() throws IOException {
        Path settings = home.resolve("large.json");
        Files.writeString(
                settings, "{\"version\":1,\"width\":9000,\"height\":9000,\"folders\":{}}");
        open(_ -> Scenes.afternoon(), ColorScheme.LIGHT, settings);
        Rectangle2D screen = fx(() -> Screen.getPrimary().getVisualBounds());
        Scene scene = Objects.requireNonNull(stage).getScene();
        assertThat(scene.getWidth()).isLessThanOrEqualTo(screen.getWidth());
        assertThat(scene.getHeight()).isLessThanOrEqualTo(screen.getHeight());
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aConflictIsSolvedBesideItsThreeVersions(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.stage(Scenes.conflicted(Scenes.VOUCHER));
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        fx(() -> {
            opened.model().tab().set(Tab.REVIEW);
            return null;
        });
        until("the changes are there", () -> rows("#review-list") > 4);
        picture("review-conflict", scheme);
        robot.type(KeyCode.C);
        until("the three versions are there", () -> there("#conflict-agent"));
        assertThat(rowsOf("#conflict-host").toString()).contains("rate: 21");
        assertThat(rowsOf("#conflict-base").toString()).contains("rate: 19");
        assertThat(rowsOf("#conflict-agent").toString()).contains("rate: 20");
        assertThat(node("#conflict-use").isDisabled()).as("markers are left").isTrue();
        robot.clickOn(node("#conflict-next"));
        picture("conflict", scheme);
        robot.write("rate: 20\nround: up\n");
        robot.type(KeyCode.ESCAPE);
        until("back at the changes", () -> there("#review-list"));
        robot.type(KeyCode.C);
        until("what was typed is kept", () -> !node("#conflict-use").isDisabled());
        robot.clickOn(node("#conflict-use"));
        until(
                "the engine is told",
                () ->
                        service.asked.stream()
                                .anyMatch(each -> each.contains("config/tax.yaml text")));
        until("back at the changes", () -> there("#review-list"));
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aRestoreSaysBeforeWhatWouldBeLost(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        fx(() -> {
            opened.model().tab().set(Tab.CHECKPOINTS);
            return null;
        });
        until("checkpoints are there", () -> there("#checkpoint-c-2"));
        robot.clickOn(node("#checkpoint-c-2"));
        until("the outlook is there", () -> there("#restore"));
        picture("checkpoints", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void hostsAreListedByWhatBecameOfThem(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Scenes.network(service);
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        robot.press(KeyCode.CONTROL).type(KeyCode.DIGIT4).release(KeyCode.CONTROL);
        until("the hosts are there", () -> rows("#network-list") > 10);
        robot.clickOn("rates.example.net:443");
        until("its details are there", () -> there("#revoke"));
        picture("network", scheme);
        robot.clickOn(node("#revoke"));
        until("it is taken back", () -> service.asked.contains("revoke rates.example.net:443"));
        robot.clickOn(node("#port-5173"));
        until("the port is open", () -> service.asked.contains("open-port 5173"));
        robot.clickOn("Look at it");
        until("what waits is shown", () -> opened.model().sessions().waitingShown().get());
        assertThat(fx(() -> opened.model().approvals().current().get().id())).isEqualTo("r-docs");
        until("the choice is there", () -> there("#reach-session"));
        picture("hosts", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void theJournalSaysHowFarItIsVerified(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        fx(() -> {
            opened.model().tab().set(Tab.JOURNAL);
            return null;
        });
        until("entries are there", () -> rows("#journal-list") > 40);
        picture("journal", scheme);
        int all = rowsOf("#journal-list").size();
        robot.clickOn(node("#journal-decisions"));
        until(
                "only decisions are listed",
                () -> {
                    int now = rowsOf("#journal-list").size();
                    return now > 5 && now < all;
                });
        robot.clickOn(node("#journal-search"));
        robot.write("force", 0);
        until("and searched", () -> rowsOf("#journal-list").isEmpty());
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void everythingIsFoundByItsNameWithItsKey(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        robot.press(KeyCode.CONTROL).type(KeyCode.K).release(KeyCode.CONTROL);
        until("the palette is there", () -> there("#palette-field"));
        picture("palette", scheme);
        robot.write("freeze all", 0);
        until("one is left", () -> rows("#palette-list") == 1);
        robot.type(KeyCode.ENTER);
        until("all is frozen", () -> service.asked.contains("freeze all"));
        robot.press(KeyCode.CONTROL).type(KeyCode.DIGIT3).release(KeyCode.CONTROL);
        until("checkpoints", () -> opened.model().tab().get() == Tab.CHECKPOINTS);
        robot.press(KeyCode.CONTROL).type(KeyCode.EQUALS, KeyCode.EQUALS, KeyCode.EQUALS);
        robot.release(KeyCode.CONTROL);
        picture("large-text", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aCommandIsTriedAgainstTheRulesThatAreInForce(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.policyText =
                new PolicyText(
                        "/home/dev/.config/countersign/policy.yaml",
                        true,
                        """
                        version: 1
                        mode: checkpoint
                        rules:
                          - deny: {effect: git.force-push, because: history}
                          - alow: {tool: shell, argv: [npm, test]}
                        egress:
                          preset: packages
                        """,
                        List.of(
                                new PolicyText.Finding(
                                        5, true, "alow is no verb: use deny, ask or allow")));
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        fx(() -> {
            opened.model().tab().set(Tab.POLICY);
            return null;
        });
        until("the rules are there", () -> rows("#policy-rules") == 6);
        robot.clickOn(node("#policy-command"));
        robot.write("git push --force origin main", 0);
        until("the verdict is there", () -> !node("#policy-answer").lookupAll(".badge").isEmpty());
        ListView<?> rules = (ListView<?>) node("#policy-rules");
        assertThat(fx(() -> rules.getSelectionModel().getSelectedIndex())).isEqualTo(2);
        picture("policy", scheme);
        robot.type(KeyCode.A);
        fx(() -> {
            // What is typed now was not judged yet: the old verdict is gone at once.
            assertThat(node("#policy-answer").lookupAll(".badge")).isEmpty();
            return null;
        });
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void anAuthenticatorAppIsSetUpInTheWindow(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        fx(() -> {
            opened.model().tab().set(Tab.POLICY);
            return null;
        });
        until("the rules are there", () -> rows("#policy-rules") == 6);
        robot.clickOn(node("#factor-totp"));
        until("the secret is there", () -> there("#factor-secret"));
        picture("second-factor", scheme);
        robot.clickOn(node("#factor-code"));
        robot.write("123456", 0);
        robot.type(KeyCode.ENTER);
        until("it is in force", () -> !there("#factor-secret"));
        assertThat(service.asked).endsWith("second-factor totp", "second-factor confirm 123456");
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void theReportSaysWhatWasDoneAndWhatNobodySaw(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the feed has its rows", () -> rows("#feed-list") > 15);
        robot.press(KeyCode.CONTROL).type(KeyCode.DIGIT7).release(KeyCode.CONTROL);
        until("the report is there", () -> there("#report"));
        assertThat(fx(() -> opened.model().tab().get())).isEqualTo(Tab.REPORT);
        picture("report", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void deletionsThatWaitAreShownBeforeTheyGo(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        service.held =
                new HeldView(
                        "0123456789abcdef",
                        Scenes.VOUCHER,
                        IntStream.range(0, 1240)
                                .mapToObj(i ->
                                        GuestText.of(
                                                i == 3
                                                        ? "photos/2026/\u202Egnp.exe"
                                                        : "photos/2026/%04d.raw".formatted(i)))
                                .toList());
        open(_ -> service, scheme, home.resolve("w.json"));
        until("the banner is there", () -> there("#deletions-look"));
        robot.clickOn(node("#deletions-look"));
        until("the list is there", () -> rows("#deletions-list") == 1240);
        picture("deletions", scheme);
        robot.clickOn(node("#deletions-allow"));
        until(
                "they may go",
                () ->
                        service.asked.contains(
                                "allow deletions " + Scenes.VOUCHER + " 0123456789abcdef"));
        until("nothing waits", () -> node("#deletions-allow").isDisabled());
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void theSheetSaysWhatASessionMayDo(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("the engine is there", () -> opened.model().sessions().sessions().size() == 3);
        fx(() -> {
            opened.model().startSession();
            return null;
        });
        until("the sheet is there", () -> there("#start-task"));
        picture("start", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void withoutSessionsItSaysHowToBegin(ColorScheme scheme) {
        open(_ -> new FakeService(), scheme, home.resolve("w.json"));
        until("the button is there", () -> there("#empty-start"));
        picture("empty", scheme);
    }

    @ParameterizedTest
    @EnumSource(ColorScheme.class)
    void aFrozenSessionSaysWhatItMeans(ColorScheme scheme) {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, scheme, home.resolve("w.json"));
        until("sessions are known", () -> opened.model().sessions().sessions().size() == 3);
        fx(() -> {
            opened.model().showSession(Scenes.CLUSTER);
            return null;
        });
        settle();
        service.down(true);
        until("the loss is seen", () -> !there("#none") && lost());
        picture("degraded", scheme);
    }

    private boolean lost() {
        return stage != null
                && !stage.getScene().getRoot().lookupAll(".page-banner").isEmpty()
                && stage.getScene().getRoot().lookupAll(".page-banner").size() >= 2;
    }

    private List<?> rowsOf(String selector) {
        return ((ListView<?>) node(selector)).getItems();
    }

    private int rows(String selector) {
        return stage != null
                        && stage.getScene().getRoot().lookup(selector) instanceof ListView<?> list
                ? list.getItems().size()
                : 0;
    }
}
