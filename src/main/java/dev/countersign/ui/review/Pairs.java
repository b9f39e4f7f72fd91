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
    private final Syntax syntax;
    private final List<ReviewRow.Side> removed = new ArrayList<>();
    private final List<ReviewRow.Side> added = new ArrayList<>();
    private int oldLine;
    private int newLine;
    private String oldOpen = "";
    private String newOpen = "";

    private Pairs(ReviewView.Hunk hunk, Syntax syntax) {
        this.hunk = hunk.id();
        this.syntax = syntax;
        this.oldLine = hunk.oldStart();
        this.newLine = hunk.newStart();
    }

    static List<ReviewRow.Pair> of(ReviewView.Hunk hunk, Syntax syntax) {
        Pairs pairs = new Pairs(hunk, syntax);
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
                removed.add(old("removed", Guest.code(line.text())));
            }
            case "added" -> added.add(now("added", Guest.code(line.text())));
            default -> {
                flush();
                String text = Guest.code(line.text());
                pairs.add(new ReviewRow.Pair(hunk, old("context", text), now("context", text)));
            }
        }
    }

    private ReviewRow.Side old(String kind, String text) {
        ReviewRow.Side side = new ReviewRow.Side(oldLine++, kind, text, syntax, oldOpen);
        oldOpen = syntax.after(text, oldOpen);
        return side;
    }

    private ReviewRow.Side now(String kind, String text) {
        ReviewRow.Side side = new ReviewRow.Side(newLine++, kind, text, syntax, newOpen);
        newOpen = syntax.after(text, newOpen);
        return side;
    }

    private void flush() {
        for (int i = 0; i < Math.max(removed.size(), added.size()); i++) {
            pairs.add(
                    new ReviewRow.Pair(
                            hunk,
                            i < removed.size() ? removed.get(i) : null,
                            i < added.size() ? added.get(i) : null));
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
