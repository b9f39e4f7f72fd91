package dev.countersign.egress;

/// What is decided about a host and port.
///
/// @param host canonical; what was asked for, made visible, if it has no canonical form
/// @param rule which rule or answer decided, in words; empty if it was none of the developer's
public record Decision(Verdict verdict, Reason reason, String host, int port, String rule) {
    /// What happens to a connection.
    public enum Verdict {
        ALLOW,
        ASK,
        DENY
    }

    static Decision allow(Reason reason, String host, int port) {
        return new Decision(Verdict.ALLOW, reason, host, port, "");
    }

    static Decision ask(Reason reason, String host, int port) {
        return new Decision(Verdict.ASK, reason, host, port, "");
    }

    static Decision deny(Reason reason, String host, int port) {
        return new Decision(Verdict.DENY, reason, host, port, "");
    }

    Decision by(String named) {
        return new Decision(verdict, reason, host, port, named);
    }

    boolean allowed() {
        return verdict == Verdict.ALLOW;
    }

    /// The one sentence for the guest, the developer and the journal.
    public String says() {
        return "Countersign: %s was %s (%s): %s%s."
                .formatted(
                        host.isEmpty() ? "This request" : host + ":" + port,
                        allowed() ? "allowed" : "refused",
                        reason.code(),
                        reason.text(),
                        rule.isEmpty() ? "" : "; " + rule);
    }
}
