package dev.countersign.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleUseTest {
    private static final Digest ONE = Digest.of("one");
    private static final Digest TWO = Digest.of("two");
    private static final Digest OTHER = Digest.of("other");

    private static RuleUse of(Fact... facts) {
        RuleUse use = new RuleUse();
        for (int i = 0; i < facts.length; i++) {
            use.add(
                    new Entry(
                            i,
                            Instant.parse("2026-11-23T12:00:00Z"),
                            new SessionId("s-abc"),
                            0,
                            facts[i]));
        }
        return use;
    }

    private static Fact loaded(Digest digest) {
        return new Fact.PolicyLoaded("policy.yaml", digest, "loaded");
    }

    private static Fact judged(String rule) {
        return new Fact.Judged(GuestText.of("c"), Level.HIGH, List.of(), List.of("x"), rule);
    }

    private static int hits(String place, Digest now, RuleUse... uses) {
        return RuleUse.hits(List.of(uses), place, "policy.yaml", now.toString());
    }

    @Test
    void hitsAddUpOverSessionsThatSawTheSameFile() {
        RuleUse one = of(loaded(ONE), judged("policy.yaml:3"), judged("policy.yaml:3"));
        RuleUse two = of(loaded(ONE), judged("policy.yaml:3"), judged("mode checkpoint"));
        assertThat(hits("policy.yaml:3", ONE, one, two)).isEqualTo(3);
    }

    @Test
    void aFileThatGrewByAnAddedRuleKeepsItsHits() {
        RuleUse use =
                of(
                        loaded(ONE),
                        judged("policy.yaml:3"),
                        new Fact.RuleAdded(List.of("policy.yaml:4"), List.of("x"), TWO, "a-1"),
                        loaded(TWO),
                        judged("policy.yaml:4"));
        assertThat(hits("policy.yaml:3", TWO, use)).isEqualTo(1);
        assertThat(hits("policy.yaml:4", TWO, use)).isEqualTo(1);
        assertThat(RuleUse.origin(List.of(use), "policy.yaml:4", "policy.yaml", TWO.toString()))
                .contains("request a-1");
        assertThat(RuleUse.origin(List.of(use), "policy.yaml:3", "policy.yaml", TWO.toString()))
                .isEmpty();
        RuleUse before = of(loaded(ONE), judged("policy.yaml:3"));
        assertThat(hits("policy.yaml:3", TWO, use, before)).isEqualTo(2);
    }

    @Test
    void aLineOfAFileThatWasChangedByHandMayBeAnotherRule() {
        RuleUse use = of(loaded(ONE), judged("policy.yaml:3"), loaded(OTHER));
        assertThat(hits("policy.yaml:3", OTHER, use)).isZero();
        assertThat(hits("policy.yaml:3", OTHER, of(loaded(ONE), judged("policy.yaml:3")))).isZero();
    }
}
