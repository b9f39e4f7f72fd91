package dev.countersign.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestTextTest {
    @ParameterizedTest(name = "hidden character {0} is written out")
    @ValueSource(
            ints = {
                0x00, 0x07, 0x1B, 0x7F, 0x85, 0x9B, 0xA0, 0xAD, 0x061C, 0x200B, 0x200E, 0x2028,
                0x202E, 0x2066, 0x2800, 0x3164, 0xFE0F, 0xFEFF, 0xE000, 0xE0041, 0x1F7FFF, 0xD800
            })
    void p7HiddenCharactersAreWrittenOut(int c) {
        int point = Math.min(c, 0x10FFFF);
        String shown = GuestText.of("a" + Character.toString(point) + "b").visible();
        assertThat(shown).isEqualTo("a⟨U+%04X⟩b".formatted(point));
    }

    @Test
    void plainTextOfAnyScriptStaysAsItIs() {
        for (String text : new String[] {"npm test", "Grüße", "日本語", "שלום", "a\u0301", "😀"}) {
            assertThat(GuestText.of(text).visible()).isEqualTo(text);
            assertThat(GuestText.of(text).deceptive()).isFalse();
        }
    }

    @Test
    void oneLineStaysOneLine() {
        assertThat(GuestText.of("a\r\nb\tc").visible()).isEqualTo("a⟨U+000D⟩↵b⟨U+0009⟩c");
        assertThat(GuestText.of("a\n\tb\u001b[2J").visibleLines()).isEqualTo("a\n\tb⟨U+001B⟩[2J");
    }
}
