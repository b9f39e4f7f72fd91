package dev.countersign.vm.image;

/// Told how far a build is. Called by one thread at a time, not always the one that asked for the
/// build; never goes back.
@FunctionalInterface
public interface BuildProgress {
    /// Listens to nothing.
    BuildProgress NONE = (_, _) -> {};

    /// @param what a short phrase for a person, such as `Installing packages (41 of 173)`
    /// @param percent 0 to 100 of the whole
    void step(String what, int percent);
}
