package dev.countersign.journal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// One record as it stands in a log file: `{"seq":N,"at":"T","prev":"HEX",…}` and a line feed.
/// `prev` is the leaf hash of the record before (of the first one: SHA-256 of the origin), so that
/// an edit is found at its very entry and not only at the next signed head.
final class LogLine {
    private static final byte[] SEQ = ascii("{\"seq\":");
    private static final byte[] AT = ascii(",\"at\":\"");
    private static final byte[] PREV = ascii("\",\"prev\":\"");
    private static final byte[] REST = ascii("\",");
    private static final int HEX = 2 * Merkle.HASH;
    private static final int LONGEST_TIME = 40;
    private static final byte[] DIGITS = ascii("0123456789abcdef");

    /// How a line stands to the place where it was found.
    enum Fit {
        FITS,
        NOT_A_RECORD,
        OTHER_NUMBER,
        OTHER_PREDECESSOR
    }

    private LogLine() {}

    /// @param rest the members after `prev`, without braces
    static byte[] compose(long seq, Instant at, byte[] prev, byte[] rest) {
        byte[] number = ascii(Long.toString(seq));
        byte[] time = ascii(at.toString());
        int length =
                SEQ.length
                        + number.length
                        + AT.length
                        + time.length
                        + PREV.length
                        + HEX
                        + REST.length
                        + rest.length
                        + 2;
        byte[] line = new byte[length];
        int to = put(line, 0, SEQ);
        to = put(line, to, number);
        to = put(line, to, AT);
        to = put(line, to, time);
        to = put(line, to, PREV);
        putHex(line, to, prev);
        to = put(line, to + HEX, REST);
        to = put(line, to, rest);
        line[to] = '}';
        line[to + 1] = '\n';
        return line;
    }

    /// Compares the line's head with what must stand there. `to` is behind its last byte, without
    /// the line feed.
    static Fit fit(byte[] buffer, int from, int to, long seq, byte[] prev) {
        int at = from;
        if (!starts(buffer, at, to, SEQ) || buffer[to - 1] != '}') {
            return Fit.NOT_A_RECORD;
        }
        at += SEQ.length;
        int digits = at;
        long found = 0;
        while (at < to && at - digits < 18 && buffer[at] >= '0' && buffer[at] <= '9') {
            found = 10 * found + (buffer[at] - '0');
            at++;
        }
        if (at == digits || !starts(buffer, at, to, AT)) {
            return Fit.NOT_A_RECORD;
        }
        at += AT.length;
        int time = at;
        while (at < to && at - time < LONGEST_TIME && buffer[at] != '"') {
            at++;
        }
        if (!starts(buffer, at, to, PREV)) {
            return Fit.NOT_A_RECORD;
        }
        at += PREV.length;
        if (!starts(buffer, at + HEX, to, REST)) {
            return Fit.NOT_A_RECORD;
        }
        if (found != seq) {
            return Fit.OTHER_NUMBER;
        }
        return hexEquals(buffer, at, prev) ? Fit.FITS : Fit.OTHER_PREDECESSOR;
    }

    /// The number of a line that was found not to fit for its number.
    static long number(byte[] buffer, int from, int to) {
        long found = 0;
        for (int at = from + SEQ.length; at < to && buffer[at] != ','; at++) {
            found = 10 * found + (buffer[at] - '0');
        }
        return found;
    }

    private static boolean hexEquals(byte[] buffer, int at, byte[] hash) {
        for (int i = 0; i < hash.length; i++) {
            if (buffer[at + 2 * i] != DIGITS[hash[i] >> 4 & 0xF]
                    || buffer[at + 2 * i + 1] != DIGITS[hash[i] & 0xF]) {
                return false;
            }
        }
        return true;
    }

    private static void putHex(byte[] line, int at, byte[] hash) {
        for (int i = 0; i < hash.length; i++) {
            line[at + 2 * i] = DIGITS[hash[i] >> 4 & 0xF];
            line[at + 2 * i + 1] = DIGITS[hash[i] & 0xF];
        }
    }

    private static int put(byte[] line, int at, byte[] part) {
        System.arraycopy(part, 0, line, at, part.length);
        return at + part.length;
    }

    private static boolean starts(byte[] buffer, int at, int to, byte[] expected) {
        if (to - at < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (buffer[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
