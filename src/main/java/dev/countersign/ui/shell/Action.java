package dev.countersign.ui.shell;

import java.util.List;
import java.util.function.BooleanSupplier;
import javafx.scene.input.KeyCombination;
import org.jspecify.annotations.Nullable;

/// Something that the window can do: by its key, and by its name in the palette.
///
/// @param id for tests, such as `freeze-all`
/// @param title a verb and what it acts on
/// @param combo null: it has no key of its own
/// @param always also while a critical request is alone on the screen
/// @param can whether it can be done now
record Action(
        String id,
        String title,
        @Nullable KeyCombination combo,
        boolean always,
        BooleanSupplier can,
        Runnable run) {
    private static final boolean MAC = System.getProperty("os.name", "").startsWith("Mac");

    /// One with a key, in the notation of [KeyCombination#valueOf].
    static Action of(String id, String title, String key, BooleanSupplier can, Runnable run) {
        return new Action(id, title, KeyCombination.valueOf(key), false, can, run);
    }

    /// One that is reached by its name alone.
    static Action named(String id, String title, Runnable run) {
        return new Action(id, title, null, false, () -> true, run);
    }

    /// The same, also while a critical request is alone on the screen.
    Action evenAlone() {
        return new Action(id, title, combo, true, can, run);
    }

    /// The key as it stands on the keyboard; empty if there is none.
    String key() {
        return combo == null ? "" : written(combo.getName());
    }

    /// `Shift+Alt+Shortcut+.` as `Ctrl Shift Alt .`.
    private static String written(String name) {
        StringBuilder written = new StringBuilder();
        String rest = name;
        for (String modifier : List.of("Shortcut", "Shift", "Alt")) {
            if (rest.contains(modifier + "+")) {
                rest = rest.replace(modifier + "+", "");
                written.append(modifier.equals("Shortcut") ? MAC ? "Cmd" : "Ctrl" : modifier)
                        .append(' ');
            }
        }
        return written.append(
                        switch (rest) {
                            case "Page Up" -> "PgUp";
                            case "Page Down" -> "PgDn";
                            case "Period" -> ".";
                            case "Equals", "=" -> "+";
                            case "Minus" -> "-";
                            case "Delete" -> "Del";
                            default -> rest;
                        })
                .toString();
    }
}
