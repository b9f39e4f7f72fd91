package dev.countersign.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How much of each repository's history the developer lets into guests. Safe for use by several
/// threads of one engine.
final class HistoryDepths {
    private static final int DEEPEST = 5000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    HistoryDepths(Path file) {
        this.file = file;
    }

    /// What counts for a session in this repository.
    ///
    /// @param asked what was said now, and is remembered; null: what was said last, else 0
    /// @throws CountersignException USAGE for a depth that is none
    synchronized int of(Path repository, @Nullable Integer asked) throws CountersignException {
        Map<String, Integer> all = read();
        if (asked == null) {
            return all.getOrDefault(repository.toString(), 0);
        }
        if (asked < 0 || asked > DEEPEST) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A history of %d commits can't be let in. Give a number from 0 to %d."
                            .formatted(asked, DEEPEST));
        }
        if (!asked.equals(all.getOrDefault(repository.toString(), 0))) {
            if (asked == 0) {
                all.remove(repository.toString());
            } else {
                all.put(repository.toString(), asked);
            }
            write(all);
        }
        return asked;
    }

    /// A file that can't be read lets nothing in.
    private Map<String, Integer> read() throws CountersignException {
        if (!Files.exists(file)) {
            return new TreeMap<>();
        }
        try {
            return JSON.readValue(
                    Files.readAllBytes(file), new TypeReference<TreeMap<String, Integer>>() {});
        } catch (JsonProcessingException e) {
            return new TreeMap<>();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void write(Map<String, Integer> all) throws CountersignException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(all));
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private CountersignException failed(IOException e) {
        return new CountersignException(
                Kind.FAILED,
                "What was remembered of histories in %s can't be kept: %s. Nothing was started."
                        .formatted(file, e.getMessage()),
                e);
    }
}
