package dev.countersign.vm.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildLogTest {
    private record Step(String what, int percent) {}

    private final List<Step> steps = new ArrayList<>();
    private final BuildLog log =
            new BuildLog((what, percent) -> steps.add(new Step(what, percent)));

    @Test
    void followsMmdebstrapThroughAllStretchesWithoutGoingBack() {
        log.line("@ 1 Asking Debian for its packages");
        log.line("I: running apt-get update...");
        log.line("Get:1 http://mirror/debian bookworm InRelease [151 kB]");
        log.line("I: downloading packages with apt...");
        log.line("0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.");
        log.line("Get:1 http://mirror/debian bookworm/main amd64 a amd64 1 [1 kB]");
        log.line("Get:2 http://mirror/debian bookworm/main amd64 b amd64 1 [1 kB]");
        log.line("I: extracting archives...");
        log.line("I: installing essential packages...");
        log.line("Unpacking a (1) ...");
        log.line("Setting up a (1) ...");
        log.line("Setting up b (1) ...");
        log.line("I: installing remaining packages inside the chroot...");
        log.line("0 upgraded, 4 newly installed, 0 to remove and 0 not upgraded.");
        for (int i = 1; i <= 4; i++) {
            log.line("Get:" + i + " http://mirror/debian bookworm/main amd64 p" + i + " [1 kB]");
        }
        for (int i = 1; i <= 4; i++) {
            log.line("Unpacking p" + i + " (1) ...");
        }
        log.line("Setting up p1 (1) ...");
        log.line("Unpacking late (1) ...");
        log.line("Setting up p2 (1) ...");
        log.line("I: running --customize-hook in shell: sh -c ...");
        log.line("@ 80 Unpacking the root file system");
        log.line("@ 99 Recording what is in it");

        assertThat(steps).isSortedAccordingTo((a, b) -> a.percent() - b.percent());
        assertThat(steps)
                .contains(
                        new Step("Fetching the base system (2 of 2)", 10),
                        new Step("Installing the base system (1 of 2)", 17),
                        new Step("Fetching packages (4 of 4)", 40),
                        new Step("Unpacking packages (2 of 4)", 49),
                        new Step("Installing packages (2 of 4)", 66),
                        new Step("Making a guest of it", 74),
                        new Step("Recording what is in it", 99));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    E: Unable to locate package nonesuch                                   | USAGE     | "nonesuch"
                    mke2fs: No space left on device while writing                          | EXHAUSTED | 6 GB
                    E: Failed to fetch http://m/x.deb  Temporary failure resolving 'm'     | FAILED    | network
                    unshare: unshare failed: Operation not permitted                       | MISSING   | /etc/subuid
                    newuidmap: write to uid_map failed: Operation not permitted            | MISSING   | usermod
                    something nobody thought of                                            | FAILED    | something nobody thought of
                    """)
    void saysWhatTheUserCanDoAboutAFailure(String line, Kind kind, String part) {
        log.line("I: running apt-get update...");
        log.line(line);

        CountersignException failure = log.failure(25, Path.of("build.log"));

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessageContaining(part);
    }

    @Test
    void aVeryLongLogIsNotKeptInMemory() {
        for (int i = 0; i < 100_000; i++) {
            log.line("line " + i);
        }

        assertThat(log.failure(1, Path.of("build.log")).getMessage())
                .contains("line 99999")
                .doesNotContain("line 99980")
                .hasSizeLessThan(1000);
    }
}
