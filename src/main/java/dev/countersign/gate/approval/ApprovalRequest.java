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
/// @param kind `calls`, `plan` or `hosts`
/// @param title our own sentence
/// @param agentText the agent's own words, not checked
/// @param undo what a checkpoint can take back and what not, one sentence each
/// @param gate `boundary-enforced` or `cooperative`
/// @param digest over all of what is shown
/// @param deadline when it is denied; null: it waits
/// @param planDirectories for a plan, and for calls that a plan comes with: what approval covers
/// @param warning something that went wrong since the last answer
/// @param refused of an allowed request, the calls that were denied all the same; null: none
/// @param reach of an answer about hosts; null: nothing was said
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
        @Nullable Instant decided,
        @Nullable List<GuestText> refused,
        @Nullable Reach reach) {

    private static final Digest NO_DIGEST = Digest.of("");

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
        refused = refused == null ? null : List.copyOf(refused);
    }

    /// A new, open request with its digest.
    static ApprovalRequest of(Ask ask, String id, Instant opened, @Nullable Instant deadline) {
        return new ApprovalRequest(
                        id,
                        ask.session(),
                        ask.epoch(),
                        ask.kind(),
                        ask.title(),
                        ask.level(),
                        ask.calls(),
                        ask.agentText(),
                        ask.undo(),
                        ask.gate(),
                        NO_DIGEST,
                        opened,
                        deadline,
                        ask.planDirectories(),
                        State.OPEN,
                        null,
                        null,
                        null,
                        ask.warning(),
                        null,
                        null,
                        null)
                .sealed();
    }

    /// The calls that the question is about, in the order in which they are shown.
    public List<Call> waiting() {
        return calls.stream().filter(Call::waits).toList();
    }

    /// What became of one of its calls; null while it is open.
    public @Nullable Answer answerFor(GuestText callId) {
        return answer == Answer.ALLOWED && refused != null && refused.contains(callId)
                ? Answer.DENIED
                : answer;
    }

    /// The same question with an answer. An instant that is there already stays.
    ApprovalRequest answered(
            State next,
            @Nullable Answer given,
            @Nullable DecidedBy who,
            @Nullable GuestText words,
            @Nullable List<GuestText> except,
            @Nullable Reach far,
            Instant now) {
        return copy(
                digest,
                deadline,
                warning,
                next,
                given,
                who,
                words,
                decided == null ? now : decided,
                except == null || except.isEmpty() ? null : except,
                far);
    }

    /// The same answer, taken by the held call.
    ApprovalRequest taken() {
        return copy(
                digest,
                deadline,
                warning,
                State.DELIVERED,
                answer,
                by,
                note,
                decided,
                refused,
                reach);
    }

    /// The same question once more: its answer is void, what went wrong is said, the digest is new.
    ApprovalRequest reopened(String wrong, @Nullable Instant until) {
        return copy(NO_DIGEST, until, wrong, State.OPEN, null, null, null, null, null, null)
                .sealed();
    }

    /// Whether the digest is that of what is shown: every field but the digest and the answer.
    boolean intact() {
        return sealed().digest.equals(digest);
    }

    private ApprovalRequest sealed() {
        ApprovalRequest blank =
                copy(NO_DIGEST, deadline, warning, State.OPEN, null, null, null, null, null, null);
        return copy(
                Digest.of(RequestFiles.bytes(blank)),
                deadline,
                warning,
                state,
                answer,
                by,
                note,
                decided,
                refused,
                reach);
    }

    private ApprovalRequest copy(
            Digest newDigest,
            @Nullable Instant newDeadline,
            @Nullable String newWarning,
            State newState,
            @Nullable Answer newAnswer,
            @Nullable DecidedBy newBy,
            @Nullable GuestText newNote,
            @Nullable Instant newDecided,
            @Nullable List<GuestText> newRefused,
            @Nullable Reach newReach) {
        return new ApprovalRequest(
                id,
                session,
                epoch,
                kind,
                title,
                level,
                calls,
                agentText,
                undo,
                gate,
                newDigest,
                opened,
                newDeadline,
                planDirectories,
                newState,
                newAnswer,
                newBy,
                newNote,
                newWarning,
                newDecided,
                newRefused,
                newReach);
    }
}
