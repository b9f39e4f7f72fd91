package dev.countersign.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.time.Duration;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuietHoursTest {
    @ParameterizedTest(name = "{0} at {1}: {2} minutes left")
    @CsvSource({
        "22:00-07:30, 21:59, 0",
        "22:00-07:30, 22:00, 570",
        "22:00-07:30, 00:00, 450",
        "22:00-07:30, 07:29, 1",
        "22:00-07:30, 07:30, 0",
        "12:00-13:00, 12:30, 30",
        "12:00-13:00, 13:00, 0",
        "08:00-08:00, 08:00, 0",
        "'', 03:00, 0"
    })
    void aSpanMayPassMidnight(String span, String time, long left) throws CountersignException {
        ZonedDateTime now = ZonedDateTime.parse("2026-11-23T" + time + ":00Z");
        assertThat(QuietHours.of(span).left(now).orElse(Duration.ZERO))
                .isEqualTo(Duration.ofMinutes(left));
    }

    @ParameterizedTest
    @ValueSource(strings = {"22-7", "24:00-07:00", "22:00", "22:60-07:00", "x"})
    void whatIsNoSpanIsRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> QuietHours.of(text)).hasMessageContaining("22:00-07:30");
    }

    @Test
    void withoutASettingItIsNeverQuiet() throws CountersignException {
        assertThat(QuietHours.of(null)).isEqualTo(QuietHours.NONE);
    }
}
