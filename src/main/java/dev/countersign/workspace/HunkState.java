package dev.countersign.workspace;

/// Where a hunk stands. [#word()] is what `api` calls it. What the developer said about a hunk is
/// kept over restarts, by the hunk's id: other content is another hunk.
public enum HunkState {
    /// Nobody looked at it.
    NEW,
    /// The developer looked at it.
    SEEN,
    /// The developer wants it; it waits for an apply.
    ACCEPTED,
    /// The agent changed what the developer had looked at here.
    CHANGED,
    /// The developer does not want it; it stays listed until it changes. Critical hunks begin so.
    REJECTED,
    /// The host changed the same lines.
    CONFLICT,
    /// It can never reach the host.
    BLOCKED;

    /// Whether it is part of "all": neither refused nor in the way of the host's own edits.
    boolean open() {
        return switch (this) {
            case NEW, SEEN, ACCEPTED, CHANGED -> true;
            case REJECTED, CONFLICT, BLOCKED -> false;
        };
    }

    /// `new`, `rejected`, …
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
