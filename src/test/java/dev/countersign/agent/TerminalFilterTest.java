package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalFilterTest {
    private static String filter(String text) {
        return new TerminalFilter().filter(text.getBytes(StandardCharsets.UTF_8));
    }

    /// `~` stands for ESC.
    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(
            delimiter = '¦',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain text¦plain text",
                "a~[1;31mb~[0m¦a~[1;31mb~[0m",
                "~[38:2:1:2:3mx¦~[38:2:1:2:3mx",
                "~[2K~[1G~[3A~[10;5Hx¦~[2K~[1G~[3A~[10;5Hx",
                "~]0;title\u0007x¦x",
                "~]52;c;ZXZpbA==~\\x¦x",
                "~]8;;http://x~\\link~]8;;~\\¦link",
                "~P1$r~\\x¦x",
                "~_apc~\\~^pm~\\~Xsos~\\x¦x",
                "~[?25lx~[?1049hy¦xy",
                "~[6n~[c~[>cx¦x",
                "~[5ix~[4i¦x",
                "~[1 qx¦x",
                "~c~=~>~7~8x¦x",
                "~(0x~#8y¦xy",
                "\u009b31mx\u009d0;t\u009cy¦~[31mxy",
                "a\u0000b\u0007c\u007fd\u000ee¦abcde",
                "x\u202ey\u200bz¦x⟨U+202E⟩y⟨U+200B⟩z",
                "~]0;never ended¦''",
                "~[31~[32mx¦~[32mx",
                "~[?2004hx~[?1006h~[?1003h~[?7l¦x",
                "~[>4;2mx~[=1ux~[?u¦xx",
                "~[0n~[?6n~[>q~[0x~[=c¦''",
                "~[18t~[8;1;1t~[22;0tx¦x",
                "~[2Jx~[3Jy~[J~[1J¦~[2Jxy~[J~[1J",
                "~[!px~[4hy~[20l~[1;2rz¦xyz",
                "~[5S~[5T~[5L~[5M~[5P~[5@x¦x",
                "~P+q544e~\\x~Pq#0~\\y¦xy",
                "~]10;?~\\~]4;1;?\u0007~]1337;File=:eA==\u0007x¦x",
                "~[31;~]0;t\u0007mx¦mx",
                "~[1$rx~[1'zx~[ @x¦xxx",
                "~Nx~Oy~%G~ Fz¦xyz",
                "~[00000000000000000000000000000000000000000000000000000000000000000mx¦x"
            })
    void onlyColoursAndCursorMovesPass(String given, String expected) {
        assertThat(filter(given.replace('~', '\u001b'))).isEqualTo(expected.replace('~', '\u001b'));
    }

    @Test
    void P7_itDoesNotMatterWhereTheOutputIsCutIntoPieces() {
        long seed = 20261123;
        Random random = new Random(seed);
        String alphabet = "ab\u001b[]0;1m?\u0007\\PX\u009b\u202eé😀\n\r";
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 30; i++) {
                int[] points = alphabet.codePoints().toArray();
                text.appendCodePoint(points[random.nextInt(points.length)]);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            String whole = new TerminalFilter().filter(bytes);
            TerminalFilter filter = new TerminalFilter();
            StringBuilder pieces = new StringBuilder();
            for (byte b : bytes) {
                pieces.append(filter.filter(new byte[] {b}));
            }
            assertThat(pieces.toString()).as("seed " + seed + " round " + round).isEqualTo(whole);
            assertThat(whole.replaceAll("\u001b\\[[0-9;:]*[ABCDEFGHJKdfm]", ""))
                    .doesNotContain("\u001b")
                    .doesNotContain("\u009b")
                    .doesNotContain("\u0007");
        }
    }
}
