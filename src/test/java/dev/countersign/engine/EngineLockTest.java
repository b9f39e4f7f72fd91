package dev.countersign.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineLockTest {
    @TempDir Path directory;

    @Test
    void onlyOneHoldsIt() throws IOException {
        Path file = directory.resolve("engine.lock");
        try (EngineLock first = EngineLock.take(file).orElseThrow()) {
            assertThat(first).isNotNull();
            assertThat(EngineLock.take(file)).isEmpty();
            assertThat(Files.readString(file))
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
        try (EngineLock next = EngineLock.take(file).orElseThrow()) {
            assertThat(next).isNotNull();
        }
    }
}
