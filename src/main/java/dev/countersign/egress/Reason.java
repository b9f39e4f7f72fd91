package dev.countersign.egress;

import java.util.Locale;

/// Why a connection was allowed, is asked about, or was refused: one code for the guest, the
/// developer and the journal.
public enum Reason {
    /// A rule names the host.
    RULE_ALLOW("a rule allows it"),
    /// A rule names this address and port of the developer's own.
    RULE_PRIVATE("a rule names this address and port"),
    /// The preset `web` allows every public name.
    PRESET_WEB("the preset web allows public names"),
    /// A tool of the developer's is set up with this registry, and the request only reads.
    REGISTRY("your own tools are set up with this registry, and it is only read"),
    /// The developer was asked and said yes.
    GRANTED("the developer allowed it"),
    /// A credential of the developer's is for this server, path and method.
    CREDENTIAL("a credential of yours is for it"),
    /// No rule names the host; somebody has to say.
    UNKNOWN_HOST("no rule names this host"),
    RULE_DENY("a rule denies it"),
    PERSON_DENIED("the developer denied it"),
    UNANSWERED("the developer was asked and has not answered yet; try again later"),
    QUESTIONS_FULL("too many hosts wait for an answer"),
    NOT_ASKED("the developer could not be asked"),
    PRESET_LOCKED("the preset locked lets only named hosts through"),
    HOST_EMPTY("there is no host"),
    HOST_MALFORMED("the host is not a name"),
    HOST_CONTROL("the host holds control or space characters"),
    HOST_PERCENT("the host holds a percent sign"),
    HOST_USERINFO("the host holds a user or password"),
    HOST_IDN("the host is no valid international name"),
    HOST_LOCAL("the name is local to a machine or network"),
    PORT_INVALID("the port is not between 1 and 65535"),
    PORT_NOT_NAMED("only ports 443 and 80 are open unless a rule names the port"),
    IP_SPELLING("the address is not in its plain spelling"),
    IP_LITERAL("addresses are refused unless a rule names address and port"),
    IP_UNSPECIFIED("the address means this machine"),
    IP_LOOPBACK("the address is loopback"),
    IP_PRIVATE("the address is private"),
    IP_LINK_LOCAL("the address is link-local"),
    IP_CGNAT("the address is of a provider's inner network"),
    IP_MULTICAST("the address is multicast or broadcast"),
    IP_RESERVED("the address is reserved"),
    IP_EMBEDDED("the address carries an IPv4 address"),
    IP_SELF("the address is this machine's own"),
    METADATA("the address or name is of a cloud's metadata service"),
    DNS_FAILED("the name has no address"),
    DIAL_FAILED("the host does not answer"),
    REQUEST_MALFORMED("the request is not HTTP/1.1 as it should be"),
    REQUEST_TOO_LARGE("the request's head is too large"),
    REQUEST_SLOW("the request's head took too long"),
    METHOD("the method is not allowed here"),
    SCHEME("only http:// may be asked for without a tunnel"),
    HOST_MISMATCH("target and Host header name different hosts"),
    SMUGGLING("the request's length is ambiguous"),
    TUNNEL_NOT_TLS("a tunnel must carry TLS"),
    TUNNEL_SLOW("the tunnel's first bytes took too long"),
    SNI_MISSING("the tunnel names no server"),
    SNI_MISMATCH("the tunnel names another server"),
    ORIGIN_UNKNOWN("no tool of the host is set up with such a registry"),
    ORIGIN_PATH("a registry's clients read no such path"),
    ORIGIN_LINK("the registry did not name this address to this session"),
    GIT_PUSH("nothing is pushed from here: the host pushes, after review"),
    GIT_DUMB("only git's smart protocol is served"),
    GIT_REQUEST("this is no request that a fetch of git is made of"),
    GUEST_CREDENTIAL("credentials of the guest are not sent on"),
    UPSTREAM_FAILED("the registry did not answer as it should"),
    UPSTREAM_SLOW("the registry took too long"),
    UPSTREAM_TOO_LARGE("the registry's answer is too large"),
    REDIRECT("the registry leads to a place that is not allowed"),
    CANARY("it carries a token that must not leave this guest"),
    CREDENTIAL_UNKNOWN("this session has no such credential, or has it no more"),
    CREDENTIAL_SCOPE("the credential is not for this path and method"),
    CREDENTIAL_MISSING("the request does not carry the credential's placeholder"),
    CREDENTIAL_UNREADABLE("the credential's value can't be had on the host"),
    CREDENTIAL_BROKERED(
            "the host has a credential for this server: ask it at http://127.0.0.1:4101/o/api/"),
    LIMIT_CONNECTIONS("too many connections are open"),
    LIMIT_HOST_BYTES("too much was sent to this host"),
    LIMIT_SESSION_BYTES("too much was sent in this session"),
    IDLE("nothing was sent for too long"),
    REVOKED("the rule that allowed it is gone"),
    NOT_RECORDED("it could not be written down, so nothing goes out"),
    POLICY_BROKEN("the policy can't be read, so nothing goes out"),
    CLOSED("both sides are done");

    private final String text;

    Reason(String text) {
        this.text = text;
    }

    /// The code, such as `sni-mismatch`. Stable.
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// A sentence's middle, for people.
    public String text() {
        return text;
    }
}
