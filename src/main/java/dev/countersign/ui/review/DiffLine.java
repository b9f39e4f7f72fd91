package dev.countersign.ui.review;

import java.util.List;
import javafx.geometry.Orientation;
import javafx.scene.layout.Region;
import javafx.scene.shape.Path;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;
import org.jspecify.annotations.Nullable;

/// One side of a pair of lines: number, sign, text that goes on in the next row where it is too
/// long, and the words that differ on a darker ground.
final class DiffLine extends Region {
    private static final double GUTTER = 74;
    private static final double PAD = 2;
    private final Text number = new Text();
    private final Text sign = new Text();
    private final Text words = new Text();
    private final TextFlow flow = new TextFlow(words);
    private final Path marked = new Path();
    private List<WordDiff.Span> spans = List.of();

    DiffLine() {
        getStyleClass().add("diff-line");
        number.getStyleClass().add("diff-number");
        sign.getStyleClass().add("diff-sign");
        words.getStyleClass().add("diff-text");
        marked.getStyleClass().add("diff-word");
        marked.setManaged(false);
        getChildren().addAll(marked, number, sign, flow);
    }

    void show(ReviewRow.@Nullable Side side, List<WordDiff.Span> different) {
        getStyleClass().setAll("diff-line");
        if (side == null) {
            getStyleClass().add("diff-none");
            number.setText("");
            sign.setText("");
            words.setText("");
            spans = List.of();
        } else {
            getStyleClass().add("diff-" + side.kind());
            number.setText(Integer.toString(side.line()));
            sign.setText(
                    switch (side.kind()) {
                        case "removed" -> "-";
                        case "added" -> "+";
                        default -> "";
                    });
            words.setText(side.text());
            spans = different;
        }
        requestLayout();
    }

    @Override
    public Orientation getContentBias() {
        return Orientation.HORIZONTAL;
    }

    @Override
    protected double computePrefHeight(double width) {
        double inner = width < 0 ? 400 : Math.max(40, width - GUTTER - 8);
        return Math.max(20, Math.ceil(flow.prefHeight(inner)) + 2 * PAD);
    }

    @Override
    protected double computePrefWidth(double height) {
        return 300;
    }

    @Override
    protected double computeMinWidth(double height) {
        return 0;
    }

    @Override
    protected void layoutChildren() {
        double inner = Math.max(40, getWidth() - GUTTER - 8);
        flow.resizeRelocate(GUTTER, PAD, inner, flow.prefHeight(inner));
        number.relocate(36 - number.getLayoutBounds().getWidth(), PAD + 1);
        sign.relocate(54, PAD + 1);
        marked.getElements().clear();
        for (WordDiff.Span span : spans) {
            marked.getElements().addAll(flow.getRangeShape(span.from(), span.to(), false));
        }
        marked.setLayoutX(GUTTER);
        marked.setLayoutY(PAD);
    }
}
