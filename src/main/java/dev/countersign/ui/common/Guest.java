package dev.countersign.ui.common;

import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.List;
import javafx.scene.control.Label;

/// The one renderer of text that came from guest, agent, model or repository. It is always plain
/// text, with what could deceive written out, and bounded, so that no line can stall the window.
public final class Guest {
    /// Longest text that a single label lays out.
    static final int LONGEST_LABEL = 2_000;

    /// Longest name of a host, with its port.
    static final int LONGEST_PLACE = 300;

    private static final int PREFIX = 8_000;

    private Guest() {}

    /// One line, cut with an ellipsis at `most` characters.
    public static String line(GuestText text, int most) {
        String head = text.raw().length() > PREFIX ? head(text.raw(), PREFIX) : text.raw();
        String visible = GuestText.of(head).visible();
        boolean cut = head.length() < text.raw().length() || visible.length() > most;
        return cut ? head(visible, most) + "…" : visible;
    }

    /// One line, as long as a label bears it.
    public static String line(GuestText text) {
        return line(text, LONGEST_LABEL);
    }

    /// A host with its port, as the engine has it: one form, and no more than a name's length.
    static String place(String host, int port) {
        return place(port == 0 ? host : host + ":" + port);
    }

    /// A host with its port, as the engine has it: one form, and no more than a name's length.
    public static String place(String place) {
        return line(GuestText.of(place), LONGEST_PLACE);
    }

    /// All of it, line by line; a line that is longer than `columns` goes on in the next one.
    /// Nothing is left out.
    public static List<String> wrapped(GuestText text, int columns) {
        List<String> lines = new ArrayList<>();
        for (String line : text.visibleLines().split("\n", -1)) {
            String whole = line.replace("\t", "    ");
            int from = 0;
            while (whole.length() - from > columns) {
                int to = breakAt(whole, from, columns);
                if (Character.isHighSurrogate(whole.charAt(to - 1))) {
                    to++; // never between the two halves of a character
                }
                lines.add(whole.substring(from, to));
                from = to;
            }
            lines.add(whole.substring(from));
        }
        return lines;
    }

    /// After the last space of the row, if there is one near its end; else at the column.
    private static int breakAt(String line, int from, int columns) {
        for (int i = from + columns - 1; i > from + columns - 32 && i > from; i--) {
            if (line.charAt(i) == ' ') {
                return i + 1;
            }
        }
        return from + columns;
    }

    /// The last lines, each cut at `columns`.
    public static List<String> tail(GuestText text, int most, int columns) {
        String raw = text.raw();
        int from = raw.endsWith("\n") ? raw.length() - 1 : raw.length();
        int end = from;
        List<String> lines = new ArrayList<>();
        while (lines.size() < most && end >= 0) {
            int start = raw.lastIndexOf('\n', end - 1);
            lines.addFirst(column(raw.substring(start + 1, end), columns));
            end = start;
            if (start < 0) {
                break;
            }
        }
        return lines;
    }

    /// How many lines it has; a last empty one does not count.
    public static int lineCount(GuestText text) {
        String raw = text.raw();
        if (raw.isEmpty()) {
            return 0;
        }
        int count = 1;
        for (int i = 0; i < raw.length() - 1; i++) {
            if (raw.charAt(i) == '\n') {
                count++;
            }
        }
        return count;
    }

    /// Exactly one line of a file, tabs as they are, all of it up to what a label bears.
    public static String code(GuestText text) {
        String visible =
                GuestText.of(text.raw().length() > PREFIX ? head(text.raw(), PREFIX) : text.raw())
                        .visibleLines()
                        .replace("\t", "    ")
                        .replace('\n', '↵');
        return visible.length() > LONGEST_LABEL
                ? head(visible, LONGEST_LABEL)
                        + Messages.text("guest.cut", text.raw().length() - LONGEST_LABEL)
                : visible;
    }

    /// Whether something in it had to be written out.
    public static boolean deceptive(GuestText text) {
        return text.deceptive();
    }

    /// Whether the text contains the other, ignoring case; for search.
    public static boolean contains(GuestText text, String lowerCase) {
        String raw = text.raw();
        int last = raw.length() - lowerCase.length();
        for (int i = 0; i <= last; i++) {
            if (raw.regionMatches(true, i, lowerCase, 0, lowerCase.length())) {
                return true;
            }
        }
        return false;
    }

    /// A label in the face that means: this came from there.
    public static Label label(GuestText text, String... styles) {
        Label label = new Label(line(text));
        label.getStyleClass().add("guest-mono");
        label.getStyleClass().addAll(styles);
        return label;
    }

    private static String column(String line, int columns) {
        String visible =
                GuestText.of(line.length() > PREFIX ? head(line, PREFIX) : line)
                        .visibleLines()
                        .replace("\t", "    ");
        return visible.length() > columns ? head(visible, columns) + "…" : visible;
    }

    /// Never cuts a character in two.
    private static String head(String text, int most) {
        int end = Math.min(most, text.length());
        if (end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }
}
