package dev.countersign.ui.feed;

import dev.countersign.domain.Entry;
import dev.countersign.ui.common.Words;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.ObservableList;

/// The feed of one session: rows, filter, search, and whether the view follows its end.
public final class FeedViewModel {
    private Map<Block.Call, String> ages = Map.of();
    private final Clock clock;
    private final Links links;
    private final FeedModel model = new FeedModel();
    private final ObjectProperty<Filter> filter = new SimpleObjectProperty<>(Filter.ALL);
    private final StringProperty search = new SimpleStringProperty("");
    private final BooleanProperty following = new SimpleBooleanProperty(true);
    private final IntegerProperty unseen = new SimpleIntegerProperty();
    private final IntegerProperty revision = new SimpleIntegerProperty();
    private final ReadOnlyBooleanWrapper empty = new ReadOnlyBooleanWrapper(true);

    /// Where a row leads to.
    public interface Links {
        /// To a request that waits.
        void approval(String requestId);

        /// To a checkpoint.
        void checkpoint(String checkpointId);

        /// To staged changes.
        void review();
    }

    /// Nothing is shown before the first [#take].
    public FeedViewModel(Clock clock, Links links) {
        this.clock = clock;
        this.links = links;
        filter.addListener((_, _, _) -> refilter());
        search.addListener((_, _, _) -> refilter());
        following.addListener((_, _, now) -> {
            if (now) {
                unseen.set(0);
            }
        });
    }

    /// Takes a batch of entries in, in order.
    public void take(List<Entry> batch) {
        int added = model.take(batch);
        if (!following.get()) {
            unseen.set(unseen.get() + added);
        }
        empty.set(model.shown().isEmpty());
        revision.set(revision.get() + 1);
    }

    /// Once a second: ages of what waits, drawn anew where their words changed.
    public void tick() {
        Map<Block.Call, String> now = new HashMap<>();
        List<Block.Call> changed = new ArrayList<>();
        for (Block.Call call : model.waiting()) {
            Instant asked = call.askedAt;
            if (asked != null) {
                String age = Words.age(Duration.between(asked, clock.instant()));
                now.put(call, age);
                if (!age.equals(ages.get(call))) {
                    changed.add(call);
                }
            }
        }
        ages = now;
        model.refresh(changed);
    }

    /// Follow the end again.
    public void follow() {
        following.set(true);
    }

    /// The developer scrolled away from the end.
    public void hold() {
        following.set(false);
    }

    /// The rows that are shown.
    ObservableList<FeedRow> rows() {
        return model.shown();
    }

    /// How many calls there are, for tests and the tab.
    public int calls() {
        return model.count(Filter.ALL);
    }

    int count(Filter of) {
        return model.count(of);
    }

    ObjectProperty<Filter> filter() {
        return filter;
    }

    StringProperty search() {
        return search;
    }

    /// Whether the view stays at the end.
    public BooleanProperty following() {
        return following;
    }

    /// Rows that came while the view was held.
    public IntegerProperty unseen() {
        return unseen;
    }

    /// Changes with each batch; for what is counted.
    IntegerProperty revision() {
        return revision;
    }

    ReadOnlyBooleanProperty empty() {
        return empty.getReadOnlyProperty();
    }

    Links links() {
        return links;
    }

    Clock clock() {
        return clock;
    }

    void toggle(Block block) {
        if (block.foldable()) {
            model.toggle(block);
        }
    }

    void showAll(Block.Call call) {
        model.showAll(call);
    }

    int indexOf(String requestId) {
        return model.indexOf(requestId);
    }

    private void refilter() {
        model.show(filter.get(), search.get());
        empty.set(model.shown().isEmpty());
        revision.set(revision.get() + 1);
    }
}
