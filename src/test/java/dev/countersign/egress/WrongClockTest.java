package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A clock that is wrong opens nothing.
class WrongClockTest {
    private static final Instant NOON = Instant.parse("2026-12-01T12:00:00Z");
    private static final String PASSWORD = "changeit";

    @TempDir Path directory;

    private static Grant grant(@Nullable Instant until) {
        return new Grant("docs.example.org", 443, "session", null, NOON, until, "r-1");
    }

    @Test
    void anAnswerCountsFromWhenItWasGivenToItsEnd() {
        Grant hour = grant(NOON.plus(Duration.ofHours(1)));
        assertThat(hour.covers("docs.example.org", 443, NOON)).isTrue();
        assertThat(hour.covers("docs.example.org", 443, NOON.plus(Duration.ofMinutes(59))))
                .isTrue();
        assertThat(hour.covers("docs.example.org", 443, NOON.plus(Duration.ofHours(1)))).isFalse();
        assertThat(hour.covers("docs.example.org", 443, NOON.minusSeconds(1))).isFalse();
        assertThat(grant(null).covers("docs.example.org", 443, Instant.EPOCH)).isFalse();
    }

    @Test
    void aClockThatIsSetBackRevivesNothing() {
        AtomicReference<Instant> time = new AtomicReference<>(NOON);
        Clock clock =
                new ForwardClock(
                        new Clock() {
                            @Override
                            public Instant instant() {
                                return time.get();
                            }

                            @Override
                            public java.time.ZoneId getZone() {
                                return ZoneOffset.UTC;
                            }

                            @Override
                            public Clock withZone(java.time.ZoneId zone) {
                                return this;
                            }
                        });
        Grant hour = grant(NOON.plus(Duration.ofHours(1)));
        time.set(NOON.plus(Duration.ofHours(2)));
        assertThat(hour.covers("docs.example.org", 443, clock.instant())).isFalse();
        time.set(NOON.plus(Duration.ofMinutes(30)));
        assertThat(hour.covers("docs.example.org", 443, clock.instant())).isFalse();
        assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(2)));
    }

    @Test
    void aServerIsBelievedOnlyWhileItsCertificateCountsByTheHostsClock() throws Exception {
        tool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=Test",
                "-ext",
                "bc=ca:true");
        byte[] authority = tool("-exportcert", "-alias", "ca", "-rfc");
        for (String[] each :
                new String[][] {
                    {"now", "-1d", "10", "yes"},
                    {"ended", "-3y", "30", "no"},
                    {"not-yet", "+1y", "30", "no"}
                }) {
            KeyStore keys = issued(each[0], each[1], each[2]);
            try (TlsServer server =
                    new TlsServer(keys, exchange -> TlsServer.answer(exchange, 200, "there"))) {
                if (each[3].equals("yes")) {
                    greet(authority, server.port());
                } else {
                    assertThatThrownBy(() -> greet(authority, server.port()))
                            .as(each[0])
                            .isInstanceOf(SSLHandshakeException.class);
                }
            }
        }
    }

    @Test
    void oneUnreadableCertificateTakesNoneOfTheOthersAway() throws Exception {
        tool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-dname",
                "CN=Test",
                "-ext",
                "bc=ca:true");
        ByteArrayOutputStream bundle = new ByteArrayOutputStream();
        bundle.writeBytes(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
                        .getBytes(StandardCharsets.US_ASCII));
        bundle.writeBytes(tool("-exportcert", "-alias", "ca", "-rfc"));
        try (TlsServer server =
                new TlsServer(
                        issued("now", "-1d", "10"),
                        exchange -> TlsServer.answer(exchange, 200, "there"))) {
            greet(bundle.toByteArray(), server.port());
        }
    }

    private static void greet(byte[] trusted, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) HostTrust.of(trusted).createSocket("localhost", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }

    /// A certificate for `localhost` that the authority gave for a time of its own.
    private KeyStore issued(String alias, String from, String days) throws Exception {
        tool("-genkeypair", "-alias", alias, "-keyalg", "EC", "-dname", "CN=localhost");
        Path request = directory.resolve(alias + ".csr");
        Files.write(request, tool("-certreq", "-alias", alias));
        Path given = directory.resolve(alias + ".pem");
        Files.write(
                given,
                tool(
                        "-gencert",
                        "-alias",
                        "ca",
                        "-rfc",
                        "-infile",
                        request.toString(),
                        "-startdate",
                        from,
                        "-validity",
                        days,
                        "-ext",
                        "san=dns:localhost"));
        tool("-importcert", "-alias", alias, "-noprompt", "-file", given.toString());
        KeyStore all = KeyStore.getInstance(store().toFile(), PASSWORD.toCharArray());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "server",
                all.getKey(alias, PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                all.getCertificateChain(alias));
        return keys;
    }

    private Path store() {
        return directory.resolve("keys.p12");
    }

    private byte[] tool(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(words));
        command.addAll(
                List.of(
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store().toString(),
                        "-storepass",
                        PASSWORD));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(directory.resolve("keytool.txt").toFile())
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(() -> new String(said, StandardCharsets.UTF_8)).isZero();
        return said;
    }
}
