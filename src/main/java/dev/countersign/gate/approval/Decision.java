package dev.countersign.gate.approval;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the developer decided, and of what.
///
/// @param digest of what was seen: the request's own, or that of all equal requests, which decides
///   them together. Null only for a denial of this one request, whatever it shows.
/// @param calls of an allowed request, the numbers of the calls that may run, from 1, as they are
///   shown; the others are denied. Empty: all of them.
/// @param note reaches the model with every call that is denied
/// @param reach how far a yes to hosts goes; null: this session
/// @param proof what the second factor asks for, where one is set up and the request is critical
public record Decision(
        String requestId,
        @Nullable Digest digest,
        Answer answer,
        List<Integer> calls,
        @Nullable String note,
        @Nullable String proof,
        @Nullable Reach reach) {
    /// One that says nothing of hosts.
    public Decision(
            String requestId,
            @Nullable Digest digest,
            Answer answer,
            List<Integer> calls,
            @Nullable String note,
            @Nullable String proof) {
        this(requestId, digest, answer, calls, note, proof, null);
    }

    /// Keeps a copy.
    public Decision {
        calls = List.copyOf(calls);
    }

    /// Allows all of what was seen.
    public static Decision allow(String requestId, Digest digest, @Nullable String note) {
        return new Decision(requestId, digest, Answer.ALLOWED, List.of(), note, null);
    }

    /// Denies one request, whatever it shows.
    public static Decision deny(String requestId, @Nullable String note) {
        return new Decision(requestId, null, Answer.DENIED, List.of(), note, null);
    }
}
