package dev.countersign.ui.common;

import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignI;
import org.kordamp.ikonli.materialdesign2.MaterialDesignP;

/// Above the page that it concerns: a fact with its time, what it means, at most two actions.
public final class Banner {
    private Banner() {}

    /// What it tells.
    public enum Kind {
        /// Something works less than it should.
        DEGRADED,
        /// Something was stopped or refused.
        STOPPED,
        /// Frozen by the developer.
        FROZEN,
        /// It is well again, or was done.
        INFO
    }

    /// A banner.
    public static HBox of(Kind kind, String fact, String meaning, Button... actions) {
        VBox words = Nodes.column(1, Nodes.paragraph(fact, "strong"));
        if (!meaning.isEmpty()) {
            Node line = Nodes.paragraph(meaning);
            words.getChildren().add(line);
        }
        HBox banner = new HBox(12, Icons.icon(iconOf(kind), "banner-icon"), Nodes.grow(words));
        for (Button action : actions) {
            action.getStyleClass().add("small-button");
            banner.getChildren().add((Node) action);
        }
        banner.getStyleClass()
                .addAll(
                        "banner",
                        "page-banner",
                        switch (kind) {
                            case DEGRADED -> "banner-high";
                            case STOPPED, FROZEN -> "banner-critical";
                            case INFO -> "banner-info";
                        });
        return banner;
    }

    private static Ikon iconOf(Kind kind) {
        return switch (kind) {
            case DEGRADED, STOPPED -> MaterialDesignA.ALERT_OUTLINE;
            case FROZEN -> MaterialDesignP.PAUSE_BOX_OUTLINE;
            case INFO -> MaterialDesignI.INFORMATION_OUTLINE;
        };
    }
}
