package dev.countersign.api;

import java.time.Instant;

/// A point to go back to.
///
/// @param why what it was taken for, such as `start`, `before a high call`, `by you`
/// @param seq the journal's position when it was taken
public record CheckpointView(
        String id,
        String name,
        boolean automatic,
        String why,
        Instant at,
        int epoch,
        long seq,
        long bytes) {}
