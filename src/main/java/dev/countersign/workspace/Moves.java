package dev.countersign.workspace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds removed files whose content a new file has. Only a way to show it: each side is decided by
/// itself, and the new place is judged as what it is.
final class Moves {
    /// At least this share of the longer file's lines is in both.
    private static final double ALIKE = 0.6;

    private static final long COMPARED_BYTES = 1 << 18;
    private static final int COMPARED = 100;

    /// @param same whether not a byte differs
    record Move(String from, String to, boolean same) {}

    private Moves() {}

    static List<Move> of(List<StagedChange> changes, ContentStore contents) throws IOException {
        List<StagedChange> gone = new ArrayList<>();
        List<StagedChange> fresh = new ArrayList<>();
        for (StagedChange change : changes) {
            if (change.kept.isPresent()) {
                continue;
            }
            if (change.base instanceof Item.File f && f.size() > 0 && change.made.absent()) {
                gone.add(change);
            } else if (change.base.absent() && change.made instanceof Item.File f && f.size() > 0) {
                fresh.add(change);
            }
        }
        if (gone.isEmpty() || fresh.isEmpty()) {
            return List.of();
        }
        List<Move> moves = new ArrayList<>();
        Set<StagedChange> taken = new HashSet<>();
        same(gone, fresh, moves, taken);
        gone.removeAll(taken);
        fresh.removeAll(taken);
        alike(gone, fresh, contents, moves);
        return moves;
    }

    private static void same(
            List<StagedChange> gone,
            List<StagedChange> fresh,
            List<Move> moves,
            Set<StagedChange> taken) {
        Map<Object, List<StagedChange>> byContent = new HashMap<>();
        for (StagedChange change : gone) {
            byContent.computeIfAbsent(content(change.base), _ -> new ArrayList<>()).add(change);
        }
        for (StagedChange change : fresh) {
            List<StagedChange> from = byContent.getOrDefault(content(change.made), List.of());
            if (!from.isEmpty()) {
                // Of several equal ones the one of the same name.
                StagedChange best =
                        from.stream()
                                .filter(f -> f.path.name().equals(change.path.name()))
                                .findFirst()
                                .orElse(from.getFirst());
                from.remove(best);
                taken.add(best);
                taken.add(change);
                moves.add(new Move(best.path.value(), change.path.value(), true));
            }
        }
    }

    private static Object content(Item item) {
        return item instanceof Item.File f ? f.content() : item;
    }

    private static void alike(
            List<StagedChange> gone,
            List<StagedChange> fresh,
            ContentStore contents,
            List<Move> moves)
            throws IOException {
        List<StagedChange> old = comparable(gone);
        Map<StagedChange, Map<Integer, Integer>> lines = new LinkedHashMap<>();
        for (StagedChange change : old) {
            lines.put(change, lines(StagedChange.bytes(change.base, contents)));
        }
        for (StagedChange change : old.isEmpty() ? old : comparable(fresh)) {
            Map<Integer, Integer> now = lines(StagedChange.bytes(change.made, contents));
            StagedChange best = null;
            double most = ALIKE;
            for (StagedChange candidate : lines.keySet()) {
                double share = share(lines.get(candidate), now);
                if (share >= most && (best == null || share > most)) {
                    most = share;
                    best = candidate;
                }
            }
            if (best != null) {
                lines.remove(best);
                moves.add(new Move(best.path.value(), change.path.value(), false));
            }
        }
    }

    private static List<StagedChange> comparable(List<StagedChange> all) {
        return all.stream()
                .filter(c -> c.kind != ChangeKind.BINARY)
                .filter(c -> size(c.base) + size(c.made) <= COMPARED_BYTES)
                .limit(COMPARED)
                .toList();
    }

    private static long size(Item item) {
        return item instanceof Item.File f ? f.size() : 0;
    }

    /// How often each line is there, by its hash: a collision shows a move where there is none.
    private static Map<Integer, Integer> lines(byte[] text) {
        Map<Integer, Integer> counts = new HashMap<>();
        int from = 0;
        for (int i = 0; i <= text.length; i++) {
            if (i == text.length || text[i] == '\n') {
                if (i > from) {
                    counts.merge(
                            Arrays.hashCode(Arrays.copyOfRange(text, from, i)), 1, Integer::sum);
                }
                from = i + 1;
            }
        }
        return counts;
    }

    private static double share(Map<Integer, Integer> a, Map<Integer, Integer> b) {
        int both = 0;
        for (var line : a.entrySet()) {
            both += Math.min(line.getValue(), b.getOrDefault(line.getKey(), 0));
        }
        int longer = Math.max(total(a), total(b));
        return longer == 0 ? 0 : (double) both / longer;
    }

    private static int total(Map<Integer, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
