package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.egress.EgressEvent.What;
import dev.countersign.gate.policy.EgressRules;
import dev.countersign.secrets.Canaries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real git against git's own server, through the proxy.
@Timeout(120)
class GitGatewayTest {
    @TempDir Path directory;

    private final List<EgressEvent> events = new CopyOnWriteArrayList<>();
    private final List<String> served = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private EgressProxy proxy;

    @BeforeEach
    void start() throws Exception {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        git(tree, 0, "init", "-q", "-b", "main");
        for (int i = 0; i < 30; i++) {
            commit(tree, i);
        }
        git(directory, 0, "clone", "-q", "--bare", "tree", "srv/shop.git");
        git(directory.resolve("srv/shop.git"), 0, "config", "http.receivepack", "true");

        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::backend);
        server.start();
        EgressPolicy policy =
                EgressPolicy.of(
                        "packages",
                        List.of(
                                new EgressPolicy.Source(
                                        "policy.yaml",
                                        new EgressRules(
                                                null, List.of(), List.of(), List.of(place())))),
                        List.of(),
                        Clock.systemUTC());
        proxy =
                EgressProxy.forSession(
                        ServerSocketChannel.open()
                                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        () -> policy,
                        _ -> List.of(),
                        EgressLimits.USUAL,
                        events::add,
                        Asking.NOBODY,
                        SessionServers.NONE,
                        Canaries.NONE,
                        0,
                        new OriginGateway(
                                () -> Origins.NONE,
                                _ -> List.of(),
                                new byte[32],
                                HostTrust.of(new byte[0]),
                                OriginGateway.Limits.USUAL));
    }

    @AfterEach
    void stop() {
        proxy.close();
        server.stop(0);
    }

    private String place() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private String gateway() throws IOException {
        int port = ((InetSocketAddress) proxy.address()).getPort();
        return "http://127.0.0.1:" + port + "/g/http/" + place();
    }

    private void commit(Path tree, int number) throws Exception {
        Files.writeString(tree.resolve("file" + number % 7), "content " + number + "\n");
        git(tree, 0, "add", "-A");
        git(
                tree,
                0,
                "-c",
                "user.name=d",
                "-c",
                "user.email=d@example.org",
                "commit",
                "-q",
                "-m",
                "change " + number);
    }

    private String git(Path where, int expected, String... words) throws Exception {
        List<String> argv = new java.util.ArrayList<>(List.of("git"));
        argv.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(argv).directory(where.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", words) + ": " + said).isEqualTo(expected);
        return said;
    }

    /// git-http-backend(1), as a web server runs it.
    private void backend(HttpExchange exchange) throws IOException {
        served.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        byte[] body = exchange.getRequestBody().readAllBytes();
        ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
        var environment = builder.environment();
        environment.put("GIT_PROJECT_ROOT", directory.resolve("srv").toString());
        environment.put("GIT_HTTP_EXPORT_ALL", "1");
        environment.put("GIT_CONFIG_COUNT", "1");
        environment.put("GIT_CONFIG_KEY_0", "safe.directory");
        environment.put("GIT_CONFIG_VALUE_0", "*");
        environment.put("REQUEST_METHOD", exchange.getRequestMethod());
        environment.put("PATH_INFO", exchange.getRequestURI().getPath());
        environment.put(
                "QUERY_STRING",
                Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""));
        environment.put("CONTENT_LENGTH", Integer.toString(body.length));
        header(exchange, "Content-Type", "CONTENT_TYPE", environment);
        header(exchange, "Git-Protocol", "GIT_PROTOCOL", environment);
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Thread.ofVirtual()
                .start(() -> {
                    try (OutputStream in = process.getOutputStream()) {
                        in.write(body);
                    } catch (IOException e) {
                        // It had enough.
                    }
                });
        InputStream out = process.getInputStream();
        int status = 200;
        for (String line = line(out); !line.isEmpty(); line = line(out)) {
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).strip();
            if (line.startsWith("Status:")) {
                status = Integer.parseInt(value.substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(line.substring(0, colon), value);
            }
        }
        exchange.sendResponseHeaders(status, 0);
        try (OutputStream to = exchange.getResponseBody()) {
            out.transferTo(to);
        }
    }

    private static void header(
            HttpExchange exchange,
            String name,
            String variable,
            java.util.Map<String, String> environment) {
        String value = exchange.getRequestHeaders().getFirst(name);
        if (value != null) {
            environment.put(variable, value);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(proxy.address());
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(out);
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private Reason lastReason() {
        return events.stream()
                .filter(event -> event.what() == What.DECISION)
                .reduce((_, second) -> second)
                .orElseThrow()
                .decision()
                .reason();
    }

    @ParameterizedTest(name = "version {0}")
    @ValueSource(strings = {"0", "1", "2"})
    void aCloneAndAFetchComeThroughInEveryVersionOfTheProtocol(String version) throws Exception {
        String protocol = "protocol.version=" + version;
        git(directory, 0, "-c", protocol, "clone", "-q", gateway() + "/shop.git", "copy");
        assertThat(Files.readString(directory.resolve("copy/file1"))).isEqualTo("content 29\n");

        // More of its own history than one line, so that the request is a packed one.
        for (int i = 0; i < 40; i++) {
            commit(directory.resolve("copy"), 1000 + i);
        }
        commit(directory.resolve("tree"), 31);
        git(directory.resolve("tree"), 0, "push", "-q", "../srv/shop.git", "main");
        git(directory.resolve("copy"), 0, "-c", protocol, "fetch", "-q");
        assertThat(git(directory.resolve("copy"), 0, "show", "origin/main:file3"))
                .isEqualTo("content 31\n");
        assertThat(events)
                .filteredOn(event -> event.what() == What.DECISION)
                .allSatisfy(event -> {
                    assertThat(event.decision().allowed()).isTrue();
                    assertThat(event.flags()).containsExactly("git fetch /shop.git");
                });
    }

    @Test
    void aShallowAndPartialCloneComesThrough() throws Exception {
        git(directory.resolve("srv/shop.git"), 0, "config", "uploadpack.allowFilter", "true");
        git(
                directory,
                0,
                "clone",
                "-q",
                "--depth",
                "2",
                "--filter=blob:none",
                "--single-branch",
                gateway() + "/shop.git",
                "copy");
        assertThat(git(directory.resolve("copy"), 0, "rev-list", "--count", "HEAD").strip())
                .isEqualTo("2");
    }

    @Test
    void aPushIsRefusedWithItsReasonAndNothingOfItReachesTheServer() throws Exception {
        git(directory, 0, "clone", "-q", gateway() + "/shop.git", "copy");
        commit(directory.resolve("copy"), 40);
        served.clear();
        String said = git(directory.resolve("copy"), 128, "push", "origin", "main");
        assertThat(said).contains("git-push", "the host pushes, after review");
        assertThat(
                        ask(
                                "POST %s/shop.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nContent-Length: 4\r\n\r\n0000"
                                        .formatted(gateway().replaceFirst("http://[^/]*", ""))))
                .startsWith("HTTP/1.1 403 ")
                .contains("git-push");
        assertThat(served).isEmpty();
        assertThat(lastReason()).isEqualTo(Reason.GIT_PUSH);
    }

    @Test
    void theDumbProtocolAndOtherPathsAreRefused() throws Exception {
        String at = gateway().replaceFirst("http://[^/]*", "");
        String tail = " HTTP/1.1\r\nHost: 127.0.0.1:4101\r\n\r\n";
        for (String path :
                List.of("/shop.git/info/refs", "/shop.git/HEAD", "/shop.git/objects/info/packs")) {
            assertThat(ask("GET " + at + path + tail)).contains("git-dumb");
        }
        for (String path :
                List.of(
                        "/../shop.git/info/refs?service=git-upload-pack",
                        "/%2e%2e/shop.git/info/refs?service=git-upload-pack",
                        "/shop.git/info/refs?service=git-upload-pack&x=stolen",
                        "/shop.git/info/refs?service=git-other-pack",
                        "/shop.git/info/lfs/objects/batch",
                        "/info/refs?service=git-upload-pack")) {
            assertThat(ask("GET " + at + path + tail)).as(path).contains("git-request");
        }
        assertThat(
                        ask(
                                "GET /g/http/u:p@"
                                        + place()
                                        + "/shop.git/info/refs?service=git-upload-pack"
                                        + tail))
                .contains("git-request");
        assertThat(served).isEmpty();
    }

    @Test
    void aServerThatSpeaksOnlyTheDumbProtocolIsLeft() throws Exception {
        server.createContext(
                "/dumb.git",
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(200, 4);
                    exchange.getResponseBody().write("refs".getBytes(StandardCharsets.UTF_8));
                    exchange.close();
                });
        String said = git(directory, 128, "clone", gateway() + "/dumb.git", "copy");
        assertThat(said).contains("git-dumb");
    }

    @Test
    void whatIsNoFetchDoesNotLeave() throws Exception {
        String at = gateway().replaceFirst("http://[^/]*", "") + "/shop.git/git-upload-pack";
        for (String body :
                List.of(
                        "the content of a secret file",
                        "0014command=ls-refs\n001dagent=\u0001the secret words\n0000",
                        "0012command=push\n0000",
                        "000fpush-stolen\n0000",
                        "0032want 0123456789012345678901234567890123456789\n00",
                        "0031want 0123456789012345678901234567890123456789\n0fff")) {
            String answer =
                    ask(
                            "POST %s HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nContent-Type: application/x-git-upload-pack-request\r\nContent-Length: %d\r\n\r\n%s"
                                    .formatted(at, body.length(), body));
            assertThat(answer).as(body).contains("git-request");
        }
        assertThat(served).isEmpty();
    }

    @Test
    void hostsAreDecidedAsAnyOther() throws Exception {
        String tail =
                "/a/b.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: 127.0.0.1:4101\r\n\r\n";
        assertThat(ask("GET /g/https/git.example.org" + tail)).contains("unknown-host");
        assertThat(ask("GET /g/https/169.254.169.254" + tail)).contains("metadata");
        assertThat(ask("GET /g/https/10.0.0.1" + tail)).contains("ip-private");
        assertThat(ask("GET /g/https/git.example.org:22" + tail)).contains("port-not-named");
        assertThat(
                        ask(
                                "GET /g/https/git.example.org"
                                        + tail.replace(
                                                "\r\n\r\n",
                                                "\r\nAuthorization: Basic eA==\r\n\r\n")))
                .contains("guest-credential");
    }
}
