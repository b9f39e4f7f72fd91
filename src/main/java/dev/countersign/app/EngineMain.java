package dev.countersign.app;

import dev.countersign.domain.CountersignException;
import dev.countersign.engine.EngineLife;
import java.time.Duration;
import java.util.Map;

/// The engine process, started by the first window or command that needs it.
final class EngineMain {
    private static final Duration IDLE = Duration.ofMinutes(5);

    private EngineMain() {}

    /// Runs until nothing is left to do. Returns the exit code.
    static int run(Map<String, String> environment) {
        try {
            Home home = Home.of(environment);
            EngineAssembly assembly =
                    new EngineAssembly(home, environment, Program.version(), Program.build());
            return new EngineLife(home.lock(), home.socket(), idle(environment))
                    .run(assembly::assemble);
        } catch (CountersignException e) {
            System.err.println(e.getMessage());
            return e.kind() == CountersignException.Kind.USAGE ? 2 : 1;
        }
    }

    /// How long an engine without clients and VMs stays; shorter in tests.
    private static Duration idle(Map<String, String> environment) {
        String seconds = environment.getOrDefault("COUNTERSIGN_ENGINE_IDLE_SECONDS", "");
        return seconds.matches("[0-9]{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : IDLE;
    }
}
