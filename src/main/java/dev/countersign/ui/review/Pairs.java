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
                                new ReviewRow.Side(oldLine++, "context", text, List.of()),
                                new ReviewRow.Side(newLine++, "context", text, List.of())));
            }
        }
    }

    private void flush() {
        for (int i = 0; i < Math.max(removed.size(), added.size()); i++) {
            String old = i < removed.size() ? Guest.code(removed.get(i).text()) : null;
            String now = i < added.size() ? Guest.code(added.get(i).text()) : null;
            WordDiff.Spans spans =
                    old == null || now == null
                            ? new WordDiff.Spans(List.of(), List.of())
                            : WordDiff.between(old, now);
            pairs.add(
                    new ReviewRow.Pair(
                            hunk,
                            old == null
                                    ? null
                                    : new ReviewRow.Side(
                                            oldLine++, "removed", old, spans.removed()),
                            now == null
                                    ? null
                                    : new ReviewRow.Side(newLine++, "added", now, spans.added())));
        }
        removed.clear();
        added.clear();
    }
}
