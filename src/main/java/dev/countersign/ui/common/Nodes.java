package dev.countersign.ui.common;

import dev.countersign.domain.Level;
import java.util.Arrays;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// The small parts that screens are built from.
public final class Nodes {
    private Nodes() {}

    /// Our own words. Text of the guest goes through [Guest].
    public static Label label(String text, String... styles) {
        Label label = new Label(text);
        label.getStyleClass().addAll(styles);
        return label;
    }

    /// Our own words, broken over lines.
    public static Label paragraph(String text, String... styles) {
        Label label = label(text, styles);
        label.setWrapText(true);
        label.getStyleClass().add("paragraph");
        label.setMinHeight(Region.USE_PREF_SIZE);
        return label;
    }

    /// Never cut short.
    public static <R extends Region> R whole(R node) {
        node.setMinWidth(Region.USE_PREF_SIZE);
        return node;
    }

    /// Side by side, middles in line.
    public static HBox row(double gap, Node... nodes) {
        HBox row = new HBox(gap, nodes);
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    /// One above the other.
    public static VBox column(double gap, Node... nodes) {
        return new VBox(gap, nodes);
    }

    /// Takes what space is left.
    public static Region spring() {
        Region spring = new Region();
        HBox.setHgrow(spring, Priority.ALWAYS);
        VBox.setVgrow(spring, Priority.ALWAYS);
        return spring;
    }

    /// Gives a node what width is left.
    public static <N extends Node> N grow(N node) {
        HBox.setHgrow(node, Priority.ALWAYS);
        VBox.setVgrow(node, Priority.ALWAYS);
        return node;
    }

    /// Adds style classes.
    public static <N extends Node> N styled(N node, String... styles) {
        node.getStyleClass().addAll(styles);
        return node;
    }

    /// Names a node for tests and for the keyboard.
    public static <N extends Node> N named(String id, N node) {
        node.setId(id);
        return node;
    }

    /// A button with a verb, an icon before it and its key after it.
    public static Button button(
            String text, @Nullable Ikon ikon, @Nullable String key, Runnable action) {
        Button button = new Button(text);
        button.getStyleClass().add("cs-button");
        HBox graphic = row(6);
        if (ikon != null) {
            graphic.getChildren().add(Icons.icon(ikon));
        }
        if (!graphic.getChildren().isEmpty()) {
            button.setGraphic(graphic);
        }
        if (key != null) {
            Label hint = label(key, "key-hint");
            Label words = label(text, "button-words");
            HBox all = row(7);
            if (ikon != null) {
                all.getChildren().add(Icons.icon(ikon));
            }
            all.getChildren().addAll(words, hint);
            button.setGraphic(all);
            button.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
            button.setAccessibleText(text);
        }
        button.setOnAction(_ -> action.run());
        button.setMinWidth(Region.USE_PREF_SIZE);
        return button;
    }

    /// A button without words; its text is read aloud and shown on hovering.
    public static Button iconButton(Ikon ikon, String text, Runnable action) {
        Button button = new Button();
        button.getStyleClass().addAll("cs-button", "icon-button");
        button.setGraphic(Icons.icon(ikon));
        button.setAccessibleText(text);
        button.setTooltip(new Tooltip(text));
        button.setOnAction(_ -> action.run());
        return button;
    }

    /// A link that does something inside the window.
    public static Hyperlink link(String text, Runnable action) {
        Hyperlink link = new Hyperlink(text);
        link.getStyleClass().add("cs-link");
        link.setOnAction(_ -> {
            link.setVisited(false);
            action.run();
        });
        return link;
    }

    /// The level: shape, word and colour.
    public static Label badge(Level level, String... styles) {
        Label badge = label(Words.level(level), "badge", "level-" + level.word());
        badge.getStyleClass().addAll(styles);
        badge.setGraphic(Icons.shape(level));
        badge.setMinWidth(Region.USE_PREF_SIZE);
        return badge;
    }

    /// The gate that holds: enforced by the boundary, or the agent's own promise.
    public static Label gate(String gate) {
        boolean enforced = gate.equals("boundary-enforced");
        Label tag =
                label(
                        enforced
                                ? Messages.text("gate.boundary")
                                : Messages.text("gate.cooperative"),
                        "tag",
                        enforced ? "tag-solid" : "tag-dashed");
        tag.setGraphic(
                Icons.icon(
                        enforced ? MaterialDesignS.SHIELD_OUTLINE : MaterialDesignC.COMMENT_OUTLINE,
                        "small"));
        tag.setMinWidth(Region.USE_PREF_SIZE);
        return tag;
    }

    /// A small tag with an icon.
    public static Label tag(String text, Ikon ikon) {
        Label tag = label(text, "tag", "tag-solid");
        tag.setGraphic(Icons.icon(ikon, "small"));
        tag.setMinWidth(Region.USE_PREF_SIZE);
        return tag;
    }

    /// A key as it stands on the keyboard.
    public static Label key(String key) {
        return label(key, "key");
    }

    /// A line of icon and text, the text broken over lines.
    public static HBox point(Node mark, Node text) {
        HBox point = new HBox(10, mark, grow(text));
        point.getStyleClass().add("point");
        if (text instanceof Region region) {
            region.setMaxWidth(Double.MAX_VALUE);
        }
        return point;
    }

    /// Icon, what is so, what makes it change, at most two buttons.
    public static VBox empty(Node mark, String title, String text, Button... actions) {
        Label line = paragraph(text, "muted");
        line.setMaxWidth(420);
        line.setStyle("-fx-text-alignment: center");
        VBox box = column(10, mark, label(title, "strong"), line);
        if (actions.length > 0) {
            HBox buttons = row(8, Arrays.copyOf(actions, actions.length, Node[].class));
            buttons.setAlignment(Pos.CENTER);
            buttons.setStyle("-fx-padding: 6 0 0 0");
            box.getChildren().add(buttons);
        }
        box.setAlignment(Pos.CENTER);
        box.getStyleClass().add("empty");
        return box;
    }

    /// Shows or hides a node with its place.
    public static void show(Node node, boolean shown) {
        node.setVisible(shown);
        node.setManaged(shown);
    }
}
