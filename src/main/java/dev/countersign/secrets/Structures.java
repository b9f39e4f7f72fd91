package dev.countersign.secrets;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.countersign.secrets.Scanner.Mode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Secrets that are known by the form around them: key blocks, JWTs, URLs, headers, command lines.
final class Structures {
    /// No key block is longer: 16,384 bits of RSA take 12,500 characters.
    static final int LONGEST_BLOCK = 16 << 10;

    static final String BLOCK_RULE = "private-key";

    private static final int LONGEST_URL = 512;
    private static final int BEFORE_OPTION = 512;
    private static final int LONGEST_TOKEN = 8192;
    private static final Pattern BLOCK_NAME =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----");
    private static final Pattern JWT =
            Pattern.compile(
                    "eyJ[A-Za-z0-9_-]{8,}\\.(?:eyJ)?[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]{16,}");
    private static final Pattern USER_INFO =
            Pattern.compile(
                    "://([^\\s/?#:@\"'<>`\\\\]*):([^\\s/?#@\"'<>`\\\\]+)@([A-Za-z0-9._\\[-]*)");
    private static final Pattern BASIC = Pattern.compile("(?i)basic\\s+([A-Za-z0-9+/]{6,}={0,2})");
    private static final Pattern BEARER =
            Pattern.compile("(?i)(?:bearer|token)\\s+([A-Za-z0-9._~+/=-]{16,})");
    private static final Pattern USER_OPTION =
            Pattern.compile(
                    "\\s(?:-u|--user|--proxy-user)[ =]?[\"']?([^\\s:\"']{1,64}):([^\\s\"']{3,})");

    private Structures() {}

    /// From `-----BEGIN …PRIVATE KEY-----` to its end, at most so long.
    static @Nullable Span block(String text, int start, Mode mode) {
        Matcher begin =
                BLOCK_NAME.matcher(text.substring(start, Math.min(text.length(), start + 80)));
        if (!begin.lookingAt()) {
            return null;
        }
        int limit = Math.min(text.length(), start + LONGEST_BLOCK);
        int body = start + begin.end();
        int end = text.indexOf("-----END", body, limit);
        boolean closed = end >= 0;
        int stop = closed ? Math.min(limit, end + 14 + begin.end(1) - begin.start(1)) : limit;
        if (mode == Mode.BLOCK) {
            int bodyEnd = closed ? end : Math.min(limit, body + 2048);
            boolean real =
                    text.substring(body, bodyEnd).chars().filter(Structures::base64).count() >= 64
                            && !text.substring(body, bodyEnd).contains("...");
            return real && closed ? new Span(start, stop, BLOCK_RULE) : null;
        }
        return new Span(start, closed ? stop : keyLike(text, body, limit), BLOCK_RULE);
    }

    /// Of a block without its end: as far as it still looks like one.
    private static int keyLike(String text, int from, int limit) {
        int end = from;
        while (end < limit
                && (base64(text.charAt(end)) || " \r\n\t\\:-,".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end;
    }

    private static boolean base64(int c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '+' || c == '/' || c == '=');
    }

    private static boolean tokenPart(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_');
    }

    static @Nullable Span jwt(String text, int start, Mode mode) {
        if (start > 0 && tokenPart(text.charAt(start - 1))) {
            return null;
        }
        Matcher match =
                JWT.matcher(text.substring(start, Math.min(text.length(), start + LONGEST_TOKEN)));
        if (!match.lookingAt()) {
            return null;
        }
        String token = match.group();
        if (!decoded(token.substring(0, token.indexOf('.'))).contains("\"alg\"")) {
            return null;
        }
        int first = token.indexOf('.');
        String claims = decoded(token.substring(first + 1, token.indexOf('.', first + 1)));
        // The token that every introduction to JWT shows.
        boolean shown = mode == Mode.BLOCK && claims.contains("\"1234567890\"");
        return shown ? null : new Span(start, start + match.end(), "jwt");
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /// The password of `scheme://user:password@host`, or a token in place of the user.
    static @Nullable Span url(String text, int separator, Mode mode) {
        Matcher match =
                USER_INFO.matcher(
                        text.substring(
                                separator, Math.min(text.length(), separator + LONGEST_URL)));
        if (!match.lookingAt()) {
            return null;
        }
        String user = match.group(1);
        String password = match.group(2);
        boolean plain =
                password.equals(user)
                        || Values.placeholder(password)
                        || password.length() < 5
                        || match.group(3).startsWith("example.");
        if (Values.reference(password) || (mode == Mode.BLOCK && plain)) {
            return null;
        }
        return new Span(separator + match.start(2), separator + match.end(2), "url-password");
    }

    static @Nullable Span basic(String text, int start, Mode mode) {
        Matcher match = BASIC.matcher(text.substring(start, Math.min(text.length(), start + 1100)));
        if (!match.lookingAt()) {
            return null;
        }
        String pair = tryBase64(match.group(1));
        int colon = pair.indexOf(':');
        boolean printable = pair.chars().allMatch(c -> c >= ' ' && c < 127);
        if (colon < 0
                || !printable
                || (mode == Mode.BLOCK && Values.placeholder(pair.substring(colon + 1)))) {
            return null;
        }
        return new Span(start + match.start(1), start + match.end(1), "basic-auth");
    }

    private static String tryBase64(String text) {
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /// The token of `Bearer …`, or of `Authorization: token …`.
    static @Nullable Span bearer(String text, int start, Mode mode) {
        Matcher match =
                BEARER.matcher(text.substring(start, Math.min(text.length(), start + 4100)));
        if (!match.lookingAt()) {
            return null;
        }
        String token = match.group(1);
        boolean digits = token.chars().anyMatch(Character::isDigit);
        boolean secret =
                mode == Mode.BLOCK
                        ? digits && Values.entropy(token) >= 3.2 && !Values.placeholder(token)
                        : digits && !Values.reference(token);
        return secret
                ? new Span(start + match.start(1), start + match.end(1), "bearer-token")
                : null;
    }

    /// The password of `curl -u user:password`, from its option on.
    static @Nullable Span userOption(String text, int option, Mode mode) {
        if (!text.substring(Math.max(0, option - BEFORE_OPTION), option).contains("curl ")) {
            return null;
        }
        Matcher match =
                USER_OPTION.matcher(
                        text.substring(option, Math.min(text.length(), option + LONGEST_URL)));
        if (!match.lookingAt()) {
            return null;
        }
        String password = match.group(2);
        boolean plain = Values.placeholder(password) || password.startsWith("//");
        return plain && (mode == Mode.BLOCK || Values.reference(password))
                ? null
                : new Span(option + match.start(2), option + match.end(2), "command-line-password");
    }
}
