package dev.countersign.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
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
        long bytes) {}
