package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ClassifierTest {
    private static final RiskRater RISK = RiskRater.start();
    private final Classifier classifier = new Classifier(RISK);

    @AfterAll
    static void stop() {
        RISK.close();
    }

    private JsonNode answer(String line) throws Exception {
        return JsonMapper.builder().build().readTree(classifier.classifyLine(line));
    }

    @Test
    void answersWithIdLevelAndReasons() throws Exception {
        JsonNode answer =
                answer(
                        "{\"id\":7,\"tool\":\"shell\",\"command\":\"git push -f\",\"cwd\":\"/workspace\"}");
        assertThat(answer.get("id").asInt()).isEqualTo(7);
        assertThat(answer.get("level").asText()).isEqualTo("critical");
        assertThat(answer.get("reasons")).isNotEmpty();
        assertThat(answer("{\"tool\":\"write\",\"path\":\"src/a\"}").get("level").asText())
                .isEqualTo("medium");
        assertThat(answer("{\"tool\":\"delete\",\"path\":\".git/config\"}").get("level").asText())
                .isEqualTo("high");
    }

    @Test
    void aMalformedLineGetsItsOwnAnswer() throws Exception {
        for (String line :
                new String[] {
                    "{\"tool\":\"shell\",\"command\":\"rm -rf /\",\"command\":\"ls\"}",
                    "{\"tool\":\"shell\",\"command\":\"ls\"} {\"tool\":\"shell\"}",
                    "",
                    "x",
                    "[]",
                    "null",
                    "{}",
                    "{\"tool\":\"shell\"}",
                    "{\"tool\":\"write\"}",
                    "{\"id\":{}",
                    "\u0000"
                }) {
            JsonNode answer = answer(line);
            assertThat(answer.get("level").asText()).as(line).isEqualTo("high");
            assertThat(answer.get("error").asText()).as(line).isNotBlank();
        }
    }

    @Test
    void oneAnswerIsOneLine() {
        assertThat(
                        classifier.classifyLine(
                                "{\"id\":\"a\\nb\",\"tool\":\"shell\",\"command\":\"ls\\nrm \\u2028 x\"}"))
                .doesNotContain("\n");
    }
}
