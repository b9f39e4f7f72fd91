package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;

/// Brings what an agent consists of.
@FunctionalInterface
public interface AgentFiles {
    /// Puts the agent's files into `into`, an empty directory, laid out as below
    /// `/opt/agents/NAME`. Files that the owner may execute are programs in the guest too.
    ///
    /// @throws CountersignException if it can't be had, or is not what the pin says
    void fetch(ImageAgent agent, Path into, BuildProgress progress)
            throws CountersignException, InterruptedException;
}
