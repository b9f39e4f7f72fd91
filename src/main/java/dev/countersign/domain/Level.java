package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How much a call can hurt, by its effect and not by its spelling. Ordered: the later, the worse.
public enum Level {
    /// Reads inside the workspace, its own tests and linters.
    @JsonProperty("low")
    LOW,
    /// A change inside workspace or VM that can be taken back.
    @JsonProperty("medium")
    MEDIUM,
    /// Runs arbitrary or newly installed code, leaves the VM with review, or can't be understood.
    @JsonProperty("high")
    HIGH,
    /// Leaves the VM, can't be undone by a checkpoint, exposes secrets, or touches the guard
    /// itself.
    @JsonProperty("critical")
    CRITICAL;

    /// The word as it stands in JSON, on screen and in policy files.
    public String word() {
        return switch (this) {
            case LOW -> "low";
            case MEDIUM -> "medium";
            case HIGH -> "high";
            case CRITICAL -> "critical";
        };
    }

    /// The worse of two: a compound is as bad as its worst part.
    public Level max(Level other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
