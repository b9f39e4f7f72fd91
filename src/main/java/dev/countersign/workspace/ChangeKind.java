package dev.countersign.workspace;

/// What a staged change does to a file. [#word()] is what `api` and journal call it.
public enum ChangeKind {
    /// The host has no such file.
    CREATED,
    /// Lines differ.
    EDITED,
    /// A new file with the content of one that the agent removed, whole or for the most part.
    MOVED,
    /// The agent removed it.
    DELETED,
    /// Only whether it is executable differs.
    MODE,
    /// A symbolic link, or what was one.
    LINK,
    /// Bytes that have no lines, or too many of them; taken or left as a whole.
    BINARY,
    /// The host changed the same place.
    CONFLICT,
    /// It can never reach the host.
    BLOCKED;

    /// `created`, `edited`, …
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
