package dev.countersign.ui.approval;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.RuleSuggestions;
import dev.countersign.api.Service;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
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
import javafx.collections.ObservableSet;
import org.jspecify.annotations.Nullable;

/// The queue of requests and the one that is on screen. A request stays on screen until the
/// developer answers it or turns to another: nothing that comes in takes its place. The answer
/// names the digest of what was shown, never that of what the engine has by now ([P4]).
public final class ApprovalViewModel {
    /// How long a rule for a repository counts that is made here.
    private static final Duration REPOSITORY_RULE = Duration.ofDays(30);

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
    private final ReadOnlyObjectWrapper<@Nullable RuleOffers> offers =
            new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable RuleSuggestions> suggestions =
            new ReadOnlyObjectWrapper<>();
    private final ObjectProperty<Reach> reach = new SimpleObjectProperty<>(Reach.SESSION);
    private final ObjectProperty<@Nullable Standing> standing = new SimpleObjectProperty<>();
    private final BooleanProperty allEqual = new SimpleBooleanProperty();
    private final StringProperty proof = new SimpleStringProperty("");
    private final ObservableSet<Integer> leftOut = FXCollections.observableSet();
    private ArmingGate gate = new ArmingGate(ArmingGate.USUAL);
    private boolean focused;

    /// @param sessions what is known of a session, for its name and task
    public ApprovalViewModel(
            EngineLink link, Clock clock, Function<SessionId, @Nullable SessionView> sessions) {
        this.link = link;
        this.clock = clock;
        this.sessions = sessions;
    }

    /// Says what went wrong with an answer to this request that was given outside of the window.
    void say(String requestId, String why) {
        ApprovalView shown = current.get();
        if (shown != null && shown.id().equals(requestId)) {
            problem.set(why);
        }
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
        if (now != null && !Objects.equals(now.equal(), shown.equal())) {
            // One more or one less of the like: all of them is something else now.
            show(now);
            return;
        }
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
        ApprovalView.Proof wanted = shown.proof();
        String given = proof.get().strip();
        if (wanted != null && given.isEmpty()) {
            problem.set(text("approval.proof-missing"));
            return;
        }
        List<Integer> calls = chosenCalls(shown);
        if (calls.isEmpty() && !leftOut.isEmpty()) {
            problem.set(text("approval.no-call"));
            return;
        }
        ApprovalView.Equal equal = shown.equal();
        DecideRequest decision =
                new DecideRequest(
                        shown.id(),
                        equal != null && allEqual.get() ? equal.digest() : shown.digest(),
                        Answer.ALLOWED,
                        calls,
                        null,
                        wanted == null ? null : given,
                        shown.kind().equals("hosts") ? reach.get().word() : null,
                        shown.kind().equals("hosts") && reach.get() == Reach.REPOSITORY
                                ? lastDay()
                                : null);
        Standing rule = standing.get();
        send(
                shown,
                service -> {
                    service.decide(decision);
                    return rule == null
                            ? Optional.empty()
                            : notMade(service, rule.request(shown.id()));
                },
                shown.kind().equals("plan")
                        ? text("approval.you-approved")
                        : rule == null
                                ? text("approval.you-allowed")
                                : text("approval.you-allowed-rule"));
    }

    /// Makes a rule beside an answer that was given already. The answer stands whatever becomes of
    /// the rule.
    ///
    /// @return why it was not made; empty: it was
    private static Optional<String> notMade(Service service, RuleRequest rule) {
        try {
            service.addRules(rule);
            return Optional.empty();
        } catch (CountersignException e) {
            return Optional.of(text("approval.rule-failed", e.getMessage()));
        }
    }

    /// How far a yes to hosts goes.
    enum Reach {
        /// What waits, and tries within the next minutes.
        ONCE,
        SESSION,
        /// The sessions of this repository, to the last day.
        REPOSITORY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// How far a yes to hosts goes; the session, unless it is said otherwise.
    Reach reach() {
        return reach.get();
    }

    /// Chooses how far a yes to hosts goes.
    void reach(Reach wanted) {
        reach.set(wanted);
        changed();
    }

    /// A rule that the answer also makes. Chosen in one place, made by the answer in another.
    ///
    /// @param scope `session` or `repository`
    /// @param until last day for a repository; null: as long as the session
    record Standing(RuleOffers.Offer offer, String scope, @Nullable String until) {
        RuleRequest request(String requestId) {
            return new RuleRequest(offer.rules(), scope, requestId, null, until, false);
        }
    }

    /// The last day of a rule for a repository that is made now.
    String lastDay() {
        return LocalDate.ofInstant(clock.instant().plus(REPOSITORY_RULE), ZoneOffset.UTC)
                .toString();
    }

    /// Numbers of the calls that may run; empty: all.
    private List<Integer> chosenCalls(ApprovalView shown) {
        List<Integer> calls = new ArrayList<>();
        if (leftOut.isEmpty()) {
            return calls;
        }
        for (int number = 1; number <= shown.calls().size(); number++) {
            if (shown.calls().get(number - 1).waits() && !leftOut.contains(number)) {
                calls.add(number);
            }
        }
        return calls;
    }

    /// What the answer covers was changed: the delay starts again.
    private void changed() {
        gate.moved(clock.instant());
        update();
    }

    /// Chooses the rule that the answer also makes, or none.
    void choose(@Nullable Standing rule) {
        standing.set(rule);
        changed();
    }

    /// Lets one call of several out of what is allowed, or takes it in again.
    void take(int number, boolean in) {
        if (in) {
            leftOut.remove(number);
        } else {
            leftOut.add(number);
        }
        changed();
    }

    /// Decides all equal ones with this one, or this one alone.
    void together(boolean all) {
        allEqual.set(all);
        changed();
    }

    ReadOnlyObjectProperty<@Nullable RuleOffers> offers() {
        return offers.getReadOnlyProperty();
    }

    /// What was found by [#suggest].
    ReadOnlyObjectProperty<@Nullable RuleSuggestions> suggestions() {
        return suggestions.getReadOnlyProperty();
    }

    ObjectProperty<@Nullable Standing> standing() {
        return standing;
    }

    BooleanProperty allEqual() {
        return allEqual;
    }

    /// What was typed as proof for a critical request.
    StringProperty proof() {
        return proof;
    }

    ObservableSet<Integer> leftOut() {
        return leftOut;
    }

    /// Looks for rules that would have made the last sessions ask less.
    void suggest() {
        link.ask(
                service -> service.suggestRules(Optional.empty()),
                suggestions::set,
                failure -> problem.set(failure.getMessage()));
    }

    /// Makes the rules of one suggested step, for every repository, until [#lastDay].
    void make(RuleSuggestions.Step step) {
        RuleRequest request =
                new RuleRequest(step.rules(), "everywhere", null, null, lastDay(), false);
        link.tell(
                service -> service.addRules(request),
                this::suggest,
                failure -> problem.set(failure.getMessage()));
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
        send(
                shown,
                service -> {
                    service.deny(id, words);
                    return Optional.empty();
                },
                text("approval.you-denied"));
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

    /// @param answer gives what went wrong beside the answer
    private void send(ApprovalView shown, EngineLink.Ask<Optional<String>> answer, String said) {
        sending.set(true);
        problem.set("");
        link.ask(
                answer,
                beside -> {
                    sending.set(false);
                    lastAnswer.set(beside.orElse(said));
                    answered.add(shown.id());
                    waiting.removeIf(each -> each.id().equals(shown.id()));
                    ApprovalView now = current.get();
                    if (now != null && now.id().equals(shown.id())) {
                        next();
                    }
                    beside.ifPresent(problem::set);
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
        standing.set(null);
        reach.set(Reach.SESSION);
        allEqual.set(false);
        proof.set("");
        leftOut.clear();
        offers.set(null);
        current.set(next);
        update();
        if (next.level() != Level.CRITICAL) {
            String id = next.id();
            link.ask(
                    service -> service.offers(id),
                    found -> {
                        ApprovalView shown = current.get();
                        if (shown != null && shown.id().equals(id)) {
                            offers.set(found);
                        }
                    },
                    // Without offers the request can be answered all the same.
                    _ -> offers.set(null));
        }
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
