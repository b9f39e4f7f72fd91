package dev.countersign.workspace;

import dev.countersign.domain.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A run of changed lines, or a change that is taken as a whole.
///
/// @param id contains the digest of path, old and new bytes: the same id is the same change
/// @param byDefault whether it is rejected only because it is critical; nobody decided yet
/// @param level how much this hunk can hurt once it is on the host
/// @param oldStart first line in the baseline, from 1; 0 where the side has no lines
/// @param lines context, removed and added lines in order; capped for very long hunks, which `note`
///   says
/// @param note what the lines don't show, such as a missing final line end or a mode
public record Hunk(
        String id,
        HunkState state,
        boolean byDefault,
        Level level,
        int oldStart,
        int oldLines,
        int newStart,
        int newLines,
        List<Line> lines,
        @Nullable String note) {
    /// Whether a person still has to decide: what nobody looked at must not get lost by a default.
    boolean undecided() {
        return switch (state) {
            case NEW, SEEN, ACCEPTED, CHANGED, CONFLICT -> true;
            case REJECTED -> byDefault;
            case BLOCKED -> false;
        };
    }
}
