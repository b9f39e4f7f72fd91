package dev.countersign.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What to read again.
public enum Change {
    /// [Service#sessions].
    @JsonProperty("sessions")
    SESSIONS,
    /// [Service#approvals].
    @JsonProperty("approvals")
    APPROVALS
}
