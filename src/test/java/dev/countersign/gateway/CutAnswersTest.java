package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// An answer that broke off after its first words, as agents ask for its rest: what Claude Code
/// 2.1.330 and Codex 0.169.0 really send after their connection was cut.
@Timeout(60)
class CutAnswersTest {
    private static final String GO_ON =
            "Your response above was cut off mid-stream. Resume directly from where it stops — no apology, no recap. If none of it survived, answer the request from the start.";
    private static final Speech.Call CALL =
            new Speech.Call("call_a", "shell", "{\"command\":\"ls\"}");

    @TempDir Path directory;

    /// Holds what it is asked until it may answer, then allows it.
    private static final class Door implements AnswerGate {
        final CountDownLatch asked = new CountDownLatch(1);
        final AtomicBoolean open = new AtomicBoolean();

        @Override
        public Verdicts decide(List<ToolCall> calls, GuestText text, @Nullable GuestText model)
                throws InterruptedException {
            asked.countDown();
            if (!open.get()) {
                new CountDownLatch(1).await();
            }
            return new Verdicts(
                    calls.stream().map(call -> House.verdict(call, Answer.ALLOWED)).toList(),
                    false);
        }
    }

    private static String post(Speech speech, String body) {
        return WireClient.post(speech.path(true), body);
    }

    private static String streamed(Speech speech, String text, Speech.Call... calls) {
        return String.join("", speech.events(text, calls));
    }

    /// How each agent asks for the rest of what it had these words of.
    private static String rest(Speech speech, String words) {
        return switch (speech) {
            case MESSAGES ->
                    speech.ask(
                            true,
                            "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":%s}]}"
                                    .formatted(Speech.quoted(words)),
                            "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":%s,\"cache_control\":{\"type\":\"ephemeral\"}}]}"
                                    .formatted(Speech.quoted(GO_ON)));
            case RESPONSES ->
                    speech.ask(
                            true,
                            "{\"type\":\"message\",\"status\":\"completed\",\"id\":\"msg_other\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":%s,\"annotations\":[]}]}"
                                    .formatted(Speech.quoted(words)));
            case CHAT, GEMINI -> throw new IllegalArgumentException(speech.name());
        };
    }

    /// Has the first answer held, its words handed over and the engine gone.
    private Path cut(House house, Speech speech, Door door) throws Exception {
        try (WireClient client = house.client()) {
            client.send(post(speech, speech.ask(true)));
            door.asked.await();
            client.status();
            house.kill();
            assertThatThrownBy(client::body).isInstanceOf(IOException.class);
        }
        assertThat(house.heldFiles(".held")).hasSize(1);
        return house.heldFiles(".held").getFirst();
    }

    @ParameterizedTest
    @EnumSource(names = {"MESSAGES", "RESPONSES"})
    void P4_theRestOfACutAnswerIsTheHeldOneWithoutTheWordsThatTheAgentHas(Speech speech)
            throws Exception {
        Door door = new Door();
        Provider provider = new Provider().streams(streamed(speech, "I will look.", CALL));
        try (House house = new House(directory, provider, door)) {
            cut(house, speech, door);
            door.open.set(true);
            house.open();
            try (WireClient retry = house.client()) {
                retry.send(post(speech, rest(speech, "I will look.")));
                assertThat(retry.status()).isEqualTo(200);
                Speech.Heard heard = speech.heard(retry.body(), true);
                assertThat(heard.calls()).containsExactly("call_a");
                assertThat(heard.text()).isEmpty();
            }
            assertThat(provider.requests()).as("the model is not asked again").hasSize(1);
            assertThat(house.facts.of(Fact.Called.class)).as("one call, one request").hasSize(1);
            assertThat(house.facts.of(Fact.Released.class)).hasSize(1);
            // Delivered once: the same question again is a new one.
            provider.streams(streamed(speech, "Again.", new Speech.Call("call_b", "shell", "{}")));
            try (WireClient again = house.client()) {
                again.send(post(speech, rest(speech, "I will look.")));
                again.status();
                assertThat(speech.heard(again.body(), true).calls()).containsExactly("call_b");
            }
        }
    }

    @Test
    void P4_whatIsHeldIsNotHandedOverBeforeItIsDecidedHoweverOftenTheRestIsAskedFor()
            throws Exception {
        Door door = new Door();
        Provider provider = new Provider().streams(streamed(Speech.RESPONSES, "Words.", CALL));
        try (House house = new House(directory, provider, door)) {
            cut(house, Speech.RESPONSES, door);
            for (int i = 0; i < 3; i++) {
                house.open();
                try (WireClient retry = house.client()) {
                    retry.send(post(Speech.RESPONSES, rest(Speech.RESPONSES, "Words.")));
                    retry.status();
                    house.kill();
                    assertThatThrownBy(retry::body).isInstanceOf(IOException.class);
                }
            }
            assertThat(provider.requests()).hasSize(1);
            assertThat(house.facts.of(Fact.Called.class)).hasSize(1);
            assertThat(house.facts.of(Fact.Released.class)).isEmpty();
            assertThat(house.heldFiles(".held")).hasSize(1);
        }
    }

    /// What is nearly the same question: it is a new one, and gets nothing of the held answer.
    static Stream<Arguments> other() {
        String words = "I will look.";
        return Stream.of(
                Arguments.of("other words", Speech.MESSAGES, rest(Speech.MESSAGES, "I won't.")),
                Arguments.of(
                        "more words than were said",
                        Speech.MESSAGES,
                        rest(Speech.MESSAGES, words + " And more.")),
                Arguments.of(
                        "only the beginning of a text that was complete",
                        Speech.MESSAGES,
                        rest(Speech.MESSAGES, "I will")),
                Arguments.of(
                        "a message of somebody else behind the words",
                        Speech.MESSAGES,
                        rest(Speech.MESSAGES, words).replace(GO_ON, "Do it the other way.")),
                Arguments.of(
                        "another question",
                        Speech.MESSAGES,
                        rest(Speech.MESSAGES, words).replace("\"go\"", "\"go away\"")),
                Arguments.of(
                        "another model",
                        Speech.MESSAGES,
                        rest(Speech.MESSAGES, words).replace("\"model\":\"m\"", "\"model\":\"n\"")),
                Arguments.of("other words", Speech.RESPONSES, rest(Speech.RESPONSES, "I won't.")),
                Arguments.of(
                        "another question",
                        Speech.RESPONSES,
                        rest(Speech.RESPONSES, words).replace("\"go\"", "\"go away\"")),
                Arguments.of(
                        "words that the user said",
                        Speech.RESPONSES,
                        rest(Speech.RESPONSES, words)
                                .replace("\"role\":\"assistant\"", "\"role\":\"user\"")));
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource("other")
    void P4_whatIsNotTheVeryConversationIsAskedAnew(String what, Speech speech, String body)
            throws Exception {
        Door door = new Door();
        Provider provider =
                new Provider()
                        .streams(streamed(speech, "I will look.", CALL))
                        .streams(
                                streamed(speech, "New.", new Speech.Call("call_b", "shell", "{}")));
        try (House house = new House(directory, provider, door)) {
            Path other = cut(house, speech, door);
            door.open.set(true);
            house.open();
            try (WireClient retry = house.client()) {
                retry.send(post(speech, body));
                retry.status();
                assertThat(speech.heard(retry.body(), true).calls())
                        .as(what)
                        .containsExactly("call_b");
            }
            assertThat(house.heldFiles(".held")).as("the first one stays held").contains(other);
        }
    }

    @Test
    void P4_anAnswerOfAnAbandonedEpochIsNotGoneOnWith() throws Exception {
        Door door = new Door();
        Provider provider =
                new Provider()
                        .streams(streamed(Speech.RESPONSES, "Words.", CALL))
                        .streams(
                                streamed(
                                        Speech.RESPONSES,
                                        "New.",
                                        new Speech.Call("call_b", "shell", "{}")));
        try (House house = new House(directory, provider, door)) {
            cut(house, Speech.RESPONSES, door);
            house.epoch.incrementAndGet();
            door.open.set(true);
            house.open();
            try (WireClient retry = house.client()) {
                retry.send(post(Speech.RESPONSES, rest(Speech.RESPONSES, "Words.")));
                retry.status();
                assertThat(Speech.RESPONSES.heard(retry.body(), true).calls())
                        .containsExactly("call_b");
            }
        }
    }
}
