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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hosts that the developer let be reached, in a file of their own.
public final class Grants {
    private static final Logger LOG = LoggerFactory.getLogger(Grants.class);
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

    private record Content(List<Grant> hosts) {
        /// Null where the file has no such part.
        Content {
            hosts = hosts == null ? List.of() : List.copyOf(hosts);
        }
    }

    private Grants(Path file, List<Grant> granted) {
        this.file = file;
        this.granted = List.copyOf(granted);
    }

    /// Reads what is there. A file that can't be read is set aside and grants nothing: what it held
    /// is asked about anew.
    public static Grants open(Path file) {
        if (!Files.exists(file)) {
            return new Grants(file, List.of());
        }
        try {
            return new Grants(
                    file, JSON.readValue(Files.readAllBytes(file), Content.class).hosts());
        } catch (IOException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
            LOG.warn("the allowed hosts in {} can't be read, they are kept in {}", file, aside, e);
            try {
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException again) {
                LOG.warn("{} can't be moved", file, again);
            }
            return new Grants(file, List.of());
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
