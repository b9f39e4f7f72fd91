package dev.countersign.api;

import java.util.List;

/// Rules that would have made recorded sessions ask less.
///
/// @param asked how many requests were shown in them
/// @param steps the best first, each with those before it
/// @param remaining requests that no rule takes away
public record RuleSuggestions(
        int sessions, int asked, List<Step> steps, List<Remaining> remaining) {
    /// Rules that take at least one more request away.
    ///
    /// @param left how many requests would be left
    public record Step(
            List<String> rules, List<String> words, int left, RuleOffers.Effect effect) {}

    /// A request that stays.
    public record Remaining(String requestId, String why) {}
}
