package dev.countersign.workspace;

import dev.countersign.domain.GuestText;

/// A line of a hunk, without its line end.
public record Line(Kind kind, GuestText text) {
    /// Where the line is.
    public enum Kind {
        /// In both.
        CONTEXT,
        /// Only in the baseline.
        REMOVED,
        /// Only in what the agent made.
        ADDED;

        /// `context`, `removed` or `added`.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
