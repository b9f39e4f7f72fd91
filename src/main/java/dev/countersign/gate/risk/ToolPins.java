package dev.countersign.gate.risk;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the tools of a session's agent are known to be. A call of a tool that is not known, or is
/// described to the model otherwise than known, is never below `high`: what its name says is the
/// guest's word alone ([P8]).
public final class ToolPins {
    private static final int MOST = 200;

    private final @Nullable String agent;
    private final Map<String, Set<Digest>> pinned;
    private final Map<String, String> strange = new ConcurrentHashMap<>();

    /// @param agent title and version that the pins are of
    /// @param pinned for each tool, the digests that its definition may have
    public ToolPins(String agent, Map<String, Set<Digest>> pinned) {
        this.agent = agent;
        this.pinned = Map.copyOf(pinned);
    }

    private ToolPins() {
        this.agent = null;
        this.pinned = Map.of();
    }

    /// Of an agent whose tools nobody has pinned: no call is raised by it.
    public static ToolPins none() {
        return new ToolPins();
    }

    /// The agent describes a tool to its model. Once a tool was described otherwise than pinned, it
    /// stays strange: the guest could take turns.
    ///
    /// @return what is to be said about it; empty if it is as pinned, or was said before
    public Optional<String> offered(GuestText tool, Digest definition) {
        if (agent == null || strange.containsKey(tool.raw())) {
            return Optional.empty();
        }
        Set<Digest> known = pinned.get(tool.raw());
        if (known != null && known.contains(definition)) {
            return Optional.empty();
        }
        if (known == null && strange.size() >= MOST) {
            // It counts as unknown in any case; a guest must not fill the journal with names.
            return Optional.empty();
        }
        String why = known == null ? unknown(tool) : changed(tool);
        strange.put(tool.raw(), why);
        return Optional.of(why);
    }

    /// The rating, or `high` with the reason.
    public Rating raised(Rating rating, GuestText tool) {
        if (agent == null) {
            return rating;
        }
        String why = strange.get(tool.raw());
        if (why == null && pinned.containsKey(tool.raw())) {
            return rating;
        }
        return rating.raisedTo(Level.HIGH, why == null ? unknown(tool) : why);
    }

    private String unknown(GuestText tool) {
        return "the tool " + tool.visible() + " is none that " + agent + " is known to have";
    }

    private String changed(GuestText tool) {
        return "the tool "
                + tool.visible()
                + " is described to the model otherwise than that of "
                + agent
                + " is known to be";
    }
}
