package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files by their class: the labelled paths, through `classify`.
class LabelledPathsTest {
    private static final RiskRater RISK = RiskRater.start();
    private final Classifier classifier = new Classifier(RISK);

    record Row(String level, String why, String tool, String path) {}

    @AfterAll
    static void stop() {
        RISK.close();
    }

    static Stream<Row> rows() throws IOException {
        try (InputStream in = LabelledPathsTest.class.getResourceAsStream("labelled-paths.tsv")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> line.split("\t", 4))
                            .map(p -> new Row(p[0], p[1], p[2], p[3]))
                            .toList()
                            .stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void ratesFilesByWhatTheyAre(Row row) throws Exception {
        String line =
                "{\"tool\":\"%s\",\"path\":\"%s\",\"cwd\":\"/workspace\"}"
                        .formatted(row.tool(), row.path());
        String answer = classifier.classifyLine(line);
        assertThat(JsonMapper.builder().build().readTree(answer).get("level").asText())
                .as(answer)
                .isEqualTo(row.level());
    }
}
