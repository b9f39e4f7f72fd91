package dev.countersign.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import java.nio.file.Path;
import java.time.Instant;

/// What a session was asked to be. Never changes after it was admitted.
///
/// @param directory absolute, real path of the workspace on the host
/// @param provider the model's provider, such as `anthropic` or `scripted:tour`
/// @param egress the egress preset
@JsonIgnoreProperties(ignoreUnknown = true)
public record SessionOrder(
        SessionId id,
        Path directory,
        String agent,
        String provider,
        GuestText task,
        Mode mode,
        Tier tier,
        DataClass dataClass,
        String egress,
        int memoryMiB,
        int cpus,
        Instant created) {}
