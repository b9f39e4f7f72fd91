package dev.countersign.workspace;

import java.time.Duration;

/// What a guest may make the host keep. Beyond it staging pauses, with the reason in the journal.
///
/// @param fileBytes largest file that is carried in either direction
/// @param stagedBytes all staged content together
/// @param paths number of paths in the guest, base included
/// @param silence how long the guest's side may say nothing while it is asked something
public record Limits(long fileBytes, long stagedBytes, int paths, Duration silence) {
    /// 100 MB a file, 2 GB staged, 200,000 paths, 60 seconds.
    public static Limits standard() {
        return new Limits(100L << 20, 2L << 30, 200_000, Duration.ofSeconds(60));
    }

    /// @throws IllegalArgumentException if one of them is not positive
    public Limits {
        if (fileBytes <= 0 || stagedBytes <= 0 || paths <= 0 || silence.isNegative()) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
