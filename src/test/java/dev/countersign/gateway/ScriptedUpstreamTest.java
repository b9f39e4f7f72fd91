package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptedUpstreamTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "version: 2|first: a|steps: {a: {}}; version must be 1",
                "version: 1|first: b|steps: {a: {}}; no step b",
                "version: 1|first: a|steps:|  a: {next: c}; no step c",
                "version: 1|first: a|steps:|  a:|    words: x; line 5",
                "version: 1|first: a|steps:|  a: {calls: [{bash: x}]}; must be a mapping",
                "version: 1|first: a|steps:|  a: {}|  a: {}; line 5",
                "- x; line 1",
                "a: [; not YAML"
            })
    void aScenarioThatIsWrongSaysWhere(String yaml, String said) {
        byte[] text = yaml.replace("|", "\n").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() ->
                        new ScriptedUpstream(
                                new ByteArrayInputStream(text), Duration.ZERO, new Random(1)))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(said);
    }
}
