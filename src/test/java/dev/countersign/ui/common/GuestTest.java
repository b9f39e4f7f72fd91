package dev.countersign.ui.common;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.GuestText;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestTest {
    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7})
    void p7WrappingLeavesNothingOut(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.appendCodePoint(
                    switch (random.nextInt(12)) {
                        case 0 -> ' ';
                        case 1 -> '\n';
                        case 2 -> 0x202E;
                        case 3 -> 0x1F600;
                        default -> 'a' + random.nextInt(26);
                    });
        }
        GuestText guest = GuestText.of(text.toString());
        List<String> lines = Guest.wrapped(guest, 40);
        assertThat(String.join("", lines))
                .as("seed %s", seed)
                .isEqualTo(guest.visibleLines().replace("\n", ""));
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(41));
        assertThat(lines)
                .allSatisfy(line ->
                        assertThat(line.isEmpty() || !Character.isLowSurrogate(line.charAt(0)))
                                .isTrue());
    }

    @Test
    void p7AMegabyteInOneLineIsCutForARowAndWrappedWholeForADecision() {
        GuestText guest = GuestText.of("x".repeat(1_000_000));
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    assertThat(Guest.line(guest, 300)).hasSize(301).endsWith("…");
                    assertThat(Guest.wrapped(guest, 100)).hasSize(10_000);
                    assertThat(Guest.code(guest)).contains("998,000 more characters");
                });
    }

    @Test
    void theTailIsTheLastLinesInOrder() {
        GuestText guest = GuestText.of("1\n2\n3\n4\n");
        assertThat(Guest.tail(guest, 2, 80)).containsExactly("3", "4");
        assertThat(Guest.tail(guest, 10, 80)).containsExactly("1", "2", "3", "4");
        assertThat(Guest.lineCount(guest)).isEqualTo(4);
        assertThat(Guest.tail(GuestText.of(""), 3, 80)).containsExactly("");
        assertThat(Guest.lineCount(GuestText.of(""))).isZero();
    }

    @Test
    void p7LinesOfARowShowWhatCouldDeceive() {
        assertThat(Guest.line(GuestText.of("a\u202Eb\nc"))).isEqualTo("a⟨U+202E⟩b↵c");
    }
}
