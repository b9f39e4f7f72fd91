package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import org.jspecify.annotations.Nullable;

/// A path that host and agent changed in the same place: what three panes show.
///
/// @param digest names exactly these three versions; a resolution that names it decides about no
///   other
/// @param base what both began with; null: nothing, or no text that could be shown
/// @param host what the developer has now
/// @param agent what the agent made
/// @param merged all that goes together, with markers around what does not; null where there is no
///   text to merge
/// @param note why a side is not shown
public record Conflict(
        String digest,
        @Nullable GuestText base,
        @Nullable GuestText host,
        @Nullable GuestText agent,
        @Nullable GuestText merged,
        @Nullable String note) {}
