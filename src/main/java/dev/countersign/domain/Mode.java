package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What waits for the developer. Everything is recorded in all of them. Ordered from freest to
/// strictest.
public enum Mode {
    /// Only critical calls ask; high ones run and are flagged.
    @JsonProperty("autonomous")
    AUTONOMOUS,
    /// High and critical calls ask; medium ones run and are flagged.
    @JsonProperty("post-hoc")
    POST_HOC,
    /// The default: a plan first, then medium calls run under it, high and critical ones ask.
    @JsonProperty("checkpoint")
    CHECKPOINT,
    /// Everything asks but reads and searches.
    @JsonProperty("step")
    STEP;

    /// The word as it stands in JSON, on screen and in policy files.
    public String word() {
        return switch (this) {
            case AUTONOMOUS -> "autonomous";
            case POST_HOC -> "post-hoc";
            case CHECKPOINT -> "checkpoint";
            case STEP -> "step";
        };
    }
}
