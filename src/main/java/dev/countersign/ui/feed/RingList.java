package dev.countersign.ui.feed;

import java.util.List;
import java.util.Objects;
import javafx.collections.ObservableListBase;
import org.jspecify.annotations.Nullable;

/// A list that a list view shows while it grows at its end and loses its oldest part. One `begin`
/// and `end` around many edits make one change for the view, whatever the batch; appending and
/// dropping cost nothing per element that stays.
final class RingList<E> extends ObservableListBase<E> {
    private @Nullable Object[] ring = new Object[1024];
    private int head;
    private int size;

    @Override
    @SuppressWarnings("unchecked")
    public E get(int index) {
        return (E) Objects.requireNonNull(ring[at(Objects.checkIndex(index, size))]);
    }

    @Override
    public int size() {
        return size;
    }

    /// Starts a batch.
    void begin() {
        beginChange();
    }

    /// Ends it: observers hear of it once.
    void end() {
        endChange();
    }

    /// Adds at the end.
    void append(List<? extends E> elements) {
        if (elements.isEmpty()) {
            return;
        }
        reserve(size + elements.size());
        int from = size;
        for (E element : elements) {
            ring[at(size)] = element;
            size++;
        }
        nextAdd(from, size);
    }

    /// Puts another element in the place of one.
    void replace(int index, E element) {
        E old = get(index);
        ring[at(index)] = element;
        nextSet(index, old);
    }

    /// Inserts before `index`. Moves what is behind it.
    void insert(int index, List<? extends E> elements) {
        if (index == size) {
            append(elements);
            return;
        }
        int count = elements.size();
        reserve(size + count);
        for (int i = size - 1; i >= index; i--) {
            ring[at(i + count)] = ring[at(i)];
        }
        for (int i = 0; i < count; i++) {
            ring[at(index + i)] = elements.get(i);
        }
        size += count;
        nextAdd(index, index + count);
    }

    /// Removes `count` elements from `index` on.
    void cut(int index, int count) {
        if (count == 0) {
            return;
        }
        List<E> gone = List.copyOf(subList(index, index + count));
        if (index == 0) {
            for (int i = 0; i < count; i++) {
                ring[at(i)] = null;
            }
            head = at(count);
        } else {
            for (int i = index; i + count < size; i++) {
                ring[at(i)] = ring[at(i + count)];
            }
            for (int i = size - count; i < size; i++) {
                ring[at(i)] = null;
            }
        }
        size -= count;
        nextRemove(index, gone);
    }

    private int at(int index) {
        return (head + index) & (ring.length - 1);
    }

    private void reserve(int needed) {
        if (needed <= ring.length) {
            return;
        }
        @Nullable Object[] larger = new Object[Integer.highestOneBit(needed - 1) << 1];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[at(i)];
        }
        ring = larger;
        head = 0;
    }
}
