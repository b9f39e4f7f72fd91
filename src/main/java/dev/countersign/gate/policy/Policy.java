package dev.countersign.gate.policy;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Mode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One policy file that was read and found good.
///
/// @param source its name as verdicts show it, such as `policy.yaml`
/// @param mode the mode that sessions start with; null: not said
/// @param exclude globs of files that do not enter the guest
/// @param warnings lines that load and have no effect
public record Policy(
        String source,
        Digest digest,
        @Nullable Mode mode,
        @Nullable DataClass dataClass,
        List<Rule> rules,
        EgressRules egress,
        List<String> exclude,
        List<PolicyFinding> warnings) {
    /// Keeps copies.
    public Policy {
        rules = List.copyOf(rules);
        exclude = List.copyOf(exclude);
        warnings = List.copyOf(warnings);
    }

    Policy with(List<Rule> other) {
        return new Policy(source, digest, mode, dataClass, other, egress, exclude, warnings);
    }

    static Policy empty(String source) {
        return new Policy(
                source,
                Digest.of(""),
                null,
                null,
                List.of(),
                EgressRules.NONE,
                List.of(),
                List.of());
    }
}
