package dev.countersign.gate.policy;

import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.risk.Rating;

/// The rules that count now.
public final class PolicySource {
    /// A call's rating after rules raised it, and the verdict.
    public record Judged(Rating rating, Verdict verdict) {}

    /// Built-in deny, deny, ask, allow, then the mode's table; the strictest wins in each step.
    public Judged judge(ToolCall call, Rating rating, Scope scope) {
        return rating.understood() && rating.level() == Level.LOW
                ? new Judged(
                        rating,
                        new Verdict.Run("mode " + scope.mode().word(), DecidedBy.MODE, false))
                : new Judged(
                        rating,
                        new Verdict.Ask(
                                "mode " + scope.mode().word(), call.id().raw().substring(0, 0)));
    }
}
