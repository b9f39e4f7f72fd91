package dev.countersign.vm;

import java.time.Duration;

/// The VM is back at a checkpoint and the link is up.
///
/// @param load how long the load took
/// @param took until the link was back
public record RestoreReport(String id, Duration load, Duration took) {}
