package dev.countersign.gate.risk;

import org.jspecify.annotations.Nullable;

/// One word of a command after quotes were taken off.
///
/// @param text its value; a part that is known only when it runs stands as [#UNKNOWN]
/// @param source as it was written
/// @param literal whether the whole value is known
/// @param glob whether an unquoted `*`, `?` or `[` in it names files
/// @param bare whether an unknown part stands outside of quotes and so may become several words
/// @param origin where an unknown part comes from
record Word(
        String text, String source, boolean literal, boolean glob, boolean bare, Origin origin) {
    /// Stands for a part that is known only when it runs. No file name or argument can hold it.
    static final char UNKNOWN = '\0';

    static Word of(String text) {
        return new Word(text, text, true, false, false, Origin.NONE);
    }

    static Word unknown(String source) {
        return new Word(String.valueOf(UNKNOWN), source, false, false, true, Origin.NONE);
    }

    boolean option() {
        return text.length() > 1 && text.charAt(0) == '-';
    }

    /// Another text with this word's certainty.
    Word withText(String other) {
        return new Word(other, source, other.indexOf(UNKNOWN) < 0, glob, bare && !literal, origin);
    }

    /// What a command printed, or a value came from.
    ///
    /// @param remote it came over the network
    /// @param hidden it was decoded from something that a reader can't read
    /// @param literal the text itself, if it is known
    /// @param names a glob that all printed names match, if it prints names of workspace files
    record Origin(
            boolean remote, boolean hidden, @Nullable String literal, @Nullable String names) {
        static final Origin NONE = new Origin(false, false, null);

        Origin(boolean remote, boolean hidden, @Nullable String literal) {
            this(remote, hidden, literal, null);
        }

        Origin and(Origin other) {
            return new Origin(remote || other.remote, hidden || other.hidden, null);
        }
    }
}
