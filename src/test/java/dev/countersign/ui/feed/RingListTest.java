package dev.countersign.ui.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javafx.collections.ListChangeListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingListTest {
    /// Replays every change that the list tells onto a copy: a list view does the same.
    private static final class Mirror implements ListChangeListener<Integer> {
        final List<Integer> copy = new ArrayList<>();
        int changes;

        @Override
        public void onChanged(Change<? extends Integer> change) {
            changes++;
            while (change.next()) {
                for (int i = 0; i < change.getRemovedSize(); i++) {
                    copy.subList(change.getFrom(), change.getFrom() + 1).clear();
                }
                copy.addAll(change.getFrom(), List.copyOf(change.getAddedSubList()));
            }
        }
    }

    @Test
    void aBatchIsOneChange() {
        RingList<Integer> list = new RingList<>();
        Mirror mirror = new Mirror();
        list.addListener(mirror);
        list.begin();
        list.append(IntStream.range(0, 20_000).boxed().toList());
        list.cut(0, 5_000);
        list.append(List.of(1, 2, 3));
        list.end();
        assertThat(mirror.changes).isEqualTo(1);
        assertThat(list).hasSize(15_003).startsWith(5_000).endsWith(1, 2, 3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20261123})
    void whatItTellsIsWhatItHolds(long seed) {
        Random random = new Random(seed);
        RingList<Integer> list = new RingList<>();
        List<Integer> oracle = new ArrayList<>();
        Mirror mirror = new Mirror();
        list.addListener(mirror);
        int next = 0;
        for (int round = 0; round < 400; round++) {
            list.begin();
            // One kind of edit in a batch: the view's change is told against one state.
            switch (random.nextInt(4)) {
                case 0 -> {
                    List<Integer> more = new ArrayList<>();
                    for (int i = random.nextInt(300); i > 0; i--) {
                        more.add(next++);
                    }
                    list.append(more);
                    oracle.addAll(more);
                }
                case 1 -> {
                    int count = oracle.isEmpty() ? 0 : random.nextInt(oracle.size());
                    int from = random.nextBoolean() ? 0 : random.nextInt(oracle.size() - count + 1);
                    list.cut(from, count);
                    oracle.subList(from, from + count).clear();
                }
                case 2 -> {
                    int at = random.nextInt(oracle.size() + 1);
                    List<Integer> more = List.of(next, next + 1);
                    next += 2;
                    list.insert(at, more);
                    oracle.addAll(at, more);
                }
                default -> {
                    if (!oracle.isEmpty()) {
                        int at = random.nextInt(oracle.size());
                        list.replace(at, next);
                        oracle.set(at, next++);
                    }
                }
            }
            list.end();
            assertThat(list).as("seed %s round %s", seed, round).isEqualTo(oracle);
            assertThat(mirror.copy).as("told, seed %s round %s", seed, round).isEqualTo(oracle);
        }
    }
}
