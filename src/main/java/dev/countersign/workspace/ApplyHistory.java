package dev.countersign.workspace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All applies of a session, one JSON object per line, oldest first. Guarded by the workspace's
/// lock.
final class ApplyHistory {
    static final int LISTED = 1000;

    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private final Path file;

    ApplyHistory(Path file) {
        this.file = file;
    }

    /// One more. A crash may repeat one; [#all()] lists it once.
    void add(PastApply apply) throws IOException {
        byte[] line = (JSON.writeValueAsString(apply) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileChannel out =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // A line that a crash cut short must not take the next one with it.
            boolean torn = out.size() > 0 && last(out) != '\n';
            out.position(out.size());
            ByteBuffer all = ByteBuffer.allocate(line.length + 1);
            if (torn) {
                all.put((byte) '\n');
            }
            all.put(line).flip();
            while (all.hasRemaining()) {
                out.write(all);
            }
            out.force(false);
        }
    }

    private byte last(FileChannel out) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            in.read(one, out.size() - 1);
            return one.get(0);
        }
    }

    List<PastApply> all() throws IOException {
        Map<String, PastApply> found = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                read(line)
                        .ifPresent(apply -> {
                            boolean tree = apply.to().equals("tree");
                            found.putIfAbsent(
                                    tree ? apply.transaction() : apply.transaction() + apply.at(),
                                    apply);
                        });
            }
        }
        return List.copyOf(found.values());
    }

    /// Empty for a line that a crash cut short: the journal has it.
    private static Optional<PastApply> read(String line) {
        try {
            return Optional.of(JSON.readValue(line, PastApply.class));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
