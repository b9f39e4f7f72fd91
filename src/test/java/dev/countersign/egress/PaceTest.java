package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000L;
    private final AtomicLong now = new AtomicLong(7);
    private final Pace pace = new Pace(10, 5, now::get);

    private long wait(int connections) {
        long last = 0;
        for (int i = 0; i < connections; i++) {
            last = pace.turn();
        }
        return last - now.get();
    }

    @Test
    void aBurstGoesAtOnceAndTheRestSoManyASecond() {
        assertThat(wait(10)).isLessThanOrEqualTo(0);
        assertThat(wait(5)).isEqualTo(SECOND);
        assertThat(wait(50)).isEqualTo(11 * SECOND);
    }

    @Test
    void aQuietTimeGivesTheBurstBackAndNoMoreThanThat() {
        assertThat(wait(10)).isLessThanOrEqualTo(0);
        now.addAndGet(1000 * SECOND);
        assertThat(wait(10)).isLessThanOrEqualTo(0);
        assertThat(wait(1)).isPositive();
    }
}
