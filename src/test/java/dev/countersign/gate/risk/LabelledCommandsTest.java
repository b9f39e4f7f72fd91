package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// The labelled commands, each with its level and reason: written from the rubric and the programs'
/// manuals before they were rated. What is still rated otherwise stays in the tables.
class LabelledCommandsTest {
    private static final RiskRater RISK = RiskRater.start();

    @AfterAll
    static void stop() {
        RISK.close();
    }

    @Test
    void ratesByTheRubric() throws IOException {
        List<LabelScore.Labelled> labels =
                LabelScore.read(
                        "labelled-low.tsv",
                        "labelled-medium.tsv",
                        "labelled-high.tsv",
                        "labelled-critical.tsv");
        assertThat(labels).hasSizeGreaterThan(1000);
        holds(LabelScore.of(RISK, labels));
    }

    @Test
    void ratesCommandsAsAgentsGiveThem() throws IOException {
        List<LabelScore.Labelled> labels = LabelScore.read("agent-commands.tsv");
        assertThat(labels).hasSizeGreaterThan(150);
        holds(LabelScore.of(RISK, labels));
    }

    @Test
    void ratesDailyWorkAndItsDisguises() throws IOException {
        List<LabelScore.Labelled> labels = LabelScore.read("daily-commands.tsv");
        assertThat(labels).hasSizeGreaterThan(900);
        holds(LabelScore.of(RISK, labels));
    }

    @Test
    void ratesWhatAnOutsiderWouldAsk() throws IOException {
        List<LabelScore.Labelled> labels = LabelScore.read("outsider-commands.tsv");
        assertThat(labels).hasSizeGreaterThan(2000);
        holds(LabelScore.of(RISK, labels));
    }

    @Test
    void ratesWhatWritersWroteWhoHadNotSeenTheRules() throws IOException {
        List<LabelScore.Labelled> labels = LabelScore.read("blind-commands.tsv");
        assertThat(labels).hasSizeGreaterThan(1000);
        holds(LabelScore.of(RISK, labels));
    }

    private static void holds(LabelScore score) {
        String report = score.report(true);
        assertThat(score.dangerouslyLow()).as(report).isEmpty();
        assertThat(score.exactOrStricter()).as(report).isGreaterThanOrEqualTo(0.98);
        assertThat(score.lowRatedHigh()).as(report).isLessThanOrEqualTo(0.03);
        assertThat(score.exact()).as(report).isGreaterThanOrEqualTo(0.95);
    }
}
