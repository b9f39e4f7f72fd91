package dev.countersign.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EffectSentencesTest {
    @Test
    void aWordOfItsOwnComesBeforeItsFamily() {
        assertThat(EffectSentences.of(List.of("git.force-push", "git.commit", "net.send")))
                .containsExactly(
                        "Replaces history that others may have",
                        "Changes the repository's state in the VM",
                        "Sends data out of the VM");
    }

    @Test
    void theSameSentenceStandsOnceAndAnUnknownWordIsNotHidden() {
        assertThat(EffectSentences.of(List.of("install.code", "install.global", "odd.thing")))
                .containsExactly("Installs code", "odd.thing");
    }
}
