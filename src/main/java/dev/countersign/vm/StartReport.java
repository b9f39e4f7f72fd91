package dev.countersign.vm;

import java.time.Duration;

/// How a VM came up.
///
/// @param warm from a warm base; else it booted
/// @param accelerator `kvm`, `hvf` or `tcg`, as seen to work
/// @param boundary what was checked on the running QEMU process, in words
/// @param took from the call until the link was up
/// @param why the reason for a cold start, empty for a warm one
public record StartReport(
        boolean warm, String accelerator, String boundary, Duration took, String why) {}
