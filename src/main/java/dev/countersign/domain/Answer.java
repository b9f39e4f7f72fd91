package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What became of a request to decide.
public enum Answer {
    /// The call may run once.
    @JsonProperty("allowed")
    ALLOWED,
    /// It must not run.
    @JsonProperty("denied")
    DENIED,
    /// The answer with the call goes back once: the agent must state a plan first.
    @JsonProperty("plan-first")
    PLAN_FIRST
}
