package dev.countersign.ui.review;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ReviewView;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import java.util.List;
import javafx.css.PseudoClass;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignE;
import org.kordamp.ikonli.materialdesign2.MaterialDesignF;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// Draws a row of the changes.
final class ReviewCell extends ListCell<ReviewRow> {
    private static final PseudoClass CURRENT = PseudoClass.getPseudoClass("current");

    private final ReviewViewModel model;
    private final DiffLine left = new DiffLine();
    private final DiffLine right = new DiffLine();
    private final PairPane pair = new PairPane();
    private final DiffLine whole = new DiffLine();

    ReviewCell(ReviewViewModel model) {
        this.model = model;
        getStyleClass().add("review-cell");
        model.revision().addListener((_, _, _) -> again());
        model.current().addListener((_, _, _) -> mark());
    }

    private void again() {
        ReviewRow row = getItem();
        if (row instanceof ReviewRow.HunkHead || row instanceof ReviewRow.FileHead) {
            updateItem(row, isEmpty());
        }
    }

    private void mark() {
        pseudoClassStateChanged(CURRENT, !isEmpty() && getIndex() == model.current().get());
    }

    @Override
    protected void updateItem(@Nullable ReviewRow row, boolean empty) {
        super.updateItem(row, empty);
        setText(null);
        mark();
        if (empty || row == null) {
            setGraphic(null);
            return;
        }
        setGraphic(
                switch (row) {
                    case ReviewRow.FileHead head -> fileHead(head.file());
                    case ReviewRow.Warning warning -> warning(warning.file());
                    case ReviewRow.Conflict open -> conflict(open.file());
                    case ReviewRow.HunkHead head -> hunkHead(head);
                    case ReviewRow.Pair lines -> {
                        WordDiff.Spans spans = lines.spans();
                        left.show(lines.left(), spans.removed());
                        right.show(lines.right(), spans.added());
                        yield pair;
                    }
                    case ReviewRow.Single line -> {
                        whole.show(line.side(), line.spans());
                        yield whole;
                    }
                });
    }

    /// Lines that go on in a second row make their cell higher: the height follows the width.
    @Override
    protected double computePrefHeight(double width) {
        if (getGraphic() instanceof Region region) {
            double given = width > 0 ? width : getWidth();
            return region.prefHeight(given > 0 ? given : 800);
        }
        return super.computePrefHeight(width);
    }

    @Override
    protected double computePrefWidth(double height) {
        return 0;
    }

    @Override
    protected void layoutChildren() {
        super.layoutChildren();
        if (getGraphic() instanceof Region region) {
            region.resizeRelocate(0, 0, getWidth(), getHeight());
        }
    }

    private HBox fileHead(ReviewView.File file) {
        Label path = Guest.label(file.path(), "file-path");
        path.setTextOverrun(javafx.scene.control.OverrunStyle.CENTER_ELLIPSIS);
        path.setMinWidth(80);
        HBox head =
                Nodes.row(
                        12,
                        Icons.icon(MaterialDesignF.FILE_OUTLINE),
                        path,
                        Nodes.badge(file.level()),
                        Nodes.row(
                                6,
                                Nodes.label("+" + file.added(), "mono", "added-count"),
                                Nodes.label("-" + file.removed(), "mono", "removed-count")));
        String change = changeOf(file);
        if (!change.isEmpty()) {
            head.getChildren().add(Nodes.tag(change, iconOf(file)));
        }
        if (file.movedFrom() != null) {
            head.getChildren()
                    .add(
                            Nodes.tag(
                                    text("review.moved-from", Guest.line(file.movedFrom(), 120)),
                                    MaterialDesignF.FILE_MOVE_OUTLINE));
        }
        if (file.movedTo() != null) {
            head.getChildren()
                    .add(
                            Nodes.tag(
                                    text("review.moved-to", Guest.line(file.movedTo(), 120)),
                                    MaterialDesignF.FILE_MOVE_OUTLINE));
        }
        String generated = file.generated();
        if (generated != null) {
            Label tag = Nodes.tag(text("review.generated"), MaterialDesignC.COG_OUTLINE);
            tag.setTooltip(new Tooltip(generated));
            tag.setAccessibleText(text("review.generated") + ": " + generated);
            head.getChildren().add(tag);
        }
        head.getChildren().add(Nodes.spring());
        if (file.hunks().stream().anyMatch(each -> decidable(each))) {
            head.getChildren()
                    .addAll(
                            small(
                                    text("review.accept-file"),
                                    null,
                                    () ->
                                            model.decide(
                                                    file.hunks(), ReviewViewModel.Mark.ACCEPTED)),
                            small(
                                    text("review.reject-file"),
                                    null,
                                    () ->
                                            model.decide(
                                                    file.hunks(), ReviewViewModel.Mark.REJECTED)));
        }
        head.getStyleClass().add("file-head");
        return head;
    }

    private static String changeOf(ReviewView.File file) {
        return switch (file.change()) {
            case "created" -> text("review.created");
            case "deleted" -> text("review.deleted");
            case "mode" -> text("review.mode");
            case "link" -> text("review.link");
            case "binary" -> text("review.binary");
            case "conflict" -> text("review.conflict");
            case "blocked" -> text("review.blocked");
            default -> "";
        };
    }

    private static org.kordamp.ikonli.Ikon iconOf(ReviewView.File file) {
        return switch (file.change()) {
            case "conflict" -> MaterialDesignS.SOURCE_FORK;
            case "blocked" -> MaterialDesignL.LOCK_OUTLINE;
            case "link" -> MaterialDesignL.LINK_VARIANT;
            default -> MaterialDesignF.FILE_OUTLINE;
        };
    }

    private VBox warning(ReviewView.File file) {
        boolean runs = file.runsOnHost();
        VBox words = Nodes.column(2);
        words.getChildren()
                .add(
                        Nodes.paragraph(
                                runs
                                        ? text("review.runs-on-host")
                                        : file.change().equals("blocked")
                                                ? text("review.is-blocked")
                                                : text("review.worth-a-look"),
                                "strong"));
        file.reasons().forEach(reason -> words.getChildren().add(Nodes.paragraph(reason)));
        HBox banner =
                new HBox(
                        12,
                        Icons.icon(MaterialDesignA.ALERT_OUTLINE, "banner-icon"),
                        Nodes.grow(words));
        banner.getStyleClass().addAll("banner", runs ? "banner-high" : "banner-info");
        VBox box = new VBox(banner);
        box.getStyleClass().add("warning-row");
        return box;
    }

    private VBox conflict(ReviewView.File file) {
        Button solve = small(text("review.solve"), "C", () -> model.solve(file));
        solve.setId("solve");
        HBox banner =
                Nodes.row(
                        12,
                        Icons.icon(MaterialDesignS.SOURCE_FORK, "banner-icon"),
                        Nodes.grow(Nodes.paragraph(text("review.conflict-why"))),
                        solve);
        banner.getStyleClass().addAll("banner", "banner-high");
        VBox box = new VBox(banner);
        box.getStyleClass().add("warning-row");
        return box;
    }

    private HBox hunkHead(ReviewRow.HunkHead head) {
        ReviewView.Hunk hunk = head.hunk();
        int from = hunk.newLines() > 0 ? hunk.newStart() : hunk.oldStart();
        int to = from + Math.max(1, hunk.newLines() > 0 ? hunk.newLines() : hunk.oldLines()) - 1;
        HBox row =
                Nodes.row(
                        12,
                        Nodes.label(text("review.lines", from, to), "mono-small"),
                        Nodes.label(
                                text("review.hunk-of", head.number(), head.of()),
                                "second",
                                "muted"));
        long hidden = ReviewViewModel.deceptiveLines(hunk);
        if (hidden > 0) {
            row.getChildren()
                    .add(Nodes.tag(text("review.hidden", hidden), MaterialDesignE.EYE_OUTLINE));
        }
        String note = hunk.note();
        if (note != null) {
            Label said = Nodes.label(note, "second", "muted");
            said.setMinWidth(40);
            row.getChildren().add(said);
        }
        row.getChildren().add(Nodes.spring());
        ReviewViewModel.Mark mark = model.mark(hunk);
        Label state =
                switch (mark) {
                    case UNDECIDED -> {
                        Label label = Nodes.label(text("review.undecided"), "strong", "muted");
                        label.setGraphic(Icons.icon(MaterialDesignC.CIRCLE_OUTLINE, "small"));
                        yield label;
                    }
                    case ACCEPTED -> {
                        Label label = Nodes.label(text("review.accepted"), "strong", "ok-text");
                        label.setGraphic(Icons.icon(MaterialDesignC.CHECK, "verdict-ok"));
                        yield label;
                    }
                    case REJECTED -> {
                        Label label =
                                Nodes.label(text("review.rejected"), "strong", "critical-text");
                        label.setGraphic(Icons.icon(MaterialDesignC.CLOSE, "verdict-no"));
                        yield label;
                    }
                    case APPLIED -> {
                        Label label = Nodes.label(text("review.applied"), "strong", "ok-text");
                        label.setGraphic(Icons.icon(MaterialDesignC.CHECK, "verdict-ok"));
                        yield label;
                    }
                    case STUCK -> {
                        Label label =
                                Nodes.label(
                                        hunk.state().equals("conflict")
                                                ? text("review.conflict")
                                                : text("review.blocked"),
                                        "strong",
                                        "high-text");
                        label.setGraphic(Icons.icon(MaterialDesignS.SOURCE_FORK, "small"));
                        yield label;
                    }
                };
        state.setMinWidth(Region.USE_PREF_SIZE);
        row.getChildren().add(state);
        if (mark == ReviewViewModel.Mark.REJECTED) {
            row.getChildren().add(Nodes.label(text("review.stays-staged"), "second", "muted"));
        }
        boolean open = decidable(hunk);
        if (open && mark != ReviewViewModel.Mark.ACCEPTED) {
            row.getChildren()
                    .add(
                            small(
                                    text("review.accept"),
                                    "A",
                                    () ->
                                            model.decide(
                                                    List.of(hunk), ReviewViewModel.Mark.ACCEPTED)));
        }
        if (open && mark != ReviewViewModel.Mark.REJECTED) {
            row.getChildren()
                    .add(
                            small(
                                    text("review.reject"),
                                    "R",
                                    () ->
                                            model.decide(
                                                    List.of(hunk), ReviewViewModel.Mark.REJECTED)));
        }
        if (mark == ReviewViewModel.Mark.ACCEPTED || mark == ReviewViewModel.Mark.REJECTED) {
            row.getChildren()
                    .add(
                            small(
                                    text("review.undo-hunk"),
                                    "U",
                                    () ->
                                            model.decide(
                                                    List.of(hunk),
                                                    ReviewViewModel.Mark.UNDECIDED)));
        }
        row.setAlignment(Pos.CENTER_LEFT);
        row.getStyleClass().add("hunk-head");
        row.setOnMouseClicked(_ -> model.current().set(getIndex()));
        return row;
    }

    private boolean decidable(ReviewView.Hunk hunk) {
        ReviewViewModel.Mark mark = model.mark(hunk);
        return mark != ReviewViewModel.Mark.STUCK && mark != ReviewViewModel.Mark.APPLIED;
    }

    private static Button small(String words, @Nullable String key, Runnable action) {
        Button button = Nodes.button(words, null, key, action);
        button.getStyleClass().add("small-button");
        button.setFocusTraversable(false);
        return button;
    }

    /// Two halves of equal width, as high as the higher one.
    private final class PairPane extends Region {
        PairPane() {
            getStyleClass().add("pair");
            getChildren().addAll(left, right);
            HBox.setHgrow(this, Priority.ALWAYS);
        }

        @Override
        public Orientation getContentBias() {
            return Orientation.HORIZONTAL;
        }

        @Override
        protected double computePrefHeight(double width) {
            double half = (width < 0 ? 800 : width) / 2;
            return Math.max(left.prefHeight(half), right.prefHeight(half));
        }

        @Override
        protected void layoutChildren() {
            double half = Math.floor(getWidth() / 2);
            left.resizeRelocate(0, 0, half, getHeight());
            right.resizeRelocate(half, 0, getWidth() - half, getHeight());
        }
    }
}
