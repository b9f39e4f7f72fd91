package dev.countersign.ui.shell;

import javafx.scene.layout.Region;
import javafx.scene.transform.Scale;

/// Shows the window's content larger or smaller, all of it alike, as a browser does: text keeps its
/// sharpness and the layout its proportions.
final class Zoom extends Region {
    /// The size that the screens are drawn for, in px.
    static final int USUAL = 13;

    static final int SMALLEST = 12;
    static final int LARGEST = 18;
    private final Region content;
    private final Scale scale = new Scale(1, 1, 0, 0);

    Zoom(Region content, int textSize) {
        this.content = content;
        content.getTransforms().add(scale);
        getChildren().add(content);
        textSize(textSize);
    }

    /// Body text of this many px.
    void textSize(int px) {
        double factor = Math.clamp(px, SMALLEST, LARGEST) / (double) USUAL;
        scale.setX(factor);
        scale.setY(factor);
        requestLayout();
    }

    @Override
    protected void layoutChildren() {
        content.resizeRelocate(0, 0, getWidth() / scale.getX(), getHeight() / scale.getY());
    }
}
