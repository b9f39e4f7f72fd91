package dev.countersign.egress;

import dev.countersign.gate.policy.EgressRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides by canonical host and port. What is wrong with a host or an address is said first; then
/// deny, then allow, then the preset. Immutable.
///
/// Presets: `locked` lets only named hosts through; `packages` (also when none is said) asks about
/// the others; `web` lets every public name through on ports 443 and 80.
public final class EgressPolicy {
    /// Lets nothing through: in force while the real one can't be read.
    static final EgressPolicy BROKEN = new EgressPolicy(EgressRules.NONE, true);

    private static final Set<String> METADATA_NAMES =
            Set.of(
                    "metadata",
                    "metadata.google.internal",
                    "metadata.goog",
                    "instance-data",
                    "instance-data.ec2.internal",
                    "metadata.azure.internal",
                    "metadata.tencentyun.com",
                    "metadata.platformequinix.com",
                    "rancher-metadata",
                    "metadata.packet.net");

    /// Names that mean something on a machine or in its network alone (RFC 6761, 6762, 8375, and
    /// what routers and container engines answer for).
    private static final Set<String> LOCAL_SUFFIXES =
            Set.of(
                    "localhost",
                    "local",
                    "localdomain",
                    "internal",
                    "intranet",
                    "lan",
                    "home",
                    "home.arpa",
                    "arpa",
                    "onion",
                    "invalid",
                    "ip6-localhost",
                    "ip6-loopback",
                    "lxd",
                    "docker");

    private final boolean broken;
    private final boolean locked;
    private final boolean web;
    private final List<HostRule> allow;
    private final List<HostRule> deny;
    private final Set<String> ownAddresses;

    private EgressPolicy(EgressRules rules, boolean broken) {
        this.broken = broken;
        this.locked = "locked".equals(rules.preset());
        this.web = "web".equals(rules.preset());
        this.allow = rules.allow().stream().map(HostRule::of).toList();
        this.deny = rules.deny().stream().map(HostRule::of).toList();
        this.ownAddresses = own(rules.allowPrivate());
    }

    /// @param rules as the policy's reader checked them
    public static EgressPolicy of(EgressRules rules) {
        return new EgressPolicy(rules, false);
    }

    /// `name` or `*.name`, which covers the names below it and not itself.
    ///
    /// @param port 0: 443 and 80
    private record HostRule(String name, boolean below, int port) {
        static HostRule of(String text) {
            int colon = text.lastIndexOf(':');
            int port = colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1));
            String host = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
            boolean below = host.startsWith("*.");
            return new HostRule(below ? host.substring(2) : host, below, port);
        }

        boolean covers(String host) {
            return below ? host.endsWith("." + name) : host.equals(name);
        }

        boolean covers(String host, int asked) {
            return covers(host) && (port == 0 ? asked == 443 || asked == 80 : asked == port);
        }
    }

    private static Set<String> own(List<String> addresses) {
        Set<String> own = new HashSet<>();
        for (String text : addresses) {
            int colon = text.lastIndexOf(':');
            String host = text.substring(0, colon);
            String port = text.substring(colon);
            List<String> hosts = new ArrayList<>();
            if (host.equals("localhost")) {
                hosts.add("127.0.0.1");
                hosts.add("::1");
            } else {
                CanonicalHost canonical = CanonicalHost.read(host).host();
                if (canonical != null && canonical.address()) {
                    hosts.add(canonical.name());
                }
            }
            hosts.forEach(address -> own.add(address + port));
        }
        return own;
    }

    /// Decides about a host as it was asked for.
    ///
    /// @param host without port; an IPv6 address with or without brackets
    public Decision check(String host, int port) {
        CanonicalHost.Read read = CanonicalHost.read(host);
        CanonicalHost canonical = read.host();
        Reason refused = read.refused();
        if (canonical == null) {
            return Decision.deny(
                    refused == null ? Reason.HOST_MALFORMED : refused, read.shown(), port);
        }
        return check(canonical, port);
    }

    Decision check(CanonicalHost host, int port) {
        String name = host.name();
        if (broken) {
            return Decision.deny(Reason.POLICY_BROKEN, name, port);
        }
        if (port < 1 || port > 65535) {
            return Decision.deny(Reason.PORT_INVALID, name, port);
        }
        byte[] address = host.bytes();
        if (address != null) {
            return checkAddress(host, address, port);
        }
        Reason local = local(name);
        if (local == Reason.METADATA) {
            return Decision.deny(local, name, port);
        }
        if (name.equals("localhost") && (own("127.0.0.1", port) || own("::1", port))) {
            return Decision.allow(Reason.RULE_PRIVATE, name, port);
        }
        if (deny.stream()
                .anyMatch(rule -> rule.covers(name) && (rule.port() == 0 || rule.port() == port))) {
            return Decision.deny(Reason.RULE_DENY, name, port);
        }
        boolean named = allow.stream().anyMatch(rule -> rule.covers(name, port));
        if (local != null
                && !allow.stream().anyMatch(rule -> rule.covers(name, port) && !rule.below())) {
            return Decision.deny(local, name, port);
        }
        if (named) {
            return Decision.allow(Reason.RULE_ALLOW, name, port);
        }
        if (port != 443 && port != 80) {
            return Decision.deny(Reason.PORT_NOT_NAMED, name, port);
        }
        if (web) {
            return Decision.allow(Reason.PRESET_WEB, name, port);
        }
        return locked
                ? Decision.deny(Reason.PRESET_LOCKED, name, port)
                : Decision.ask(Reason.UNKNOWN_HOST, name, port);
    }

    private Decision checkAddress(CanonicalHost host, byte[] address, int port) {
        Reason refused = Addresses.refused(address).orElse(null);
        if (refused == Reason.METADATA) {
            return Decision.deny(Reason.METADATA, host.name(), port);
        }
        if (!host.plain()) {
            return Decision.deny(Reason.IP_SPELLING, host.name(), port);
        }
        if (own(host.name(), port)) {
            return Decision.allow(Reason.RULE_PRIVATE, host.name(), port);
        }
        return Decision.deny(refused == null ? Reason.IP_LITERAL : refused, host.name(), port);
    }

    private static @Nullable Reason local(String name) {
        if (METADATA_NAMES.contains(name)) {
            return Reason.METADATA;
        }
        boolean suffix =
                LOCAL_SUFFIXES.stream()
                        .anyMatch(local -> name.equals(local) || name.endsWith("." + local));
        return suffix || name.indexOf('.') < 0 ? Reason.HOST_LOCAL : null;
    }

    private boolean own(String address, int port) {
        return ownAddresses.contains(address + ":" + port);
    }

    /// Why an address that a name stands for must not be dialled; null if it may.
    @Nullable Reason refusedAddress(byte[] address, int port) {
        Reason refused = Addresses.refused(address).orElse(null);
        if (refused == Reason.METADATA) {
            return refused;
        }
        return own(Addresses.text(address), port) ? null : refused;
    }

    /// Whether this may be anything, not only TLS: the developer's own service, by its address.
    boolean plainTunnel(CanonicalHost host, int port) {
        return (host.address() && own(host.name(), port))
                || (host.name().equals("localhost") && check(host, port).allowed());
    }
}
