package dev.countersign.platform;

import dev.countersign.platform.linux.BusNotices;
import dev.countersign.platform.linux.SecretServiceKeyStore;
import dev.countersign.secrets.KeyStore;
import dev.countersign.secrets.PassphraseKeyStore;
import dev.countersign.secrets.PreferredKeyStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Chooses where this system keeps the developer's credentials.
public final class KeyStores {
    private static final String CHOICE = "COUNTERSIGN_KEY_STORE";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private KeyStores() {}

    /// The Secret Service of a desktop on Linux, else the encrypted file.
    /// `COUNTERSIGN_KEY_STORE=encrypted-file` takes the file in any case.
    ///
    /// @param home of this installation
    /// @param file taken where there is no desktop's own
    public static KeyStore ofThisSystem(
            Map<String, String> environment, Path home, PassphraseKeyStore file) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        Optional<String> bus = BusNotices.addressOf(environment);
        if (!system.contains("linux")
                || bus.isEmpty()
                || environment.getOrDefault(CHOICE, "").equals("encrypted-file")) {
            return file;
        }
        Map<String, String> onBus = new HashMap<>(environment);
        onBus.put("DBUS_SESSION_BUS_ADDRESS", bus.get());
        SecretServiceKeyStore service = new SecretServiceKeyStore(onBus, home.toString(), PATIENCE);
        return new PreferredKeyStore(
                () -> service.answers() ? Optional.of(service) : Optional.empty(), file);
    }
}
