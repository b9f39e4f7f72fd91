package dev.countersign.ui.checkpoints;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.CheckpointView;
import dev.countersign.api.SessionView;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import javafx.beans.value.ChangeListener;
import javafx.collections.ListChangeListener;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.javafx.FontIcon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignF;
import org.kordamp.ikonli.materialdesign2.MaterialDesignI;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;
import org.kordamp.ikonli.materialdesign2.MaterialDesignU;

/// The timeline, newest first, and beside it what a restore would mean.
public final class CheckpointsPage implements View {
    private final CheckpointsViewModel model;
    private final VBox root = new VBox();
    private final VBox messages = new VBox();
    private final VBox timeline = Nodes.styled(new VBox(), "timeline");
    private final VBox outlook = new VBox();
    private final Label sums = Nodes.label("", "second", "muted");
    private final TextField name = new TextField();
    private final Button create;
    private final ListChangeListener<CheckpointView> onList = _ -> draw();
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    /// Nothing is bound before [#attach()].
    public CheckpointsPage(CheckpointsViewModel model) {
        this.model = model;
        name.setPromptText(text("checkpoints.name"));
        name.setAccessibleText(text("checkpoints.name"));
        name.setId("checkpoint-name");
        name.setPrefWidth(210);
        name.setMinWidth(190);
        create =
                Nodes.button(
                        text("checkpoints.create"),
                        MaterialDesignF.FLAG_OUTLINE,
                        null,
                        this::create);
        create.setId("checkpoint-create");
        name.setOnAction(_ -> create());
        ScrollPane scroll = new ScrollPane(timeline);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().add("card-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        HBox bar = Nodes.styled(Nodes.row(10, Nodes.grow(sums), name, create), "page-bar");
        VBox left = new VBox(scroll, bar);
        HBox.setHgrow(left, Priority.ALWAYS);
        outlook.getStyleClass().add("outlook");
        HBox body = new HBox(left, outlook);
        VBox.setVgrow(body, Priority.ALWAYS);
        root.getChildren().addAll(messages, body);
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.checkpoints().addListener(onList);
        model.chosen().addListener(onChange);
        model.busy().addListener(onChange);
        model.told().addListener(onChange);
        model.watch(true);
        draw();
    }

    @Override
    public void detach() {
        model.watch(false);
        model.checkpoints().removeListener(onList);
        model.chosen().removeListener(onChange);
        model.busy().removeListener(onChange);
        model.told().removeListener(onChange);
    }

    /// Puts the caret where a name is typed.
    public void askName() {
        name.requestFocus();
    }

    private void create() {
        if (name.getText().isBlank()) {
            name.requestFocus();
        } else {
            model.create(name.getText());
            name.clear();
        }
    }

    private void onKey(KeyEvent e) {
        if (e.getCode() == KeyCode.ESCAPE && model.chosen().get() != null) {
            model.chosen().set(null);
            e.consume();
        }
    }

    private void draw() {
        drawTold();
        drawTimeline();
        drawOutlook();
        create.setDisable(model.busy().get());
    }

    private void drawTold() {
        messages.getChildren().clear();
        CheckpointsViewModel.Told told = model.told().get();
        if (told != null) {
            messages.getChildren()
                    .add(
                            Banner.of(
                                    told.problem() ? Banner.Kind.DEGRADED : Banner.Kind.INFO,
                                    told.title(),
                                    told.detail(),
                                    Nodes.button(
                                            text("common.dismiss"), null, null, model::dismiss)));
        }
    }

    private void drawTimeline() {
        timeline.getChildren().clear();
        List<CheckpointView> all = model.checkpoints();
        Instant now = model.clock().instant();
        SessionView session = model.session();
        timeline.getChildren()
                .add(
                        stop(
                                now,
                                "stop-now",
                                card(
                                        text("checkpoints.now"),
                                        session == null
                                                ? ""
                                                : text(
                                                        "checkpoints.now-state",
                                                        Words.state(session.state()),
                                                        session.waiting(),
                                                        session.stagedHunks()))));
        long until = Long.MAX_VALUE;
        for (CheckpointView each : all.reversed()) {
            String between = model.between(each.seq(), until);
            if (!between.isEmpty()) {
                timeline.getChildren().add(between(between));
            }
            until = each.seq();
            VBox card =
                    card(
                            each.name(),
                            each.automatic()
                                    ? text(
                                            "checkpoints.automatic",
                                            each.why(),
                                            Words.bytes(each.bytes()))
                                    : text(
                                            "checkpoints.yours",
                                            each.why(),
                                            Words.bytes(each.bytes())));
            boolean chosen = each.equals(model.chosen().get());
            card.getStyleClass().add("stop-choice");
            if (chosen) {
                card.getStyleClass().add("stop-chosen");
            }
            card.setId("checkpoint-" + each.id());
            card.setFocusTraversable(true);
            card.setAccessibleText(each.name());
            card.setOnMouseClicked(_ -> model.chosen().set(each));
            card.setOnKeyPressed(e -> {
                if (e.getCode() == KeyCode.ENTER || e.getCode() == KeyCode.SPACE) {
                    model.chosen().set(each);
                    e.consume();
                }
            });
            timeline.getChildren().add(stop(each.at(), chosen ? "stop-full" : "stop-ring", card));
        }
        if (all.isEmpty()) {
            timeline.getChildren()
                    .add(
                            Nodes.styled(
                                    Nodes.paragraph(text("checkpoints.none"), "muted"),
                                    "timeline-note"));
        }
        long bytes = all.stream().mapToLong(CheckpointView::bytes).sum();
        sums.setText(text("checkpoints.sums", all.size(), Words.bytes(bytes)));
    }

    private HBox stop(Instant at, String style, VBox card) {
        Region dot = Nodes.styled(new Region(), "stop", style);
        StackPane rail = Nodes.styled(new StackPane(dot), "rail");
        HBox.setHgrow(card, Priority.ALWAYS);
        HBox row =
                new HBox(
                        16,
                        Nodes.label(Words.minute(at, model.clock().instant()), "mono", "stop-time"),
                        rail,
                        card);
        row.getStyleClass().add("stop-row");
        return row;
    }

    private static HBox between(String words) {
        Region dot = Nodes.styled(new Region(), "stop", "stop-small");
        StackPane rail = Nodes.styled(new StackPane(dot), "rail");
        HBox row =
                new HBox(
                        16,
                        Nodes.label("", "stop-time"),
                        rail,
                        Nodes.label(words, "second", "muted", "between"));
        row.getStyleClass().add("between-row");
        return row;
    }

    private static VBox card(String title, String detail) {
        VBox card = Nodes.column(2, Nodes.label(title, "strong"));
        if (!detail.isEmpty()) {
            card.getChildren().add(Nodes.label(detail, "second", "muted"));
        }
        card.getStyleClass().add("stop-card");
        return card;
    }

    private void drawOutlook() {
        outlook.getChildren().clear();
        CheckpointView to = model.chosen().get();
        if (to == null) {
            VBox empty =
                    Nodes.empty(
                            Icons.icon(MaterialDesignF.FLAG_OUTLINE, "empty-icon"),
                            text("checkpoints.choose"),
                            text("checkpoints.choose-why"));
            VBox.setVgrow(empty, Priority.ALWAYS);
            outlook.getChildren().add(empty);
            return;
        }
        CheckpointsViewModel.Outlook meaning = model.outlook(to);
        VBox head =
                Nodes.styled(
                        Nodes.column(
                                2,
                                Nodes.paragraph(
                                        text("checkpoints.restore-of", to.name()), "card-title"),
                                Nodes.paragraph(
                                        text(
                                                "checkpoints.goes-back",
                                                Words.age(
                                                        Duration.between(
                                                                to.at(), model.clock().instant()))),
                                        "muted")),
                        "section");
        VBox parts =
                new VBox(
                        head,
                        part(
                                text("checkpoints.back"),
                                meaning.back(),
                                () -> Icons.icon(MaterialDesignC.CHECK, "verdict-ok")),
                        part(
                                text("checkpoints.lost"),
                                meaning.lost(),
                                () -> Icons.icon(MaterialDesignM.MINUS, "medium-icon")),
                        part(
                                text("checkpoints.cannot"),
                                meaning.stays(),
                                () -> Icons.icon(MaterialDesignC.CLOSE, "verdict-no")),
                        part(
                                text("checkpoints.kept"),
                                meaning.kept(),
                                () -> Icons.icon(MaterialDesignL.LOCK_OUTLINE)));
        HBox note =
                new HBox(
                        10,
                        Icons.icon(MaterialDesignI.INFORMATION_OUTLINE, "banner-icon"),
                        Nodes.grow(Nodes.paragraph(text("checkpoints.note"))));
        note.getStyleClass().addAll("banner", "banner-info", "outlook-note");
        parts.getChildren().add(note);
        ScrollPane scroll = new ScrollPane(parts);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("card-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        Button cancel =
                Nodes.button(text("common.cancel"), null, "Esc", () -> model.chosen().set(null));
        cancel.getStyleClass().add("decision-button");
        Button restore =
                Nodes.button(
                        text("checkpoints.restore", to.name()),
                        MaterialDesignU.UNDO_VARIANT,
                        null,
                        model::restore);
        restore.getStyleClass().addAll("primary-button", "decision-button");
        restore.setId("restore");
        restore.setMinWidth(120);
        restore.setDisable(model.busy().get());
        HBox bar = Nodes.styled(Nodes.row(12, Nodes.spring(), cancel, restore), "page-bar");
        outlook.getChildren().addAll(scroll, bar);
    }

    private static VBox part(String title, List<String> lines, Supplier<FontIcon> icon) {
        VBox box = Nodes.column(8, Nodes.label(title, "section-title"));
        for (String line : lines) {
            Node text = Nodes.paragraph(line);
            box.getChildren().add(Nodes.point(icon.get(), text));
        }
        box.getStyleClass().add("section");
        return box;
    }
}
