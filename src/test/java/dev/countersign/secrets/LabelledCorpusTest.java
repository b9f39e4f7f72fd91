package dev.countersign.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.secrets.LabelledCorpus.Score;
import dev.countersign.secrets.LabelledCorpus.Text;
import dev.countersign.secrets.Scanner.Mode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The scores that the detectors must keep. `bench/scan` prints them.
class LabelledCorpusTest {
    @Test
    void theCorpusIsAsLargeAndAsVariedAsItsScoresClaim() {
        List<Text> all = new ArrayList<>(LabelledCorpus.tuning());
        all.addAll(LabelledCorpus.heldOut());
        assertThat(all.stream().filter(Text::positive)).hasSizeGreaterThanOrEqualTo(400);
        assertThat(all.stream().filter(text -> !text.positive())).hasSizeGreaterThanOrEqualTo(600);
        assertThat(LabelledCorpus.kinds(all)).hasSizeGreaterThanOrEqualTo(30);
    }

    private static List<List<Text>> parts() {
        return List.of(
                LabelledCorpus.tuning(), LabelledCorpus.heldOut(), LabelledCorpus.outsider());
    }

    @Test
    void blockModeFindsNineOfTenSecretsAndHardlyAnythingElse() {
        for (List<Text> part : parts()) {
            Score score = LabelledCorpus.score(part, Mode.BLOCK);
            assertThat(score.recall()).as("%s", score.misses()).isGreaterThanOrEqualTo(0.93);
            assertThat(score.precision()).as("%s", score.misses()).isGreaterThanOrEqualTo(0.98);
        }
    }

    @Test
    void redactModeFindsNearlyAllSecrets() {
        for (List<Text> part : parts()) {
            Score score = LabelledCorpus.score(part, Mode.REDACT);
            assertThat(score.recall()).as("%s", score.misses()).isGreaterThanOrEqualTo(0.95);
            assertThat(score.precision()).as("%s", score.misses()).isGreaterThanOrEqualTo(0.95);
        }
    }
}
