package dev.countersign.app;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where everything of this user lies: `COUNTERSIGN_HOME`, else `$XDG_DATA_HOME/countersign`, else
/// the platform's own place. Mode 0700; nothing is written beside it.
public record Home(Path root) {
    /// A unix socket's path ends at 104 bytes on macOS and 108 on Linux; the longest one below here
    /// is `lima/s-xxxxxx/ssh.sock.` and sixteen digits.
    private static final int LONGEST_ROOT = 60;

    /// Finds the place, makes it if it is missing, and checks that it can be written.
    ///
    /// @throws CountersignException if it can't be made, written or is too long for sockets
    public static Home of(Map<String, String> environment) throws CountersignException {
        Path root = place(environment).toAbsolutePath().normalize();
        if (root.toString().length() > LONGEST_ROOT) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE,
                    "The directory %s is too long: unix sockets below it would pass the system's limit. Set COUNTERSIGN_HOME to a path of at most %d characters."
                            .formatted(root, LONGEST_ROOT));
        }
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            Path probe = Files.createTempFile(root, ".writable", "");
            Files.delete(probe);
        } catch (IOException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "The directory %s can't be written: %s. Make it writable, or set COUNTERSIGN_HOME to one that is."
                            .formatted(root, reason(e)),
                    e);
        }
        return new Home(root);
    }

    private static Path place(Map<String, String> environment) {
        String own = given(environment, "COUNTERSIGN_HOME");
        if (own != null) {
            return Path.of(own);
        }
        String user = System.getProperty("user.home");
        if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")) {
            return Path.of(user, "Library", "Application Support", "Countersign");
        }
        String data = given(environment, "XDG_DATA_HOME");
        return data != null
                ? Path.of(data, "countersign")
                : Path.of(user, ".local", "share", "countersign");
    }

    private static @Nullable String given(Map<String, String> environment, String name) {
        String value = environment.get(name);
        return value == null || value.isBlank() ? null : value;
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            case java.nio.file.FileAlreadyExistsException _ -> "a file of that name is in the way";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    /// The engine's socket.
    public Path socket() {
        return root.resolve("engine.sock");
    }

    /// Held by the one engine.
    public Path lock() {
        return root.resolve("engine.lock");
    }

    /// What the engine logs.
    public Path engineLog() {
        return root.resolve("engine.log");
    }

    /// Where sessions lie, one directory each.
    public Path sessions() {
        return root.resolve("sessions");
    }

    /// Where guest images lie.
    public Path images() {
        return root.resolve("images");
    }

    /// Where warm states lie.
    public Path bases() {
        return root.resolve("bases");
    }

    /// The private LIMA_HOME.
    public Path lima() {
        return root.resolve("lima");
    }

    /// Where keys lie, 0600 each.
    public Path keys() {
        return root.resolve("keys");
    }

    /// The developer's own settings, `~/.config/countersign` by default.
    public static Path config(Map<String, String> environment) {
        String own = given(environment, "COUNTERSIGN_CONFIG");
        if (own != null) {
            return Path.of(own);
        }
        String xdg = given(environment, "XDG_CONFIG_HOME");
        return xdg != null
                ? Path.of(xdg, "countersign")
                : Path.of(System.getProperty("user.home"), ".config", "countersign");
    }
}
