package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.util.NavigableSet;

/// Makes the files of an image. Where and how is its own matter.
interface ImageBuilder {
    /// @param into an empty directory, to receive `disk.qcow2`, `kernel`, `initrd` and
    ///   `packages.versions`
    record Order(Recipe recipe, NavigableSet<String> packages, String architecture, Path into) {}

    /// Returns when all four files are there. Leaves nothing elsewhere, however it ends.
    void build(Order order, BuildProgress progress)
            throws CountersignException, InterruptedException;
}
