package dev.countersign.ui.report;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.SessionView;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import dev.countersign.ui.report.ReportViewModel.Notable;
import dev.countersign.ui.report.ReportViewModel.Outcome;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javafx.beans.value.ChangeListener;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignE;

/// What a session did, on one page: its task, its numbers, what was risky, which tests ran, what
/// came to the host, and what nobody saw.
public final class ReportPage implements View {
    private final ReportViewModel model;
    private final VBox page = new VBox();
    private final ScrollPane root = new ScrollPane();
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    /// Nothing is bound before [#attach()].
    public ReportPage(ReportViewModel model) {
        this.model = model;
        page.setId("report");
        StackPane middle = new StackPane(page);
        middle.setAlignment(javafx.geometry.Pos.TOP_LEFT);
        root.setContent(middle);
        root.setFitToWidth(true);
        root.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        root.getStyleClass().add("card-scroll");
        root.setAccessibleText(text("tab.report"));
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.revision().addListener(onChange);
        model.told().addListener(onChange);
        draw();
    }

    @Override
    public void detach() {
        model.revision().removeListener(onChange);
        model.told().removeListener(onChange);
    }

    private HBox keeping() {
        Button save =
                Nodes.button(
                        text("report.save"),
                        MaterialDesignC.CONTENT_SAVE_OUTLINE,
                        null,
                        this::choosePlace);
        save.setId("report-save");
        HBox row = Nodes.row(12, save, Nodes.label(model.told().get(), "second", "muted"));
        row.getStyleClass().add("section");
        return row;
    }

    private void choosePlace() {
        FileChooser chooser = new FileChooser();
        chooser.setTitle(text("report.save-title"));
        chooser.setInitialFileName("session-report.html");
        File chosen = chooser.showSaveDialog(root.getScene().getWindow());
        if (chosen != null) {
            model.save(chosen.toPath());
        }
    }

    private void draw() {
        page.getChildren().clear();
        page.getChildren().add(keeping());
        SessionView session = model.session();
        if (session != null) {
            page.getChildren().add(task(session));
        }
        page.getChildren().add(section(text("report.numbers"), numbers()));
        page.getChildren()
                .add(
                        section(
                                text("report.risky", model.riskyCount()),
                                calls(model.risky(), model.riskyCount(), text("report.no-risky"))));
        page.getChildren()
                .add(
                        section(
                                text("report.tests", model.testCount(), model.testsFailed()),
                                calls(model.tests(), model.testCount(), text("report.no-tests"))));
        page.getChildren().add(section(text("report.files"), files()));
        page.getChildren().add(section(text("report.unseen"), unseen()));
    }

    private VBox task(SessionView session) {
        Instant first = model.first();
        Instant last = model.last();
        String when =
                first == null || last == null
                        ? ""
                        : text(
                                "report.when",
                                Words.second(first),
                                Words.second(last),
                                Words.age(Duration.between(first, last)));
        return section(
                text("report.task"),
                Nodes.column(
                        4,
                        Nodes.paragraph(Guest.line(session.task(), 1500)),
                        Nodes.paragraph(
                                text(
                                        "report.who",
                                        session.agent(),
                                        session.mode().word(),
                                        session.tier().word(),
                                        session.dataClass().word(),
                                        Words.state(session.state())),
                                "second",
                                "muted"),
                        Nodes.label(when, "second", "muted")));
    }

    private FlowPane numbers() {
        FlowPane all = new FlowPane(12, 12);
        all.getChildren()
                .addAll(
                        number(model.calls(), text("report.calls")),
                        number(model.asked(), text("report.asked")),
                        number(model.count(Outcome.BY_YOU), text("report.by-you")),
                        number(model.count(Outcome.BY_PLAN), text("report.by-plan")),
                        number(model.count(Outcome.BY_RULE), text("report.by-rule")),
                        number(model.count(Outcome.BY_MODE), text("report.by-mode")),
                        number(model.count(Outcome.DENIED), text("report.denied")),
                        number(model.checkpoints(), text("report.checkpoints")));
        return all;
    }

    private static VBox number(int count, String words) {
        Label figure = Nodes.label(text("report.figure", count), "page-title");
        VBox box = Nodes.column(0, figure, Nodes.label(words, "second", "muted"));
        box.getStyleClass().add("figure");
        return box;
    }

    private static VBox calls(List<Notable> calls, int count, String none) {
        VBox box = Nodes.column(6);
        if (calls.isEmpty()) {
            box.getChildren().add(Nodes.paragraph(none, "muted"));
        }
        for (Notable each : calls) {
            Label words = Guest.label(each.arguments(), "mono-small");
            words.setMinWidth(0);
            words.setMaxWidth(Double.MAX_VALUE);
            HBox.setHgrow(words, Priority.ALWAYS);
            StackPane badge = new StackPane(Nodes.badge(each.level()));
            badge.setMinWidth(84);
            badge.setAlignment(javafx.geometry.Pos.CENTER_LEFT);
            Label how = Nodes.label(outcome(each), "second");
            how.setGraphic(
                    each.outcome() == Outcome.DENIED || Boolean.TRUE.equals(each.failed())
                            ? Icons.icon(MaterialDesignC.CLOSE, "verdict-no")
                            : Icons.icon(MaterialDesignC.CHECK, "verdict-ok"));
            how.setMinWidth(190);
            box.getChildren()
                    .add(
                            Nodes.row(
                                    10,
                                    Nodes.whole(
                                            Nodes.label(
                                                    Words.second(each.at()),
                                                    "mono-small",
                                                    "muted")),
                                    badge,
                                    words,
                                    how));
        }
        if (count > calls.size()) {
            box.getChildren()
                    .add(Nodes.paragraph(text("report.more", count - calls.size()), "muted"));
        }
        return box;
    }

    static String outcome(Notable of) {
        String how =
                switch (of.outcome()) {
                    case BY_YOU -> text("report.by-you");
                    case BY_PLAN -> text("report.by-plan");
                    case BY_RULE -> text("report.by-rule");
                    case BY_MODE -> text("report.by-mode");
                    case DENIED -> text("report.denied");
                    case SENT_BACK -> text("report.sent-back");
                };
        return of.failed() == null
                ? how
                : of.failed() ? text("report.failed") : text("report.passed");
    }

    /// What became of the files, line by line.
    static List<String> fileLines(ReportViewModel model) {
        List<String> lines = new ArrayList<>();
        lines.add(text("report.staged", model.files(), model.added(), model.removed()));
        lines.add(text("report.applied", model.appliedHunks(), model.appliedFiles()));
        if (model.undone() > 0) {
            lines.add(text("report.undone", model.undone()));
        }
        if (model.restores() > 0) {
            lines.add(text("report.restores", model.restores(), model.voided()));
        }
        if (model.suspicions() > 0) {
            lines.add(text("report.suspicious", model.suspicions()));
        }
        return lines;
    }

    /// Said in every report ([P8]).
    static List<String> unseenLines() {
        return List.of(
                text("report.unseen-inside"),
                text("report.unseen-claims"),
                text("report.unseen-ignored"));
    }

    private VBox files() {
        VBox box = Nodes.column(4);
        List<String> lines = fileLines(model);
        int plain = lines.size() - (model.suspicions() > 0 ? 1 : 0);
        lines.subList(0, plain).forEach(line -> box.getChildren().add(Nodes.paragraph(line)));
        if (model.suspicions() > 0) {
            box.getChildren()
                    .add(
                            Nodes.point(
                                    Icons.icon(MaterialDesignA.ALERT_OUTLINE, "verdict-no"),
                                    Nodes.paragraph(lines.getLast())));
        }
        return box;
    }

    private static VBox unseen() {
        VBox box = Nodes.column(6);
        for (String line : unseenLines()) {
            box.getChildren()
                    .add(
                            Nodes.point(
                                    Icons.icon(MaterialDesignE.EYE_OFF_OUTLINE),
                                    Nodes.paragraph(line)));
        }
        return box;
    }

    private static VBox section(String title, Node body) {
        return Nodes.styled(Nodes.column(8, Nodes.label(title, "section-title"), body), "section");
    }
}
