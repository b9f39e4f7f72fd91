package dev.countersign.workspace;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Compares what two sides have by walking both in order: no path is looked up.
final class SortedPaths {
    private SortedPaths() {}

    /// The paths that only one of both has, or that they have otherwise, in order.
    static <A, B> List<String> otherwise(
            NavigableMap<String, A> one, NavigableMap<String, B> other, BiPredicate<A, B> same) {
        List<String> found = new ArrayList<>();
        Iterator<Map.Entry<String, A>> ones = one.entrySet().iterator();
        Iterator<Map.Entry<String, B>> others = other.entrySet().iterator();
        Map.@Nullable Entry<String, A> a = next(ones);
        Map.@Nullable Entry<String, B> b = next(others);
        while (a != null || b != null) {
            int order = a == null ? 1 : b == null ? -1 : a.getKey().compareTo(b.getKey());
            if (a != null && b != null && order == 0) {
                if (!same.test(a.getValue(), b.getValue())) {
                    found.add(a.getKey());
                }
                a = next(ones);
                b = next(others);
            } else if (a != null && order < 0) {
                found.add(a.getKey());
                a = next(ones);
            } else if (b != null) {
                found.add(b.getKey());
                b = next(others);
            }
        }
        return found;
    }

    private static <T> Map.@Nullable Entry<String, T> next(Iterator<Map.Entry<String, T>> from) {
        return from.hasNext() ? from.next() : null;
    }
}
