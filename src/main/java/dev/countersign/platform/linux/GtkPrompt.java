package dev.countersign.platform.linux;

import static dev.countersign.ui.common.Messages.text;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.NativePrompt;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The dialog in GTK, beside the window in the same process. It is shown and answers by its
/// `response` signal: `gtk_dialog_run` would stop the window as long as it is open.
///
/// Every text is set as plain text: nothing is read as markup or as a format.
public final class GtkPrompt implements NativePrompt {
    private static final int DENY = 1;
    private static final int ALLOW = 2;
    private static final int REVIEW = 3;
    private static final int VERTICAL = 1;
    private static final int HORIZONTAL = 0;
    private static final int START = 1;
    private static final int CENTRE = 1;
    private static final int STYLE_OF_APPLICATION = 600;
    private static final String STYLE =
            """
            .cs-sentence { font-size: 120%; font-weight: bold; }
            .cs-quiet { opacity: 0.72; }
            .cs-mono { font-family: monospace; }
            .cs-said { font-family: monospace; }
            .cs-word { font-family: monospace; padding: 1px 5px; border-radius: 3px;
                       border: 1px solid alpha(currentColor, 0.45); }
            .cs-frame { padding: 10px 12px; border-radius: 6px;
                        border: 1px solid alpha(currentColor, 0.3); }
            .cs-deny:focus { box-shadow: 0 0 0 2px @theme_selected_bg_color; }
            .cs-says { padding: 8px 12px; border-radius: 6px;
                       background-color: alpha(#2a616c, 0.14);
                       border: 1px solid alpha(#2a616c, 0.45); }
            """;

    private final Map<Long, Shown> open = new HashMap<>();
    private long last;
    private @Nullable Native library;

    /// The library and what it calls back, made at the first dialog.
    private record Native(
            Gtk gtk,
            MemorySegment onResponse,
            MemorySegment onNotify,
            MemorySegment onConfigure,
            MemorySegment onDelete,
            MemorySegment onEarly,
            MemorySegment onClicked) {}

    @Override
    public Optional<Dialog> open(Question question, Listener listener) {
        if (!Gtk.runs()) {
            return Optional.empty();
        }
        Native now = library;
        if (now == null) {
            now = load();
            library = now;
        }
        long id = ++last;
        Shown shown = new Shown(now, id, listener);
        open.put(id, shown);
        shown.build(question);
        return Optional.of(shown);
    }

    private Native load() {
        Gtk gtk = new Gtk();
        FunctionDescriptor event = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
        MethodType eventType =
                MethodType.methodType(
                        int.class, MemorySegment.class, MemorySegment.class, MemorySegment.class);
        MemorySegment provider = gtk.make("gtk_css_provider_new");
        gtk.ask("gtk_css_provider_load_from_data", provider, STYLE, -1L, MemorySegment.NULL);
        gtk.call(
                "gtk_style_context_add_provider_for_screen",
                gtk.make("gdk_screen_get_default"),
                provider,
                STYLE_OF_APPLICATION);
        return new Native(
                gtk,
                Gtk.callback(
                        this,
                        "onResponse",
                        MethodType.methodType(
                                void.class, MemorySegment.class, int.class, MemorySegment.class),
                        FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS)),
                Gtk.callback(
                        this,
                        "onNotify",
                        MethodType.methodType(
                                void.class,
                                MemorySegment.class,
                                MemorySegment.class,
                                MemorySegment.class),
                        FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS)),
                Gtk.callback(this, "onConfigure", eventType, event),
                Gtk.callback(this, "onDelete", eventType, event),
                Gtk.callback(this, "onEarly", eventType, event),
                Gtk.callback(
                        this,
                        "onClicked",
                        MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class),
                        FunctionDescriptor.ofVoid(ADDRESS, ADDRESS)));
    }

    // Called by GTK. What they lead to runs a moment later, outside of GTK's own call: an error
    // that reached GTK would end the process.

    void onResponse(MemorySegment dialog, int response, MemorySegment id) {
        report(
                id,
                shown ->
                        shown.listener.replied(
                                response == ALLOW
                                        ? Reply.ALLOW
                                        : response == REVIEW ? Reply.REVIEW : Reply.DENY));
    }

    void onNotify(MemorySegment dialog, MemorySegment property, MemorySegment id) {
        report(id, Shown::tellFocus);
    }

    int onConfigure(MemorySegment dialog, MemorySegment event, MemorySegment id) {
        report(id, shown -> shown.listener.disturbed());
        return 0;
    }

    /// Closing and Escape. GTK would destroy the dialog by itself after this.
    int onDelete(MemorySegment dialog, MemorySegment event, MemorySegment id) {
        report(id, shown -> shown.listener.replied(Reply.DENY));
        return 1;
    }

    int onEarly(MemorySegment box, MemorySegment event, MemorySegment id) {
        report(id, shown -> shown.listener.disturbed());
        return 1;
    }

    void onClicked(MemorySegment button, MemorySegment id) {
        report(id, shown -> shown.listener.replied(Reply.ALLOW));
    }

    private void report(MemorySegment id, java.util.function.Consumer<Shown> what) {
        long number = id.address();
        Fx.later(() -> {
            Shown shown = open.get(number);
            if (shown != null) {
                what.accept(shown);
            }
        });
    }

    private final class Shown implements Dialog {
        private final Native library;
        private final Gtk gtk;
        private final MemorySegment id;
        private final Listener listener;
        private final MemorySegment dialog;
        private @Nullable MemorySegment allow;
        private @Nullable MemorySegment cover;

        Shown(Native library, long id, Listener listener) {
            this.library = library;
            this.gtk = library.gtk();
            this.id = MemorySegment.ofAddress(id);
            this.listener = listener;
            dialog = gtk.make("gtk_dialog_new");
        }

        void build(Question question) {
            gtk.call("gtk_window_set_title", dialog, text("app.name"));
            gtk.call("gtk_window_set_position", dialog, CENTRE);
            gtk.call("gtk_window_set_resizable", dialog, 0);
            gtk.call("gtk_window_set_keep_above", dialog, 1);
            // What the developer types goes on where it went: the dialog is looked at when they
            // turn to it.
            gtk.call("gtk_window_set_focus_on_map", dialog, 0);
            gtk.call("gtk_window_set_urgency_hint", dialog, 1);
            gtk.call("gtk_window_set_icon_name", dialog, "dialog-question");
            MemorySegment content = gtk.make("gtk_dialog_get_content_area", dialog);
            gtk.call("gtk_container_set_border_width", content, 14);
            gtk.call("gtk_box_set_spacing", content, 12);
            add(content, label(question.sentence(), "cs-sentence"));
            add(content, label(question.under(), "cs-quiet"));
            add(content, frame(question));
            add(content, points(question));
            if (!question.says().isEmpty()) {
                MemorySegment says = box(VERTICAL, 2);
                style(says, "cs-says");
                add(says, label(text("feed.agent-says"), "cs-quiet"));
                add(says, label(question.says(), "cs-said"));
                add(content, says);
            }
            add(content, label(question.foot(), "cs-quiet"));
            buttons(question.allowable());
            connect(dialog, "response", library.onResponse());
            connect(dialog, "notify::is-active", library.onNotify());
            connect(dialog, "configure-event", library.onConfigure());
            connect(dialog, "delete-event", library.onDelete());
            gtk.call("gtk_widget_show_all", dialog);
        }

        private MemorySegment frame(Question question) {
            MemorySegment frame = box(VERTICAL, 6);
            style(frame, "cs-frame");
            for (Line line : question.frame()) {
                MemorySegment row = box(HORIZONTAL, 5);
                if (!line.number().isEmpty()) {
                    add(row, label(line.number(), "cs-quiet"));
                }
                for (Piece piece : line.pieces()) {
                    add(row, label(piece.text(), piece.word() ? "cs-word" : "cs-mono"));
                }
                add(frame, row);
            }
            return frame;
        }

        private MemorySegment points(Question question) {
            MemorySegment grid = gtk.make("gtk_grid_new");
            gtk.call("gtk_grid_set_column_spacing", grid, 18);
            gtk.call("gtk_grid_set_row_spacing", grid, 5);
            int row = 0;
            for (Point point : question.points()) {
                gtk.call("gtk_grid_attach", grid, label(point.name(), "cs-quiet"), 0, row, 1, 1);
                gtk.call("gtk_grid_attach", grid, label(point.value(), ""), 1, row, 1, 1);
                row++;
            }
            return grid;
        }

        private void buttons(boolean allowable) {
            gtk.make("gtk_dialog_add_button", dialog, NativePrompt.label(Reply.REVIEW), REVIEW);
            if (allowable) {
                MemorySegment button =
                        gtk.make("gtk_button_new_with_label", NativePrompt.label(Reply.ALLOW));
                gtk.call("gtk_widget_set_sensitive", button, 0);
                // Takes the early presses, which a button that is off would swallow.
                MemorySegment box = gtk.make("gtk_event_box_new");
                gtk.call("gtk_event_box_set_above_child", box, 1);
                gtk.call("gtk_container_add", box, button);
                gtk.call("gtk_container_add", gtk.make("gtk_dialog_get_action_area", dialog), box);
                connect(box, "button-press-event", library.onEarly());
                connect(button, "clicked", library.onClicked());
                allow = button;
                cover = box;
            }
            MemorySegment deny =
                    gtk.make("gtk_dialog_add_button", dialog, NativePrompt.label(Reply.DENY), DENY);
            gtk.call("gtk_dialog_set_default_response", dialog, DENY);
            style(deny, "cs-deny");
            gtk.call("gtk_widget_grab_focus", deny);
            gtk.call("gtk_window_set_focus_visible", dialog, 1);
        }

        private MemorySegment label(String words, String name) {
            MemorySegment label = gtk.make("gtk_label_new", words);
            if (!name.equals("cs-mono") && !name.equals("cs-word")) {
                gtk.call("gtk_label_set_line_wrap", label, 1);
                gtk.call("gtk_label_set_max_width_chars", label, 78);
            }
            gtk.call("gtk_widget_set_halign", label, START);
            gtk.call("gtk_widget_set_valign", label, START);
            if (!name.isEmpty()) {
                style(label, name);
            }
            return label;
        }

        private MemorySegment box(int direction, int space) {
            return gtk.make("gtk_box_new", direction, space);
        }

        private void add(MemorySegment box, MemorySegment child) {
            gtk.call("gtk_box_pack_start", box, child, 0, 0, 0);
        }

        private void style(MemorySegment widget, String name) {
            gtk.call(
                    "gtk_style_context_add_class",
                    gtk.make("gtk_widget_get_style_context", widget),
                    name);
        }

        private void connect(MemorySegment widget, String signal, MemorySegment callback) {
            gtk.connect(widget, signal, callback, id);
        }

        void tellFocus() {
            listener.focused(gtk.ask("gtk_window_is_active", dialog) != 0);
        }

        @Override
        public void allowable(boolean now) {
            MemorySegment button = allow;
            MemorySegment box = cover;
            if (button != null && box != null) {
                gtk.call("gtk_widget_set_sensitive", button, now ? 1 : 0);
                gtk.call("gtk_event_box_set_above_child", box, now ? 0 : 1);
            }
        }

        @Override
        public void again() {
            // It is still there.
        }

        @Override
        public void toFront() {
            gtk.call("gtk_window_present", dialog);
        }

        @Override
        public void close() {
            if (open.remove(id.address()) != null) {
                gtk.call("gtk_widget_destroy", dialog);
            }
        }
    }
}
