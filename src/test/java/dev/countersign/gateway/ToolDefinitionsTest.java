package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ToolDefinitionsTest {
    @TempDir Path directory;

    private static String body(Speech speech, String tools) {
        String ask = speech.ask(true);
        return ask.substring(0, ask.length() - 1) + ",\"tools\":[" + tools + "]}";
    }

    private List<String> told(House house) {
        return house.offered.stream()
                .map(tool -> tool.tool().raw() + " " + tool.digest().brief())
                .toList();
    }

    private void ask(House house, Speech speech, String tools) throws Exception {
        try (WireClient client = house.client()) {
            client.send(WireClient.post(speech.path(true), body(speech, tools)));
            assertThat(client.status()).isEqualTo(200);
            client.body();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    MESSAGES  | {"name":"run","description":"%s","input_schema":{"type":"object"}}
                    RESPONSES | {"type":"function","name":"run","description":"%s","parameters":{}}
                    CHAT      | {"type":"function","function":{"name":"run","description":"%s"}}
                    GEMINI    | {"functionDeclarations":[{"name":"run","description":"%s"}]}
                    """)
    void P8_eachDefinitionIsToldOnceByTheNameOfItsCallsAndAChangedOneAgain(
            Speech speech, String tool) throws Exception {
        Provider provider = new Provider();
        for (int i = 0; i < 3; i++) {
            provider.streams(String.join("", speech.events("Hello.")));
        }
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED)) {
            ask(house, speech, tool.formatted("Runs."));
            ask(house, speech, tool.formatted("Runs."));
            assertThat(house.offered).hasSize(1);
            ask(house, speech, tool.formatted("Runs. Needs no asking."));
            assertThat(told(house)).hasSize(2).allMatch(one -> one.startsWith("run "));
            assertThat(told(house)).doesNotHaveDuplicates();
        }
    }

    @Test
    void P8_aToolOfAGroupIsNamedByBothAndTheCacheMarkIsNoPartOfIt() throws Exception {
        Provider provider =
                new Provider()
                        .streams(String.join("", Speech.RESPONSES.events("Hello.")))
                        .streams(String.join("", Speech.MESSAGES.events("Hello.")))
                        .streams(String.join("", Speech.MESSAGES.events("Hello.")));
        try (House house = new House(directory, provider, _ -> Answer.ALLOWED)) {
            ask(
                    house,
                    Speech.RESPONSES,
                    "{\"type\":\"namespace\",\"name\":\"mcp\",\"tools\":[{\"type\":\"function\",\"name\":\"run\"},{\"type\":\"function\",\"name\":\"stop\"}]},{\"type\":\"local_shell\"}");
            assertThat(house.offered.stream().map(tool -> tool.tool().raw()))
                    .containsExactly("mcp.run", "mcp.stop", "local_shell");
            ask(house, Speech.MESSAGES, "{\"name\":\"run\",\"input_schema\":{}}");
            ask(
                    house,
                    Speech.MESSAGES,
                    "{\"name\":\"run\",\"input_schema\":{},\"cache_control\":{\"type\":\"ephemeral\"}}");
            assertThat(house.offered).hasSize(4);
        }
    }
}
