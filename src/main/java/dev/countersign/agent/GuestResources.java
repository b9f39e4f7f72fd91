package dev.countersign.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the warm base needs in the guest for agents to run: files and a setup script.
public final class GuestResources {
    /// Where the certificates that the host trusts are put in the guest.
    public static final String CERTIFICATES = "/etc/countersign/ca.pem";

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
                file("clients.py", "/opt/countersign/clients.py"),
                file("turns.py", "/opt/countersign/turns.py"),
                file("hook.py", "/opt/countersign/hook.py"),
                new GuestFile("/usr/local/bin/sudo", 0755, bytes("sudo.py")),
                file("egress.env", "/etc/countersign/egress.env"),
                file("egress-profile.sh", "/etc/profile.d/countersign-egress.sh"),
                file("apt-proxy.conf", "/etc/apt/apt.conf.d/90countersign"),
                file("maven-settings.xml", "/opt/countersign/clients/settings.xml"),
                file("gradle.properties", "/opt/countersign/clients/gradle.properties"),
                file("countersign-relay.service", "/etc/systemd/system/countersign-relay.service"),
                file("countersign.tmpfiles", "/etc/tmpfiles.d/countersign.conf"));
    }

    /// The environment by which clients in the guest find the egress proxy.
    ///
    /// @param open whether it lets anything through by now: programs of Java, which say on each
    ///   start what they picked up, are told only then
    /// @param certificates whether those that the host trusts are at [#CERTIFICATES]
    public static Map<String, String> networkEnvironment(boolean open, boolean certificates) {
        Map<String, String> environment = new TreeMap<>();
        for (String line :
                new String(bytes("egress.env"), StandardCharsets.UTF_8).lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.startsWith("#") && (open || !line.startsWith("JDK_"))) {
                environment.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        if (certificates) {
            for (String name :
                    List.of(
                            "SSL_CERT_FILE",
                            "NODE_EXTRA_CA_CERTS",
                            "REQUESTS_CA_BUNDLE",
                            "PIP_CERT",
                            "GIT_SSL_CAINFO",
                            "CARGO_HTTP_CAINFO",
                            "CURL_CA_BUNDLE")) {
                environment.put(name, CERTIFICATES);
            }
        }
        return environment;
    }

    /// Writes how clients find the registries; takes paths and texts as JSON on its input. Run as
    /// root.
    public static List<String> clientsCommand() {
        return List.of("python3", "-I", "/opt/countersign/clients.py");
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
