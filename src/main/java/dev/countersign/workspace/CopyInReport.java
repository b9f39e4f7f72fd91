package dev.countersign.workspace;

import java.time.Duration;
import java.util.List;

/// What a copy-in brought into the guest.
///
/// @param git whether the host's directory is a git repository; if not, the guest still gets one
/// @param leftOut all that stayed out, with reasons, sorted by path
public record CopyInReport(
        int files, long bytes, boolean git, List<LeftOut> leftOut, Duration took) {
    /// How many files stayed out, directories counted as what is known to be in them, at least 1.
    public int leftOutCount() {
        return leftOut.stream().mapToInt(l -> Math.max(1, l.count())).sum();
    }
}
