package dev.countersign.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the warm base needs in the guest for agents to run: files and a setup script.
public final class GuestResources {
    private static final String HOME = "/dev/countersign/guest/";

    private GuestResources() {}

    /// One file for the guest.
    ///
    /// @param path absolute, owned by root
    /// @param mode permission bits
    public record GuestFile(String path, int mode, byte[] bytes) {}

    /// All files, in the order to write them; their directories are made with mode 0755.
    public static List<GuestFile> files() {
        return List.of(
                file("relay.py", "/opt/countersign/relay.py"),
                file("keeper.py", "/opt/countersign/keeper.py"),
                file("mini.py", "/opt/countersign/mini.py"),
                file("turns.py", "/opt/countersign/turns.py"),
                file("hook.py", "/opt/countersign/hook.py"),
                file("countersign-relay.service", "/etc/systemd/system/countersign-relay.service"),
                file("countersign.tmpfiles", "/etc/tmpfiles.d/countersign.conf"));
    }

    /// A POSIX shell script, run once as root after the files are in place. Fails with a reason if
    /// the image lacks a user.
    public static String setupScript() {
        return new String(bytes("setup.sh"), StandardCharsets.UTF_8);
    }

    private static GuestFile file(String name, String path) {
        return new GuestFile(path, 0644, bytes(name));
    }

    private static byte[] bytes(String name) {
        try (InputStream in = GuestResources.class.getResourceAsStream(HOME + name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
