package dev.countersign.api;

/// Brings a selection to the host.
///
/// @param to `tree`, `branch:NAME`, `patch:FILE` or `pr:NAME`: a branch that is pushed with the
///   host's own git and opened as a pull request with the host's own `gh` or `glab`
public record ApplyRequest(Selection selection, String to) {}
