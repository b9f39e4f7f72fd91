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
/// @param history how many of the developer's commits go into the guest; 0: none
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
        Instant created,
        int history) {
    /// Without history.
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
                id, directory, agent, provider, task, mode, tier, dataClass, egress, memoryMiB,
                cpus, created, 0);
    }
}
