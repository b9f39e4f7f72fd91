package dev.countersign.cli.tour;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.util.List;

/// Runs the sample's own tests on the host.
@FunctionalInterface
public interface HostTests {
    /// Runs the command in this directory to its end.
    Outcome run(List<String> command, Path directory)
            throws CountersignException, InterruptedException;

    /// How it ended.
    ///
    /// @param lastLine the last line that it printed, for the developer
    record Outcome(boolean passed, String lastLine) {}

    /// By a real process, ended after two minutes.
    static HostTests byProcess() {
        return new HostTestProcess();
    }
}
