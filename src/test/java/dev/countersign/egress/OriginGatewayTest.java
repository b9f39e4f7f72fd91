package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.egress.EgressEvent.What;
import dev.countersign.egress.Origin.Kind;
import dev.countersign.gate.policy.EgressRules;
import dev.countersign.secrets.Canaries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Raw requests of a guest against a real proxy, whose registries are real listeners on loopback.
@Timeout(60)
class OriginGatewayTest {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final String SECRET = "Bearer of-the-host-alone";

    private final List<EgressEvent> events = new CopyOnWriteArrayList<>();
    private final List<Registry> registries = new ArrayList<>();
    private final Map<String, List<byte[]>> names = new HashMap<>();
    private final AtomicReference<EgressPolicy> policy = new AtomicReference<>();
    private Registry registry;
    private EgressProxy proxy;
    private boolean diskFull;

    /// A server that answers with what it was given, byte for byte.
    private static final class Registry implements AutoCloseable {
        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final Map<String, String> answers = new HashMap<>();
        final List<String> saw = new CopyOnWriteArrayList<>();

        Registry() throws IOException {
            Thread.ofVirtual().start(this::serve);
        }

        String place() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        void says(String path, String answer) {
            answers.put(path, answer);
        }

        void file(String path, String type, String body) {
            says(
                    path,
                    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(type, body.getBytes(StandardCharsets.UTF_8).length, body));
        }

        private void serve() {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    Thread.ofVirtual().start(() -> answer(client));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void answer(Socket client) {
            try (client) {
                while (true) {
                    String head = head(client.getInputStream());
                    if (head.isEmpty()) {
                        return;
                    }
                    saw.add(head);
                    String answer =
                            answers.getOrDefault(
                                    head.split(" ")[1],
                                    "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n");
                    if (answer.equals("silence")) {
                        client.getInputStream().read();
                        return;
                    }
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                    client.getOutputStream().flush();
                    if (answer.contains("\r\nX-End: now")) {
                        return;
                    }
                }
            } catch (IOException e) {
                // The guest's side ended it.
            }
        }

        private static String head(InputStream in) throws IOException {
            StringBuilder text = new StringBuilder();
            while (text.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) {
                    return "";
                }
                text.append((char) c);
            }
            return text.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        registry = registry();
        policy("packages", EgressRules.NONE);
        proxy =
                proxy(
                        new OriginGateway.Limits(
                                20_000, 50_000, Duration.ofSeconds(5), Duration.ofSeconds(1)));
    }

    private Registry registry() throws IOException {
        Registry one = new Registry();
        registries.add(one);
        return one;
    }

    private void policy(String preset, EgressRules rules) {
        policy.set(
                EgressPolicy.of(
                        preset,
                        List.of(new EgressPolicy.Source("policy.yaml", rules)),
                        List.of(),
                        Clock.systemUTC()));
    }

    private Origins origins() {
        List<Origin> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            all.add(
                    new Origin(
                            kind.word(),
                            kind,
                            URI.create("http://" + registry.place() + "/" + kind.word()),
                            SECRET,
                            ""));
        }
        all.removeIf(origin -> origin.kind() == Kind.GO);
        return new Origins(all, Map.of(Kind.GO, "go is not installed on the host"));
    }

    private EgressProxy proxy(OriginGateway.Limits limits) throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return EgressProxy.forSession(
                listener,
                policy::get,
                name -> names.getOrDefault(name, List.of()),
                EgressLimits.USUAL,
                event -> {
                    if (diskFull) {
                        throw new IOException("the disk is full");
                    }
                    events.add(event);
                },
                Asking.NOBODY,
                SessionServers.NONE,
                Canaries.NONE,
                0,
                new OriginGateway(
                        this::origins,
                        name -> names.getOrDefault(name, List.of()),
                        new byte[32],
                        HostTrust.of(new byte[0]),
                        limits));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        for (Registry one : registries) {
            one.close();
        }
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(proxy.address());
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            try {
                for (int c = in.read(); c >= 0; c = in.read()) {
                    out.write(c);
                }
            } catch (java.net.SocketException e) {
                // A reset ends it as well.
            }
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return ask(
                "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nConnection: close\r\n\r\n");
    }

    private List<Decision> refusals() {
        return events.stream()
                .filter(event -> event.what() == What.DECISION)
                .map(EgressEvent::decision)
                .filter(decision -> !decision.allowed())
                .toList();
    }

    private void refused(String answer, int status, Reason reason) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer).contains("X-Countersign-Reason: " + reason.code());
        assertThat(refusals()).last().extracting(Decision::reason).isEqualTo(reason);
        assertThat(answer).contains(refusals().getLast().says());
    }

    // --- reading -------------------------------------------------------------------------------

    @Test
    void anInstallStaysOnTheGatewayAndIsOneRecordForEachPackage() throws IOException {
        String tarball = "http://" + registry.place() + "/npm/left/-/left-1.0.0.tgz";
        registry.file(
                "/npm/left",
                "application/json",
                "{\"name\":\"left\",\"versions\":{\"1.0.0\":{\"dist\":{\"tarball\":\"%s\",\"integrity\":\"sha512-abc\"}}}}"
                        .formatted(tarball));
        registry.file("/npm/left/-/left-1.0.0.tgz", "application/octet-stream", "the package");

        String index = get("/o/npm/left");
        assertThat(index)
                .startsWith("HTTP/1.1 200 ")
                .contains("\"http://127.0.0.1:4101/o/npm/left/-/left-1.0.0.tgz\"")
                .contains("\"sha512-abc\"")
                .doesNotContain(registry.place());
        assertThat(get("/o/npm/left/-/left-1.0.0.tgz"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("the package");
        assertThat(registry.saw).hasSize(2).allMatch(one -> one.contains(SECRET));
        assertThat(events.stream().filter(one -> one.what() == What.DECISION))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.decision().reason()).isEqualTo(Reason.REGISTRY);
                    assertThat(one.flags()).containsExactly("origin npm", "package left");
                    assertThat(one.address()).isEqualTo("127.0.0.1");
                });
    }

    @Test
    void filesOnOtherPlacesAreReachedByTheLinksThatTheRegistryNamedAlone() throws IOException {
        Registry files = registry();
        int port = files.socket.getLocalPort();
        names.put("files.example.org", List.of(LOOPBACK));
        policy(
                "packages",
                new EgressRules(
                        null,
                        List.of("files.example.org:" + port),
                        List.of(),
                        List.of("127.0.0.1:" + port)));
        files.file("/six-1.0.whl?x=1", "application/zip", "a wheel");
        files.file("/six-1.0.whl?x=1.metadata", "text/plain", "Name: six");
        registry.file(
                "/pypi/six/",
                "text/html",
                "<a data-core-metadata=\"true\" href=\"http://files.example.org:%d/six-1.0.whl?x=1#sha256=00\">six</a>"
                        .formatted(port));

        String page = get("/o/pypi/six/");
        Matcher link =
                Pattern.compile("href=\"http://127\\.0\\.0\\.1:4101(/o/pypi/f/[^\"#]+)#sha256=00\"")
                        .matcher(page);
        assertThat(link.find()).as(page).isTrue();
        String path = link.group(1);
        assertThat(get(path)).endsWith("a wheel");
        assertThat(get(path + ".metadata")).endsWith("Name: six");
        assertThat(files.saw).hasSize(2).noneMatch(one -> one.contains("of-the-host"));

        refused(get(path.replace("six-1.0", "six-2.0")), 403, Reason.ORIGIN_LINK);
        refused(get(path.replace("x=1", "x=stolen")), 403, Reason.ORIGIN_LINK);
        refused(get(path.replace("/o/pypi/", "/o/npm/")), 403, Reason.ORIGIN_LINK);
        assertThat(files.saw).hasSize(2);
    }

    @Test
    void cratesComeFromWhereTheIndexSays() throws IOException {
        registry.file(
                "/cargo/config.json",
                "application/json",
                "{\"dl\":\"http://%s/cargo/{lowerprefix}/{crate}-{version}.crate\",\"api\":\"http://publish.example.org\",\"auth-required\":true}"
                        .formatted(registry.place()));
        registry.file("/cargo/Ad/dd/Adder-1.2.3.crate", "application/gzip", "wrong");
        registry.file("/cargo/ad/de/Adder-1.2.3.crate", "application/gzip", "the crate");

        assertThat(get("/o/cargo/config.json"))
                .contains("http://127.0.0.1:4101/o/cargo/dl/{crate}/{version}/{sha256-checksum}")
                .doesNotContain("publish", "auth-required");
        assertThat(get("/o/cargo/dl/Adder/1.2.3/" + "0".repeat(64))).endsWith("the crate");
    }

    @Test
    void theRangesAndConditionsOfClientsReachTheRegistryAndNothingElseDoes() throws IOException {
        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 206 Part\r\nContent-Range: bytes 1-2/9\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\nel");
        String answer =
                ask(
                        "GET /o/maven/org/a/1/a-1.jar HTTP/1.1\r\nHost: localhost:4101\r\nRange: bytes=1-2\r\nX-Data: secret\r\nReferer: secret\r\nConnection: close\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 206 ")
                .contains("content-range: bytes 1-2/9")
                .doesNotContain("Set-Cookie")
                .endsWith("el");
        assertThat(registry.saw.getFirst())
                .contains("Range: bytes=1-2", "Host: " + registry.place())
                .doesNotContain("secret");
    }

    @Test
    void oneConnectionCarriesManyRequests() throws IOException {
        registry.says(
                "/maven/org/a/1/a-1.pom",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n2\r\n!!\r\n0\r\n\r\n");
        String request = "GET /o/maven/org/a/1/a-1.pom HTTP/1.1\r\nHost: 127.0.0.1:4101\r\n";
        String answers = ask(request + "\r\n" + request + "Connection: close\r\n\r\n");
        assertThat(answers.split("HTTP/1.1 200 ", -1)).hasSize(3);
        assertThat(registry.saw).hasSize(2);
        assertThat(events.stream().filter(one -> one.what() == What.DECISION)).hasSize(1);
    }

    @Test
    void aRequestOfAptThroughTheProxyIsReadTheSameWay() throws IOException {
        registry.file("/apt/dists/stable/InRelease", "text/plain", "signed");
        String host = registry.place();
        String target = "http://" + host + "/apt/dists/stable/InRelease";
        String asked = " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        assertThat(ask("GET " + target + asked)).endsWith("signed");
        assertThat(ask("POST " + target + asked)).startsWith("HTTP/1.1 403 ");
        assertThat(registry.saw).hasSize(1);
    }

    // --- what is refused -----------------------------------------------------------------------

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"})
    void onlyReadingIsServed(String method) throws IOException {
        refused(
                ask(method + " /o/npm/left HTTP/1.1\r\nHost: 127.0.0.1:4101\r\n\r\n"),
                405,
                Reason.METHOD);
        assertThat(registry.saw).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/o/npm/../pypi/six|403|ORIGIN_PATH",
                "/o/npm/%2e%2e/pypi|403|ORIGIN_PATH",
                "/o/npm/left/-/../../x.tgz|403|ORIGIN_PATH",
                "/o/npm/left%2f..%2f..%2fx|403|ORIGIN_PATH",
                "/o/npm/left%5c..%5cx|403|ORIGIN_PATH",
                "/o/npm/left\\..\\x|403|ORIGIN_PATH",
                "/o/npm//left|403|ORIGIN_PATH",
                "/o/npm/left?q=stolen|403|ORIGIN_PATH",
                "/o/npm/-/user/token|403|ORIGIN_PATH",
                "/o/npm/left%00|403|ORIGIN_PATH",
                "/o/npm/left%252f|403|ORIGIN_PATH",
                "/o/npm/|403|ORIGIN_PATH",
                "/o/maven/a/../../b/c.jar|403|ORIGIN_PATH",
                "/o/maven/http://other.example.org/a.jar|403|ORIGIN_PATH",
                "/o/maven/a%2fb/c.jar|403|ORIGIN_PATH",
                "/o/cargo/api/v1/crates|403|ORIGIN_PATH",
                "/o/cargo/dl/a/1/../../../x|403|ORIGIN_PATH",
                "/o/apt/etc/passwd|403|ORIGIN_PATH",
                "/o/pypi/f/AAAAAAAAAAAAAAAAAAAAAAAA/http/other.example.org/x|403|ORIGIN_LINK",
                "/o/pypi/f/x|403|ORIGIN_LINK",
                "/o/gems/a|404|ORIGIN_UNKNOWN",
                "/o/|404|ORIGIN_UNKNOWN",
                "/o|403|ORIGIN_PATH",
            })
    void pathsThatNoClientReadsAreRefused(String path, int status, Reason reason)
            throws IOException {
        refused(get(path), status, reason);
        assertThat(registry.saw).isEmpty();
    }

    @Test
    void aRegistryThatTheHostHasNotIsAbsentAndSaysWhy() throws IOException {
        String answer = get("/o/go/example.org/m/@v/list");
        refused(answer, 404, Reason.ORIGIN_UNKNOWN);
        assertThat(answer).contains("go is not installed on the host");
    }

    @Test
    void otherHostsBodiesAndCredentialsAreRefused() throws IOException {
        refused(
                ask("GET /o/npm/left HTTP/1.1\r\nHost: registry.example.org\r\n\r\n"),
                400,
                Reason.HOST_MISMATCH);
        refused(
                ask(
                        "GET http://other.example.org/o/npm/left HTTP/1.1\r\nHost: other.example.org\r\n\r\n"),
                403,
                Reason.UNKNOWN_HOST);
        refused(
                ask(
                        "GET /o/npm/left HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nContent-Length: 3\r\n\r\nabc"),
                400,
                Reason.SMUGGLING);
        refused(
                ask(
                        "GET /o/npm/left HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nAuthorization: Bearer x\r\n\r\n"),
                403,
                Reason.GUEST_CREDENTIAL);
        assertThat(registry.saw).isEmpty();
    }

    @Test
    void aRegistryMayNotLeadToPlacesThatAreNotAllowed() throws IOException {
        Registry inside = registry();
        inside.file("/x", "text/plain", "of the inner network");
        names.put("inside.example.org", List.of(LOOPBACK));
        for (String place :
                List.of(
                        "http://" + inside.place() + "/x",
                        "http://inside.example.org/x",
                        "http://169.254.169.254/latest",
                        "http://user:pw@files.example.org/x",
                        "ftp://files.example.org/x",
                        "",
                        "http://denied.example.org/x")) {
            policy(
                    "packages",
                    new EgressRules(null, List.of(), List.of("denied.example.org"), List.of()));
            registry.says(
                    "/maven/org/a/1/a-1.jar",
                    "HTTP/1.1 302 Found\r\nLocation: " + place + "\r\nContent-Length: 0\r\n\r\n");
            assertThat(get("/o/maven/org/a/1/a-1.jar"))
                    .as(place)
                    .matches("(?s)HTTP/1.1 (403|502) .*X-Countersign-Reason: (?!origin).*");
        }
        assertThat(inside.saw).isEmpty();
        assertThat(refusals().stream().map(Decision::reason))
                .contains(Reason.IP_LOOPBACK, Reason.METADATA, Reason.RULE_DENY, Reason.REDIRECT);
    }

    @Test
    void whatTheHostLogsInWithGoesToNoOtherPlace() throws IOException {
        Registry other = registry();
        int port = other.socket.getLocalPort();
        other.file("/moved", "text/plain", "moved");
        policy(
                "packages",
                new EgressRules(null, List.of(), List.of(), List.of("127.0.0.1:" + port)));
        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 307 Moved\r\nLocation: http://%s/moved\r\nContent-Length: 0\r\n\r\n"
                        .formatted(other.place()));
        assertThat(get("/o/maven/org/a/1/a-1.jar")).endsWith("moved");
        assertThat(registry.saw.getFirst()).contains(SECRET);
        assertThat(other.saw).singleElement().asString().doesNotContain("Authorization");
        assertThat(events.stream().filter(one -> one.what() == What.DECISION)).hasSize(2);
    }

    @Test
    void aRegistryThatLeadsInCirclesIsLeft() throws IOException {
        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 302 Found\r\nLocation: a-1.jar\r\nContent-Length: 0\r\n\r\n");
        refused(get("/o/maven/org/a/1/a-1.jar"), 502, Reason.REDIRECT);
        assertThat(registry.saw).hasSize(5);
    }

    @Test
    void aRegistryThatLiesAboutLengthsIsNotBelieved() throws IOException {
        String path = "/o/maven/org/a/1/a-1.jar";
        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX-End: now\r\n\r\nshort");
        String broken = get(path);
        assertThat(broken).contains("Content-Length: 10").endsWith("\r\n\r\nshort");

        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-End: now\r\n\r\nshortHTTP/1.1 200 OK\r\n\r\nmore");
        assertThat(get(path)).endsWith("\r\n\r\nshort");

        for (String head :
                List.of(
                        "Content-Length: 5\r\nContent-Length: 6",
                        "Content-Length: 5\r\nTransfer-Encoding: chunked",
                        "Content-Length: -1",
                        "Transfer-Encoding: gzip, chunked")) {
            registry.says(
                    "/maven/org/a/1/a-1.jar",
                    "HTTP/1.1 200 OK\r\n" + head + "\r\nX-End: now\r\n\r\nshort");
            refused(get(path), 502, Reason.UPSTREAM_FAILED);
        }
    }

    @Test
    void whatIsTooLargeIsRefused() throws IOException {
        registry.file("/npm/left", "application/json", "{\"a\":\"" + "x".repeat(30_000) + "\"}");
        refused(get("/o/npm/left"), 502, Reason.UPSTREAM_TOO_LARGE);
        registry.says(
                "/maven/org/a/1/a-1.jar",
                "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\nX-End: now\r\n\r\n");
        refused(get("/o/maven/org/a/1/a-1.jar"), 502, Reason.UPSTREAM_TOO_LARGE);
        registry.says(
                "/maven/org/a/1/a-1.pom",
                "HTTP/1.1 200 OK\r\nX-End: now\r\n\r\n" + "y".repeat(120_000));
        assertThat(get("/o/maven/org/a/1/a-1.pom"))
                .doesNotContain("\r\n0\r\n\r\n")
                .hasSizeLessThan(60_000);
    }

    @Test
    void aSilentRegistryIsLeftAfterItsTime() throws IOException {
        registry.says("/npm/left", "silence");
        refused(get("/o/npm/left"), 502, Reason.UPSTREAM_SLOW);
    }

    @Test
    void anIndexThatIsNoneIsRefused() throws IOException {
        registry.file("/npm/left", "application/json", "<html>log in here</html>");
        refused(get("/o/npm/left"), 502, Reason.UPSTREAM_FAILED);
    }

    @Test
    void theWordsOfAnErrorStayOnTheHost() throws IOException {
        registry.says(
                "/npm/left",
                "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 24\r\n\r\nno entry with of-the-host");
        assertThat(get("/o/npm/left"))
                .startsWith("HTTP/1.1 401 ")
                .contains("the registry that npm is set up with answered 401")
                .doesNotContain("of-the-host", "Authenticate");
    }

    // --- policy --------------------------------------------------------------------------------

    @Test
    void lockedAndDenyCountForRegistriesToo() throws IOException {
        policy("locked", EgressRules.NONE);
        refused(get("/o/npm/left"), 403, Reason.PRESET_LOCKED);
        policy.set(EgressPolicy.BROKEN);
        refused(get("/o/npm/left"), 403, Reason.POLICY_BROKEN);
        assertThat(registry.saw).isEmpty();
        policy("locked", new EgressRules(null, List.of(), List.of(), List.of(registry.place())));
        assertThat(get("/o/npm/left")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void whatCannotBeRecordedIsNotAsked() throws IOException {
        diskFull = true;
        assertThat(get("/o/npm/left")).startsWith("HTTP/1.1 503 ").contains("not-recorded");
        assertThat(registry.saw).isEmpty();
    }

    @Test
    void anOriginSaysNothingOfWhatItIsAskedWith() throws CountersignException {
        Origin origin =
                new Origin(
                        "npm",
                        Kind.NPM,
                        URI.create("https://user:word@mirror.example.org/npm?x#y"),
                        SECRET,
                        "");
        assertThat(origin.base()).isEqualTo(URI.create("https://mirror.example.org/npm/"));
        assertThat(origin.toString()).doesNotContain("word", "of-the-host");
    }
}
