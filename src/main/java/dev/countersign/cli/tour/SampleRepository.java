package dev.countersign.cli.tour;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.RelativePath;
import java.nio.file.Path;
import java.util.List;

/// The bundled repository that the tour works on, and how its scenario can be checked.
public interface SampleRepository {
    /// Writes the repository into a directory that does not exist yet.
    void copyTo(Path directory) throws CountersignException;

    /// What runs its tests on the host, in its directory. Fails before the session's work was
    /// applied and passes after it.
    List<String> hostTestCommand();

    /// The agent's task.
    String task();

    /// What the scenario leaves behind.
    Expected expected();

    /// How the scenario's calls are told apart afterwards.
    ///
    /// @param heldMarkers files that calls which are held leave in the workspace when they run
    /// @param deniedMarker the file that the call which is denied by rule would leave
    /// @param changed a file that the finished work changes
    /// @param unreachable the host name that the scenario tries to reach in vain
    record Expected(
            List<RelativePath> heldMarkers,
            RelativePath deniedMarker,
            RelativePath changed,
            String unreachable) {}
}
