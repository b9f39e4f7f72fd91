package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.domain.ToolCall;
import dev.countersign.gateway.House;
import dev.countersign.gateway.ScriptedUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole tour as it runs in a session, but for the VM: the real agent and relay as processes,
/// the real gateway over a unix socket, the scripted model; the test plays the developer.
class TourOnTheHostTest {
    @TempDir Path directory;
    private Path sample;
    private Path guest;

    @BeforeEach
    void copy() throws Exception {
        sample = directory.resolve("tour");
        guest = GuestPrograms.unpack(directory.resolve("guest"));
        Tour.copyTo(sample);
        // The guest has no network; on the host the stand-in says what curl says there.
        Path curl = Files.createDirectories(directory.resolve("bin")).resolve("curl");
        Files.writeString(curl, "#!/bin/sh\necho 'curl: (6) Could not resolve host' >&2\nexit 6\n");
        Files.setPosixFilePermissions(curl, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void P4_allowedButForThePushItMendsTheSampleAndLeavesOnlyTheAllowedMarker() throws Exception {
        Run run =
                tour(call ->
                        call.argumentsJson().raw().contains("git push")
                                ? Answer.DENIED
                                : Answer.ALLOWED);

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(testsPass()).containsOnly(true);
        assertThat(sample.resolve(Tour.markers().high())).exists();
        assertThat(sample.resolve(Tour.markers().forbidden())).doesNotExist();
        assertThat(run.output()).contains("Not run: bash (not today)");
        assertThat(run.house().facts.of(Fact.Called.class)).hasSize(14);
        assertThat(run.house().facts.of(Fact.Released.class)).hasSize(13);
        assertThat(run.house().facts.of(Fact.Returned.class)).hasSize(13);
        assertThat(run.house().heldFiles(".held")).isEmpty();
    }

    @Test
    void P4_withEverythingDeniedItEndsCleanlyAndNothingRan() throws Exception {
        Run run = tour(_ -> Answer.DENIED);

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(testsPass()).containsOnly(false);
        assertThat(sample.resolve("tour-markers")).doesNotExist();
        assertThat(run.house().facts.of(Fact.Released.class)).isEmpty();
        assertThat(GuestPrograms.run(sample, List.of("git", "status", "--porcelain")).output())
                .isEmpty();
    }

    @Test
    void P4_withReadsAllowedAndTheRestDeniedItReachesItsEndWithTheSampleAsItWas() throws Exception {
        Run run =
                tour(call -> {
                    String text = call.argumentsJson().raw();
                    boolean low =
                            List.of("read", "list").contains(call.tool().raw())
                                    || text.contains("unittest")
                                    || text.contains("node --test");
                    return low ? Answer.ALLOWED : Answer.DENIED;
                });

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("That is all.");
        assertThat(testsPass()).containsOnly(false);
        assertThat(sample.resolve("tour-markers")).doesNotExist();
        assertThat(run.house().facts.of(Fact.Called.class).stream().map(c -> c.call()))
                .anyMatch(call -> call.argumentsJson().raw().contains("scripts.generate"))
                .anyMatch(call -> call.argumentsJson().raw().contains("git push --force"));
    }

    @Test
    void theSampleIsACleanRepositoryWithFailingTestsInTwoLanguages() throws Exception {
        assertThat(testsPass()).containsExactly(false, false);
        assertThat(GuestPrograms.run(sample, List.of("git", "log", "--oneline")).output().lines())
                .hasSize(1);
        assertThat(GuestPrograms.run(sample, List.of("git", "status", "--porcelain")).output())
                .isEmpty();
    }

    private List<Boolean> testsPass() throws Exception {
        return List.of(
                GuestPrograms.run(sample, Tour.tests().get(0)).exitCode() == 0,
                GuestPrograms.run(sample, Tour.tests().get(1)).exitCode() == 0);
    }

    private record Run(int exitCode, String output, House house) {}

    private Run tour(Function<ToolCall, Answer> decide) throws Exception {
        try (InputStream scenario = Tour.scenario();
                House house =
                        new House(
                                directory,
                                new ScriptedUpstream(scenario, Duration.ofMillis(1), new Random(7)),
                                decide);
                GuestPrograms.Relay relay =
                        new GuestPrograms.Relay(guest, directory.resolve("m.sock"))) {
            Process mini = mini(relay.port());
            String output =
                    new String(mini.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(mini.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Run(mini.exitValue(), output, house);
        }
    }

    private Process mini(int port) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        "python3",
                        "-S",
                        "-E",
                        "-I",
                        guest.resolve("mini.py").toString(),
                        "--task",
                        Tour.TASK);
        builder.directory(sample.toFile()).redirectErrorStream(true);
        builder.environment().put("ANTHROPIC_BASE_URL", "http://127.0.0.1:" + port);
        builder.environment().put("ANTHROPIC_API_KEY", AgentProfiles.PLACEHOLDER_KEY);
        builder.environment()
                .merge("PATH", directory.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
        return builder.start();
    }
}
