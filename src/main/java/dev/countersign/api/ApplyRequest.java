package dev.countersign.api;

/// Brings a selection to the host.
///
/// @param to `tree`, `branch:NAME` or `patch:FILE`
public record ApplyRequest(Selection selection, String to) {}
