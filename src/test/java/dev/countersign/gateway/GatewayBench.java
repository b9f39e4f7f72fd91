package dev.countersign.gateway;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.domain.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// What the gateway adds to a call that is not held, for `bench/gateway`: the same provider over
/// loopback, asked directly and through the gateway, in turn. And whether a text's pieces come
/// through while the provider is still writing.
public final class GatewayBench {
    private static final int WARM = 300;
    private static final int ROUNDS = 600;

    private GatewayBench() {}

    /// Prints one line for each format.
    public static void main(String[] arguments) throws Exception {
        for (Speech speech : Speech.values()) {
            measure(speech);
        }
    }

    private static void measure(Speech speech) throws Exception {
        Path directory = Files.createTempDirectory("gateway-bench");
        byte[] answer =
                String.join("", speech.events("A few words.")).getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(loopback(), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders().add("content-type", "text/event-stream");
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        server.start();
        HttpUpstream.Dialect dialect =
                switch (speech) {
                    case MESSAGES -> HttpUpstream.Dialect.ANTHROPIC;
                    case RESPONSES, CHAT -> HttpUpstream.Dialect.OPENAI;
                    case GEMINI -> HttpUpstream.Dialect.GEMINI;
                };
        InetSocketAddress provider = server.getAddress();
        try (HttpUpstream upstream =
                        new HttpUpstream(
                                dialect,
                                java.net.URI.create("http://127.0.0.1:" + provider.getPort()),
                                Optional::empty,
                                Duration.ofSeconds(20));
                House house = new House(directory, upstream, _ -> Answer.ALLOWED);
                WireClient direct = new WireClient(provider);
                WireClient through = house.client()) {
            String question = WireClient.post(speech.path(true), speech.ask(true));
            for (int i = 0; i < WARM; i++) {
                once(direct, question);
                once(through, question);
            }
            long[] plain = new long[ROUNDS];
            long[] gated = new long[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                plain[i] = once(direct, question);
                gated[i] = once(through, question);
            }
            Arrays.sort(plain);
            Arrays.sort(gated);
            System.out.printf(
                    "gateway, %s: n=%d direct p50=%.2f ms, through p50=%.2f ms p95=%.2f ms, added"
                            + " p50=%.2f ms; first piece %s%n",
                    speech.name().toLowerCase(java.util.Locale.ROOT),
                    ROUNDS,
                    ms(plain, 0.5),
                    ms(gated, 0.5),
                    ms(gated, 0.95),
                    ms(gated, 0.5) - ms(plain, 0.5),
                    unbuffered(speech, directory.resolve("u"))
                            ? "through before the next was written"
                            : "BUFFERED");
        } finally {
            server.stop(0);
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static double ms(long[] sorted, double part) {
        return sorted[(int) (sorted.length * part)] / 1e6;
    }

    private static long once(WireClient client, String question) throws IOException {
        long begun = System.nanoTime();
        client.send(question);
        if (client.status() != 200 || client.body().isEmpty()) {
            throw new IOException("the question was not answered");
        }
        return System.nanoTime() - begun;
    }

    /// The provider writes on only once the client has its first words.
    private static boolean unbuffered(Speech speech, Path directory) throws Exception {
        CountDownLatch had = new CountDownLatch(1);
        try (RoughProvider provider = new RoughProvider()) {
            java.util.List<String> events = speech.events("First words.");
            int cut = 0;
            while (!events.get(cut++).contains("First words.")) {
                // Up to the event that has them.
            }
            String before = String.join("", events.subList(0, cut));
            String after = String.join("", events.subList(cut, events.size()));
            provider.then((out, _) -> {
                out.write(
                        ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:"
                                        + " %d\r\n\r\n%s"
                                                .formatted(
                                                        (before + after)
                                                                .getBytes(StandardCharsets.UTF_8)
                                                                .length,
                                                        before))
                                .getBytes(StandardCharsets.UTF_8));
                out.flush();
                had.await();
                out.write(after.getBytes(StandardCharsets.UTF_8));
            });
            HttpUpstream.Dialect dialect =
                    switch (speech) {
                        case MESSAGES -> HttpUpstream.Dialect.ANTHROPIC;
                        case RESPONSES, CHAT -> HttpUpstream.Dialect.OPENAI;
                        case GEMINI -> HttpUpstream.Dialect.GEMINI;
                    };
            try (HttpUpstream upstream =
                            new HttpUpstream(
                                    dialect,
                                    provider.address(),
                                    Optional::empty,
                                    Duration.ofSeconds(20));
                    House house = new House(directory, upstream, _ -> Answer.ALLOWED);
                    WireClient client = house.client()) {
                client.send(WireClient.post(speech.path(true), speech.ask(true)));
                client.status();
                StringBuilder got = new StringBuilder();
                while (got.indexOf("First words.") < 0) {
                    got.append(new String(client.part(), StandardCharsets.UTF_8));
                }
                had.countDown();
                client.body();
                return true;
            }
        }
    }
}
