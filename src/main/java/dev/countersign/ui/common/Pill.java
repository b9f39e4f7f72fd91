package dev.countersign.ui.common;

import dev.countersign.domain.Level;
import javafx.scene.control.Label;
import javafx.scene.layout.Region;

/// How much waits, in the colour and shape of the worst of it.
public final class Pill {
    private Pill() {}

    /// Shape and words.
    public static Label of(String words, Level worst) {
        Label pill = Nodes.label(words, "pill", "level-" + worst.word());
        pill.setGraphic(Icons.shape(worst));
        pill.setMinWidth(Region.USE_PREF_SIZE);
        return pill;
    }

    /// The number alone, beside words that say what it counts.
    public static Label count(int count, Level worst) {
        Label pill = Nodes.label(Integer.toString(count), "pill", "level-" + worst.word());
        pill.setMinWidth(Region.USE_PREF_SIZE);
        return pill;
    }
}
