package dev.countersign.vm;

/// Told what a long step is doing.
@FunctionalInterface
public interface Progress {
    /// Listens to nothing.
    Progress NONE = (_, _) -> {};

    /// @param what a short phrase for a person, such as `building the warm base: booting`
    /// @param percent 0 to 100 of the whole
    void step(String what, int percent);
}
