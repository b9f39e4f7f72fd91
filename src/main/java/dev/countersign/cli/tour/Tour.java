package dev.countersign.cli.tour;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.ReviewView;
import dev.countersign.api.Selection;
import dev.countersign.api.Service;
import dev.countersign.api.StartRequest;
import dev.countersign.api.VerifyView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The first session, step by step. Each step is checked by what can be seen of it (the log, the
/// staged files, the host's own tests), never by what the agent says of itself; the first that does
/// not fit ends the tour with its name.
public final class Tour {
    /// A step that was not seen, or not as it should be.
    public static final class StepFailed extends Exception {
        private static final long serialVersionUID = 1L;

        StepFailed(String step, String why) {
            super("Step \"" + step + "\": " + why);
        }
    }

    /// How the steps are shown and the developer is asked.
    public interface Guide {
        /// A step begins.
        void step(int number, String title);

        /// A line below the step.
        void say(String line);

        /// Follows the session until its agent has ended, shows each entry and also gives it to
        /// `record`; requests are answered on the way.
        ///
        /// @return the code of [dev.countersign.cli.Follow#untilAgentEnds]
        int follow(SessionId session, Consumer<Entry> record) throws CountersignException;

        /// Shows a review.
        void show(ReviewView review);

        /// A question with yes or no; the answer of an automatic guide is fixed.
        boolean yes(String question) throws CountersignException, InterruptedException;

        /// Starts the session, so that Ctrl-C from here on takes it back.
        SessionId start(StartRequest request) throws CountersignException;
    }

    private final Service engine;
    private final SampleRepository sample;
    private final String agent;
    private final HostTests hostTests;
    private final Guide guide;
    private int steps;

    /// @param hostTests runs the sample's tests on the host
    public Tour(
            Service engine,
            SampleRepository sample,
            String agent,
            HostTests hostTests,
            Guide guide) {
        this.engine = engine;
        this.sample = sample;
        this.agent = agent;
        this.hostTests = hostTests;
        this.guide = guide;
    }

    /// The first of `directory`, `directory-2`, `directory-3` … that does not exist.
    public static Path freeName(Path directory) {
        Path free = directory;
        for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
            free = directory.resolveSibling(directory.getFileName() + "-" + i);
        }
        return free;
    }

    /// Walks through all of it and deletes the session at the end, also after a failed step.
    ///
    /// @param directory where the sample goes; must not exist
    /// @throws StepFailed naming the first step that was not as it should be
    public void run(Path directory) throws CountersignException, StepFailed, InterruptedException {
        String step = begin("copy the sample repository to " + directory);
        sample.copyTo(directory);
        check(step, Files.isDirectory(directory), "the directory is not there");

        step = begin("its tests fail on the host, as they should");
        tests(step, directory, false);

        begin("start a session with the bundled agent and the scripted model");
        SessionId session = guide.start(request(directory, agent, sample.task()));
        guide.say("session " + session);
        try {
            work(session, directory);
        } catch (CountersignException | StepFailed | InterruptedException e) {
            cleanUp(session, e);
            throw e;
        }
        guide.say("");
        guide.say("All " + steps + " steps were seen. The repository is in " + directory + ".");
    }

    /// The session that the tour starts, in the terminal and in the window alike.
    public static StartRequest request(Path directory, String agent, String task) {
        return new StartRequest(
                directory.toAbsolutePath().toString(),
                agent,
                task,
                null,
                null,
                null,
                null,
                "scripted:tour",
                null,
                null);
    }

    private void cleanUp(SessionId session, Exception why) {
        try {
            engine.delete(session, true);
            guide.say("Session " + session + " was deleted.");
        } catch (CountersignException e) {
            why.addSuppressed(e);
            guide.say(
                    "Session "
                            + session
                            + " is still there: "
                            + e.getMessage()
                            + " Look with"
                            + " `countersign session show "
                            + session
                            + "`.");
        }
    }

    private void work(SessionId session, Path directory)
            throws CountersignException, StepFailed, InterruptedException {
        String step = begin("the agent works; what is risky waits for you");
        Seen seen = new Seen();
        int code = guide.follow(session, seen::entry);
        check(
                step,
                engine.session(session).state() != SessionState.FAILED,
                "the session failed, see above");
        check(step, code == 0 || !seen.allAllowed(), "the agent failed, see above");
        seen.check(step, sample.expected());

        step = begin("a checkpoint and a rollback");
        rollback(step, session);

        step = begin("review what is staged");
        ReviewView review = engine.review(session);
        guide.show(review);
        markers(step, review, seen);
        boolean finished = isStaged(review, sample.expected().changed());
        check(
                step,
                finished || !seen.allAllowed(),
                "the finished work is not staged: " + sample.expected().changed());
        check(
                step,
                !finished || !seen.allDenied(),
                "work is staged although all was denied: " + sample.expected().changed());

        step = begin("apply, and run the tests on the host");
        if (!finished) {
            guide.say("The agent was not allowed to finish; there is nothing to apply.");
            tests(step, directory, false);
        } else if (guide.yes("Apply all of it to " + directory + "?")) {
            apply(step, session, directory);
        } else {
            tests(step, directory, false);
        }

        step = begin("verify the signed log");
        VerifyView verified = engine.verify(session);
        check(step, verified.ok(), "the log is bad: " + verified.problem());
        check(step, verified.entries() > 0, "the log is empty");
        guide.say(
                "%d entries, verified to entry %d, anchor %s"
                        .formatted(verified.entries(), verified.verifiedTo(), verified.anchor()));

        step = begin("delete the session");
        engine.delete(session, true);
        check(
                step,
                engine.sessions().stream().noneMatch(view -> view.id().equals(session)),
                "it is still listed");
    }

    private void rollback(String step, SessionId session) throws CountersignException, StepFailed {
        int before = engine.session(session).epoch();
        CheckpointView taken = engine.createCheckpoint(session, "tour");
        guide.say("checkpoint " + taken.id() + " taken");
        engine.restore(session, taken.id());
        int after = engine.session(session).epoch();
        check(step, after > before, "no new epoch began");
        check(
                step,
                engine.checkpoints(session).stream().anyMatch(c -> c.id().equals(taken.id())),
                "the checkpoint is not listed");
        guide.say("restored; epoch " + after);
    }

    private void apply(String step, SessionId session, Path directory)
            throws CountersignException, StepFailed, InterruptedException {
        applyAll(step, session);
        tests(step, directory, true);
        if (guide.yes("Undo it, to see that the host's files come back?")) {
            String undoing = begin("undo, and apply again");
            ApplyView undone = engine.undo(session);
            check(undoing, undone.refused().isEmpty(), "not all was taken back");
            tests(undoing, directory, false);
            applyAll(undoing, session);
            tests(undoing, directory, true);
        }
    }

    private void applyAll(String step, SessionId session) throws CountersignException, StepFailed {
        ReviewView review = engine.review(session);
        ApplyView done =
                engine.apply(session, new ApplyRequest(Selection.all(review.id()), "tree"));
        check(step, done.hunks() > 0, "nothing was applied");
        check(
                step,
                done.refused().isEmpty(),
                "left alone: "
                        + String.join(
                                ", ", done.refused().stream().map(GuestText::visible).toList()));
        guide.say("applied " + done.hunks() + " hunks in " + done.paths().size() + " files");
    }

    private void tests(String step, Path directory, boolean pass)
            throws StepFailed, CountersignException, InterruptedException {
        HostTests.Outcome outcome = hostTests.run(sample.hostTestCommand(), directory);
        guide.say(
                "host tests: "
                        + (outcome.passed() ? "pass" : "fail")
                        + (outcome.lastLine().isEmpty()
                                ? ""
                                : "  (" + GuestText.of(outcome.lastLine()).visible() + ")"));
        check(
                step,
                outcome.passed() == pass,
                pass ? "the tests fail on the host" : "the tests pass on the host already");
    }

    /// What ran left its marker; what was denied must not have.
    private void markers(String step, ReviewView review, Seen seen) throws StepFailed {
        SampleRepository.Expected expected = sample.expected();
        check(
                step,
                !isStaged(review, expected.deniedMarker()),
                "the call that a rule denies ran: " + expected.deniedMarker() + " is there");
        for (RelativePath marker : expected.heldMarkers()) {
            boolean there = isStaged(review, marker);
            if (seen.allAllowed()) {
                check(step, there, "an allowed call left no marker " + marker);
            }
            if (seen.allDenied()) {
                check(step, !there, "a denied call ran: marker " + marker + " is there");
            }
        }
    }

    private static boolean isStaged(ReviewView review, RelativePath path) {
        return review.files().stream()
                .anyMatch(file ->
                        file.path().raw().equals(path.value()) && !file.change().equals("deleted"));
    }

    private String begin(String title) {
        guide.step(++steps, title);
        return title;
    }

    private static void check(String step, boolean good, String otherwise) throws StepFailed {
        if (!good) {
            throw new StepFailed(step, otherwise + ".");
        }
    }

    /// What the log showed while the agent worked.
    private static final class Seen {
        private final Map<GuestText, String> calls = new HashMap<>();
        private final Map<String, List<GuestText>> requests = new HashMap<>();
        private final Map<String, Answer> answers = new HashMap<>();
        private final Set<GuestText> released = new HashSet<>();
        private final Set<GuestText> failed = new HashSet<>();
        private boolean planAsked;
        private boolean callsAsked;
        private boolean ruleDenied;
        private boolean startCheckpoint;
        private boolean agentStarted;

        void entry(Entry entry) {
            switch (entry.fact()) {
                case Fact.Called f -> calls.put(f.call().id(), f.call().argumentsJson().raw());
                case Fact.Asked f -> {
                    requests.put(f.requestId(), f.callIds());
                    planAsked |= f.kind().equals("plan");
                    callsAsked |= f.kind().equals("calls");
                }
                case Fact.Decided f -> {
                    if (f.requestId() != null && f.by() == DecidedBy.PERSON) {
                        answers.put(f.requestId(), f.answer());
                    }
                    ruleDenied |= f.by() == DecidedBy.RULE && f.answer() == Answer.DENIED;
                }
                case Fact.Released f -> released.add(f.callId());
                case Fact.Returned f -> {
                    if (f.error()) {
                        failed.add(f.callId());
                    }
                }
                case Fact.CheckpointTaken _ -> startCheckpoint |= !agentStarted;
                case Fact.AgentStarted _ -> agentStarted = true;
                default -> {}
            }
        }

        boolean allAllowed() {
            return answers.values().stream().allMatch(answer -> answer == Answer.ALLOWED);
        }

        boolean allDenied() {
            return answers.values().stream().noneMatch(answer -> answer == Answer.ALLOWED);
        }

        void check(String step, SampleRepository.Expected expected) throws StepFailed {
            Tour.check(step, startCheckpoint, "no checkpoint was taken before the agent started");
            Tour.check(step, agentStarted, "the agent did not start");
            Tour.check(step, planAsked, "no plan was held");
            requests.forEach((id, _) -> answers.putIfAbsent(id, Answer.DENIED));
            for (Map.Entry<String, Answer> one : answers.entrySet()) {
                for (GuestText call : requests.getOrDefault(one.getKey(), List.of())) {
                    Tour.check(
                            step,
                            released.contains(call) == (one.getValue() == Answer.ALLOWED),
                            "call "
                                    + call.visible()
                                    + " was "
                                    + one.getValue()
                                    + " and "
                                    + (released.contains(call) ? "released" : "not released"));
                }
            }
            if (allAllowed()) {
                Tour.check(step, callsAsked, "no risky call was held");
                Tour.check(step, ruleDenied, "no call was denied by rule");
                Tour.check(
                        step,
                        calls.entrySet().stream()
                                .anyMatch(call ->
                                        call.getValue().contains(expected.unreachable())
                                                && failed.contains(call.getKey())),
                        "the attempt to reach " + expected.unreachable() + " did not fail");
            }
        }
    }
}
