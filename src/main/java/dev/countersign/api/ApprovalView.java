package dev.countersign.api;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that waits for the developer, with all that a decision needs. The digest covers the
/// raw calls and everything shown here; a decision names it ([P4]).
///
/// @param kind `calls` or `plan`
/// @param title our own sentence, such as `wants to install code and push to a remote`
/// @param agentText the agent's own words, not checked
/// @param undo what a checkpoint can take back and what not, one sentence each
/// @param gate `boundary-enforced` or `cooperative`
/// @param deadline when it is denied if nobody answers; null: it waits
/// @param planDirectories for a plan, and for calls that one comes with: what approval covers
/// @param state `open` or `decided`
/// @param warning something that went wrong since the last answer, such as a failed checkpoint
/// @param equal other open requests that show the same; null: there are none
/// @param proof what must be given beside the answer to allow it; null: nothing
/// @param refused numbers, from 1, of the calls that were denied while the others were allowed
public record ApprovalView(
        String id,
        SessionId session,
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
        String state,
        @Nullable Answer answer,
        @Nullable DecidedBy by,
        @Nullable GuestText note,
        @Nullable String warning,
        @Nullable Equal equal,
        @Nullable Proof proof,
        @Nullable List<Integer> refused) {

    /// Requests that show the same, this one included.
    ///
    /// @param digest covers all of them: a decision that names it decides them together
    public record Equal(List<String> ids, Digest digest) {}

    /// What a critical request needs.
    ///
    /// @param kind `phrase` or `totp`
    /// @param phrase to be typed, for `phrase`
    public record Proof(String kind, @Nullable String phrase) {}

    /// One that stands alone and needs no proof.
    public ApprovalView(
            String id,
            SessionId session,
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
            String state,
            @Nullable Answer answer,
            @Nullable DecidedBy by,
            @Nullable GuestText note,
            @Nullable String warning) {
        this(
                id,
                session,
                kind,
                title,
                level,
                calls,
                agentText,
                undo,
                gate,
                digest,
                opened,
                deadline,
                planDirectories,
                state,
                answer,
                by,
                note,
                warning,
                null,
                null,
                null);
    }

    /// One call of the request.
    ///
    /// @param argumentsJson exactly as the model sent them
    /// @param command the shell text, if the call is a shell call
    /// @param argv the simple commands inside it, each as its words, in order; empty if not parsed
    /// @param path the file it names, if it names one
    /// @param effects what it would do, one sentence each
    /// @param rule which rule or mode asks
    /// @param waits whether it is what the request asks about; false: shown because it came in the
    ///   same answer
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
            boolean waits) {
        /// One that waits.
        public Call(
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
                String rule) {
            this(
                    id,
                    tool,
                    argumentsJson,
                    command,
                    argv,
                    path,
                    cwd,
                    level,
                    effects,
                    reasons,
                    rule,
                    true);
        }
    }
}
