package dev.countersign.journal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/// Facts to JSON and back. Every string of a fact passes the redactor on its way out, digests and
/// words of enums do not ([P6]).
final class FactCodec {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(LineReader.LONGEST_LINE)
                                                    .build())
                                    .build())
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .addModule(new SimpleModule().addSerializer(new PlainDigest()))
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();
    private static final ObjectWriter FACT = MAPPER.writerFor(Fact.class);
    private static final ObjectReader READ_FACT = MAPPER.readerFor(Fact.class);
    private static final ObjectReader READ_ENTRY = MAPPER.readerFor(Entry.class);

    private FactCodec() {}

    /// A fact as it is written.
    ///
    /// @param json in UTF-8
    /// @param fact what a reader will see: the given one, or its redacted form
    record Written(byte[] json, Fact fact) {}

    static JsonMapper mapper() {
        return MAPPER;
    }

    static Written write(Fact fact, UnaryOperator<String> redact) {
        try (ByteArrayBuilder out = new ByteArrayBuilder(512)) {
            Redacting generator = new Redacting(MAPPER.createGenerator(out), redact);
            FACT.writeValue(generator, fact);
            generator.close();
            byte[] json = out.toByteArray();
            return new Written(json, generator.changed ? READ_FACT.readValue(json) : fact);
        } catch (IOException e) {
            throw new UncheckedIOException("a fact of the vocabulary is always writable", e);
        }
    }

    /// The fact's `type` as it stands in JSON.
    static String type(Fact fact) {
        return fact.getClass()
                .getAnnotation(com.fasterxml.jackson.annotation.JsonTypeName.class)
                .value();
    }

    /// The members of a record behind `prev`.
    static byte[] rest(SessionId session, int epoch, byte[] fact) {
        byte[] head =
                ("\"session\":\"" + session.value() + "\",\"epoch\":" + epoch + ",\"fact\":")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] rest = new byte[head.length + fact.length];
        System.arraycopy(head, 0, rest, 0, head.length);
        System.arraycopy(fact, 0, rest, head.length, fact.length);
        return rest;
    }

    /// Reads one line. A fact of a later version is shown as something noticed, never left out.
    ///
    /// @throws IOException if the line is no record
    static Entry read(byte[] line, int from, int to) throws IOException {
        try {
            return READ_ENTRY.readValue(line, from, to - from);
        } catch (InvalidTypeIdException e) {
            com.fasterxml.jackson.databind.node.ObjectNode node =
                    (com.fasterxml.jackson.databind.node.ObjectNode)
                            MAPPER.readTree(line, from, to - from);
            String type = node.path("fact").path("type").asText();
            Fact unknown =
                    new Fact.Noticed(
                            "info",
                            "journal",
                            "A fact of a later version of the program: "
                                    + dev.countersign.domain.GuestText.of(type).visible());
            node.set("fact", MAPPER.readTree(FACT.writeValueAsBytes(unknown)));
            return READ_ENTRY.readValue(node);
        }
    }

    /// Digests name things; they are never secrets.
    private static final class PlainDigest extends StdSerializer<Digest> {
        private static final long serialVersionUID = 1L;

        PlainDigest() {
            super(Digest.class);
        }

        @Override
        public void serialize(Digest digest, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeRawValue("\"" + digest.hex() + "\"");
        }
    }

    /// Redacts each string value, and writes unpaired surrogates, which UTF-8 has no form for, as
    /// JSON escapes.
    private static final class Redacting extends JsonGeneratorDelegate {
        private final UnaryOperator<String> redact;
        private boolean changed;

        Redacting(JsonGenerator out, UnaryOperator<String> redact) {
            super(out, false);
            this.redact = redact;
        }

        @Override
        public void writeString(String text) throws IOException {
            String clean = redact.apply(text);
            changed |= !clean.equals(text);
            if (wellFormed(clean)) {
                delegate.writeString(clean);
            } else {
                delegate.writeRawValue(quoted(clean));
            }
        }

        @Override
        public void writeString(char[] text, int offset, int length) throws IOException {
            writeString(new String(text, offset, length));
        }

        private static boolean wellFormed(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))) {
                    int point = text.codePointAt(i);
                    if (Character.charCount(point) == 1) {
                        return false;
                    }
                    i++;
                }
            }
            return true;
        }

        private static String quoted(String text) {
            StringBuilder out = new StringBuilder("\"");
            text.codePoints()
                    .forEach(point -> {
                        if (Character.getType(point) == Character.SURROGATE) {
                            out.append("\\u%04x".formatted(point));
                        } else {
                            JsonStringEncoder.getInstance()
                                    .quoteAsString(Character.toString(point), out);
                        }
                    });
            return out.append('"').toString();
        }
    }
}
