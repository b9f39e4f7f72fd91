package dev.countersign.egress;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.gate.approval.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/// The hosts that the developer let be reached, in a file of their own. A file that can't be read
/// grants nothing, and is not written over.
public final class Grants {
    private static final int MOST = 1000;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private final Path file;
    private List<Grant> granted;

    private record Content(List<Grant> hosts) {}

    private Grants(Path file, List<Grant> granted) {
        this.file = file;
        this.granted = List.copyOf(granted);
    }

    /// Reads what is there.
    ///
    /// @throws CountersignException FAILED if the file is there and can't be read
    public static Grants open(Path file) throws CountersignException {
        if (!Files.exists(file)) {
            return new Grants(file, List.of());
        }
        try {
            return new Grants(
                    file, JSON.readValue(Files.readAllBytes(file), Content.class).hosts());
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The allowed hosts in %s can't be read: %s. Mend the file, or remove it: then all are asked about anew."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// All of them, the oldest first.
    public synchronized List<Grant> all() {
        return granted;
    }

    /// Adds these, in place of those for the same host that it held before.
    ///
    /// @throws CountersignException FAILED if they can't be kept: then they don't count
    public synchronized void add(List<Grant> more) throws CountersignException {
        List<Grant> next = new ArrayList<>(granted);
        next.removeIf(old ->
                more.stream()
                        .anyMatch(one ->
                                one.place().equals(old.place())
                                        && Objects.equals(one.repository(), old.repository())));
        next.addAll(more);
        keep(next.subList(Math.max(0, next.size() - MOST), next.size()));
    }

    /// Takes back what fits.
    ///
    /// @return what was taken back
    public synchronized List<Grant> remove(Predicate<Grant> which) throws CountersignException {
        List<Grant> gone = granted.stream().filter(which).toList();
        if (!gone.isEmpty()) {
            keep(granted.stream().filter(which.negate()).toList());
        }
        return gone;
    }

    private void keep(List<Grant> next) throws CountersignException {
        try {
            AtomicFile.write(file, JSON.writeValueAsBytes(new Content(next)));
            granted = List.copyOf(next);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The allowed hosts could not be kept in %s: %s. Nothing was changed. Free some space, then answer again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
