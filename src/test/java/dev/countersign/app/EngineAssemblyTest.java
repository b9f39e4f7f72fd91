package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.engine.EngineLife;
import dev.countersign.gateway.Upstream;
import dev.countersign.journal.Journals;
import dev.countersign.secrets.FileKeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an engine is made of, and that it lets go of all of it.
class EngineAssemblyTest {
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private static List<ProcessHandle> parsers() {
        return ProcessHandle.current()
                .children()
                .filter(child ->
                        child.info()
                                .commandLine()
                                .orElse("")
                                .contains("dev.countersign.gate.risk.ShellParserMain"))
                .toList();
    }

    @Test
    void anEngineThatEndsClosesItsParserAndItsJournals() throws Exception {
        // Short: unix sockets lie in it.
        Path place = Files.createTempDirectory("cse");
        try {
            Home home = Home.of(Map.of("COUNTERSIGN_HOME", place.toString()));
            EngineAssembly assembly =
                    new EngineAssembly(
                            home, Map.of("COUNTERSIGN_CONFIG", place + "/config"), "1", "1");
            List<ProcessHandle> before = parsers();
            List<ProcessHandle> during = new java.util.ArrayList<>();
            int code =
                    new EngineLife(home.lock(), home.socket(), AT_ONCE)
                            .run(end -> {
                                EngineLife.Parts parts = assembly.assemble(end);
                                during.addAll(parsers());
                                assertThatThrownBy(() -> journals(home))
                                        .as("while it lives the list of journals is its own")
                                        .isInstanceOf(CountersignException.class);
                                return parts;
                            });
            assertThat(code).isZero();
            during.removeAll(before);
            assertThat(during).as("it had a parser").hasSize(1);
            assertThat(during.getFirst().onExit()).succeedsWithin(Duration.ofSeconds(20));
            journals(home).close();
        } finally {
            remove(place);
        }
    }

    private static Journals journals(Home home) throws CountersignException {
        return Journals.open(home.root(), new FileKeyStore(home.keys()), Clock.systemUTC());
    }

    private static void remove(Path directory) throws IOException {
        try (var tree = Files.walk(directory)) {
            for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void allSessionsShareTheConnectionsToAProviderAndTheEngineEndsThem(@TempDir Path directory)
            throws CountersignException {
        Providers providers =
                new Providers(
                        new ModelSettings(
                                directory,
                                new FileKeyStore(directory.resolve("keys")),
                                Map.of("ANTHROPIC_BASE_URL", "http://127.0.0.1:9"),
                                Clock.systemUTC()),
                        Duration.ZERO,
                        new Random(1),
                        Clock.systemUTC());
        Upstream first = providers.named("anthropic");
        assertThat(providers.named("anthropic")).isSameAs(first);
        providers.close();
        assertThatThrownBy(() ->
                        first.send(
                                new Upstream.Request("/v1/messages", Map.of(), new byte[] {'{'})))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> providers.named("anthropic"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("ends");
    }
}
