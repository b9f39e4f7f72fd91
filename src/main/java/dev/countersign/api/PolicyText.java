package dev.countersign.api;

import java.util.List;

/// The developer's own policy file as it lies on the disk now, and what is wrong with it.
///
/// @param text empty if there is no file yet
/// @param findings in the order of lines; with an error among them the file as a whole is not in
///   force
public record PolicyText(String file, boolean exists, String text, List<Finding> findings) {
    /// One thing that is wrong.
    ///
    /// @param line from 1; 0: the file as a whole
    /// @param error false: a warning, the line has no effect
    public record Finding(int line, boolean error, String message) {}
}
