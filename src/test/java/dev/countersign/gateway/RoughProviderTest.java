package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.gateway.Speech.Call;
import dev.countersign.gateway.http.HttpLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A provider over HTTP on loopback that misbehaves: the agent gets a proper error of its format,
/// and nothing that was not decided.
@Timeout(120)
class RoughProviderTest {
    private static final Call A = new Call("call_a1", "bash", "{\"command\":\"ls\"}");

    @TempDir Path directory;

    private static HttpUpstream.Dialect dialect(Speech speech) {
        return switch (speech) {
            case MESSAGES -> HttpUpstream.Dialect.ANTHROPIC;
            case RESPONSES, CHAT -> HttpUpstream.Dialect.OPENAI;
            case GEMINI -> HttpUpstream.Dialect.GEMINI;
        };
    }

    private HttpUpstream upstream(Speech speech, RoughProvider provider) throws Exception {
        return new HttpUpstream(
                dialect(speech),
                provider.address(),
                () -> Optional.of("host-key"),
                Duration.ofSeconds(2));
    }

    /// An error before the first word keeps its status: the stream does not begin meanwhile.
    private static GatewaySettings.Limits limits(Duration upstreamIdle) {
        return new GatewaySettings.Limits(
                Duration.ofSeconds(5),
                upstreamIdle,
                Duration.ofMinutes(1),
                64 * 1024,
                3,
                200,
                HttpLimits.defaults());
    }

    private static String refused(House house, Speech speech, boolean stream) throws Exception {
        try (WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(stream), speech.ask(stream)));
            int status = client.status();
            String body = client.body();
            assertThat(body).doesNotContain("call_a1").doesNotContain("host-key");
            String said = speech.error(body, stream && status == 200);
            assertThat(said).as(body).isNotEmpty();
            return status + " " + said;
        }
    }

    @ParameterizedTest
    @EnumSource
    void P4_whatAProviderDoesWrongIsAProperErrorOfTheFormat(Speech speech) throws Exception {
        List<String> events = speech.events("I look.", A);
        String all = String.join("", events);
        try (RoughProvider provider = new RoughProvider();
                HttpUpstream upstream = upstream(speech, provider);
                House house = new House(directory, upstream, _ -> Answer.ALLOWED)) {
            house.kill();
            house.settings = house.settings.withLimits(limits(Duration.ofSeconds(20)));
            house.open();
            provider.answers(200, "text/html", "<html>no</html>");
            assertThat(refused(house, speech, true)).startsWith("502").contains("form");
            provider.answers(200, "application/json", "{\"a\":");
            assertThat(refused(house, speech, false)).startsWith("502");
            provider.answers(500, "text/plain", "boom");
            assertThat(refused(house, speech, true)).startsWith("500");
            provider.answers(302, "text/plain", "elsewhere");
            assertThat(refused(house, speech, true)).startsWith("502");
            provider.breaksOff(all.substring(0, all.indexOf("call_a1") + 20));
            assertThat(refused(house, speech, true)).contains("broke the connection");
            provider.then((_, _) -> {});
            assertThat(refused(house, speech, true)).startsWith("502");
            provider.then((out, socket) -> assertThat(socket.getInputStream().read()).isNegative());
            assertThat(refused(house, speech, true)).as("no headers in time").startsWith("502");
            assertThat(house.asked).hasValue(0);
            assertThat(house.facts.of(Fact.Released.class)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void P4_aProviderThatFallsSilentOrWritesTooMuchIsEnded(Speech speech) throws Exception {
        List<String> events = speech.events("I look.", A);
        String most = String.join("", events.subList(0, events.size() - 1));
        if (speech == Speech.CHAT) {
            most = String.join("", events.subList(0, events.size() - 3));
        }
        String many = events.getFirst().repeat(2) + "x".repeat(70_000);
        try (RoughProvider provider = new RoughProvider();
                HttpUpstream upstream = upstream(speech, provider);
                House house = new House(directory, upstream, _ -> Answer.ALLOWED)) {
            house.kill();
            house.settings = house.settings.withLimits(limits(Duration.ofMillis(400)));
            house.open();
            provider.fallsSilent(most);
            assertThat(refused(house, speech, true)).contains("silent");
            provider.answers(200, "text/event-stream", many);
            assertThat(refused(house, speech, true)).isNotEmpty();
            provider.answers(200, "application/json", "{\"x\":\"" + "y".repeat(70_000) + "\"}");
            assertThat(refused(house, speech, false)).contains("longer");
            assertThat(house.asked).hasValue(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void P6_eachKindOfProviderGetsTheHostsKeyInItsOwnHeader(Speech speech) throws Exception {
        try (RoughProvider provider = new RoughProvider();
                HttpUpstream upstream = upstream(speech, provider);
                House house = new House(directory, upstream, _ -> Answer.ALLOWED);
                WireClient client = house.client()) {
            provider.answers(200, "text/event-stream", String.join("", speech.events("Hi.")));
            client.send(
                    WireClient.post(speech.path(true), speech.ask(true))
                            .replace("Host: gateway", "Host: gateway\r\nx-api-key: guest"));
            assertThat(client.status()).isEqualTo(200);
            assertThat(speech.heard(client.body(), true).text()).isEqualTo("Hi.");
            List<String> keys = new ArrayList<>();
            provider.heads()
                    .getFirst()
                    .lines()
                    .filter(line -> line.contains("host-key") || line.contains("guest"))
                    .forEach(keys::add);
            assertThat(keys)
                    .containsExactly(
                            switch (speech) {
                                case MESSAGES -> "x-api-key: host-key";
                                case RESPONSES, CHAT -> "authorization: Bearer host-key";
                                case GEMINI -> "x-goog-api-key: host-key";
                            });
        }
    }
}
