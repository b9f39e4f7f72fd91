package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/// The first session: a small repository with failing tests and the scenario that mends it.
public final class Tour {
    /// The task that the agent is given.
    public static final String TASK =
            "The tests of this repository fail. Find out why, mend it, and bring the rate table up"
                    + " to date.";

    private Tour() {}

    /// Writes the sample into a directory that is missing or empty, as a git repository with one
    /// commit.
    ///
    /// @throws CountersignException CONFLICT if the directory holds something
    public static void copyTo(Path directory) throws CountersignException {}

    /// The scenario for [dev.countersign.gateway.ScriptedUpstream].
    public static InputStream scenario() {
        return InputStream.nullInputStream();
    }

    /// The sample's own test commands, to be run in its directory, on host and guest alike.
    public static List<List<String>> tests() {
        return List.of();
    }

    /// Files, relative to the repository, that exist only if a held call ran: the call of level
    /// high, and the one that a rule denies.
    public static Markers markers() {
        return new Markers("", "");
    }

    /// @param high written by the call that waits for the developer
    /// @param forbidden written by the call that is denied by rule: must never exist
    public record Markers(String high, String forbidden) {}
}
