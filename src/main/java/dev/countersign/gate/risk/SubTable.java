package dev.countersign.gate.risk;

import dev.countersign.gate.risk.Tool.Sub;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The sub-commands of a program, found by their first word; a name may hold `*`.
final class SubTable {
    private final List<Sub> all;

    /// Positions in the table by the whole first word of a name.
    private final Map<String, List<Integer>> exact = new HashMap<>();

    private final List<Pattern> patterns = new ArrayList<>();

    /// A first word with `*`.
    private record Pattern(String word, int position) {}

    SubTable(List<Sub> subs) {
        all = List.copyOf(subs);
        for (int i = 0; i < all.size(); i++) {
            for (String name : all.get(i).names()) {
                int space = name.indexOf(' ');
                String first = space < 0 ? name : name.substring(0, space);
                if (first.indexOf('*') >= 0) {
                    patterns.add(new Pattern(first, i));
                } else {
                    List<Integer> places = exact.computeIfAbsent(first, _ -> new ArrayList<>());
                    if (places.isEmpty() || places.getLast() != i) {
                        places.add(i);
                    }
                }
            }
        }
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<Sub> all() {
        return all;
    }

    /// Those whose name begins with this word, in the order of the table.
    List<Sub> beginningWith(String word) {
        boolean[] found = null;
        for (Pattern pattern : patterns) {
            if (PathPattern.could(word, pattern.word())) {
                found = found == null ? new boolean[all.size()] : found;
                found[pattern.position()] = true;
            }
        }
        List<Integer> places = exact.getOrDefault(word, List.of());
        List<Sub> subs = new ArrayList<>(places.size());
        if (found == null) {
            for (int place : places) {
                subs.add(all.get(place));
            }
            return subs;
        }
        for (int place : places) {
            found[place] = true;
        }
        for (int i = 0; i < found.length; i++) {
            if (found[i]) {
                subs.add(all.get(i));
            }
        }
        return subs;
    }
}
