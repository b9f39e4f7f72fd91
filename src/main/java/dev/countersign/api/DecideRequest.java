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
/// @param proof what [ApprovalView#proof()] asks for
public record DecideRequest(
        String requestId,
        @Nullable Digest digest,
        Answer answer,
        List<Integer> calls,
        @Nullable String note,
        @Nullable String proof) {}
