package dev.countersign.gate;

import dev.countersign.domain.Answer;
import java.util.List;

/// What becomes of a held answer, call by call, in the answer's order.
///
/// @param planFirst the whole answer goes back once: every call is [Answer#PLAN_FIRST] and `told`
///   asks for a plan
public record Ruling(List<CallRuling> calls, boolean planFirst) {
    /// Keeps a copy.
    public Ruling {
        calls = List.copyOf(calls);
    }

    /// Whether every call may run: the answer goes to the agent as it came.
    public boolean allAllowed() {
        return calls.stream().allMatch(call -> call.answer() == Answer.ALLOWED);
    }

    /// Whether no call may run: the agent does not get this answer.
    public boolean noneAllowed() {
        return calls.stream().noneMatch(call -> call.answer() == Answer.ALLOWED);
    }
}
