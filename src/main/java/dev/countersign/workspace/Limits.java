package dev.countersign.workspace;

import java.time.Duration;

/// What a guest may make the host keep. Beyond it staging pauses, with the reason in the journal.
///
/// @param fileBytes largest file that is taken from the guest
/// @param stagedBytes all staged content together
/// @param paths number of paths in the guest, base included
/// @param silence how long the guest's side may say nothing while it is asked something
/// @param hostFileBytes largest file that goes into the guest; it is never held in memory
public record Limits(
        long fileBytes, long stagedBytes, int paths, Duration silence, long hostFileBytes) {
    /// 100 MB a file from the guest, 2 GB staged, 200,000 paths, 60 seconds, 4 GB a file from the
    /// host.
    public static Limits standard() {
        return new Limits(100L << 20, 2L << 30, 200_000, Duration.ofSeconds(60), 4L << 30);
    }

    /// The same limit for files in both directions.
    public Limits(long fileBytes, long stagedBytes, int paths, Duration silence) {
        this(fileBytes, stagedBytes, paths, silence, fileBytes);
    }

    /// @throws IllegalArgumentException if one of them is not positive
    public Limits {
        if (fileBytes <= 0
                || stagedBytes <= 0
                || paths <= 0
                || silence.isNegative()
                || hostFileBytes <= 0) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
