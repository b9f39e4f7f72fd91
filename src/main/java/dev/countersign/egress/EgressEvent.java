package dev.countersign.egress;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to one request, told before it takes effect, or how a connection ended.
///
/// @param connection its number
/// @param what `held` while somebody is asked, `decision`, or `end` of what was allowed
/// @param method of the request; empty if none could be read
/// @param process that opened the connection, as the guest claims; null: not said
/// @param address that is dialled, where it is known
/// @param flags such as `ech`
/// @param sent bytes to the host so far
/// @param received bytes from it so far
public record EgressEvent(
        long connection,
        What what,
        Decision decision,
        String method,
        @Nullable String process,
        @Nullable String address,
        List<String> flags,
        long sent,
        long received) {
    /// The kind of event.
    public enum What {
        HELD,
        DECISION,
        END
    }

    /// Keeps a copy of the flags.
    public EgressEvent {
        flags = List.copyOf(flags);
    }
}
