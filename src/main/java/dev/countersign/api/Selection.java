package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an apply or a rejection means: hunks, files, or all of a review that was seen.
///
/// @param seen the review's id; given alone it means all of it that may be applied together
public record Selection(List<String> hunks, List<String> files, @Nullable String seen) {
    /// All that this review listed.
    public static Selection all(String review) {
        return new Selection(List.of(), List.of(), review);
    }

    /// Exactly these hunks.
    public static Selection hunks(List<String> ids) {
        return new Selection(List.copyOf(ids), List.of(), null);
    }
}
