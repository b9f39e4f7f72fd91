package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.egress.ClientHelloTest.Hellos;
import dev.countersign.egress.Decision.Verdict;
import dev.countersign.gate.policy.EgressRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Raw sockets against a real proxy and real listeners on loopback.
class EgressProxyTest {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final BlockingQueue<EgressEvent> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> upstreamSaw = new LinkedBlockingQueue<>();
    private final Map<String, List<byte[]>> names = new HashMap<>();
    private ServerSocket upstream = socket();
    private EgressProxy proxy = proxy(EgressRules.NONE, EgressLimits.USUAL);
    private String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private static ServerSocket socket() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        proxy.close();
        names.put("ok.example.org", List.of(LOOPBACK));
        names.put("other.example.org", List.of(LOOPBACK));
        Thread.ofVirtual().start(this::serveUpstream);
        proxy = proxy(rules(), EgressLimits.USUAL);
    }

    private EgressRules rules() {
        int port = upstream.getLocalPort();
        return new EgressRules(
                "locked",
                List.of(
                        "ok.example.org:" + port,
                        "mixed.example.org:" + port,
                        "inside.example.org:" + (port == 9 ? 10 : 9),
                        "gone.example.org:" + port),
                List.of(),
                List.of("127.0.0.1:" + port));
    }

    private EgressProxy proxy(EgressRules rules, EgressLimits limits) {
        try {
            ServerSocketChannel listener =
                    ServerSocketChannel.open()
                            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return EgressProxy.start(
                    listener,
                    EgressPolicy.of(rules),
                    name -> names.getOrDefault(name, List.of()),
                    limits,
                    events::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        upstream.close();
    }

    /// Takes what comes first, answers, and tells what it saw.
    private void serveUpstream() {
        while (!upstream.isClosed()) {
            try (Socket socket = upstream.accept()) {
                byte[] buffer = new byte[1 << 16];
                int count = socket.getInputStream().read(buffer);
                if (count > 0) {
                    upstreamSaw.add(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    socket.getOutputStream().flush();
                    socket.getInputStream().read(buffer);
                }
            } catch (IOException e) {
                // The next one, or the end.
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(proxy.address());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private String target() {
        return "ok.example.org:" + upstream.getLocalPort();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String all(Socket socket) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                out.write(c);
            }
        } catch (java.net.SocketException e) {
            // A reset ends it as well.
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                break;
            }
            text.append((char) c);
        }
        return text.toString();
    }

    private EgressEvent decision() throws InterruptedException {
        return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "a decision");
    }

    private void refused(String request, Reason reason) throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            send(socket, request);
            String got = all(socket);
            assertThat(got).as(request).startsWith("HTTP/1.1 ").contains(reason.code());
            assertThat(got).as(request).doesNotStartWith("HTTP/1.1 2");
        }
        EgressEvent event = decision();
        assertThat(event.decision().verdict()).as(request).isEqualTo(Verdict.DENY);
        assertThat(event.decision().reason()).as(request).isEqualTo(reason);
        assertThat(upstreamSaw).as(request).isEmpty();
    }

    @Test
    void aTunnelCarriesTlsToTheNameThatWasAskedFor() throws Exception {
        byte[] hello = Hellos.of("ok.example.org", false);
        try (Socket socket = connect()) {
            send(socket, "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\n\r\n");
            assertThat(line(socket)).startsWith("HTTP/1.1 200 ");
            socket.getOutputStream().write(hello);
            assertThat(upstreamSaw.poll(20, TimeUnit.SECONDS))
                    .isEqualTo(new String(hello, StandardCharsets.ISO_8859_1));
            EgressEvent event = decision();
            assertThat(event.decision().verdict()).isEqualTo(Verdict.ALLOW);
            assertThat(event.address()).isEqualTo("127.0.0.1");
            byte[] got = socket.getInputStream().readNBytes(answer.length());
            assertThat(new String(got, StandardCharsets.ISO_8859_1)).isEqualTo(answer);
        }
    }

    @Test
    void aTunnelWithoutTlsOrWithAnotherNameReachesNobody() throws Exception {
        Map<byte[], Reason> first =
                Map.of(
                        Hellos.of("other.example.org", false), Reason.SNI_MISMATCH,
                        Hellos.of("ok.example.org.", false), Reason.SNI_MISMATCH,
                        Hellos.of("ok.example.org\0", false), Reason.SNI_MISMATCH,
                        Hellos.of(null, false), Reason.SNI_MISSING,
                        "SSH-2.0-OpenSSH_9\r\n".getBytes(StandardCharsets.UTF_8),
                                Reason.TUNNEL_NOT_TLS,
                        "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8),
                                Reason.TUNNEL_NOT_TLS);
        for (Map.Entry<byte[], Reason> one : first.entrySet()) {
            try (Socket socket = connect()) {
                send(socket, "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\n\r\n");
                line(socket);
                socket.getOutputStream().write(one.getKey());
                all(socket);
            }
            assertThat(decision().decision().reason()).isEqualTo(one.getValue());
            assertThat(upstreamSaw).isEmpty();
        }
    }

    @Test
    void anEncryptedHelloIsFlagged() throws Exception {
        try (Socket socket = connect()) {
            send(socket, "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\n\r\n");
            line(socket);
            socket.getOutputStream().write(Hellos.of("ok.example.org", true));
            assertThat(decision().flags()).containsExactly("ech");
        }
    }

    @Test
    void theDevelopersOwnAddressMayCarryAnything() throws Exception {
        String own = "127.0.0.1:" + upstream.getLocalPort();
        try (Socket socket = connect()) {
            send(socket, "CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\n\r\nQUERY");
            assertThat(line(socket)).startsWith("HTTP/1.1 200 ");
            assertThat(upstreamSaw.poll(20, TimeUnit.SECONDS)).isEqualTo("QUERY");
        }
    }

    @Test
    void requestsThatMustNotLeaveAreRefusedWithTheirReason() throws Exception {
        int port = upstream.getLocalPort();
        String t = target();
        refused(
                "CONNECT evil.example.org:443 HTTP/1.1\r\nHost: evil.example.org:443\r\n\r\n",
                Reason.PRESET_LOCKED);
        refused("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", Reason.IP_LOOPBACK);
        refused("CONNECT 0x7f.1:" + port + " HTTP/1.1\r\nHost: x\r\n\r\n", Reason.IP_SPELLING);
        refused("CONNECT [::ffff:127.0.0.1]:" + port + " HTTP/1.1\r\n\r\n", Reason.IP_EMBEDDED);
        refused("CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n", Reason.METADATA);
        refused("CONNECT ok.example.org:22 HTTP/1.1\r\n\r\n", Reason.PORT_NOT_NAMED);
        refused("CONNECT ok.example.org HTTP/1.1\r\n\r\n", Reason.PORT_INVALID);
        refused("CONNECT ok.example.org:0" + port + " HTTP/1.1\r\n\r\n", Reason.PORT_INVALID);
        refused("CONNECT ok.example.org:99999 HTTP/1.1\r\n\r\n", Reason.PORT_INVALID);
        refused("CONNECT u:p@" + t + " HTTP/1.1\r\n\r\n", Reason.HOST_MALFORMED);
        refused("CONNECT u@" + t + " HTTP/1.1\r\n\r\n", Reason.HOST_USERINFO);
        refused("CONNECT ok.example.org%00.x:443 HTTP/1.1\r\n\r\n", Reason.HOST_PERCENT);
        refused("CONNECT " + t + "\0 HTTP/1.1\r\n\r\n", Reason.REQUEST_MALFORMED);
        refused(
                "CONNECT " + t + " HTTP/1.1\r\nHost: other.example.org\r\n\r\n",
                Reason.HOST_MISMATCH);
        refused(
                "CONNECT gone.example.org:"
                        + port
                        + " HTTP/1.1\r\nHost: gone.example.org:"
                        + port
                        + "\r\n\r\n",
                Reason.DNS_FAILED);
        refused(
                "GET http://" + t + "/ HTTP/1.1\r\nHost: other.example.org\r\n\r\n",
                Reason.HOST_MISMATCH);
        refused("GET http://" + t + "/ HTTP/1.1\r\n\r\n", Reason.HOST_MISMATCH);
        refused(
                "GET http://" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\nHost: " + t + "\r\n\r\n",
                Reason.HOST_MISMATCH);
        refused("GET https://" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n", Reason.SCHEME);
        refused("GET ftp://" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n", Reason.SCHEME);
        refused("GET / HTTP/1.1\r\nHost: " + t + "\r\n\r\n", Reason.REQUEST_MALFORMED);
        refused(
                "GET http://u:p@" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n",
                Reason.HOST_MALFORMED);
        refused(
                "GET http://" + t + "\\@evil/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n",
                Reason.REQUEST_MALFORMED);
        refused(
                "GET  http://" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n",
                Reason.REQUEST_MALFORMED);
        refused(
                "GET http://" + t + "/ HTTP/2.0\r\nHost: " + t + "\r\n\r\n",
                Reason.REQUEST_MALFORMED);
        refused("TRACE http://" + t + "/ HTTP/1.1\r\nHost: " + t + "\r\n\r\n", Reason.METHOD);
    }

    @Test
    void whatTwoServersCouldReadInTwoWaysIsRefused() throws Exception {
        String head = "POST http://" + target() + "/ HTTP/1.1\r\nHost: " + target() + "\r\n";
        for (String more :
                List.of(
                        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "Content-Length: 4\r\nContent-Length: 5\r\n\r\n",
                        "Content-Length: +4\r\n\r\n",
                        "Content-Length: 4, 4\r\n\r\n",
                        "Transfer-Encoding: chunked, identity\r\n\r\n",
                        "Transfer-Encoding: xchunked\r\n\r\n",
                        "Transfer-Encoding : chunked\r\n\r\n",
                        "Transfer_Encoding: chunked\r\n\r\n",
                        "X: y\n\r\n",
                        "X: y\r\n folded\r\n\r\n",
                        "X: y\rZ: w\r\n\r\n",
                        ": empty\r\n\r\n")) {
            refused(head + more, Reason.SMUGGLING);
        }
        try (Socket socket = connect()) {
            send(socket, head + "X: " + "y".repeat(20_000) + "\r\n\r\n");
            assertThat(all(socket)).contains(Reason.REQUEST_TOO_LARGE.code());
        }
    }

    @Test
    void everyAddressOfANameIsLookedAtBeforeOneIsDialled() throws Exception {
        int port = upstream.getLocalPort();
        names.put("mixed.example.org", List.of(LOOPBACK, new byte[] {10, 0, 0, 1}));
        String mixed = "mixed.example.org:" + port;
        refused("CONNECT " + mixed + " HTTP/1.1\r\nHost: " + mixed + "\r\n\r\n", Reason.IP_PRIVATE);
        names.put(
                "mixed.example.org",
                List.of(new byte[] {(byte) 169, (byte) 254, (byte) 169, (byte) 254}));
        refused("CONNECT " + mixed + " HTTP/1.1\r\nHost: " + mixed + "\r\n\r\n", Reason.METADATA);
        names.put("inside.example.org", List.of(LOOPBACK));
        refused(
                "CONNECT inside.example.org:9 HTTP/1.1\r\nHost: inside.example.org:9\r\n\r\n",
                Reason.IP_LOOPBACK);
    }

    @Test
    void plainHttpIsForwardedOnceAndWithoutWhatIsForTheProxy() throws Exception {
        try (Socket socket = connect()) {
            send(
                    socket,
                    "POST http://"
                            + target()
                            + "/a?b=c HTTP/1.1\r\nHost: "
                            + target()
                            + "\r\n"
                            + "Proxy-Authorization: Basic x\r\n"
                            + "Connection: keep-alive, X-Hop\r\n"
                            + "X-Hop: 1\r\n"
                            + "X-Kept: 2\r\n"
                            + "Content-Length: 3\r\n\r\n"
                            + "abcGET http://other.example.org/ HTTP/1.1\r\n"
                            + "Host: other.example.org\r\n\r\n");
            assertThat(all(socket))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("hello")
                    .contains("Connection: close");
        }
        String saw = Objects.requireNonNull(upstreamSaw.poll(20, TimeUnit.SECONDS));
        assertThat(saw)
                .startsWith("POST /a?b=c HTTP/1.1\r\nHost: " + target() + "\r\n")
                .contains("X-Kept: 2")
                .contains("Connection: close")
                .doesNotContain("Proxy-Authorization")
                .doesNotContain("X-Hop")
                .doesNotContain("other.example.org");
    }

    @Test
    void aRuleThatGoesCutsItsOpenTunnels() throws Exception {
        String own = "127.0.0.1:" + upstream.getLocalPort();
        try (Socket socket = connect()) {
            send(socket, "CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\n\r\n");
            assertThat(line(socket)).startsWith("HTTP/1.1 200 ");
            assertThat(decision().decision().verdict()).isEqualTo(Verdict.ALLOW);
            proxy.policy(EgressPolicy.of(EgressRules.NONE));
            all(socket);
            EgressEvent end = decision();
            assertThat(end.what()).isEqualTo(EgressEvent.What.END);
            assertThat(end.decision().reason()).isEqualTo(Reason.REVOKED);
        }
        proxy.refuseAll();
        refused("CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\n\r\n", Reason.POLICY_BROKEN);
    }

    /// What the proxy needs fails: nothing goes out, and the client is told or cut.
    @Test
    void aDeadResolverARecordThatCannotBeWrittenAndADeadProxyLetNothingThrough() throws Exception {
        String request = "GET http://" + target() + "/ HTTP/1.1\r\nHost: " + target() + "\r\n\r\n";
        EgressPolicy rules = EgressPolicy.of(rules());
        NameResolver dead =
                _ -> {
                    throw new UncheckedIOException(new IOException("the resolver is gone"));
                };
        NameResolver alive = name -> names.getOrDefault(name, List.of());
        EgressRecorder full =
                _ -> {
                    throw new IOException("no space is left");
                };
        for (EgressProxy broken :
                List.of(
                        EgressProxy.start(listener(), rules, dead, EgressLimits.USUAL, events::add),
                        EgressProxy.start(listener(), rules, alive, EgressLimits.USUAL, full))) {
            try (broken;
                    Socket socket = new Socket()) {
                socket.connect(broken.address());
                socket.setSoTimeout(20_000);
                send(socket, request);
                assertThat(all(socket)).doesNotContain("HTTP/1.1 2");
            }
            assertThat(upstreamSaw).isEmpty();
            assertThatThrownBy(
                            () -> {
                                try (Socket socket = new Socket()) {
                                    socket.connect(broken.address());
                                    send(socket, request);
                                    // A child of another test may hold the listener for a moment.
                                    if (socket.getInputStream().read() < 0) {
                                        throw new java.net.ConnectException(
                                                "ended with nothing said");
                                    }
                                }
                            })
                    .isInstanceOf(IOException.class);
            assertThat(upstreamSaw).isEmpty();
        }
        // The same request goes through where nothing is broken.
        try (Socket socket = connect()) {
            send(socket, request);
            assertThat(all(socket)).startsWith("HTTP/1.1 200");
        }
        assertThat(upstreamSaw).hasSize(1);
    }

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Test
    void limitsHoldForConnectionsBytesAndTime() throws Exception {
        EgressLimits tight =
                new EgressLimits(
                        2,
                        16 << 10,
                        Duration.ofMillis(300),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60),
                        100,
                        1000);
        proxy.close();
        proxy = proxy(rules(), tight);
        try (Socket slow = connect()) {
            send(slow, "CONNECT ");
            assertThat(all(slow)).isEmpty();
        }
        assertThat(decision().decision().reason()).isEqualTo(Reason.REQUEST_SLOW);
        try (Socket slow = connect()) {
            send(slow, "CONNECT " + target() + " HTTP/1.1\r\nHost: " + target() + "\r\n\r\n\u0016");
            all(slow);
        }
        assertThat(decision().decision().reason()).isEqualTo(Reason.TUNNEL_SLOW);
        String own = "127.0.0.1:" + upstream.getLocalPort();
        try (Socket much = connect()) {
            send(much, "CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\n\r\n");
            line(much);
            assertThat(decision().decision().verdict()).isEqualTo(Verdict.ALLOW);
            send(much, "x".repeat(200));
            all(much);
        }
        assertThat(decision().decision().reason()).isEqualTo(Reason.LIMIT_HOST_BYTES);
        List<Socket> many = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            many.add(connect());
        }
        assertThat(decision().decision().reason())
                .isIn(Reason.LIMIT_CONNECTIONS, Reason.REQUEST_SLOW);
        for (Socket socket : many) {
            socket.close();
        }
    }

    @Test
    void P5_whatCannotBeRecordedIsNotConnected() throws Exception {
        proxy.close();
        try (ServerSocketChannel listener =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            proxy =
                    EgressProxy.start(
                            listener,
                            EgressPolicy.of(rules()),
                            name -> names.getOrDefault(name, List.of()),
                            EgressLimits.USUAL,
                            _ -> {
                                throw new IOException("the disk is full");
                            });
            String own = "127.0.0.1:" + upstream.getLocalPort();
            try (Socket socket = connect()) {
                send(socket, "CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\n\r\nQUERY");
                assertThat(all(socket)).startsWith("HTTP/1.1 503 ").contains("not-recorded");
            }
            assertThat(upstreamSaw).isEmpty();
        }
    }
}
