package dev.countersign.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanariesTest {
    private static final String TOKEN = "k3vq7w2xnb5tzrm4ydjh6pfs2alc7gue3xqw5nbt";

    private final List<String> left = new ArrayList<>();
    private final Canaries canaries =
            new Canaries(
                    Map.of("/root/.env", TOKEN),
                    (canary, way, place) -> left.add(canary + " " + way + " " + place));

    @Test
    void aTokenIsRecognisedInEachForm() {
        byte[] bytes = TOKEN.getBytes(StandardCharsets.UTF_8);
        Base64.Encoder encoder = Base64.getEncoder();
        List<String> forms =
                List.of(
                        TOKEN,
                        HexFormat.of().formatHex(bytes),
                        encoder.encodeToString(bytes),
                        encoder.encodeToString(
                                ("a" + TOKEN + "b").getBytes(StandardCharsets.UTF_8)),
                        encoder.encodeToString(("ab" + TOKEN).getBytes(StandardCharsets.UTF_8)));
        for (String form : forms) {
            assertThat(canaries.in("model", "m", "before " + form + " after")).as(form).isTrue();
        }
        assertThat(left).hasSize(forms.size()).containsOnly("/root/.env model m");
    }

    @Test
    void itIsRecognisedWhereverAStreamIsCut() {
        byte[] bytes = ("x".repeat(100) + TOKEN + "y").getBytes(StandardCharsets.UTF_8);
        for (int size : new int[] {1, 7, 39, 64}) {
            Canaries.Passing passing = canaries.passing("egress", "host");
            boolean seen = false;
            int sent = 0;
            for (int at = 0; at < bytes.length && !seen; at += size) {
                int count = Math.min(size, bytes.length - at);
                byte[] piece = java.util.Arrays.copyOfRange(bytes, at, at + count);
                seen = passing.more(piece, count);
                sent = seen ? sent : at + count;
            }
            assertThat(seen).as("pieces of %d", size).isTrue();
            assertThat(sent).isLessThan(100 + TOKEN.length());
        }
    }

    @Test
    void nothingElseIsOne() {
        Random random = new Random(11);
        byte[] noise = new byte[1 << 20];
        random.nextBytes(noise);
        assertThat(canaries.in("egress", "host", noise)).isFalse();
        assertThat(canaries.in("egress", "host", TOKEN.substring(1))).isFalse();
        assertThat(canaries.in("egress", "host", Base64.getEncoder().encodeToString(noise)))
                .isFalse();
        assertThat(Canaries.NONE.in("egress", "host", TOKEN)).isFalse();
        assertThat(Canaries.NONE.passing("egress", "host").more(noise, 100)).isFalse();
        assertThat(left).isEmpty();
    }
}
