package dev.countersign.gate;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.Ask;
import dev.countersign.gate.approval.PlanGrant;
import dev.countersign.gate.injection.Awareness;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.policy.Scope;
import dev.countersign.gate.policy.Verdict;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.ToolPins;
import dev.countersign.journal.Recorder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The only door between a held answer and its effect. One per session.
///
/// ```java
/// Gate gate = new Gate(risk, policy, approvals, session::checkpoint, journal, clock);
/// Ruling ruling = gate.decide(new HeldAnswer(calls, text, "gateway", model), session);
/// ```
public final class Gate {
    static final Duration PLAN_LASTS = Duration.ofMinutes(60);

    private final RiskRater risk;
    private final PolicySource policy;
    private final Approvals approvals;
    private final SafetyNet net;
    private final Recorder recorder;
    private final Clock clock;
    private final Awareness awareness;
    private final ToolPins pins;

    /// Guards what is said about plans: two answers of parallel agents must not both end one.
    private final ReentrantLock plans = new ReentrantLock();

    /// What the agent said last, since the developer's message, that names places, while no plan
    /// was decided: agents state their plan with the reads that come before the first change.
    /// Guarded by [#plans]. Not kept over a restart of the engine: the plan is then asked for anew.
    private @Nullable GuestText stated;

    private volatile @Nullable SessionId session;

    /// For an agent whose tools nobody has pinned.
    public Gate(
            RiskRater risk,
            PolicySource policy,
            Approvals approvals,
            SafetyNet net,
            Recorder recorder,
            Clock clock) {
        this(risk, policy, approvals, net, recorder, clock, ToolPins.none());
    }

    /// @param recorder the session's journal
    /// @param pins what the tools of its agent are known to be
    public Gate(
            RiskRater risk,
            PolicySource policy,
            Approvals approvals,
            SafetyNet net,
            Recorder recorder,
            Clock clock,
            ToolPins pins) {
        this.pins = pins;
        this.risk = risk;
        this.policy = policy;
        this.approvals = approvals;
        this.net = net;
        this.recorder = recorder;
        this.clock = clock;
        this.awareness = new Awareness(recorder);
    }

    /// Blocks until every call of the answer is decided. Judged, Asked and Decided are in the
    /// journal before this returns ([P5]); Called was recorded by the layer that saw the call.
    ///
    /// @throws InterruptedException if the client that waits for the answer is gone: what was asked
    ///   stays open, and the same answer attaches to it when it comes again
    /// @throws CountersignException if something could not be recorded, asked or kept: nothing of
    ///   the answer may run
    public Ruling decide(HeldAnswer answer, SessionContext context)
            throws InterruptedException, CountersignException {
        session = context.id();
        Scope scope = scope(context);
        List<Judgement> judgements = new ArrayList<>();
        for (ToolCall call : answer.calls()) {
            // The model does not know the guest's sudo as a tool: its calls have a layer of their
            // own.
            Rating rating =
                    awareness.raised(
                            answer.layer().equals("sudo")
                                    ? risk.rate(call, context.workspace())
                                    : rated(call, context));
            PolicySource.Judged judged = policy.judge(call, rating, scope);
            judgements.add(new Judgement(call, judged.rating(), judged.verdict()));
            recorder.record(
                    new Fact.Judged(
                            call.id(),
                            judged.rating().level(),
                            judged.rating().effects(),
                            judged.rating().reasons(),
                            judged.verdict().rule()));
        }
        return new Held(answer, context, judgements).settle();
    }

    private Rating rated(ToolCall call, SessionContext context) {
        return pins.raised(risk.rate(call, context.workspace()), call.tool());
    }

    /// The agent describes this tool to its model. One that is not as its version's is pinned is
    /// said, and raises its calls.
    public void offered(GuestText tool, Digest definition) throws CountersignException {
        Optional<String> why = pins.offered(tool, definition);
        if (why.isPresent()) {
            recorder.record(
                    new Fact.Noticed(
                            "warning",
                            "tools",
                            "Calls of it are high: "
                                    + why.get()
                                    + ". Its definition is "
                                    + definition.hex()
                                    + "."));
        }
    }

    /// The model is about to read this result of a call. Text that looks like it was written for an
    /// agent is recorded and makes later calls of the turn count for one level more.
    public void read(GuestText callId, String result) throws CountersignException {
        awareness.read(callId, result);
    }

    /// Goes on with what an earlier engine found in the turn that still goes on: calls stay raised.
    ///
    /// @param why as the journal has it
    public void suspected(String why) {
        awareness.takenUp(why);
    }

    /// The developer sent the agent a message: what was planned before no longer holds.
    public void messageSent() throws CountersignException {
        awareness.turnEnded();
        SessionId id = session;
        if (id != null) {
            endPlan(id, "a message was sent", true);
        }
    }

    /// As [#messageSent()], for a session that this gate has not seen a call of yet.
    public void messageSent(SessionId id) throws CountersignException {
        awareness.turnEnded();
        session = id;
        endPlan(id, "a message was sent", true);
    }

    /// The session was restored: requests, answers and the plan of older epochs are void.
    ///
    /// @return the ids of what was voided, for [Fact.Restored]
    public List<String> newEpoch(SessionId id, int next) throws CountersignException {
        awareness.turnEnded();
        session = id;
        List<String> voided =
                approvals.voidAll(id, next - 1, "The session was restored to a checkpoint.");
        endPlan(id, "the session was restored", true);
        return voided;
    }

    /// The rules changed: what waits and is covered by now goes on, decided by its rule. Critical
    /// calls and plans stay where they are.
    ///
    /// @return the ids of the requests that went
    public List<String> rulesChanged(SessionContext context) throws CountersignException {
        Scope scope = scope(context);
        return approvals.allowByRule(
                context.id(),
                request ->
                        request.epoch() == context.epoch()
                                ? ruleFor(request, context, scope)
                                : Optional.empty());
    }

    /// The rule that now runs every waiting call of a request, the first one if there are several.
    private Optional<String> ruleFor(ApprovalRequest request, SessionContext context, Scope scope) {
        String place = null;
        for (ApprovalRequest.Call asked : request.waiting()) {
            ToolCall call =
                    new ToolCall(asked.id(), asked.tool(), asked.argumentsJson(), asked.cwd());
            if (!(policy.judge(call, rated(call, context), scope).verdict()
                            instanceof Verdict.Run run)
                    || run.by() != DecidedBy.RULE) {
                return Optional.empty();
            }
            place = place == null ? run.rule() : place;
        }
        return Optional.ofNullable(place);
    }

    /// For whom rules are looked up: the session in its mode, as strict as its data class wants.
    public static Scope scope(SessionContext context) {
        return new Scope(
                context.id(),
                context.repository(),
                stricter(context.mode(), context.dataClass().freestMode()));
    }

    private static Mode stricter(Mode one, Mode other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private void endPlan(SessionId id, String why, boolean fresh) throws CountersignException {
        plans.lock();
        try {
            if (fresh) {
                stated = null;
            }
            if (approvals.plans().last(id).isPresent()) {
                recorder.record(new Fact.PlanEnded(why));
            }
            approvals.plans().end(id, fresh);
        } finally {
            plans.unlock();
        }
    }

    /// One call with what the rules say.
    private record Judgement(ToolCall call, Rating rating, Verdict verdict) {
        boolean asks() {
            return verdict instanceof Verdict.Ask;
        }

        boolean needsPlan() {
            return verdict instanceof Verdict.Plan;
        }
    }

    /// One held answer on its way to a ruling.
    private final class Held {
        private final HeldAnswer answer;
        private final SessionContext context;
        private final List<Judgement> judgements;
        private final CallRuling[] rulings;

        /// The agent's words as a request with a plan shows them: those of the answer, after the
        /// plan that it stated before if they name no place themselves.
        private final GuestText words;

        Held(HeldAnswer answer, SessionContext context, List<Judgement> judgements) {
            // What comes with a call of sudo is no word of the model's.
            words =
                    answer.layer().equals("sudo")
                            ? answer.text()
                            : wordsOf(answer.text(), context.workspace().root());
            this.answer = answer;
            this.context = context;
            this.judgements = judgements;
            rulings = new CallRuling[judgements.size()];
        }

        private GuestText wordsOf(GuestText own, String root) {
            plans.lock();
            try {
                if (!PlanDirectories.of(own, List.of(), root).isEmpty()) {
                    stated = own;
                    return own;
                }
                GuestText before = stated;
                if (before == null) {
                    return own;
                }
                return own.raw().isBlank()
                        ? before
                        : GuestText.of(before.raw() + "\n\n" + own.raw());
            } finally {
                plans.unlock();
            }
        }

        /// A plan was put to a person: what was stated is used up, whatever the answer was.
        private void decidedOnPlan() {
            plans.lock();
            try {
                stated = null;
            } finally {
                plans.unlock();
            }
        }

        Ruling settle() throws InterruptedException, CountersignException {
            if (needsPlanFirst()) {
                return returnedForAPlan();
            }
            settleByRule();
            settleByPlan();
            settleByPerson();
            settleSecuredByRule();
            return new Ruling(List.of(rulings), false);
        }

        private boolean needsPlanFirst() throws CountersignException {
            return words.raw().isBlank()
                    && judgements.stream().anyMatch(j -> planIsWanted(j))
                    && !approvals.plans().wasAskedFor(context.id(), context.epoch())
                    && currentPlan().isEmpty();
        }

        private boolean planIsWanted(Judgement j) {
            return j.needsPlan();
        }

        private Ruling returnedForAPlan() throws CountersignException {
            approvals.plans().askedFor(context.id(), context.epoch());
            for (int i = 0; i < rulings.length; i++) {
                decided(
                        i,
                        Answer.PLAN_FIRST,
                        DecidedBy.MODE,
                        "State your plan first: say in a few sentences what you are going to change"
                                + " and in which directories, then call the tool again. Nothing of"
                                + " this answer ran.",
                        null,
                        false);
            }
            return new Ruling(List.of(rulings), true);
        }

        private void settleByRule() throws CountersignException {
            for (int i = 0; i < rulings.length; i++) {
                switch (judgements.get(i).verdict()) {
                    case Verdict.Deny deny ->
                            decided(
                                    i,
                                    Answer.DENIED,
                                    DecidedBy.RULE,
                                    "Denied by rule "
                                            + deny.rule()
                                            + ": "
                                            + deny.because()
                                            + ". It is not asked again; go on in another way.",
                                    null,
                                    false);
                    case Verdict.Run run -> {
                        if (!wantsNet(judgements.get(i))) {
                            decided(i, Answer.ALLOWED, run.by(), "", null, run.flagged());
                        }
                    }
                    case Verdict.Ask _, Verdict.Plan _ -> {}
                }
            }
        }

        /// A rule runs a call that the mode would have asked about with a checkpoint first: the
        /// rule takes the question away, not the checkpoint.
        private boolean wantsNet(Judgement j) {
            return net.exists()
                    && j.verdict() instanceof Verdict.Run run
                    && run.by() == DecidedBy.RULE
                    && j.rating().level().compareTo(Level.HIGH) >= 0
                    && switch (scope(context).mode()) {
                        case AUTONOMOUS -> false;
                        case POST_HOC, CHECKPOINT, STEP -> true;
                    };
        }

        /// What a rule runs with a checkpoint first, last of all, so that nothing runs between the
        /// two. Without one the developer is asked, and told why.
        private void settleSecuredByRule() throws InterruptedException, CountersignException {
            List<Integer> wanting = waiting(this::wantsNet);
            if (wanting.isEmpty()) {
                return;
            }
            String rules =
                    String.join(
                            ", ",
                            wanting.stream()
                                    .map(i -> judgements.get(i).verdict().rule())
                                    .distinct()
                                    .toList());
            try {
                net.beforeRelease("before a call that " + rules + " runs");
            } catch (CountersignException e) {
                recorder.record(
                        new Fact.Noticed(
                                "warning",
                                "checkpoint",
                                "No checkpoint before a call that "
                                        + rules
                                        + " runs: "
                                        + e.getMessage()
                                        + " You are asked instead."));
                askForCalls(wanting, Wording.SEEN_WITHOUT_NET);
                return;
            }
            for (int i : wanting) {
                decided(i, Answer.ALLOWED, DecidedBy.RULE, "", null, flagged(judgements.get(i)));
            }
        }

        private static boolean flagged(Judgement j) {
            return j.verdict() instanceof Verdict.Run run && run.flagged();
        }

        /// Medium calls in checkpoint mode: run under the approved plan, else the plan is asked.
        private void settleByPlan() throws InterruptedException, CountersignException {
            List<Integer> wanting = waiting(Judgement::needsPlan);
            if (wanting.isEmpty()) {
                return;
            }
            Optional<PlanGrant> plan = currentPlan();
            if (plan.isPresent()) {
                String outside = firstOutside(plan.get(), wanting);
                if (outside == null) {
                    for (int i : wanting) {
                        decided(
                                i,
                                Answer.ALLOWED,
                                DecidedBy.PLAN,
                                "",
                                plan.get().requestId(),
                                false);
                    }
                    return;
                }
                endPlan(context.id(), "a call outside of it: " + outside, false);
            }
            askForPlan(wanting);
        }

        private void askForPlan(List<Integer> wanting)
                throws InterruptedException, CountersignException {
            List<GuestText> directories =
                    PlanDirectories.of(
                            words,
                            wanting.stream().map(i -> judgements.get(i).rating()).toList(),
                            context.workspace().root());
            ApprovalRequest decision =
                    approvals.ask(
                            new Ask(
                                    context.id(),
                                    context.epoch(),
                                    "plan",
                                    Wording.planTitle(directories),
                                    worst(wanting),
                                    shown(wanting),
                                    words,
                                    Wording.planUndo(net.exists()),
                                    context.gateWord(),
                                    directories,
                                    context.askTimeout(),
                                    words.raw().isBlank()
                                            ? "The agent was asked for a plan and stated none."
                                            : null),
                            recorder);
            ApprovalRequest taken = approvals.delivered(decision.id());
            decidedOnPlan();
            if (taken.answer() == Answer.ALLOWED) {
                grant(taken);
            }
            for (int i : wanting) {
                rulings[i] = ruling(i, taken);
            }
        }

        /// What was shown is what is granted: the places of the request, whatever the answer that
        /// attached to it says by now.
        private void grant(ApprovalRequest taken) throws CountersignException {
            List<GuestText> directories = taken.planDirectories();
            plans.lock();
            try {
                Instant now = clock.instant();
                recorder.record(new Fact.PlanGranted(taken.id(), directories, taken.digest()));
                approvals
                        .plans()
                        .grant(
                                new PlanGrant(
                                        context.id(),
                                        context.epoch(),
                                        taken.id(),
                                        directories,
                                        taken.digest(),
                                        now,
                                        now.plus(PLAN_LASTS)));
            } finally {
                plans.unlock();
            }
        }

        private Optional<PlanGrant> currentPlan() throws CountersignException {
            Optional<PlanGrant> plan = approvals.plans().current(context.id(), context.epoch());
            if (plan.isEmpty() && approvals.plans().last(context.id()).isPresent()) {
                endPlan(
                        context.id(),
                        "it was approved " + PLAN_LASTS.toMinutes() + " minutes ago",
                        false);
            }
            return plan;
        }

        private @Nullable String firstOutside(PlanGrant plan, List<Integer> wanting) {
            for (int i : wanting) {
                Rating rating = judgements.get(i).rating();
                if (!plan.covers(rating.writes())) {
                    return rating.writes().stream()
                            .filter(path -> !plan.covers(List.of(path)))
                            .map(path -> GuestText.of(path).visible())
                            .findFirst()
                            .orElse("unknown");
                }
            }
            return null;
        }

        /// What is left asks. Critical calls stand alone, each a request of its own.
        private void settleByPerson() throws InterruptedException, CountersignException {
            List<Integer> together = waiting(j -> j.asks() && j.rating().level() != Level.CRITICAL);
            if (!together.isEmpty()) {
                askForCalls(together, null);
            }
            for (int i : waiting(j -> j.asks() && j.rating().level() == Level.CRITICAL)) {
                askForCalls(List.of(i), null);
            }
        }

        /// The places that the answer's text names, where no plan holds yet and the mode wants one:
        /// the plan is approved together with the calls that came with it, instead of being asked
        /// about again at the first medium call. Places of the calls themselves are none of it: a
        /// call that is asked about is allowed once. An answer with a medium call has had its plan
        /// decided before.
        private List<GuestText> planStated(List<Integer> wanting) throws CountersignException {
            if (scope(context).mode() != Mode.CHECKPOINT
                    || worst(wanting) == Level.CRITICAL
                    || answer.layer().equals("sudo")
                    || judgements.stream().anyMatch(Judgement::needsPlan)
                    || currentPlan().isPresent()) {
                return List.of();
            }
            return PlanDirectories.of(words, List.of(), context.workspace().root());
        }

        /// A plan that came with calls holds only if a person allowed all of them: a rule that was
        /// made meanwhile is about calls alone, and who leaves a call out did not take the plan as
        /// it was shown.
        private void grantStated(ApprovalRequest taken) throws CountersignException {
            if (taken.planDirectories().isEmpty()) {
                return;
            }
            decidedOnPlan();
            List<GuestText> refused = taken.refused();
            if (taken.answer() == Answer.ALLOWED
                    && taken.by() == DecidedBy.PERSON
                    && (refused == null || refused.isEmpty())) {
                grant(taken);
            }
        }

        /// @param warning what is said on the request from the beginning, or null
        private void askForCalls(List<Integer> wanting, @Nullable String warning)
                throws InterruptedException, CountersignException {
            List<GuestText> places = warning == null ? planStated(wanting) : List.of();
            Ask ask =
                    new Ask(
                            context.id(),
                            context.epoch(),
                            "calls",
                            Wording.title(
                                            wanting.stream()
                                                    .map(i -> judgements.get(i).rating())
                                                    .toList())
                                    + Wording.planWithCalls(places),
                            worst(wanting),
                            shown(wanting),
                            places.isEmpty() ? answer.text() : words,
                            undo(wanting, warning == null, !places.isEmpty()),
                            context.gateWord(),
                            places,
                            context.askTimeout(),
                            warning);
            ApprovalRequest taken = null;
            while (taken == null) {
                ApprovalRequest decision = approvals.ask(ask, recorder);
                if (decision.answer() != Answer.ALLOWED || secured(decision)) {
                    taken = approvals.delivered(decision.id());
                }
            }
            grantStated(taken);
            for (int i : wanting) {
                rulings[i] = ruling(i, taken);
            }
        }

        private List<String> undo(List<Integer> wanting, boolean secured, boolean plan) {
            List<Rating> ratings = wanting.stream().map(i -> judgements.get(i).rating()).toList();
            List<String> undo =
                    new ArrayList<>(
                            net.exists()
                                    ? Wording.undo(ratings, secured)
                                    : Wording.undoWithoutVm(ratings));
            if (plan) {
                undo.add(Wording.PLAN_ENDS);
            }
            return undo;
        }

        /// Takes the checkpoint before an allowed, gated call goes. If there is none, the request
        /// is open again and says so.
        private boolean secured(ApprovalRequest decision)
                throws InterruptedException, CountersignException {
            if (decision.level().compareTo(Level.HIGH) < 0
                    || Wording.SEEN_WITHOUT_NET.equals(decision.warning())) {
                return true;
            }
            try {
                net.beforeRelease("before request " + decision.id());
                return true;
            } catch (CountersignException e) {
                recorder.record(
                        new Fact.Noticed(
                                "warning",
                                "checkpoint",
                                "No checkpoint before request "
                                        + decision.id()
                                        + ": "
                                        + e.getMessage()
                                        + " The request is asked again."));
                approvals.reopen(
                        decision.id(), Wording.SEEN_WITHOUT_NET, context.askTimeout(), recorder);
                return false;
            }
        }

        private List<Integer> waiting(java.util.function.Predicate<Judgement> which) {
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < rulings.length; i++) {
                if (rulings[i] == null && which.test(judgements.get(i))) {
                    found.add(i);
                }
            }
            return found;
        }

        private Level worst(List<Integer> wanting) {
            Level level = Level.LOW;
            for (int i : wanting) {
                level = level.max(judgements.get(i).rating().level());
            }
            return level;
        }

        /// All calls of the answer, in its order; those that the question is not about are marked.
        private List<ApprovalRequest.Call> shown(List<Integer> wanting) {
            List<ApprovalRequest.Call> calls = new ArrayList<>();
            for (int i = 0; i < rulings.length; i++) {
                Judgement j = judgements.get(i);
                calls.add(
                        new ApprovalRequest.Call(
                                j.call().id(),
                                j.call().tool(),
                                j.call().argumentsJson(),
                                j.rating().command(),
                                j.rating().commands().stream()
                                        .map(command -> command.argv())
                                        .toList(),
                                j.rating().path(),
                                j.call().cwd(),
                                j.rating().level(),
                                j.rating().effects(),
                                j.rating().reasons(),
                                j.verdict().rule(),
                                j.call().digest(),
                                wanting.contains(i)));
            }
            return calls;
        }

        private CallRuling ruling(int i, ApprovalRequest taken) {
            Answer given =
                    taken.answerFor(judgements.get(i).call().id()) == Answer.ALLOWED
                            ? Answer.ALLOWED
                            : Answer.DENIED;
            DecidedBy by = taken.by() == null ? DecidedBy.SESSION : taken.by();
            return new CallRuling(
                    judgements.get(i).call().id(),
                    given,
                    by,
                    given == Answer.ALLOWED ? "" : Wording.told(by, taken.note()));
        }

        private void decided(
                int i,
                Answer given,
                DecidedBy by,
                String told,
                @Nullable String requestId,
                boolean flagged)
                throws CountersignException {
            Judgement j = judgements.get(i);
            recorder.record(
                    new Fact.Decided(
                            j.call().id(),
                            given,
                            by,
                            j.rating().level(),
                            j.verdict().rule(),
                            requestId,
                            j.call().digest(),
                            null,
                            null,
                            flagged));
            rulings[i] = new CallRuling(j.call().id(), given, by, told);
        }
    }
}
