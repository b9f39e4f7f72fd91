package dev.countersign.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// `session.json`, replaced as a whole and on disk before a change counts.
final class SessionFile {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private final Path file;

    SessionFile(Path directory) {
        this.file = directory.resolve("session.json");
    }

    /// What the file holds.
    record Content(SessionOrder order, Standing standing) {}

    boolean exists() {
        return Files.exists(file);
    }

    Content read() throws CountersignException {
        try {
            return JSON.readValue(Files.readAllBytes(file), Content.class);
        } catch (JsonProcessingException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "The session file %s can't be read: %s. Its journal and staged work are untouched."
                            .formatted(file, e.getOriginalMessage()),
                    e);
        } catch (IOException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "The session file %s can't be read: %s.".formatted(file, e.getMessage()),
                    e);
        }
    }

    void write(SessionOrder order, Standing standing) throws CountersignException {
        Path fresh = file.resolveSibling("session.json.new");
        try {
            byte[] bytes = JSON.writeValueAsBytes(new Content(order, standing));
            try (FileChannel out =
                    FileChannel.open(
                            fresh,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                out.force(true);
            }
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CountersignException(
                    CountersignException.Kind.ofWriting(e),
                    "The session's state could not be saved to %s: %s. Free some space and try again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
