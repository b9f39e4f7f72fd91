package dev.countersign.workspace;

/// How the developer solves a [Conflict].
public sealed interface Resolution {
    /// The host's version stays; the guest gets it.
    record KeepHost() implements Resolution {}

    /// The agent's version as a whole, over the host's.
    record TakeAgent() implements Resolution {}

    /// A text of the developer's own, in UTF-8.
    record Text(String text) implements Resolution {}
}
