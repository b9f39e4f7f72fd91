package dev.countersign.cli;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// How text is set: colour where allowed, columns, times, sizes.
record Ink(boolean colours) {
    String strong(String text) {
        return wrap("1", text);
    }

    String faint(String text) {
        return wrap("2", text);
    }

    String good(String text) {
        return wrap("32", text);
    }

    String bad(String text) {
        return wrap("31", text);
    }

    String level(Level level) {
        return level(level, level.word());
    }

    /// The text in the level's colour; the level's word always stands beside it.
    String level(Level level, String text) {
        return switch (level) {
            case LOW -> wrap("2", text);
            case MEDIUM -> wrap("36", text);
            case HIGH -> wrap("33", text);
            case CRITICAL -> wrap("1;31", text);
        };
    }

    private String wrap(String code, String text) {
        return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /// `3 s`, `5 min`, `2 h`, `4 d` ago, or `now`.
    static String ago(Instant then, Instant now) {
        Duration since = Duration.between(then, now);
        return since.toSeconds() < 1 ? "now" : span(Duration.ofSeconds(since.toSeconds())) + " ago";
    }

    /// A length of time in its largest unit.
    static String span(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + " d";
        } else if (time.toHours() > 0) {
            return time.toHours() + " h";
        } else if (time.toMinutes() > 0) {
            return time.toMinutes() + " min";
        } else if (time.toSeconds() >= 10 || time.equals(Duration.ofSeconds(time.toSeconds()))) {
            return time.toSeconds() + " s";
        } else if (time.toMillis() >= 1000) {
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        }
        return time.toMillis() + " ms";
    }

    /// Bytes in the unit that a person would use, powers of 1024.
    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 || value >= 100
                ? "%d %s".formatted(Math.round(value), units[unit])
                : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    /// At most so many characters; for lists, where the whole is a command away.
    static String cut(String text, int longest) {
        return text.codePointCount(0, text.length()) <= longest
                ? text
                : text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…";
    }

    /// Text that may hold something of the guest's, as one safe line.
    static String one(String text) {
        return GuestText.of(text).visible();
    }

    static String plural(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    /// Rows under a heading, columns as wide as their widest cell. Cells are plain text here:
    /// colour would count as width.
    List<String> table(List<String> heading, List<List<String>> rows) {
        List<Integer> widths = new ArrayList<>(Collections.nCopies(heading.size(), 0));
        List<List<String>> all = new ArrayList<>(rows);
        all.addFirst(heading);
        for (List<String> row : all) {
            for (int i = 0; i < row.size(); i++) {
                widths.set(i, Math.max(widths.get(i), width(row.get(i))));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i));
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths.get(i) - width(row.get(i)) + 2));
                }
            }
            lines.add(lines.isEmpty() ? faint(line.toString()) : line.toString());
        }
        return lines;
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
