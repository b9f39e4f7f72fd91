package dev.countersign.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The signed list of all logs, with the last head that was seen of each: a log that is deleted or
/// cut together with its heads is noticed as far as this list goes. A log itself, in `manifest/`.
final class Manifest implements AutoCloseable {
    static final String NAME = "manifest";

    private final SignedLog log;

    private Manifest(SignedLog log) {
        this.log = log;
    }

    /// What became of a log.
    enum Event {
        OPENED,
        HEAD,
        CLOSED,
        DELETED
    }

    /// What the list says of one session.
    ///
    /// @param head the largest head that was noted
    record Known(SessionId session, boolean deleted, @Nullable SignedHead head) {}

    static Manifest open(Path home, SigningKey key, Clock clock) throws CountersignException {
        return new Manifest(
                SignedLog.open(home.resolve(NAME), NAME, key, clock, List.of(), _ -> {}).start());
    }

    void note(SessionId session, Event event, @Nullable SignedHead head, boolean now)
            throws CountersignException {
        ObjectNode node = FactCodec.mapper().createObjectNode();
        node.put("session", session.value());
        node.put("event", event.name().toLowerCase(java.util.Locale.ROOT));
        if (head != null) {
            node.put("head", head.note());
        }
        String json = node.toString();
        byte[] members = SignedLog.utf8(json.substring(1, json.length() - 1));
        log.append(() -> members, now);
    }

    Map<SessionId, Known> known() throws CountersignException {
        return read(log.file());
    }

    /// Reads the list from its file; checking it is [JournalVerifier]'s care.
    static Map<SessionId, Known> read(Path file) throws CountersignException {
        Map<SessionId, Known> all = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return all;
        }
        try (LineReader lines = new LineReader(file, 0)) {
            long limit = Files.size(file);
            while (lines.next(limit)) {
                Known known = read(lines);
                all.merge(known.session(), known, Manifest::later);
            }
            return all;
        } catch (IOException e) {
            throw Failures.of("The list of journals", file, "could not be read", e);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "The list of journals " + file + " is damaged: " + e.getMessage() + ".",
                    e);
        }
    }

    private static Known read(LineReader line) throws IOException {
        JsonNode node =
                FactCodec.mapper().readTree(line.buffer(), line.from(), line.to() - line.from());
        JsonNode head = node.path("head");
        return new Known(
                new SessionId(node.path("session").asText()),
                node.path("event").asText().equals("deleted"),
                head.isTextual() ? SignedHead.parse(head.asText()) : null);
    }

    private static Known later(Known before, Known now) {
        SignedHead head =
                now.head() == null
                                || (before.head() != null
                                        && before.head().size() > now.head().size())
                        ? before.head()
                        : now.head();
        return new Known(now.session(), now.deleted(), head);
    }

    @Override
    public void close() {
        log.close();
    }
}
