package dev.countersign.gate;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.GuestText;

/// What becomes of one call.
///
/// @param told what the model is told as the call's result when it does not run; empty if it runs
public record CallRuling(GuestText callId, Answer answer, DecidedBy by, String told) {}
