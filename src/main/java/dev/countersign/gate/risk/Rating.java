package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a call would do, as far as it can be told before it runs.
///
/// @param effects stable words such as `git.force-push`, for rules and for the feed
/// @param reasons one short clause each, worst first, never empty
/// @param commands the simple commands of a shell call, in order
/// @param command the shell text, if it is a shell call
/// @param path the file that it names, if it is a file tool
/// @param reads paths that are read, normalised: inside the workspace relative, else absolute
/// @param writes paths that are written or removed, normalised alike
/// @param hosts names that it would connect to
/// @param readOrSearch only looks: runs in every mode when it is low
/// @param understood false if it could not be parsed or is of an unknown tool: asks in every mode
///   ([P4])
public record Rating(
        ToolKind kind,
        Level level,
        List<String> effects,
        List<String> reasons,
        List<SimpleCommand> commands,
        @Nullable GuestText command,
        @Nullable GuestText path,
        List<String> reads,
        List<String> writes,
        List<String> hosts,
        boolean readOrSearch,
        boolean understood) {
    /// Keeps copies.
    public Rating {
        effects = List.copyOf(effects);
        reasons = List.copyOf(reasons);
        commands = List.copyOf(commands);
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        hosts = List.copyOf(hosts);
    }

    /// The same call one notch stricter or as strict, with the reason.
    public Rating raisedTo(Level floor, String reason) {
        if (floor.compareTo(level) <= 0) {
            return this;
        }
        List<String> all = new java.util.ArrayList<>(List.of(reason));
        all.addAll(reasons);
        return new Rating(
                kind,
                floor,
                effects,
                all,
                commands,
                command,
                path,
                reads,
                writes,
                hosts,
                false,
                understood);
    }
}
