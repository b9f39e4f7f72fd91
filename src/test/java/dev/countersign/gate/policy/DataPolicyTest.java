package dev.countersign.gate.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataPolicyTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 30);
    private static final String RECORD =
            """
            version: 1
            review-days: 100
            providers:
              team:
                processor: Example
                region: eu
                base-url: https://eu.llm.example.com/v1
                retention: none
                training-use: false
                legal-basis: agreement
                sub-processors: [Other]
                reviewed-on: 2026-11-01
                approved-by: R. Example
                classes: [public, internal, confidential, restricted]
            """;

    @TempDir Path directory;

    private DataPolicy policy(String text) throws Exception {
        return DataPolicy.read(Files.writeString(directory.resolve("data-policy.yaml"), text));
    }

    private static DataPolicy.Provider team(String address) {
        return new DataPolicy.Provider("team", URI.create(address), false);
    }

    @ParameterizedTest(name = "without a file {0} data at {1}: {2}")
    @CsvSource({
        "PUBLIC, known, built-in",
        "INTERNAL, known, built-in",
        "CONFIDENTIAL, known, refused",
        "RESTRICTED, known, refused",
        "PUBLIC, other, refused",
        "RESTRICTED, local, built-in",
        "RESTRICTED, bundled, built-in"
    })
    void withoutAFileTheBuiltInRecordsCount(DataClass data, String kind, String outcome)
            throws Exception {
        DataPolicy policy = DataPolicy.read(directory.resolve("data-policy.yaml"));
        DataPolicy.Provider provider =
                switch (kind) {
                    case "known" ->
                            new DataPolicy.Provider(
                                    "p", URI.create("https://api.example.com"), true);
                    case "local" ->
                            new DataPolicy.Provider(
                                    "p", URI.create("http://127.0.0.1:11434"), false);
                    case "bundled" -> new DataPolicy.Provider("scripted:tour", null, false);
                    default ->
                            new DataPolicy.Provider(
                                    "p", URI.create("https://api.example.com"), false);
                };
        if (outcome.equals("refused")) {
            assertThatThrownBy(() -> policy.admit(provider, data, TODAY))
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("provider records --example");
        } else {
            assertThat(policy.admit(provider, data, TODAY).record()).isEqualTo(outcome);
        }
    }

    @Test
    void withAFileTheKnownProvidersNeedARecordToo() throws Exception {
        DataPolicy policy = policy(RECORD);
        DataPolicy.Provider known =
                new DataPolicy.Provider("p", URI.create("https://api.example.com"), true);
        assertThatThrownBy(() -> policy.admit(known, DataClass.PUBLIC, TODAY))
                .hasMessageContaining("has no record of it");
        assertThat(
                        policy.admit(
                                        new DataPolicy.Provider("scripted:tour", null, false),
                                        DataClass.INTERNAL,
                                        TODAY)
                                .record())
                .isEqualTo("built-in");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "https://eu.llm.example.com/v1, true",
        "https://EU.llm.example.com:443/v1/, true",
        "https://eu.llm.example.com/v1/team, true",
        "https://eu.llm.example.com/v10, false",
        "https://eu.llm.example.com/v1/../v2, false",
        "https://us.llm.example.com/v1, false",
        "https://eu.llm.example.com:8443/v1, false",
        "http://eu.llm.example.com/v1, false",
        "https://eu.llm.example.com.evil.example/v1, false"
    })
    void dataStayInTheRegionThatTheRecordNames(String address, boolean admitted) throws Exception {
        DataPolicy policy = policy(RECORD);
        if (admitted) {
            assertThat(policy.admit(team(address), DataClass.RESTRICTED, TODAY).region())
                    .isEqualTo("eu");
        } else {
            assertThatThrownBy(() -> policy.admit(team(address), DataClass.PUBLIC, TODAY))
                    .hasMessageContaining("is for https://eu.llm.example.com/v1");
        }
    }

    @Test
    void aReviewThatIsOverEndsTheRecordForAllButPublicData() throws Exception {
        DataPolicy policy = policy(RECORD);
        DataPolicy.Provider team = team("https://eu.llm.example.com/v1");
        LocalDate last = LocalDate.of(2027, 2, 9);
        assertThat(policy.admit(team, DataClass.INTERNAL, last).warning()).isNull();
        LocalDate late = last.plusDays(1);
        assertThatThrownBy(() -> policy.admit(team, DataClass.INTERNAL, late))
                .hasMessageContaining("ended on 2027-02-09")
                .hasMessageContaining("reviewed-on");
        assertThat(policy.admit(team, DataClass.PUBLIC, late).warning()).contains("2027-02-09");
        assertThatThrownBy(() -> policy.admit(team, DataClass.INTERNAL, LocalDate.of(2026, 10, 31)))
                .hasMessageContaining("still to come");
    }

    @Test
    void aClassThatTheRecordDoesNotNameIsRefused() throws Exception {
        DataPolicy policy = policy(RECORD.replace(", restricted]", "]"));
        assertThatThrownBy(() ->
                        policy.admit(
                                team("https://eu.llm.example.com/v1"), DataClass.RESTRICTED, TODAY))
                .hasMessageContaining("data-policy.yaml:4 allows public, internal, confidential");
    }

    @ParameterizedTest(name = "{0} -> {1}: line {2}: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "processor: Example|procesor: Example|5|`procesor` is not known",
                "    retention: none|# no|4|`retention` is missing for team",
                "base-url: https://eu.llm.example.com/v1|base-url: eu|7|is not an address",
                "    base-url: https://eu.llm.example.com/v1|# no|4|name its `base-url`",
                "training-use: false|training-use: true|4|trains on what it gets",
                "training-use: false|training-use: never|9|is not one of true, false",
                "    approved-by: R. Example|# no|4|needs `approved-by`",
                "reviewed-on: 2026-11-01|reviewed-on: last week|12|a date is like",
                "[public, internal, confidential, restricted]|[secret]|14|is not one of public",
                "[public, internal, confidential, restricted]|[]|14|name at least one class",
                "review-days: 100|review-days: 0|2|a number of days",
                "version: 1|version: 2|1|only version 1",
            })
    void aFaultIsNamedWithItsLineAndNothingOfTheFileCounts(
            String before, String after, int line, String says) throws Exception {
        String text = RECORD.replace(before, after);
        Path file = Files.writeString(directory.resolve("data-policy.yaml"), text);
        assertThat(DataPolicy.check(file))
                .anySatisfy(finding -> {
                    assertThat(finding.line()).isEqualTo(line);
                    assertThat(finding.message()).contains(says);
                });
        assertThatThrownBy(() -> DataPolicy.read(file))
                .hasMessageContaining("line " + line)
                .hasMessageContaining("No session starts");
    }

    @Test
    void theExampleIsGoodAsItStands() throws Exception {
        try (var in =
                Objects.requireNonNull(
                        DataPolicy.class.getResourceAsStream(
                                "/dev/countersign/gate/policy/data-policy.example.yaml"))) {
            Path file = directory.resolve("example.yaml");
            Files.write(file, in.readAllBytes());
            assertThat(DataPolicy.check(file)).isEmpty();
        }
    }
}
