package dev.countersign.vm;

import java.time.Duration;

/// A checkpoint exists.
///
/// @param bytes of memory and device state in it; disk blocks are shared until they change
/// @param took how long the VM stood still
public record CheckpointReport(String id, long bytes, Duration took) {}
