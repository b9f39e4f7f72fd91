package dev.countersign.ui.review;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Orientation;
import javafx.scene.Node;
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
    private final List<Text> words = new ArrayList<>();
    private final TextFlow flow = new TextFlow();
    private final Path marked = new Path();
    private List<WordDiff.Span> spans = List.of();

    DiffLine() {
        getStyleClass().add("diff-line");
        number.getStyleClass().add("diff-number");
        sign.getStyleClass().add("diff-sign");
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
            words(0);
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
            write(side);
            spans = different;
        }
        requestLayout();
    }

    private void write(ReviewRow.Side side) {
        String text = side.text();
        int at = 0;
        int used = 0;
        for (Syntax.Token token : side.tokens()) {
            if (token.from() > at) {
                put(used++, text.substring(at, token.from()), "diff-text");
            }
            put(
                    used++,
                    text.substring(token.from(), token.to()),
                    switch (token.part()) {
                        case KEYWORD -> "syntax-keyword";
                        case TEXT -> "syntax-text";
                        case NUMBER -> "syntax-number";
                        case COMMENT -> "syntax-comment";
                    });
            at = token.to();
        }
        if (at < text.length()) {
            put(used++, text.substring(at), "diff-text");
        }
        words(used);
    }

    /// Parts are used again from row to row: a list that is scrolled makes no new ones.
    private void put(int index, String text, String style) {
        if (index == words.size()) {
            words.add(new Text());
        }
        Text part = words.get(index);
        part.setText(text);
        if (!part.getStyleClass().equals(List.of(style))) {
            part.getStyleClass().setAll(style);
        }
    }

    private void words(int used) {
        List<Node> shown = flow.getChildren();
        if (shown.size() > used) {
            shown.subList(used, shown.size()).clear();
        } else {
            shown.addAll(words.subList(shown.size(), used));
        }
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
