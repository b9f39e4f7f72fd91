package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Where a session stands. Every state survives a crash of the engine.
public enum SessionState {
    /// VM coming up, workspace copied in, listeners opened. The agent has not started.
    @JsonProperty("preparing")
    PREPARING,
    /// The agent works or may be given work.
    @JsonProperty("running")
    RUNNING,
    /// The agent ended; staged work waits for the developer.
    @JsonProperty("review")
    REVIEW,
    /// The developer closed it. Staged work is kept until it is dropped.
    @JsonProperty("closed")
    CLOSED,
    /// The kill switch was used: VM paused, links cut, evidence kept.
    @JsonProperty("frozen")
    FROZEN,
    /// It could not be prepared or its VM is gone; the reason is in the journal.
    @JsonProperty("failed")
    FAILED;

    /// The word as it stands in JSON and on screen.
    public String word() {
        return switch (this) {
            case PREPARING -> "preparing";
            case RUNNING -> "running";
            case REVIEW -> "review";
            case CLOSED -> "closed";
            case FROZEN -> "frozen";
            case FAILED -> "failed";
        };
    }
}
