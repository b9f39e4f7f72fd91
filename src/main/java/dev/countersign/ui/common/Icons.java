package dev.countersign.ui.common;

import dev.countersign.domain.Level;
import dev.countersign.domain.SessionState;
import java.time.Duration;
import java.util.Objects;
import javafx.application.ConditionalFeature;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.image.Image;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.shape.Arc;
import javafx.stage.Window;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.javafx.FontIcon;

/// Icons, level shapes and state marks. None speaks without a word beside it or an accessible text.
public final class Icons {
    private static final int STEPS = 8;
    private static final Duration STEP = Duration.ofMillis(1000 / STEPS);

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

    /// A ring with a gap that turns once a second, in eight steps, while it is on screen in a
    /// window that is in front. It stands still where the system asks for less motion, and where
    /// every frame is painted by the processor: there, one ring that turns smoothly takes a third
    /// of a core.
    public static Node spinner() {
        StackPane pane = new StackPane();
        pane.getStyleClass().add("spinner");
        Arc track = new Arc(0, 0, 5, 5, 0, 360);
        track.getStyleClass().add("spinner-track");
        Arc part = new Arc(0, 0, 5, 5, 90, -250);
        part.getStyleClass().add("spinner-part");
        StackPane turning = new StackPane(new javafx.scene.Group(track, part));
        pane.getChildren().add(turning);
        if (!Theme.still() && Platform.isSupported(ConditionalFeature.SCENE3D)) {
            pane.sceneProperty()
                    .addListener((_, old, scene) -> {
                        if (old == null && scene != null) {
                            Fx.every(STEP, () -> turn(turning));
                        }
                    });
        }
        return pane;
    }

    private static boolean turn(Node turning) {
        Scene scene = turning.getScene();
        if (scene == null) {
            return false;
        }
        Window window = scene.getWindow();
        if (window != null && window.isFocused()) {
            turning.setRotate((turning.getRotate() + 360.0 / STEPS) % 360);
        }
        return true;
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
