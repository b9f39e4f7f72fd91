package dev.countersign.ui.common;

import dev.countersign.domain.Level;
import dev.countersign.domain.SessionState;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Numbers, times and states as the window writes them: always with their unit.
public final class Words {
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("HH:mm");
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH);
    private static final String HOME = System.getProperty("user.home", "");

    private Words() {}

    /// `14:03:37`, in the machine's zone.
    public static String second(Instant at) {
        return SECOND.format(at.atZone(ZoneId.systemDefault()));
    }

    /// `14:03` today, else `21 Nov 14:03`.
    public static String minute(Instant at, Instant now) {
        ZoneId zone = ZoneId.systemDefault();
        return LocalDate.ofInstant(at, zone).equals(LocalDate.ofInstant(now, zone))
                ? MINUTE.format(at.atZone(zone))
                : DAY.format(at.atZone(zone));
    }

    /// `0.3 s`, `29 s`, `14 min`, `3 h`, `2 d`.
    public static String span(Duration span) {
        long millis = Math.max(0, span.toMillis());
        if (millis < 10_000) {
            return String.format(Locale.ENGLISH, "%.1f s", millis / 1000.0);
        }
        return age(span);
    }

    /// As [#span], in whole seconds.
    public static String age(Duration span) {
        long seconds = Math.max(0, span.toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 7200) {
            return seconds / 60 + " min";
        }
        return seconds < 172_800 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }

    /// `0.01 s` for steps, where the small ones matter.
    public static String fine(Duration span) {
        return String.format(Locale.ENGLISH, "%.2f s", span.toMillis() / 1000.0);
    }

    /// `512 B`, `14 KB`, `3.4 GB`.
    public static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes;
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(
                Locale.ENGLISH, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    /// `412 k`, `1.3 M`, `980`.
    public static String count(long count) {
        if (count < 1000) {
            return Long.toString(count);
        }
        return count < 1_000_000
                ? Math.round(count / 1000.0) + " k"
                : String.format(Locale.ENGLISH, "%.1f M", count / 1e6);
    }

    /// A directory on the host, with `~` for the home.
    public static String directory(String path) {
        return !HOME.isEmpty() && (path.equals(HOME) || path.startsWith(HOME + "/"))
                ? "~" + path.substring(HOME.length())
                : path;
    }

    /// The last name of a directory.
    public static String folder(String path) {
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    /// The level's word.
    public static String level(Level level) {
        return switch (level) {
            case LOW -> Messages.text("level.low");
            case MEDIUM -> Messages.text("level.medium");
            case HIGH -> Messages.text("level.high");
            case CRITICAL -> Messages.text("level.critical");
        };
    }

    /// The state's word.
    public static String state(SessionState state) {
        return switch (state) {
            case PREPARING -> Messages.text("state.preparing");
            case RUNNING -> Messages.text("state.running");
            case REVIEW -> Messages.text("state.review");
            case CLOSED -> Messages.text("state.closed");
            case FROZEN -> Messages.text("state.frozen");
            case FAILED -> Messages.text("state.failed");
        };
    }
}
