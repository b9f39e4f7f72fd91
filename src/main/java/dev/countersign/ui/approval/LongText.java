package dev.countersign.ui.approval;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Nodes;
import java.util.List;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.collections.FXCollections;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.ScrollBar;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/// Text of the guest that must be shown whole, whatever its length: lines are broken at a fixed
/// column, never cut; long ones scroll in a list of their own, which says when its end was seen.
final class LongText extends VBox {
    private static final int COLUMNS = 88;
    private static final int MOST_LINES = 18;
    private static final int FOLDED = 4;
    private static final double LINE = 18;

    private final ReadOnlyBooleanWrapper seen = new ReadOnlyBooleanWrapper();
    private final List<String> lines;

    /// @param mayFold whether it may be shown folded, with its line count; then nothing of it has
    ///   to be seen
    LongText(GuestText text, boolean mayFold) {
        getStyleClass().add("long-text");
        lines = Guest.wrapped(text, COLUMNS);
        if (mayFold && lines.size() > FOLDED + 2) {
            seen.set(true);
            fold();
        } else {
            unfold();
        }
    }

    /// Whether its last line was on screen, or need not be.
    ReadOnlyBooleanProperty seen() {
        return seen.getReadOnlyProperty();
    }

    private void fold() {
        getChildren().clear();
        lines.subList(0, FOLDED)
                .forEach(line -> getChildren().add(Nodes.label(line, "mono-small")));
        Hyperlink all =
                Nodes.link(text("approval.more-lines", lines.size() - FOLDED), this::unfold);
        getChildren().add(all);
    }

    private void unfold() {
        getChildren().clear();
        if (lines.size() <= MOST_LINES) {
            lines.forEach(line -> getChildren().add(Nodes.label(line, "mono-small")));
            seen.set(true);
            return;
        }
        ListView<String> list = new ListView<>(FXCollections.observableList(lines));
        list.getStyleClass().add("long-list");
        list.setAccessibleText(text("approval.line-count", lines.size()));
        list.setFixedCellSize(LINE);
        list.setMinHeight(LINE * MOST_LINES);
        list.setPrefHeight(LINE * MOST_LINES);
        list.setMaxHeight(LINE * MOST_LINES);
        list.setCellFactory(_ ->
                new ListCell<>() {
                    @Override
                    protected void updateItem(@Nullable String line, boolean empty) {
                        super.updateItem(line, empty);
                        setText(empty ? null : line);
                    }
                });
        list.skinProperty().addListener((_, _, _) -> watch(list));
        // At its ends the card scrolls on.
        list.addEventHandler(ScrollEvent.SCROLL, ScrollEvent::consume);
        getChildren()
                .addAll(
                        list,
                        Nodes.label(
                                text("approval.line-count", lines.size()), "caption", "subtle"));
    }

    private void watch(ListView<String> list) {
        for (Node node : list.lookupAll(".scroll-bar")) {
            if (node instanceof ScrollBar bar && bar.getOrientation() == Orientation.VERTICAL) {
                bar.valueProperty()
                        .addListener((_, _, now) -> {
                            if (now.doubleValue() >= bar.getMax() - 1e-6) {
                                seen.set(true);
                            }
                        });
            }
        }
    }
}
