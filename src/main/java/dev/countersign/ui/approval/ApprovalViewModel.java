package dev.countersign.ui.approval;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyDoubleProperty;
import javafx.beans.property.ReadOnlyDoubleWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// The queue of requests and the one that is on screen. A request stays on screen until the
/// developer answers it or turns to another: nothing that comes in takes its place. The answer
/// names the digest of what was shown, never that of what the engine has by now ([P4]).
public final class ApprovalViewModel {
    private final EngineLink link;
    private final Clock clock;
    private final Function<SessionId, @Nullable SessionView> sessions;
    private final ObservableList<ApprovalView> waiting = FXCollections.observableArrayList();
    private final ReadOnlyObjectWrapper<@Nullable ApprovalView> current =
            new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<ArmingGate.State> arming =
            new ReadOnlyObjectWrapper<>(ArmingGate.State.OFF);
    private final ReadOnlyDoubleWrapper progress = new ReadOnlyDoubleWrapper();
    private final ReadOnlyBooleanWrapper sending = new ReadOnlyBooleanWrapper();
    private final ReadOnlyStringWrapper problem = new ReadOnlyStringWrapper("");
    private final ReadOnlyStringWrapper outcome = new ReadOnlyStringWrapper("");
    private final BooleanProperty noting = new SimpleBooleanProperty();
    private final StringProperty note = new SimpleStringProperty("");
    private final ObjectProperty<@Nullable String> lastAnswer = new SimpleObjectProperty<>();
    private final Set<String> answered = new HashSet<>();
    private ArmingGate gate = new ArmingGate(ArmingGate.USUAL);
    private boolean focused;

    /// @param sessions what is known of a session, for its name and task
    public ApprovalViewModel(
            EngineLink link, Clock clock, Function<SessionId, @Nullable SessionView> sessions) {
        this.link = link;
        this.clock = clock;
        this.sessions = sessions;
    }

    /// Takes the engine's list of open requests: worst level first, then oldest.
    public void refresh(List<ApprovalView> open) {
        answered.retainAll(open.stream().map(ApprovalView::id).toList());
        List<ApprovalView> left =
                open.stream().filter(each -> !answered.contains(each.id())).toList();
        waiting.setAll(left);
        ApprovalView shown = current.get();
        if (shown == null) {
            return;
        }
        ApprovalView now = byId(shown.id());
        if (now == null) {
            if (outcome.get().isEmpty() && !sending.get()) {
                gate.unseen();
                update();
                outcome.set(text("approval.gone"));
                ask(shown.id());
            }
        } else if (!now.digest().equals(shown.digest())) {
            show(now);
            problem.set(text("approval.changed"));
        } else if (!Objects.equals(now.warning(), shown.warning())) {
            show(now);
        }
    }

    /// Opens a request, or the first that waits.
    public void open(@Nullable String requestId) {
        ApprovalView wanted = requestId == null ? null : byId(requestId);
        if (alone() && outcome.get().isEmpty()) {
            return;
        }
        if (wanted == null && current.get() != null && outcome.get().isEmpty()) {
            return;
        }
        ApprovalView next = wanted != null ? wanted : waiting.isEmpty() ? null : waiting.getFirst();
        if (next == null) {
            clear();
        } else if (current.get() == null
                || !current.get().id().equals(next.id())
                || !outcome.get().isEmpty()) {
            show(next);
        }
    }

    /// The next or previous of those that wait; a critical one is answered first.
    public void step(int by) {
        ApprovalView shown = current.get();
        if (waiting.isEmpty() || (shown != null && alone() && outcome.get().isEmpty())) {
            return;
        }
        int index = shown == null ? 0 : indexOf(shown.id());
        show(waiting.get(Math.floorMod(Math.max(0, index) + (index < 0 ? 0 : by), waiting.size())));
    }

    /// The card is on screen and the window in front.
    public void focused() {
        focused = true;
        gate.focused(clock.instant());
        update();
    }

    /// The window lost the focus, or the card left the screen.
    public void blurred() {
        focused = false;
        gate.disturbed();
        update();
    }

    /// The window was moved or resized.
    public void moved() {
        gate.moved(clock.instant());
        update();
    }

    /// All of the card was on screen, its end too.
    public void seenToEnd() {
        gate.seen(clock.instant());
        update();
    }

    /// Time went on; to be called at each frame while it is arming.
    public void tick() {
        update();
    }

    /// Allows exactly what is shown, if the gate is armed.
    public void allow() {
        ApprovalView shown = current.get();
        if (shown == null || sending.get() || !outcome.get().isEmpty()) {
            return;
        }
        if (!gate.accepts(clock.instant())) {
            update();
            return;
        }
        String id = shown.id();
        Digest digest = shown.digest();
        send(
                shown,
                service -> service.allow(id, digest, null),
                shown.kind().equals("plan")
                        ? text("approval.you-approved")
                        : text("approval.you-allowed"));
    }

    /// Denies what is shown, with the note if one was written. Needs no arming.
    public void deny() {
        ApprovalView shown = current.get();
        if (shown == null || sending.get()) {
            return;
        }
        if (!outcome.get().isEmpty()) {
            next();
            return;
        }
        String id = shown.id();
        String words = noting.get() && !note.get().isBlank() ? note.get().strip() : null;
        send(shown, service -> service.deny(id, words), text("approval.you-denied"));
    }

    /// Opens the field for a note.
    public void addNote() {
        if (current.get() != null && outcome.get().isEmpty()) {
            noting.set(true);
        }
    }

    /// On to what waits next.
    public void next() {
        ApprovalView shown = current.get();
        ApprovalView next =
                waiting.stream()
                        .filter(each -> shown == null || !each.id().equals(shown.id()))
                        .findFirst()
                        .orElse(null);
        if (next == null) {
            clear();
        } else {
            show(next);
        }
    }

    /// Those that wait.
    public ObservableList<ApprovalView> waiting() {
        return waiting;
    }

    /// The one on screen; null: none.
    public ReadOnlyObjectProperty<@Nullable ApprovalView> current() {
        return current.getReadOnlyProperty();
    }

    /// Whether the one on screen is critical, and so alone in the window.
    public boolean alone() {
        ApprovalView shown = current.get();
        return shown != null && shown.level() == Level.CRITICAL;
    }

    /// The worst level that waits; null: nothing waits.
    public @Nullable Level worst() {
        return waiting.stream().map(ApprovalView::level).reduce(Level::max).orElse(null);
    }

    /// Where the one on screen stands among those that wait, from 1; 0 if it is no longer there.
    public int position() {
        ApprovalView shown = current.get();
        return shown == null ? 0 : indexOf(shown.id()) + 1;
    }

    /// What is known of the session.
    public @Nullable SessionView sessionOf(ApprovalView of) {
        return sessions.apply(of.session());
    }

    ReadOnlyObjectProperty<ArmingGate.State> arming() {
        return arming.getReadOnlyProperty();
    }

    ReadOnlyDoubleProperty progress() {
        return progress.getReadOnlyProperty();
    }

    Duration left() {
        return gate.left(clock.instant());
    }

    ReadOnlyBooleanProperty sending() {
        return sending.getReadOnlyProperty();
    }

    /// What went wrong with the last answer.
    ReadOnlyStringProperty problem() {
        return problem.getReadOnlyProperty();
    }

    /// How the request on screen ended, once it did.
    ReadOnlyStringProperty outcome() {
        return outcome.getReadOnlyProperty();
    }

    BooleanProperty noting() {
        return noting;
    }

    StringProperty note() {
        return note;
    }

    /// What the developer answered last, with its time.
    ReadOnlyObjectProperty<@Nullable String> lastAnswer() {
        return lastAnswer;
    }

    Instant now() {
        return clock.instant();
    }

    private void send(ApprovalView shown, EngineLink.Tell tell, String said) {
        sending.set(true);
        problem.set("");
        link.tell(
                tell,
                () -> {
                    sending.set(false);
                    lastAnswer.set(said);
                    answered.add(shown.id());
                    waiting.removeIf(each -> each.id().equals(shown.id()));
                    ApprovalView now = current.get();
                    if (now != null && now.id().equals(shown.id())) {
                        next();
                    }
                },
                failure -> {
                    sending.set(false);
                    problem.set(failure.getMessage());
                    gate.unseen();
                    if (failure.kind() == CountersignException.Kind.CONFLICT) {
                        ask(shown.id());
                    } else {
                        gate.seen(clock.instant());
                    }
                    update();
                });
    }

    /// How it stands by now: decided elsewhere, or changed.
    private void ask(String id) {
        link.ask(
                service -> service.approval(id),
                now -> {
                    ApprovalView shown = current.get();
                    if (shown == null || !shown.id().equals(id)) {
                        return;
                    }
                    if (now.state().equals("decided")) {
                        gate.unseen();
                        outcome.set(outcomeOf(now));
                        update();
                    } else if (!now.digest().equals(shown.digest())) {
                        String why = problem.get();
                        show(now);
                        problem.set(why.isEmpty() ? text("approval.changed") : why);
                    } else {
                        gate.seen(clock.instant());
                        update();
                    }
                },
                _ -> {
                    // It is gone with its session: what is shown can't be answered any more.
                    if (outcome.get().isEmpty()) {
                        outcome.set(text("approval.gone"));
                    }
                });
    }

    private static String outcomeOf(ApprovalView decided) {
        DecidedBy by = decided.by();
        if (decided.answer() == Answer.ALLOWED) {
            return text("approval.was-allowed");
        }
        if (by == DecidedBy.TIMEOUT) {
            return text("approval.was-timeout");
        }
        return by == DecidedBy.SESSION ? text("approval.was-voided") : text("approval.was-denied");
    }

    private void show(ApprovalView next) {
        gate =
                new ArmingGate(
                        next.level() == Level.CRITICAL ? ArmingGate.CRITICAL : ArmingGate.USUAL);
        if (focused) {
            gate.focused(clock.instant());
        }
        outcome.set("");
        problem.set("");
        noting.set(false);
        note.set("");
        current.set(next);
        update();
    }

    private void clear() {
        gate = new ArmingGate(ArmingGate.USUAL);
        outcome.set("");
        problem.set("");
        current.set(null);
        update();
    }

    private void update() {
        Instant now = clock.instant();
        arming.set(gate.state(now));
        progress.set(gate.progress(now));
    }

    private @Nullable ApprovalView byId(String id) {
        int index = indexOf(id);
        return index < 0 ? null : waiting.get(index);
    }

    private int indexOf(String id) {
        List<String> ids = new ArrayList<>();
        waiting.forEach(each -> ids.add(each.id()));
        return ids.indexOf(id);
    }
}
