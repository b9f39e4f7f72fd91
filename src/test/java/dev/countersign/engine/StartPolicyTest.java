package dev.countersign.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StartPolicyTest {
    private static final StartPolicy SILENT = new StartPolicy(null, null, null, null, null);
    private static final StartPolicy ASKS = new StartPolicy(null, null, null, null, "packages");

    @Test
    void aSessionIsLockedUnlessTheDeveloperSaysOtherwise() {
        assertThat(SILENT.egress(null)).isEqualTo("locked");
        assertThat(SILENT.egress("policy")).isEqualTo("locked");
        assertThat(ASKS.egress(null)).isEqualTo("packages");
        assertThat(ASKS.egress("policy")).isEqualTo("packages");
        assertThat(ASKS.egress("locked")).isEqualTo("locked");
        assertThat(SILENT.egress("web")).isEqualTo("web");
    }
}
