package dev.countersign.journal;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a check of one log can say, and no more ([P8]).
///
/// @param log its origin, or its path where it names none
/// @param ok nothing was found wrong; says nothing about what was never recorded
/// @param entries how many were read in order
/// @param verifiedTo the last entry that a signed head covers, or -1
/// @param headAt when that head was signed, by the host's clock
/// @param unsigned entries behind it: in order, but not signed yet
/// @param problem the first thing that is wrong, in words
/// @param firstBad the first entry that is not vouched for, if something is wrong with one
/// @param torn bytes at the end that are no whole record: the trace of a crash, not counted
/// @param aside files with bytes of former crashes, kept beside the log
/// @param key the signing key's fingerprint
/// @param trust `installation`: the key is that of this installation; `given`: the caller named it;
///   `claimed`: the log itself names it, which shows order and wholeness but not who signed
/// @param anchor the last anchor outside of this machine; `none` so far
public record Verification(
        String log,
        boolean ok,
        long entries,
        long verifiedTo,
        @Nullable Instant headAt,
        long unsigned,
        @Nullable String problem,
        @Nullable Long firstBad,
        long torn,
        List<String> aside,
        @Nullable String key,
        String trust,
        String anchor) {

    Verification withTrust(String trust) {
        return new Verification(
                log,
                ok,
                entries,
                verifiedTo,
                headAt,
                unsigned,
                problem,
                firstBad,
                torn,
                aside,
                key,
                trust,
                anchor);
    }

    /// One sentence for people.
    public String says() {
        StringBuilder text = new StringBuilder();
        if (verifiedTo >= 0) {
            text.append("verified to entry ")
                    .append(verifiedTo)
                    .append(" by head of time ")
                    .append(headAt);
        } else {
            text.append("nothing is verified: ")
                    .append(headAt == null ? "no signed head fits" : "no entry is signed yet");
        }
        text.append("; anchored: ").append(anchor);
        if (trust.equals("claimed")) {
            text.append("; key ").append(key).append(" as the log itself claims");
        }
        if (unsigned > 0) {
            text.append("; entries behind it, not signed yet: ").append(unsigned);
        }
        if (torn > 0) {
            text.append("; ").append(torn).append(" bytes of an unfinished record at the end");
        }
        if (problem != null) {
            text.append("; PROBLEM: ").append(problem);
        }
        return text.toString();
    }
}
