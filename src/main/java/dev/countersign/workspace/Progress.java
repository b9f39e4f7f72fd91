package dev.countersign.workspace;

/// Told how far a copy is. Called often, from the copying thread; must return at once.
@FunctionalInterface
public interface Progress {
    /// So many of so many bytes are in the guest.
    void at(long bytes, long of);

    /// Tells nobody.
    static Progress none() {
        return (_, _) -> {};
    }
}
