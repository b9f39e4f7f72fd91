package dev.countersign.egress;

import dev.countersign.gate.policy.EgressRules;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Decides by canonical host and port. What is wrong with a host or an address is said first; then
/// deny, then allow, then the preset. Immutable.
///
/// Presets: `locked` lets only named hosts through; `packages` (also when none is said) asks about
/// the others; `web` lets every public name through on ports 443 and 80.
public final class EgressPolicy {
    /// Lets nothing through: in force while the real one can't be read.
    static final EgressPolicy BROKEN =
            new EgressPolicy("locked", List.of(), List.of(), Clock.systemUTC(), true);

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

    /// Names that mean something on a machine or in its network alone (RFC 6761, 6762, 8375, what
    /// routers and container engines answer for, and what ICANN keeps out of the root because
    /// companies use it inside).
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
                    "docker",
                    "consul",
                    "corp",
                    "mail",
                    "private");

    private final boolean broken;
    private final boolean locked;
    private final boolean web;
    private final List<HostRule> allow;
    private final List<HostRule> deny;
    private final Map<String, String> ownAddresses;
    private final List<Grant> grants;
    private final Clock clock;

    private EgressPolicy(
            @Nullable String preset,
            List<Source> sources,
            List<Grant> grants,
            Clock clock,
            boolean broken) {
        this.broken = broken;
        this.locked = "locked".equals(preset);
        this.web = "web".equals(preset);
        this.allow = rules(sources, "allow", EgressRules::allow);
        this.deny = rules(sources, "deny", EgressRules::deny);
        this.ownAddresses = own(sources);
        this.grants = List.copyOf(grants);
        this.clock = clock;
    }

    /// Rules and where they stand.
    ///
    /// @param name as it is shown, such as `policy.yaml`
    public record Source(String name, EgressRules rules) {}

    /// @param rules as the policy's reader checked them
    public static EgressPolicy of(EgressRules rules) {
        return new EgressPolicy(
                rules.preset(),
                List.of(new Source("policy", rules)),
                List.of(),
                Clock.systemUTC(),
                false);
    }

    /// What counts for one session.
    ///
    /// @param preset of the session; those of the sources don't count
    /// @param grants what the developer let be reached; nothing where the preset is `locked`
    static EgressPolicy of(String preset, List<Source> sources, List<Grant> grants, Clock clock) {
        return new EgressPolicy(
                preset, sources, preset.equals("locked") ? List.of() : grants, clock, false);
    }

    private static List<HostRule> rules(
            List<Source> sources, String verb, Function<EgressRules, List<String>> part) {
        List<HostRule> all = new ArrayList<>();
        for (Source source : sources) {
            for (String text : part.apply(source.rules())) {
                all.add(HostRule.of(text, "%s egress %s %s".formatted(source.name(), verb, text)));
            }
        }
        return all;
    }

    /// `name` or `*.name`, which covers the names below it and not itself.
    ///
    /// @param port 0: 443 and 80
    private record HostRule(String name, boolean below, int port, String words) {
        static HostRule of(String text, String words) {
            int colon = text.lastIndexOf(':');
            int port = colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1));
            String host = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
            boolean below = host.startsWith("*.");
            return new HostRule(below ? host.substring(2) : host, below, port, words);
        }

        boolean covers(String host) {
            return below ? host.endsWith("." + name) : host.equals(name);
        }

        boolean covers(String host, int asked) {
            return covers(host) && (port == 0 ? asked == 443 || asked == 80 : asked == port);
        }
    }

    private static Map<String, String> own(List<Source> sources) {
        Map<String, String> own = new HashMap<>();
        for (Source source : sources) {
            for (String text : source.rules().allowPrivate()) {
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
                String words = "%s egress allow-private %s".formatted(source.name(), text);
                hosts.forEach(address -> own.put(address + port, words));
            }
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
        return check(host, port, clock.instant());
    }

    /// @param at when the connection was asked for: what ends later does not cut it
    Decision check(CanonicalHost host, int port, Instant at) {
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
        Optional<HostRule> denying =
                deny.stream()
                        .filter(rule ->
                                rule.covers(name) && (rule.port() == 0 || rule.port() == port))
                        .findFirst();
        if (denying.isPresent()) {
            return Decision.deny(Reason.RULE_DENY, name, port).by(denying.get().words());
        }
        Optional<HostRule> naming =
                allow.stream().filter(rule -> rule.covers(name, port)).findFirst();
        if (local != null
                && !allow.stream().anyMatch(rule -> rule.covers(name, port) && !rule.below())) {
            return Decision.deny(local, name, port);
        }
        if (naming.isPresent()) {
            return Decision.allow(Reason.RULE_ALLOW, name, port).by(naming.get().words());
        }
        if (port != 443 && port != 80) {
            return Decision.deny(Reason.PORT_NOT_NAMED, name, port);
        }
        Optional<Grant> grant =
                grants.stream().filter(one -> one.covers(name, port, at)).findFirst();
        if (grant.isPresent()) {
            return Decision.allow(Reason.GRANTED, name, port).by(grant.get().words());
        }
        if (web) {
            return Decision.allow(Reason.PRESET_WEB, name, port);
        }
        return locked
                ? Decision.deny(Reason.PRESET_LOCKED, name, port)
                : Decision.ask(Reason.UNKNOWN_HOST, name, port);
    }

    /// Decides about a registry that the developer's own tools are set up with. Reading is what
    /// `packages` and `web` are for.
    Decision checkOrigin(CanonicalHost host, int port, Instant at) {
        return checkNamed(host, port, at, Reason.REGISTRY);
    }

    /// Decides about a server that a credential of the developer's names.
    Decision checkCredential(CanonicalHost host, int port, Instant at) {
        return checkNamed(host, port, at, Reason.CREDENTIAL);
    }

    /// What the developer named elsewhere is known, and may be private or on another port. `locked`
    /// and deny stay what they are.
    private Decision checkNamed(CanonicalHost host, int port, Instant at, Reason named) {
        Decision plain = check(host, port, at);
        if (plain.allowed()) {
            return plain;
        }
        return switch (plain.reason()) {
            case POLICY_BROKEN, PORT_INVALID, METADATA, RULE_DENY, PRESET_LOCKED -> plain;
            default ->
                    locked
                            ? Decision.deny(Reason.PRESET_LOCKED, host.name(), port)
                            : Decision.allow(named, host.name(), port);
        };
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
            return Decision.allow(Reason.RULE_PRIVATE, host.name(), port)
                    .by(ownAddresses.getOrDefault(host.name() + ":" + port, ""));
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
        return ownAddresses.containsKey(address + ":" + port);
    }

    /// Whether anything at all can be let through.
    boolean opensAnything() {
        return !broken && (!locked || !allow.isEmpty() || !ownAddresses.isEmpty());
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
