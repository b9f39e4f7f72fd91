package dev.countersign.gate.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a policy says about the network: checked here, used by the proxy.
///
/// @param preset `locked`, `packages` or `web`; null: not said
/// @param allow `name`, `*.name`, each with an optional `:port`
/// @param deny alike
/// @param allowPrivate `address:port` of the developer's own services
public record EgressRules(
        @Nullable String preset, List<String> allow, List<String> deny, List<String> allowPrivate) {
    /// Nothing said.
    public static final EgressRules NONE = new EgressRules(null, List.of(), List.of(), List.of());

    /// Keeps copies.
    public EgressRules {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        allowPrivate = List.copyOf(allowPrivate);
    }
}
