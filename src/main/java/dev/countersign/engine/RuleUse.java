package dev.countersign.engine;

import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// How often the rules of one session's files decided, and what they were made of. A journal names
/// a rule by file and line; a line of a file that was changed since by hand may be another rule, so
/// it counts only while the file is the same or grew by rules that were put behind the others.
final class RuleUse {
    private static final String NONE = "";

    private final Map<String, Integer> hits = new HashMap<>();
    private final Map<String, String> origins = new HashMap<>();

    /// The file's last content, by its name.
    private final Map<String, String> last = new HashMap<>();

    /// From a content to the one that it grew to.
    private final Map<String, Set<String>> grew = new HashMap<>();

    void add(Entry entry) {
        switch (entry.fact()) {
            case Fact.PolicyLoaded loaded -> loaded(loaded.source(), loaded.digest().toString());
            case Fact.RuleAdded added -> added(added, entry.at());
            case Fact.Judged judged -> hits.merge(judged.rule(), 1, Integer::sum);
            default -> {}
        }
    }

    private void loaded(String source, String digest) {
        String before = last.put(source, digest);
        if (before != null && !before.equals(digest)) {
            hits.keySet().removeIf(place -> place.startsWith(source + ":"));
            origins.keySet().removeIf(place -> place.startsWith(source + ":"));
        }
    }

    private void added(Fact.RuleAdded added, Instant at) {
        for (String place : added.places()) {
            String source = place.substring(0, place.lastIndexOf(':'));
            String digest = added.policy().toString();
            String before = last.getOrDefault(source, NONE);
            if (!before.equals(digest)) {
                grew.computeIfAbsent(digest, _ -> new HashSet<>()).add(before);
                last.put(source, digest);
            }
            String day = at.atZone(ZoneId.systemDefault()).toLocalDate().toString();
            origins.put(
                    place,
                    added.requestId() == null
                            ? "added " + day
                            : "of request " + added.requestId() + ", " + day);
        }
    }

    /// How often a rule decided in these sessions.
    ///
    /// @param digest of the file that it stands in now
    static int hits(List<RuleUse> all, String place, String source, String digest) {
        Set<String> same = same(all, digest);
        return all.stream()
                .filter(use -> use.tellsOf(source, same))
                .mapToInt(use -> use.hits.getOrDefault(place, 0))
                .sum();
    }

    /// What a rule was made of; empty if it was written by hand or that is not known.
    static String origin(List<RuleUse> all, String place, String source, String digest) {
        Set<String> same = same(all, digest);
        return all.stream()
                .filter(use -> use.tellsOf(source, same))
                .map(use -> use.origins.getOrDefault(place, ""))
                .filter(origin -> !origin.isEmpty())
                .collect(Collectors.toSet())
                .stream()
                .sorted()
                .reduce((one, other) -> one.contains("request") ? one : other)
                .orElse("");
    }

    private boolean tellsOf(String source, Set<String> same) {
        return source.equals("built-in") || same.contains(last.getOrDefault(source, NONE));
    }

    /// This content and those that it grew from: a line that is in them says the same.
    private static Set<String> same(List<RuleUse> all, String digest) {
        Set<String> same = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(digest));
        while (!open.isEmpty()) {
            String one = open.removeLast();
            if (same.add(one)) {
                all.forEach(use -> open.addAll(use.grew.getOrDefault(one, Set.of())));
            }
        }
        return same;
    }
}
