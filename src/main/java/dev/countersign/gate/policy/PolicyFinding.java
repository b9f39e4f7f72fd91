package dev.countersign.gate.policy;

/// Something that a check of a policy file found.
///
/// @param line from 1
/// @param error the file is refused as a whole; false: it loads, and this part does not do what it
///   says
public record PolicyFinding(int line, boolean error, String message) {}
