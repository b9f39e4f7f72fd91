package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SignedHeadTest {
    private static final Instant NOW = Instant.parse("2026-11-23T18:00:00Z");

    private final SigningKey key = SigningKey.generate();
    private final String origin = key.origin("s-aaaaaa");

    /// Key and note of the example in the package documentation of Go's `x/mod/sumdb/note`.
    @Test
    void readsTheKeyAndTheSignatureOfTheFormatsOwnExample() {
        VerifierKey neumann =
                VerifierKey.parse(
                        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        String text =
                """
                If you think cryptography is the answer to your problem,
                then you don't know what your problem is.
                """;
        byte[] blob =
                Base64.getDecoder()
                        .decode(
                                "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
                                        + "gKvqfqdngotpRZb6KE6RyyBwJnAM=");
        assertThat(Arrays.copyOf(blob, 4)).isEqualTo(neumann.id("PeterNeumann"));
        byte[] signature = Arrays.copyOfRange(blob, 4, blob.length);
        assertThat(neumann.verifies(text.getBytes(StandardCharsets.UTF_8), signature)).isTrue();
        assertThat(neumann.verifies("other\n".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
    }

    @Test
    void aKeyReadsBackFromItsText() {
        String text = key.verifier().encoded(origin);
        assertThat(VerifierKey.parse(text)).isEqualTo(key.verifier());
        assertThatThrownBy(() -> VerifierKey.parse(text.replace("s-aaaaaa", "s-bbbbbb")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHeadReadsBackAndIsSignedByItsKeyAlone() {
        SignedHead head = SignedHead.sign(key, origin, 7, new byte[32], NOW);
        SignedHead read = SignedHead.parse(head.note());
        assertThat(read).isEqualTo(head);
        assertThat(read.signedBy(key.verifier())).isTrue();
        assertThat(read.signedBy(SigningKey.generate().verifier())).isFalse();
    }

    @Test
    void aHeadWithAnyOtherByteIsNotSigned() {
        String note = SignedHead.sign(key, origin, 7, new byte[32], NOW).note();
        for (int i = 0; i < note.indexOf("\n\n"); i++) {
            char other = note.charAt(i) == '1' ? '2' : '1';
            String changed = note.substring(0, i) + other + note.substring(i + 1);
            assertThat(signed(changed)).as(changed).isFalse();
        }
    }

    private boolean signed(String note) {
        try {
            return SignedHead.parse(note).signedBy(key.verifier());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
