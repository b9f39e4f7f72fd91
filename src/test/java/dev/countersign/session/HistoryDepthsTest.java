package dev.countersign.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryDepthsTest {
    private static final Path SHOP = Path.of("/srv/shop");

    @TempDir Path directory;

    @Test
    void isRememberedForTheRepositoryUntilItIsEnded() throws Exception {
        Path file = directory.resolve("histories.json");
        assertThat(new HistoryDepths(file).of(SHOP, null)).isZero();
        assertThat(new HistoryDepths(file).of(SHOP, 50)).isEqualTo(50);
        assertThat(new HistoryDepths(file).of(SHOP, null)).isEqualTo(50);
        assertThat(new HistoryDepths(file).of(Path.of("/srv/other"), null)).isZero();
        assertThat(new HistoryDepths(file).of(SHOP, 0)).isZero();
        assertThat(new HistoryDepths(file).of(SHOP, null)).isZero();
    }

    @Test
    void aNumberThatIsNoneIsRefusedAndAFileThatIsNoneLetsNothingIn() throws Exception {
        Path file = directory.resolve("histories.json");
        assertThatThrownBy(() -> new HistoryDepths(file).of(SHOP, -1))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("0 to 5000");
        Files.writeString(file, "{broken");
        assertThat(new HistoryDepths(file).of(SHOP, null)).isZero();
    }
}
