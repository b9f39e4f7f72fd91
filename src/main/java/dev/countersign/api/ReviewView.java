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
    /// @param change `created`, `edited`, `moved`, `deleted`, `mode`, `link`, `binary`, `conflict`
    ///   or `blocked`
    /// @param level the worst of its hunks
    /// @param reasons why the level, or why it is blocked
    /// @param runsOnHost whether something on the host would run this later
    /// @param movedFrom the removed file whose content this new one has; taking that one away is
    ///   decided there
    /// @param movedTo where the content of this removed file went
    /// @param generated why it is taken for a program's output, to be shown folded
    /// @param conflict the sides, where `change` is `conflict`
    public record File(
            GuestText path,
            String change,
            Level level,
            List<String> reasons,
            boolean runsOnHost,
            int added,
            int removed,
            List<Hunk> hunks,
            @Nullable GuestText movedFrom,
            @Nullable GuestText movedTo,
            @Nullable String generated,
            @Nullable Conflict conflict) {
        /// A file of which there is nothing more to say.
        public File(
                GuestText path,
                String change,
                Level level,
                List<String> reasons,
                boolean runsOnHost,
                int added,
                int removed,
                List<Hunk> hunks) {
            this(
                    path,
                    change,
                    level,
                    reasons,
                    runsOnHost,
                    added,
                    removed,
                    hunks,
                    null,
                    null,
                    null,
                    null);
        }
    }

    /// A run of changed lines.
    ///
    /// @param id contains the digest of path, old and new text: the same id is the same change
    /// @param state `new`, `seen`, `accepted`, `changed` (since it was seen), `rejected`,
    ///   `conflict` or `blocked`
    /// @param byDefault whether it is rejected only because it is critical; nobody decided yet
    /// @param level how much this hunk can hurt; null: as the file's
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
            @Nullable String note,
            boolean byDefault,
            @Nullable Level level) {
        /// A hunk that is as bad as its file.
        public Hunk(
                String id,
                String state,
                int oldStart,
                int oldLines,
                int newStart,
                int newLines,
                List<Line> lines,
                @Nullable String note) {
            this(id, state, oldStart, oldLines, newStart, newLines, lines, note, false, null);
        }
    }

    /// The versions of a file that host and agent changed in the same place. Where one is null and
    /// `note` says nothing, that side has no file.
    ///
    /// @param digest names exactly these versions, for `resolve`
    /// @param merged both, with markers (`<<<<<<< host`, `||||||| base`, `=======`, `>>>>>>>
    ///   agent`) where they differ
    public record Conflict(
            String digest,
            @Nullable GuestText base,
            @Nullable GuestText host,
            @Nullable GuestText agent,
            @Nullable GuestText merged,
            @Nullable String note) {}

    /// One line.
    ///
    /// @param kind `context`, `removed` or `added`
    public record Line(String kind, GuestText text) {}
}
