package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Text that came from the guest, the agent, the model or the repository. It is never markup,
/// format string, path or shell text ([P7]); it is shown only through [#visible()] or
/// [#visibleLines()].
public record GuestText(@JsonValue String raw) {
    /// Keeps the text as it came.
    @JsonCreator
    public GuestText {}

    /// Keeps the text as it came.
    public static GuestText of(String raw) {
        return new GuestText(raw);
    }

    /// One line: every character that could deceive is written out, as `⟨U+202E⟩`; line breaks too.
    public String visible() {
        return render(false);
    }

    /// Several lines: as [#visible()], but line feeds and tabs stay.
    public String visibleLines() {
        return render(true);
    }

    /// Whether [#visible()] had to write out a character other than line feed, return or tab.
    public boolean deceptive() {
        for (int i = 0; i < raw.length(); ) {
            int c = raw.codePointAt(i);
            if (c != '\n' && c != '\r' && c != '\t' && hidden(c)) {
                return true;
            }
            i += Character.charCount(c);
        }
        return false;
    }

    private String render(boolean lines) {
        int first = firstHidden(lines);
        if (first < 0) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length() + 16).append(raw, 0, first);
        raw.substring(first)
                .codePoints()
                .forEach(c -> {
                    if (lines && (c == '\n' || c == '\t')) {
                        out.appendCodePoint(c);
                    } else if (!lines && c == '\n') {
                        out.append('↵');
                    } else if (hidden(c)) {
                        out.append("⟨U+%04X⟩".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return out.toString();
    }

    private int firstHidden(boolean lines) {
        for (int i = 0; i < raw.length(); ) {
            int c = raw.codePointAt(i);
            if (hidden(c) && !(lines && (c == '\n' || c == '\t'))) {
                return i;
            }
            i += Character.charCount(c);
        }
        return -1;
    }

    /// Controls, format characters (bidi, zero width, tags), separators that break lines, unpaired
    /// surrogates, private use, odd spaces and fillers that draw nothing.
    private static boolean hidden(int c) {
        if (c >= ' ' && c < 0x7F) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default ->
                    (c >= 0xFE00 && c <= 0xFE0F)
                            || (c >= 0xE0100 && c <= 0xE01EF)
                            || c == 0x115F
                            || c == 0x1160
                            || c == 0x3164
                            || c == 0xFFA0
                            || c == 0x034F
                            || c == 0x2800;
        };
    }

    /// The visible form, so that a log line or an exception can't be forged by it.
    @Override
    public String toString() {
        return visible();
    }
}
