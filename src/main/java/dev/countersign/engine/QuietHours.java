package dev.countersign.engine;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A daily span in which no notice is shown, by the wall clock of the developer; it may pass
/// midnight. What waits is told when it ends.
///
/// @param from first minute of it; the same as `to`: there is no such span
public record QuietHours(LocalTime from, LocalTime to) {
    /// None.
    public static final QuietHours NONE = new QuietHours(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT);

    private static final Pattern FORM =
            Pattern.compile("([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])");

    /// Reads `22:00-07:30`; null or empty: none.
    public static QuietHours of(@Nullable String text) throws CountersignException {
        if (text == null || text.isBlank()) {
            return NONE;
        }
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "COUNTERSIGN_QUIET_HOURS is not a span of the day. Write it as 22:00-07:30.");
        }
        return new QuietHours(
                LocalTime.of(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2))),
                LocalTime.of(Integer.parseInt(form.group(3)), Integer.parseInt(form.group(4))));
    }

    /// How long it stays quiet; empty: it is not quiet now.
    public Optional<Duration> left(ZonedDateTime now) {
        LocalTime time = now.toLocalTime();
        boolean quiet =
                from.isBefore(to)
                        ? !time.isBefore(from) && time.isBefore(to)
                        : to.isBefore(from) && (!time.isBefore(from) || time.isBefore(to));
        if (!quiet) {
            return Optional.empty();
        }
        ZonedDateTime end = now.with(to);
        return Optional.of(Duration.between(now, end.isAfter(now) ? end : end.plusDays(1)));
    }
}
