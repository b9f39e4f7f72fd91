package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
    @TempDir Path directory;

    @Test
    void isMadeForItsOwnerAlone() throws CountersignException, IOException {
        Path place = directory.resolve("a/b");
        Home home = Home.of(Map.of("COUNTERSIGN_HOME", place.toString()));
        assertThat(Files.getPosixFilePermissions(home.root()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (var files = Files.list(home.root())) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void saysWhichDirectoryCantBeWritten() throws IOException {
        Assumptions.assumeFalse(
                "root".equals(System.getProperty("user.name")), "root may write everywhere");
        Path locked = Files.createDirectory(directory.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
        assertThatThrownBy(
                        () -> Home.of(Map.of("COUNTERSIGN_HOME", locked.resolve("x").toString())))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("can't be written: permission denied")
                .hasMessageContaining("COUNTERSIGN_HOME");
    }

    @Test
    void saysWhenAFileIsInTheWay() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> Home.of(Map.of("COUNTERSIGN_HOME", file.toString())))
                .hasMessageContaining("a file of that name is in the way");
    }

    @Test
    void refusesAPathThatSocketsCantLiveUnder() {
        assertThatThrownBy(() -> Home.of(Map.of("COUNTERSIGN_HOME", "/tmp/" + "x".repeat(80))))
                .hasMessageContaining("too long")
                .hasMessageContaining("60 characters");
    }
}
