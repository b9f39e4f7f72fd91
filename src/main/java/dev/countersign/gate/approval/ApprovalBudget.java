package dev.countersign.gate.approval;

import java.time.Duration;
import java.util.Locale;
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

    /// All of it in one sentence, for the journal.
    public String sentence() {
        Duration waited = typical;
        return String.format(
                Locale.ROOT,
                "It asked %d times so far (%d in the last hour, %.1f an hour): %d allowed, %d denied, %d"
                        + " unanswered%s%s; %d calls ran by plan or rule instead.",
                prompts,
                lastHour,
                perHour(),
                allowed,
                denied,
                unanswered,
                waited == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; %.0f %% of what was decided was allowed, typically after %.0f s",
                                shareAllowed() * 100,
                                waited.toMillis() / 1000.0),
                hasty == 0 ? "" : ", " + hasty + " within two seconds",
                covered);
    }

    /// Of what a person decided, how much was allowed, from 0 to 1; 0 if nothing was decided.
    public double shareAllowed() {
        int decided = allowed + denied;
        return decided == 0 ? 0 : allowed / (double) decided;
    }
}
