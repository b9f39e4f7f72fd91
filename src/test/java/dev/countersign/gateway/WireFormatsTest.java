package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import dev.countersign.gateway.Speech.Call;
import dev.countersign.gateway.Speech.Heard;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold in every wire format, streamed or not.
@Timeout(120)
class WireFormatsTest {
    private static final Call A = new Call("call_a1", "bash", "{\"command\":\"ls\",\"n\":1.50}");
    private static final Call B = new Call("call_b2", "bash", "{\"command\":\"rm -rf x\"}");

    @TempDir Path directory;

    static Stream<Arguments> forms() {
        return Stream.of(Speech.values())
                .flatMap(s -> Stream.of(Arguments.of(s, true), Arguments.of(s, false)));
    }

    private static Provider answering(
            Provider provider, Speech speech, boolean stream, String text, Call... calls) {
        return stream
                ? provider.streams(String.join("", speech.events(text, calls)))
                : provider.answers(200, speech.whole(text, calls));
    }

    private static Heard ask(House house, Speech speech, boolean stream, String... history)
            throws Exception {
        try (WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(stream), speech.ask(stream, history)));
            int status = client.status();
            String body = client.body();
            assertThat(status).as(body).isEqualTo(200);
            return speech.heard(body, stream);
        }
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            assertThat(never.await(2, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private static final class Held implements AnswerGate {
        final CountDownLatch asked = new CountDownLatch(1);
        final Semaphore answers = new Semaphore(0);

        @Override
        public Verdicts decide(List<ToolCall> calls, GuestText text, @Nullable GuestText model)
                throws InterruptedException {
            asked.countDown();
            answers.acquire();
            return new Verdicts(
                    calls.stream().map(c -> House.verdict(c, Answer.ALLOWED)).toList(), false);
        }
    }

    @ParameterizedTest
    @EnumSource
    void P4_callsAreHeldAfterTheirTextUntilAllAreDecided(Speech speech) throws Exception {
        Held gate = new Held();
        try (House house =
                        new House(
                                directory,
                                answering(new Provider(), speech, true, "I look.", A, B),
                                gate);
                WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(true), speech.ask(true)));
            assertThat(client.status()).isEqualTo(200);
            gate.asked.await();
            StringBuilder before = new StringBuilder();
            int quiet = 0;
            // Gemini's clients bear no comments: there the text is all that comes.
            while (quiet < 2 && !(speech == Speech.GEMINI && before.indexOf("I look.") >= 0)) {
                String part = new String(client.part(), StandardCharsets.UTF_8);
                quiet += part.contains("keepalive") || part.contains("ping") ? 1 : 0;
                before.append(part);
            }
            assertThat(before.toString())
                    .contains("I look.")
                    .doesNotContain("call_a1")
                    .doesNotContain("bash");
            assertThat(house.facts.of(Fact.Released.class)).isEmpty();
            gate.answers.release();
            Heard heard = speech.heard(before + client.body(), true);
            assertThat(heard.calls()).containsExactly("call_a1", "call_b2");
            assertThat(heard.text()).isEqualTo("I look.");
            assertThat(house.calls.getFirst().argumentsJson().raw()).isEqualTo(A.arguments());
            assertThat(house.facts.of(Fact.Released.class)).hasSize(2);
            Fact.ModelAsked asked = house.facts.of(Fact.ModelAsked.class).getFirst();
            assertThat(asked.inputTokens()).isEqualTo(10);
            assertThat(asked.outputTokens()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void parallelCallsThatAreAllAllowedCome(Speech speech, boolean stream) throws Exception {
        try (House house =
                new House(
                        directory,
                        answering(new Provider(), speech, stream, "Both.", A, B),
                        _ -> Answer.ALLOWED)) {
            assertThat(ask(house, speech, stream).calls()).containsExactly("call_a1", "call_b2");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aDenialOfAllGoesOnUpstreamAndTheAgentGetsOneAnswer(Speech speech, boolean stream)
            throws Exception {
        Provider provider = new Provider();
        answering(provider, speech, stream, "Both.", A, B);
        answering(provider, speech, stream, "Then not.");
        answering(provider, speech, stream, "Later.");
        try (House house = new House(directory, provider, _ -> Answer.DENIED)) {
            Heard heard = ask(house, speech, stream);
            assertThat(heard.calls()).isEmpty();
            assertThat(heard.text())
                    .contains("Both.")
                    .contains("Not run: bash (not today); bash (not today)")
                    .contains("Then not.");
            String second = provider.requests().get(1).toString();
            assertThat(second)
                    .contains("call_a1")
                    .contains("call_b2")
                    .contains("Denied by Countersign");
            // The agent's next request holds what it got; the provider gets what really went on.
            ask(house, speech, stream, speech.sentBack(heard), speech.user("more"));
            String third = provider.requests().get(2).toString();
            assertThat(third)
                    .contains("call_a1")
                    .contains("call_b2")
                    .contains("Then not.")
                    .contains("more")
                    .doesNotContain("[cs-");
            assertThat(count(third, "Denied by Countersign")).isEqualTo(2);
        }
    }

    private static int count(String text, String piece) {
        return text.split(java.util.regex.Pattern.quote(piece), -1).length - 1;
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aDenialOfSomeHandsOverTheRestAndTheModelLearnsOfIt(Speech speech, boolean stream)
            throws Exception {
        Provider provider = new Provider();
        answering(provider, speech, stream, "Both.", B, A);
        answering(provider, speech, stream, "Later.");
        try (House house =
                new House(
                        directory,
                        provider,
                        call ->
                                call.id().raw().equals("call_a1")
                                        ? Answer.ALLOWED
                                        : Answer.DENIED)) {
            Heard heard = ask(house, speech, stream);
            assertThat(heard.calls()).containsExactly("call_a1");
            assertThat(heard.text()).contains("Not run: bash (not today)");
            ask(house, speech, stream, speech.sentBack(heard), speech.result("call_a1", "files"));
            String second = provider.requests().get(1).toString();
            assertThat(second)
                    .contains("call_b2")
                    .contains("not today")
                    .contains("files")
                    .doesNotContain("[cs-");
            assertThat(count(second, "Denied by Countersign")).isEqualTo(1);
            assertThat(house.facts.of(Fact.Returned.class))
                    .singleElement()
                    .satisfies(
                            returned -> assertThat(returned.callId().raw()).isEqualTo("call_a1"));
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aRetryFindsTheHeldAnswerAndNobodyIsAskedAgain(Speech speech, boolean stream)
            throws Exception {
        Held gate = new Held();
        Provider provider = answering(new Provider(), speech, stream, "One.", A);
        try (House house = new House(directory, provider, gate)) {
            try (WireClient lost = house.client()) {
                lost.send(WireClient.post(speech.path(stream), speech.ask(stream)));
                gate.asked.await();
            }
            eventually(() -> !house.gateway().pending().getFirst().waitedFor());
            try (WireClient retry = house.client()) {
                // Agents change what is beside the conversation at each try.
                String again =
                        switch (speech) {
                            case RESPONSES ->
                                    speech.ask(stream)
                                            .replace(
                                                    "\"store\"",
                                                    "\"client_metadata\":{\"turn\":\"2\"},\"store\"");
                            case CHAT ->
                                    speech.ask(stream)
                                            .replace("\"model\"", "\"user\":\"x\",\"model\"");
                            default -> speech.ask(stream);
                        };
                retry.send(WireClient.post(speech.path(stream), again));
                eventually(() -> house.gateway().pending().getFirst().waitedFor());
                gate.answers.release();
                assertThat(retry.status()).isEqualTo(200);
                assertThat(speech.heard(retry.body(), stream).calls()).containsExactly("call_a1");
            }
            assertThat(house.asked).hasValue(1);
            assertThat(provider.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void P4_theNextEngineHandsOverWhatTheLastOneHeld(Speech speech, boolean stream)
            throws Exception {
        Held gate = new Held();
        Provider provider = answering(new Provider(), speech, stream, "One.", A);
        try (House house = new House(directory, provider, gate)) {
            try (WireClient lost = house.client()) {
                lost.send(WireClient.post(speech.path(stream), speech.ask(stream)));
                gate.asked.await();
                house.kill();
            }
            house.open();
            gate.answers.release(2);
            assertThat(ask(house, speech, stream).calls()).containsExactly("call_a1");
            assertThat(provider.requests()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void twoAgentsWithEqualConversationsAreTwoQuestions(Speech speech, boolean stream)
            throws Exception {
        Held gate = new Held();
        Provider provider = new Provider();
        answering(provider, speech, stream, "One.", A);
        answering(provider, speech, stream, "Two.", B);
        try (House house = new House(directory, provider, gate);
                WireClient one = house.client();
                WireClient two = house.client()) {
            one.send(WireClient.post(speech.path(stream), speech.ask(stream)));
            two.send(WireClient.post(speech.path(stream), speech.ask(stream)));
            eventually(() -> house.asked.get() == 2);
            gate.answers.release(2);
            one.status();
            two.status();
            List<String> both = new ArrayList<>(speech.heard(one.body(), stream).calls());
            both.addAll(speech.heard(two.body(), stream).calls());
            assertThat(both).containsExactlyInAnyOrder("call_a1", "call_b2");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aProvidersOwnErrorKeepsItsStatusAndItsWords(Speech speech, boolean stream)
            throws Exception {
        for (int status : List.of(400, 401, 404, 429, 500, 503)) {
            Provider provider =
                    new Provider()
                            .answers(
                                    status,
                                    "{\"error\":{\"type\":\"%s\",\"code\":%d,\"status\":\"X\",\"message\":\"too bad\"}}"
                                            .formatted(type(status), status));
            try (House house =
                            new House(
                                    directory.resolve("p" + status),
                                    provider,
                                    _ -> Answer.ALLOWED);
                    WireClient client = house.client()) {
                client.send(WireClient.post(speech.path(stream), speech.ask(stream)));
                assertThat(client.status()).isEqualTo(status);
                assertThat(speech.error(client.body(), false)).contains("too bad");
            }
        }
    }

    private static String type(int status) {
        return switch (status) {
            case 400 -> "invalid_request_error";
            case 401 -> "authentication_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            default -> "api_error";
        };
    }

    @ParameterizedTest
    @EnumSource
    void P4_aStreamThatIsCutAnywhereReleasesNothing(Speech speech) throws Exception {
        String all = String.join("", speech.events("I look.", A));
        int last = speech == Speech.CHAT ? all.indexOf("\"tool_calls\"}]") : all.length() - 3;
        List<Integer> cuts = new ArrayList<>();
        for (int cut = 0; cut < last; cut += 17) {
            cuts.add(cut);
        }
        Provider provider = new Provider();
        cuts.forEach(cut -> provider.streams(all.substring(0, cut)));
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED)) {
            for (int cut : cuts) {
                try (WireClient client = house.client()) {
                    client.send(WireClient.post(speech.path(true), speech.ask(true)));
                    int status = client.status();
                    String body = client.body();
                    assertThat(body).as("cut at " + cut).doesNotContain("call_a1");
                    assertThat(speech.error(body, status == 200))
                            .as("cut at %d: %s", cut, body)
                            .isNotEmpty();
                }
            }
            assertThat(house.asked).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void P4_mutatedStreamsNeverReleaseWhatWasNotAllowed(Speech speech) throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        System.out.println("mutated streams of " + speech + ": seed " + seed);
        Random random = new Random(seed);
        String done = String.join("", speech.events("Done."));
        for (int round = 0; round < 150; round++) {
            List<String> events = new ArrayList<>(speech.events("I look.", A, B));
            mutate(events, random);
            Provider provider = new Provider().streams(String.join("", events));
            for (int i = 0; i < 4; i++) {
                provider.streams(done);
            }
            // What the gate was shown is denied; what it was not shown must not come at all.
            try (House house =
                            new House(
                                    directory.resolve("r" + round), provider, _ -> Answer.DENIED);
                    WireClient client = house.client()) {
                client.send(WireClient.post(speech.path(true), speech.ask(true)));
                int status = client.status();
                String body = client.body();
                if (status == 200
                        && !body.contains("event: error")
                        && !body.contains("response.failed")
                        && !body.contains("\"error\":{")) {
                    assertThat(speech.heard(body, true).calls())
                            .as("seed %d round %d: %s", seed, round, events)
                            .isEmpty();
                }
                assertThat(body)
                        .as("seed %d round %d: %s", seed, round, events)
                        .doesNotContain("rm -rf");
                assertThat(house.facts.of(Fact.Released.class)).isEmpty();
            }
        }
    }

    private static void mutate(List<String> events, Random random) {
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(events.size());
            switch (random.nextInt(6)) {
                case 0 -> events.add(at, events.get(at));
                case 1 -> Collections.swap(events, at, random.nextInt(events.size()));
                case 2 -> {
                    if (events.size() > 1) {
                        events.remove(at);
                    }
                }
                case 3 -> {
                    StringBuilder event = new StringBuilder(events.get(at));
                    event.setCharAt(
                            random.nextInt(event.length()), (char) (32 + random.nextInt(90)));
                    events.set(at, event.toString());
                }
                case 4 -> {
                    String event = events.get(at);
                    events.set(at, event.substring(0, random.nextInt(event.length())));
                }
                default -> {
                    String event = events.get(at);
                    int from = random.nextInt(event.length());
                    events.set(at, event.substring(0, from) + event.substring(from / 2));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("scripted")
    void theBundledModelPlaysTheSameScenarioInEveryFormat(Speech speech, boolean stream)
            throws Exception {
        String scenario =
                """
                version: 1
                first: look
                steps:
                  look: {say: I look., calls: [{bash: {command: ls}}], next: done, denied: sorry}
                  done: {say: It is there.}
                  sorry: {say: Then not.}
                """;
        ScriptedUpstream model =
                new ScriptedUpstream(
                        new java.io.ByteArrayInputStream(scenario.getBytes(StandardCharsets.UTF_8)),
                        java.time.Duration.ZERO,
                        new Random(7));
        String tools =
                switch (speech) {
                    case MESSAGES ->
                            "\"tools\":[{\"name\":\"bash\",\"input_schema\":{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}}}}],";
                    case RESPONSES ->
                            "\"tools\":[{\"type\":\"function\",\"name\":\"exec_command\",\"parameters\":{\"type\":\"object\",\"properties\":{\"cmd\":{\"type\":\"string\"}}}},{\"type\":\"web_search\"}],";
                    case CHAT ->
                            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"run_shell_command\",\"parameters\":{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"},\"is_background\":{\"type\":\"boolean\"}},\"required\":[\"command\",\"is_background\"]}}}],";
                    case GEMINI ->
                            "\"tools\":[{\"functionDeclarations\":[{\"name\":\"run_shell_command\",\"parametersJsonSchema\":{\"type\":\"object\",\"properties\":{\"command\":{\"type\":\"string\"}}}}]}],";
                };
        for (Answer answer : List.of(Answer.ALLOWED, Answer.DENIED)) {
            try (House house = new House(directory.resolve(answer.name()), model, _ -> answer)) {
                String question = "{" + tools + speech.ask(stream).substring(1);
                Heard first = once(house, speech, stream, question);
                assertThat(first.text()).contains("I look.");
                assertThat(house.calls.getFirst().argumentsJson().raw()).contains("\"ls\"");
                if (answer == Answer.DENIED) {
                    assertThat(first.calls()).isEmpty();
                    assertThat(first.text()).contains("Then not.");
                    continue;
                }
                assertThat(first.calls()).hasSize(1);
                String next =
                        "{"
                                + tools
                                + speech.ask(
                                                stream,
                                                speech.sentBack(first),
                                                speech.result(first.calls().getFirst(), "a b"))
                                        .substring(1);
                assertThat(once(house, speech, stream, next).text()).contains("It is there.");
                if (speech == Speech.RESPONSES) {
                    assertThat(house.facts.of(Fact.Noticed.class).toString())
                            .contains("web_search");
                }
            }
        }
    }

    static Stream<Arguments> scripted() {
        return forms();
    }

    private static Heard once(House house, Speech speech, boolean stream, String question)
            throws Exception {
        try (WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(stream), question));
            int status = client.status();
            String body = client.body();
            assertThat(status).as(body).isEqualTo(200);
            return speech.heard(body, stream);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theListOfModelsIsAnswered(Speech speech) throws Exception {
        Provider provider = answering(new Provider(), speech, false, "Hi.");
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED)) {
            ask(house, speech, false);
            try (WireClient client = house.client()) {
                String path = speech == Speech.GEMINI ? "/v1beta/models" : "/v1/models";
                String version =
                        speech == Speech.MESSAGES ? "anthropic-version: 2023-06-01\r\n" : "";
                client.send("GET " + path + " HTTP/1.1\r\nHost: g\r\n" + version + "\r\n");
                assertThat(client.status()).isEqualTo(200);
                JsonNode list = client.json();
                JsonNode one = list.path(speech == Speech.GEMINI ? "models" : "data").path(0);
                assertThat(one.path(speech == Speech.GEMINI ? "name" : "id").asText())
                        .endsWith("m");
            }
        }
    }
}
