package dev.countersign.ui.review;

import dev.countersign.api.ReviewView;
import dev.countersign.ui.common.Guest;
import java.util.ArrayList;
import java.util.List;

/// Lays the lines of a hunk side by side: a run of removed lines stands beside the run of added
/// ones that follows it, line by line.
final class Pairs {
    private final String hunk;
    private final List<ReviewRow.Pair> pairs = new ArrayList<>();
    private final List<ReviewView.Line> removed = new ArrayList<>();
    private final List<ReviewView.Line> added = new ArrayList<>();
    private int oldLine;
    private int newLine;

    private Pairs(ReviewView.Hunk hunk) {
        this.hunk = hunk.id();
        this.oldLine = hunk.oldStart();
        this.newLine = hunk.newStart();
    }

    static List<ReviewRow.Pair> of(ReviewView.Hunk hunk) {
        Pairs pairs = new Pairs(hunk);
        hunk.lines().forEach(pairs::take);
        pairs.flush();
        return pairs.pairs;
    }

    private void take(ReviewView.Line line) {
        switch (line.kind()) {
            case "removed" -> {
                if (!added.isEmpty()) {
                    flush();
                }
                removed.add(line);
            }
            case "added" -> added.add(line);
            default -> {
                flush();
                String text = Guest.code(line.text());
                pairs.add(
                        new ReviewRow.Pair(
                                hunk,
                                new ReviewRow.Side(oldLine++, "context", text),
                                new ReviewRow.Side(newLine++, "context", text)));
            }
        }
    }

    private void flush() {
        for (int i = 0; i < Math.max(removed.size(), added.size()); i++) {
            String old = i < removed.size() ? Guest.code(removed.get(i).text()) : null;
            String now = i < added.size() ? Guest.code(added.get(i).text()) : null;
            pairs.add(
                    new ReviewRow.Pair(
                            hunk,
                            old == null ? null : new ReviewRow.Side(oldLine++, "removed", old),
                            now == null ? null : new ReviewRow.Side(newLine++, "added", now)));
        }
        removed.clear();
        added.clear();
    }

    /// The same lines one below the other: of each run the removed ones first.
    static List<ReviewRow> unified(List<ReviewRow.Pair> pairs) {
        List<ReviewRow> lines = new ArrayList<>(pairs.size() * 2);
        List<ReviewRow> added = new ArrayList<>();
        for (ReviewRow.Pair pair : pairs) {
            ReviewRow.Side left = pair.left();
            ReviewRow.Side right = pair.right();
            if (left != null && left.kind().equals("context")) {
                lines.addAll(added);
                added.clear();
                lines.add(new ReviewRow.Single(pair.hunk(), right == null ? left : right, null));
                continue;
            }
            if (left != null) {
                lines.add(
                        new ReviewRow.Single(
                                pair.hunk(), left, right == null ? null : right.text()));
            }
            if (right != null) {
                added.add(
                        new ReviewRow.Single(
                                pair.hunk(), right, left == null ? null : left.text()));
            }
        }
        lines.addAll(added);
        return lines;
    }
}
