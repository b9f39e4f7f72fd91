package dev.countersign.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.gateway.WireClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class HttpListenerTest {
    private final CountDownLatch left = new CountDownLatch(1);
    private HttpListener listener;
    private SocketAddress address;

    @BeforeEach
    void open() throws IOException {
        ServerSocketChannel server =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = server.getLocalAddress();
        HttpHandler echo =
                new HttpHandler() {
                    @Override
                    public void handle(HttpRequest request, HttpResponse response)
                            throws IOException, InterruptedException {
                        if (request.path().equals("/wait")) {
                            response.onClientGone(left::countDown);
                            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
                            return;
                        }
                        response.send(200, "text/plain", Map.of(), request.body());
                    }

                    @Override
                    public byte[] faultBody(HttpFault fault) {
                        return fault.getMessage().getBytes(StandardCharsets.UTF_8);
                    }
                };
        HttpLimits limits =
                new HttpLimits(
                        4,
                        2048,
                        20,
                        1000,
                        Duration.ofSeconds(20),
                        Duration.ofMillis(300),
                        Duration.ofMillis(300),
                        Duration.ofMillis(300));
        listener = new HttpListener(server, echo, limits);
    }

    @AfterEach
    void close() {
        listener.close();
    }

    @Test
    void severalRequestsShareAConnectionAlsoWhenTheyComeTogether() throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send(WireClient.post("/", "one") + WireClient.post("/", "two"));
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo("one");
            client.status();
            assertThat(client.body()).isEqualTo("two");
            client.send(
                    head("Transfer-Encoding: chunked")
                            + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n");
            client.status();
            assertThat(client.body()).isEqualTo("abc0123456789");
            client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            client.status();
            client.body();
            assertThat(client.atEnd()).isTrue();
        }
    }

    private static String head(String header) {
        return "POST / HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n";
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "POST / HTTP/1.1|Host: x|Content-Length: 3|Transfer-Encoding: chunked||abc; 400",
                "POST / HTTP/1.1|Host: x|Content-Length: 3|Content-Length: 3||abc; 400",
                "POST / HTTP/1.1|Host: x|Content-Length: +3||abc; 400",
                "POST / HTTP/1.1|Host: x|Content-Length: 3, 3||abc; 400",
                "POST / HTTP/1.1|Host: x|Content-Length: 1001||; 413",
                "POST / HTTP/1.1|Host: x|Content-Length: 99999999999999999999||; 413",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: gzip, chunked||; 501",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked|Transfer-Encoding: chunked||; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||0x3|abc|0||; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||3,a=b|abc|0||; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||3|abcd|0||; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||0|X: y||; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||fffffffff|; 400",
                "POST / HTTP/1.1|Host: x|Transfer-Encoding: chunked||ffff|; 413",
                "GET / HTTP/1.1|Host: x| folded: y||; 400",
                "GET / HTTP/1.1|Host : x||; 400",
                "GET / HTTP/1.1|Host: x|Host: y||; 400",
                "GET / HTTP/1.1||; 400",
                "GET / HTTP/1.0|Host: x||; 505",
                "GET / HTTP/2.0|Host: x||; 505",
                "GET http://x/ HTTP/1.1|Host: x||; 400",
                "GET  / HTTP/1.1|Host: x||; 400",
                "G(T / HTTP/1.1|Host: x||; 400",
                "GET / HTTP/1.1|Host: x|Content-Encoding: gzip||; 415",
                "GET / HTTP/1.1|Host: x|Expect: cake|Content-Length: 1||a; 417"
            })
    void ambiguousRequestsAreRefusedAndTheConnectionEnds(String request, int status)
            throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send(request.replace("|", "\r\n"));
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.body()).isNotEmpty();
            assertThat(client.atEnd()).isTrue();
        }
    }

    @Test
    void bareLineFeedsLongHeadsAndManyHeadersAreRefused() throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            assertThat(client.status()).isEqualTo(400);
        }
        try (WireClient client = new WireClient(address)) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + "b".repeat(3000));
            assertThat(client.status()).isEqualTo(431);
        }
        try (WireClient client = new WireClient(address)) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(30) + "\r\n");
            assertThat(client.status()).isEqualTo(431);
        }
    }

    @Test
    void aClientThatIsTooSlowIsToldSoAndLetGo() throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
            assertThat(client.status()).isEqualTo(408);
        }
        try (WireClient client = new WireClient(address)) {
            client.send("GET / HT");
            assertThat(client.status()).isEqualTo(408);
        }
    }

    @Test
    void aClientThatLeavesIsNoticedWhileItsAnswerIsHeld() throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClientThatWaitsToSendItsBodyIsToldToGoOn() throws Exception {
        try (WireClient client = new WireClient(address)) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.status()).isEqualTo(100);
            client.send("ab");
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo("ab");
        }
    }
}
