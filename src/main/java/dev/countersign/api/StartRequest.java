package dev.countersign.api;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import dev.countersign.domain.Tier;
import org.jspecify.annotations.Nullable;

/// A session that is asked for. What is null is taken from the policy and the defaults.
///
/// @param directory absolute path of the repository on the host
/// @param provider the model's provider by its name, or `scripted:NAME` for a bundled scenario;
///   null: the one that speaks the agent's format
/// @param model the model's name at the provider; null: the provider's default, else the agent's
///   own
/// @param history how many of the repository's commits go into the guest, filtered; 0: none; null:
///   as for its last session. It is remembered
public record StartRequest(
        String directory,
        String agent,
        String task,
        @Nullable Mode mode,
        @Nullable Tier tier,
        @Nullable DataClass dataClass,
        @Nullable String egress,
        @Nullable String provider,
        @Nullable String model,
        @Nullable Integer memoryMiB,
        @Nullable Integer cpus,
        @Nullable Integer history) {
    /// One that names no model, with the history that was remembered.
    public StartRequest(
            String directory,
            String agent,
            String task,
            @Nullable Mode mode,
            @Nullable Tier tier,
            @Nullable DataClass dataClass,
            @Nullable String egress,
            @Nullable String provider,
            @Nullable Integer memoryMiB,
            @Nullable Integer cpus) {
        this(
                directory, agent, task, mode, tier, dataClass, egress, provider, null, memoryMiB,
                cpus, null);
    }
}
