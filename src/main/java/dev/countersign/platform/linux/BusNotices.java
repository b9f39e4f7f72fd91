package dev.countersign.platform.linux;

import dev.countersign.engine.DeskNotices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices by `org.freedesktop.Notifications` on the session bus, connected at the first one.
/// Source: Desktop Notifications Specification 1.2. Its one action is *Review*.
public final class BusNotices implements DeskNotices {
    private static final Logger LOG = LoggerFactory.getLogger(BusNotices.class);
    private static final String NAME = "org.freedesktop.Notifications";
    private static final String PATH = "/org/freedesktop/Notifications";
    private static final String REVIEW = "review";
    private static final byte NORMAL = 1;
    private static final byte CRITICAL = 2;

    private final String address;
    private @Nullable DBusConnection connection;
    private @Nullable Notifications server;
    private boolean actions;
    private boolean markup;
    private long current;
    private @Nullable Runnable review;

    /// @param address of the session bus, such as `unix:path=/run/user/1000/bus`
    public BusNotices(String address) {
        this.address = address;
    }

    /// Where the user's session bus is; empty: there is none.
    public static Optional<String> addressOf(Map<String, String> environment) {
        String named = environment.get("DBUS_SESSION_BUS_ADDRESS");
        if (named != null && !named.isBlank()) {
            return Optional.of(named);
        }
        String runtime = environment.get("XDG_RUNTIME_DIR");
        return runtime == null || !Files.exists(Path.of(runtime, "bus"))
                ? Optional.empty()
                : Optional.of("unix:path=" + Path.of(runtime, "bus"));
    }

    @Override
    public synchronized void show(String title, String body, boolean urgent, Runnable look) {
        try {
            Notifications now = connect();
            // A choice that was made for the notice before must not count for this one.
            review = null;
            UInt32 id =
                    now.Notify(
                            "Countersign",
                            new UInt32(current),
                            "dialog-question",
                            title,
                            markup ? escaped(body) : body,
                            actions
                                    ? List.of("default", "Review", REVIEW, "Review")
                                    : List.<String>of(),
                            Map.<String, Variant<?>>of(
                                    "urgency",
                                    new Variant<>(urgent ? CRITICAL : NORMAL),
                                    "desktop-entry",
                                    new Variant<>("countersign")),
                            -1);
            current = id.longValue();
            review = look;
        } catch (DBusException | DBusExecutionException e) {
            LOG.warn("The desktop shows no notices: {}", e.getMessage());
            drop();
        }
    }

    @Override
    public synchronized void withdraw() {
        review = null;
        Notifications now = server;
        if (now != null && current != 0) {
            try {
                now.CloseNotification(new UInt32(current));
            } catch (DBusExecutionException e) {
                LOG.debug("The notice was gone already: {}", e.getMessage());
            }
            current = 0;
        }
    }

    @Override
    public synchronized void close() {
        drop();
    }

    private Notifications connect() throws DBusException {
        Notifications known = server;
        DBusConnection open = connection;
        if (known != null && open != null && open.isConnected()) {
            return known;
        }
        drop();
        DBusConnection bus = DBusConnectionBuilder.forAddress(address).withShared(false).build();
        connection = bus;
        Notifications found = bus.getRemoteObject(NAME, PATH, Notifications.class);
        List<String> can = found.GetCapabilities();
        actions = can.contains("actions");
        markup = can.contains("body-markup");
        bus.addSigHandler(Notifications.ActionInvoked.class, this::invoked);
        server = found;
        return found;
    }

    /// Anybody on the bus can send this: it opens the window and no more.
    private void invoked(Notifications.ActionInvoked signal) {
        Runnable look;
        synchronized (this) {
            if (signal.id().longValue() != current) {
                return;
            }
            look = review;
            review = null;
        }
        if (look != null) {
            look.run();
        }
    }

    private void drop() {
        DBusConnection open = connection;
        connection = null;
        server = null;
        current = 0;
        review = null;
        if (open != null) {
            open.disconnect();
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
