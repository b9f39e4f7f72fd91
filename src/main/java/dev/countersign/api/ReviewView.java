package dev.countersign.api;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Staged work against the host's tree. `id` is the digest of all that is listed: `apply --all
/// --seen ID` covers exactly this and nothing that came later.
public record ReviewView(String id, SessionId session, List<File> files) {

    /// One file.
    ///
    /// @param change `created`, `edited`, `deleted`, `mode`, `link`, `binary`, `conflict` or
    ///   `blocked`
    /// @param reasons why the level, or why it is blocked
    /// @param runsOnHost whether something on the host would run this later
    public record File(
            GuestText path,
            String change,
            Level level,
            List<String> reasons,
            boolean runsOnHost,
            int added,
            int removed,
            List<Hunk> hunks) {}

    /// A run of changed lines.
    ///
    /// @param id contains the digest of path, old and new text: the same id is the same change
    /// @param state `new`, `accepted`, `rejected`, `applied`, `conflict` or `blocked`
    /// @param oldStart first line in the baseline, from 1
    /// @param lines context, removed and added lines in order, without their line ends
    public record Hunk(
            String id,
            String state,
            int oldStart,
            int oldLines,
            int newStart,
            int newLines,
            List<Line> lines,
            @Nullable String note) {}

    /// One line.
    ///
    /// @param kind `context`, `removed` or `added`
    public record Line(String kind, GuestText text) {}
}
