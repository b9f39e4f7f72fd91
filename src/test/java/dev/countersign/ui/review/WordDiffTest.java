package dev.countersign.ui.review;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class WordDiffTest {
    private static List<String> marked(String line, List<WordDiff.Span> spans) {
        return spans.stream().map(span -> line.substring(span.from(), span.to())).toList();
    }

    @Test
    void marksTheWordsThatDiffer() {
        String old = "const SEPARATOR = \",\";";
        String now = "const SEPARATOR = \";\";";
        WordDiff.Spans spans = WordDiff.between(old, now);
        assertThat(marked(old, spans.removed())).containsExactly(",");
        assertThat(marked(now, spans.added())).containsExactly(";");
    }

    @Test
    void marksAnInsertionOnOneSideOnly() {
        WordDiff.Spans spans = WordDiff.between("run: npm test", "run: npm test -- --ci");
        assertThat(spans.removed()).isEmpty();
        assertThat(marked("run: npm test -- --ci", spans.added())).containsExactly(" -- --ci");
    }

    @Test
    void linesWithLittleInCommonAreNotCompared() {
        WordDiff.Spans spans = WordDiff.between("alpha beta gamma", "x = new Thing(1, 2)");
        assertThat(spans.removed()).isEmpty();
        assertThat(spans.added()).isEmpty();
    }

    @Test
    void hugeLinesTakeBoundedTime() {
        String old = "a b ".repeat(20_000) + "x" + " c d".repeat(20_000);
        String now = "a b ".repeat(20_000) + "y" + " c d".repeat(20_000);
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () ->
                        assertThat(marked(now, WordDiff.between(old, now).added()))
                                .containsExactly("y"));
    }
}
