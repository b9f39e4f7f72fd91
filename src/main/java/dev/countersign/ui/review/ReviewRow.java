package dev.countersign.ui.review;

import dev.countersign.api.ReviewView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One row of the changes: a file's head, a warning, a hunk's head, or a pair of lines.
sealed interface ReviewRow {
    /// A file.
    record FileHead(ReviewView.File file) implements ReviewRow {}

    /// What the file would do on the host, or why it is blocked.
    record Warning(ReviewView.File file) implements ReviewRow {}

    /// A hunk.
    ///
    /// @param number from 1
    record HunkHead(ReviewView.File file, ReviewView.Hunk hunk, int number, int of)
            implements ReviewRow {}

    /// Two lines side by side.
    record Pair(String hunk, @Nullable Side left, @Nullable Side right) implements ReviewRow {}

    /// One side of a pair.
    ///
    /// @param line from 1
    /// @param kind `context`, `removed` or `added`
    /// @param spans characters that differ from the other side
    record Side(int line, String kind, String text, List<WordDiff.Span> spans) {}

    /// All rows of a file.
    static List<ReviewRow> of(ReviewView.File file) {
        List<ReviewRow> rows = new ArrayList<>();
        rows.add(new FileHead(file));
        if (file.runsOnHost() || !file.reasons().isEmpty()) {
            rows.add(new Warning(file));
        }
        int number = 0;
        for (ReviewView.Hunk hunk : file.hunks()) {
            number++;
            rows.add(new HunkHead(file, hunk, number, file.hunks().size()));
            rows.addAll(Pairs.of(hunk));
        }
        return rows;
    }
}
