package dev.countersign.spine;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.api.Client;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Measures how long it takes from the request to start a session until the agent's first question
/// is at the model's provider: VM, copy-in, start checkpoint, agent, relay and gateway, all of it
/// by the real engine. The provider is a server of our own on loopback, behind the gateway, so the
/// figure holds the gateway's own time too.
public final class FirstRequest {
    private static final byte[] NO =
            """
            {"type":"error","error":{"type":"invalid_request_error","message":"measured"}}\
            """
                    .getBytes(StandardCharsets.UTF_8);

    /// The last part of a run: what no step of the session's own covers.
    public static final String REST =
            "the agent's program, relay and gateway, and between the steps";

    private FirstRequest() {}

    /// One session.
    ///
    /// @param whole from the request to start it to the agent's first question
    /// @param steps how much of it each of the session's steps took, in their order
    public record Run(Duration whole, SequencedMap<String, Duration> steps) {}

    /// @param runs how many sessions; one more, which is not counted, comes before them: it builds
    ///   the warm base where there is none and reads it once
    /// @param memoryMiB of each VM
    /// @param image the brief digest of the image that the others are measured with
    /// @throws IllegalStateException if a session is from another image or did not start warm
    public static List<Run> measure(int runs, int memoryMiB, String image)
            throws IOException, CountersignException, InterruptedException {
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        HttpServer provider =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext(
                "/v1/messages",
                exchange -> {
                    asked.add(System.nanoTime());
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders().add("content-type", "application/json");
                    exchange.sendResponseHeaders(400, NO.length);
                    exchange.getResponseBody().write(NO);
                    exchange.close();
                });
        provider.start();
        Desk desk = Desk.set();
        try {
            Path repository = desk.repository("shop", "a.txt", "one\n");
            StartRequest request =
                    new StartRequest(
                            repository.toString(),
                            "mini",
                            "say hello",
                            Mode.CHECKPOINT,
                            null,
                            null,
                            null,
                            "anthropic",
                            memoryMiB,
                            null);
            List<Run> found = new ArrayList<>();
            try (Client engine =
                    desk.engine(
                            Map.of(
                                    "ANTHROPIC_BASE_URL",
                                    "http://127.0.0.1:" + provider.getAddress().getPort(),
                                    "ANTHROPIC_API_KEY",
                                    "not-a-key"))) {
                for (int i = 0; i <= runs; i++) {
                    long began = System.nanoTime();
                    SessionId id = engine.start(request).id();
                    Long reached = asked.poll(10, TimeUnit.MINUTES);
                    if (reached == null) {
                        throw new IllegalStateException(
                                "no question came: " + engine.session(id) + "\n" + desk.log());
                    }
                    Desk.awaitState(engine, id, SessionState.REVIEW);
                    if (i > 0) {
                        check(engine, id, image);
                        found.add(run(engine, id, Duration.ofNanos(reached - began)));
                    }
                    engine.delete(id, true);
                    asked.clear();
                }
            }
            return found;
        } finally {
            desk.clear();
            provider.stop(0);
        }
    }

    private static Run run(Client engine, SessionId id, Duration whole)
            throws CountersignException {
        SequencedMap<String, Duration> steps = new LinkedHashMap<>();
        Duration rest = whole;
        for (Fact.StepDone step : Desk.facts(engine, id, Fact.StepDone.class)) {
            steps.merge(step.step(), step.took(), Duration::plus);
            rest = rest.minus(step.took());
        }
        steps.put(REST, rest);
        return new Run(whole, steps);
    }

    private static void check(Client engine, SessionId id, String image)
            throws CountersignException {
        List<String> images =
                Desk.facts(engine, id, Fact.StepDone.class).stream()
                        .filter(step -> step.step().equals("image"))
                        .map(Fact.StepDone::detail)
                        .toList();
        boolean warm =
                Desk.facts(engine, id, Fact.VmStarted.class).stream()
                        .allMatch(started -> started.start().equals("warm"));
        if (!images.equals(List.of(image)) || !warm) {
            throw new IllegalStateException(
                    "%s is not to be compared: from image %s, not %s; warm: %s"
                            .formatted(id, images, image, warm));
        }
    }
}
