package dev.countersign.api;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A decision and what it is of.
///
/// @param digest of what was seen: the request's own, or [ApprovalView.Equal#digest()] to decide
///   all equal ones together. Null only to deny this one request, whatever it shows.
/// @param calls to allow some of one answer's calls and deny the others: numbers from 1, in the
///   order of [ApprovalView#calls()]. Empty: all.
/// @param note reaches the model with what is denied
/// @param reach how far a yes to hosts goes: `once`, `session` or `repository`; null: this session
/// @param until the last day on which that counts, such as `2027-01-31`; null: no end of its own
/// @param proof what [ApprovalView#proof()] asks for
public record DecideRequest(
        String requestId,
        @Nullable Digest digest,
        Answer answer,
        List<Integer> calls,
        @Nullable String note,
        @Nullable String proof,
        @Nullable String reach,
        @Nullable String until) {
    /// One that says nothing of hosts.
    public DecideRequest(
            String requestId,
            @Nullable Digest digest,
            Answer answer,
            List<Integer> calls,
            @Nullable String note,
            @Nullable String proof) {
        this(requestId, digest, answer, calls, note, proof, null, null);
    }
}
