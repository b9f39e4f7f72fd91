package dev.countersign.ui.journal;

import dev.countersign.api.VerifyView;
import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.FactWords;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// The record of a session as it was written, and up to where it is verified. Never says more than
/// the last check did ([P8]).
public final class JournalViewModel {
    /// Entries that are listed; older ones are in the journal's files.
    static final int MOST = 50_000;

    /// What the last check found.
    ///
    /// @param at when it was made
    /// @param upTo the time of the last entry that is covered, if it is known
    /// @param failed why it could not be made; null: it was
    public record Checked(
            Instant at,
            @Nullable VerifyView view,
            @Nullable Instant upTo,
            @Nullable String failed) {
        /// Whether the log is as it was signed, as far as it was checked.
        public boolean good() {
            return view != null && view.ok();
        }
    }

    private final EngineLink link;
    private final Clock clock;
    private final SessionId session;
    private final ArrayDeque<Entry> kept = new ArrayDeque<>();
    private final ObservableList<Entry> shown = FXCollections.observableArrayList();
    private final StringProperty search = new SimpleStringProperty("");
    private final ObjectProperty<Kind> kind = new SimpleObjectProperty<>(Kind.ALL);
    private final ReadOnlyObjectWrapper<@Nullable Checked> checked = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyBooleanWrapper checking = new ReadOnlyBooleanWrapper();
    private boolean watching;

    /// Nothing is asked before [#verify()].
    public JournalViewModel(EngineLink link, Clock clock, SessionId session) {
        this.link = link;
        this.clock = clock;
        this.session = session;
        search.addListener((_, _, _) -> refilter());
        kind.addListener((_, _, _) -> refilter());
    }

    /// Whether the page is on screen; only then the list is kept up.
    public void watch(boolean now) {
        watching = now;
        if (now) {
            refilter();
            verify();
        } else {
            shown.clear();
        }
    }

    /// Entries of the session, in order.
    public void take(List<Entry> batch) {
        kept.addAll(batch);
        while (kept.size() > MOST) {
            kept.removeFirst();
        }
        Checked last = checked.get();
        if (last != null && last.view() != null && last.upTo() == null) {
            Instant upTo = at(last.view().verifiedTo());
            if (upTo != null) {
                checked.set(new Checked(last.at(), last.view(), upTo, null));
            }
        }
        if (watching) {
            String wanted = wanted();
            shown.addAll(batch.stream().filter(each -> matches(each, wanted)).toList());
            if (shown.size() > MOST) {
                shown.remove(0, shown.size() - MOST);
            }
        }
    }

    /// Checks the log.
    public void verify() {
        if (checking.get()) {
            return;
        }
        checking.set(true);
        link.ask(
                service -> service.verify(session),
                view -> {
                    checking.set(false);
                    checked.set(new Checked(clock.instant(), view, at(view.verifiedTo()), null));
                },
                failure -> {
                    checking.set(false);
                    checked.set(new Checked(clock.instant(), null, null, failure.getMessage()));
                });
    }

    /// What the last check found; null: none was made.
    public ReadOnlyObjectProperty<@Nullable Checked> checked() {
        return checked.getReadOnlyProperty();
    }

    ReadOnlyBooleanProperty checking() {
        return checking.getReadOnlyProperty();
    }

    ObservableList<Entry> shown() {
        return shown;
    }

    ObjectProperty<Kind> kind() {
        return kind;
    }

    StringProperty search() {
        return search;
    }

    private void refilter() {
        String wanted = wanted();
        List<Entry> all = new ArrayList<>();
        for (Entry entry : kept) {
            if (matches(entry, wanted)) {
                all.add(entry);
            }
        }
        shown.setAll(all);
    }

    private String wanted() {
        return search.get().strip().toLowerCase(Locale.ROOT);
    }

    private boolean matches(Entry entry, String wanted) {
        if (!kind.get().covers(entry.fact())) {
            return false;
        }
        if (wanted.isEmpty()) {
            return true;
        }
        FactWords words = FactWords.of(entry.fact());
        return words.ours().toLowerCase(Locale.ROOT).contains(wanted)
                || words.guest().toLowerCase(Locale.ROOT).contains(wanted);
    }

    private @Nullable Instant at(long seq) {
        if (seq < 0) {
            return null;
        }
        for (Entry entry : kept) {
            if (entry.seq() == seq) {
                return entry.at();
            }
        }
        return null;
    }
}
