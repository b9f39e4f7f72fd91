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
/// @param include what enters the guest although `.gitignore` names it: the developer's file alone
/// @param warnings lines that load and have no effect
public record Policy(
        String source,
        Digest digest,
        @Nullable Mode mode,
        @Nullable DataClass dataClass,
        List<Rule> rules,
        EgressRules egress,
        List<String> exclude,
        List<Include> include,
        List<PolicyFinding> warnings) {
    /// A pattern in the syntax of `.gitignore`, for one repository or for all.
    ///
    /// @param in the repository's directory; null: every one
    public record Include(String pattern, @Nullable String in) {}

    /// Keeps copies.
    public Policy {
        rules = List.copyOf(rules);
        exclude = List.copyOf(exclude);
        include = List.copyOf(include);
        warnings = List.copyOf(warnings);
    }

    Policy with(List<Rule> other) {
        return new Policy(
                source, digest, mode, dataClass, other, egress, exclude, include, warnings);
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
                List.of(),
                List.of());
    }
}
