package dev.countersign.platform.linux;

import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/// The interface as the specification names it. Public, because the library makes proxies of it.
@DBusInterfaceName("org.freedesktop.Notifications")
public interface Notifications extends DBusInterface {
    /// What the server can do.
    List<String> GetCapabilities();

    /// Shows a notice.
    ///
    /// @param replaces id of the notice whose place it takes; 0: a new one
    /// @param actions key and label in turn
    /// @param timeout in ms; -1: the server's own
    /// @return its id
    UInt32 Notify(
            String application,
            UInt32 replaces,
            String icon,
            String summary,
            String body,
            List<String> actions,
            Map<String, Variant<?>> hints,
            int timeout);

    /// Takes a notice away.
    void CloseNotification(UInt32 id);

    /// The developer chose an action; or any program of theirs says so.
    final class ActionInvoked extends DBusSignal {
        private final UInt32 id;

        /// Called by the library, by reflection.
        public ActionInvoked(String path, UInt32 id, String key) throws DBusException {
            super(path, id, key);
            this.id = id;
        }

        UInt32 id() {
            return id;
        }
    }
}
