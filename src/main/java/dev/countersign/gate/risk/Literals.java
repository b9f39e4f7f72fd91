package dev.countersign.gate.risk;

/// Takes quoting off literal text, as bash(1) says under QUOTING.
final class Literals {
    private Literals() {}

    /// Unquoted text: a backslash quotes the next character, and joins lines.
    static String unescaped(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && i + 1 < raw.length()) {
                char next = raw.charAt(++i);
                if (next != '\n') {
                    out.append(next);
                }
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /// In double quotes a backslash is special only before a few characters.
    static String unescapedInQuotes(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\' && i + 1 < raw.length() && "$`\"\\\n".indexOf(raw.charAt(i + 1)) >= 0) {
                char next = raw.charAt(++i);
                if (next != '\n') {
                    out.append(next);
                }
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /// Whether `*`, `?` or `[` stand in it without a backslash before them.
    static boolean hasGlob(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '*' || c == '?' || c == '[') {
                return true;
            }
        }
        return false;
    }

    /// Whether it writes letters, digits or marks that could stand there themselves as numbers: by
    /// `\x41` or `\101`. Whoever reads it does not see what it says.
    static boolean hides(String raw) {
        for (int at = raw.indexOf('\\'); at >= 0; at = raw.indexOf('\\', at + 2)) {
            if (at + 2 >= raw.length()) {
                return false;
            }
            char kind = raw.charAt(at + 1);
            boolean hex = kind == 'x' || kind == 'u' || kind == 'U';
            boolean octal = kind >= '0' && kind <= '7';
            if (hex || octal) {
                StringBuilder one = new StringBuilder();
                code(
                        raw,
                        hex ? at + 2 : at + 1,
                        hex ? (kind == 'x' ? 2 : kind == 'u' ? 4 : 8) : kind == '0' ? 4 : 3,
                        hex ? 16 : 8,
                        one);
                if (one.length() == 1 && one.charAt(0) > ' ' && one.charAt(0) < 0x7f) {
                    return true;
                }
            }
        }
        return false;
    }

    /// `$'...'`.
    static String ansiC(String source) {
        String raw = source.length() < 3 ? "" : source.substring(2, source.length() - 1);
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\' || i + 1 >= raw.length()) {
                out.append(c);
                continue;
            }
            char kind = raw.charAt(++i);
            switch (kind) {
                case 'a' -> out.append('\u0007');
                case 'b' -> out.append('\b');
                case 'e', 'E' -> out.append('\u001b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000b');
                case 'c' -> {
                    if (i + 1 < raw.length()) {
                        out.append((char) (raw.charAt(++i) & 0x1f));
                    }
                }
                case 'x' -> i = code(raw, i + 1, 2, 16, out);
                case 'u' -> i = code(raw, i + 1, 4, 16, out);
                case 'U' -> i = code(raw, i + 1, 8, 16, out);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i = code(raw, i, 3, 8, out);
                default -> out.append(kind);
            }
        }
        return out.toString();
    }

    /// @return the index of the last digit
    private static int code(String raw, int from, int most, int base, StringBuilder out) {
        int at = from;
        long value = 0;
        while (at < raw.length()
                && at - from < most
                && Character.digit(raw.charAt(at), base) >= 0) {
            value = value * base + Character.digit(raw.charAt(at), base);
            at++;
        }
        if (at > from && value > 0 && value <= Character.MAX_CODE_POINT) {
            out.appendCodePoint((int) value);
        }
        return at - 1;
    }
}
