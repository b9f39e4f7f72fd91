package dev.countersign.egress;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was decided about one request, told before it takes effect, or how a connection ended.
///
/// @param what `decision`, or `end` of what was allowed
/// @param method of the request; empty if none could be read
/// @param address that is dialled, where it is known
/// @param flags such as `ech`
/// @param sent bytes to the host so far
/// @param received bytes from it so far
public record EgressEvent(
        What what,
        Decision decision,
        String method,
        @Nullable String address,
        List<String> flags,
        long sent,
        long received) {
    /// The kind of event.
    public enum What {
        DECISION,
        END
    }

    /// Keeps a copy of the flags.
    public EgressEvent {
        flags = List.copyOf(flags);
    }
}
