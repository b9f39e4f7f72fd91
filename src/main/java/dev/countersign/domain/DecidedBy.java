package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Who or what decided.
public enum DecidedBy {
    /// The developer, by window, command line or native dialog.
    @JsonProperty("person")
    PERSON,
    /// A rule of a policy file or a built-in denial.
    @JsonProperty("rule")
    RULE,
    /// The mode's own table: this level does not ask.
    @JsonProperty("mode")
    MODE,
    /// The approved plan covers it.
    @JsonProperty("plan")
    PLAN,
    /// Nobody answered in time.
    @JsonProperty("timeout")
    TIMEOUT,
    /// The session was restored, frozen or ended under it.
    @JsonProperty("session")
    SESSION
}
