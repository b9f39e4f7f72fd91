package dev.countersign.platform;

import dev.countersign.engine.DeskNotices;
import dev.countersign.platform.linux.BusNotices;
import java.util.Locale;
import java.util.Map;

/// Chooses how this system tells the developer that something waits.
public final class Notices {
    private Notices() {}

    /// By the session bus on Linux; elsewhere, or without one, none.
    public static DeskNotices ofThisSystem(Map<String, String> environment) {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (!system.contains("linux")) {
            return DeskNotices.NONE;
        }
        return BusNotices.addressOf(environment)
                .<DeskNotices>map(BusNotices::new)
                .orElse(DeskNotices.NONE);
    }
}
