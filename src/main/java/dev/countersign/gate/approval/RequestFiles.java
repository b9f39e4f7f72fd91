package dev.countersign.gate.approval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where requests and plans lie: `sessions/ID/approvals/`, one file each, written aside, synced and
/// renamed.
final class RequestFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RequestFiles.class);
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private final Path sessions;

    RequestFiles(Path sessions) {
        this.sessions = sessions;
    }

    /// What is written and what a digest covers.
    static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a request is made of plain values", e);
        }
    }

    static <T> T read(Path file, Class<T> type) throws IOException {
        return JSON.readValue(Files.readAllBytes(file), type);
    }

    Path directory(SessionId session) {
        return sessions.resolve(session.value()).resolve("approvals");
    }

    void keep(ApprovalRequest request) throws CountersignException {
        prepare(request);
        keepPrepared(request);
    }

    /// Writes all that needs room, so that an answer is not recorded that then can't be kept.
    void prepare(ApprovalRequest request) throws CountersignException {
        Path file = file(request);
        try {
            AtomicFile.prepare(file, bytes(request));
        } catch (IOException e) {
            throw notKept(file, e);
        }
    }

    void keepPrepared(ApprovalRequest request) throws CountersignException {
        Path file = file(request);
        try {
            AtomicFile.replace(file);
        } catch (IOException e) {
            throw notKept(file, e);
        }
    }

    void forget(ApprovalRequest request) {
        Path file = file(request);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} could not be removed", file, e);
        }
    }

    private Path file(ApprovalRequest request) {
        return directory(request.session()).resolve(request.id() + ".json");
    }

    static void write(Path file, Object value) throws CountersignException {
        try {
            AtomicFile.write(file, bytes(value));
        } catch (IOException e) {
            throw notKept(file, e);
        }
    }

    private static CountersignException notKept(Path file, IOException e) {
        return new CountersignException(
                Kind.ofWriting(e),
                "The request could not be kept in "
                        + file.getFileName()
                        + " ("
                        + e.getMessage()
                        + "), so it stays as it was and nothing runs. Free some space, then try"
                        + " again.",
                e);
    }

    /// All requests that are believed, oldest first.
    List<ApprovalRequest> load() throws CountersignException {
        List<ApprovalRequest> read = new ArrayList<>();
        try {
            if (!Files.isDirectory(sessions)) {
                return read;
            }
            List<Path> found = new ArrayList<>();
            try (var directories = Files.newDirectoryStream(sessions)) {
                for (Path directory : directories) {
                    collect(directory.resolve("approvals"), found);
                }
            }
            for (Path file : found) {
                ApprovalRequest request = believed(file);
                if (request != null) {
                    read.add(request);
                }
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The open requests below "
                            + sessions.getFileName()
                            + " can't be read ("
                            + e.getMessage()
                            + "). Check the rights of that directory.",
                    e);
        }
        read.sort(Comparator.comparing(ApprovalRequest::opened).thenComparing(ApprovalRequest::id));
        return read;
    }

    private static void collect(Path directory, List<Path> into) throws IOException {
        if (Files.isDirectory(directory)) {
            try (var files = Files.newDirectoryStream(directory, "a-*.json")) {
                files.forEach(into::add);
            }
        }
    }

    /// A request is believed only if its digest fits its content: a file that was changed or is
    /// half written is no decision.
    private static @Nullable ApprovalRequest believed(Path file) {
        try {
            ApprovalRequest request = read(file, ApprovalRequest.class);
            if (request.intact() && file.getFileName().toString().equals(request.id() + ".json")) {
                return request;
            }
            LOG.warn("{} does not hold what its digest says, it is not used", file);
        } catch (IOException e) {
            LOG.warn("{} can't be read, its call is asked again", file, e);
        }
        return null;
    }
}
