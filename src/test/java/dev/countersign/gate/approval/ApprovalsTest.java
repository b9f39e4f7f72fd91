package dev.countersign.gate.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest.State;
import dev.countersign.journal.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ApprovalsTest {
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path sessions;

    private final List<Fact> journal = new CopyOnWriteArrayList<>();
    private final Recorder recorder =
            fact -> {
                journal.add(fact);
                return new Entry(journal.size(), Clock.systemUTC().instant(), SESSION, 0, fact);
            };
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// Open until the last asker's thread is through.
    private CountDownLatch ended = new CountDownLatch(0);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Approvals open() throws CountersignException {
        return new Approvals(
                sessions,
                _ -> recorder,
                new SecondFactor(
                        sessions.resolve("second-factor.json"), Clock.systemUTC(), new Random(3)),
                Clock.systemUTC(),
                new Random(1));
    }

    private static Ask ask(String id, Level level, Duration timeout) {
        return ask(id, level, timeout, 0);
    }

    private static Ask ask(String id, Level level, Duration timeout, int epoch) {
        return new Ask(
                SESSION,
                epoch,
                "calls",
                "One call: x",
                level,
                List.of(
                        new ApprovalRequest.Call(
                                GuestText.of(id),
                                GuestText.of("bash"),
                                GuestText.of("{}"),
                                GuestText.of("ls"),
                                List.of(List.of(GuestText.of("ls"))),
                                null,
                                GuestText.of("/workspace"),
                                level,
                                List.of("a.b"),
                                List.of("because"),
                                "mode checkpoint",
                                Digest.of(id),
                                true)),
                GuestText.of("agent says"),
                List.of("undo"),
                "boundary-enforced",
                List.of(),
                timeout,
                null);
    }

    private Future<ApprovalRequest> asking(Approvals approvals, Ask ask)
            throws InterruptedException {
        CountDownLatch opened = new CountDownLatch(1);
        Runnable end = approvals.onChange(opened::countDown);
        ended = new CountDownLatch(1);
        CountDownLatch through = ended;
        Future<ApprovalRequest> future =
                threads.submit(() -> {
                    try {
                        return approvals.ask(ask, recorder);
                    } finally {
                        through.countDown();
                    }
                });
        assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
        end.run();
        return future;
    }

    @Test
    void p4ADecisionNamesTheDigestOfWhatWasShown() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> waiting =
                    asking(approvals, ask("c1", Level.HIGH, Duration.ZERO));
            ApprovalRequest shown = approvals.open().getFirst();
            assertThatThrownBy(() -> approvals.allow(shown.id(), Digest.of("else"), null))
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(CountersignException.Kind.CONFLICT))
                    .hasMessageContaining("approvals show " + shown.id());
            assertThat(waiting.isDone()).isFalse();
            approvals.allow(shown.id(), shown.digest(), "fine");
            ApprovalRequest decided = waiting.get(10, TimeUnit.SECONDS);
            assertThat(decided.answer()).isEqualTo(Answer.ALLOWED);
            assertThat(decided.note()).isEqualTo(GuestText.of("fine"));
            assertThatThrownBy(() -> approvals.deny(shown.id(), null))
                    .hasMessageContaining("already allowed");
            assertThatThrownBy(() -> approvals.deny("a-nothere", null))
                    .hasMessageContaining("no request");
        }
    }

    @Test
    void p5TheJournalHasTheDecisionBeforeTheCallGoes() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> waiting =
                    asking(approvals, ask("c1", Level.HIGH, Duration.ZERO));
            ApprovalRequest shown = approvals.open().getFirst();
            assertThat(journal.getLast()).isInstanceOf(Fact.Asked.class);
            approvals.allow(shown.id(), shown.digest(), null);
            assertThat(journal.getLast())
                    .isInstanceOfSatisfying(
                            Fact.Decided.class,
                            fact -> {
                                assertThat(fact.digest()).isEqualTo(shown.digest());
                                assertThat(fact.by()).isEqualTo(DecidedBy.PERSON);
                                assertThat(fact.durability()).isEqualTo(Fact.Durability.SYNCED);
                            });
            waiting.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void p5ADecisionThatCanNotBeRecordedDoesNotCount() throws Exception {
        Recorder full =
                fact -> {
                    if (fact instanceof Fact.Decided) {
                        throw new CountersignException(
                                CountersignException.Kind.EXHAUSTED, "no space");
                    }
                    return recorder.record(fact);
                };
        try (Approvals approvals =
                new Approvals(
                        sessions,
                        _ -> full,
                        new SecondFactor(
                                sessions.resolve("second-factor.json"),
                                Clock.systemUTC(),
                                new Random(3)),
                        Clock.systemUTC(),
                        new Random(1))) {
            Future<ApprovalRequest> waiting =
                    asking(approvals, ask("c1", Level.HIGH, Duration.ZERO));
            ApprovalRequest shown = approvals.open().getFirst();
            assertThatThrownBy(() -> approvals.allow(shown.id(), shown.digest(), null))
                    .hasMessageContaining("no space");
            assertThat(approvals.open()).hasSize(1);
            assertThat(waiting.isDone()).isFalse();
        }
    }

    @Test
    void p4NobodyAnswersMeansDenied() throws Exception {
        try (Approvals approvals = open()) {
            ApprovalRequest answer =
                    asking(approvals, ask("c1", Level.HIGH, Duration.ofMillis(50)))
                            .get(10, TimeUnit.SECONDS);
            assertThat(answer.answer()).isEqualTo(Answer.DENIED);
            assertThat(answer.by()).isEqualTo(DecidedBy.TIMEOUT);
            assertThatThrownBy(() -> approvals.allow(answer.id(), answer.digest(), null))
                    .hasMessageContaining("nobody answered in time");
        }
    }

    @Test
    void p4AClientThatVanishesLeavesTheRequestOpenAndComesBackToIt() throws Exception {
        try (Approvals approvals = open()) {
            Ask ask = ask("c1", Level.HIGH, Duration.ZERO);
            Future<ApprovalRequest> gone = asking(approvals, ask);
            ApprovalRequest shown = approvals.open().getFirst();
            gone.cancel(true);
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            approvals.allow(shown.id(), shown.digest(), null);
            ApprovalRequest again = approvals.ask(ask, recorder);
            assertThat(again.id()).isEqualTo(shown.id());
            assertThat(again.answer()).isEqualTo(Answer.ALLOWED);
        }
    }

    @Test
    void p4AnAnswerCountsOnce() throws Exception {
        try (Approvals approvals = open()) {
            Ask ask = ask("c1", Level.HIGH, Duration.ZERO);
            Future<ApprovalRequest> waiting = asking(approvals, ask);
            ApprovalRequest shown = approvals.open().getFirst();
            approvals.allow(shown.id(), shown.digest(), null);
            waiting.get(10, TimeUnit.SECONDS);
            approvals.delivered(shown.id());
            assertThatThrownBy(() -> approvals.delivered(shown.id()))
                    .hasMessageContaining("taken before");
            Future<ApprovalRequest> second = asking(approvals, ask);
            assertThat(approvals.open())
                    .hasSize(1)
                    .first()
                    .satisfies(r -> assertThat(r.id()).isNotEqualTo(shown.id()));
            assertThat(second.isDone()).isFalse();
        }
    }

    @Test
    void p4ASecondLiveEqualCallIsACallOfItsOwn() throws Exception {
        try (Approvals approvals = open()) {
            Ask ask = ask("c1", Level.HIGH, Duration.ZERO);
            Future<ApprovalRequest> _ = asking(approvals, ask);
            Future<ApprovalRequest> _ = asking(approvals, ask);
            assertThat(approvals.open()).hasSize(2);
        }
    }

    @Test
    void p4OpenRequestsAndUntakenAnswersSurviveTheEngine() throws Exception {
        Ask one = ask("c1", Level.HIGH, Duration.ZERO);
        Ask two = ask("c2", Level.CRITICAL, Duration.ZERO);
        ApprovalRequest allowed;
        try (Approvals first = open()) {
            Future<ApprovalRequest> _ = asking(first, one);
            Future<ApprovalRequest> _ = asking(first, two);
            assertThat(first.open().getFirst().level()).isEqualTo(Level.CRITICAL);
            allowed = first.open().get(1);
            first.allow(allowed.id(), allowed.digest(), null);
        }
        try (Approvals second = open()) {
            assertThat(second.open()).hasSize(1);
            ApprovalRequest answer = second.ask(one, recorder);
            assertThat(answer.id()).isEqualTo(allowed.id());
            assertThat(answer.answer()).isEqualTo(Answer.ALLOWED);
            second.delivered(answer.id());
            Future<ApprovalRequest> waiting = threads.submit(() -> second.ask(two, recorder));
            ApprovalRequest open = second.open().getFirst();
            second.deny(open.id(), "no");
            assertThat(waiting.get(10, TimeUnit.SECONDS).answer()).isEqualTo(Answer.DENIED);
            assertThat(journal.stream().filter(Fact.Asked.class::isInstance)).hasSize(2);
        }
    }

    @Test
    void p4AFileThatWasChangedIsNoDecision() throws Exception {
        Ask one = ask("c1", Level.HIGH, Duration.ZERO);
        Path file;
        try (Approvals first = open()) {
            Future<ApprovalRequest> _ = asking(first, one);
            file =
                    sessions.resolve("s-aaaaaa/approvals")
                            .resolve(first.open().getFirst().id() + ".json");
        }
        Files.writeString(file, Files.readString(file).replace("\"ls\"", "\"rm\""));
        try (Approvals second = open()) {
            assertThat(second.open()).isEmpty();
        }
        Files.writeString(file, "{half");
        try (Approvals third = open()) {
            assertThat(third.open()).isEmpty();
        }
    }

    @Test
    void aRestoreVoidsWhatBelongsToTheOldEpoch() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> waiting =
                    asking(approvals, ask("c1", Level.HIGH, Duration.ZERO));
            Ask answered = ask("c2", Level.HIGH, Duration.ZERO);
            Future<ApprovalRequest> gone = asking(approvals, answered);
            ApprovalRequest second =
                    approvals.of(SESSION).stream()
                            .filter(r -> r.calls().getFirst().id().raw().equals("c2"))
                            .findFirst()
                            .orElseThrow();
            gone.cancel(true);
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            approvals.allow(second.id(), second.digest(), null);
            assertThat(approvals.voidAll(SESSION, 0, "restored")).hasSize(2);
            assertThat(approvals.voidAll(SESSION, 0, "restored again"))
                    .as("what is void is not decided a second time")
                    .isEmpty();
            assertThat(waiting.get(10, TimeUnit.SECONDS).by()).isEqualTo(DecidedBy.SESSION);
            assertThat(approvals.find(second.id()).orElseThrow().answer()).isEqualTo(Answer.DENIED);
            Future<ApprovalRequest> fresh =
                    asking(approvals, ask("c2", Level.HIGH, Duration.ZERO, 1));
            assertThat(approvals.open()).hasSize(1);
            assertThat(fresh.isDone()).isFalse();
        }
    }

    @Test
    void openedAgainItHasAnotherDigestAndIsAsked() throws Exception {
        try (Approvals approvals = open()) {
            Ask ask = ask("c1", Level.HIGH, Duration.ZERO);
            Future<ApprovalRequest> waiting = asking(approvals, ask);
            ApprovalRequest shown = approvals.open().getFirst();
            approvals.allow(shown.id(), shown.digest(), null);
            waiting.get(10, TimeUnit.SECONDS);
            approvals.reopen(shown.id(), "no checkpoint", Duration.ZERO, recorder);
            ApprovalRequest again = approvals.find(shown.id()).orElseThrow();
            assertThat(again.state()).isEqualTo(State.OPEN);
            assertThat(again.warning()).isEqualTo("no checkpoint");
            assertThat(again.digest()).isNotEqualTo(shown.digest());
            assertThatThrownBy(() -> approvals.allow(shown.id(), shown.digest(), null))
                    .hasMessageContaining("no longer shows what you saw");
        }
    }

    @Test
    void p6RequestsAreForTheOwnerAlone() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> _ = asking(approvals, ask("c1", Level.HIGH, Duration.ZERO));
            try (var files = Files.list(sessions.resolve("s-aaaaaa/approvals"))) {
                assertThat(files)
                        .allSatisfy(file ->
                                assertThat(
                                                java.nio.file.attribute.PosixFilePermissions
                                                        .toString(
                                                                Files.getPosixFilePermissions(
                                                                        file)))
                                        .isEqualTo("rw-------"));
            }
        }
    }

    private static ApprovalRequest.Call called(String id, String arguments, boolean waits) {
        return new ApprovalRequest.Call(
                GuestText.of(id),
                GuestText.of("bash"),
                GuestText.of(arguments),
                GuestText.of(arguments),
                List.of(),
                null,
                GuestText.of("/workspace"),
                Level.HIGH,
                List.of("a.b"),
                List.of("because"),
                "mode checkpoint",
                Digest.of(id),
                waits);
    }

    private static Ask asks(SessionId session, ApprovalRequest.Call... calls) {
        return new Ask(
                session,
                0,
                "calls",
                "One call: x",
                Level.HIGH,
                List.of(calls),
                GuestText.of(""),
                List.of("undo"),
                "boundary-enforced",
                List.of(),
                Duration.ZERO,
                null);
    }

    @Test
    void p4EqualRequestsOfOneSessionAreDecidedWithOneDigestThatCoversAllOfThem() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> one = asking(approvals, asks(SESSION, called("c1", "x", true)));
            ApprovalRequest first = approvals.open().getFirst();
            Digest alone = EqualRequests.to(first, approvals.open()).digest();
            assertThat(alone).isEqualTo(first.digest());
            Future<ApprovalRequest> two = asking(approvals, asks(SESSION, called("c2", "x", true)));
            Future<ApprovalRequest> other =
                    asking(approvals, asks(SESSION, called("c3", "y", true)));
            Future<ApprovalRequest> elsewhere =
                    asking(approvals, asks(new SessionId("s-bbbbbb"), called("c4", "x", true)));
            EqualRequests equal = EqualRequests.to(first, approvals.open());
            assertThat(equal.requests()).hasSize(2);
            assertThat(EqualRequests.of(approvals.open())).hasSize(3);
            Digest two2 = equal.digest();
            Future<ApprovalRequest> third =
                    asking(approvals, asks(SESSION, called("c5", "x", true)));
            // One more has come since it was seen: the digest of the two no longer covers them.
            assertThatThrownBy(() ->
                            approvals.decide(
                                    new Decision(
                                            first.id(),
                                            two2,
                                            Answer.ALLOWED,
                                            List.of(),
                                            null,
                                            null)))
                    .hasMessageContaining("no longer shows");
            Digest now = EqualRequests.to(first, approvals.open()).digest();
            assertThat(
                            approvals.decide(
                                    new Decision(
                                            first.id(),
                                            now,
                                            Answer.ALLOWED,
                                            List.of(),
                                            null,
                                            null)))
                    .hasSize(3);
            assertThat(one.get(10, TimeUnit.SECONDS).answer()).isEqualTo(Answer.ALLOWED);
            assertThat(two.get(10, TimeUnit.SECONDS).answer()).isEqualTo(Answer.ALLOWED);
            assertThat(third.get(10, TimeUnit.SECONDS).answer()).isEqualTo(Answer.ALLOWED);
            assertThat(other).isNotDone();
            assertThat(elsewhere).isNotDone();
            assertThat(approvals.open()).hasSize(2);
        }
    }

    @Test
    void p4CriticalRequestsAreNeverEqualToAnything() throws Exception {
        try (Approvals approvals = open()) {
            var _ = asking(approvals, ask("c1", Level.CRITICAL, Duration.ZERO));
            var _ = asking(approvals, ask("c2", Level.CRITICAL, Duration.ZERO));
            assertThat(EqualRequests.of(approvals.open())).hasSize(2);
        }
    }

    @Test
    void callsOfOneAnswerAreDecidedOneByOneUnderOneDigest() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> waiting =
                    asking(
                            approvals,
                            asks(
                                    SESSION,
                                    called("c1", "x", true),
                                    called("low", "l", false),
                                    called("c2", "y", true)));
            ApprovalRequest shown = approvals.open().getFirst();
            for (List<Integer> wrong : List.of(List.of(2), List.of(0), List.of(4))) {
                assertThatThrownBy(() ->
                                approvals.decide(
                                        new Decision(
                                                shown.id(),
                                                shown.digest(),
                                                Answer.ALLOWED,
                                                wrong,
                                                null,
                                                null)))
                        .hasMessageContaining("no such calls");
            }
            approvals.decide(
                    new Decision(
                            shown.id(),
                            shown.digest(),
                            Answer.ALLOWED,
                            List.of(3),
                            "only the second",
                            null));
            ApprovalRequest answer = waiting.get(10, TimeUnit.SECONDS);
            assertThat(answer.answerFor(GuestText.of("c1"))).isEqualTo(Answer.DENIED);
            assertThat(answer.answerFor(GuestText.of("c2"))).isEqualTo(Answer.ALLOWED);
            assertThat(journal)
                    .filteredOn(Fact.Decided.class::isInstance)
                    .map(Fact.Decided.class::cast)
                    .extracting(fact -> fact.callId().raw() + " " + fact.answer())
                    .containsExactly("c1 DENIED", "c2 ALLOWED");
        }
        try (Approvals again = open()) {
            assertThat(again.of(SESSION).getFirst().refused()).containsExactly(GuestText.of("c1"));
        }
    }

    @Test
    void aRuleThatWasJustMadeLetsGoWhatWaitsButNothingCritical() throws Exception {
        try (Approvals approvals = open()) {
            Future<ApprovalRequest> high =
                    asking(approvals, asks(SESSION, called("c1", "x", true)));
            Future<ApprovalRequest> critical =
                    asking(approvals, ask("c9", Level.CRITICAL, Duration.ZERO));
            assertThat(approvals.allowByRule(SESSION, _ -> java.util.Optional.of("policy.yaml:7")))
                    .hasSize(1);
            assertThat(high.get(10, TimeUnit.SECONDS).by()).isEqualTo(DecidedBy.RULE);
            assertThat(critical).isNotDone();
            assertThat(journal)
                    .filteredOn(Fact.Decided.class::isInstance)
                    .map(Fact.Decided.class::cast)
                    .extracting(Fact.Decided::rule)
                    .containsExactly("policy.yaml:7");
        }
    }

    @Test
    void aTallyCountsPromptsAnswersAndTheTimeTheyTook() {
        ApprovalTally tally = new ApprovalTally();
        java.time.Instant start = java.time.Instant.parse("2026-11-23T12:00:00Z");
        int seq = 0;
        for (int i = 0; i < 4; i++) {
            tally.add(
                    new Entry(
                            seq++,
                            start.plus(Duration.ofMinutes(30L * i)),
                            SESSION,
                            0,
                            new Fact.Asked(
                                    "a-" + i, "calls", List.of(), Level.HIGH, Digest.of("a" + i))));
        }
        List<Answer> answers =
                List.of(Answer.ALLOWED, Answer.ALLOWED, Answer.DENIED, Answer.DENIED);
        for (int i = 0; i < 4; i++) {
            tally.add(
                    new Entry(
                            seq++,
                            start.plus(Duration.ofHours(2)),
                            SESSION,
                            0,
                            new Fact.Decided(
                                    GuestText.of("c" + i),
                                    answers.get(i),
                                    i == 3 ? DecidedBy.TIMEOUT : DecidedBy.PERSON,
                                    Level.HIGH,
                                    "mode checkpoint",
                                    "a-" + i,
                                    null,
                                    null,
                                    Duration.ofSeconds(1 + 4L * i),
                                    null)));
        }
        ApprovalBudget budget = tally.budget();
        assertThat(budget.prompts()).isEqualTo(4);
        assertThat(budget.perHour()).isEqualTo(2.0);
        assertThat(budget.lastHour()).isEqualTo(1);
        assertThat(budget.allowed()).isEqualTo(2);
        assertThat(budget.denied()).isEqualTo(1);
        assertThat(budget.unanswered()).isEqualTo(1);
        assertThat(budget.hasty()).isEqualTo(1);
        assertThat(budget.typical()).isEqualTo(Duration.ofSeconds(5));
    }
}
