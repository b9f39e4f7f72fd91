package dev.countersign.api;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A session as it stands now.
///
/// @param name short, for lists: from the task
/// @param why the reason of `failed` and `frozen`, else null
/// @param agentRunning whether the agent's process runs in the guest
/// @param linkUp whether the ssh link is there; null while there is no VM
/// @param stagedHunks how many wait for a decision; -1 where that could not be read
/// @param lastSeq the newest entry of its log
public record SessionView(
        SessionId id,
        String name,
        String directory,
        String agent,
        GuestText task,
        Mode mode,
        Tier tier,
        DataClass dataClass,
        SessionState state,
        @Nullable String why,
        boolean agentRunning,
        @Nullable Boolean linkUp,
        @Nullable String startKind,
        @Nullable String accelerator,
        int epoch,
        int waiting,
        int stagedHunks,
        long lastSeq,
        long inputTokens,
        long outputTokens,
        Instant created,
        Instant lastActivity) {}
