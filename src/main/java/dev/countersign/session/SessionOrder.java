package dev.countersign.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a session was asked to be. Never changes after it was admitted.
///
/// @param directory absolute, real path of the workspace on the host
/// @param provider the model's provider, such as `anthropic` or `scripted:tour`
/// @param model the model that the agent is told to ask; null: its own default
/// @param egress the egress preset
/// @param history how many of the developer's commits go into the guest; 0: none
@JsonIgnoreProperties(ignoreUnknown = true)
public record SessionOrder(
        SessionId id,
        Path directory,
        String agent,
        String provider,
        @Nullable String model,
        GuestText task,
        Mode mode,
        Tier tier,
        DataClass dataClass,
        String egress,
        int memoryMiB,
        int cpus,
        Instant created,
        int history) {
    /// Without history and a chosen model.
    public SessionOrder(
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
            Instant created) {
        this(
                id, directory, agent, provider, null, task, mode, tier, dataClass, egress,
                memoryMiB, cpus, created, 0);
    }
}
