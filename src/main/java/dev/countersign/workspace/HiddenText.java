package dev.countersign.workspace;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/// Finds characters that make text read otherwise than it runs. Only lines that the baseline does
/// not have count: what was there before is the developer's.
final class HiddenText {
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    /// Of Greek only what looks like a Latin letter: Δ, μ or σ beside one is how formulas are
    /// written.
    private static final String ALIKE =
            "[\\p{IsCyrillic}\\p{IsArmenian}\\p{IsCherokee}ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρικ]";

    private static final Pattern MIXED =
            Pattern.compile(
                    "[\\p{IsLatin}\\d_]*(\\p{IsLatin}[\\d_]*"
                            + ALIKE
                            + "|"
                            + ALIKE
                            + "[\\d_]*\\p{IsLatin})");

    private HiddenText() {}

    /// What was found in new lines.
    ///
    /// @param deceives invisible, bidirectional or tag characters
    /// @param controls what a terminal would obey
    /// @param mixes letters of another script inside a Latin word
    record Found(boolean deceives, boolean controls, boolean mixes) {}

    static Found in(byte[] before, byte[] now) {
        if (plain(now) || binary(now)) {
            return new Found(false, false, false);
        }
        Set<String> old = new HashSet<>();
        lines(new String(before, StandardCharsets.UTF_8)).forEach(old::add);
        boolean deceives = false;
        boolean controls = false;
        boolean mixes = false;
        boolean first = true;
        for (String line : lines(new String(now, StandardCharsets.UTF_8))) {
            String text = first && line.startsWith("\uFEFF") ? line.substring(1) : line;
            first = false;
            if (!old.contains(line)) {
                deceives |= deceives(text);
                controls |= controls(text);
                mixes |= MIXED.matcher(text).find();
            }
        }
        return new Found(deceives, controls, mixes);
    }

    private static java.util.List<String> lines(String text) {
        return java.util.List.of(text.split("\n", -1));
    }

    private static boolean plain(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            byte b = text[i];
            boolean end = b == '\n' || b == '\t' || b == '\f';
            boolean back = b == '\r' && (i + 1 == text.length || text[i + 1] == '\n');
            if ((b < 0x20 && !end && !back) || b == 0x7F) {
                return false;
            }
        }
        return true;
    }

    static boolean binary(byte[] text) {
        for (byte b : text) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean deceives(String line) {
        int before = 0;
        for (int i = 0; i < line.length(); ) {
            int c = line.codePointAt(i);
            int next = i + Character.charCount(c);
            int after = next < line.length() ? line.codePointAt(next) : 0;
            if (invisible(c) && !joinsPictures(c, before, after)) {
                return true;
            }
            if (selector(c) && (before == 0 || before < 0x80 || selector(before))) {
                // A selector belongs to the sign before it; rows of them carry hidden bytes.
                boolean keycap = "0123456789#*".indexOf(before) >= 0;
                if (!keycap) {
                    return true;
                }
            }
            before = c;
            i = next;
        }
        return false;
    }

    private static boolean selector(int c) {
        return c >= 0xFE00 && c <= 0xFE0F;
    }

    private static boolean joinsPictures(int c, int before, int after) {
        return c == ZERO_WIDTH_JOINER && picture(before) && picture(after);
    }

    private static boolean picture(int c) {
        return c == 0xFE0F || (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x1F000 && c <= 0x1FAFF);
    }

    private static boolean invisible(int c) {
        return c >= 0xAD
                && (Character.getType(c) == Character.FORMAT
                        || c == 0x115F
                        || c == 0x1160
                        || c == 0x3164
                        || c == 0xFFA0
                        || c == 0x2028
                        || c == 0x2029
                        || c == 0x2800
                        || (c >= 0xE0000 && c <= 0xE0FFF));
    }

    /// A return inside a line, too: on a terminal it hides what stands before it.
    private static boolean controls(String line) {
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean lastReturn = c == '\r' && i == line.length() - 1;
            if ((c < 0x20 && c != '\t' && c != '\f' && !lastReturn) || (c >= 0x7F && c < 0xA0)) {
                return true;
            }
        }
        return false;
    }
}
