package dev.countersign.secrets;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.countersign.secrets.Scanner.Mode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Secrets that are known by the form around them: key blocks, JWTs, URLs, headers, command lines.
final class Structures {
    /// No key block is longer: 16,384 bits of RSA take 12,500 characters.
    static final int LONGEST_BLOCK = 16 << 10;

    static final String BLOCK_RULE = "private-key";

    private static final int LONGEST_URL = 512;
    private static final int LONGEST_TOKEN = 8192;
    private static final Pattern BLOCK_NAME =
            Pattern.compile(
                    "-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----");
    private static final Pattern JWT =
            Pattern.compile(
                    "eyJ[A-Za-z0-9_-]{8,}\\.(?:eyJ)?[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]{16,}");
    private static final Pattern USER_INFO =
            Pattern.compile(
                    "://([^\\s/?#:@\"'<>`\\\\]*):([^\\s\"'<>`\\\\]+?)@([A-Za-z0-9._\\[${-]+)");
    private static final Pattern TOKEN_AS_USER =
            Pattern.compile(
                    "://([A-Za-z0-9_~.%+=-]{16,})(?::(?:x-oauth-basic)?)?@[A-Za-z0-9._\\[-]+");
    private static final Pattern PASSWORD_HASH =
            Pattern.compile(
                    "\\$(?:2[abxy]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}|apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}"
                            + "|1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}|[56y]\\$(?:rounds=[0-9]+\\$)?[./A-Za-z0-9$]{1,40}\\$[./A-Za-z0-9]{43,86}"
                            + "|argon2id?\\$v=[0-9]+\\$[a-z0-9=,]+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+)");
    private static final Pattern DOCKER_AUTH =
            Pattern.compile("auth\"\\s*:\\s*\"([A-Za-z0-9+/]{8,}={0,2})\"");
    private static final Pattern DSN =
            Pattern.compile("([A-Za-z0-9_.-]{1,64}):([^\\s\"'@`/:]{3,})@(?:tcp|unix)\\(");
    private static final Pattern BASIC = Pattern.compile("(?i)basic\\s+([A-Za-z0-9+/]{6,}={0,2})");
    private static final Pattern BEARER =
            Pattern.compile("(?i)(?:bearer|token)\\s+([A-Za-z0-9._~+/=-]{16,})");

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
        String inside = text.substring(body, closed ? end : Math.min(limit, body + 2048));
        boolean real =
                inside.chars().filter(Structures::base64).count() >= 64 && !inside.contains("...");
        if (mode == Mode.BLOCK) {
            return real && closed ? new Span(start, stop, BLOCK_RULE) : null;
        }
        if (closed && !real && inside.length() < 64) {
            return null;
        }
        int last = closed ? stop : keyLike(text, body, limit);
        return closed || last - body >= 16 ? new Span(start, last, BLOCK_RULE) : null;
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
            return coded(text, start);
        }
        String token = match.group();
        if (!decoded(token.substring(0, token.indexOf('.'))).contains("\"alg\"")) {
            return null;
        }
        int first = token.indexOf('.');
        String claims = decoded(token.substring(first + 1, token.indexOf('.', first + 1)));
        // The token that every introduction to JWT shows.
        boolean shown =
                claims.contains("\"1234567890\"")
                        && (mode == Mode.BLOCK || claims.contains("\"John Doe\""));
        return shown ? null : new Span(start, start + match.end(), "jwt");
    }

    /// The key of a function's address: `?code=…`
    static @Nullable Span code(String text, int start) {
        int from = start + "code=".length();
        int end = from;
        while (end < text.length() && end - from < 120 && bearerPart(text.charAt(end))) {
            end++;
        }
        String key = text.substring(from, end);
        boolean asked = start > 0 && "?&".indexOf(text.charAt(start - 1)) >= 0;
        return asked && key.length() >= 40 && key.endsWith("=") && WordModel.chance(key) >= 60
                ? new Span(from, end, "secret-assignment")
                : null;
    }

    /// The private part of a JSON Web Key: `d`, or `k` of one that both sides have (RFC 7517,
    /// 7518).
    static @Nullable Span jwk(String text, int start) {
        Matcher match = JWK.matcher(text.substring(start, Math.min(text.length(), start + 720)));
        if (!match.lookingAt()) {
            return null;
        }
        int from = Math.max(0, start - 4096);
        String around = text.substring(from, Math.min(text.length(), start + 4096));
        int kind = around.indexOf("\"kty\"");
        boolean both = match.group(1).equals("k");
        boolean fits = kind >= 0 && (!both || around.indexOf("\"oct\"", kind) >= 0);
        return fits && !Published.contains(match.group(2))
                ? new Span(start + match.start(2), start + match.end(2), BLOCK_RULE)
                : null;
    }

    private static final Pattern JWK =
            Pattern.compile("\"([dk])\"\\s{0,3}:\\s{0,3}\"([A-Za-z0-9_-]{22,700})\"");

    /// An object of JSON in base64 that holds a password, as secrets of a cluster do.
    private static @Nullable Span coded(String text, int start) {
        int length = run(text, start, Math.min(text.length(), start + LONGEST_TOKEN));
        if (length < 40 || (start + length < text.length() && text.charAt(start + length) == '.')) {
            return null;
        }
        String plain = tryBase64(text.substring(start, start + length));
        return plain.startsWith("{")
                        && CODED.matcher(plain).find()
                        && plain.stripTrailing().endsWith("}")
                ? new Span(start, start + length, "basic-auth")
                : null;
    }

    private static final Pattern CODED =
            Pattern.compile(
                    "\"(?:password|auth|private_key|client_secret|secret)\"\\s*:\\s*\"[^\"$<{]{6,}\"");

    private static String decoded(String base64) {
        try {
            return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /// The password of `scheme://user:password@host`, or a token in place of the user.
    static @Nullable Span url(String text, int separator, Mode mode) {
        int last = at(text, separator + 3);
        if (last < 0) {
            return null;
        }
        String window = text.substring(separator, Math.min(text.length(), last + 80));
        Matcher match = USER_INFO.matcher(window);
        if (!match.lookingAt()) {
            return tokenAsUser(window, separator, mode);
        }
        String password = match.group(2);
        int slash = password.indexOf('/');
        // `host:80/path@v1` has no password, `user:pa/ss@host` does.
        if (slash >= 0
                && (password.substring(0, slash).chars().allMatch(Character::isDigit)
                        || (mode == Mode.BLOCK && Values.digits(password) == 0))) {
            return null;
        }
        String host = match.group(3);
        boolean shown = host.startsWith("example.") || host.contains(".example.");
        if (Values.reference(password)
                || Values.placeholder(password)
                || (password.equals(match.group(1)) && (shown || local(host)))
                || (mode == Mode.BLOCK
                        && (shown || plainPassword(match.group(1), password, host)))) {
            return null;
        }
        return new Span(separator + match.start(2), separator + match.end(2), "url-password");
    }

    private static boolean local(String host) {
        return host.startsWith("localhost") || host.startsWith("127.0.0.1");
    }

    private static boolean plainPassword(String user, String password, String host) {
        boolean sentence = password.split("[-_.]", -1).length >= 3 && !Values.labelled(password);
        boolean weak =
                !sentence
                        && Values.digits(password) == 0
                        && WordModel.chance(password) < 6
                        && password.chars().noneMatch(c -> "!@#$^&*+=?,".indexOf(c) >= 0);
        return password.equals(user)
                || password.length() < 5
                || Values.placeholder(password)
                || weak
                || (local(host) && WordModel.chance(password) < 0);
    }

    /// Where the last `@` before the end of the URL stands; -1: nowhere near.
    private static int at(String text, int from) {
        int limit = Math.min(text.length(), from + LONGEST_URL);
        int last = -1;
        for (int i = from; i < limit; i++) {
            char c = text.charAt(i);
            if (c <= ' ' || "\"'<>`\\".indexOf(c) >= 0 || text.startsWith("://", i)) {
                break;
            }
            last = c == '@' ? i : last;
        }
        return last;
    }

    private static @Nullable Span tokenAsUser(String window, int separator, Mode mode) {
        Matcher match = TOKEN_AS_USER.matcher(window);
        if (!match.lookingAt()) {
            return null;
        }
        if (window.substring(match.end(1), match.end()).contains("sentry")) {
            // Of the two keys that addresses of error reports had, the one that is left is public.
            return null;
        }
        String token = match.group(1);
        boolean secret =
                Values.digits(token) >= 2
                        && WordModel.chance(token) >= (mode == Mode.BLOCK ? 24 : 14)
                        && !Values.placeholder(token);
        return secret
                ? new Span(separator + match.start(1), separator + match.end(1), "url-password")
                : null;
    }

    /// The password of `user:password@tcp(host)`.
    static @Nullable Span dsn(String text, int at, Mode mode) {
        int from = at;
        while (from > 0 && at - from < 200 && !dsnEnd(text.charAt(from - 1))) {
            from--;
        }
        if (text.indexOf(':', from, at) < 0) {
            return null;
        }
        Matcher match = DSN.matcher(text.substring(from, Math.min(text.length(), at + 6)));
        int offset = 0;
        while (match.find(offset)) {
            if (from + match.end() == at + 5 || from + match.end() == at + 6) {
                String password = match.group(2);
                boolean plain =
                        Values.reference(password)
                                || (mode == Mode.BLOCK
                                        && plainPassword(match.group(1), password, ""));
                return plain
                        ? null
                        : new Span(from + match.start(2), from + match.end(2), "url-password");
            }
            offset = match.end();
        }
        return null;
    }

    private static boolean dsnEnd(char c) {
        return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '@' || c == '/';
    }

    /// `jdbc:oracle:thin:user/password@…`
    static @Nullable Span oracle(String text, int start, Mode mode) {
        Matcher match = ORACLE.matcher(text.substring(start, Math.min(text.length(), start + 200)));
        if (!match.lookingAt()) {
            return null;
        }
        String password = match.group(2);
        boolean plain =
                Values.reference(password)
                        || (mode == Mode.BLOCK && plainPassword(match.group(1), password, ""));
        return plain
                ? null
                : new Span(start + match.start(2), start + match.end(2), "url-password");
    }

    /// `echo password | sudo -S …`
    static @Nullable Span sudo(String text, int start, Mode mode) {
        int line = text.lastIndexOf('\n', start) + 1;
        int from = Math.max(line, start - 200);
        Matcher match = TYPED.matcher(text.substring(from, start));
        if (!match.find()) {
            return null;
        }
        String password = match.group(1);
        boolean plain =
                password.length() < 4
                        || Values.reference(password)
                        || (mode == Mode.BLOCK && plainPassword("", password, ""));
        return plain
                ? null
                : new Span(from + match.start(1), from + match.end(1), "command-line-password");
    }

    private static final Pattern ORACLE =
            Pattern.compile("jdbc:oracle:(?:thin|oci):([^\\s/\"']{1,64})/([^\\s@\"']{3,64})@");
    private static final Pattern TYPED =
            Pattern.compile(
                    "(?:echo|printf|<<<)\\s+(?:-[ne]+\\s+)?[\"']?([^\\s\"'|$`\\\\]{4,64})(?:\\\\n)?[\"']?\\s*\\|\\s*$");

    /// A hash of a password in the form that `crypt` and its followers write.
    static @Nullable Span passwordHash(String text, int start) {
        if (text.startsWith("$2", start) && !text.startsWith("$", start + 6)) {
            return null;
        }
        Matcher match =
                PASSWORD_HASH.matcher(text.substring(start, Math.min(text.length(), start + 400)));
        return match.lookingAt() ? new Span(start, start + match.end(), "password-hash") : null;
    }

    /// A private key without its frame: the base64 of its DER form.
    static @Nullable Span derKey(String text, int start) {
        if (start > 0
                && (tokenPart(text.charAt(start - 1))
                        || text.charAt(start - 1) == '/'
                        || text.charAt(start - 1) == '+')) {
            return null;
        }
        int length = run(text, start, Math.min(text.length(), start + 6000));
        return length >= 64 ? new Span(start, start + length, BLOCK_RULE) : null;
    }

    /// The beginnings of RSA, PKCS#8 and EC keys in DER, in base64 and lower case.
    static final List<String> DER_HEADS =
            List.of(
                    "miievqibadanbg",
                    "miiepaibaakcaq",
                    "miieowibaakcaq",
                    "miieogibaakcaq",
                    "miicxqibaakbg",
                    "miicxaibaakbg",
                    "miicxgibaakbg",
                    "miicwwibaakbg",
                    "miicdgibadanbg",
                    "miicdwibadanbg",
                    "miiceaibadanbg",
                    "miiceqibadanbg",
                    "miiejqibaakcaq",
                    "miijkqibaakcag",
                    "miijkaibaakcag",
                    "miijjwibaakcag",
                    "miijqgibadanbg",
                    "miijqwibadanbg",
                    "miievgibadanbg",
                    "miievaibadanbg",
                    "miigiaeamb",
                    "mighageambmgby",
                    "miguageambagbyq",
                    "mhccaqeei",
                    "miieuwibadanbg",
                    "miibpqibaajb",
                    "miibowibaajb",
                    "miibogibaajb",
                    "miibvaibadanbg",
                    "miibvqibadanbg");

    /// The password of `"auth": "BASE64"` in a registry's configuration.
    static @Nullable Span dockerAuth(String text, int start) {
        Matcher match =
                DOCKER_AUTH.matcher(text.substring(start, Math.min(text.length(), start + 600)));
        if (!match.lookingAt()) {
            return null;
        }
        String pair = tryBase64(match.group(1));
        boolean plain = pair.indexOf(':') <= 0 || !pair.chars().allMatch(c -> c >= ' ' && c < 127);
        return plain || Values.placeholder(pair.substring(pair.indexOf(':') + 1) + " ")
                ? null
                : new Span(start + match.start(1), start + match.end(1), "basic-auth");
    }

    /// `{"auths": …}` as a whole in base64, as a cluster's secret for a registry holds it.
    static @Nullable Span codedDockerAuth(String text, int start) {
        int length = run(text, start, Math.min(text.length(), start + LONGEST_BLOCK));
        String plain = tryBase64(text.substring(start, start + length));
        int auth = plain.indexOf("auth\":");
        boolean held = auth > 0 && dockerAuth(plain, auth) != null;
        return held || plain.contains("\"password\":")
                ? new Span(start, start + length, "basic-auth")
                : null;
    }

    /// A key in the form of RFC 4716, which frames it by four signs.
    static @Nullable Span ssh2(String text, int start) {
        int limit = Math.min(text.length(), start + LONGEST_BLOCK);
        int head = text.indexOf("PRIVATE KEY ----", start, Math.min(text.length(), start + 60));
        int end = head < 0 ? -1 : text.indexOf("---- END ", head, limit);
        int stop = end < 0 ? -1 : text.indexOf("KEY ----", end, Math.min(text.length(), end + 60));
        return stop < 0 || end - head < 80 ? null : new Span(start, stop + 8, BLOCK_RULE);
    }

    /// The private lines of a key file of PuTTY.
    static @Nullable Span putty(String text, int start) {
        int limit = Math.min(text.length(), start + LONGEST_BLOCK);
        int lines = text.indexOf("Private-Lines:", start, limit);
        if (lines < 0) {
            return null;
        }
        int mac = text.indexOf("Private-MAC:", lines, limit);
        int end = mac < 0 ? keyLike(text, lines + 14, limit) : mac;
        return new Span(start, Math.max(start + 20, end), BLOCK_RULE);
    }

    /// A key block as a whole in base64.
    static @Nullable Span codedBlock(String text, int start) {
        int headEnd = Math.min(text.length(), start + 96);
        if (run(text, start, headEnd) < 96
                || !tryBase64(text.substring(start, headEnd)).contains("PRIVATE KEY")) {
            return null;
        }
        int limit = Math.min(text.length(), start + LONGEST_BLOCK);
        return new Span(start, start + run(text, start, limit), BLOCK_RULE);
    }

    /// How many characters of base64 stand here.
    private static int run(String text, int start, int limit) {
        int end = start;
        while (end < limit && base64(text.charAt(end))) {
            end++;
        }
        return end - start;
    }

    /// Behind the word that stands here and the blanks that follow.
    private static int behindWord(String text, int start) {
        int at = start;
        while (at < text.length() && at - start < 12 && Character.isLetter(text.charAt(at))) {
            at++;
        }
        while (at < text.length() && at - start < 40 && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static boolean bearerPart(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || "._~+/=-".indexOf(c) >= 0);
    }

    static @Nullable Span basic(String text, int start, Mode mode) {
        int from = behindWord(text, start);
        int length = run(text, from, Math.min(text.length(), from + 1024));
        Matcher match = BASIC.matcher(text.substring(start, from + length));
        if (!match.lookingAt()) {
            return null;
        }
        String pair = tryBase64(match.group(1));
        int colon = pair.indexOf(':');
        boolean printable = pair.chars().allMatch(c -> c >= ' ' && c < 127);
        if (colon < 0
                || !printable
                || Published.contains(match.group(1))
                || (mode == Mode.BLOCK
                        && (colon + 2 > pair.length()
                                ? WordModel.chance(pair) < 20
                                : Values.placeholder(pair.substring(colon + 1))))) {
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
        int from = behindWord(text, start);
        int end = from;
        int limit = Math.min(text.length(), from + 4096);
        while (end < limit && bearerPart(text.charAt(end))) {
            end++;
        }
        if (end - from < 16) {
            return null;
        }
        Matcher match = BEARER.matcher(text.substring(start, end));
        if (!match.lookingAt()) {
            return null;
        }
        String token = match.group(1);
        boolean digits = token.chars().anyMatch(Character::isDigit);
        boolean secret =
                mode == Mode.BLOCK
                        ? digits && WordModel.chance(token) >= 12 && !Values.placeholder(token)
                        : digits && !Values.reference(token);
        return secret
                ? new Span(start + match.start(1), start + match.end(1), "bearer-token")
                : null;
    }
}
