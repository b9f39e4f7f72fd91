package dev.countersign.gate.policy;

import dev.countersign.domain.DecidedBy;

/// What policy and mode say about one call. Every verdict names the rule that made it.
public sealed interface Verdict {
    /// The rule, such as `policy.yaml:4`, `built-in:2` or `mode checkpoint`.
    String rule();

    /// Never runs and is never asked.
    ///
    /// @param because the rule's own words, for the model and the feed
    record Deny(String rule, String because) implements Verdict {}

    /// Waits for the developer.
    ///
    /// @param because why a rule wants it, empty where level and mode are the reason
    record Ask(String rule, String because) implements Verdict {}

    /// Runs.
    ///
    /// @param by [DecidedBy#RULE] or [DecidedBy#MODE]
    /// @param flagged to be looked at in the review
    record Run(String rule, DecidedBy by, boolean flagged) implements Verdict {}

    /// Runs if the session's approved plan covers it, else waits with a plan.
    record Plan(String rule) implements Verdict {}
}
