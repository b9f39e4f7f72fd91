package dev.countersign.ui.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;

/// What can be done now, found by its name. Every word that is typed must occur; names that begin
/// with what is typed come first, else the order is that of the window.
final class PaletteViewModel {
    private final List<Action> all;
    private final ObservableList<Action> found = FXCollections.observableArrayList();
    private final StringProperty typed = new SimpleStringProperty("");
    private final IntegerProperty chosen = new SimpleIntegerProperty(0);

    /// @param all in the window's order; what can't be done now is left out
    PaletteViewModel(List<Action> all) {
        this.all = all.stream().filter(each -> each.can().getAsBoolean()).toList();
        typed.addListener((_, _, _) -> find());
        find();
    }

    ObservableList<Action> found() {
        return found;
    }

    StringProperty typed() {
        return typed;
    }

    /// Index among those found; -1: nothing was found.
    IntegerProperty chosen() {
        return chosen;
    }

    /// Up or down, around the ends.
    void step(int by) {
        if (!found.isEmpty()) {
            chosen.set(Math.floorMod(chosen.get() + by, found.size()));
        }
    }

    private void find() {
        String wanted = typed.get().strip().toLowerCase(Locale.ROOT);
        List<String> words = Arrays.stream(wanted.split("\\s+", -1)).toList();
        List<Action> hits = new ArrayList<>();
        for (Action each : all) {
            String title = each.title().toLowerCase(Locale.ROOT);
            if (words.stream().allMatch(title::contains)) {
                hits.add(each);
            }
        }
        hits.sort(
                Comparator.comparing(
                        each -> !each.title().toLowerCase(Locale.ROOT).startsWith(wanted)));
        found.setAll(hits);
        chosen.set(hits.isEmpty() ? -1 : 0);
    }
}
