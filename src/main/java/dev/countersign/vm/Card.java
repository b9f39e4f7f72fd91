package dev.countersign.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.vm.lima.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// What stays true of a VM over restarts of engine and VM; kept beside Lima's files.
///
/// @param format 1
/// @param ready it was handed out once: before that, what is found of it is not a VM to take up
/// @param warm its first start was warm
/// @param accelerator of its last start
record Card(
        @JsonProperty("format") int format,
        @JsonProperty("ready") boolean ready,
        @JsonProperty("warm") boolean warm,
        @JsonProperty("accelerator") String accelerator,
        @JsonProperty("boundary") String boundary,
        @JsonProperty("why") String why) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Card ready(StartReport report) {
        return new Card(format, true, warm, report.accelerator(), report.boundary(), report.why());
    }

    /// The card of an instance; empty if there is none that can be read.
    static Optional<Card> of(Instance instance) {
        try {
            Card card = JSON.readValue(instance.card().toFile(), Card.class);
            return card.format() == 1 ? Optional.of(card) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    void writeTo(Instance instance) throws CountersignException {
        write(instance.card(), this);
    }

    /// Written aside and moved: a reader sees the old or the new.
    static void write(Path file, Object value) throws CountersignException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            JSON.writeValue(fresh.toFile(), value);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (JacksonException e) {
            throw new IllegalStateException("can't be written as JSON: " + value, e);
        } catch (IOException e) {
            throw Disk.failure(file, e);
        }
    }
}
