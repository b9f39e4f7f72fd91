package dev.countersign.gate.policy;

import java.util.List;

/// Rules that would have covered a request, as they would stand in a policy file.
///
/// @param rules one line each, without where and until when they count
/// @param words what they cover, in our own words, one clause each
/// @param wider covers the like too, not only exactly this
public record RuleProposal(List<String> rules, List<String> words, boolean wider) {
    /// Keeps copies.
    public RuleProposal {
        rules = List.copyOf(rules);
        words = List.copyOf(words);
    }
}
