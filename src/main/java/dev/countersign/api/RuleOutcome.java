package dev.countersign.api;

import java.util.List;

/// What became of rules.
///
/// @param rules one line each, complete, as they stand or would stand in the file
/// @param file where
/// @param places file and line of each; empty on a dry run
/// @param released requests that waited, were covered, and went on
public record RuleOutcome(
        List<String> rules,
        String file,
        List<String> places,
        RuleOffers.Effect effect,
        List<String> released) {}
