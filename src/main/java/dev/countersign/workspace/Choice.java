package dev.countersign.workspace;

import java.util.List;

/// What an apply or a rejection means. It covers exactly what was seen ([P4]).
public sealed interface Choice {
    /// Everything that the review with this id listed, but for critical, rejected, conflicting and
    /// blocked changes and those left behind by a restore. CONFLICT if anything changed since.
    record All(String seen) implements Choice {}

    /// Exactly these hunks. CONFLICT if one of them is not there any more.
    record Hunks(List<String> ids) implements Choice {
        /// Keeps the list from changing.
        public Hunks {
            ids = List.copyOf(ids);
        }
    }

    /// All hunks of these files as the review with this id listed them. CONFLICT if one of the
    /// files changed since.
    record Files(List<String> paths, String seen) implements Choice {
        /// Keeps the list from changing.
        public Files {
            paths = List.copyOf(paths);
        }
    }
}
