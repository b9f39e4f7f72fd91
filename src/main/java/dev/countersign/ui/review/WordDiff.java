package dev.countersign.ui.review;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which parts of a removed and an added line differ, word by word. Long lines are compared at
/// their ends only, so the time is bounded.
final class WordDiff {
    private static final Pattern WORD = Pattern.compile("\\w+|\\s+|[^\\w\\s]");
    private static final int MOST_WORDS = 300;
    private static final double ENOUGH_IN_COMMON = 0.25;

    private WordDiff() {}

    /// A part of a line, by characters.
    record Span(int from, int to) {}

    /// What differs on each side; empty lists if the lines have too little in common to be
    /// compared.
    record Spans(List<Span> removed, List<Span> added) {}

    static Spans between(String removed, String added) {
        List<String> old = words(removed);
        List<String> now = words(added);
        boolean[] keptOld = new boolean[old.size()];
        boolean[] keptNow = new boolean[now.size()];
        int head = 0;
        while (head < Math.min(old.size(), now.size()) && old.get(head).equals(now.get(head))) {
            keptOld[head] = true;
            keptNow[head] = true;
            head++;
        }
        int tail = 0;
        while (tail < Math.min(old.size(), now.size()) - head
                && old.get(old.size() - 1 - tail).equals(now.get(now.size() - 1 - tail))) {
            keptOld[old.size() - 1 - tail] = true;
            keptNow[now.size() - 1 - tail] = true;
            tail++;
        }
        int oldMiddle = old.size() - head - tail;
        int nowMiddle = now.size() - head - tail;
        if (oldMiddle <= MOST_WORDS && nowMiddle <= MOST_WORDS) {
            common(old, now, head, oldMiddle, nowMiddle, keptOld, keptNow);
        }
        int common = 0;
        for (int i = 0; i < old.size(); i++) {
            if (keptOld[i] && !old.get(i).isBlank()) {
                common += old.get(i).length();
            }
        }
        int longer = Math.max(removed.strip().length(), added.strip().length());
        if (longer == 0 || common < longer * ENOUGH_IN_COMMON) {
            return new Spans(List.of(), List.of());
        }
        return new Spans(spans(old, keptOld), spans(now, keptNow));
    }

    /// Marks a longest common subsequence of the middles.
    private static void common(
            List<String> old,
            List<String> now,
            int head,
            int oldMiddle,
            int nowMiddle,
            boolean[] keptOld,
            boolean[] keptNow) {
        int[][] length = new int[oldMiddle + 1][nowMiddle + 1];
        for (int i = oldMiddle - 1; i >= 0; i--) {
            for (int j = nowMiddle - 1; j >= 0; j--) {
                length[i][j] =
                        old.get(head + i).equals(now.get(head + j))
                                ? length[i + 1][j + 1] + 1
                                : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < oldMiddle && j < nowMiddle) {
            if (old.get(head + i).equals(now.get(head + j))) {
                keptOld[head + i++] = true;
                keptNow[head + j++] = true;
            } else if (length[i + 1][j] >= length[i][j + 1]) {
                i++;
            } else {
                j++;
            }
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    private static List<Span> spans(List<String> words, boolean[] kept) {
        List<Span> spans = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < words.size(); i++) {
            int end = at + words.get(i).length();
            if (!kept[i]) {
                if (!spans.isEmpty() && spans.getLast().to() == at) {
                    spans.set(spans.size() - 1, new Span(spans.getLast().from(), end));
                } else {
                    spans.add(new Span(at, end));
                }
            }
            at = end;
        }
        return spans;
    }
}
