package dev.countersign.gateway;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.List;

/// An answer that the agent does not have yet.
///
/// @param request names the agent's request: session, epoch, model and conversation
/// @param callIds the calls that wait; empty while the model still answers
/// @param waitedFor whether a connection of the agent waits for it now
public record PendingAnswer(
        Digest request, List<GuestText> callIds, boolean waitedFor, Instant since) {}
