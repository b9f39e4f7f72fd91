package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How far a session is kept apart from others. Only [#VM] exists so far.
public enum Tier {
    /// A container in a VM that sessions share.
    @JsonProperty("container")
    CONTAINER,
    /// A VM of its own.
    @JsonProperty("vm")
    VM,
    /// A VM of its own, each task in a sandbox inside it.
    @JsonProperty("vm-nested")
    VM_NESTED;

    /// The word as it stands in JSON and on screen.
    public String word() {
        return switch (this) {
            case CONTAINER -> "container";
            case VM -> "vm";
            case VM_NESTED -> "vm-nested";
        };
    }
}
