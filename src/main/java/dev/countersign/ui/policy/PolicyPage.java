package dev.countersign.ui.policy;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.PolicyText;
import dev.countersign.api.PolicyView;
import dev.countersign.api.TrialView;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.util.List;
import javafx.beans.value.ChangeListener;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextArea;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// Rules at the left, in the order in which they are asked; at the right the box that tries a
/// command, and below it the developer's file with its errors at their lines.
public final class PolicyPage implements View {
    private static final PseudoClass DECIDES = PseudoClass.getPseudoClass("decides");

    /// A line of the file.
    private record Line(int number, String text, PolicyText.@Nullable Finding finding) {}

    private final PolicyViewModel model;
    private final SecondFactorBox factor;
    private final VBox root = new VBox();
    private final VBox banners = new VBox();
    private final ListView<PolicyView.Rule> rules = new ListView<>();
    private final ListView<Line> file = new ListView<>();
    private final TextArea command = new TextArea();
    private final VBox answer = Nodes.column(8);
    private final Label fileName = Nodes.label("", "mono-small", "muted");
    private final ChangeListener<Object> onPolicy = (_, _, _) -> rules();
    private final ChangeListener<Object> onFile = (_, _, _) -> file();
    private final ChangeListener<Object> onTrial = (_, _, _) -> answer();

    /// Nothing is bound before [#attach()].
    public PolicyPage(PolicyViewModel model) {
        this.model = model;
        factor = new SecondFactorBox(model.secondFactor());
        rules.setId("policy-rules");
        rules.getStyleClass().add("journal-list");
        rules.setAccessibleText(text("policy.order"));
        rules.setFixedCellSize(44);
        rules.setCellFactory(_ -> new RuleCell());
        VBox.setVgrow(rules, Priority.ALWAYS);
        Label order = Nodes.paragraph(text("policy.order-is"), "second", "muted");
        VBox left =
                new VBox(
                        Nodes.styled(
                                Nodes.column(2, Nodes.label(text("policy.order"), "strong"), order),
                                "section"),
                        rules,
                        factor.root());
        HBox.setHgrow(left, Priority.ALWAYS);
        left.setMinWidth(300);
        command.setId("policy-command");
        command.setPromptText(text("policy.paste"));
        command.setAccessibleText(text("policy.paste"));
        command.getStyleClass().add("mono-area");
        command.setPrefRowCount(3);
        command.setWrapText(true);
        answer.setId("policy-answer");
        file.setId("policy-file");
        file.setFixedCellSize(20);
        file.getStyleClass().addAll("journal-list", "policy-file");
        file.setAccessibleText(text("policy.file"));
        file.setCellFactory(_ -> new LineCell());
        VBox.setVgrow(file, Priority.ALWAYS);
        fileName.setMinWidth(0);
        VBox below =
                Nodes.column(
                        8,
                        Nodes.row(8, Nodes.label(text("policy.file"), "section-title"), fileName),
                        file);
        below.getStyleClass().add("section");
        VBox.setVgrow(below, Priority.ALWAYS);
        VBox right =
                new VBox(
                        Nodes.styled(
                                Nodes.column(
                                        8,
                                        Nodes.label(text("policy.try"), "section-title"),
                                        command,
                                        answer),
                                "section"),
                        below);
        right.getStyleClass().add("outlook");
        HBox body = new HBox(left, right);
        VBox.setVgrow(body, Priority.ALWAYS);
        root.getChildren().addAll(banners, body);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.policy().addListener(onPolicy);
        model.file().addListener(onFile);
        model.trial().addListener(onTrial);
        model.problem().addListener(onTrial);
        command.textProperty().bindBidirectional(model.command());
        factor.attach();
        model.look();
        rules();
        file();
        answer();
    }

    @Override
    public void detach() {
        factor.detach();
        model.policy().removeListener(onPolicy);
        model.file().removeListener(onFile);
        model.trial().removeListener(onTrial);
        model.problem().removeListener(onTrial);
        command.textProperty().unbindBidirectional(model.command());
    }

    private void rules() {
        PolicyView now = model.policy().get();
        banners.getChildren().clear();
        if (now == null) {
            return;
        }
        String trouble = now.trouble();
        if (trouble != null) {
            banners.getChildren()
                    .add(Banner.of(Banner.Kind.DEGRADED, text("policy.trouble"), trouble));
        }
        rules.getItems().setAll(now.rules());
    }

    private void file() {
        PolicyText now = model.file().get();
        if (now == null) {
            return;
        }
        fileName.setText(Words.directory(now.file()));
        if (!now.exists()) {
            file.getItems().setAll(new Line(0, text("policy.no-file"), null));
            return;
        }
        List<String> lines = now.text().lines().toList();
        java.util.List<Line> shown = new java.util.ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            shown.add(new Line(i + 1, lines.get(i), null));
            for (PolicyText.Finding each : now.findings()) {
                if (each.line() == i + 1) {
                    shown.add(new Line(0, each.message(), each));
                }
            }
        }
        for (PolicyText.Finding each : now.findings()) {
            if (each.line() < 1 || each.line() > lines.size()) {
                shown.add(new Line(0, each.message(), each));
            }
        }
        file.getItems().setAll(shown);
        for (int i = 0; i < shown.size(); i++) {
            if (shown.get(i).finding() != null) {
                file.scrollTo(Math.max(0, i - 3));
                break;
            }
        }
    }

    private void answer() {
        answer.getChildren().clear();
        TrialView now = model.trial().get();
        int deciding = model.deciding();
        if (deciding >= 0) {
            rules.getSelectionModel().select(deciding);
            rules.scrollTo(Math.max(0, deciding - 3));
        } else {
            rules.getSelectionModel().clearSelection();
        }
        if (!model.problem().get().isEmpty()) {
            answer.getChildren().add(Nodes.paragraph(model.problem().get(), "critical-text"));
        }
        if (now == null) {
            answer.getChildren().add(Nodes.paragraph(text("policy.try-why"), "second", "muted"));
            return;
        }
        Label words = Nodes.label(outcome(now.outcome()), "strong");
        words.setGraphic(
                now.outcome().equals("denied")
                        ? Icons.icon(MaterialDesignC.CLOSE, "verdict-no")
                        : now.outcome().equals("asks") || now.outcome().equals("plan")
                                ? Icons.icon(MaterialDesignC.CLOCK_OUTLINE)
                                : Icons.icon(MaterialDesignC.CHECK, "verdict-ok"));
        answer.getChildren()
                .addAll(
                        Nodes.row(10, Nodes.badge(now.level()), words),
                        Nodes.point(
                                Icons.icon(MaterialDesignS.SHIELD_OUTLINE),
                                Nodes.paragraph(
                                        now.because().isEmpty()
                                                ? text("policy.by", now.rule())
                                                : text(
                                                        "policy.by-because",
                                                        now.rule(),
                                                        now.because()))));
        for (String reason : now.reasons()) {
            answer.getChildren()
                    .add(
                            Nodes.point(
                                    Icons.icon(MaterialDesignC.CHEVRON_RIGHT),
                                    Nodes.paragraph(Guest.line(GuestText.of(reason), 400))));
        }
        if (!now.effects().isEmpty()) {
            answer.getChildren()
                    .add(
                            Nodes.paragraph(
                                    text("policy.effects", String.join(", ", now.effects())),
                                    "second",
                                    "muted"));
        }
    }

    private static String outcome(String outcome) {
        return switch (outcome) {
            case "runs" -> text("policy.runs");
            case "flagged" -> text("policy.flagged");
            case "plan" -> text("policy.plan");
            case "denied" -> text("policy.denied");
            default -> text("policy.asks");
        };
    }

    /// A rule: its verb, what it says, where it stands.
    private static final class RuleCell extends ListCell<PolicyView.Rule> {
        private final Label verb = Nodes.label("", "tag", "tag-solid", "rule-verb");
        private final Label words = Nodes.label("", "guest-mono");
        private final Label because = Nodes.label("", "second", "muted");
        private final Label place = Nodes.label("", "mono-small", "muted");
        private final Node row;

        RuleCell() {
            getStyleClass().add("journal-cell");
            words.setMinWidth(0);
            because.setMinWidth(0);
            place.setMinWidth(Region.USE_PREF_SIZE);
            VBox both = Nodes.column(0, words, because);
            both.setAlignment(javafx.geometry.Pos.CENTER_LEFT);
            both.setMinWidth(0);
            HBox.setHgrow(both, Priority.ALWAYS);
            because.managedProperty().bind(because.textProperty().isNotEmpty());
            row = Nodes.row(12, verb, both, place);
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(PolicyView.@Nullable Rule rule, boolean empty) {
            super.updateItem(rule, empty);
            setText(null);
            if (empty || rule == null) {
                setGraphic(null);
                setAccessibleText(null);
                return;
            }
            String all = Guest.line(GuestText.of(rule.text()), 400);
            int end = 0;
            while (end < all.length() && Character.isLetter(all.charAt(end))) {
                end++;
            }
            verb.setText(all.substring(0, end));
            verb.getStyleClass().removeAll("rule-deny", "rule-ask", "rule-allow");
            verb.getStyleClass().add("rule-" + all.substring(0, end));
            words.setText(all.substring(end).replaceFirst("^[, ]+", ""));
            because.setText(
                    rule.ended()
                            ? text("policy.ended")
                            : Guest.line(GuestText.of(rule.because()), 300));
            place.setText(rule.place());
            setAccessibleText(all + ", " + rule.place() + ", " + because.getText());
            setGraphic(row);
        }
    }

    /// A line of the file, or what is wrong with the line above.
    private static final class LineCell extends ListCell<Line> {
        private final Label number = Nodes.label("", "mono-small", "subtle", "journal-seq");
        private final Label words = Nodes.label("", "mono-small");
        private final Node row = Nodes.row(10, number, words);

        LineCell() {
            getStyleClass().add("policy-line");
            words.setMinWidth(0);
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(@Nullable Line line, boolean empty) {
            super.updateItem(line, empty);
            setText(null);
            pseudoClassStateChanged(DECIDES, false);
            if (empty || line == null) {
                setGraphic(null);
                return;
            }
            PolicyText.Finding finding = line.finding();
            number.setText(line.number() == 0 ? "" : Integer.toString(line.number()));
            words.setText(Guest.line(GuestText.of(line.text()), 400));
            words.setGraphic(
                    finding == null
                            ? null
                            : Icons.icon(
                                    MaterialDesignA.ALERT_OUTLINE,
                                    finding.error() ? "verdict-no" : "banner-icon"));
            words.getStyleClass().removeAll("critical-text", "high-text");
            if (finding != null) {
                words.getStyleClass().add(finding.error() ? "critical-text" : "high-text");
            }
            pseudoClassStateChanged(DECIDES, finding != null);
            setGraphic(row);
        }
    }
}
