package dev.countersign.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import java.time.Instant;

/// A point of VM and workspace to go back to, as the session knows it.
///
/// @param why what it was taken for, such as `start` or `before a high call`
/// @param seq the journal's position when it was taken
/// @param bytes what the VM state takes
@JsonIgnoreProperties(ignoreUnknown = true)
public record CheckpointRecord(
        String id,
        String name,
        boolean automatic,
        String why,
        Instant at,
        int epoch,
        long seq,
        long bytes) {

    /// As it stands in the journal.
    static CheckpointRecord of(Entry entry, Fact.CheckpointTaken taken) {
        return new CheckpointRecord(
                taken.id(),
                taken.name(),
                taken.automatic(),
                taken.why(),
                entry.at(),
                entry.epoch(),
                entry.seq(),
                taken.bytes());
    }
}
