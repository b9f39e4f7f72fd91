package dev.countersign.api;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import dev.countersign.domain.Tier;
import org.jspecify.annotations.Nullable;

/// A session that is asked for. What is null is taken from the policy and the defaults.
///
/// @param directory absolute path of the repository on the host
/// @param provider the model's provider by its name, or `scripted:NAME` for a bundled scenario;
///   null: the agent's default
public record StartRequest(
        String directory,
        String agent,
        String task,
        @Nullable Mode mode,
        @Nullable Tier tier,
        @Nullable DataClass dataClass,
        @Nullable String egress,
        @Nullable String provider,
        @Nullable Integer memoryMiB,
        @Nullable Integer cpus) {}
