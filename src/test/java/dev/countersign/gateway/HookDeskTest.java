package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HookDeskTest {
    private static final GuestText CWD = GuestText.of("/workspace");

    @TempDir Path directory;
    private final Facts facts = new Facts();
    private final AtomicInteger epoch = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private Answer given = Answer.ALLOWED;
    private HookDesk desk;
    private dev.countersign.gateway.http.HttpListener listener;
    private int port;

    @BeforeEach
    void open() throws Exception {
        desk =
                new HookDesk(
                        (calls, _, _) -> {
                            asked.incrementAndGet();
                            return new AnswerGate.Verdicts(
                                    calls.stream()
                                            .map(call ->
                                                    new AnswerGate.Verdict(
                                                            call.id(),
                                                            given,
                                                            dev.countersign.domain.DecidedBy.PERSON,
                                                            "not so"))
                                            .toList(),
                                    false);
                        },
                        facts,
                        epoch::get,
                        CWD);
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        listener =
                new dev.countersign.gateway.http.HttpListener(
                        server, desk, dev.countersign.gateway.http.HttpLimits.defaults());
        desk.decide(
                List.of(
                        call("id-1", "Bash", "{\"command\":\"ls\",\"description\":\"d\"}"),
                        call(
                                "id-2",
                                "exec_command",
                                "{\"cmd\":\"ls\",\"workdir\":\"/workspace\"}")),
                GuestText.of(""),
                null);
        given = Answer.DENIED;
        asked.set(0);
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private static ToolCall call(String id, String tool, String arguments) {
        return new ToolCall(GuestText.of(id), GuestText.of(tool), GuestText.of(arguments), CWD);
    }

    private String ask(String agent, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:" + port + "/hook/" + agent))
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        }
    }

    private static String question(String id, String tool, String input) {
        return "{\"hook_event_name\":\"PreToolUse\",\"tool_use_id\":\"%s\",\"tool_name\":\"%s\",\"tool_input\":%s}"
                .formatted(id, tool, input);
    }

    @Test
    void P4_whatTheGatewayAllowedPassesWithoutAnotherQuestion() throws Exception {
        assertThat(
                        ask(
                                "claude",
                                question(
                                        "id-1",
                                        "Bash",
                                        "{\"description\":\"d\",\"command\":\"ls\"}")))
                .contains("\"permissionDecision\":\"allow\"");
        assertThat(ask("codex", question("id-2", "Bash", "{\"command\":\"ls\"}"))).isEqualTo("{}");
        assertThat(asked).hasValue(0);
    }

    @Test
    void P4_otherArgumentsUnderAnAllowedIdAreAskedAnewAndSaid() throws Exception {
        assertThat(
                        ask(
                                "claude",
                                question(
                                        "id-1",
                                        "Bash",
                                        "{\"command\":\"rm -rf /\",\"description\":\"d\"}")))
                .contains("\"permissionDecision\":\"deny\"")
                .contains("not so");
        assertThat(
                        ask(
                                "claude",
                                question(
                                        "id-1",
                                        "Write",
                                        "{\"command\":\"ls\",\"description\":\"d\"}")))
                .contains("deny");
        assertThat(ask("codex", question("id-2", "Bash", "{\"command\":\"ls \"}")))
                .contains("deny");
        assertThat(ask("codex", question("id-2", "Bash", "{\"command\":\"ls\",\"more\":1}")))
                .contains("deny");
        assertThat(asked).hasValue(4);
        assertThat(facts.of(Fact.Noticed.class)).hasSize(4);
        assertThat(facts.of(Fact.Called.class)).allMatch(fact -> fact.layer().equals("hook"));
        assertThat(facts.of(Fact.Released.class)).isEmpty();
    }

    @Test
    void P4_aCallThatTheGatewayNeverSawIsAskedAndMayBeAllowed() throws Exception {
        assertThat(ask("claude", question("inner", "Bash", "{\"command\":\"ls\"}")))
                .contains("deny");
        given = Answer.ALLOWED;
        assertThat(ask("claude", question("inner", "Bash", "{\"command\":\"ls\"}")))
                .contains("allow");
        assertThat(facts.of(Fact.Released.class)).hasSize(1);
    }

    @Test
    void P4_whatWasAllowedBeforeARestoreIsVoid() throws Exception {
        epoch.incrementAndGet();
        assertThat(ask("codex", question("id-2", "Bash", "{\"command\":\"ls\"}"))).contains("deny");
        assertThat(asked).hasValue(1);
    }

    @Test
    void P4_theNextEngineLetsPassWhatAnEarlierOneHandedOverAndNothingElse() throws Exception {
        ToolCall handed = call("id-3", "Bash", "{\"command\":\"ls\"}");
        ToolCall marked = call("id-4", "Bash", "{\"command\":\"curl -H \\u00abtoken\\u00bb\"}");
        desk.takeUp(
                List.of(
                        new Fact.Called(handed, handed.digest(), "gateway", null),
                        new Fact.Called(
                                marked,
                                call("id-4", "Bash", "{\"command\":\"curl -H secret\"}").digest(),
                                "gateway",
                                null)));
        assertThat(ask("claude", question("id-3", "Bash", "{\"command\":\"ls\"}")))
                .contains("allow");
        assertThat(asked).hasValue(0);
        assertThat(ask("claude", question("id-3", "Bash", "{\"command\":\"rm -r .\"}")))
                .contains("deny");
        assertThat(
                        ask(
                                "claude",
                                question(
                                        "id-4",
                                        "Bash",
                                        "{\"command\":\"curl -H \\u00abtoken\\u00bb\"}")))
                .as("what the journal has only with a secret marked is not what ran")
                .contains("deny");
        assertThat(asked).hasValue(2);
        epoch.incrementAndGet();
        assertThat(ask("claude", question("id-3", "Bash", "{\"command\":\"ls\"}")))
                .contains("deny");
    }

    @Test
    void aQuestionThatCannotBeReadIsDenied() throws Exception {
        for (String body :
                List.of(
                        "",
                        "[]",
                        "{\"tool_use_id\":\"id-1\",\"tool_use_id\":\"id-1\"}",
                        question("", "Bash", "{}"),
                        question("id-1", "", "{}"),
                        question("id-1", "Bash", "\"ls\""),
                        question("id-1", "Bash", "{\"command\":\"ls\",\"description\":\"d\"}")
                                .replace("PreToolUse", "PostToolUse"))) {
            assertThat(ask("claude", body)).as(body).contains("\"permissionDecision\":\"deny\"");
        }
        assertThat(asked).hasValue(0);
    }
}
