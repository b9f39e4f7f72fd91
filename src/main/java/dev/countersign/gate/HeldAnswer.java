package dev.countersign.gate;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One answer of the model that carries tool calls and that the agent does not have yet.
///
/// @param calls in the order of the answer; not empty; ids differ
/// @param text the prose of the same answer, empty if it has none
/// @param layer where it was seen: `gateway`, `sudo`, later `hook` or `acp`
/// @param model as claimed on the wire
public record HeldAnswer(
        List<ToolCall> calls, GuestText text, String layer, @Nullable GuestText model) {
    /// @throws IllegalArgumentException if there is no call or two calls have one id
    public HeldAnswer {
        calls = List.copyOf(calls);
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("an answer without calls is not held");
        }
        if (calls.stream().map(ToolCall::id).distinct().count() != calls.size()) {
            throw new IllegalArgumentException("two calls of one answer have the same id");
        }
    }
}
