package dev.countersign.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.Decision;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class GateTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path sessions;

    private final List<Fact> journal = new CopyOnWriteArrayList<>();
    private final Recorder recorder =
            fact -> {
                journal.add(fact);
                return new Entry(journal.size(), Instant.EPOCH, SESSION, 0, fact);
            };
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> checkpoints = new CopyOnWriteArrayList<>();
    private final Semaphore changes = new Semaphore(0);
    private final HandClock clock = new HandClock();
    private boolean checkpointFails;
    private int epoch;
    private Mode mode = Mode.CHECKPOINT;
    private DataClass dataClass = DataClass.INTERNAL;
    private Approvals approvals;
    private Gate gate;

    /// A clock that is set by hand.
    private static final class HandClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-23T12:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void start() throws Exception {
        approvals =
                new Approvals(
                        sessions,
                        _ -> recorder,
                        new SecondFactor(
                                sessions.resolve("second-factor.json"), clock, new Random(3)),
                        clock,
                        new Random(1));
        approvals.onChange(changes::release);
        gate = fresh();
    }

    private Gate fresh() {
        return with(PolicySource.standard(RISK, clock));
    }

    /// A gate whose developer has a rule for `npm ci`.
    private Gate withARule() throws Exception {
        Path policy = sessions.resolve("policy.yaml");
        Files.writeString(
                policy, "version: 1\nrules:\n  - allow: {tool: shell, argv: [npm, ci]}\n");
        return with(
                PolicySource.open(
                        policy, sessions.resolve("last-good.yaml"), RISK, clock, _ -> {}));
    }

    private Gate with(PolicySource policy) {
        return new Gate(
                RISK,
                policy,
                approvals,
                why -> {
                    if (checkpointFails) {
                        throw new CountersignException(
                                CountersignException.Kind.FAILED, "no space");
                    }
                    checkpoints.add(why);
                },
                recorder,
                clock);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        approvals.close();
    }

    @AfterAll
    static void stopRater() {
        RISK.close();
    }

    private final SessionContext context =
            new SessionContext() {
                @Override
                public SessionId id() {
                    return SESSION;
                }

                @Override
                public int epoch() {
                    return epoch;
                }

                @Override
                public Mode mode() {
                    return mode;
                }

                @Override
                public DataClass dataClass() {
                    return dataClass;
                }

                @Override
                public String repository() {
                    return "/repo";
                }

                @Override
                public GuestText task() {
                    return GuestText.of("fix it");
                }

                @Override
                public Duration askTimeout() {
                    return Duration.ofMinutes(10);
                }
            };

    private int ids;

    private HeldAnswer held(String text, String... commands) {
        List<ToolCall> calls = new ArrayList<>();
        for (String command : commands) {
            calls.add(
                    new ToolCall(
                            GuestText.of("c" + ++ids),
                            GuestText.of("bash"),
                            GuestText.of("{\"command\":\"" + command.replace("\"", "\\\"") + "\"}"),
                            GuestText.of("/workspace")));
        }
        return new HeldAnswer(calls, GuestText.of(text), "gateway", null);
    }

    private Future<Ruling> deciding(HeldAnswer answer) {
        return threads.submit(() -> gate.decide(answer, context));
    }

    private ApprovalRequest asked() throws InterruptedException {
        while (approvals.open().isEmpty()) {
            assertThat(changes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
        return approvals.open().getFirst();
    }

    private ApprovalRequest allow() throws Exception {
        ApprovalRequest request = asked();
        approvals.allow(request.id(), request.digest(), null);
        return request;
    }

    private static Ruling get(Future<Ruling> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private <F extends Fact> List<F> facts(Class<F> type) {
        return journal.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void lowCallsRunWithoutAskingAndAreRecorded() throws Exception {
        Ruling ruling = gate.decide(held("", "ls", "npm test"), context);
        assertThat(ruling.allAllowed()).isTrue();
        assertThat(journal.stream().map(f -> f.getClass().getSimpleName()))
                .containsExactly("Judged", "Judged", "Decided", "Decided");
    }

    @Test
    void p4AHighCallWaitsAndACheckpointComesBeforeItsRelease() throws Exception {
        Future<Ruling> future = deciding(held("", "npm ci"));
        ApprovalRequest request = asked();
        assertThat(future.isDone()).isFalse();
        assertThat(checkpoints).isEmpty();
        assertThat(request.calls().getFirst().argv())
                .containsExactly(List.of(GuestText.of("npm"), GuestText.of("ci")));
        assertThat(request.undo()).isNotEmpty();
        allow();
        assertThat(get(future).allAllowed()).isTrue();
        assertThat(checkpoints).hasSize(1);
        assertThat(facts(Fact.Decided.class))
                .singleElement()
                .satisfies(d -> assertThat(d.requestId()).isEqualTo(request.id()));
    }

    @Test
    void p4AFailedCheckpointIsAskedAgainAndSaidSo() throws Exception {
        checkpointFails = true;
        Future<Ruling> future = deciding(held("", "npm ci"));
        ApprovalRequest first = allow();
        ApprovalRequest again = asked();
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.warning()).contains("checkpoint");
        assertThat(again.digest()).isNotEqualTo(first.digest());
        assertThat(future.isDone()).isFalse();
        allow();
        assertThat(get(future).allAllowed()).isTrue();
        assertThat(facts(Fact.Noticed.class)).hasSize(1);
    }

    @Test
    void aHighCallThatARuleRunsTakesACheckpointFirst() throws Exception {
        gate = withARule();
        assertThat(gate.decide(held("", "npm ci"), context).allAllowed()).isTrue();
        assertThat(checkpoints).singleElement().asString().contains("policy.yaml:3");
        assertThat(facts(Fact.Asked.class)).isEmpty();
        assertThat(facts(Fact.Decided.class))
                .singleElement()
                .satisfies(d -> assertThat(d.by()).isEqualTo(DecidedBy.RULE));
    }

    @Test
    void aRuleTakesNoCheckpointWhereTheModeAsksForNone() throws Exception {
        gate = withARule();
        mode = Mode.AUTONOMOUS;
        assertThat(gate.decide(held("", "npm ci"), context).allAllowed()).isTrue();
        assertThat(checkpoints).isEmpty();
    }

    @Test
    void p4ARuleWithoutItsCheckpointAsksAndSaysWhy() throws Exception {
        gate = withARule();
        checkpointFails = true;
        Future<Ruling> future = deciding(held("", "npm ci"));
        ApprovalRequest request = asked();
        assertThat(request.warning()).contains("checkpoint");
        assertThat(request.undo().getFirst()).contains("failed");
        assertThat(facts(Fact.Noticed.class)).hasSize(1);
        assertThat(facts(Fact.Decided.class)).isEmpty();
        allow();
        assertThat(get(future).allAllowed()).isTrue();
    }

    @Test
    void whereNoVmIsARequestSaysThatNoCheckpointIsTaken() throws Exception {
        gate =
                new Gate(
                        RISK,
                        PolicySource.standard(RISK, clock),
                        approvals,
                        SafetyNet.NONE,
                        recorder,
                        clock);
        Future<Ruling> waiting = deciding(held("", "npm ci"));
        assertThat(asked().undo().getFirst()).startsWith("No checkpoint is taken");
        assertThat(waiting.isDone()).isFalse();
    }

    @Test
    void whatAnEarlierEngineSawInThisTurnStillRaisesCalls() throws Exception {
        gate.suspected("speaks to an agent");
        Future<Ruling> waiting = deciding(held("", "npm ci"));
        assertThat(asked().level()).isEqualTo(Level.CRITICAL);
        assertThat(waiting.isDone()).isFalse();
        assertThat(facts(Fact.Judged.class).getFirst().reasons().getFirst())
                .contains("speaks to an agent");
    }

    @Test
    void aDenialsNoteReachesTheModel() throws Exception {
        Future<Ruling> future = deciding(held("", "npm ci"));
        approvals.deny(asked().id(), "use the lock file");
        Ruling ruling = get(future);
        assertThat(ruling.noneAllowed()).isTrue();
        assertThat(ruling.calls().getFirst().told()).contains("use the lock file");
        assertThat(checkpoints).isEmpty();
    }

    @Test
    void hardDenialsNeverAsk() throws Exception {
        Ruling ruling = gate.decide(held("plan", "echo x > /opt/countersign/relay.py"), context);
        assertThat(ruling.noneAllowed()).isTrue();
        assertThat(ruling.calls().getFirst().by()).isEqualTo(DecidedBy.RULE);
        assertThat(approvals.open()).isEmpty();
    }

    @Test
    void parallelCallsAreOneRequestAndLowOnesWaitForIt() throws Exception {
        Future<Ruling> future = deciding(held("", "ls", "npm ci", "pip install x"));
        ApprovalRequest request = asked();
        assertThat(request.calls()).hasSize(3);
        assertThat(request.calls().stream().map(ApprovalRequest.Call::waits))
                .containsExactly(false, true, true);
        approvals.deny(request.id(), null);
        Ruling ruling = get(future);
        assertThat(ruling.calls().stream().map(CallRuling::answer))
                .containsExactly(Answer.ALLOWED, Answer.DENIED, Answer.DENIED);
    }

    @Test
    void aCriticalCallStandsAlone() throws Exception {
        Future<Ruling> future = deciding(held("", "npm ci", "git push --force"));
        ApprovalRequest first = allow();
        assertThat(first.calls().stream().filter(ApprovalRequest.Call::waits)).hasSize(1);
        ApprovalRequest second = asked();
        assertThat(second.level()).isEqualTo(Level.CRITICAL);
        approvals.deny(second.id(), null);
        assertThat(get(future).calls().stream().map(CallRuling::answer))
                .containsExactly(Answer.ALLOWED, Answer.DENIED);
    }

    @Test
    void anAnswerWithoutAPlanIsReturnedOnceAndThenShown() throws Exception {
        Ruling first = gate.decide(held(" ", "mkdir src/x"), context);
        assertThat(first.planFirst()).isTrue();
        assertThat(first.calls().getFirst().told()).contains("State your plan first");
        Future<Ruling> second = deciding(held("", "mkdir src/x"));
        ApprovalRequest request = asked();
        assertThat(request.kind()).isEqualTo("plan");
        assertThat(request.warning()).contains("stated none");
        allow();
        assertThat(get(second).allAllowed()).isTrue();
    }

    private void approvePlan() throws Exception {
        Future<Ruling> future =
                deciding(
                        held(
                                "I will change `src/app/` and tests/unit/test_a.py, then build.",
                                "mkdir src/app/x"));
        ApprovalRequest request = asked();
        assertThat(request.kind()).isEqualTo("plan");
        assertThat(request.planDirectories().stream().map(GuestText::raw))
                .contains("src/app/", "tests/unit/");
        allow();
        assertThat(get(future).allAllowed()).isTrue();
        assertThat(facts(Fact.PlanGranted.class)).isNotEmpty();
    }

    @Test
    void anApprovedPlanCoversMediumCallsBelowItsDirectoriesAndNoOthers() throws Exception {
        approvePlan();
        assertThat(
                        gate.decide(
                                        held(
                                                "",
                                                "touch src/app/y",
                                                "npm run build",
                                                "git commit -m x"),
                                        context)
                                .calls())
                .allSatisfy(call -> assertThat(call.by()).isEqualTo(DecidedBy.PLAN));
        Future<Ruling> high = deciding(held("", "npm ci"));
        assertThat(asked().kind()).isEqualTo("calls");
        allow();
        get(high);
        Future<Ruling> outside = deciding(held("more", "touch src/other/y"));
        assertThat(asked().kind()).isEqualTo("plan");
        assertThat(facts(Fact.PlanEnded.class))
                .singleElement()
                .satisfies(end -> assertThat(end.why()).contains("src/other/y"));
        approvals.deny(asked().id(), null);
        assertThat(get(outside).noneAllowed()).isTrue();
    }

    @Test
    void aPlanThatComesWithHighCallsIsShownAndApprovedWithThem() throws Exception {
        Future<Ruling> future = deciding(held("I will change src/app/ and tests/.", "npm ci"));
        ApprovalRequest request = asked();
        assertThat(request.kind()).isEqualTo("calls");
        assertThat(request.planDirectories().stream().map(GuestText::raw))
                .containsExactly("src/app/", "tests/");
        assertThat(request.title()).contains("also approves the agent's plan", "src/app/, tests/");
        assertThat(request.undo()).anyMatch(line -> line.startsWith("Yes, the plan: it ends"));
        assertThat(facts(Fact.PlanGranted.class)).isEmpty();
        allow();
        assertThat(get(future).allAllowed()).isTrue();
        assertThat(facts(Fact.PlanGranted.class))
                .singleElement()
                .satisfies(plan -> {
                    assertThat(plan.requestId()).isEqualTo(request.id());
                    assertThat(plan.digest()).isEqualTo(request.digest());
                });
        assertThat(gate.decide(held("", "touch src/app/y"), context).calls())
                .allSatisfy(call -> assertThat(call.by()).isEqualTo(DecidedBy.PLAN));
        Future<Ruling> high = deciding(held("Also docs/.", "npm ci"));
        assertThat(asked().planDirectories()).as("a plan that holds is not widened").isEmpty();
        allow();
        get(high);
        Future<Ruling> outside = deciding(held("", "touch docs/y"));
        assertThat(asked().kind()).isEqualTo("plan");
        approvals.deny(asked().id(), null);
        get(outside);
    }

    @Test
    void aPlanIsApprovedOnlyWithCallsThatAPersonAllowedAllOf() throws Exception {
        Future<Ruling> denied = deciding(held("I will change src/app/.", "npm ci"));
        approvals.deny(asked().id(), null);
        assertThat(get(denied).noneAllowed()).isTrue();
        Future<Ruling> half = deciding(held("I will change src/app/.", "npm ci", "pip install x"));
        ApprovalRequest request = asked();
        approvals.decide(
                new Decision(
                        request.id(), request.digest(), Answer.ALLOWED, List.of(1), null, null));
        get(half);
        Future<Ruling> ruled = deciding(held("I will change src/app/.", "npm ci"));
        assertThat(asked().planDirectories()).isNotEmpty();
        approvals.allowByRule(SESSION, _ -> Optional.of("policy.yaml:3"));
        assertThat(get(ruled).allAllowed()).isTrue();
        mode = Mode.POST_HOC;
        Future<Ruling> elsewhere = deciding(held("I will change src/app/.", "npm ci"));
        assertThat(asked().planDirectories()).as("a mode without plans").isEmpty();
        allow();
        get(elsewhere);
        mode = Mode.CHECKPOINT;
        Future<Ruling> critical = deciding(held("I will change src/app/.", "git push --force"));
        assertThat(asked().planDirectories()).as("critical calls stand alone").isEmpty();
        allow();
        get(critical);
        assertThat(facts(Fact.PlanGranted.class)).isEmpty();
    }

    @Test
    void aPlanThatWasStatedWithReadsIsShownAtTheFirstChange() throws Exception {
        gate.decide(held("Plan: I will change src/app/.", "ls"), context);
        gate.decide(held("", "cat README.md"), context);
        Future<Ruling> future = deciding(held("Now the first part.", "touch src/app/y"));
        ApprovalRequest request = asked();
        assertThat(request.agentText().raw())
                .isEqualTo("Plan: I will change src/app/.\n\nNow the first part.");
        assertThat(request.planDirectories().stream().map(GuestText::raw))
                .containsExactly("src/app/");
        approvals.deny(request.id(), null);
        get(future);
        Future<Ruling> again = deciding(held("Again.", "touch src/other/y"));
        assertThat(asked().agentText().raw()).as("a denied plan is gone").isEqualTo("Again.");
        approvals.deny(asked().id(), null);
        get(again);
        gate.decide(held("Plan: I will change src/app/.", "ls"), context);
        gate.messageSent();
        assertThat(gate.decide(held("", "touch src/app/y"), context).planFirst())
                .as("what was stated before a message is void")
                .isTrue();
    }

    @Test
    void aPlanEndsWithTheNextMessageAfterAnHourAndAtARestore() throws Exception {
        approvePlan();
        gate.messageSent();
        assertThat(gate.decide(held("", "touch src/app/y"), context).planFirst()).isTrue();
        approvePlan();
        clock.now = clock.now.plus(Duration.ofMinutes(60));
        Future<Ruling> late = deciding(held("still", "touch src/app/y"));
        assertThat(asked().kind()).isEqualTo("plan");
        allow();
        get(late);
        gate.newEpoch(SESSION, 1);
        epoch = 1;
        assertThat(gate.decide(held("", "touch src/app/y"), context).planFirst()).isTrue();
        assertThat(facts(Fact.PlanEnded.class)).hasSize(3);
    }

    @Test
    void aPlanSurvivesTheEngine() throws Exception {
        approvePlan();
        approvals.close();
        approvals =
                new Approvals(
                        sessions,
                        _ -> recorder,
                        new SecondFactor(
                                sessions.resolve("second-factor.json"), clock, new Random(3)),
                        clock,
                        new Random(2));
        gate = fresh();
        assertThat(gate.decide(held("", "touch src/app/y"), context).allAllowed()).isTrue();
    }

    @Test
    void aPlanNeverCoversWhatIsSensitiveBelowItsDirectories() throws Exception {
        approvePlan();
        Future<Ruling> future = deciding(held("", "echo x > src/app/Dockerfile"));
        assertThat(asked().kind()).isEqualTo("calls");
        approvals.deny(asked().id(), null);
        get(future);
    }

    @Test
    void p4WhatIsNotUnderstoodAsksInAutonomousModeToo() throws Exception {
        mode = Mode.AUTONOMOUS;
        assertThat(gate.decide(held("", "npm ci"), context).allAllowed()).isTrue();
        assertThat(facts(Fact.Decided.class).getLast().flagged()).isTrue();
        Future<Ruling> future = deciding(held("", "$x ls"));
        approvals.deny(asked().id(), null);
        assertThat(get(future).noneAllowed()).isTrue();
    }

    @Test
    void theDataClassMakesTheModeStricter() throws Exception {
        mode = Mode.AUTONOMOUS;
        dataClass = DataClass.RESTRICTED;
        Future<Ruling> future = deciding(held("", "npm test"));
        assertThat(asked().calls().getFirst().rule()).isEqualTo("mode step");
        approvals.deny(asked().id(), null);
        get(future);
    }

    @Test
    void p5WhatCanNotBeRecordedDoesNotRun() {
        Gate broken =
                new Gate(
                        RISK,
                        PolicySource.standard(RISK, clock),
                        approvals,
                        _ -> {},
                        fact -> {
                            throw new CountersignException(
                                    CountersignException.Kind.EXHAUSTED, "no space");
                        },
                        clock);
        assertThatThrownBy(() -> broken.decide(held("", "ls"), context))
                .hasMessageContaining("no space");
    }

    @Test
    void p4ARestartedEngineTakesTheSameCallUpAndRunsItOnce() throws Exception {
        HeldAnswer answer = held("", "npm ci");
        Future<Ruling> first = deciding(answer);
        ApprovalRequest request = asked();
        first.cancel(true);
        approvals.close();
        approvals =
                new Approvals(
                        sessions,
                        _ -> recorder,
                        new SecondFactor(
                                sessions.resolve("second-factor.json"), clock, new Random(3)),
                        clock,
                        new Random(2));
        approvals.onChange(changes::release);
        gate = fresh();
        assertThat(asked().digest()).isEqualTo(request.digest());
        allow();
        assertThat(gate.decide(answer, context).allAllowed()).isTrue();
        Future<Ruling> replay = deciding(answer);
        assertThat(asked().id()).isNotEqualTo(request.id());
        assertThat(replay.isDone()).isFalse();
    }
}
