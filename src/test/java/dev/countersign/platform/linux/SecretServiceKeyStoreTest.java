package dev.countersign.platform.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.secrets.PassphraseKeyStore;
import dev.countersign.secrets.PreferredKeyStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real keyring on a session bus of its own.
@Timeout(60)
class SecretServiceKeyStoreTest {
    /// Starts nothing by itself: a second keyring would take the name of ours.
    private static final String BUS =
            """
            <busconfig>
              <type>session</type>
              <listen>unix:dir=@RUNTIME@</listen>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """;

    @TempDir Path home;

    private final List<Process> started = new ArrayList<>();
    private Map<String, String> environment = Map.of();

    private Process start(Map<String, String> environment, String... words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        started.add(process);
        return process;
    }

    private static boolean here(String program) {
        return Files.isExecutable(Path.of("/usr/bin", program));
    }

    @BeforeEach
    void bus() throws IOException {
        Assumptions.assumeTrue(
                here("dbus-daemon") && here("gnome-keyring-daemon") && here("secret-tool"),
                "this machine has no keyring to try");
        Path runtime =
                Files.createDirectory(
                        home.resolve("run"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Map<String, String> own =
                Map.of(
                        "PATH", "/usr/bin:/bin",
                        "HOME", home.toString(),
                        "XDG_DATA_HOME", home.resolve("data").toString(),
                        "XDG_RUNTIME_DIR", runtime.toString());
        Path config =
                Files.writeString(
                        home.resolve("bus.conf"), BUS.replace("@RUNTIME@", runtime.toString()));
        Process bus =
                start(
                        own,
                        "dbus-daemon",
                        "--config-file=" + config,
                        "--nofork",
                        "--print-address=1");
        // Not closed: the bus goes on.
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(bus.getInputStream(), UTF_8));
        String address = lines.readLine();
        assertThat(address).startsWith("unix:");
        environment = new java.util.HashMap<>(own);
        environment.put("DBUS_SESSION_BUS_ADDRESS", address);
    }

    private void keyring() throws IOException {
        Process keyring =
                start(
                        environment,
                        "gnome-keyring-daemon",
                        "--unlock",
                        "--components=secrets",
                        "--foreground");
        try (OutputStream in = keyring.getOutputStream()) {
            in.write("a passphrase of the test".getBytes(UTF_8));
        }
        SecretServiceKeyStore store = store("probe");
        while (!put(store)) {
            assertThat(keyring.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        assertThat(store.answers()).isTrue();
    }

    /// It takes its name on the bus some time after its start.
    private static boolean put(SecretServiceKeyStore store) {
        try {
            store.put("up", new byte[] {1});
            return true;
        } catch (CountersignException e) {
            return false;
        }
    }

    private SecretServiceKeyStore store(String installation) {
        return new SecretServiceKeyStore(environment, installation, Duration.ofSeconds(30));
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started.reversed()) {
            process.destroy();
            process.waitFor();
        }
    }

    @Test
    void valuesAreKeptPerInstallationReplacedAndForgotten() throws Exception {
        keyring();
        SecretServiceKeyStore store = store("/home/one");
        byte[] value = {0, 1, (byte) 0xff, '\n', 'x'};
        assertThat(store.get("credential.code")).isEmpty();
        store.put("credential.code", "first".getBytes(UTF_8));
        store.put("credential.code", value);
        store.put("credential.other", "second".getBytes(UTF_8));
        assertThat(store.get("credential.code"))
                .hasValueSatisfying(kept -> assertThat(kept).isEqualTo(value));
        assertThat(store.names()).containsExactly("credential.code", "credential.other");
        assertThat(store("/home/two").get("credential.code")).isEmpty();
        assertThat(store.protection().store()).isEqualTo("secret-service");
        store.remove("credential.code");
        store.remove("credential.code");
        assertThat(store.get("credential.code")).isEmpty();
        assertThat(store.names()).containsExactly("credential.other");
    }

    @Test
    void whereNothingAnswersTheFileWithAPassphraseIsTaken() throws Exception {
        SecretServiceKeyStore nobody =
                new SecretServiceKeyStore(
                        Map.of(
                                "PATH",
                                "/usr/bin:/bin",
                                "DBUS_SESSION_BUS_ADDRESS",
                                "unix:path=" + home.resolve("none")),
                        "/home/one",
                        Duration.ofSeconds(30));
        assertThat(nobody.answers()).isFalse();
        assertThatThrownBy(() -> nobody.put("credential.code", new byte[] {1}))
                .hasMessageContaining("COUNTERSIGN_KEY_STORE=encrypted-file");
        PassphraseKeyStore file = new PassphraseKeyStore(home.resolve("keys"), new SecureRandom());
        boolean[] up = {false};
        PreferredKeyStore chosen =
                new PreferredKeyStore(
                        () -> up[0] ? Optional.of(store("/home/one")) : Optional.empty(), file);
        assertThatThrownBy(() -> chosen.put("credential.code", new byte[] {1}))
                .hasMessageContaining("credential unlock");
        chosen.unlock("correct horse".toCharArray());
        chosen.put("credential.code", "in the file".getBytes(UTF_8));

        // The desktop comes up: what lies in the file is found, and moves when it is kept anew.
        keyring();
        up[0] = true;
        assertThat(chosen.get("credential.code"))
                .hasValueSatisfying(kept -> assertThat(kept).asString().isEqualTo("in the file"));
        chosen.put("credential.code", "in the keyring".getBytes(UTF_8));
        assertThat(chosen.get("credential.code"))
                .hasValueSatisfying(
                        kept -> assertThat(kept).asString().isEqualTo("in the keyring"));
        up[0] = false;
        assertThat(chosen.get("credential.code")).as("no older value comes back").isEmpty();
    }
}
