package dev.countersign.workspace;

/// Where a hunk stands. [#word()] is what `api` calls it.
public enum HunkState {
    /// Nobody decided.
    NEW,
    /// The developer does not want it; it stays listed until it changes.
    REJECTED,
    /// The host changed the same lines.
    CONFLICT,
    /// It can never reach the host.
    BLOCKED;

    /// `new`, `rejected`, …
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
