package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.Connector;
import dev.countersign.app.tools.Tools;
import dev.countersign.cli.tour.SampleRepository;
import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Everything that the commands need from outside. The composition root makes one.
///
/// @param engine how to reach the engine, and to start it
/// @param sample what `try` works on; null: there is no `try`
/// @param window opens the app's window; null: it can't be opened here
/// @param ticks nanoseconds that only go forward, as `System::nanoTime`
/// @param home the user's home directory, where `try` puts its sample
/// @param version the program's own, for `--version`
public record Ports(
        Connector engine,
        Tools tools,
        @Nullable SampleRepository sample,
        @Nullable WindowOpener window,
        Terminal terminal,
        Interrupts interrupts,
        Clock clock,
        LongSupplier ticks,
        Path home,
        String version) {

    /// A connection to the engine, which is started if none answers.
    Client connect() throws CountersignException {
        return Client.connect(engine);
    }

    /// A connection to an engine that runs.
    ///
    /// @throws CountersignException MISSING if none does
    Client connectToRunning() throws CountersignException {
        return Client.connect(engine.withoutStart());
    }
}
