package dev.countersign.ui.checkpoints;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.CheckpointView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.Words;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// The checkpoints of a session, and what a restore of one would give back, lose and leave: said
/// before the decision, from the same facts that the feed shows.
public final class CheckpointsViewModel {
    private static final Duration SETTLE = Duration.ofMillis(300);

    /// What a restore would mean, line by line.
    record Outlook(List<String> back, List<String> lost, List<String> kept, List<String> stays) {}

    /// What an action did, to be told.
    record Told(boolean problem, String title, String detail) {}

    private enum Kind {
        CALL,
        STAGED,
        PERSON,
        APPLIED,
        MESSAGE
    }

    /// Positions of one kind of entry, ascending; no more than the numbers are kept.
    private static final class Marks {
        private long[] seqs = new long[64];
        private int size;

        void add(long seq) {
            if (size == seqs.length) {
                seqs = Arrays.copyOf(seqs, size * 2);
            }
            seqs[size++] = seq;
        }

        int after(long seq) {
            int at = Arrays.binarySearch(seqs, 0, size, seq);
            return size - (at >= 0 ? at + 1 : -at - 1);
        }

        int between(long after, long until) {
            return after(after) - after(until);
        }
    }

    private final EngineLink link;
    private final Lanes lanes;
    private final Clock clock;
    private final SessionId session;
    private final Supplier<@Nullable SessionView> view;
    private final ObservableList<CheckpointView> checkpoints = FXCollections.observableArrayList();
    private final ObjectProperty<@Nullable CheckpointView> chosen = new SimpleObjectProperty<>();
    private final ReadOnlyBooleanWrapper busy = new ReadOnlyBooleanWrapper();
    private final ReadOnlyObjectWrapper<@Nullable Told> told = new ReadOnlyObjectWrapper<>();
    private final Marks calls = new Marks();
    private final Marks staged = new Marks();
    private final Marks decisions = new Marks();
    private final Marks applies = new Marks();
    private final Marks messages = new Marks();
    private boolean stale = true;
    private boolean scheduled;
    private @Nullable String wanted;

    /// @param view how the session stands now
    public CheckpointsViewModel(
            EngineLink link,
            Lanes lanes,
            Clock clock,
            SessionId session,
            Supplier<@Nullable SessionView> view) {
        this.link = link;
        this.lanes = lanes;
        this.clock = clock;
        this.session = session;
        this.view = view;
    }

    /// Whether the page is on screen.
    public void watch(boolean now) {
        if (now && stale) {
            load();
        }
    }

    /// Entries of the session.
    public void take(List<Entry> batch) {
        for (Entry entry : batch) {
            Marks marks =
                    switch (entry.fact()) {
                        case Fact.Released _ -> calls;
                        case Fact.Staged _ -> staged;
                        case Fact.Applied _ -> applies;
                        case Fact.MessageSent _ -> messages;
                        case Fact.Decided f ->
                                f.by() == DecidedBy.PERSON && f.answer() != Answer.PLAN_FIRST
                                        ? decisions
                                        : null;
                        default -> null;
                    };
            if (marks != null) {
                marks.add(entry.seq());
            }
            if (entry.fact() instanceof Fact.CheckpointTaken
                    || entry.fact() instanceof Fact.CheckpointDropped
                    || entry.fact() instanceof Fact.Restored) {
                stale = true;
            }
        }
        if (stale && !scheduled) {
            scheduled = true;
            lanes.after(
                    SETTLE,
                    () -> {
                        scheduled = false;
                        load();
                    });
        }
    }

    /// Reads the list again.
    public void load() {
        stale = false;
        link.ask(
                service -> service.checkpoints(session),
                now -> {
                    CheckpointView before = chosen.get();
                    checkpoints.setAll(now);
                    String id = wanted != null ? wanted : before == null ? null : before.id();
                    wanted = null;
                    chosen.set(
                            now.stream()
                                    .filter(each -> each.id().equals(id))
                                    .findFirst()
                                    .orElse(null));
                },
                failure -> {
                    stale = true;
                    told.set(new Told(true, text("checkpoints.failed"), failure.getMessage()));
                });
    }

    /// Chooses one, now or once it is known.
    public void choose(String checkpointId) {
        wanted = checkpointId;
        checkpoints.stream()
                .filter(each -> each.id().equals(checkpointId))
                .findFirst()
                .ifPresent(each -> {
                    wanted = null;
                    chosen.set(each);
                });
    }

    /// Takes one by the developer's wish.
    public void create(String name) {
        if (busy.get() || name.isBlank()) {
            return;
        }
        busy.set(true);
        told.set(null);
        link.ask(
                service -> service.createCheckpoint(session, name.strip()),
                made -> {
                    busy.set(false);
                    told.set(
                            new Told(
                                    false,
                                    text("checkpoints.made", made.name()),
                                    text("checkpoints.made-why", Words.bytes(made.bytes()))));
                    load();
                },
                failure -> {
                    busy.set(false);
                    told.set(new Told(true, text("checkpoints.not-made"), failure.getMessage()));
                });
    }

    /// Goes back to the chosen one.
    void restore() {
        CheckpointView to = chosen.get();
        if (to == null || busy.get()) {
            return;
        }
        busy.set(true);
        told.set(null);
        link.ask(
                service -> service.restore(session, to.id()),
                back -> {
                    busy.set(false);
                    chosen.set(null);
                    told.set(
                            new Told(
                                    false,
                                    text("checkpoints.restored", back.name()),
                                    text("checkpoints.restored-why")));
                    load();
                },
                failure -> {
                    busy.set(false);
                    told.set(
                            new Told(true, text("checkpoints.not-restored"), failure.getMessage()));
                });
    }

    /// All of them, oldest first.
    public ObservableList<CheckpointView> checkpoints() {
        return checkpoints;
    }

    ObjectProperty<@Nullable CheckpointView> chosen() {
        return chosen;
    }

    ReadOnlyBooleanProperty busy() {
        return busy.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable Told> told() {
        return told.getReadOnlyProperty();
    }

    void dismiss() {
        told.set(null);
    }

    Clock clock() {
        return clock;
    }

    /// How the session stands, for the row of now.
    @Nullable SessionView session() {
        return view.get();
    }

    /// What happened between two checkpoints, in a few words; empty if nothing did.
    String between(long after, long until) {
        List<String> parts = new ArrayList<>();
        add(parts, calls.between(after, until), Kind.CALL);
        add(parts, staged.between(after, until), Kind.STAGED);
        add(parts, decisions.between(after, until), Kind.PERSON);
        add(parts, applies.between(after, until), Kind.APPLIED);
        add(parts, messages.between(after, until), Kind.MESSAGE);
        return String.join(" · ", parts);
    }

    private static void add(List<String> parts, int count, Kind kind) {
        if (count > 0) {
            parts.add(
                    switch (kind) {
                        case CALL -> text("checkpoints.calls", count);
                        case STAGED -> text("checkpoints.staged", count);
                        case PERSON -> text("checkpoints.decisions", count);
                        case APPLIED -> text("checkpoints.applies", count);
                        case MESSAGE -> text("checkpoints.messages", count);
                    });
        }
    }

    /// What a restore of this one would mean.
    Outlook outlook(CheckpointView to) {
        List<String> back = new ArrayList<>();
        back.add(text("checkpoints.back-files", Words.second(to.at())));
        back.add(text("checkpoints.back-processes"));
        List<String> lost = new ArrayList<>();
        int ran = calls.after(to.seq());
        if (ran > 0) {
            lost.add(text("checkpoints.lost-calls", ran));
        }
        SessionView now = view.get();
        if (now != null && now.waiting() > 0) {
            lost.add(text("checkpoints.lost-waiting", now.waiting()));
        }
        int decided = decisions.after(to.seq());
        if (decided > 0) {
            lost.add(text("checkpoints.lost-decisions", decided));
        }
        if (lost.isEmpty()) {
            lost.add(text("checkpoints.lost-nothing"));
        }
        List<String> stays = new ArrayList<>();
        stays.add(text("checkpoints.cannot-outside"));
        stays.add(text("checkpoints.cannot-tokens"));
        List<String> kept = new ArrayList<>();
        kept.add(text("checkpoints.kept-host"));
        int hunks = now == null ? 0 : now.stagedHunks();
        kept.add(text("checkpoints.kept-staged", hunks));
        return new Outlook(back, lost, kept, stays);
    }
}
