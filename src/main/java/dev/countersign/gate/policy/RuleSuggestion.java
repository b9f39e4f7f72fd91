package dev.countersign.gate.policy;

import java.util.List;

/// Rules that would have made recorded sessions ask less often, found in what was asked there.
///
/// @param asked how many requests were shown
/// @param steps each adds rules to those before it; the best first
/// @param remaining requests that no rule takes away, each with its reason
public record RuleSuggestion(int sessions, int asked, List<Step> steps, List<Remaining> remaining) {
    /// Keeps copies.
    public RuleSuggestion {
        steps = List.copyOf(steps);
        remaining = List.copyOf(remaining);
    }

    /// Rules that together take one more request away.
    ///
    /// @param rules one line each, without scope
    /// @param words what they cover
    /// @param left how many requests would be left with these and all before
    /// @param effect of all rules up to here
    public record Step(List<String> rules, List<String> words, int left, RuleEffect effect) {
        /// Keeps copies.
        public Step {
            rules = List.copyOf(rules);
            words = List.copyOf(words);
        }
    }

    /// A request that would still be shown.
    public record Remaining(String requestId, String why) {}
}
