package dev.countersign.session;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.countersign.domain.SessionState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a session stands: what the next engine needs to take it up.
///
/// @param why the reason of `failed` and `frozen`
/// @param beforeFreeze the state that a thaw goes back to
/// @param agentStarted whether the agent was started in this VM
/// @param vmKept whether an instance directory should exist
@JsonIgnoreProperties(ignoreUnknown = true)
public record Standing(
        SessionState state,
        @Nullable String why,
        @Nullable SessionState beforeFreeze,
        int epoch,
        boolean agentStarted,
        boolean vmKept,
        List<CheckpointRecord> checkpoints) {

    /// How every session begins.
    static Standing preparing() {
        return new Standing(SessionState.PREPARING, null, null, 0, false, false, List.of());
    }

    Standing in(SessionState next, @Nullable String reason) {
        return new Standing(next, reason, beforeFreeze, epoch, agentStarted, vmKept, checkpoints);
    }

    Standing frozen(String reason) {
        return new Standing(
                SessionState.FROZEN, reason, state, epoch, agentStarted, vmKept, checkpoints);
    }

    Standing withEpoch(int next) {
        return new Standing(state, why, beforeFreeze, next, agentStarted, vmKept, checkpoints);
    }

    Standing withAgent(boolean started) {
        return new Standing(state, why, beforeFreeze, epoch, started, vmKept, checkpoints);
    }

    Standing withVm(boolean kept) {
        return new Standing(
                state,
                why,
                beforeFreeze,
                epoch,
                agentStarted,
                kept,
                kept ? checkpoints : List.of());
    }

    Standing with(CheckpointRecord checkpoint) {
        List<CheckpointRecord> more = new ArrayList<>(checkpoints);
        more.add(checkpoint);
        return withCheckpoints(more);
    }

    Standing without(CheckpointRecord checkpoint) {
        return withCheckpoints(
                checkpoints.stream().filter(c -> !c.id().equals(checkpoint.id())).toList());
    }

    private Standing withCheckpoints(List<CheckpointRecord> list) {
        return new Standing(
                state, why, beforeFreeze, epoch, agentStarted, vmKept, List.copyOf(list));
    }
}
