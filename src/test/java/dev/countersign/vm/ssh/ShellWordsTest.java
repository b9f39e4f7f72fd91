package dev.countersign.vm.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShellWordsTest {
    private static final String NASTY =
            "abc '\"\\$`!*?[]{}()<>|&;#~=%-\n\t\r\u0001\u007f äß漢😀\u202e\u2028";

    @Test
    void aRealShellReadsBackExactlyTheseWords() throws Exception {
        long seed = System.nanoTime();
        System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", seed);
        Random random = new Random(seed);
        int[] alphabet = NASTY.codePoints().toArray();
        List<String> words = new ArrayList<>(List.of("", "\n", "\n\n", "ä\n", "-n", "a'b", "é"));
        for (int i = 0; i < 400; i++) {
            StringBuilder word = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                word.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
            }
            words.add(word.toString());
        }

        // What a guest's sshd does with the line: it hands it to a shell. NUL ends each word.
        Process shell =
                new ProcessBuilder("/bin/sh", "-c", "printf '%s\\0' " + ShellWords.quote(words))
                        .start();
        byte[] out = shell.getInputStream().readAllBytes();

        assertThat(shell.waitFor()).isZero();
        String all = new String(out, StandardCharsets.UTF_8);
        assertThat(List.of(all.split("\0", -1)).subList(0, words.size()))
                .as("seed %d", seed)
                .isEqualTo(words);
    }

    @Test
    void theResultIsAsciiSoThatNoLocaleChangesIt() {
        assertThat(ShellWords.quote("grüße 漢").chars()).allMatch(c -> c < 128);
    }

    @Test
    void aWordWithANulIsRefused() {
        assertThatThrownBy(() -> ShellWords.quote("a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
