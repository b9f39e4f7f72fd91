package dev.countersign.api;

import java.util.List;

/// Remembers what the developer says about hunks, over restarts of window and engine.
///
/// @param as `seen`, `accepted` (waits for an apply), or `new` to forget that and any rejection
public record MarkRequest(List<String> hunks, String as) {}
