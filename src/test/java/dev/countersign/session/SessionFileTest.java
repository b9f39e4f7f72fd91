package dev.countersign.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionFileTest {
    @TempDir Path directory;

    private SessionOrder order() {
        return new SessionOrder(
                new SessionId("s-abc234"),
                Path.of("/srv/shop"),
                "mini",
                "scripted:tour",
                "scripted",
                GuestText.of("make it \u202e work"),
                Mode.CHECKPOINT,
                Tier.VM,
                DataClass.INTERNAL,
                "locked",
                2048,
                2,
                Instant.parse("2026-11-23T10:00:00Z"),
                20);
    }

    @Test
    void whatWasWrittenIsRead() throws CountersignException {
        Standing standing =
                Standing.preparing()
                        .withVm(true)
                        .with(
                                new CheckpointRecord(
                                        "c1", "start", true, "start", Instant.EPOCH, 0, 12, 99))
                        .in(SessionState.RUNNING, null)
                        .frozen("by you");
        SessionFile file = new SessionFile(directory);
        file.write(order(), standing);
        assertThat(file.read()).isEqualTo(new SessionFile.Content(order(), standing));
        assertThat(standing.beforeFreeze()).isEqualTo(SessionState.RUNNING);
    }

    @Test
    void aBrokenFileIsNamed() throws IOException {
        Files.writeString(directory.resolve("session.json"), "{\"order\":");
        assertThatThrownBy(() -> new SessionFile(directory).read())
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("session.json");
    }
}
