package dev.countersign.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Writes a log in a form that other programs read. What is written was redacted when it was
/// recorded.
public final class JournalExport {
    /// So many records make one OTLP request.
    private static final int BATCH = 256;

    private static final int API_ACTIVITY = 6003;
    private static final int OTHER = 99;

    private JournalExport() {}

    /// The forms.
    public enum Format {
        /// The signed records themselves, byte for byte, one a line.
        JSONL,
        /// OCSF 1.7 events, one a line: API Activity (6003) for calls and what was decided about
        /// them, Base Event (0) for the rest, the whole fact in `unmapped`.
        OCSF,
        /// OTLP/JSON log requests (`resourceLogs`), one a line.
        OTLP;

        /// The form of this name in any case.
        ///
        /// @throws CountersignException USAGE naming the forms there are
        public static Format of(String name) throws CountersignException {
            for (Format format : values()) {
                if (format.name().equalsIgnoreCase(name)) {
                    return format;
                }
            }
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no export format "
                            + dev.countersign.domain.GuestText.of(name).visible()
                            + ". Choose jsonl, ocsf or otlp.");
        }
    }

    /// Writes all whole entries of a log.
    ///
    /// @param log as for [JournalVerifier#verify]
    /// @return how many entries were written
    /// @throws CountersignException USAGE if there is no log, FAILED if a line is no record: what
    ///   came before it was written
    /// @throws IOException if `out` fails
    public static long export(Path log, Format format, OutputStream out)
            throws CountersignException, IOException {
        Path file = JournalVerifier.directory(log).resolve(SignedLog.FILE);
        try (LineReader lines = new LineReader(file, 0)) {
            long limit = Files.size(file);
            long count =
                    switch (format) {
                        case JSONL -> raw(lines, limit, out);
                        case OCSF -> ocsf(lines, limit, out);
                        case OTLP -> otlp(lines, limit, out);
                    };
            out.flush();
            return count;
        }
    }

    private static long raw(LineReader lines, long limit, OutputStream out) throws IOException {
        long count = 0;
        while (lines.next(limit)) {
            out.write(lines.buffer(), lines.from(), lines.to() + 1 - lines.from());
            count++;
        }
        return count;
    }

    private static long ocsf(LineReader lines, long limit, OutputStream out)
            throws IOException, CountersignException {
        long count = 0;
        while (lines.next(limit)) {
            write(ocsf(entry(lines, count), fact(lines)), out);
            count++;
        }
        return count;
    }

    private static ObjectNode ocsf(Entry entry, JsonNode fact) {
        ObjectNode event = FactCodec.mapper().createObjectNode();
        String type = fact.path("type").asText();
        boolean api = ofCall(entry.fact());
        int classUid = api ? API_ACTIVITY : 0;
        event.put("class_uid", classUid);
        event.put("class_name", api ? "API Activity" : "Base Event");
        event.put("category_uid", api ? 6 : 0);
        event.put("category_name", api ? "Application Activity" : "Uncategorized");
        event.put("activity_id", OTHER);
        event.put("activity_name", type);
        event.put("type_uid", classUid * 100L + OTHER);
        event.put("type_name", (api ? "API Activity: " : "Base Event: ") + type);
        event.put("time", entry.at().toEpochMilli());
        event.put("severity_id", severity(entry.fact()));
        event.put("message", type + " " + entry.session() + "#" + entry.seq());
        ObjectNode metadata = event.putObject("metadata");
        metadata.put("version", "1.7.0");
        metadata.put("uid", entry.session() + "#" + entry.seq());
        metadata.put("sequence", entry.seq());
        metadata.put("correlation_uid", entry.session().value());
        metadata.putObject("product").put("name", "Countersign").put("vendor_name", "Countersign");
        if (api) {
            event.putObject("actor").put("app_name", "agent");
            event.putObject("api").put("operation", operation(entry.fact(), type));
            event.putObject("src_endpoint").put("name", "guest of " + entry.session());
        }
        event.putObject("unmapped").put("epoch", entry.epoch()).set("fact", fact);
        return event;
    }

    private static boolean ofCall(Fact fact) {
        return fact instanceof Fact.Called
                || fact instanceof Fact.Judged
                || fact instanceof Fact.Asked
                || fact instanceof Fact.Decided
                || fact instanceof Fact.Released
                || fact instanceof Fact.Returned;
    }

    private static String operation(Fact fact, String type) {
        return fact instanceof Fact.Called called ? called.call().tool().visible() : type;
    }

    /// OCSF: 1 informational, 2 low, 3 medium, 4 high, 5 critical.
    private static int severity(Fact fact) {
        Level level = level(fact);
        if (level != null) {
            return switch (level) {
                case LOW -> 2;
                case MEDIUM -> 3;
                case HIGH -> 4;
                case CRITICAL -> 5;
            };
        }
        return fact instanceof Fact.Noticed noticed
                ? switch (noticed.severity()) {
                    case "error" -> 4;
                    case "warning" -> 3;
                    default -> 1;
                }
                : 1;
    }

    static @org.jspecify.annotations.Nullable Level level(Fact fact) {
        return switch (fact) {
            case Fact.Judged judged -> judged.level();
            case Fact.Asked asked -> asked.level();
            case Fact.Decided decided -> decided.level();
            default -> null;
        };
    }

    private static long otlp(LineReader lines, long limit, OutputStream out)
            throws IOException, CountersignException {
        long count = 0;
        ObjectNode request = null;
        while (lines.next(limit)) {
            Entry entry = entry(lines, count);
            if (request == null) {
                request = request(entry);
            }
            records(request).add(otlp(entry, fact(lines)));
            count++;
            if (count % BATCH == 0) {
                write(request, out);
                request = null;
            }
        }
        if (request != null) {
            write(request, out);
        }
        return count;
    }

    private static ObjectNode request(Entry entry) {
        ObjectNode request = FactCodec.mapper().createObjectNode();
        ObjectNode logs = request.putArray("resourceLogs").addObject();
        ArrayNode attributes = logs.putObject("resource").putArray("attributes");
        attribute(attributes, "service.name", "countersign");
        attribute(attributes, "countersign.session", entry.session().value());
        ObjectNode scope = logs.putArray("scopeLogs").addObject();
        scope.putObject("scope").put("name", "dev.countersign.journal");
        scope.putArray("logRecords");
        return request;
    }

    private static ArrayNode records(ObjectNode request) {
        return (ArrayNode) request.at("/resourceLogs/0/scopeLogs/0/logRecords");
    }

    /// Numbers of 64 bits are strings in OTLP/JSON.
    private static ObjectNode otlp(Entry entry, JsonNode fact) {
        ObjectNode log = FactCodec.mapper().createObjectNode();
        String nanos = Long.toString(ChronoUnit.NANOS.between(Instant.EPOCH, entry.at()));
        String type = fact.path("type").asText();
        int severity = severity(entry.fact());
        log.put("timeUnixNano", nanos);
        log.put("observedTimeUnixNano", nanos);
        log.put("severityNumber", severity >= 4 ? 17 : severity == 3 ? 13 : 9);
        log.put("severityText", severity >= 4 ? "ERROR" : severity == 3 ? "WARN" : "INFO");
        log.put("eventName", "countersign." + type);
        log.put("traceId", Digest.of(entry.session().value()).hex().substring(0, 32));
        log.putObject("body").put("stringValue", fact.toString());
        ArrayNode attributes = log.putArray("attributes");
        attribute(attributes, "countersign.type", type);
        attributes
                .addObject()
                .put("key", "countersign.seq")
                .putObject("value")
                .put("intValue", Long.toString(entry.seq()));
        if (entry.fact() instanceof Fact.Called called) {
            attribute(attributes, "gen_ai.operation.name", "execute_tool");
            attribute(attributes, "gen_ai.tool.name", called.call().tool().raw());
            attribute(attributes, "gen_ai.tool.call.id", called.call().id().raw());
        }
        return log;
    }

    private static void attribute(ArrayNode attributes, String key, String value) {
        attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
    }

    private static Entry entry(LineReader lines, long number) throws CountersignException {
        try {
            return FactCodec.read(lines.buffer(), lines.from(), lines.to());
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "Entry "
                            + number
                            + " of the journal is not a record. Run `countersign journal verify`.",
                    e);
        }
    }

    private static JsonNode fact(LineReader lines) throws IOException {
        return FactCodec.mapper()
                .readTree(lines.buffer(), lines.from(), lines.to() - lines.from())
                .path("fact");
    }

    private static void write(JsonNode node, OutputStream out) throws IOException {
        out.write(FactCodec.mapper().writeValueAsString(node).getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
