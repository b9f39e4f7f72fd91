package dev.countersign.gate.approval;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a session asked of the developer's attention.
///
/// @param prompts requests that were shown
/// @param lastHour of these, in the hour before the last entry
/// @param hours since the session's first entry, at least a tenth
/// @param allowed requests that were allowed, wholly or in part
/// @param denied requests that a person denied
/// @param unanswered requests that ran out of time or were voided
/// @param typical the median time until a person decided; null: none did
/// @param hasty requests that were allowed within two seconds: hardly read
/// @param covered calls that ran by a plan or a rule instead of being asked
public record ApprovalBudget(
        int prompts,
        int lastHour,
        double hours,
        int allowed,
        int denied,
        int unanswered,
        @Nullable Duration typical,
        int hasty,
        int covered) {
    /// Requests an hour over the whole session.
    public double perHour() {
        return prompts / hours;
    }

    /// Of what a person decided, how much was allowed, from 0 to 1; 0 if nothing was decided.
    public double shareAllowed() {
        int decided = allowed + denied;
        return decided == 0 ? 0 : allowed / (double) decided;
    }
}
