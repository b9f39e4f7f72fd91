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
    record Pair(String hunk, @Nullable Side left, @Nullable Side right) implements ReviewRow {
        /// The words that differ. Told when the row is drawn, not for every row of a long file.
        WordDiff.Spans spans() {
            return left == null || right == null || !left.kind().equals("removed")
                    ? new WordDiff.Spans(List.of(), List.of())
                    : WordDiff.between(left.text(), right.text());
        }
    }

    /// A line of the unified view.
    ///
    /// @param other the line that it stands for or that stands for it; null: there is none
    record Single(String hunk, Side side, @Nullable String other) implements ReviewRow {
        /// The words that differ from the other line.
        List<WordDiff.Span> spans() {
            if (other == null) {
                return List.of();
            }
            return side.kind().equals("removed")
                    ? WordDiff.between(side.text(), other).removed()
                    : WordDiff.between(other, side.text()).added();
        }
    }

    /// One side of a pair.
    ///
    /// @param line from 1
    /// @param kind `context`, `removed` or `added`
    /// @param open what ends the comment or text that the line begins in; empty: it is code
    record Side(int line, String kind, String text, Syntax syntax, String open) {
        /// What the parts of the line are. Told when the row is drawn.
        List<Syntax.Token> tokens() {
            return syntax.tokens(text, open);
        }
    }

    /// The sides of a conflict are to be looked at.
    record Conflict(ReviewView.File file) implements ReviewRow {}

    /// All rows of a file, lines side by side or one below the other.
    static List<ReviewRow> of(ReviewView.File file, boolean unified) {
        List<ReviewRow> rows = new ArrayList<>();
        rows.add(new FileHead(file));
        if (file.runsOnHost() || !file.reasons().isEmpty()) {
            rows.add(new Warning(file));
        }
        if (file.conflict() != null) {
            rows.add(new Conflict(file));
        }
        Syntax syntax = Syntax.of(file.path().raw());
        int number = 0;
        for (ReviewView.Hunk hunk : file.hunks()) {
            number++;
            rows.add(new HunkHead(file, hunk, number, file.hunks().size()));
            List<Pair> pairs = Pairs.of(hunk, syntax);
            rows.addAll(unified ? Pairs.unified(pairs) : pairs);
        }
        return rows;
    }
}
