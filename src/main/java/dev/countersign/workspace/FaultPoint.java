package dev.countersign.workspace;

/// A named place between two steps that must be safe to stop at. Tests end the process there.
@FunctionalInterface
interface FaultPoint {
    void reached(String step);

    /// Goes on.
    static FaultPoint none() {
        return _ -> {};
    }
}
