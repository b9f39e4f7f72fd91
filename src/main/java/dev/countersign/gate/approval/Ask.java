package dev.countersign.gate.approval;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the gate wants to ask. [Approvals] makes the request of it: id, digest, times.
///
/// @param kind `calls` or `plan`
/// @param timeout zero or less: waits for ever
public record Ask(
        SessionId session,
        int epoch,
        String kind,
        String title,
        Level level,
        List<ApprovalRequest.Call> calls,
        GuestText agentText,
        List<String> undo,
        String gate,
        List<GuestText> planDirectories,
        Duration timeout,
        @Nullable String warning) {
    /// Keeps copies.
    public Ask {
        calls = List.copyOf(calls);
        undo = List.copyOf(undo);
        planDirectories = List.copyOf(planDirectories);
    }
}
