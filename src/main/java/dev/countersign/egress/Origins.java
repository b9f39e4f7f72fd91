package dev.countersign.egress;

import dev.countersign.egress.Origin.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The registries that a session's guest reads through the host.
///
/// @param present in the order of the tools' own preference
/// @param absent why there is none of a kind, such as `npm is not installed on the host`
public record Origins(List<Origin> present, Map<Kind, String> absent) {
    /// Where they are in the guest.
    public static final String GATEWAY = "http://127.0.0.1:4101/o/";

    /// Where git's servers are in the guest: `https/HOST/PATH` follows.
    public static final String GIT_GATEWAY = "http://127.0.0.1:4101/g/https/";

    /// None, and nothing known about why.
    public static final Origins NONE = new Origins(List.of(), Map.of());

    /// Keeps copies.
    public Origins {
        present = List.copyOf(present);
        absent = Map.copyOf(absent);
    }

    /// By the word in the path.
    Optional<Origin> named(String id) {
        return present.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /// All of one kind, in the order in which the tool asks them.
    public List<Origin> of(Kind kind) {
        return present.stream().filter(one -> one.kind() == kind).toList();
    }
}
