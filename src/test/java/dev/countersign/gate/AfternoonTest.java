package dev.countersign.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.approval.ApprovalBudget;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.ApprovalTally;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.PolicyFile;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.policy.RecordedSession;
import dev.countersign.gate.policy.Rehearsal;
import dev.countersign.gate.policy.RuleProposal;
import dev.countersign.gate.policy.RuleSuggestion;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole afternoon of ordinary work through the real gate: rater, rules, plan hold and queue. The
/// developer answers as one who reads: takes the offered rule for the session where the like will
/// come again, answers once where it leaves the VM, and denies what would touch what others use.
@Timeout(120)
class AfternoonTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final SessionId SESSION = new SessionId("s-aaaaaa");
    private static final String REPOSITORY = "/home/dev/billing";

    @TempDir Path home;

    @AfterAll
    static void stop() {
        RISK.close();
    }

    /// What one afternoon came to.
    ///
    /// @param titles of what was asked, in order
    private record Outcome(
            int calls,
            List<String> titles,
            RecordedSession recording,
            ApprovalBudget budget,
            List<Fact> facts) {
        int asked() {
            return titles.size();
        }
    }

    @Test
    void anOrdinaryAfternoonAsksAtMostEightTimesAndSaysWhichRulesWouldMakeItThree()
            throws Exception {
        List<String> script = script("afternoon.txt");
        assertThat(count(script, "sh npm install.*")).isGreaterThanOrEqualTo(8);
        assertThat(count(script, "sh git (commit|checkout|add|tag|push).*"))
                .isGreaterThanOrEqualTo(10);
        assertThat(
                        count(
                                script,
                                "(edit|write)"
                                        + " (\\.github/|scripts/|package\\.json|Docker|docker).*"))
                .isGreaterThanOrEqualTo(15);
        assertThat(count(script, "sh npm (test|run build|run lint)")).isGreaterThanOrEqualTo(20);

        Outcome plain = new Afternoon(home.resolve("one"), true).run(script);
        assertThat(plain.calls()).isGreaterThanOrEqualTo(150);
        assertThat(plain.titles()).as("what was asked").hasSizeLessThanOrEqualTo(8);
        assertThat(plain.budget().prompts()).isEqualTo(plain.asked());

        RuleSuggestion suggestion = new Rehearsal(RISK, List.of(plain.recording())).suggest();
        assertThat(suggestion.asked()).isEqualTo(plain.asked());
        List<String> rules = new ArrayList<>();
        int promised = suggestion.asked();
        for (RuleSuggestion.Step step : suggestion.steps()) {
            assertThat(step.effect().denied()).isZero();
            rules.addAll(step.rules());
            promised = step.left();
            if (promised <= 3) {
                break;
            }
        }
        assertThat(promised).as("%s", suggestion).isLessThanOrEqualTo(3);
        print(plain, suggestion);

        // The promise is kept: the same afternoon with these rules, by a developer who makes none.
        Path second = home.resolve("two");
        new PolicyFile(second.resolve("policy.yaml"), RISK)
                .add(PolicyFile.complete(rules, "repository", REPOSITORY, null), (_, _) -> {});
        Outcome ruled = new Afternoon(second, false).run(script);
        assertThat(ruled.titles()).hasSizeLessThanOrEqualTo(promised);
        assertThat(ruled.titles())
                .as("what leaves the VM or can't be undone is still asked")
                .anyMatch(title -> title.contains("critical"))
                .anyMatch(title -> title.contains("push"));
    }

    /// Written without the rules: four kinds of installs, containers, CI. It asks more often than
    /// the other (see the known gaps); what is held here is that each plan is asked about once.
    @Test
    void anotherAfternoonsPlansAreApprovedOnceEachThoughTheyComeWithReadsAndHighWrites()
            throws Exception {
        Outcome plain =
                new Afternoon(home.resolve("one"), true).run(script("afternoon-python-go.txt"));
        print(plain, new Rehearsal(RISK, List.of(plain.recording())).suggest());
        assertThat(plain.calls()).isGreaterThanOrEqualTo(110);
        assertThat(plain.titles()).as("what was asked").hasSizeLessThanOrEqualTo(17);
        assertThat(plain.titles().stream().filter(title -> title.startsWith("medium plan: ")))
                .as("two messages' plans, and a file that the last one does not name")
                .hasSize(3);
        assertThat(plain.titles().stream().filter(title -> title.contains("the agent's plan")))
                .as("the message whose first change is of images")
                .hasSize(1);
        assertThat(plain.titles())
                .anyMatch(title -> title.contains("critical"))
                .anyMatch(title -> title.contains("push"));
    }

    private static void print(Outcome plain, RuleSuggestion suggestion) {
        StringBuilder text = new StringBuilder("\nThe recorded afternoon: ");
        text.append(plain.calls()).append(" calls, ").append(plain.asked()).append(" requests\n");
        plain.titles().forEach(title -> text.append("  ").append(title).append('\n'));
        suggestion
                .steps()
                .forEach(step ->
                        text.append("  left ")
                                .append(step.left())
                                .append(" with ")
                                .append(step.rules())
                                .append('\n'));
        suggestion.remaining().forEach(one -> text.append("  stays: ").append(one).append('\n'));
        System.out.println(text);
    }

    private static long count(List<String> script, String pattern) {
        return script.stream().filter(line -> line.matches(pattern)).count();
    }

    private static List<String> script(String name) throws IOException {
        try (InputStream in =
                java.util.Objects.requireNonNull(AfternoonTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    /// One run through a gate of its own.
    private static final class Afternoon {
        private final Path home;
        private final boolean makesRules;
        private final List<Entry> journal = new ArrayList<>();
        private final RecordedSession recording = new RecordedSession(SESSION);
        private final ApprovalTally tally = new ApprovalTally();
        private final HandClock clock = new HandClock();
        private final Semaphore changes = new Semaphore(0);
        private final List<String> titles = new ArrayList<>();
        private final Recorder recorder = this::record;
        private int ids;
        private int calls;

        Afternoon(Path home, boolean makesRules) {
            this.home = home;
            this.makesRules = makesRules;
        }

        private synchronized Entry record(Fact fact) {
            Entry entry = new Entry(journal.size(), clock.instant(), SESSION, 0, fact);
            journal.add(entry);
            recording.add(entry);
            tally.add(entry);
            return entry;
        }

        Outcome run(List<String> script) throws Exception {
            record(
                    new Fact.SessionOpened(
                            REPOSITORY,
                            "mini",
                            Mode.CHECKPOINT,
                            Tier.VM,
                            DataClass.INTERNAL,
                            GuestText.of("an afternoon"),
                            "test"));
            Path sessionRules = home.resolve("s-aaaaaa/policy/session-rules.yaml");
            PolicySource policy =
                    PolicySource.open(
                                    home.resolve("policy.yaml"),
                                    home.resolve("last-good"),
                                    RISK,
                                    clock,
                                    _ -> {})
                            .withSessionRules(sessionRules, _ -> {});
            try (Approvals approvals =
                            new Approvals(
                                    home.resolve("sessions"),
                                    _ -> recorder,
                                    new SecondFactor(home.resolve("f"), clock, new Random(3)),
                                    clock,
                                    new Random(1));
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                approvals.onChange(changes::release);
                Gate gate = new Gate(RISK, policy, approvals, _ -> {}, recorder, clock);
                int at = 0;
                while (at < script.size()) {
                    String line = script.get(at++);
                    if (line.startsWith("> ")) {
                        gate.messageSent(SESSION);
                    } else if (line.startsWith("+ ")) {
                        clock.now =
                                clock.now.plus(
                                        Duration.ofMinutes(Long.parseLong(line.substring(2))));
                    } else if (line.startsWith("=")) {
                        List<ToolCall> held = new ArrayList<>();
                        while (at < script.size()
                                && !"=>+".contains(script.get(at).substring(0, 1))) {
                            held.add(call(script.get(at++)));
                        }
                        answer(
                                gate,
                                approvals,
                                threads,
                                sessionRules,
                                line.substring(1).strip(),
                                held);
                        clock.now = clock.now.plus(Duration.ofSeconds(15));
                    }
                }
            }
            return new Outcome(
                    calls,
                    titles,
                    recording,
                    tally.budget(),
                    journal.stream().map(Entry::fact).toList());
        }

        private void answer(
                Gate gate,
                Approvals approvals,
                ExecutorService threads,
                Path sessionRules,
                String text,
                List<ToolCall> held)
                throws Exception {
            for (ToolCall call : held) {
                record(new Fact.Called(call, call.digest(), "gateway", null));
                calls++;
            }
            HeldAnswer answer = new HeldAnswer(held, GuestText.of(text), "gateway", null);
            Future<Ruling> ruling = threads.submit(() -> gate.decide(answer, context()));
            while (!ruling.isDone()) {
                Optional<ApprovalRequest> open = approvals.open().stream().findFirst();
                if (open.isPresent()) {
                    decide(approvals, sessionRules, open.get());
                } else {
                    changes.tryAcquire(20, TimeUnit.MILLISECONDS);
                }
            }
            if (ruling.get().planFirst()) {
                // The model states what it left out; the same calls come again.
                List<ToolCall> again =
                        held.stream()
                                .map(call ->
                                        new ToolCall(
                                                GuestText.of("c" + ++ids),
                                                call.tool(),
                                                call.argumentsJson(),
                                                call.cwd()))
                                .toList();
                answer(gate, approvals, threads, sessionRules, "Plan: I go on as before.", again);
            }
        }

        /// What a sensible developer does.
        private void decide(Approvals approvals, Path sessionRules, ApprovalRequest request)
                throws Exception {
            titles.add(request.level().word() + " " + request.kind() + ": " + request.title());
            clock.now = clock.now.plus(Duration.ofSeconds(9));
            if (request.level() == Level.CRITICAL) {
                approvals.deny(request.id(), "Not the shared database. Leave migrations to me.");
                return;
            }
            List<ToolCall> calls =
                    request.waiting().stream()
                            .map(call ->
                                    new ToolCall(
                                            call.id(),
                                            call.tool(),
                                            call.argumentsJson(),
                                            call.cwd()))
                            .toList();
            boolean leaves =
                    request.waiting().stream()
                            .anyMatch(call -> call.effects().contains("git.push"));
            List<RuleProposal> proposals =
                    request.kind().equals("plan") || leaves || !makesRules
                            ? List.of()
                            : new Rehearsal(RISK, List.of()).propose(calls);
            if (!proposals.isEmpty()) {
                List<String> rules =
                        PolicyFile.complete(
                                proposals.getLast().rules(), "session", SESSION.value(), null);
                new PolicyFile(sessionRules, RISK)
                        .add(
                                rules,
                                (places, digest) ->
                                        recorder.record(
                                                new Fact.RuleAdded(
                                                        places, rules, digest, request.id())));
            }
            approvals.allow(request.id(), request.digest(), null);
        }

        private ToolCall call(String line) {
            String[] parts = line.split(" ", 2);
            // A line break in a command stands as \n in the script.
            String argument =
                    parts[1].replace("\\", "\\\\").replace("\\\\n", "\\n").replace("\"", "\\\"");
            String file = "{\"file_path\":\"/workspace/" + argument + "\"";
            String tool =
                    switch (parts[0]) {
                        case "sh" -> "Bash";
                        case "read" -> "Read";
                        case "grep" -> "Grep";
                        case "edit" -> "Edit";
                        default -> "Write";
                    };
            String json =
                    switch (parts[0]) {
                        case "sh" -> "{\"command\":\"" + argument + "\"}";
                        case "read" -> file + "}";
                        case "grep" ->
                                "{\"pattern\":\""
                                        + argument.split(" ")[0]
                                        + "\",\"path\":\"/workspace/"
                                        + argument.split(" ")[1]
                                        + "\"}";
                        case "edit" -> file + ",\"old_string\":\"a\",\"new_string\":\"b\"}";
                        default -> file + ",\"content\":\"x\"}";
                    };
            return new ToolCall(
                    GuestText.of("c" + ++ids),
                    GuestText.of(tool),
                    GuestText.of(json),
                    GuestText.of("/workspace"));
        }

        private SessionContext context() {
            return new SessionContext() {
                @Override
                public SessionId id() {
                    return SESSION;
                }

                @Override
                public int epoch() {
                    return 0;
                }

                @Override
                public Mode mode() {
                    return Mode.CHECKPOINT;
                }

                @Override
                public DataClass dataClass() {
                    return DataClass.INTERNAL;
                }

                @Override
                public String repository() {
                    return REPOSITORY;
                }

                @Override
                public GuestText task() {
                    return GuestText.of("an afternoon");
                }

                @Override
                public Duration askTimeout() {
                    return Duration.ZERO;
                }
            };
        }
    }

    /// A clock that is set by hand.
    private static final class HandClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-23T13:00:00Z");

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
}
