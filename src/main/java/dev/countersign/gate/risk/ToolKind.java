package dev.countersign.gate.risk;

/// What a tool does, whatever its agent calls it.
public enum ToolKind {
    /// Runs shell text or an argument vector.
    SHELL("shell"),
    /// Reads a file or lists a directory.
    READ("read"),
    /// Looks for names or content.
    SEARCH("search"),
    /// Makes or replaces a file.
    WRITE("write"),
    /// Changes part of a file.
    EDIT("edit"),
    /// Removes a file.
    DELETE("delete"),
    /// Asks something of the network.
    NETWORK("network"),
    /// The agent's own bookkeeping: no effect outside of its conversation.
    NOTE("note"),
    /// Not known: never below high.
    UNKNOWN("unknown");

    private final String word;

    ToolKind(String word) {
        this.word = word;
    }

    /// The word as it stands in policy files.
    public String word() {
        return word;
    }
}
