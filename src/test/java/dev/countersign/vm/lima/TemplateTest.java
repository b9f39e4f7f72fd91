package dev.countersign.vm.lima;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {
    @Test
    void putsValuesInAndLeavesCommentsAlone() throws Exception {
        String text = "# each @NAME@ is replaced\ncpus: @CPUS@\nimage: \"@IMAGE@\"\n";

        assertThat(Template.of(text).render(Map.of("CPUS", "2", "IMAGE", "/a \"b\" \\$1/@CPUS@")))
                .isEqualTo(
                        "# each @NAME@ is replaced\ncpus: 2\nimage: \"/a \\\"b\\\" \\\\$1/@CPUS@\"\n");
    }

    @Test
    void refusesAPlaceWithoutAValueAndAValueThatBreaksTheLine() {
        assertThatThrownBy(() -> Template.of("a: @B@").render(Map.of()))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("@B@");
        assertThatThrownBy(() -> Template.of("a: @B@").render(Map.of("B", "1\nplain: false")))
                .isInstanceOf(CountersignException.class);
    }
}
