package dev.countersign.ui.network;

import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that is known of one host and port: how often it was wanted, what became of it, how much
/// went there and came back. Grows with the journal; only the screen's thread touches it.
final class HostLine {
    private static final int LISTED = 50;

    /// Where it stands.
    enum Standing {
        WAITING,
        REACHED,
        REFUSED
    }

    /// One connection.
    ///
    /// @param ended null: it is open, was refused, or its end was not seen
    record Connection(
            long number,
            Instant at,
            GuestText method,
            boolean allowed,
            Fact.@Nullable ConnectionEnded ended,
            @Nullable Instant endedAt) {}

    private final String place;
    private final Set<Long> held = new HashSet<>();
    private final Set<Long> open = new HashSet<>();
    private final ArrayDeque<Connection> connections = new ArrayDeque<>();
    private Fact.@Nullable ConnectionDecided decided;
    private @Nullable Instant decidedAt;
    private @Nullable Instant heldSince;
    private Fact.@Nullable HostsGranted granted;
    private @Nullable Instant grantedAt;
    private @Nullable Instant revokedAt;
    private @Nullable GuestText process;
    private final List<String> credentials = new ArrayList<>();
    private long wanted;
    private long refused;
    private long sent;
    private long received;

    HostLine(String place) {
        this.place = place;
    }

    void held(Instant at, Fact.ConnectionHeld fact) {
        if (held.isEmpty()) {
            heldSince = at;
        }
        held.add(fact.connection());
        claimed(fact.process());
    }

    void decided(Instant at, Fact.ConnectionDecided fact) {
        held.remove(fact.connection());
        wanted++;
        decided = fact;
        decidedAt = at;
        claimed(fact.process());
        if (fact.allowed()) {
            open.add(fact.connection());
        } else {
            refused++;
        }
        connections.addLast(
                new Connection(fact.connection(), at, fact.method(), fact.allowed(), null, null));
        if (connections.size() > LISTED) {
            connections.removeFirst();
        }
    }

    void ended(Instant at, Fact.ConnectionEnded fact) {
        held.remove(fact.connection());
        open.remove(fact.connection());
        sent += fact.sent();
        received += fact.received();
        List<Connection> old = new ArrayList<>(connections);
        connections.clear();
        for (Connection each : old) {
            connections.addLast(
                    each.number() == fact.connection() && each.allowed() && each.ended() == null
                            ? new Connection(
                                    each.number(), each.at(), each.method(), true, fact, at)
                            : each);
        }
    }

    void granted(Instant at, Fact.HostsGranted fact) {
        granted = fact;
        grantedAt = at;
        revokedAt = null;
    }

    void revoked(Instant at) {
        granted = null;
        revokedAt = at;
    }

    void credential(String name) {
        if (!credentials.contains(name)) {
            credentials.add(name);
        }
    }

    /// A new line of the session begins: what was open or held is gone with the old one.
    void cut() {
        held.clear();
        open.clear();
    }

    private void claimed(@Nullable GuestText words) {
        if (words != null) {
            process = words;
        }
    }

    Standing standing() {
        if (!held.isEmpty()) {
            return Standing.WAITING;
        }
        Fact.ConnectionDecided last = decided;
        return (last == null ? granted != null : last.allowed())
                ? Standing.REACHED
                : Standing.REFUSED;
    }

    String place() {
        return place;
    }

    int heldCount() {
        return held.size();
    }

    int openCount() {
        return open.size();
    }

    long wanted() {
        return wanted;
    }

    long refused() {
        return refused;
    }

    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    @Nullable Instant heldSince() {
        return heldSince;
    }

    Fact.@Nullable ConnectionDecided decided() {
        return decided;
    }

    @Nullable Instant decidedAt() {
        return decidedAt;
    }

    Fact.@Nullable HostsGranted granted() {
        return granted;
    }

    @Nullable Instant grantedAt() {
        return grantedAt;
    }

    @Nullable Instant revokedAt() {
        return revokedAt;
    }

    @Nullable GuestText process() {
        return process;
    }

    List<String> credentials() {
        return List.copyOf(credentials);
    }

    /// Newest first.
    List<Connection> connections() {
        return List.copyOf(connections).reversed();
    }
}
