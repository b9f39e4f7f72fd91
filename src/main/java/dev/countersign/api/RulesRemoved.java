package dev.countersign.api;

import java.util.List;

/// What became of a removal.
///
/// @param file that it is about
/// @param rules what was, or would be, removed, in words
/// @param diff the lines that go, with their numbers, and those around them; the rest stays byte
///   for byte
/// @param released requests that waited and went on, because a rule that asked is gone
public record RulesRemoved(
        String file, List<String> rules, List<String> diff, List<String> released) {}
