package dev.countersign.agent;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Lets a guest's terminal output reach the developer's terminal without giving it the terminal:
/// text, line ends, colours (SGR), cursor moves and erasing pass; titles, clipboard, links,
/// queries, modes, character sets and all other sequences are dropped; invisible and reordering
/// characters are written out ([P7]). Fed piece by piece; a sequence may be split anywhere
/// (ECMA-48).
public final class TerminalFilter {
    private static final int LONGEST_SEQUENCE = 64;
    private static final String CURSOR = "ABCDEFGHJKdfm";

    private enum State {
        TEXT,
        ESCAPE,
        /// ESC and intermediate bytes: ends with one final byte.
        ESCAPE_MORE,
        CSI,
        /// OSC, DCS, SOS, PM, APC: until ST, BEL or CAN.
        STRING,
        STRING_ESCAPE
    }

    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer rest = ByteBuffer.allocate(0);
    private State state = State.TEXT;
    private final StringBuilder sequence = new StringBuilder();
    private char high;

    /// What of these bytes may be printed.
    public String filter(byte[] bytes) {
        ByteBuffer in = ByteBuffer.allocate(rest.remaining() + bytes.length);
        in.put(rest).put(bytes).flip();
        CharBuffer chars = CharBuffer.allocate(in.remaining() + 1);
        decoder.decode(in, chars, false);
        rest = ByteBuffer.allocate(in.remaining()).put(in).flip();
        chars.flip();
        StringBuilder out = new StringBuilder(chars.remaining());
        while (chars.hasRemaining()) {
            char c = chars.get();
            if (Character.isHighSurrogate(c)) {
                high = c;
            } else if (Character.isLowSurrogate(c)) {
                take(Character.toCodePoint(high, c), out);
            } else {
                take(c, out);
            }
        }
        return out.toString();
    }

    /// What puts the terminal's colours back to normal: print it when the output ends.
    public static String reset() {
        return "\u001b[0m";
    }

    private void take(int c, StringBuilder out) {
        // CAN and SUB end any sequence; ESC begins a new one.
        if (c == 0x18 || c == 0x1a) {
            state = State.TEXT;
            return;
        }
        switch (state) {
            case TEXT -> text(c, out);
            case ESCAPE -> escape(c);
            case ESCAPE_MORE -> {
                if (c == 0x1b) {
                    state = State.ESCAPE;
                } else if (c < 0x20 || c > 0x2f) {
                    state = State.TEXT;
                }
            }
            case CSI -> csi(c, out);
            case STRING -> {
                if (c == 0x1b) {
                    state = State.STRING_ESCAPE;
                } else if (c == 0x07 || c == 0x9c) {
                    state = State.TEXT;
                }
            }
            case STRING_ESCAPE -> {
                if (c == '\\') {
                    state = State.TEXT;
                } else {
                    escape(c);
                }
            }
        }
    }

    private void text(int c, StringBuilder out) {
        if (c == 0x1b) {
            state = State.ESCAPE;
        } else if (c == 0x9b) {
            state = State.CSI;
            sequence.setLength(0);
        } else if (c == 0x90 || c == 0x98 || c == 0x9d || c == 0x9e || c == 0x9f) {
            state = State.STRING;
        } else if (c == '\n' || c == '\r' || c == '\t' || c == '\b') {
            out.append((char) c);
        } else if (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)) {
            String one = Character.toString(c);
            out.append(dev.countersign.domain.GuestText.of(one).visible());
        }
    }

    private void escape(int c) {
        switch (c) {
            case '[' -> {
                state = State.CSI;
                sequence.setLength(0);
            }
            case ']', 'P', 'X', '^', '_' -> state = State.STRING;
            case 0x1b -> state = State.ESCAPE;
            default -> state = c >= 0x20 && c <= 0x2f ? State.ESCAPE_MORE : State.TEXT;
        }
    }

    private void csi(int c, StringBuilder out) {
        if (c == 0x1b) {
            state = State.ESCAPE;
        } else if (c >= 0x40 && c <= 0x7e) {
            state = State.TEXT;
            if (CURSOR.indexOf(c) >= 0
                    && sequence.length() <= LONGEST_SEQUENCE
                    && plain(sequence)
                    && !(c == 'J' && erasesBeyondScreen(sequence))) {
                out.append("\u001b[").append(sequence).append((char) c);
            }
        } else if (c >= 0x20 && c <= 0x3f) {
            if (sequence.length() <= LONGEST_SEQUENCE) {
                sequence.append((char) c);
            }
        } else if (c > 0x7e) {
            state = State.TEXT;
        }
    }

    /// What the developer's terminal showed before is not the guest's to erase.
    private static boolean erasesBeyondScreen(CharSequence parameters) {
        return !parameters.toString().matches("0*[012]?");
    }

    /// Numbers and separators only: no private markers, no intermediate bytes.
    private static boolean plain(CharSequence parameters) {
        return parameters.chars().allMatch(c -> (c >= '0' && c <= '9') || c == ';' || c == ':');
    }
}
