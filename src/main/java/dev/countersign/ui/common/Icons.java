package dev.countersign.ui.common;

import dev.countersign.domain.Level;
import dev.countersign.domain.SessionState;
import java.util.Objects;
import javafx.animation.Animation;
import javafx.animation.Interpolator;
import javafx.animation.RotateTransition;
import javafx.scene.Node;
import javafx.scene.image.Image;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.shape.Arc;
import javafx.util.Duration;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.javafx.FontIcon;

/// Icons, level shapes and state marks. None speaks without a word beside it or an accessible text.
public final class Icons {
    private Icons() {}

    /// An outlined icon of 16 px.
    public static FontIcon icon(Ikon ikon, String... styles) {
        FontIcon icon = new FontIcon(ikon);
        icon.getStyleClass().add("icon");
        icon.getStyleClass().addAll(styles);
        return icon;
    }

    /// The level's shape: ring, diamond, triangle, octagon.
    public static Region shape(Level level) {
        Region shape = new Region();
        shape.getStyleClass().addAll("level-shape", "shape-" + level.word());
        return shape;
    }

    /// The session state's mark.
    public static Node state(SessionState state, boolean working) {
        StackPane mark = new StackPane();
        mark.getStyleClass().addAll("state-mark", "state-" + state.word());
        mark.getChildren()
                .add(
                        switch (state) {
                            case PREPARING -> spinner();
                            case RUNNING -> working ? spinner() : dot("state-dot");
                            case REVIEW -> dot("state-half");
                            case FROZEN -> dot("state-pause");
                            case FAILED -> dot("state-cross");
                            case CLOSED -> dot("state-ring");
                        });
        return mark;
    }

    /// A ring with a gap that turns once a second; it stands still where the system asks for less
    /// motion.
    public static Node spinner() {
        StackPane pane = new StackPane();
        pane.getStyleClass().add("spinner");
        Arc track = new Arc(0, 0, 5, 5, 0, 360);
        track.getStyleClass().add("spinner-track");
        Arc part = new Arc(0, 0, 5, 5, 90, -250);
        part.getStyleClass().add("spinner-part");
        StackPane turning = new StackPane(new javafx.scene.Group(track, part));
        pane.getChildren().add(turning);
        if (!Theme.still()) {
            RotateTransition turn = new RotateTransition(Duration.seconds(1), turning);
            turn.setByAngle(360);
            turn.setInterpolator(Interpolator.LINEAR);
            turn.setCycleCount(Animation.INDEFINITE);
            // Only while it is on screen: an idle window draws nothing.
            pane.sceneProperty()
                    .addListener((_, _, scene) -> {
                        if (scene == null) {
                            turn.stop();
                        } else {
                            turn.play();
                        }
                    });
        }
        return pane;
    }

    /// The product's mark.
    public static Region mark() {
        Region check = new Region();
        check.getStyleClass().add("brand-check");
        StackPane mark = new StackPane(check);
        mark.getStyleClass().add("brand-mark");
        return mark;
    }

    /// The product's mark as an image of this size.
    public static Image image(int size) {
        return new Image(
                Objects.requireNonNull(
                        Theme.resource("icons/countersign-" + size + ".png").toExternalForm()));
    }

    private static Region dot(String style) {
        Region dot = new Region();
        dot.getStyleClass().add(style);
        return dot;
    }
}
