package dev.countersign.ui.network;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.EgressView;
import dev.countersign.api.PortView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Guest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;
import org.jspecify.annotations.Nullable;

/// Whom the guest of a session wanted to reach, as the journal has it, and what it may reach now,
/// as the engine says.
public final class NetworkViewModel {
    /// Hosts that are told apart; a guest can make up any number of them.
    static final int MOST = 1_000;

    /// What a wish came to.
    record Told(boolean problem, String title, String detail) {}

    private final EngineLink link;
    private final Clock clock;
    private final SessionId session;
    private final Consumer<String> look;
    private final Map<String, HostLine> hosts = new LinkedHashMap<>();
    private final ReadOnlyIntegerWrapper revision = new ReadOnlyIntegerWrapper();
    private final ReadOnlyObjectWrapper<@Nullable EgressView> egress =
            new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Told> told = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyBooleanWrapper busy = new ReadOnlyBooleanWrapper();
    private final ObjectProperty<@Nullable String> chosen = new SimpleObjectProperty<>();
    private List<PortView> ports = List.of();
    private long uncounted;
    private boolean watching;

    /// Nothing is asked before [#watch].
    ///
    /// @param look shows the request that waits for a host
    public NetworkViewModel(
            EngineLink link, Clock clock, SessionId session, Consumer<String> look) {
        this.link = link;
        this.clock = clock;
        this.session = session;
        this.look = look;
    }

    /// Whether the page is on screen; only then the engine is asked.
    public void watch(boolean now) {
        watching = now;
        if (now) {
            read();
        }
    }

    /// Entries of the session, in order.
    public void take(List<Entry> batch) {
        boolean any = false;
        boolean may = false;
        for (Entry entry : batch) {
            Instant at = entry.at();
            switch (entry.fact()) {
                case Fact.ConnectionHeld fact ->
                        any |= with(fact.host(), fact.port(), line -> line.held(at, fact));
                case Fact.ConnectionDecided fact ->
                        any |= with(fact.host(), fact.port(), line -> line.decided(at, fact));
                case Fact.ConnectionEnded fact ->
                        any |= with(fact.host(), fact.port(), line -> line.ended(at, fact));
                case Fact.HostsGranted fact -> {
                    fact.hosts().forEach(place -> line(place, line -> line.granted(at, fact)));
                    may = true;
                }
                case Fact.HostsRevoked fact -> {
                    fact.hosts().forEach(place -> line(place, line -> line.revoked(at)));
                    may = true;
                }
                case Fact.CredentialUsed fact ->
                        any |= line(fact.host(), line -> line.credential(fact.credential()));
                case Fact.Restored _ -> {
                    hosts.values().forEach(HostLine::cut);
                    may = true;
                }
                case Fact.PortNoticed _, Fact.PortOpened _, Fact.PortClosed _ -> may = true;
                default -> {}
            }
        }
        if (may && watching) {
            read();
        }
        if (any || may) {
            revision.set(revision.get() + 1);
        }
    }

    private boolean with(String host, int port, Consumer<HostLine> what) {
        return line(port == 0 ? host : host + ":" + port, what);
    }

    private boolean line(String place, Consumer<HostLine> what) {
        HostLine line = hosts.get(place);
        if (line == null) {
            if (hosts.size() >= MOST) {
                uncounted++;
                return true;
            }
            line = new HostLine(place);
            hosts.put(place, line);
        }
        what.accept(line);
        return true;
    }

    private void read() {
        link.ask(
                service -> service.egress(session),
                view -> {
                    egress.set(view);
                    changed();
                },
                _ -> {
                    // It has no network now: what was is in the journal.
                    egress.set(null);
                    changed();
                });
        link.ask(
                service -> service.ports(session),
                found -> {
                    ports = found;
                    changed();
                },
                _ -> {
                    ports = List.of();
                    changed();
                });
    }

    private void changed() {
        revision.set(revision.get() + 1);
    }

    /// Takes a host back that was allowed when asked, and cuts what is open to it.
    void revoke(String place) {
        act(
                service -> service.revokeHosts(session, place),
                text("network.revoked", Guest.place(place)),
                text("network.revoked-why"),
                text("network.not-revoked", Guest.place(place)));
    }

    /// Lets a port of this machine's loopback lead to one of the guest's.
    void forward(int port) {
        link.ask(
                service -> service.openPort(session, port, 0),
                opened -> {
                    told.set(
                            new Told(
                                    false,
                                    text("network.forwarded", Integer.toString(port)),
                                    text(
                                            "network.forwarded-why",
                                            "http://127.0.0.1:" + opened.hostPort())));
                    done();
                },
                failure -> failed(text("network.not-forwarded", Integer.toString(port)), failure));
        busy.set(true);
    }

    /// Ends what leads to a port of the guest.
    void close(int port) {
        act(
                service -> service.closePort(session, port),
                text("network.closed", Integer.toString(port)),
                text("network.closed-why"),
                text("network.not-closed", Integer.toString(port)));
    }

    private void act(EngineLink.Tell what, String title, String why, String failed) {
        busy.set(true);
        link.tell(
                what,
                () -> {
                    told.set(new Told(false, title, why));
                    done();
                },
                failure -> failed(failed, failure));
    }

    private void failed(String title, CountersignException failure) {
        told.set(new Told(true, title, failure.getMessage()));
        done();
    }

    private void done() {
        busy.set(false);
        read();
    }

    void dismiss() {
        told.set(null);
    }

    void look(String place) {
        look.accept(place);
    }

    /// Those of a standing, in the order in which they were first wanted.
    List<HostLine> hosts(HostLine.Standing standing) {
        List<HostLine> found = new ArrayList<>();
        for (HostLine each : hosts.values()) {
            if (each.standing() == standing) {
                found.add(each);
            }
        }
        return found;
    }

    @Nullable HostLine host(@Nullable String place) {
        return place == null ? null : hosts.get(place);
    }

    /// Hosts that were seen.
    public int count() {
        return hosts.size();
    }

    /// Entries about hosts beyond [#MOST].
    long uncounted() {
        return uncounted;
    }

    /// Whether the developer allowed it when asked and it still counts.
    EgressView.@Nullable Host grantOf(String place) {
        EgressView now = egress.get();
        if (now == null) {
            return null;
        }
        return now.granted().stream()
                .filter(each -> each.host().equals(place))
                .findFirst()
                .orElse(null);
    }

    List<PortView> ports() {
        return ports;
    }

    /// Changes with everything that is shown.
    public ReadOnlyIntegerProperty revision() {
        return revision.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable EgressView> egress() {
        return egress.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable Told> told() {
        return told.getReadOnlyProperty();
    }

    ReadOnlyBooleanProperty busy() {
        return busy.getReadOnlyProperty();
    }

    /// The host whose details are shown.
    ObjectProperty<@Nullable String> chosen() {
        return chosen;
    }

    Clock clock() {
        return clock;
    }
}
