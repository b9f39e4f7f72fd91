package dev.countersign.gate.approval;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that waits for the developer, or did. Field by field what `api.ApprovalView` shows.
///
/// @param kind `calls` or `plan`
/// @param title our own sentence
/// @param agentText the agent's own words, not checked
/// @param undo what a checkpoint can take back and what not, one sentence each
/// @param gate `boundary-enforced` or `cooperative`
/// @param digest over all of what is shown
/// @param deadline when it is denied; null: it waits
/// @param planDirectories for a plan: what approval would cover
/// @param warning something that went wrong since the last answer
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ApprovalRequest(
        String id,
        SessionId session,
        int epoch,
        String kind,
        String title,
        Level level,
        List<Call> calls,
        GuestText agentText,
        List<String> undo,
        String gate,
        Digest digest,
        Instant opened,
        @Nullable Instant deadline,
        List<GuestText> planDirectories,
        State state,
        @Nullable Answer answer,
        @Nullable DecidedBy by,
        @Nullable GuestText note,
        @Nullable String warning,
        @Nullable Instant decided) {

    /// Where a request stands.
    public enum State {
        /// Waits.
        OPEN,
        /// Answered; the answer has not been taken by the held call yet.
        DECIDED,
        /// Answered, and the answer was taken once. It never counts again.
        DELIVERED;

        /// `open` or `decided`, the words of the interface.
        public String word() {
            return this == OPEN ? "open" : "decided";
        }
    }

    /// One call of the request.
    ///
    /// @param digest of the raw call, [dev.countersign.domain.ToolCall#digest()]
    /// @param waits whether this call is why the request exists; false: it is low or already
    ///   settled and shown because it comes in the same answer
    public record Call(
            GuestText id,
            GuestText tool,
            GuestText argumentsJson,
            @Nullable GuestText command,
            List<List<GuestText>> argv,
            @Nullable GuestText path,
            GuestText cwd,
            Level level,
            List<String> effects,
            List<String> reasons,
            String rule,
            Digest digest,
            boolean waits) {
        /// Keeps copies.
        public Call {
            argv = argv.stream().map(List::copyOf).toList();
            effects = List.copyOf(effects);
            reasons = List.copyOf(reasons);
        }
    }

    /// Keeps copies.
    public ApprovalRequest {
        calls = List.copyOf(calls);
        undo = List.copyOf(undo);
        planDirectories = List.copyOf(planDirectories);
    }
}
