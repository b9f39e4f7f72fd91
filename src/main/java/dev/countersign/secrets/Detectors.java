package dev.countersign.secrets;

import dev.countersign.secrets.Assignments.Style;
import dev.countersign.secrets.Scanner.Mode;
import dev.countersign.secrets.TokenFormats.Format;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that is known about secrets: one pass for keywords, then the detectors of those found. Each
/// looks at a bounded window, so the whole is linear in the text. A new provider is a line in
/// `token-formats.tsv`; a new form is a [Detector] in the list below.
final class Detectors {
    /// No secret is longer, so that a stream can be cut safely.
    static final int LONGEST_SECRET = Structures.LONGEST_BLOCK;

    private static final List<Detector> ALL = new ArrayList<>();
    private static final Keywords KEYWORDS;

    static {
        for (Format format : TokenFormats.all()) {
            ALL.add(new Detector(format.keyword(), (text, start, _, _) -> format.at(text, start)));
        }
        add("-----begin", (text, start, _, mode) -> Structures.block(text, start, mode));
        add("eyj", (text, start, _, mode) -> Structures.jwt(text, start, mode));
        add("://", (text, start, _, mode) -> Structures.url(text, start, mode));
        add("basic ", (text, start, _, mode) -> Structures.basic(text, start, mode));
        add("bearer ", (text, start, _, mode) -> Structures.bearer(text, start, mode));
        add(
                "authorization: token ",
                (text, start, _, mode) ->
                        Structures.bearer(text, start + "authorization: ".length(), mode));
        for (String option : List.of(" -u", " --user", " --proxy-user")) {
            add(option, (text, start, _, mode) -> Structures.userOption(text, start, mode));
        }
        for (String word :
                List.of(
                        "pass", "pwd", "psw", "secret", "token", "key", "cred", "_auth", "bearer",
                        "jwt")) {
            add(word, (_, start, assignments, _) -> assignments.at(start, start + word.length()));
        }
        KEYWORDS = Keywords.of(ALL.stream().map(Detector::keyword).toList(), true);
    }

    /// Looks at a text from the place where its keyword was found.
    private record Detector(String keyword, Look look) {}

    private interface Look {
        @Nullable Span at(String text, int start, Assignments assignments, Mode mode);
    }

    private Detectors() {}

    private static void add(String keyword, Look look) {
        ALL.add(new Detector(keyword, look));
    }

    /// The secrets of a text in order, none overlapping.
    static List<Span> find(String text, Style style, Mode mode) {
        List<Span> found = new ArrayList<>();
        Assignments assignments = new Assignments(text, style, mode);
        KEYWORDS.scan(
                text,
                (keyword, start, _) -> {
                    if (insideBlock(found, start)) {
                        return;
                    }
                    Span span = ALL.get(keyword).look().at(text, start, assignments, mode);
                    if (span != null) {
                        found.add(span);
                    }
                });
        return merged(found);
    }

    /// What stands inside a key block is known already, and may be long.
    private static boolean insideBlock(List<Span> found, int start) {
        return !found.isEmpty()
                && found.getLast().end() > start
                && found.getLast().rule().equals(Structures.BLOCK_RULE);
    }

    /// Overlapping spans become one; the rule of the one that was found by its own form counts, not
    /// that of its name.
    static List<Span> merged(List<Span> found) {
        if (found.size() < 2) {
            return found;
        }
        List<Span> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Span::start).thenComparingInt(Span::end));
        List<Span> merged = new ArrayList<>();
        for (Span span : sorted) {
            Span last = merged.isEmpty() ? null : merged.getLast();
            if (last == null || span.start() >= last.end()) {
                merged.add(span);
            } else {
                String rule = last.rule().endsWith("-assignment") ? span.rule() : last.rule();
                int end = Math.max(last.end(), span.end());
                merged.set(merged.size() - 1, new Span(last.start(), end, rule));
            }
        }
        return merged;
    }
}
