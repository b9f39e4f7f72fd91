package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.policy.Rule.Verb;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.SimpleCommand;
import dev.countersign.gate.risk.ToolKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The rules that count now: the built-in ones, the user's file, and for a session the
/// repository's.
///
/// The user's file is looked at before each call and read again when it changed. A file that became
/// bad is refused as a whole; the last good one stays in force, and is said so.
///
/// ```java
/// PolicySource user = PolicySource.open(file, lastGood, risk, clock, fact -> journal.record(fact));
/// PolicySource mine = user.tightenedBy(repositoryDirectory).withSessionRules(sessionFile, told);
/// ```
public final class PolicySource {
    /// The name of the file with the rules for one session.
    public static final String SESSION_RULES = "session-rules.yaml";

    /// A call's rating after rules raised it, and the verdict.
    public record Judged(Rating rating, Verdict verdict) {}

    private final RiskRater risk;
    private final Clock clock;
    private final WatchedPolicy user;
    private final Policy builtIn;
    private final @Nullable Policy repository;
    private final @Nullable WatchedPolicy session;

    private PolicySource(
            RiskRater risk,
            Clock clock,
            WatchedPolicy user,
            Policy builtIn,
            @Nullable Policy repository,
            @Nullable WatchedPolicy session) {
        this.risk = risk;
        this.clock = clock;
        this.user = user;
        this.builtIn = builtIn;
        this.repository = repository;
        this.session = session;
    }

    /// With the user's file, which may be absent.
    ///
    /// @param lastGood where the last good version is kept over restarts; it is in force while the
    ///   file is bad, and its age is said
    /// @param told hears of each load and each refusal
    /// @throws CountersignException REFUSED if the file is there and bad, and there is no last good
    ///   version
    public static PolicySource open(
            Path file, Path lastGood, RiskRater risk, Clock clock, Consumer<Fact.PolicyLoaded> told)
            throws CountersignException {
        WatchedPolicy user = new WatchedPolicy(file, lastGood, risk, clock, told);
        user.first();
        return new PolicySource(risk, clock, user, builtIn(risk), null, null);
    }

    /// As [#open], for a session that runs already: where nothing good is left, every call asks
    /// until the file is good again. Never by no rules at all.
    public static PolicySource openOrAskAll(
            Path file,
            Path lastGood,
            RiskRater risk,
            Clock clock,
            Consumer<Fact.PolicyLoaded> told) {
        WatchedPolicy user = new WatchedPolicy(file, lastGood, risk, clock, told);
        user.firstOrAskAll();
        return new PolicySource(risk, clock, user, builtIn(risk), null, null);
    }

    /// With the built-in rules alone.
    public static PolicySource standard(RiskRater risk, Clock clock) {
        return new PolicySource(
                risk, clock, WatchedPolicy.none(risk, clock), builtIn(risk), null, null);
    }

    /// With the rules that the developer made for one session, which end with it.
    public PolicySource withSessionRules(Path file, Consumer<Fact.PolicyLoaded> told) {
        WatchedPolicy own =
                new WatchedPolicy(
                        file,
                        file.resolveSibling(file.getFileName() + ".last-good"),
                        risk,
                        clock,
                        told);
        own.firstOrAskAll();
        return new PolicySource(risk, clock, user, builtIn, repository, own);
    }

    /// With the `.countersign.yaml` of a repository, read once, now. It can only tighten.
    ///
    /// @throws CountersignException REFUSED if it is there and bad
    public PolicySource tightenedBy(Path repositoryDirectory) throws CountersignException {
        Path file = repositoryDirectory.resolve(PolicyCheck.REPOSITORY_FILE);
        if (!Files.exists(file)) {
            return this;
        }
        Outcome outcome =
                new PolicyReader(PolicyCheck.REPOSITORY_FILE, true, risk)
                        .read(PolicyCheck.text(file));
        Policy read = outcome.policy();
        if (read == null) {
            throw PolicyFinding.refused(file, outcome.findings());
        }
        return new PolicySource(risk, clock, user, builtIn, read, session);
    }

    /// The user's policy as it is in force, for the mode, class and egress that it names.
    public Policy user() {
        return user.current();
    }

    /// The repository's policy, if there is one.
    public Optional<Policy> repository() {
        return Optional.ofNullable(repository);
    }

    /// Why the user's file is not what is in force, with the age of what is; empty if it is.
    public Optional<String> trouble() {
        user.current();
        return user.trouble();
    }

    /// What stays out of the guest, by the user's file and the repository's.
    public List<String> excludes() {
        return inForce().stream().flatMap(policy -> policy.exclude().stream()).toList();
    }

    /// What enters the guest of this repository although `.gitignore` names it, by the user's file
    /// alone.
    public List<String> includes(Path directory) {
        return user.current().include().stream()
                .filter(include ->
                        include.in() == null || directory.toString().equals(include.in()))
                .map(Policy.Include::pattern)
                .toList();
    }

    /// All that is in force, the strictest source first.
    public List<Policy> inForce() {
        WatchedPolicy own = session;
        return Stream.of(builtIn, repository, user.current(), own == null ? null : own.current())
                .filter(Objects::nonNull)
                .toList();
    }

    /// The same sources with further rules in the user's place, to see what they would do.
    PolicySource with(List<Rule> further) {
        Policy now = user.current();
        List<Rule> rules = new ArrayList<>(now.rules());
        rules.addAll(further);
        return new PolicySource(
                risk,
                clock,
                WatchedPolicy.fixed(now.with(rules), risk, clock),
                builtIn,
                repository,
                session);
    }

    /// The built-in rules as text, to be shown.
    public static String builtInText() {
        try (InputStream in = PolicySource.class.getResourceAsStream("default-policy.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the built-in policy is not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the built-in policy can't be read", e);
        }
    }

    /// Built-in deny, deny, ask, allow, then the mode's table; the strictest wins in each step.
    public Judged judge(ToolCall call, Rating rating, Scope scope) {
        LocalDate today = LocalDate.now(clock);
        List<Rule> rules =
                inForce().stream()
                        .flatMap(policy -> policy.rules().stream())
                        .filter(rule -> rule.applies(scope, today))
                        .toList();
        Rating raised = rating;
        for (Rule rule : rules) {
            Level to = rule.raiseTo();
            if (to != null && rule.matches(rating)) {
                raised = raised.raisedTo(to, "raised by " + rule.place() + ": " + rule.because());
            }
        }
        return new Judged(raised, verdict(rules, rating, raised, scope));
    }

    private static Verdict verdict(List<Rule> rules, Rating rating, Rating raised, Scope scope) {
        for (Rule rule : rules) {
            if (rule.verb() == Verb.DENY && rule.matches(rating)) {
                return new Verdict.Deny(rule.place(), rule.because());
            }
        }
        for (Rule rule : rules) {
            if (rule.verb() == Verb.ASK && rule.matches(rating)) {
                return new Verdict.Ask(rule.place(), rule.because());
            }
        }
        if (PolicyReader.coverable(raised)) {
            Optional<Rule> allowing =
                    allowing(
                            rules.stream().filter(rule -> rule.verb() == Verb.ALLOW).toList(),
                            raised);
            if (allowing.isPresent()) {
                return new Verdict.Run(allowing.get().place(), DecidedBy.RULE, false);
            }
        }
        return byMode(raised, scope);
    }

    /// The rule that lets a call run. Of shell text with several commands each that is not low by
    /// itself must be covered, by one rule or by several: then it is the first of them.
    static Optional<Rule> allowing(List<Rule> rules, Rating rating) {
        for (Rule rule : rules) {
            if (rule.matches(rating)) {
                return Optional.of(rule);
            }
        }
        if (rating.kind() != ToolKind.SHELL) {
            return Optional.empty();
        }
        List<Rule> speaking = rules.stream().filter(rule -> rule.speaksOf(rating)).toList();
        List<Rule> used = new ArrayList<>();
        for (SimpleCommand command : rating.commands()) {
            if (command.level() == Level.LOW) {
                continue;
            }
            Optional<Rule> covering =
                    speaking.stream().filter(rule -> rule.covers(command)).findFirst();
            if (covering.isEmpty()) {
                return Optional.empty();
            }
            used.add(covering.get());
        }
        return used.isEmpty() || !Rule.nameAllEffects(used, rating)
                ? Optional.empty()
                : Optional.of(used.getFirst());
    }

    /// DESIGN §4, the table of modes.
    private static Verdict byMode(Rating rating, Scope scope) {
        String rule = "mode " + scope.mode().word();
        Verdict ask = new Verdict.Ask(rule, "");
        Verdict run = new Verdict.Run(rule, DecidedBy.MODE, false);
        Verdict flagged = new Verdict.Run(rule, DecidedBy.MODE, true);
        if (!rating.understood()) {
            return ask;
        }
        return switch (rating.level()) {
            case LOW ->
                    switch (scope.mode()) {
                        case AUTONOMOUS, POST_HOC, CHECKPOINT -> run;
                        case STEP -> rating.readOrSearch() ? run : ask;
                    };
            case MEDIUM ->
                    switch (scope.mode()) {
                        case AUTONOMOUS -> run;
                        case POST_HOC -> flagged;
                        case CHECKPOINT -> new Verdict.Plan(rule);
                        case STEP -> ask;
                    };
            case HIGH ->
                    switch (scope.mode()) {
                        case AUTONOMOUS -> flagged;
                        case POST_HOC, CHECKPOINT, STEP -> ask;
                    };
            case CRITICAL -> ask;
        };
    }

    private static Policy builtIn(RiskRater risk) {
        Outcome outcome = new PolicyReader("built-in", false, risk).read(builtInText());
        Policy policy = outcome.policy();
        if (policy == null) {
            throw new IllegalStateException("the built-in policy is bad: " + outcome.findings());
        }
        return policy;
    }
}
