package dev.countersign.platform.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javafx.geometry.Point2D;
import org.jspecify.annotations.Nullable;

/// Looks at the dialogs of GTK that are open in this process. On the toolkit's thread only.
public final class GtkProbe {
    private final Gtk gtk = new Gtk();

    /// Whether a dialog is on screen.
    public boolean open() {
        return dialog() != null;
    }

    /// All texts of the dialog, from top to bottom.
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (MemorySegment each : widgets(open(dialog()))) {
            if (type(each).equals("GtkLabel")) {
                texts.add(text(gtk.make("gtk_label_get_text", each)));
            }
        }
        return texts;
    }

    /// Whether the button with this label can be pressed.
    public boolean sensitive(String label) {
        return gtk.ask("gtk_widget_is_sensitive", button(label)) != 0;
    }

    /// Whether there is a button with this label.
    public boolean has(String label) {
        return find(label) != null;
    }

    /// Whether the button with this label has the focus of the dialog.
    public boolean focused(String label) {
        return gtk.ask("gtk_widget_is_focus", button(label)) != 0;
    }

    /// The middle of the button with this label, on the screen.
    public Point2D place(String label) {
        MemorySegment button = button(label);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate(JAVA_INT);
            MemorySegment y = arena.allocate(JAVA_INT);
            MemorySegment top = open(dialog());
            gtk.ask("gdk_window_get_origin", gtk.make("gtk_widget_get_window", top), x, y);
            int left = x.get(JAVA_INT, 0);
            int up = y.get(JAVA_INT, 0);
            gtk.ask(
                    "gtk_widget_translate_coordinates",
                    button,
                    top,
                    gtk.ask("gtk_widget_get_allocated_width", button) / 2,
                    gtk.ask("gtk_widget_get_allocated_height", button) / 2,
                    x,
                    y);
            return new Point2D(left + x.get(JAVA_INT, 0), up + y.get(JAVA_INT, 0));
        }
    }

    /// Moves the dialog.
    public void move(int x, int y) {
        gtk.call("gtk_window_move", open(dialog()), x, y);
    }

    /// Closes it as its title bar does.
    public void close() {
        gtk.call("gtk_window_close", open(dialog()));
    }

    /// Gives it the focus as a press on it does where a window manager runs.
    public void focus() {
        gtk.call("gtk_window_present", open(dialog()));
    }

    private MemorySegment button(String label) {
        return open(find(label));
    }

    private @Nullable MemorySegment find(String label) {
        MemorySegment top = dialog();
        if (top == null) {
            return null;
        }
        for (MemorySegment each : widgets(top)) {
            if (type(each).equals("GtkButton")
                    && text(gtk.make("gtk_button_get_label", each)).equals(label)) {
                return each;
            }
        }
        return null;
    }

    private @Nullable MemorySegment dialog() {
        for (MemorySegment each : items(gtk.make("gtk_window_list_toplevels"))) {
            if (type(each).equals("GtkDialog") && gtk.ask("gtk_widget_get_mapped", each) != 0) {
                return each;
            }
        }
        return null;
    }

    private static MemorySegment open(@Nullable MemorySegment found) {
        return Objects.requireNonNull(found, "no such part of a dialog");
    }

    private List<MemorySegment> widgets(MemorySegment top) {
        List<MemorySegment> all = new ArrayList<>();
        all.add(top);
        String type = type(top);
        if (!type.equals("GtkLabel") && !type.equals("GtkButton")) {
            List<MemorySegment> children = items(gtk.make("gtk_container_get_children", top));
            children.forEach(each -> all.addAll(widgets(each)));
        }
        return all;
    }

    private String type(MemorySegment widget) {
        return text(gtk.make("g_type_name_from_instance", widget));
    }

    private static String text(MemorySegment words) {
        return words.reinterpret(1 << 20).getString(0);
    }

    /// A GList is its item, the next and the one before.
    private static List<MemorySegment> items(MemorySegment list) {
        List<MemorySegment> items = new ArrayList<>();
        MemorySegment at = list;
        while (!at.equals(MemorySegment.NULL)) {
            MemorySegment cell = at.reinterpret(2 * ADDRESS.byteSize());
            items.add(cell.get(ADDRESS, 0));
            at = cell.get(ADDRESS, ADDRESS.byteSize());
        }
        return items;
    }
}
