package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Canaries;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchedUpstreamTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CANARY = "k3vq7w2xnb5tzrm4ydjh6pfs2alc7gue3xqw5nbt";

    /// A key's form, put together here so that no scanner stops at this file.
    private static final String SECRET = "AKIA" + "Q3EGRIWB7XKZ5TNM";

    private final List<Upstream.Request> sent = new ArrayList<>();
    private final List<Fact> journal = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private boolean diskFull;
    private final Recorder recorder =
            fact -> {
                if (diskFull) {
                    throw new CountersignException(
                            CountersignException.Kind.EXHAUSTED, "The disk is full.");
                }
                journal.add(fact);
                return new Entry(
                        journal.size(),
                        Clock.systemUTC().instant(),
                        new SessionId("s-aaaaaa"),
                        0,
                        fact);
            };

    private WatchedUpstream upstream(boolean replaces) {
        return new WatchedUpstream(
                request -> {
                    sent.add(request);
                    return new Upstream.Reply(200, "", Map.of(), InputStream.nullInputStream());
                },
                new Canaries(Map.of(".env", CANARY), (canary, way, _) -> left.add(canary + way)),
                replaces,
                recorder);
    }

    private static Upstream.Request conversation(String... texts) throws IOException {
        ObjectNode body = JSON.createObjectNode().put("model", "m-1");
        for (String text : texts) {
            ObjectNode message = body.withArray("messages").addObject().put("role", "user");
            message.withArray("content").addObject().put("type", "text").put("text", text);
        }
        return new Upstream.Request("/v1/messages", Map.of(), JSON.writeValueAsBytes(body));
    }

    private JsonNode sentText(int request, int message) throws IOException {
        return JSON.readTree(sent.get(request).body())
                .at("/messages/%d/content/0/text".formatted(message));
    }

    @Test
    void aSecretIsSentAndOnRecordOncePerTextIfItIsWarnedOf() throws Exception {
        WatchedUpstream upstream = upstream(false);
        String text = "aws_access_key_id = " + SECRET;
        upstream.send(conversation("hello", text));
        upstream.send(conversation("hello", text, "and now"));
        assertThat(sentText(1, 1).asText()).isEqualTo(text);
        assertThat(journal)
                .singleElement()
                .isInstanceOfSatisfying(
                        Fact.SecretsToModel.class,
                        fact -> {
                            assertThat(fact.action()).isEqualTo("warned");
                            assertThat(fact.count()).isEqualTo(1);
                            assertThat(fact.model().raw()).isEqualTo("m-1");
                        });
        assertThat(journal.toString()).doesNotContain(SECRET);
    }

    @Test
    void P6_aPlaceholderIsSentInItsPlaceIfThePolicySaysSo() throws Exception {
        WatchedUpstream upstream = upstream(true);
        upstream.send(conversation("hello", "the key is " + SECRET + " as it stands"));
        upstream.send(conversation("hello", "the key is " + SECRET + " as it stands"));
        for (int i = 0; i < 2; i++) {
            assertThat(sentText(i, 1).asText())
                    .startsWith("the key is \u27e8redacted:")
                    .endsWith("\u27e9 as it stands");
            assertThat(sentText(i, 0).asText()).isEqualTo("hello");
        }
        assertThat(journal).hasSize(1);
    }

    @Test
    void whatHoldsNoSecretIsSentByteForByte() throws Exception {
        WatchedUpstream upstream = upstream(true);
        Upstream.Request request = conversation("hello", "password = os.environ['PASSWORD']");
        upstream.send(request);
        assertThat(sent.getFirst()).isSameAs(request);
        assertThat(journal).isEmpty();
    }

    @Test
    void theModelsOwnProofsGoBackAsTheyCame() throws Exception {
        ObjectNode body = JSON.createObjectNode().put("model", "m-1");
        body.withArray("messages")
                .addObject()
                .put("role", "assistant")
                .withArray("content")
                .addObject()
                .put("type", "thinking")
                .put("thinking", "the key is " + SECRET)
                .put("signature", SECRET);
        Upstream.Request request =
                new Upstream.Request("/v1/messages", Map.of(), JSON.writeValueAsBytes(body));
        upstream(true).send(request);
        assertThat(sent.getFirst()).isSameAs(request);
    }

    @Test
    void aCanaryNeverGoes() throws Exception {
        Upstream.Request request = conversation("DEPLOY_TOKEN=" + CANARY);
        assertThatThrownBy(() -> upstream(false).send(request))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("must not leave the guest");
        assertThat(sent).isEmpty();
        assertThat(left).containsExactly(".envmodel");
    }

    @Test
    void P5_whatCannotBeWrittenDownIsNotSent() throws Exception {
        diskFull = true;
        Upstream.Request request = conversation("the key is " + SECRET);
        assertThatThrownBy(() -> upstream(false).send(request)).isInstanceOf(IOException.class);
        assertThat(sent).isEmpty();
    }
}
