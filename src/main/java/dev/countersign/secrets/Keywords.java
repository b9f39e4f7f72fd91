package dev.countersign.secrets;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Finds many literals in one pass over a text, whatever their number (Aho and Corasick, 1975), as
/// a table: one look-up a character. Immutable.
final class Keywords {
    /// Told of each occurrence; `end` is behind its last character.
    interface Visitor {
        void found(int keyword, int start, int end);
    }

    private final int[] lengths;

    /// The class of each character: 0 for those in no literal.
    private final char[] classes;

    private final int width;
    private final int[] next;

    /// The literals that end in a state, longest first; empty for most.
    private final int[][] found;

    private Keywords(int[] lengths, char[] classes, int width, int[] next, int[][] found) {
        this.lengths = lengths;
        this.classes = classes;
        this.width = width;
        this.next = next;
        this.found = found;
    }

    /// @param literals none of them empty; a literal's place in the list is its number
    /// @param foldCase whether ASCII letters match in either case
    static Keywords of(List<String> literals, boolean foldCase) {
        char[] classes = new char[Character.MAX_VALUE + 1];
        char width = 1;
        for (String literal : literals) {
            for (int i = 0; i < literal.length(); i++) {
                char c = folded(literal.charAt(i), foldCase);
                if (classes[c] == 0) {
                    classes[c] = width;
                    if (foldCase && c >= 'a' && c <= 'z') {
                        classes[c - 'a' + 'A'] = width;
                    }
                    width++;
                }
            }
        }
        return build(literals, foldCase, classes, width);
    }

    private static Keywords build(
            List<String> literals, boolean foldCase, char[] classes, int width) {
        List<int[]> trie = new ArrayList<>(List.of(empty(width)));
        List<List<Integer>> ends = new ArrayList<>(List.of(new ArrayList<>()));
        int[] lengths = new int[literals.size()];
        for (int number = 0; number < lengths.length; number++) {
            String literal = literals.get(number);
            lengths[number] = literal.length();
            int state = 0;
            for (int i = 0; i < literal.length(); i++) {
                int c = classes[folded(literal.charAt(i), foldCase)];
                if (trie.get(state)[c] < 0) {
                    trie.get(state)[c] = trie.size();
                    trie.add(empty(width));
                    ends.add(new ArrayList<>());
                }
                state = trie.get(state)[c];
            }
            ends.get(state).add(number);
        }
        link(trie, ends, width);
        int[] next = new int[trie.size() * width];
        for (int state = 0; state < trie.size(); state++) {
            System.arraycopy(trie.get(state), 0, next, state * width, width);
        }
        int[][] found =
                ends.stream()
                        .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                        .toArray(int[][]::new);
        return new Keywords(lengths, classes, width, next, found);
    }

    /// Replaces missing transitions by those of the longest proper suffix, in order of depth.
    private static void link(List<int[]> trie, List<List<Integer>> ends, int width) {
        int[] suffix = new int[trie.size()];
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        for (int c = 0; c < width; c++) {
            if (trie.getFirst()[c] < 0) {
                trie.getFirst()[c] = 0;
            } else {
                queue.add(trie.getFirst()[c]);
            }
        }
        while (!queue.isEmpty()) {
            int state = queue.remove();
            ends.get(state).addAll(ends.get(suffix[state]));
            for (int c = 0; c < width; c++) {
                int child = trie.get(state)[c];
                int fallback = trie.get(suffix[state])[c];
                if (child < 0) {
                    trie.get(state)[c] = fallback;
                } else {
                    suffix[child] = fallback;
                    queue.add(child);
                }
            }
        }
    }

    private static int[] empty(int width) {
        int[] row = new int[width];
        Arrays.fill(row, -1);
        return row;
    }

    private static char folded(char c, boolean foldCase) {
        return foldCase && c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
    }

    boolean isEmpty() {
        return lengths.length == 0;
    }

    /// Walks over the text from left to right.
    void scan(String text, Visitor visitor) {
        int state = 0;
        for (int i = 0; i < text.length(); i++) {
            state = next[state * width + classes[text.charAt(i)]];
            int[] ending = found[state];
            if (ending.length != 0) {
                for (int number : ending) {
                    visitor.found(number, i + 1 - lengths[number], i + 1);
                }
            }
        }
    }
}
