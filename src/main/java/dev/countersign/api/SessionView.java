package dev.countersign.api;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session as it stands now.
///
/// @param name short, for lists: from the task
/// @param why the reason of `failed` and `frozen`, and of an agent or VM that ended by itself; else
///   null
/// @param agentRunning whether the agent's process runs in the guest
/// @param linkUp whether the ssh link is there; null while there is no VM
/// @param stagedHunks how many wait for a decision; -1 where that could not be read
/// @param lastSeq the newest entry of its log
/// @param budget what it asked of the developer's attention; null where that was not counted
/// @param models the models that its agent named and that answered
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
        Instant lastActivity,
        @Nullable Budget budget,
        List<GuestText> models) {

    /// Keeps a copy.
    public SessionView {
        models = List.copyOf(models);
    }

    /// What a session asked of the developer's attention, from its journal.
    ///
    /// @param prompts requests that were shown
    /// @param lastHour of these, in its last hour
    /// @param perHour over the whole session
    /// @param allowed requests that were allowed
    /// @param denied requests that a person denied
    /// @param unanswered requests that ran out of time or were voided
    /// @param shareAllowed of what a person decided, from 0 to 1
    /// @param typicalMillis the median time until a person decided; null: none did
    /// @param hasty requests that were allowed within two seconds
    /// @param covered calls that a plan or a rule ran unasked
    public record Budget(
            int prompts,
            int lastHour,
            double perHour,
            int allowed,
            int denied,
            int unanswered,
            double shareAllowed,
            @Nullable Long typicalMillis,
            int hasty,
            int covered) {}

    /// One whose requests were not counted.
    public SessionView(
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
            Instant lastActivity) {
        this(
                id,
                name,
                directory,
                agent,
                task,
                mode,
                tier,
                dataClass,
                state,
                why,
                agentRunning,
                linkUp,
                startKind,
                accelerator,
                epoch,
                waiting,
                stagedHunks,
                lastSeq,
                inputTokens,
                outputTokens,
                created,
                lastActivity,
                null,
                List.of());
    }
}
