package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How sensitive a repository is. Sets the lowest tier, the freest mode and the allowed providers.
public enum DataClass {
    /// Anybody may read it.
    @JsonProperty("public")
    PUBLIC,
    /// The default.
    @JsonProperty("internal")
    INTERNAL,
    /// Named, region-pinned providers only.
    @JsonProperty("confidential")
    CONFIDENTIAL,
    /// Local models, or named ones with an approval on record.
    @JsonProperty("restricted")
    RESTRICTED;

    /// The word as it stands in JSON and on screen.
    public String word() {
        return switch (this) {
            case PUBLIC -> "public";
            case INTERNAL -> "internal";
            case CONFIDENTIAL -> "confidential";
            case RESTRICTED -> "restricted";
        };
    }

    /// The freest mode that this class allows.
    public Mode freestMode() {
        return switch (this) {
            case PUBLIC, INTERNAL -> Mode.AUTONOMOUS;
            case CONFIDENTIAL -> Mode.CHECKPOINT;
            case RESTRICTED -> Mode.STEP;
        };
    }
}
