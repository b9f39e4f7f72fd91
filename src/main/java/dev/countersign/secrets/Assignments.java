package dev.countersign.secrets;

import dev.countersign.secrets.KeyNames.Promise;
import dev.countersign.secrets.Scanner.Mode;
import dev.countersign.secrets.Values.Stand;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `name = value` in the spellings of YAML, JSON, properties, env files, shells, XML,
/// headers, connection strings, command lines and source code, without a parser for each: from the
/// telling word outwards to the name, over the separator, into the value. Values that stand further
/// off (in a call, on the next line, in the `value` beside a `name`) are read too, and need more
/// evidence of their own.
final class Assignments {
    private static final int LONGEST_NAME = 80;
    private static final int LONGEST_VALUE = 1024;
    private static final int NAMES_KEPT = 4096;

    /// How far behind its name a value is looked for on the same line.
    private static final int REACH = 160;

    /// How far a word reaches over what stands between it and a value of its own look.
    private static final int NEAR = 72;

    /// Behind a value of this length no name is looked for inside of it, so that many names in one
    /// endless value cost no more than one.
    private static final int LONG_VALUE = 128;

    private static final String[] SCHEMES = {
        "Bearer ",
        "Basic ",
        "Token ",
        "Digest ",
        "ApiKey ",
        "Api-Key ",
        "GenieKey ",
        "SSWS ",
        "JWT "
    };

    /// Fewer numbers are no key.
    private static final int FEWEST_BYTES = 12;

    private final String text;
    private final FileStyle style;
    private final Mode mode;
    private final Map<String, Promise> promises = new HashMap<>();
    private int nameEnd;

    Assignments(String text, FileStyle style, Mode mode) {
        this.text = text;
        this.style = style;
        this.mode = mode;
    }

    /// The value that is assigned to the name around this keyword, if that is a secret. Keywords
    /// must come from left to right.
    @Nullable Span at(int keywordStart, int keywordEnd) {
        if (keywordEnd <= nameEnd) {
            return null;
        }
        int from = keywordStart;
        while (from > 0 && keywordStart - from < LONGEST_NAME && namePart(text.charAt(from - 1))) {
            from--;
        }
        int to = keywordEnd;
        while (to < text.length() && to - from < LONGEST_NAME && namePart(text.charAt(to))) {
            to++;
        }
        nameEnd = to;
        while (to > keywordEnd && ".-".indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        if (to >= text.length()) {
            return null;
        }
        if (!mayBeFollowed(to)) {
            Promise said =
                    mode == Mode.REDACT && text.charAt(to) == ' ' && style != FileStyle.SETTINGS
                            ? promise(from, to)
                            : Promise.NOTHING;
            return said == Promise.NOTHING ? null : near(from, to, said);
        }
        Promise promise = promise(from, to);
        if (promise == Promise.NOTHING || insideOther(from, to)) {
            return null;
        }
        Span span = valued(from, to, inQuery(from, promise));
        return span == null && mode == Mode.REDACT ? near(from, to, promise) : span;
    }

    /// A quick look before the name is judged: most words are followed by another.
    private boolean mayBeFollowed(int at) {
        char c = text.charAt(at);
        if (Character.isLetterOrDigit(c)) {
            return false;
        }
        if (c != ' ' && c != '\t') {
            return true;
        }
        int next = skipBlanks(at);
        if (next >= text.length()) {
            return false;
        }
        return !Character.isLetterOrDigit(text.charAt(next))
                || numbered(next) > next
                || option(at)
                || tag(at)
                || wordsFollow(next)
                || text.startsWith("to \"", next);
    }

    /// Of what is written, shown or sent, more is a secret: what was surely drawn at random and
    /// stands behind a telling word on its line, or is mixed by hand and stands behind a password's
    /// name in a text for people, or in quotes behind its name in quotes, as tests of forms have
    /// it.
    private @Nullable Span near(int from, int to, Promise promise) {
        boolean named =
                from > 0 && (isQuote(text.charAt(from - 1)) || text.charAt(from - 1) == '#');
        boolean prose = style == FileStyle.PROSE || style == FileStyle.ANY || inComment(from);
        int behind = skipClosing(to);
        char next = behind < text.length() ? text.charAt(behind) : '\n';
        // What a separator follows was judged by that.
        if (next != ' ' && !(named && (next == ',' || next == ')'))) {
            return null;
        }
        int limit = Math.min(text.length(), to + NEAR);
        for (int at = to; at < limit && text.charAt(at) != '\n'; ) {
            if (!nearPart(text.charAt(at))) {
                at++;
                continue;
            }
            int end = at;
            while (end < text.length() && end - at < LONGEST_VALUE && nearPart(text.charAt(end))) {
                end++;
            }
            int last = end;
            while (last > at && ".,:;".indexOf(text.charAt(last - 1)) >= 0) {
                last--;
            }
            String word = text.substring(at, last);
            boolean quoted =
                    at > 0
                            && isQuote(text.charAt(at - 1))
                            && end < text.length()
                            && isQuote(text.charAt(end));
            boolean drawn =
                    promise.compareTo(Promise.PERHAPS) >= 0
                            && Values.drawn(word)
                            && (prose || quoted)
                            && !Values.digest(word);
            boolean mixed =
                    promise == Promise.PASSWORD
                            && (prose || (quoted && named))
                            && Values.mixedByHand(word);
            if (drawn || mixed) {
                return span(at, last, promise);
            }
            at = end;
        }
        return null;
    }

    /// Whether a sign of a comment begins the line.
    private boolean inComment(int from) {
        int line = from;
        while (line > 0 && from - line < 200 && text.charAt(line - 1) != '\n') {
            line--;
        }
        int begin = skipBlanks(line);
        return text.startsWith("#", begin)
                || text.startsWith("//", begin)
                || text.startsWith("*", begin)
                || text.startsWith("--", begin);
    }

    private static boolean nearPart(char c) {
        return c > ' ' && c < 127 && "\"'`,;()[]{}<>=".indexOf(c) < 0;
    }

    /// Whether the word is a part of a resource's name or of what SOPS has encrypted.
    private boolean insideOther(int from, int to) {
        if (from == 0 || to >= text.length() || text.charAt(to) != ':') {
            return false;
        }
        char before = text.charAt(from - 1);
        if (before != ':' && before != ',') {
            return false;
        }
        int begin = from;
        while (begin > 0
                && from - begin < 2048
                && text.charAt(begin - 1) > ' '
                && text.charAt(begin - 1) != '"') {
            begin--;
        }
        return text.startsWith("arn:", begin) || text.startsWith("ENC[", begin);
    }

    /// Behind the number of `Key 1: …`; where it stands itself if that is none.
    private int numbered(int at) {
        int end = at;
        while (end < text.length() && end - at < 3 && Character.isDigit(text.charAt(end))) {
            end++;
        }
        return end > at && text.startsWith(": ", end) ? end : at;
    }

    /// `<pass encoding="base64">`
    private boolean tag(int nameTo) {
        int from = nameTo;
        while (from > 0 && nameTo - from < LONGEST_NAME && namePart(text.charAt(from - 1))) {
            from--;
        }
        return from < nameTo && from > 0 && text.charAt(from - 1) == '<';
    }

    private boolean option(int nameTo) {
        int from = nameTo;
        while (from > 0 && nameTo - from < LONGEST_NAME && namePart(text.charAt(from - 1))) {
            from--;
        }
        return from < nameTo && text.charAt(from) == '-';
    }

    /// `password value`, as in netrc and in dialogs of a command line, or `char password[]`.
    private boolean wordsFollow(int next) {
        return style == FileStyle.SETTINGS
                || text.startsWith("value", next)
                || text.startsWith("is ", next)
                || text.startsWith("string ", next)
                || text.regionMatches(true, next, "as ", 0, 3);
    }

    private Promise promise(int from, int to) {
        String name = text.substring(from, to);
        Promise known = promises.get(name);
        if (known == null) {
            known = KeyNames.of(name);
            if (promises.size() < NAMES_KEPT) {
                promises.put(name, known);
            }
        }
        return known;
    }

    private @Nullable Span valued(int from, int to, Promise promise) {
        int quotes = skipClosing(to);
        boolean quotedName = quotes > to;
        int at = skipBlanks(quotes);
        if (at < text.length() && at > quotes) {
            at = numbered(at);
        }
        if (at >= text.length()) {
            return null;
        }
        char c = text.charAt(at);
        if (text.charAt(from) == '-' || (from > 1 && text.charAt(from - 1) == '/' && c == ':')) {
            Span span = optionValue(to, at, promise);
            if (span != null) {
                return span;
            }
        }
        Span beside = besideName(from, to, quotes, promise);
        if (beside != null) {
            return beside;
        }
        at = skipBrackets(at);
        int separator = separator(at, quotedName);
        if (separator < 0) {
            return bareValue(from, to, quotedName, at, promise);
        }
        int start = skipBlanks(separator);
        if (start >= text.length()) {
            return null;
        }
        if (c == '>' || (c == ' ' && text.charAt(at) == '>')) {
            return element(from, start, promise);
        }
        if (text.charAt(start) == '\n' || text.charAt(start) == '\r') {
            return nextLine(start, c, promise);
        }
        boolean tight = separator == to + 1 && c == '=';
        if (c == ',' && !firstArgument(from) && !tuple(to)) {
            Value value = quoted(start);
            return value == null ? null : judged(value, promise, Stand.REMOTE);
        }
        if (c == '(' && asks(from)) {
            Value asked = quoted(start);
            return asked == null ? null : judged(asked, promise, Stand.REMOTE);
        }
        return direct(from, start, c == '(' || c == ',', tight, promise);
    }

    /// `get_password("service")` names what it asks for.
    private boolean asks(int from) {
        for (String verb :
                new String[] {"get", "find", "fetch", "load", "read", "has", "lookup", "delete"}) {
            if (text.regionMatches(true, from, verb, 0, verb.length())) {
                return true;
            }
        }
        return false;
    }

    /// Whether the name in quotes is the first argument of a call, not one of a list of words.
    private boolean firstArgument(int from) {
        int at = from - 1;
        while (at > 0
                && (isQuote(text.charAt(at))
                        || text.charAt(at) == ' '
                        || text.charAt(at) == '\\')) {
            at--;
        }
        return at >= 0 && text.charAt(at) == '(';
    }

    /// Right behind the separator, or in the code that stands there.
    private @Nullable Span direct(
            int from, int start, boolean call, boolean tight, Promise promise) {
        Value quoted = quoted(start);
        if (quoted != null) {
            Span span = judged(quoted, promise, Stand.QUOTED);
            return span != null || !chained(quoted.end) ? span : remote(quoted.end + 1, promise);
        }
        char c = text.charAt(start);
        if (c == '{' || c == '[' || c == '(') {
            Span bytes = numbers(start, promise);
            if (bytes != null) {
                return bytes;
            }
            int inner = c == '{' ? skipSpace(start + 1) : start;
            if (c == '{' && text.startsWith("\"value\"", inner)) {
                int colon = skipBlanks(inner + "\"value\"".length());
                Span held =
                        colon < text.length() && text.charAt(colon) == ':'
                                ? settingAt(skipBlanks(colon + 1), promise)
                                : null;
                if (held != null) {
                    return held;
                }
            }
            if (c == '{' && style == FileStyle.SOURCE && promise.compareTo(Promise.SECRET) >= 0) {
                return remote(start + 1, promise);
            }
        }
        if ((c == '|' || c == '>') && style != FileStyle.SOURCE) {
            int line = text.indexOf('\n', start, Math.min(text.length(), start + 8));
            return line < 0 ? null : nextLine(line, '|', promise);
        }
        if (!call && c != '"' && c != '\'') {
            Value plain = plain(start);
            if (plain != null) {
                boolean usual = plainIsUsual(from, tight) || alone(from, plain, promise);
                Stand stand = usual ? Stand.PLAIN : Stand.REMOTE;
                boolean strong = stand == Stand.PLAIN || strongAlone(plain);
                Span span = strong ? judged(plain, promise, stand) : null;
                if (span != null) {
                    return span;
                }
                if (stand == Stand.PLAIN && style == FileStyle.SETTINGS && !codeLike(plain)) {
                    return null;
                }
            }
        }
        return remote(start, promise);
    }

    /// Whether code goes on behind a quoted value that is none: `getenv("TOKEN", "…")`.
    private boolean chained(int end) {
        int next = skipBlanks(Math.min(text.length(), end + 1));
        return next < text.length()
                && ",|?)+.o".indexOf(text.charAt(next)) >= 0
                && style != FileStyle.SETTINGS;
    }

    private boolean codeLike(Value plain) {
        return text.substring(plain.start, plain.end).indexOf('(') >= 0
                || text.startsWith("${", plain.start);
    }

    /// What is no expression, wherever it stands.
    private boolean strongAlone(Value value) {
        String written = text.substring(value.start, value.end);
        return written.length() >= 12
                && Values.digits(written) >= 2
                && (mode == Mode.REDACT || WordModel.chance(written) >= 24)
                && written.indexOf('(') < 0
                && written.indexOf('[') < 0;
    }

    /// `?appid=…` in an address: a key there is the caller's own, also if it looks like a digest.
    private Promise inQuery(int from, Promise promise) {
        return promise == Promise.PERHAPS && from > 0 && "?&".indexOf(text.charAt(from - 1)) >= 0
                ? Promise.SECRET
                : promise;
    }

    private @Nullable Span judged(Value value, Promise promise, Stand stand) {
        if (value.end - value.start > LONG_VALUE) {
            nameEnd = Math.max(nameEnd, value.end);
        }
        value = core(value);
        return Values.secret(text.substring(value.start, value.end), promise, stand, mode)
                ? span(value.start, value.end, promise)
                : null;
    }

    /// Without a scheme in front (`Bearer …`) and without quotes inside of quotes.
    private Value core(Value value) {
        for (String scheme : SCHEMES) {
            if (text.regionMatches(true, value.start, scheme, 0, scheme.length())
                    && value.end - value.start > scheme.length() + 4) {
                return new Value(value.start + scheme.length(), value.end);
            }
        }
        if (text.startsWith("base64:", value.start) && value.end - value.start > 24) {
            return new Value(value.start + "base64:".length(), value.end);
        }
        boolean twice =
                value.end - value.start > 6
                        && text.startsWith("\\\"", value.start)
                        && text.startsWith("\\\"", value.end - 2);
        return twice ? new Value(value.start + 2, value.end - 2) : value;
    }

    private static Span span(int start, int end, Promise promise) {
        return new Span(
                start,
                end,
                switch (promise) {
                    case PASSWORD -> "password-assignment";
                    case SALT -> "salt-assignment";
                    default -> "secret-assignment";
                });
    }

    private record Value(int start, int end) {}

    /// Arguments of a call that takes a user and a password, or a text and a key, by their place:
    /// `SetBasicAuth("user", "…")`, `jwt.sign(claims, "…")`.
    @Nullable Span argument(int open) {
        int limit = Math.min(text.length(), open + REACH);
        boolean behindComma = false;
        for (int i = open; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == ';') {
                return null;
            }
            if (c == ',') {
                behindComma = true;
            } else if (isQuote(c)) {
                Value value = quoted(i);
                if (value == null) {
                    return null;
                }
                boolean address = text.substring(value.start, value.end).contains("://");
                Span span =
                        behindComma && !address
                                ? judged(
                                        value,
                                        Promise.PASSWORD,
                                        mode == Mode.REDACT ? Stand.QUOTED : Stand.REMOTE)
                                : null;
                if (span != null) {
                    return span;
                }
                i = value.end;
            }
        }
        return null;
    }

    /// What was drawn at random among the arguments of a call that makes the client of a service,
    /// logs in or sets a key: its last, for the account's name stands before.
    @Nullable Span literal(int open) {
        int limit = Math.min(text.length(), open + REACH);
        int depth = 0;
        Span last = null;
        for (int i = open; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == ';' || depth < 0) {
                break;
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (isQuote(c)) {
                Value value = quoted(i);
                if (value == null || value.end >= text.length()) {
                    break;
                }
                String written = text.substring(value.start, value.end);
                if (written.length() >= 20
                        && token(written)
                        && Values.secret(written, Promise.SECRET, Stand.REMOTE, mode)) {
                    last = span(value.start, value.end, Promise.SECRET);
                }
                i = value.end;
            }
        }
        return last;
    }

    /// Without blanks and signs that text and paths have, and no name of an account.
    private static boolean token(String written) {
        boolean plain =
                written.chars()
                        .allMatch(c ->
                                c < 128
                                        && (Character.isLetterOrDigit(c)
                                                || "._~+/=-:".indexOf(c) >= 0));
        boolean account =
                written.length() == 34
                        && (written.startsWith("AC") || written.startsWith("SK"))
                        && written.substring(2).chars().allMatch(c -> Character.digit(c, 16) >= 0);
        return plain
                && !account
                && Values.digits(written) >= 3
                && WordModel.chance(written) >= 36
                && !written.contains("://")
                && !written.endsWith(".com");
    }

    /// `INSERT INTO t (name, password) VALUES ('x', '…')`: the value in the place of the telling
    /// column.
    @Nullable Span inserted(int start) {
        int limit = Math.min(text.length(), start + LONGEST_VALUE);
        int open = text.indexOf('(', start, limit);
        int close = open < 0 ? -1 : text.indexOf(')', open, limit);
        if (close < 0) {
            return null;
        }
        String[] columns = text.substring(open + 1, close).split(",", 64);
        int values = skipSpace(close + 1);
        if (values >= limit || !text.regionMatches(true, values, "values", 0, 6)) {
            return null;
        }
        int at = text.indexOf('(', values, limit);
        for (int column = 0; at >= 0 && column < columns.length; column++) {
            at = skipSpace(at + 1);
            Value value = at < text.length() ? quoted(at) : null;
            String name = columns[column].strip().replace("`", "").replace("\"", "");
            Promise promise = name.isEmpty() ? Promise.NOTHING : KeyNames.of(name);
            if (value != null && promise.compareTo(Promise.SALT) >= 0) {
                Span span = judged(value, promise, Stand.QUOTED);
                if (span != null) {
                    return span;
                }
            }
            at = value == null ? at : value.end + 1;
            while (at < limit && ",)".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            if (at >= limit || text.charAt(at) == ')') {
                return null;
            }
        }
        return null;
    }

    private int skipSpace(int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) <= ' ') {
            end++;
        }
        return end;
    }

    /// The value in quotes behind words that say by themselves that it is a password.
    @Nullable Span passwordBehind(int at) {
        int start = skipBlanks(at);
        Value value = start < text.length() ? quoted(start) : null;
        if (value == null && mode == Mode.REDACT && start < text.length()) {
            value = plain(start);
            return value == null || Values.digits(text.substring(value.start, value.end)) == 0
                    ? null
                    : judged(value, Promise.PASSWORD, Stand.PLAIN);
        }
        return value == null ? null : judged(value, Promise.PASSWORD, Stand.QUOTED);
    }

    // --- where values stand ----------------------------------------------------------------------

    /// `--password value`, `-password=value`, `/pass:value`.
    private @Nullable Span optionValue(int to, int at, Promise promise) {
        char c = text.charAt(at);
        boolean joined = c == '=' || c == ':';
        int start = joined ? at + 1 : at;
        if ((!joined && at == to) || start >= text.length() || text.charAt(start) == '-') {
            return null;
        }
        if (c == ',' || c == '|' || c == '\\' || c == ']' || c == ')') {
            return listed(to, promise);
        }
        Value value = quoted(start);
        Stand stand = Stand.QUOTED;
        if (value == null) {
            value = plain(start);
            stand = Stand.PLAIN;
            if (value != null && !joined && Character.isLetter(text.charAt(value.start))) {
                String written = text.substring(value.start, value.end);
                boolean prose =
                        mode == Mode.BLOCK && style == FileStyle.PROSE && Values.wordy(written);
                stand = prose ? Stand.REMOTE : Stand.PLAIN;
            }
        }
        return value == null ? null : judged(value, promise, stand);
    }

    /// `["--password", "value"]`
    private @Nullable Span listed(int to, Promise promise) {
        int comma = skipBlanks(skipClosing(to));
        if (comma >= text.length() || text.charAt(comma) != ',') {
            return null;
        }
        int start = skipBlanks(comma + 1);
        Value value = start < text.length() ? quoted(start) : null;
        return value == null ? null : judged(value, promise, Stand.QUOTED);
    }

    /// The `value` beside a `name`: in lists of settings, in attributes, in elements.
    private @Nullable Span besideName(int from, int to, int at, Promise promise) {
        int next = at;
        int limit = Math.min(text.length(), to + REACH);
        while (next < limit && (text.charAt(next) <= ' ' || text.charAt(next) == ',')) {
            next++;
        }
        if (next >= limit || (next == to && !text.startsWith("</", next))) {
            return null;
        }
        boolean named = from > 0 && (isQuote(text.charAt(from - 1)) || namedValue(from));
        if (text.startsWith("</", next)) {
            return nextElement(next, limit, promise);
        }
        if (!named) {
            return null;
        }
        if (text.charAt(next) == '{') {
            int inner = text.indexOf("default", next, limit);
            boolean own = inner > 0 && text.indexOf('}', next, inner) < 0;
            int equals = own ? skipBlanks(inner + "default".length()) : -1;
            return own && equals < limit && text.charAt(equals) == '='
                    ? settingAt(skipBlanks(equals + 1), promise)
                    : null;
        }
        int word = isQuote(text.charAt(next)) ? next + 1 : next;
        int end = word;
        while (end < limit && namePart(text.charAt(end))) {
            end++;
        }
        String key = text.substring(word, end).toLowerCase(Locale.ROOT);
        if (style != FileStyle.SETTINGS && attribute(key)) {
            int value = text.indexOf("alue=", end, limit);
            if (value > 0 && text.indexOf('>', end, value) < 0) {
                return settingAt(value + 5, promise);
            }
        }
        if (!key.equals("value")
                && !key.equals("val")
                && !key.equals("default")
                && !key.equals("defaultvalue")
                && !key.equals("default_value")
                && !key.equals("initialvalue")) {
            return null;
        }
        int separator = skipBlanks(skipClosing(end));
        if (text.startsWith("=>", separator)) {
            separator++;
        }
        boolean separated = separator < limit && ":=>".indexOf(text.charAt(separator)) >= 0;
        return separated ? settingAt(skipBlanks(separator + 1), promise) : null;
    }

    private static boolean attribute(String key) {
        return key.equals("type")
                || key.equals("class")
                || key.equals("translatable")
                || key.equals("scope");
    }

    /// Whether `name:` or `key=` stands before.
    private boolean namedValue(int from) {
        int at = from;
        while (at > 0 && (text.charAt(at - 1) == ' ' || isQuote(text.charAt(at - 1)))) {
            at--;
        }
        if (at == 0 || ":=".indexOf(text.charAt(at - 1)) < 0) {
            return false;
        }
        String before = text.substring(Math.max(0, at - 12), at - 1).strip();
        return before.endsWith("name")
                || before.endsWith("key")
                || before.endsWith("Name")
                || before.endsWith("Key");
    }

    private @Nullable Span settingAt(int start, Promise promise) {
        if (start >= text.length()) {
            return null;
        }
        Value value = quoted(start);
        if (value != null) {
            return judged(value, promise, Stand.QUOTED);
        }
        value = plain(start);
        return value == null || style == FileStyle.SOURCE
                ? null
                : judged(value, promise, Stand.PLAIN);
    }

    /// `<key>password</key> <string>value</string>`
    private @Nullable Span nextElement(int closing, int limit, Promise promise) {
        int end = text.indexOf('>', closing, limit);
        if (end < 0) {
            return null;
        }
        int open = end + 1;
        while (open < limit && text.charAt(open) <= ' ') {
            open++;
        }
        if (!text.startsWith("<string>", open) && !text.startsWith("<value>", open)) {
            return null;
        }
        return element(0, open + (text.charAt(open + 1) == 's' ? 8 : 7), promise);
    }

    /// `<password>value</password>`, `<string name="api_key">value</string>`
    private @Nullable Span element(int from, int start, Promise promise) {
        int at = start;
        if (text.startsWith("<![CDATA[", at)) {
            at += "<![CDATA[".length();
        }
        while (at < text.length() && at - start < 80 && text.charAt(at) <= ' ') {
            at++;
        }
        int end = at;
        while (end < text.length() && end - at < LONGEST_VALUE && text.charAt(end) != '<') {
            if (text.charAt(end) == '\n') {
                break;
            }
            end++;
        }
        int close = end;
        while (close < text.length() && close - end < 80 && text.charAt(close) <= ' ') {
            close++;
        }
        boolean closed =
                text.startsWith("</", close) || (end > at + 2 && text.startsWith("]]>", end - 3));
        if (text.startsWith("]]>", Math.max(at, end - 3))) {
            end -= 3;
        }
        while (end > at && text.charAt(end - 1) <= ' ') {
            end--;
        }
        if (!closed || end <= at || (from > 0 && text.charAt(from - 1) == '/')) {
            return null;
        }
        Stand stand = text.substring(at, end).indexOf(' ') >= 0 ? Stand.REMOTE : Stand.QUOTED;
        return judged(new Value(at, end), promise, stand);
    }

    /// Without a separator: `password 'value'`, `password value`, `<password type="x">value`.
    private @Nullable Span bareValue(
            int from, int to, boolean quotedName, int at, Promise promise) {
        if (from > 0 && text.charAt(from - 1) == '<' && at > to) {
            int close = text.indexOf('>', at, Math.min(text.length(), at + REACH));
            boolean near = close > 0 && text.charAt(close - 1) != '/';
            return near ? element(from, close + 1, promise) : null;
        }
        if (quotedName || at == to || at >= text.length()) {
            return null;
        }
        Value behind = quoted(at);
        if (isQuote(text.charAt(at)) || behind != null) {
            Value value = behind;
            return value == null || promise.compareTo(Promise.SECRET) < 0
                    ? null
                    : judged(
                            value, promise, style == FileStyle.PROSE ? Stand.REMOTE : Stand.QUOTED);
        }
        for (String word : new String[] {"is ", "as ", "value "}) {
            if (text.startsWith(word, at)) {
                at = skipBlanks(at + word.length());
                break;
            }
        }
        Value value = at < text.length() ? plain(at) : null;
        if (value == null || promise.compareTo(Promise.SECRET) < 0) {
            return null;
        }
        boolean netrc =
                style == FileStyle.SETTINGS
                        && promise == Promise.PASSWORD
                        && lineEnds(value.end)
                        && credentialLine(from);
        boolean told =
                mode == Mode.REDACT
                        && promise == Promise.PASSWORD
                        && value.end - value.start >= 6
                        && Values.digits(text.substring(value.start, value.end)) > 0;
        return judged(value, promise, netrc || told ? Stand.PLAIN : Stand.REMOTE);
    }

    private boolean lineEnds(int at) {
        int end = skipBlanks(at);
        return end >= text.length() || text.charAt(end) == '\n' || text.charAt(end) == '\r';
    }

    /// A line of a netrc: `login` stands before on it or on the one before.
    private boolean credentialLine(int from) {
        String before = text.substring(Math.max(0, from - 200), from);
        return before.contains("login ") || before.contains("user ") || before.contains("account ");
    }

    /// Behind the end of the line: a value in quotes, or a block of YAML.
    private @Nullable Span nextLine(int lineEnd, char separator, Promise promise) {
        int at = lineEnd;
        int newlines = 0;
        while (at < text.length() && at - lineEnd < 120 && text.charAt(at) <= ' ') {
            newlines += text.charAt(at) == '\n' ? 1 : 0;
            at++;
        }
        if (newlines != 1 || at >= text.length()) {
            return null;
        }
        Value value = quoted(at);
        if (value == null && separator == '|') {
            value = plain(at);
        }
        if (value == null || (separator == ':' && followedByColon(value.end))) {
            return null;
        }
        return judged(value, promise, Stand.REMOTE);
    }

    private boolean followedByColon(int end) {
        int next = skipBlanks(Math.min(text.length(), end + 1));
        return next < text.length() && text.charAt(next) == ':';
    }

    /// In the code behind the separator, up to where another statement or argument begins.
    private @Nullable Span remote(int start, Promise promise) {
        int depth = 0;
        int limit = Math.min(text.length(), start + REACH);
        for (int i = start; i < limit; i++) {
            char c = text.charAt(i);
            if (isQuote(c)) {
                Value value = quoted(i);
                if (value == null) {
                    return null;
                }
                Span span = judged(value, promise, Stand.REMOTE);
                if (span != null) {
                    return span;
                }
                i = value.end;
            } else if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth--;
            } else if (c == '\n' || c == ';' || c == '{' || c == '}' || (c == ',' && depth <= 0)) {
                return null;
            } else if (c == '='
                    && i > start
                    && "=!<>".indexOf(text.charAt(i - 1)) < 0
                    && depth > 0) {
                return null;
            } else if (depth < 0 && c != ' ') {
                return null;
            }
        }
        return null;
    }

    /// `{0x12, 0x34, …}`, `[18, 52, …]`: the bytes of a key.
    private @Nullable Span numbers(int start, Promise promise) {
        int at = start + 1;
        int count = 0;
        int first = -1;
        int last = -1;
        int steps = 0;
        int previous = Integer.MIN_VALUE;
        long seen = 0;
        while (at < text.length() && at - start < LONGEST_VALUE) {
            char c = text.charAt(at);
            if (c <= ' ' || c == ',') {
                at++;
                continue;
            }
            if (text.startsWith("(byte)", at)) {
                at += 6;
                continue;
            }
            int end = at;
            while (end < text.length()
                    && end - at < 6
                    && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '-')) {
                end++;
            }
            int number = number(text.substring(at, end));
            if (number == Integer.MIN_VALUE) {
                break;
            }
            first = first < 0 ? at : first;
            last = end;
            count++;
            seen |= 1L << ((number * 31 + (number >> 4)) & 63);
            steps += Math.abs(number - previous) <= 1 ? 1 : 0;
            previous = number;
            at = end;
        }
        boolean closed = at < text.length() && "})]".indexOf(text.charAt(at)) >= 0;
        boolean telling =
                promise.compareTo(Promise.SALT) >= 0 || (promise == Promise.PERHAPS && count >= 16);
        return closed
                        && telling
                        && count >= FEWEST_BYTES
                        && Long.bitCount(seen) >= 8
                        && steps * 3 < count
                ? span(first, last, promise)
                : null;
    }

    private static int number(String digits) {
        try {
            int value = digits.isEmpty() ? Integer.MIN_VALUE : Integer.decode(digits);
            return value >= -128 && value <= 255 ? value : Integer.MIN_VALUE;
        } catch (NumberFormatException e) {
            return Integer.MIN_VALUE;
        }
    }

    // --- pieces ----------------------------------------------------------------------------------

    /// Behind the separator that stands here, or -1.
    private int separator(int at, boolean quotedName) {
        if (at >= text.length()) {
            return -1;
        }
        char c = text.charAt(at);
        return switch (c) {
            case '=' -> {
                if (text.startsWith("==", at)) {
                    yield mode == Mode.BLOCK ? -1 : text.startsWith("===", at) ? at + 3 : at + 2;
                }
                yield text.startsWith("=>", at) ? at + 2 : at + 1;
            }
            case '!' ->
                    mode == Mode.REDACT && text.startsWith("!=", at)
                            ? text.startsWith("!==", at) ? at + 3 : at + 2
                            : -1;
            case '?', '+' -> {
                boolean pair =
                        text.startsWith("=", at + 1)
                                || text.startsWith("??", at)
                                || text.startsWith("?:", at);
                yield pair ? at + 2 : -1;
            }
            case '|' ->
                    text.startsWith("||=", at) ? at + 3 : text.startsWith("||", at) ? at + 2 : -1;
            case '-' -> text.startsWith("->", at) ? at + 2 : -1;
            case ':' -> {
                if (text.startsWith(":=", at)) {
                    yield at + 2;
                }
                if (text.startsWith(":-", at)) {
                    yield at + 2;
                }
                if (text.startsWith(":?", at)) {
                    yield -1;
                }
                yield text.startsWith("::", at) ? -1 : behindType(at + 1);
            }
            case '>' ->
                    at > 0 && (namePart(text.charAt(at - 1)) || isQuote(text.charAt(at - 1)))
                            ? at + 1
                            : -1;
            case ',' -> quotedName || tuple(at) ? at + 1 : -1;
            case '(' -> quotedName ? -1 : at + 1;
            case '{' -> {
                if (text.startsWith("{ get;", at)) {
                    int close = text.indexOf('}', at, Math.min(text.length(), at + 48));
                    int equals = close < 0 ? -1 : skipBlanks(close + 1);
                    boolean initial = equals > 0 && text.startsWith("= ", equals);
                    yield initial ? equals + 1 : -1;
                }
                int inner = skipBlanks(at + 1);
                boolean initial = inner < text.length() && isQuote(text.charAt(inner));
                yield initial && style == FileStyle.SOURCE ? at + 1 : -1;
            }
            case '%' -> text.startsWith("%3D", at) || text.startsWith("%3d", at) ? at + 3 : -1;
            case '<' ->
                    text.startsWith("<-", at) ? at + 2 : text.startsWith("<<-", at) ? at + 3 : -1;
            default -> {
                if (text.regionMatches(true, at, "as ", 0, 3)) {
                    yield behindAs(at + 3);
                }
                if (quotedName && text.startsWith("to \"", at)) {
                    yield at + 3;
                }
                if (quotedName && text.startsWith("value=", at)) {
                    yield at + "value=".length();
                }
                yield text.startsWith("string =", at) ? at + "string =".length() : -1;
            }
        };
    }

    /// `{password, "x"}`, as Erlang and Elixir write a pair.
    private boolean tuple(int comma) {
        int from = comma;
        while (from > 0 && comma - from < LONGEST_NAME && namePart(text.charAt(from - 1))) {
            from--;
        }
        from -= from > 0 && text.charAt(from - 1) == ':' ? 1 : 0;
        int value = skipBlanks(comma + 1);
        return from > 0
                && text.charAt(from - 1) == '{'
                && value < text.length()
                && (text.charAt(value) == '"' || text.startsWith("<<\"", value));
    }

    /// `Dim password As String = "x"` has a type too.
    private int behindAs(int at) {
        int end = at;
        while (end < text.length() && end - at < 40 && namePart(text.charAt(end))) {
            end++;
        }
        int equals = skipBlanks(end);
        return end > at && equals < text.length() && text.charAt(equals) == '=' ? equals + 1 : -1;
    }

    /// `password: str = "x"` has a type between name and value.
    private int behindType(int at) {
        int word = skipBlanks(at);
        int end = word;
        while (end < text.length()
                && end - word < 40
                && (namePart(text.charAt(end)) || "&<>[]?'|".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        int equals = skipBlanks(end);
        boolean typed =
                end > word
                        && equals + 1 < text.length()
                        && text.charAt(equals) == '='
                        && text.charAt(equals + 1) == ' ';
        return typed ? equals + 1 : at;
    }

    /// Whether what stands without quotes here is a value and not an expression.
    private boolean plainIsUsual(int from, boolean tight) {
        return switch (style) {
            case SETTINGS, ANY -> true;
            case PROSE -> mode == Mode.REDACT || tight;
            case SOURCE, MACHINE -> mode == Mode.REDACT || (tight && insideString(from));
        };
    }

    /// `password: 4xK9…` alone on its line of a text for people, as notes and hand-overs have it.
    private boolean alone(int from, Value value, Promise promise) {
        if (style != FileStyle.PROSE || promise != Promise.PASSWORD || !lineEnds(value.end)) {
            return false;
        }
        for (int at = from - 1; at >= 0 && text.charAt(at) != '\n'; at--) {
            if (" \t*->#".indexOf(text.charAt(at)) < 0 || from - at > 40) {
                return false;
            }
        }
        return Values.digits(text.substring(value.start, value.end)) >= 1;
    }

    /// Whether an odd number of quotes of a kind stands before on the line.
    private boolean insideString(int at) {
        int doubles = 0;
        int singles = 0;
        for (int i = at - 1; i >= 0 && at - i < 512 && text.charAt(i) != '\n'; i--) {
            boolean escaped = i > 0 && text.charAt(i - 1) == '\\';
            char c = text.charAt(i);
            doubles += c == '"' && !escaped ? 1 : 0;
            singles += (c == '\'' || c == '`') && !escaped ? 1 : 0;
        }
        return doubles % 2 == 1 || (doubles == 0 && singles % 2 == 1);
    }

    private @Nullable Value plain(int start) {
        int end = start;
        while (end < text.length() && end - start < LONGEST_VALUE && plainPart(end)) {
            end++;
        }
        while (end > start && ".,:".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return end > start ? new Value(start, end) : null;
    }

    private boolean plainPart(int at) {
        char c = text.charAt(at);
        if (c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>') {
            return false;
        }
        if (c == '\\') {
            return at + 1 < text.length() && "\"nrt'".indexOf(text.charAt(at + 1)) < 0;
        }
        boolean closes = c == ',' || c == '}' || c == ')' || c == ']' || c == '&' || c == ';';
        boolean inner = at + 1 < text.length() && text.charAt(at + 1) > ' ';
        return !closes
                || (style == FileStyle.SETTINGS
                        && c != '&'
                        && c != ';'
                        && inner
                        && !insideString(at));
    }

    /// A value in quotes that end on the same line; the quotes may be escaped themselves.
    private @Nullable Value quoted(int at) {
        int start = text.startsWith("<<\"", at) ? at + 2 : at;
        while (start + 1 < text.length()
                && start - at < 2
                && "bBuUrRfFL@$".indexOf(text.charAt(start)) >= 0
                && (isQuote(text.charAt(start + 1))
                        || (start == at && "rb@".indexOf(text.charAt(start + 1)) >= 0))) {
            start++;
        }
        if (text.startsWith("\"\"\"", start) || text.startsWith("'''", start)) {
            return tripleQuoted(start);
        }
        int slashes = start;
        while (slashes < text.length() && text.charAt(slashes) == '\\') {
            slashes++;
        }
        if (slashes >= text.length() || !isQuote(text.charAt(slashes))) {
            return null;
        }
        String mark = text.substring(start, slashes + 1);
        int from = slashes + 1;
        int limit = Math.min(text.length(), from + LONGEST_VALUE);
        for (int i = from; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                return null;
            }
            if (text.startsWith(mark, i)) {
                return new Value(from, i);
            }
            if (c == '\\') {
                i++;
            }
        }
        return mode == Mode.REDACT ? new Value(from, limit) : null;
    }

    private @Nullable Value tripleQuoted(int start) {
        int from = start + 3;
        while (from < text.length() && from - start < 40 && text.charAt(from) <= ' ') {
            from++;
        }
        int end = from;
        while (end < text.length()
                && end - from < LONGEST_VALUE
                && text.charAt(end) != '\n'
                && !text.startsWith(text.substring(start, start + 3), end)) {
            end++;
        }
        return end > from ? new Value(from, end) : null;
    }

    private int skipClosing(int at) {
        int end = at;
        while (end < text.length() && "\\\"'`]*".indexOf(text.charAt(end)) >= 0 && end - at < 8) {
            end++;
        }
        return end;
    }

    /// `password[]`, `key[16]`
    private int skipBrackets(int at) {
        if (text.charAt(at) != '[') {
            return at;
        }
        int close = text.indexOf(']', at, Math.min(text.length(), at + 24));
        return close > 0 ? skipBlanks(close + 1) : at;
    }

    private int skipBlanks(int at) {
        int end = at;
        while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
            end++;
        }
        return end;
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'' || c == '`';
    }

    private static boolean namePart(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
    }
}
