package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Starts real processes: a small engine with [FakeService] inside.
@Timeout(120)
class EngineLauncherTest {
    @TempDir Path directory;

    @AfterEach
    void endEngine() throws Exception {
        for (long pid : pids()) {
            ProcessHandle.of(pid)
                    .ifPresent(handle -> {
                        handle.destroyForcibly();
                        handle.onExit().join();
                    });
        }
    }

    private List<Long> pids() throws Exception {
        Path file = home().resolve("pids");
        return Files.exists(file)
                ? Files.readAllLines(file).stream().map(Long::valueOf).toList()
                : List.of();
    }

    private Path home() {
        return directory.resolve("home");
    }

    private EngineLauncher launcher(String... more) {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xshare:auto",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SmallEngine.class.getName(),
                                home().toString()));
        argv.addAll(List.of(more));
        return new EngineLauncher(home(), () -> argv, Optional.empty(), Duration.ofSeconds(60));
    }

    @Test
    void theFirstClientStartsTheEngineAndTheNextFindsIt() throws Exception {
        try (Client first = Client.connect(launcher());
                Client second = Client.connect(launcher())) {
            assertThat(first.hello().pid()).isEqualTo(second.hello().pid());
            assertThat(pids()).containsExactly(first.hello().pid());
        }
        assertThat(ProcessHandle.of(pids().getFirst())).isPresent();
    }

    @Test
    void clientsThatRaceStartOneEngine() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> racers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                racers.add(
                        threads.submit(() -> {
                            try (Client client = Client.connect(launcher())) {
                                return client.hello().pid();
                            }
                        }));
            }
            for (Future<Long> racer : racers) {
                long pid = racer.get();
                assertThat(pids()).contains(pid);
            }
        }
        assertThat(pids()).hasSize(1);
    }

    @Test
    void anEngineThatDoesNotComeUpIsAnErrorWithTheEndOfItsLog() {
        assertThatThrownBy(() -> Client.connect(launcher("fail")))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("code 3")
                .hasMessageContaining("keys are unreadable ⟨U+001B⟩[2J")
                .hasMessageContaining("countersign doctor");
    }

    @Test
    void anEngineThatNeverAnswersIsEndedAtTheDeadline() throws Exception {
        EngineLauncher hanging =
                new EngineLauncher(
                        home(),
                        () -> List.of("sh", "-c", "echo $$ >> pids; exec sleep 600"),
                        Optional.empty(),
                        Duration.ofSeconds(1));
        assertThatThrownBy(hanging::connectOrStart)
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("did not answer within 1 s");
        ProcessHandle.of(pids().getFirst()).ifPresent(handle -> handle.onExit().join());
    }

    @Test
    void aClientStartsTheEngineAgainAfterItWasKilled() throws Exception {
        try (Client client = Client.connect(launcher())) {
            long first = client.hello().pid();
            CountDownLatch lost = new CountDownLatch(1);
            client.onConnection(
                    new ConnectionListener() {
                        @Override
                        public void connected() {}

                        @Override
                        public void disconnected(String why) {
                            lost.countDown();
                        }
                    });
            ProcessHandle engine = ProcessHandle.of(first).orElseThrow();
            engine.destroyForcibly();
            engine.onExit().join();
            lost.await();
            long second = client.hello().pid();
            assertThat(second).isNotEqualTo(first);
        }
    }

    @Test
    void anIdleEngineOfAnotherBuildIsReplaced() throws Exception {
        try (Client old = Client.connect(launcher())) {
            long first = old.hello().pid();
            EngineLauncher newer = launcher("build-2");
            EngineLauncher asNew =
                    new EngineLauncher(
                            home(),
                            newer.command(),
                            Optional.of("build-2"),
                            Duration.ofSeconds(60));
            try (Client client = Client.connect(asNew)) {
                assertThat(client.hello().build()).isEqualTo("build-2");
                assertThat(client.hello().pid()).isNotEqualTo(first);
            }
        }
    }

    @Test
    void aHomeThatCannotBeMadeIsAClearError() throws Exception {
        Files.writeString(directory.resolve("home"), "a file");
        assertThatThrownBy(() -> launcher().connectOrStart())
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("COUNTERSIGN_HOME");
        Files.delete(directory.resolve("home"));
    }
}
