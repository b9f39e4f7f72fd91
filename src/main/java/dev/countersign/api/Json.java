package dev.countersign.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.GuestText;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// The one way in which records become JSON, on the socket and on standard output: one object per
/// line, times as ISO-8601 text, what is null left out, what is unknown ignored when reading.
///
/// Every character that [GuestText] would write out is escaped (`\u202e`), so a line that is
/// printed on a terminal can't move its cursor, reverse its text or end early ([P7]); the value
/// stays exactly what it was, unpaired surrogates included.
public final class Json {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder(
                            new JsonFactoryBuilder()
                                    .characterEscapes(new Visible())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .addModule(new JavaTimeModule())
                    .addModule(new Jdk8Module())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
                    .build();

    private Json() {}

    /// The configured mapper. Shared: callers don't change its configuration.
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /// Escapes what could deceive a reader of the raw line, and both halves of surrogate pairs: the
    /// UTF-8 writer would refuse an unpaired one.
    private static final class Visible extends CharacterEscapes {
        private static final long serialVersionUID = 1L;
        private static final BitSet HIDDEN = hidden();
        private static final int[] ASCII = ascii();

        private static BitSet hidden() {
            BitSet hidden = new BitSet(Character.MAX_VALUE + 1);
            for (int c = 0x7F; c <= Character.MAX_VALUE; c++) {
                if (GuestText.of(Character.toString((char) c)).deceptive()) {
                    hidden.set(c);
                }
            }
            return hidden;
        }

        private static int[] ascii() {
            int[] escapes = CharacterEscapes.standardAsciiEscapesForJSON();
            escapes[0x7F] = ESCAPE_STANDARD;
            return escapes;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ASCII.clone();
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int c) {
            return HIDDEN.get(c) ? new SerializedString("\\u%04x".formatted(c)) : null;
        }
    }
}
