package dev.countersign.secrets;

import dev.countersign.secrets.KeyNames.Promise;
import dev.countersign.secrets.Scanner.Mode;
import org.jspecify.annotations.Nullable;

/// Reads `name = value` in the spellings of YAML, JSON, properties, env files, shells, XML,
/// headers, connection strings, command lines and source code, without a parser for each: from the
/// telling word outwards to the name, over the separator, into the value.
final class Assignments {
    private static final int LONGEST_NAME = 80;
    private static final int LONGEST_VALUE = 1024;

    /// Behind a value of this length no name is looked for inside of it, so that many names in one
    /// endless value cost no more than one.
    private static final int LONG_VALUE = 128;

    /// How a file writes values.
    enum Style {
        /// Values stand in quotes; what does not is an expression.
        SOURCE,
        /// Values may stand without quotes.
        SETTINGS,
        /// Neither is known: logs, prose, arguments of calls.
        ANY
    }

    private final String text;
    private final Style style;
    private final Mode mode;
    private int nameEnd;

    Assignments(String text, Style style, Mode mode) {
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
        Promise promise = KeyNames.of(text.substring(from, to));
        if (promise == Promise.NOTHING) {
            return null;
        }
        Value value = value(from, to);
        if (value != null && value.end - value.start > LONG_VALUE) {
            nameEnd = value.end;
        }
        if (value == null
                || !Values.secret(
                        text.substring(value.start, value.end), promise, value.quoted, mode)) {
            return null;
        }
        return new Span(
                value.start,
                value.end,
                promise == Promise.PASSWORD ? "password-assignment" : "secret-assignment");
    }

    private record Value(int start, int end, boolean quoted) {}

    private @Nullable Value value(int from, int to) {
        boolean option = from > 1 && text.charAt(from - 1) == '-' && text.charAt(from) != '-';
        int at = to;
        int quotes = skipClosing(at);
        boolean quotedName = quotes > at;
        at = skipBlanks(quotes);
        if (at >= text.length()) {
            return null;
        }
        char c = text.charAt(at);
        if ((option || text.startsWith("--", from)) && at > to && c != '=' && c != ':') {
            return c == '-' ? null : plainOrQuoted(at, true);
        }
        int separator = separator(at, quotedName);
        if (separator < 0) {
            return null;
        }
        boolean tight = separator == to + 1;
        int start = skipBlanks(separator);
        if (start >= text.length() || text.charAt(start) == '\n' || text.charAt(start) == '\r') {
            return null;
        }
        if (c == '>') {
            return element(start);
        }
        boolean needsQuotes = c == ',' || c == '(';
        return needsQuotes ? quoted(start) : plainOrQuoted(start, plainAllowed(from, tight));
    }

    /// Behind the separator that stands here, or -1.
    private int separator(int at, boolean quotedName) {
        for (String long2 : new String[] {":=", "=>", "==", "!=", "?=", "+=", "||="}) {
            if (text.startsWith(long2, at)) {
                boolean comparison = long2.equals("==") || long2.equals("!=");
                int end = at + long2.length();
                return comparison && mode == Mode.BLOCK
                        ? -1
                        : text.startsWith("=", end) ? end + 1 : end;
            }
        }
        char c = text.charAt(at);
        if (c == '=') {
            return at + 1;
        }
        if (c == ':') {
            return text.startsWith("::", at) ? -1 : behindType(at + 1);
        }
        if (c == '>' && at > 0 && namePart(text.charAt(at - 1))) {
            return at + 1;
        }
        if ((c == ',' && quotedName) || (c == '(' && !quotedName)) {
            return at + 1;
        }
        if (quotedName && text.startsWith("value=", at)) {
            return at + "value=".length();
        }
        return -1;
    }

    /// `password: str = "x"` has a type between name and value.
    private int behindType(int at) {
        int word = skipBlanks(at);
        int end = word;
        while (end < text.length() && namePart(text.charAt(end))) {
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

    private boolean plainAllowed(int from, boolean tight) {
        if (style != Style.SOURCE || mode == Mode.REDACT) {
            return true;
        }
        return tight && insideString(from);
    }

    /// Whether an odd number of double quotes stands before on the line.
    private boolean insideString(int at) {
        boolean inside = false;
        for (int i = at - 1; i >= 0 && at - i < 512 && text.charAt(i) != '\n'; i--) {
            inside ^= text.charAt(i) == '"' && (i == 0 || text.charAt(i - 1) != '\\');
        }
        return inside;
    }

    private @Nullable Value plainOrQuoted(int start, boolean plain) {
        Value quoted = quoted(start);
        if (quoted != null) {
            return quoted;
        }
        if (!plain || text.charAt(start) == '"' || text.charAt(start) == '\'') {
            return null;
        }
        int end = start;
        while (end < text.length() && end - start < LONGEST_VALUE && plainPart(end)) {
            end++;
        }
        while (end > start && ".,:".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return end > start ? new Value(start, end, false) : null;
    }

    private boolean plainPart(int at) {
        char c = text.charAt(at);
        if (c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == ';') {
            return false;
        }
        if (c == '\\') {
            return at + 1 < text.length() && "\"nrt'".indexOf(text.charAt(at + 1)) < 0;
        }
        boolean closes = c == ',' || c == '}' || c == ')' || c == ']' || c == '&';
        boolean inner = at + 1 < text.length() && text.charAt(at + 1) > ' ';
        return !closes || (style == Style.SETTINGS && c != '&' && inner);
    }

    /// A value in quotes that end on the same line; the quotes may be escaped themselves.
    private @Nullable Value quoted(int at) {
        int start = at;
        if (start + 1 < text.length()
                && "bBuUrRfF@".indexOf(text.charAt(start)) >= 0
                && quote(text.charAt(start + 1))) {
            start++;
        }
        int slashes = start;
        while (slashes < text.length() && text.charAt(slashes) == '\\') {
            slashes++;
        }
        if (slashes >= text.length() || !quote(text.charAt(slashes))) {
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
                return new Value(from, i, true);
            }
            if (c == '\\') {
                i++;
            }
        }
        return mode == Mode.REDACT ? new Value(from, limit, true) : null;
    }

    /// `<password>value</password>`
    private @Nullable Value element(int start) {
        int end = start;
        while (end < text.length() && end - start < LONGEST_VALUE && text.charAt(end) != '<') {
            if (text.charAt(end) == '\n') {
                return null;
            }
            end++;
        }
        return text.startsWith("</", end) && end > start ? new Value(start, end, true) : null;
    }

    private int skipClosing(int at) {
        int end = at;
        while (end < text.length() && "\\\"'`]".indexOf(text.charAt(end)) >= 0 && end - at < 8) {
            end++;
        }
        return end;
    }

    private int skipBlanks(int at) {
        int end = at;
        while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
            end++;
        }
        return end;
    }

    private static boolean quote(char c) {
        return c == '"' || c == '\'' || c == '`';
    }

    private static boolean namePart(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
    }
}
