package dev.countersign.egress;

/// What is decided about a host and port.
///
/// @param host canonical; what was asked for, made visible, if it has no canonical form
public record Decision(Verdict verdict, Reason reason, String host, int port) {
    /// What happens to a connection.
    public enum Verdict {
        ALLOW,
        ASK,
        DENY
    }

    static Decision allow(Reason reason, String host, int port) {
        return new Decision(Verdict.ALLOW, reason, host, port);
    }

    static Decision ask(Reason reason, String host, int port) {
        return new Decision(Verdict.ASK, reason, host, port);
    }

    static Decision deny(Reason reason, String host, int port) {
        return new Decision(Verdict.DENY, reason, host, port);
    }

    boolean allowed() {
        return verdict == Verdict.ALLOW;
    }
}
