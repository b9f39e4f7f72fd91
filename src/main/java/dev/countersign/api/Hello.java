package dev.countersign.api;

/// Who answers.
///
/// @param protocol raised when a client of another number can't be served
/// @param build identifies the program's files, so that a newer client can ask an idle engine to
///   end
public record Hello(String version, int protocol, long pid, String build) {}
