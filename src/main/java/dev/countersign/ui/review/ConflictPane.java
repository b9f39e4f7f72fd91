package dev.countersign.ui.review;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ReviewView;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
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
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// The versions of a file that the developer and the agent changed in the same place, side by side,
/// and a field for a version of one's own.
final class ConflictPane {
    private final ReviewViewModel model;
    private final ReviewView.File file;
    private final ReviewView.Conflict conflict;
    private final VBox root = Nodes.styled(new VBox(), "conflict-page");
    private final TextArea edit = new TextArea();
    private final Label left = Nodes.label("", "second", "muted");
    private final Button next;
    private final Button use;

    ConflictPane(ReviewViewModel model, ReviewView.File file, ReviewView.Conflict conflict) {
        this.model = model;
        this.file = file;
        this.conflict = conflict;
        next = Nodes.button(text("conflict.next"), null, null, this::nextPlace);
        next.setId("conflict-next");
        use =
                Nodes.button(
                        text("conflict.use"),
                        null,
                        null,
                        () -> model.resolve(file, "text", edit.getText()));
        use.getStyleClass().addAll("primary-button", "decision-button");
        use.setId("conflict-use");
        Label path = Guest.label(file.path(), "file-path");
        path.setMinWidth(80);
        Button back = Nodes.button(text("conflict.back"), null, "Esc", model::leaveConflict);
        back.setId("conflict-back");
        HBox head =
                Nodes.styled(
                        Nodes.row(
                                12,
                                Icons.icon(MaterialDesignS.SOURCE_FORK),
                                path,
                                Nodes.label(text("conflict.why"), "second", "muted"),
                                Nodes.spring(),
                                back),
                        "file-head");
        HBox sides = new HBox();
        sides.getChildren()
                .setAll(
                        side(
                                "host",
                                text("conflict.host"),
                                conflict.host(),
                                text("conflict.take-host")),
                        side("base", text("conflict.base"), conflict.base(), null),
                        side(
                                "agent",
                                text("conflict.agent"),
                                conflict.agent(),
                                text("conflict.take-agent")));
        sides.setMinHeight(160);
        VBox.setVgrow(sides, Priority.ALWAYS);
        root.getChildren().addAll(head, sides, ownVersion());
        drawMarkers();
    }

    Region root() {
        return root;
    }

    /// Gives the keys to the field, or to the way back where there is none.
    void focus() {
        edit.requestFocus();
    }

    private VBox side(String name, String title, @Nullable GuestText text, @Nullable String take) {
        HBox head = Nodes.styled(Nodes.row(8, Nodes.label(title, "strong")), "conflict-head");
        head.getChildren()
                .add(
                        Nodes.label(
                                text == null
                                        ? Objects.requireNonNullElse(
                                                conflict.note(), text("conflict.none"))
                                        : text("conflict.lines", Guest.lineCount(text)),
                                "second",
                                "muted"));
        head.getChildren().add(Nodes.spring());
        if (take != null && (text != null || conflict.note() == null)) {
            Button button = Nodes.button(take, null, null, () -> model.resolve(file, name, null));
            button.getStyleClass().add("small-button");
            button.setId("conflict-take-" + name);
            head.getChildren().add(button);
        }
        ListView<String> list = new ListView<>();
        list.setId("conflict-" + name);
        list.getStyleClass().add("conflict-list");
        list.setFixedCellSize(20);
        list.setAccessibleText(title);
        Set<String> others = linesOfOthers(name);
        String mark = name.equals("base") ? "diff-removed" : "diff-added";
        list.setCellFactory(_ -> new LineCell(others, mark));
        if (text != null) {
            list.getItems().setAll(lines(text));
        }
        VBox.setVgrow(list, Priority.ALWAYS);
        VBox side = Nodes.styled(new VBox(head, list), "conflict-side");
        HBox.setHgrow(side, Priority.ALWAYS);
        side.setPrefWidth(300);
        side.setMinWidth(0);
        return side;
    }

    /// The lines that a version is compared with: those of the base for the two sides, and for the
    /// base those that both sides still have.
    private Set<String> linesOfOthers(String name) {
        if (!name.equals("base")) {
            return new HashSet<>(lines(conflict.base()));
        }
        Set<String> kept = new HashSet<>(lines(conflict.host()));
        kept.retainAll(new HashSet<>(lines(conflict.agent())));
        return kept;
    }

    private static List<String> lines(@Nullable GuestText text) {
        if (text == null || text.raw().isEmpty()) {
            return List.of();
        }
        String raw = text.raw();
        return (raw.endsWith("\n") ? raw.substring(0, raw.length() - 1) : raw)
                .lines()
                .map(line -> Guest.code(GuestText.of(line)))
                .toList();
    }

    private VBox ownVersion() {
        String refused = model.notEditable(conflict);
        Label title = Nodes.label(text("conflict.edit"), "strong");
        if (refused != null) {
            Label why = Nodes.paragraph(refused);
            return Nodes.styled(
                    Nodes.column(
                            8,
                            title,
                            Nodes.point(
                                    Icons.icon(MaterialDesignA.ALERT_OUTLINE, "banner-icon"), why)),
                    "conflict-edit");
        }
        edit.setId("conflict-edit");
        edit.getStyleClass().add("guest-mono");
        edit.setAccessibleText(text("conflict.edit"));
        edit.setText(model.draft(file, conflict));
        edit.setPrefRowCount(12);
        edit.textProperty()
                .addListener((_, _, now) -> {
                    model.draft(file, now);
                    drawMarkers();
                });
        HBox bar = Nodes.styled(Nodes.row(12, left, Nodes.spring(), next, use), "conflict-bar");
        bar.setAlignment(Pos.CENTER_LEFT);
        return Nodes.styled(
                Nodes.column(
                        8,
                        Nodes.row(
                                8,
                                title,
                                Nodes.label(text("conflict.edit-why"), "second", "muted")),
                        edit,
                        bar),
                "conflict-edit");
    }

    private void drawMarkers() {
        int open = ReviewViewModel.openPlaces(edit.getText());
        left.setText(open == 0 ? text("conflict.settled") : text("conflict.markers", open));
        Nodes.show(next, open > 0);
        use.setDisable(open > 0 || model.busy().get());
    }

    /// Selects the next place that has markers, the first one after the last.
    private void nextPlace() {
        String text = edit.getText();
        int from = text.indexOf(ReviewViewModel.MARKER, edit.getCaretPosition());
        if (from < 0) {
            from = text.indexOf(ReviewViewModel.MARKER);
        }
        if (from >= 0) {
            int end = text.indexOf(">>>>>>> ", from);
            int line = end < 0 ? text.length() : text.indexOf('\n', end);
            edit.selectRange(from, line < 0 ? text.length() : line + 1);
            edit.requestFocus();
        }
    }

    /// A line, on a ground of its own where the other versions lack it.
    private static final class LineCell extends ListCell<String> {
        private final Set<String> others;
        private final String mark;

        LineCell(Set<String> others, String mark) {
            this.others = others;
            this.mark = mark;
            getStyleClass().addAll("conflict-line", "guest-mono");
        }

        @Override
        protected void updateItem(@Nullable String line, boolean empty) {
            super.updateItem(line, empty);
            getStyleClass().remove(mark);
            setText(empty || line == null ? null : line);
            if (line != null && !empty && !line.isBlank() && !others.contains(line)) {
                getStyleClass().add(mark);
            }
        }
    }
}
