package dev.countersign.ui.sessions;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Resources;
import dev.countersign.api.SessionView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.Guest;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// All sessions, which of them is shown, what waits in each, and what they take of the machine.
public final class SessionsViewModel {
    /// What the side can do.
    public interface Actions {
        /// Opens the sheet that starts a session.
        void start();

        /// Shows the requests that wait.
        void waiting();

        /// Freezes every session, without a question.
        void freezeAll();
    }

    /// What waits in a session.
    ///
    /// @param plan whether all of it is one plan
    record Waits(int count, Level worst, boolean plan) {}

    private final Clock clock;
    private final Actions actions;
    private final ObservableList<SessionView> sessions = FXCollections.observableArrayList();
    private final ObjectProperty<@Nullable SessionId> selected = new SimpleObjectProperty<>();
    private final ReadOnlyObjectWrapper<@Nullable Resources> resources =
            new ReadOnlyObjectWrapper<>();
    private final IntegerProperty revision = new SimpleIntegerProperty();
    private final BooleanProperty waitingShown = new SimpleBooleanProperty();
    private final Map<SessionId, Waits> waits = new HashMap<>();
    private int waiting;
    private @Nullable Level worst;

    /// Empty at first.
    public SessionsViewModel(Clock clock, Actions actions) {
        this.clock = clock;
        this.actions = actions;
    }

    /// Takes the engine's list, newest first. The selection stays, or goes to the newest.
    public void refresh(List<SessionView> now) {
        sessions.setAll(now.stream().map(SessionsViewModel::visible).toList());
        SessionId shown = selected.get();
        if (shown == null || now.stream().noneMatch(each -> each.id().equals(shown))) {
            selected.set(now.isEmpty() ? null : now.getFirst().id());
        }
        changed();
    }

    /// Names come from a task that may have been pasted, folders from whoever made them: what they
    /// hide is written out before anything of the window shows or reads them ([P7]).
    private static SessionView visible(SessionView raw) {
        String why = raw.why();
        return new SessionView(
                raw.id(),
                visible(raw.name()),
                visible(raw.directory()),
                visible(raw.agent()),
                raw.task(),
                raw.mode(),
                raw.tier(),
                raw.dataClass(),
                raw.state(),
                why == null ? null : visible(why),
                raw.agentRunning(),
                raw.linkUp(),
                raw.startKind(),
                raw.accelerator(),
                raw.epoch(),
                raw.waiting(),
                raw.stagedHunks(),
                raw.lastSeq(),
                raw.inputTokens(),
                raw.outputTokens(),
                raw.created(),
                raw.lastActivity(),
                raw.budget(),
                raw.models());
    }

    private static String visible(String text) {
        return Guest.line(GuestText.of(text));
    }

    /// Takes the list of open requests.
    public void waiting(Collection<ApprovalView> open) {
        waits.clear();
        worst = null;
        waiting = open.size();
        for (ApprovalView each : open) {
            worst = worst == null ? each.level() : worst.max(each.level());
            waits.merge(
                    each.session(),
                    new Waits(1, each.level(), each.kind().equals("plan")),
                    (a, b) ->
                            new Waits(
                                    a.count() + b.count(),
                                    a.worst().max(b.worst()),
                                    a.plan() && b.plan()));
        }
        changed();
    }

    /// Takes the machine's numbers.
    public void resources(Resources now) {
        resources.set(now);
    }

    /// Shows a session.
    public void select(SessionId id) {
        waitingShown.set(false);
        selected.set(id);
        changed();
    }

    /// Ages are drawn anew; called once in a while.
    public void tick() {
        changed();
    }

    /// All sessions, newest first.
    public ObservableList<SessionView> sessions() {
        return sessions;
    }

    /// The one that is shown; null: there is none.
    public ReadOnlyObjectProperty<@Nullable SessionId> selected() {
        return selected;
    }

    /// What is known of a session; null: nothing.
    public @Nullable SessionView find(@Nullable SessionId id) {
        return sessions.stream()
                .filter(each -> Objects.equals(each.id(), id))
                .findFirst()
                .orElse(null);
    }

    /// How many requests wait in all sessions.
    public int waitingCount() {
        return waiting;
    }

    /// The worst level that waits; null: nothing does.
    public @Nullable Level worst() {
        return worst;
    }

    /// Whether the requests are on screen in place of a session.
    public BooleanProperty waitingShown() {
        return waitingShown;
    }

    /// Changes with every change of list, requests or time.
    public IntegerProperty revision() {
        return revision;
    }

    ReadOnlyObjectProperty<@Nullable Resources> resources() {
        return resources.getReadOnlyProperty();
    }

    @Nullable Waits waitsIn(SessionId id) {
        return waits.get(id);
    }

    Actions actions() {
        return actions;
    }

    Clock clock() {
        return clock;
    }

    private void changed() {
        revision.set(revision.get() + 1);
    }
}
