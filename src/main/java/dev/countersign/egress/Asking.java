package dev.countersign.egress;

import org.jspecify.annotations.Nullable;

/// Asks about a host that no rule knows, and waits for seconds.
@FunctionalInterface
interface Asking {
    /// Where nobody can be asked, asking is refusing.
    Asking NOBODY = wanted -> Decision.deny(Reason.UNKNOWN_HOST, wanted.host(), wanted.port());

    /// What the guest wants.
    ///
    /// @param host canonical
    /// @param method of the request
    /// @param target path of a plain request; empty for a tunnel
    /// @param process that wants it, as the guest claims
    record Wanted(String host, int port, String method, String target, @Nullable String process) {
        String place() {
            return host + ":" + port;
        }
    }

    /// An allowance is in the policy by the time this returns it.
    Decision ask(Wanted wanted) throws InterruptedException;
}
