package dev.countersign.secrets;

/// A secret that was found. Never carries the secret itself.
///
/// @param path as it was given to the scanner
/// @param line from 1
/// @param start first character of the secret's value in its line, from 0, in UTF-16 units
/// @param end after its last character on the same line; for a secret of several lines (a key
///   block) the end of the first one
/// @param rule a stable word, such as `github-token` or `password-assignment`
public record Finding(String path, int line, int start, int end, String rule) {}
