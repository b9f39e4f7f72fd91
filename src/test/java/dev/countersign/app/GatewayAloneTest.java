package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class GatewayAloneTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String answer(String command) {
        return "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hm\",\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"bash\",\"arguments\":\"{\\\"command\\\":\\\""
                + command
                + "\\\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}";
    }

    private final List<Path> places = new ArrayList<>();

    @Test
    void P4_whatIsAskedWaitsForTheApprovalsAndALineSaysHowItWasDecided() throws Exception {
        Home home = Home.of(Map.of("COUNTERSIGN_HOME", shortPlace()));
        HttpServer provider =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicReference<String> key = new AtomicReference<>("");
        provider.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    key.set(String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
                    byte[] answer =
                            answer("git push --force origin main").getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("content-type", "application/json");
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        provider.start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread serving =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                new GatewayAlone(home, Map.of("OPENAI_API_KEY", "host-key"))
                                        .serve(
                                                new Tools.GatewayRequest(
                                                        "openai",
                                                        "http://127.0.0.1:"
                                                                + provider.getAddress().getPort(),
                                                        "127.0.0.1:0",
                                                        null),
                                                lines::add);
                            } catch (CountersignException e) {
                                failed.set(e);
                            }
                        });
        try (HttpClient http = HttpClient.newHttpClient()) {
            JsonNode first = JSON.readTree(lines.poll(60, TimeUnit.SECONDS));
            HttpRequest question =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://"
                                                    + first.path("listening").asText()
                                                    + "/v1/chat/completions"))
                            .header("authorization", "Bearer " + first.path("token").asText())
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}"))
                            .build();
            var answer = http.sendAsync(question, HttpResponse.BodyHandlers.ofString());
            try (Client client = Client.connect(home.socket())) {
                List<ApprovalView> open = client.approvals(Optional.empty());
                CountDownLatch never = new CountDownLatch(1);
                for (int tries = 0; open.isEmpty() && tries < 3_000; tries++) {
                    assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
                    open = client.approvals(Optional.empty());
                }
                assertThat(open).hasSize(1);
                assertThat(answer.isDone()).isFalse();
                client.allow(open.getFirst().id(), open.getFirst().digest(), null);
            }
            assertThat(answer.get(30, TimeUnit.SECONDS).body()).contains("call_1");
            JsonNode decided = JSON.readTree(lines.poll(30, TimeUnit.SECONDS));
            assertThat(decided.path("call").asText()).isEqualTo("call_1");
            assertThat(decided.path("decision").asText()).isEqualTo("allow");
            assertThat(decided.path("by").asText()).isEqualTo("person");
            assertThat(key.get()).isEqualTo("Bearer host-key");
        } finally {
            serving.interrupt();
            serving.join();
            provider.stop(0);
        }
        assertThat(failed.get()).isNull();
        assertThat(Files.exists(home.socket())).isFalse();
    }

    /// Unix sockets below a test's own directory would have too long a path.
    private String shortPlace() throws IOException {
        Path place = Files.createTempDirectory("cs");
        places.add(place);
        return place.toString();
    }

    @AfterEach
    void clear() throws IOException {
        for (Path place : places) {
            try (Stream<Path> all = Files.walk(place)) {
                for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(one);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mistral, https://x.example, 127.0.0.1:0, kind of provider",
        "openai, http://x.example, 127.0.0.1:0, not usable",
        "openai, https://x.example, 127.0.0.1, ADDR:PORT",
        "openai, https://x.example, 127.0.0.1:99999, ADDR:PORT",
        "openai, https://x.example, 0.0.0.0:0, loopback only"
    })
    void wrongUseIsSaid(String provider, String upstream, String listen, String said)
            throws Exception {
        Home home = Home.of(Map.of("COUNTERSIGN_HOME", shortPlace()));
        assertThatThrownBy(() ->
                        new GatewayAlone(home, Map.of())
                                .serve(
                                        new Tools.GatewayRequest(provider, upstream, listen, null),
                                        _ -> {}))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(said);
    }
}
