package dev.countersign.secrets;

import java.util.Random;

/// Secrets for tests, made at run time, so that none stands in the source.
final class Made {
    static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static final String ALNUM = LETTERS + "0123456789";
    static final String HEX = "0123456789abcdef";
    static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final Random random;

    Made(long seed) {
        random = new Random(seed);
    }

    String of(String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /// With a lower, an upper, a digit and a sign at least.
    String password(int length) {
        return "q" + "Z" + "7" + "!" + of(ALNUM, length - 4);
    }

    /// Letters and digits, both for sure.
    String key(int length) {
        return "k" + "9" + of(ALNUM, length - 2);
    }

    String pem(String kind) {
        StringBuilder text = new StringBuilder("-----BEGIN " + kind + "PRIVATE " + "KEY-----\n");
        for (int i = 0; i < 12; i++) {
            text.append(of(ALNUM + "+/", 64)).append('\n');
        }
        return text + "-----END " + kind + "PRIVATE " + "KEY-----";
    }

    String jwt() {
        java.util.Base64.Encoder base64 = java.util.Base64.getUrlEncoder().withoutPadding();
        String head =
                base64.encodeToString(
                        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        String claims =
                base64.encodeToString(
                        ("{\"sub\":\"" + of(HEX, 12) + "\"}")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return head + "." + claims + "." + of(ALNUM, 43);
    }
}
