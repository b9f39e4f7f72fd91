package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.domain.CountersignException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GatewayServeTest {
    private static final InetSocketAddress LOOPBACK =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String ASK =
            "{\"model\":\"m\",\"max_tokens\":1,\"stream\":true,\"messages\":[]}";
    @TempDir Path directory;

    /// A request that a real HTTP server got.
    private record Got(
            String path, String key, String authorization, String version, String body) {}

    @Test
    void P6_aRealUpstreamGetsTheHostsKeyAndNothingOfTheGuests() throws Exception {
        BlockingQueue<Got> requests = new LinkedBlockingQueue<>();
        HttpServer provider = HttpServer.create(LOOPBACK, 0);
        provider.createContext(
                "/",
                exchange -> {
                    var headers = exchange.getRequestHeaders();
                    requests.add(
                            new Got(
                                    exchange.getRequestURI().toString(),
                                    headers.getOrDefault("x-api-key", List.of()).toString(),
                                    headers.getOrDefault("authorization", List.of()).toString(),
                                    headers.getOrDefault("anthropic-version", List.of()).toString(),
                                    new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8)));
                    byte[] answer =
                            (Provider.start() + Provider.text(0, "hi") + Provider.end("end_turn"))
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("content-type", "text/event-stream");
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        provider.start();
        List<String> lines = new ArrayList<>();
        try (ModelGateway gateway =
                GatewayServe.run(
                        new GatewayServe.Options(
                                "anthropic",
                                URI.create(
                                        "http://127.0.0.1:"
                                                + provider.getAddress().getPort()
                                                + "/base/"),
                                LOOPBACK,
                                directory.resolve("held")),
                        () -> Optional.of("host-key"),
                        AnswerGate.refusing("nobody can be asked"),
                        new Facts(),
                        lines::add)) {
            assertThat(gateway.pending()).isEmpty();
            JsonNode line = new ObjectMapper().readTree(lines.getFirst());
            int port = Integer.parseInt(line.path("listening").asText().split(":", -1)[1]);
            InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (WireClient client = new WireClient(at)) {
                client.ask(ASK);
                assertThat(client.status()).isEqualTo(401);
                assertThat(client.body()).contains("authentication_error");
                String token = line.path("token").asText();
                client.send(
                        WireClient.post("/v1/messages", ASK)
                                .replace(
                                        "Host: gateway",
                                        "Host: x\r\nAuthorization: Bearer " + token));
                assertThat(client.status()).isEqualTo(200);
                assertThat(client.events().toString()).contains("hi");
            }
            assertThat(requests.take())
                    .isEqualTo(
                            new Got("/base/v1/messages", "[host-key]", "[]", "[2023-06-01]", ASK));
        } finally {
            provider.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://api.example.com",
                "ftp://127.0.0.1",
                "https://user@api.example.com",
                "https://api.example.com/?key=1",
                "https:"
            })
    void addressesThatWouldShowTheKeyAreRefused(String address) {
        assertThatThrownBy(() ->
                        new HttpUpstream(
                                HttpUpstream.Dialect.ANTHROPIC,
                                URI.create(address.equals("https:") ? "https:x" : address),
                                Optional::empty,
                                java.time.Duration.ofSeconds(1)))
                .isInstanceOf(CountersignException.class);
    }

    @Test
    void onlyLoopbackIsListenedOnAndAPortThatIsTakenIsSaid() throws Exception {
        GatewayServe.Options anywhere =
                new GatewayServe.Options(
                        "anthropic",
                        URI.create("https://api.example.com"),
                        new InetSocketAddress("0.0.0.0", 0),
                        directory.resolve("held"));
        assertThatThrownBy(() -> serve(anywhere)).hasMessageContaining("loopback only");
        try (var taken = java.nio.channels.ServerSocketChannel.open().bind(LOOPBACK)) {
            GatewayServe.Options same =
                    new GatewayServe.Options(
                            "anthropic",
                            anywhere.upstream(),
                            (InetSocketAddress) taken.getLocalAddress(),
                            anywhere.held());
            assertThatThrownBy(() -> serve(same)).hasMessageContaining("another port");
        }
    }

    private static void serve(GatewayServe.Options options) throws CountersignException {
        GatewayServe.run(options, Optional::empty, AnswerGate.refusing("no"), new Facts(), _ -> {})
                .close();
    }
}
