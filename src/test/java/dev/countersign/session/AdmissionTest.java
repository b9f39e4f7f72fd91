package dev.countersign.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionTest {
    private static final long GB = 1_000_000_000L;

    @TempDir Path home;

    private Admission with(long available) {
        return new Admission(home, () -> new Admission.Memory.Amount(16 * GB, available), 2);
    }

    @Test
    void admitsWhatFits() throws CountersignException {
        with(3 * GB).check(2048, 1);
    }

    @Test
    void refusesByNameInsteadOfSwapping() {
        assertThatThrownBy(() -> with(1_100_000_000L).check(2048, 0))
                .isInstanceOfSatisfying(
                        CountersignException.class,
                        e -> assertThat(e.kind()).isEqualTo(CountersignException.Kind.EXHAUSTED))
                .hasMessageContaining("needs 2.1 GB of memory, 1.1 GB free");
    }

    @Test
    void refusesOneVmTooMany() {
        assertThatThrownBy(() -> with(8 * GB).check(1024, 2)).hasMessageContaining("limit is 2");
    }

    @Test
    void readsTheMemoryOfThisMachine() {
        Admission.Memory.Amount amount = Admission.ofThisMachine().read();
        assertThat(amount.total()).isGreaterThan(amount.available());
        assertThat(amount.available()).isPositive();
    }
}
