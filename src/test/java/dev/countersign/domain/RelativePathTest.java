package dev.countersign.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelativePathTest {
    @ParameterizedTest(name = "{0} is no path of a workspace")
    @ValueSource(
            strings = {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\0b"})
    void refusesHostilePaths(String text) {
        assertThatThrownBy(() -> new RelativePath(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesWhatIsTooLongOrTooDeep() {
        assertThatThrownBy(() -> new RelativePath("a".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RelativePath("a/".repeat(128) + "b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsHarmlessOddNames() {
        assertThat(new RelativePath("a b/…/..c/日本").parts())
                .containsExactly("a b", "…", "..c", "日本");
    }
}
