package dev.countersign.cli;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.util.Optional;

/// Opens the app's window.
@FunctionalInterface
public interface WindowOpener {
    /// Opens it, on this session if one is given, and returns its exit code once it was closed.
    int open(Optional<SessionId> session) throws CountersignException;
}
