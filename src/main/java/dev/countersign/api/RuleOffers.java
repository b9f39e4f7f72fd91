package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules that would have covered a request, each with what it would have done to recorded sessions.
/// None is made before it is asked for.
///
/// @param offers the narrowest first
/// @param whyNone where there is none
public record RuleOffers(String requestId, List<Offer> offers, @Nullable String whyNone) {
    /// One offer: a line for each call that needs one.
    ///
    /// @param rules as they would stand in a policy, without scope
    /// @param words what they cover, one clause each
    /// @param wider covers the like too, not exactly this alone
    public record Offer(List<String> rules, List<String> words, boolean wider, Effect effect) {}

    /// What rules would have done.
    ///
    /// @param allowed calls that were allowed and would have run
    /// @param denied calls that were denied by a person and would have run
    /// @param unanswered calls that nobody decided and that would have run
    /// @param prompts requests that would not have been shown
    /// @param sentence all of it
    public record Effect(
            int sessions, int allowed, int denied, int unanswered, int prompts, String sentence) {}
}
