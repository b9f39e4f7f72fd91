package dev.countersign.gateway;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who decides about the calls of one answer. The gateway hands nothing to the agent before this
/// returned, and nothing that it did not allow by the call's own id.
@FunctionalInterface
public interface AnswerGate {
    /// Blocks until every call is decided.
    ///
    /// It may be asked again about the same ids, by this gateway or by the next engine's, if the
    /// answer could not be handed over: the same ids must then get the same decision without a
    /// person being asked twice.
    ///
    /// @param calls in the order of the answer, with ids that are unique in the session
    /// @param text the model's own words in the same answer, empty without any
    /// @throws CountersignException if nothing could be decided: nothing is released
    Verdicts decide(List<ToolCall> calls, GuestText text, @Nullable GuestText model)
            throws InterruptedException, CountersignException;

    /// Told of each new result that the agent reports, before the model reads it.
    ///
    /// @param callId the call that it is the result of
    /// @throws CountersignException if it could not be recorded: the request is not sent
    default void read(GuestText callId, String result) throws CountersignException {}

    /// Told of each tool that the agent describes to the model, once for each definition, before
    /// the model is asked.
    ///
    /// @throws CountersignException if it could not be recorded: the request is not sent
    default void offered(ToolDefinition tool) throws CountersignException {}

    /// What became of an answer's calls.
    ///
    /// @param calls one for each call, in any order; a call without one is not released
    /// @param planFirst the answer goes back as a whole: the model must state a plan first
    record Verdicts(List<Verdict> calls, boolean planFirst) {
        /// Keeps a copy.
        public Verdicts {
            calls = List.copyOf(calls);
        }
    }

    /// What became of one call.
    ///
    /// @param told what the model is told about a call that does not run
    record Verdict(GuestText callId, Answer answer, DecidedBy by, String told) {}

    /// Denies every call with this reason: for where nobody can be asked.
    static AnswerGate refusing(String reason) {
        return (calls, _, _) ->
                new Verdicts(
                        calls.stream()
                                .map(call ->
                                        new Verdict(
                                                call.id(), Answer.DENIED, DecidedBy.RULE, reason))
                                .collect(Collectors.toList()),
                        false);
    }
}
