package dev.countersign.gate.policy;

/// What rules would have done to what was asked in recorded sessions.
///
/// @param sessions how many were looked at
/// @param allowed calls that you allowed, or that ran under your plan, and that would have run
/// @param denied calls that you denied and that would have run
/// @param unanswered calls that nobody answered in time, or that were voided, and would have run
/// @param prompts requests that would not have been shown
public record RuleEffect(int sessions, int allowed, int denied, int unanswered, int prompts) {
    /// One sentence of it.
    public String sentence() {
        if (sessions == 0) {
            return "no session is on record to try it on";
        }
        return "over your last "
                + (sessions == 1 ? "session" : sessions + " sessions")
                + ": would have run "
                + (allowed == 1 ? "1 call" : allowed + " calls")
                + " that you allowed, "
                + denied
                + " that you denied"
                + (unanswered == 0 ? "" : ", " + unanswered + " that nobody answered")
                + "; "
                + (prompts == 1 ? "1 request" : prompts + " requests")
                + " less";
    }
}
