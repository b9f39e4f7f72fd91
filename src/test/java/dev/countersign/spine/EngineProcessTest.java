package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.api.Client;
import dev.countersign.api.EngineLauncher;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The real engine process, asked for what it must refuse. No VM is started here.
class EngineProcessTest {
    private static final Duration SOON = Duration.ofMinutes(2);

    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.bare();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        desk.clear();
    }

    private StartRequest request(String directory) {
        return new StartRequest(
                directory, "mini", "a task", null, null, null, null, "scripted:tour", 256, null);
    }

    @Test
    void thereIsOneEngineAndASecondSaysSo()
            throws IOException, InterruptedException, CountersignException {
        try (Client engine = desk.engine()) {
            assertThat(desk.run(SOON, "engine").code()).isEqualTo(EngineLauncher.ALREADY_RUNS);
            assertThat(engine.sessions()).isEmpty();
        }
    }

    @Test
    void commandsStartTheEngineAndItEndsWhenItIsToldTo() throws IOException, InterruptedException {
        assertThat(desk.run(SOON, "session", "list", "--json").code()).isZero();
        assertThat(desk.home.resolve("engine.sock")).exists();
        Desk.Ended stopped = desk.run(SOON, "engine", "stop");
        assertThat(stopped.code()).as(stopped.output()).isZero();
        Desk.await(
                "the engine's end",
                () ->
                        Files.notExists(desk.home.resolve("engine.sock"))
                                && desk.processes().isEmpty());
    }

    @Test
    void aWindowThatWasStartedByRelativePathsStartsTheEngine()
            throws IOException, InterruptedException, CountersignException {
        String display = System.getenv("DISPLAY");
        Assumptions.assumeTrue(
                display != null && !display.isBlank(), "no display: run under xvfb-run");
        Path here = desk.work.toRealPath();
        Desk.Running window =
                desk.start(desk.window(path -> here.relativize(path.toAbsolutePath())));
        Desk.await(
                "the engine's socket",
                () -> {
                    assertThat(window.process().isAlive()).as(window.output()).isTrue();
                    assertThat(desk.log()).doesNotContain("Error");
                    return Files.exists(desk.home.resolve("engine.sock"));
                });
        try (Client engine = desk.connect()) {
            assertThat(engine.sessions()).isEmpty();
            window.process().destroyForcibly().waitFor();
            assertThat(engine.sessions()).as("the engine goes on").isEmpty();
        }
    }

    @Test
    void anEngineThatNobodyNeedsEnds() throws IOException, InterruptedException {
        ProcessBuilder builder = desk.command("engine");
        builder.environment().put("COUNTERSIGN_ENGINE_IDLE_SECONDS", "1");
        Process engine =
                builder.redirectErrorStream(true)
                        .redirectOutput(desk.home.resolve("engine.log").toFile())
                        .start();
        try {
            assertThat(engine.waitFor(60, TimeUnit.SECONDS)).as(desk.log()).isTrue();
            assertThat(engine.exitValue()).isZero();
        } finally {
            engine.destroyForcibly();
        }
    }

    @Test
    void whatCantBeStartedIsRefusedByNameAndLeavesNothing()
            throws IOException, CountersignException, InterruptedException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Path file = repository.resolve("a.txt");
        try (Client engine = desk.engine()) {
            refused(engine, request("relative/path"), "not an absolute path");
            refused(engine, request(desk.work.resolve("nowhere").toString()), "there is none");
            refused(engine, request(file.toString()), "is not a directory");
            refused(
                    engine,
                    with(repository, "nobody", null, null, null, null),
                    "There is no agent nobody");
            refused(
                    engine,
                    with(repository, "mini", Tier.CONTAINER, null, null, null),
                    "tier container does not exist yet");
            refused(
                    engine,
                    with(repository, "mini", null, "everything", null, null),
                    "There is no egress preset everything");
            refused(
                    engine,
                    with(repository, "mini", null, null, Mode.AUTONOMOUS, DataClass.RESTRICTED),
                    "mode autonomous is not allowed for restricted data");
            assertThat(engine.sessions()).isEmpty();
            assertThatThrownBy(() -> engine.session(new SessionId("s-nobody")))
                    .hasMessageContaining("There is no session s-nobody");
        }
        try (var left = Files.list(desk.home.resolve("sessions"))) {
            assertThat(left).isEmpty();
        } catch (java.nio.file.NoSuchFileException e) {
            assertThat(e.getFile()).endsWith("sessions");
        }
    }

    private static StartRequest with(
            Path repository,
            String agent,
            @Nullable Tier tier,
            @Nullable String egress,
            @Nullable Mode mode,
            @Nullable DataClass dataClass) {
        return new StartRequest(
                repository.toString(),
                agent,
                "a task",
                mode,
                tier,
                dataClass,
                egress,
                "scripted:tour",
                256,
                null);
    }

    private static void refused(Client engine, StartRequest request, String why) {
        assertThatThrownBy(() -> engine.start(request))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(why);
    }

    @Test
    void moreMemoryThanThereIsIsRefusedInsteadOfSwapping()
            throws IOException, CountersignException, InterruptedException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            StartRequest huge =
                    new StartRequest(
                            repository.toString(),
                            "mini",
                            "a task",
                            null,
                            null,
                            null,
                            null,
                            "scripted:tour",
                            1 << 20,
                            null);
            refused(engine, huge, "of memory");
        }
    }

    @Test
    void aBrokenPolicyIsRefusedWithItsLine()
            throws IOException, CountersignException, InterruptedException {
        Path config = Files.createDirectories(desk.home.resolve("config"));
        Files.writeString(
                config.resolve("policy.yaml"), "version: 1\nrules:\n  - alow: {tool: shell}\n");
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            assertThatThrownBy(() -> engine.start(request(repository.toString())))
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("policy.yaml")
                    .hasMessageContaining("3");
            assertThat(engine.sessions()).isEmpty();
        }
    }

    @Test
    void aHomeThatCantBeWrittenIsNamed() throws IOException, InterruptedException {
        ProcessBuilder builder = desk.command("session", "list");
        Path file = Files.createFile(desk.work.resolve("a-file"));
        builder.environment().put("COUNTERSIGN_HOME", file.toString());
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said).contains(file.toString()).contains("COUNTERSIGN_HOME");
    }
}
