package dev.countersign.gateway;

import static dev.countersign.gateway.Provider.call;
import static dev.countersign.gateway.Provider.end;
import static dev.countersign.gateway.Provider.event;
import static dev.countersign.gateway.Provider.start;
import static dev.countersign.gateway.Provider.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.io.EOFException;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ModelGatewayTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALL =
            start()
                    + text(0, "I will ", "look.")
                    + call(1, "toolu_a", "bash", "{\"comm", "and\":\"ls\"}")
                    + end("tool_use");
    private static final String DONE = start() + text(0, "All done.") + end("end_turn");

    @TempDir Path directory;

    private static String ask(boolean stream, String... messages) {
        return """
        {"model":"m","max_tokens":100,"stream":%s,"messages":[%s]}\
        """
                .formatted(
                        stream,
                        messages.length == 0
                                ? "{\"role\":\"user\",\"content\":\"go\"}"
                                : String.join(",", messages));
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(e -> e.path("type").asText()).toList();
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            assertThat(never.await(2, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    /// Holds every answer until the test lets it go.
    private static final class Held implements AnswerGate {
        final CountDownLatch asked = new CountDownLatch(1);
        final Semaphore answers = new Semaphore(0);
        volatile Answer answer = Answer.ALLOWED;

        @Override
        public Verdicts decide(
                List<ToolCall> calls,
                GuestText text,
                @org.jspecify.annotations.Nullable GuestText model)
                throws InterruptedException {
            asked.countDown();
            answers.acquire();
            return new Verdicts(calls.stream().map(c -> House.verdict(c, answer)).toList(), false);
        }
    }

    @Test
    void textStreamsThroughWhileTheModelIsStillWriting() throws Exception {
        PipedInputStream in = new PipedInputStream(65536);
        try (PipedOutputStream out = new PipedOutputStream(in);
                House house =
                        new House(directory, new Provider().streams(in), _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true));
            String all = start() + text(0, "first ", "second");
            int cut = all.indexOf("second");
            cut = all.lastIndexOf("event:", cut);
            out.write(all.substring(0, cut).getBytes(StandardCharsets.UTF_8));
            out.flush();
            assertThat(client.status()).isEqualTo(200);
            JsonNode event = client.event();
            while (!event.path("delta").path("text").asText().equals("first ")) {
                event = client.event();
            }
            out.write((all.substring(cut) + end("end_turn")).getBytes(StandardCharsets.UTF_8));
            out.flush();
            assertThat(types(client.events())).endsWith("message_delta", "message_stop");
        }
    }

    @Test
    void P4_anAnswerWithACallIsHeldWithPingsUntilItIsDecided() throws Exception {
        Held gate = new Held();
        try (House house = new House(directory, new Provider().streams(CALL), gate);
                WireClient client = house.client()) {
            client.ask(ask(true));
            gate.asked.await();
            assertThat(client.status()).isEqualTo(200);
            int pings = 0;
            while (pings < 2) {
                JsonNode event = client.event();
                assertThat(event.toString()).doesNotContain("tool_use").doesNotContain("toolu_a");
                pings += event.path("type").asText().equals("ping") ? 1 : 0;
            }
            assertThat(house.heldFiles(".held")).hasSize(1);
            assertThat(house.facts.of(Fact.Released.class)).isEmpty();
            assertThat(house.gateway().pending().getFirst().callIds())
                    .containsExactly(GuestText.of("toolu_a"));
            gate.answers.release();
            List<JsonNode> rest = client.events();
            assertThat(types(rest))
                    .containsExactly(
                            "content_block_start",
                            "content_block_delta",
                            "content_block_stop",
                            "message_delta",
                            "message_stop");
            assertThat(rest.get(1).path("delta").path("partial_json").asText())
                    .isEqualTo("{\"command\":\"ls\"}");
            eventually(() -> house.gateway().pending().isEmpty());
            eventually(() -> none(house, ".held"));
            assertThat(house.facts.all().stream().map(f -> f.getClass().getSimpleName()))
                    .containsExactly("ModelAsked", "AgentSaid", "Called", "Released");
        }
    }

    private static boolean none(House house, String suffix) {
        try {
            return house.heldFiles(suffix).isEmpty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void P4_anAnswerThatIsNotStreamedWaitsAsAWhole() throws Exception {
        String whole =
                """
                {"id":"msg_9","type":"message","role":"assistant","model":"m","content":[
                {"type":"text","text":"Look."},
                {"type":"tool_use","id":"toolu_w","name":"bash","input":{"command":"ls","n":1.50}}],
                "stop_reason":"tool_use","stop_sequence":null,
                "usage":{"input_tokens":3,"output_tokens":4}}\
                """;
        Held gate = new Held();
        try (House house = new House(directory, new Provider().answers(200, whole), gate);
                WireClient client = house.client()) {
            client.ask(ask(false));
            gate.asked.await();
            gate.answers.release();
            assertThat(client.status()).isEqualTo(200);
            JsonNode message = client.json();
            assertThat(message).isEqualTo(JSON.readTree(whole));
            assertThat(house.calls.getFirst().argumentsJson().raw())
                    .isEqualTo("{\"command\":\"ls\",\"n\":1.50}");
        }
    }

    @Test
    void aRetryAfterALostConnectionFindsTheSameAnswerAndAsksNobodyAgain() throws Exception {
        Held gate = new Held();
        Provider provider = new Provider().streams(CALL);
        try (House house = new House(directory, provider, gate)) {
            try (WireClient lost = house.client()) {
                lost.ask(ask(true));
                gate.asked.await();
            }
            eventually(() -> !house.gateway().pending().getFirst().waitedFor());
            try (WireClient retry = house.client()) {
                // Metadata is not part of the conversation: agents change it between tries.
                retry.ask(
                        ask(true)
                                .replace(
                                        "\"model\"", "\"metadata\":{\"user_id\":\"x\"},\"model\""));
                eventually(() -> house.gateway().pending().getFirst().waitedFor());
                gate.answers.release();
                assertThat(retry.status()).isEqualTo(200);
                assertThat(types(retry.events()))
                        .startsWith("message_start")
                        .endsWith("message_stop");
            }
            assertThat(house.asked).hasValue(1);
            assertThat(provider.requests()).hasSize(1);
            assertThat(house.facts.of(Fact.Called.class)).hasSize(1);
        }
    }

    @Test
    void aRetryMayAskForTheOtherForm() throws Exception {
        Held gate = new Held();
        try (House house = new House(directory, new Provider().streams(CALL), gate)) {
            try (WireClient lost = house.client()) {
                lost.ask(ask(true));
                gate.asked.await();
            }
            eventually(() -> !house.gateway().pending().getFirst().waitedFor());
            try (WireClient retry = house.client()) {
                retry.ask(ask(false));
                eventually(() -> house.gateway().pending().getFirst().waitedFor());
                gate.answers.release();
                assertThat(retry.status()).isEqualTo(200);
                JsonNode message = retry.json();
                assertThat(message.path("content").path(0).path("text").asText())
                        .isEqualTo("I will look.");
                assertThat(message.path("content").path(1).path("input").path("command").asText())
                        .isEqualTo("ls");
                assertThat(message.path("stop_reason").asText()).isEqualTo("tool_use");
            }
        }
    }

    @Test
    void aSecondLiveEqualRequestIsACallOfItsOwn() throws Exception {
        Held gate = new Held();
        Provider provider =
                new Provider().streams(CALL).streams(CALL.replace("toolu_a", "toolu_b"));
        try (House house = new House(directory, provider, gate);
                WireClient one = house.client();
                WireClient two = house.client()) {
            one.ask(ask(true));
            two.ask(ask(true));
            eventually(() -> house.asked.get() == 2);
            gate.answers.release(2);
            one.status();
            two.status();
            String both = one.events().toString() + two.events();
            assertThat(both).contains("toolu_a").contains("toolu_b");
            assertThat(provider.requests()).hasSize(2);
        }
    }

    @Test
    void eachAnswerIsDeliveredOnce() throws Exception {
        Provider provider =
                new Provider().streams(CALL).streams(CALL.replace("toolu_a", "toolu_b"));
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            client.events();
            client.ask(ask(true)).status();
            assertThat(client.events().toString()).contains("toolu_b").doesNotContain("toolu_a");
        }
    }

    @Test
    void P4_theNextEngineHandsOverTheSameAnswerWithoutAskingTheModelAgain() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch held = new CountDownLatch(1);
        AnswerGate gate =
                (calls, _, _) -> {
                    if (tries.incrementAndGet() == 1) {
                        held.countDown();
                        new CountDownLatch(1).await();
                    }
                    return new AnswerGate.Verdicts(
                            calls.stream().map(c -> House.verdict(c, Answer.ALLOWED)).toList(),
                            false);
                };
        Provider provider = new Provider().streams(CALL);
        try (House house = new House(directory, provider, gate)) {
            try (WireClient client = house.client()) {
                client.ask(ask(true));
                held.await();
                house.kill();
                assertThatThrownBy(
                                () -> {
                                    client.status();
                                    client.events();
                                    client.status();
                                })
                        .isInstanceOf(IOException.class);
            }
            assertThat(house.heldFiles(".held")).hasSize(1);
            house.open();
            try (WireClient retry = house.client()) {
                retry.ask(ask(true)).status();
                List<JsonNode> events = retry.events();
                assertThat(events.getFirst().path("type").asText()).isEqualTo("message_start");
                assertThat(events.toString()).contains("I will ").contains("toolu_a");
            }
            assertThat(provider.requests()).hasSize(1);
            assertThat(house.calls).hasSize(2).allMatch(c -> c.id().raw().equals("toolu_a"));
            assertThat(house.facts.of(Fact.Called.class)).hasSize(1);
            eventually(() -> none(house, ".held"));
        }
    }

    @Test
    void P6_aHeldAnswerOnDiskIsPrivateAndUnreadableWithoutItsKey() throws Exception {
        Held gate = new Held();
        try (House house = new House(directory, new Provider().streams(CALL), gate);
                WireClient client = house.client()) {
            client.ask(ask(true));
            gate.asked.await();
            Path file = house.heldFiles(".held").getFirst();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(house.held)))
                    .isEqualTo("rwx------");
            assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                    .doesNotContain("toolu_a")
                    .doesNotContain("command");
            byte[] changed = Files.readAllBytes(file);
            changed[changed.length / 2] ^= 1;
            house.kill();
            Files.write(file, changed);
            house.open();
            assertThat(house.gateway().pending()).isEmpty();
        }
    }

    @Test
    void P4_aNewEpochVoidsWhatIsHeldAndTheRetryIsAskedAnew() throws Exception {
        Held gate = new Held();
        Provider provider =
                new Provider().streams(CALL).streams(CALL.replace("toolu_a", "toolu_b"));
        try (House house = new House(directory, provider, gate);
                WireClient before = house.client()) {
            before.ask(ask(true));
            gate.asked.await();
            house.kill();
            house.epoch.incrementAndGet();
            house.open();
            assertThatThrownBy(
                            () -> {
                                before.status();
                                assertThat(before.events().toString()).doesNotContain("toolu_a");
                                before.status();
                            })
                    .isInstanceOf(IOException.class);
            assertThat(house.heldFiles(".held")).isEmpty();
            gate.answers.release(5);
            try (WireClient after = house.client()) {
                after.ask(ask(true)).status();
                assertThat(after.events().toString()).contains("toolu_b").doesNotContain("toolu_a");
            }
        }
    }

    @Test
    void aDenialOfAllGoesOnUpstreamAndTheAgentGetsOneMessage() throws Exception {
        Provider provider = new Provider().streams(CALL).streams(DONE).streams(DONE);
        try (House house = new House(directory, provider, _ -> Answer.DENIED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            List<JsonNode> events = client.events();
            assertThat(types(events).stream().filter("message_start"::equals)).hasSize(1);
            assertThat(events.toString()).doesNotContain("tool_use");
            assertThat(
                            events.stream()
                                    .filter(e ->
                                            e.path("type").asText().equals("content_block_start"))
                                    .map(e -> e.path("index").asInt()))
                    .containsExactly(0, 1, 2);
            String note = textOf(events, 1);
            assertThat(note).startsWith("[Countersign] Not run: bash (not today).");
            assertThat(textOf(events, 2)).isEqualTo("All done.");
            JsonNode told = provider.requests().get(1).path("messages");
            assertThat(told.path(1).path("content").path(1).path("id").asText())
                    .isEqualTo("toolu_a");
            assertThat(told.path(2).path("content").path(0).path("is_error").asBoolean()).isTrue();
            assertThat(told.path(2).path("content").path(0).path("content").asText())
                    .contains("not today");

            // The agent's next request holds the message that it got; the provider gets the truth.
            house.kill();
            house.open();
            try (WireClient next = house.client()) {
                next.ask(
                                ask(
                                        true,
                                        "{\"role\":\"user\",\"content\":\"go\"}",
                                        "{\"role\":\"assistant\",\"content\":["
                                                + block("I will look.")
                                                + ","
                                                + block(note)
                                                + ","
                                                + block("All done.")
                                                + "]}",
                                        "{\"role\":\"user\",\"content\":\"more\"}"))
                        .status();
                next.events();
            }
            JsonNode sent = provider.requests().get(2).path("messages");
            assertThat(roles(sent))
                    .containsExactly("user", "assistant", "user", "assistant", "user");
            assertThat(sent.path(1)).isEqualTo(told.path(1));
            assertThat(sent.path(2)).isEqualTo(told.path(2));
            assertThat(sent.path(3).toString()).contains("All done.").doesNotContain("cs-");
        }
    }

    @Test
    void aDenialOfSomeHandsOverTheRestAndTheModelStillLearnsOfIt() throws Exception {
        String three =
                start()
                        + call(0, "toolu_a", "bash", "{\"command\":\"a\"}")
                        + call(1, "toolu_b", "bash", "{\"command\":\"b\"}")
                        + call(2, "toolu_c", "bash", "{\"command\":\"c\"}")
                        + end("tool_use");
        Provider provider = new Provider().streams(three).streams(DONE);
        try (House house =
                        new House(
                                directory,
                                provider,
                                c ->
                                        c.id().raw().equals("toolu_b")
                                                ? Answer.DENIED
                                                : Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            List<JsonNode> events = client.events();
            assertThat(events.toString())
                    .contains("toolu_a")
                    .contains("toolu_c")
                    .doesNotContain("toolu_b");
            assertThat(house.facts.of(Fact.Released.class)).hasSize(2);
            String note = textOf(events, 0);
            client.ask(
                            ask(
                                    true,
                                    "{\"role\":\"user\",\"content\":\"go\"}",
                                    "{\"role\":\"assistant\",\"content\":["
                                            + block(note)
                                            + ","
                                            + use("toolu_a")
                                            + ","
                                            + use("toolu_c")
                                            + "]}",
                                    "{\"role\":\"user\",\"content\":["
                                            + result("toolu_a", "A")
                                            + ","
                                            + result("toolu_c", "C")
                                            + ","
                                            + block("so?")
                                            + "]}"))
                    .status();
            client.events();
            JsonNode sent = provider.requests().get(1).path("messages");
            assertThat(ids(sent.path(1), "id")).containsExactly("toolu_a", "toolu_b", "toolu_c");
            assertThat(ids(sent.path(2), "tool_use_id"))
                    .containsExactly("toolu_a", "toolu_c", "toolu_b");
            assertThat(sent.path(2).path("content").path(2).path("is_error").asBoolean()).isTrue();
            assertThat(sent.path(2).path("content").path(3).path("text").asText()).isEqualTo("so?");
            assertThat(sent.toString()).doesNotContain("[cs-");
            assertThat(house.facts.of(Fact.Returned.class)).hasSize(2);
        }
    }

    @Test
    void afterThreeRoundsOfDenialTheTurnEnds() throws Exception {
        Provider provider = new Provider();
        for (int i = 0; i < 6; i++) {
            provider.streams(CALL.replace("toolu_a", "toolu_" + i));
        }
        try (House house = new House(directory, provider, _ -> Answer.DENIED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            List<JsonNode> events = client.events();
            assertThat(provider.requests()).hasSize(4);
            assertThat(events.toString()).doesNotContain("tool_use").contains("denied too often");
            JsonNode end = events.get(events.size() - 2);
            assertThat(end.path("delta").path("stop_reason").asText()).isEqualTo("end_turn");
            assertThat(end.path("usage").path("output_tokens").asInt()).isEqualTo(28);
        }
    }

    @Test
    void anAnswerThatNeedsAPlanGoesBackToTheModelOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AnswerGate gate =
                (calls, _, _) ->
                        asked.incrementAndGet() == 1
                                ? new AnswerGate.Verdicts(
                                        List.of(
                                                new AnswerGate.Verdict(
                                                        calls.getFirst().id(),
                                                        Answer.PLAN_FIRST,
                                                        DecidedBy.MODE,
                                                        "state your plan first")),
                                        true)
                                : new AnswerGate.Verdicts(
                                        List.of(House.verdict(calls.getFirst(), Answer.ALLOWED)),
                                        false);
        Provider provider =
                new Provider().streams(CALL).streams(CALL.replace("toolu_a", "toolu_b"));
        try (House house = new House(directory, provider, gate);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            assertThat(client.events().toString()).contains("toolu_b").doesNotContain("toolu_a");
            assertThat(provider.requests().get(1).toString())
                    .contains(DenialWords.PLAN_FIRST + "state your plan first");
        }
    }

    @Test
    void P4_ifTheGateFailsNothingIsReleasedAndTheRetryFindsTheAnswer() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        AnswerGate gate =
                (calls, _, _) -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new CountersignException(
                                CountersignException.Kind.FAILED, "The disk is full.");
                    }
                    return new AnswerGate.Verdicts(
                            List.of(House.verdict(calls.getFirst(), Answer.ALLOWED)), false);
                };
        Provider provider = new Provider().streams(CALL);
        try (House house = new House(directory, provider, gate);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            JsonNode error = client.events().getLast();
            assertThat(error.path("error").path("type").asText()).isEqualTo("api_error");
            assertThat(error.toString()).contains("The disk is full.");
            assertThat(house.facts.of(Fact.Released.class)).isEmpty();
            eventually(() -> !house.gateway().pending().getFirst().waitedFor());
            try (WireClient retry = house.client()) {
                retry.ask(ask(true)).status();
                assertThat(retry.events().toString()).contains("toolu_a");
            }
            assertThat(provider.requests()).hasSize(1);
        }
    }

    static Stream<AnswerGate> gatesThatDoNotDecide() {
        return Stream.of(
                (_, _, _) -> new AnswerGate.Verdicts(List.of(), false),
                (calls, _, _) ->
                        new AnswerGate.Verdicts(
                                List.of(
                                        House.verdict(calls.getFirst(), Answer.ALLOWED),
                                        House.verdict(calls.getFirst(), Answer.DENIED)),
                                false),
                (_, _, _) ->
                        new AnswerGate.Verdicts(
                                List.of(
                                        new AnswerGate.Verdict(
                                                GuestText.of("toolu_other"),
                                                Answer.ALLOWED,
                                                DecidedBy.RULE,
                                                "")),
                                false),
                (_, _, _) -> {
                    throw new IllegalStateException("a bug");
                });
    }

    @ParameterizedTest
    @MethodSource("gatesThatDoNotDecide")
    void P4_aGateThatDoesNotDecideEachCallReleasesNone(AnswerGate gate) throws Exception {
        try (House house = new House(directory, new Provider().streams(CALL), gate);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            List<JsonNode> events = client.events();
            assertThat(events.getLast().path("type").asText()).isEqualTo("error");
            assertThat(events.toString()).doesNotContain("tool_use");
        }
    }

    @Test
    void P5_whatCannotBeRecordedIsNotReleased() throws Exception {
        Held gate = new Held();
        try (House house = new House(directory, new Provider().streams(CALL), gate);
                WireClient client = house.client()) {
            client.ask(ask(true));
            gate.asked.await();
            house.facts.breakDown();
            gate.answers.release();
            client.status();
            List<JsonNode> events = client.events();
            assertThat(events.toString()).doesNotContain("tool_use");
            assertThat(events.getLast().path("type").asText()).isEqualTo("error");
        }
    }

    @Test
    void P4_theIdOfAnEarlierCallIsNotTakenASecondTime() throws Exception {
        Provider provider = new Provider().streams(CALL).streams(CALL);
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            client.events();
            client.ask(ask(true, "{\"role\":\"user\",\"content\":\"other\"}")).status();
            List<JsonNode> events = client.events();
            assertThat(events.getLast().path("type").asText()).isEqualTo("error");
            assertThat(events.toString()).doesNotContain("tool_use");
            assertThat(house.asked).hasValue(1);
        }
    }

    @Test
    void P4_howeverTheStreamIsCutIntoPiecesItIsUnderstoodTheSame() throws Exception {
        String stream = CALL.replace("I will ", "Grüße \\\"✓\\\" 😀 ");
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        String expected = describe(bytes, bytes.length);
        assertThat(expected).contains("Grüße \\\"✓\\\" 😀 ").contains("toolu_a");
        for (int cut = 1; cut < bytes.length; cut++) {
            assertThat(describe(bytes, cut)).isEqualTo(expected);
        }
        assertThat(describe(stream.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8), 1))
                .isEqualTo(expected);
        assertThat(describe(stream.replace("\n", "\r").getBytes(StandardCharsets.UTF_8), 1))
                .isEqualTo(expected);
    }

    private static String describe(byte[] bytes, int cut) throws Exception {
        List<byte[]> pieces =
                List.of(
                        java.util.Arrays.copyOf(bytes, cut),
                        java.util.Arrays.copyOfRange(bytes, cut, bytes.length),
                        new byte[0]);
        Turn turn =
                new MessagesReader(_ -> {})
                        .stream(
                                new PacedStream(
                                        pieces.stream().filter(p -> p.length > 0).toList(),
                                        java.time.Duration.ZERO),
                                1 << 20);
        return turn.all().toString();
    }

    static Stream<String> hostileStreams() {
        String use = call(0, "toolu_a", "bash", "{\"command\":\"rm\"}");
        return Stream.of(
                "",
                "data: nonsense\n\n",
                start(),
                start() + use,
                start() + use + end("end_turn"),
                start() + use.replace("\"index\":0", "\"index\":1") + end("tool_use"),
                start() + use + use + end("tool_use"),
                start() + use + use.replace("\"index\":0", "\"index\":1") + end("tool_use"),
                start() + start() + use + end("tool_use"),
                use + end("tool_use"),
                start() + use.replace("\"tool_use\"", "\"server_tool_use\"") + end("tool_use"),
                start() + use.replace("input_json_delta", "other_json_delta") + end("tool_use"),
                start() + use.replace("toolu_a", "tool u/../") + end("tool_use"),
                start() + use.replace("\"input\":{}", "\"input\":{\"a\":1}") + end("tool_use"),
                start()
                        + use.replace("\"name\":\"bash\"", "\"name\":\"ba\\u202esh\"")
                        + end("tool_use"),
                start() + use.replace("\"name\"", "\"x\":1,\"name\"") + end("tool_use"),
                start()
                        + use.replace("\"input\"", "\"caller\":{\"type\":\"code\"},\"input\"")
                        + end("tool_use"),
                start() + call(0, "toolu_a", "bash", "{\"a\":1,\"a\":2}") + end("tool_use"),
                start() + call(0, "toolu_a", "bash", "[1]") + end("tool_use"),
                start() + call(0, "toolu_a", "bash", "{\"a\":1}{}") + end("tool_use"),
                start() + call(0, "toolu_a", "bash", "{\"a\":") + end("max_tokens"),
                start()
                        + use.replace("event: content_block_start", "event: ping")
                        + end("tool_use"),
                start()
                        + use
                        + event(
                                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}"),
                start() + event("{\"type\":\"call_block\",\"tool\":\"bash\"}") + end("end_turn"),
                start() + use + end("pause_turn"),
                start() + use.substring(0, use.length() - 40));
    }

    @ParameterizedTest
    @MethodSource("hostileStreams")
    void P4_whatIsNotUnderstoodIsNeverHandedOver(String stream) throws Exception {
        try (House house =
                        new House(directory, new Provider().streams(stream), _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true));
            String all = client.status() == 200 ? client.events().toString() : client.body();
            assertThat(all)
                    .contains("\"type\":\"error\"")
                    .doesNotContain("\"type\":\"tool_use\"")
                    .doesNotContain("\"type\":\"server_tool_use\"")
                    .doesNotContain("partial_json");
            assertThat(house.asked).hasValue(0);
            assertThat(house.facts.of(Fact.ModelAsked.class)).hasSize(1);
        }
    }

    @Test
    void newKindsOfEventsWithoutToolsAreLeftOut() throws Exception {
        String stream =
                start()
                        + event("{\"type\":\"novelty\",\"x\":1}")
                        + text(0, "fine")
                        + end("end_turn");
        try (House house =
                        new House(directory, new Provider().streams(stream), _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true)).status();
            assertThat(client.events().toString()).contains("fine").doesNotContain("novelty");
        }
    }

    @Test
    void theProvidersErrorsReachTheAgentAsTheyAre() throws Exception {
        Provider provider =
                new Provider()
                        .answers(
                                529,
                                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")
                        .answers(500, "<html>");
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.ask(ask(true));
            assertThat(client.status()).isEqualTo(529);
            assertThat(client.json().path("error").path("type").asText())
                    .isEqualTo("overloaded_error");
            client.ask(ask(true));
            assertThat(client.status()).isEqualTo(500);
            assertThat(client.body()).contains("status 500").doesNotContain("html");
            client.ask(ask(true));
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).contains("can't be reached");
        }
    }

    @Test
    void resultsAreRecordedOnceAndCutForShow() throws Exception {
        Provider provider = new Provider().streams(DONE).streams(DONE);
        String request =
                ask(
                        true,
                        "{\"role\":\"user\",\"content\":\"go\"}",
                        "{\"role\":\"assistant\",\"content\":[" + use("toolu_x") + "]}",
                        "{\"role\":\"user\",\"content\":["
                                + result("toolu_x", "é".repeat(5000))
                                + "]}");
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            for (int i = 0; i < 2; i++) {
                client.ask(request).status();
                client.events();
            }
            assertThat(house.facts.of(Fact.Returned.class))
                    .singleElement()
                    .satisfies(fact -> {
                        assertThat(fact.outputBytes()).isEqualTo(10_000);
                        assertThat(fact.output().raw()).hasSizeLessThan(300).contains("left out");
                    });
            assertThat(house.facts.of(Fact.ModelAsked.class).getFirst().outputTokens())
                    .isEqualTo(7);
            assertThat(house.facts.of(Fact.ModelAsked.class).getFirst().inputTokens())
                    .isEqualTo(10);
        }
    }

    @Test
    void onlyTheTwoPathsOfAProviderAreServed() throws Exception {
        try (House house = new House(directory, new Provider(), _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.send(WireClient.post("/v1/files", "{}"));
            assertThat(client.status()).isEqualTo(404);
            assertThat(client.json().path("error").path("type").asText())
                    .isEqualTo("not_found_error");
            client.send("GET /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.status()).isEqualTo(405);
            client.body();
            client.send(WireClient.post("/v1/messages?key=x", ask(true)));
            assertThat(client.status()).isEqualTo(400);
        }
    }

    @Test
    void tokensAreCountedByTheProvider() throws Exception {
        Provider provider = new Provider().answers(200, "{\"input_tokens\":42,\"x\":\"y\"}");
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            client.send(
                    WireClient.post(
                            "/v1/messages/count_tokens",
                            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"));
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo("{\"input_tokens\":42}");
        }
    }

    @Test
    void P4_aConnectionThatIsCutInTheMiddleNeverLooksComplete() throws Exception {
        Held gate = new Held();
        try (House house = new House(directory, new Provider().streams(CALL), gate);
                WireClient client = house.client()) {
            client.ask(ask(true));
            gate.asked.await();
            client.status();
            house.gateway().close();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    JsonNode event = client.event();
                                    assertThat(event.toString()).doesNotContain("message_stop");
                                }
                            })
                    .isInstanceOfAny(EOFException.class, IOException.class, RuntimeException.class);
        }
    }

    private static String block(String text) {
        return "{\"type\":\"text\",\"text\":" + Provider.quoted(text) + "}";
    }

    private static String use(String id) {
        return "{\"type\":\"tool_use\",\"id\":\"" + id + "\",\"name\":\"bash\",\"input\":{}}";
    }

    private static String result(String id, String text) {
        return "{\"type\":\"tool_result\",\"tool_use_id\":\""
                + id
                + "\",\"content\":"
                + Provider.quoted(text)
                + "}";
    }

    private static List<String> roles(JsonNode messages) {
        return messages.valueStream().map(m -> m.path("role").asText()).toList();
    }

    private static List<String> ids(JsonNode message, String field) {
        return message.path("content")
                .valueStream()
                .filter(b -> b.has(field))
                .map(b -> b.path(field).asText())
                .toList();
    }

    private static String textOf(List<JsonNode> events, int index) {
        StringBuilder text = new StringBuilder();
        for (JsonNode event : events) {
            if (event.path("index").asInt(-1) == index) {
                text.append(event.path("delta").path("text").asText(""));
            }
        }
        return text.toString();
    }
}
