package dev.countersign.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {
    private final Made made = new Made(7);
    private final Redactor redactor = new Redactor();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "total 12 files, 3 passed, key bindings loaded",
                "toolu_01A09q90qw90lq917835lq9",
                "Unexpected token: expected ')' but found '}'",
                "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
                "{\"command\":\"ls -l /workspace\"}",
                "max_tokens: 4096, tokens: 12",
                "password: ",
                "https://example.org/a:b@c",
                "export PATH=$PATH:/usr/bin PASSWORD=$DB_PASSWORD"
            })
    void ordinaryTextStaysAsItIs(String text) {
        assertThat(redactor.redact(text)).isSameAs(text);
    }

    @Test
    void P6_aDetectedSecretIsMarkedWithItsRule() {
        String token = "ghp" + "_" + made.of(Made.ALNUM, 36);
        assertThat(redactor.redact("use " + token + " now"))
                .isEqualTo("use \u27e8redacted:github-token\u27e9 now");
        assertThat(redactor.redact("{\"command\":\"PGPASSWORD=hunter2 psql\"}"))
                .isEqualTo(
                        "{\"command\":\"PGPASSWORD=\u27e8redacted:password-assignment\u27e9 psql\"}");
        assertThat(redactor.redact("db password: hunter2\n")).doesNotContain("hunter2");
    }

    @Test
    void redactingTwiceChangesNothingMore() {
        String once = redactor.redact("password=" + made.password(12) + " x " + made.jwt());
        assertThat(redactor.redact(once)).isEqualTo(once);
    }

    @Test
    void P6_anEntrustedValueIsMarkedInEveryFormInWhichItTurnsUp() throws CountersignException {
        String value = "p\u00e4\"s/w+" + made.of(Made.ALNUM, 14);
        redactor.entrust("deploy", value);
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        Base64.Encoder base64 = Base64.getEncoder();
        String percent = URLEncoder.encode(value, StandardCharsets.UTF_8);
        for (String form :
                List.of(
                        value,
                        percent,
                        percent.replace("+", "%20"),
                        value.replace("\"", "\\\""),
                        HexFormat.of().formatHex(bytes),
                        base64.encodeToString(bytes),
                        Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))) {
            assertThat(redactor.redact("a " + form + " z"))
                    .as(form)
                    .startsWith("a ")
                    .contains("\u27e8redacted:deploy\u27e9")
                    .doesNotContain(form.substring(2, form.length() - 4));
        }
    }

    @Test
    void P6_anEntrustedValueInsideALongerBase64TextIsMarkedAtEveryOffset()
            throws CountersignException {
        String value = made.key(20);
        redactor.entrust("key", value);
        for (String before : List.of("", "x", "xy", "xyz", "user:")) {
            for (String after : List.of("", "1", "22", "333")) {
                String all =
                        Base64.getEncoder()
                                .encodeToString(
                                        (before + value + after).getBytes(StandardCharsets.UTF_8));
                assertThat(redactor.redact("> " + all))
                        .as(before + "|" + after)
                        .contains("\u27e8redacted:key\u27e9");
            }
        }
    }

    @Test
    void aValueThatCouldNotBeToldFromTextIsRefused() {
        assertThatThrownBy(() -> redactor.entrust("x", "allow"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("6 to");
        assertThatThrownBy(() -> redactor.entrust("\u27e9 x", "long enough"))
                .isInstanceOf(CountersignException.class);
    }

    @Test
    void P6_aStreamIsRedactedAsTheWholeTextIsWhereverItIsCut()
            throws IOException, CountersignException {
        long seed = System.nanoTime();
        System.err.println("RedactorTest seed " + seed);
        Random random = new Random(seed);
        Made fresh = new Made(seed);
        String entrusted = fresh.key(24);
        redactor.entrust("own", entrusted);
        for (int round = 0; round < 60; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 120; i++) {
                text.append(
                        switch (random.nextInt(7)) {
                            case 0 -> "password = " + fresh.password(12) + "\n";
                            case 1 -> entrusted + " ";
                            case 2 -> "gh" + "p_" + fresh.of(Made.ALNUM, 36) + "\n";
                            case 3 -> fresh.pem("RSA ") + "\n";
                            case 4 -> "\u00e4\u00f6 \u27e8 plain text\n";
                            default -> fresh.of(Made.ALNUM + "     ", random.nextInt(200)) + "\n";
                        });
            }
            String whole = text.toString();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            StreamRedaction stream = new StreamRedaction(redactor, out, 2048);
            String bytes =
                    new String(whole.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            for (int at = 0; at < bytes.length(); ) {
                int to = Math.min(bytes.length(), at + 1 + random.nextInt(3000));
                stream.more(bytes.substring(at, to));
                at = to;
            }
            stream.end();
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(redactor.redact(whole));
        }
    }

    @Test
    void aStreamOfAnyLengthAndOfAnyBytesPasses() throws IOException {
        byte[] bytes = new byte[3 << 20];
        new Random(1).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            // No letters: nothing in it can be a secret.
            bytes[i] |= (byte) 0x80;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        redactor.redact(new ByteArrayInputStream(bytes), out);
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }
}
