package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.policy.Rule.Verb;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The rules that count now: the built-in ones, the user's file, and for a session the
/// repository's.
///
/// The user's file is looked at before each call and read again when it changed. A file that became
/// bad is refused as a whole; the last good one stays in force, and is said so.
///
/// ```java
/// PolicySource user = PolicySource.open(file, risk, clock, fact -> engineJournal.record(fact));
/// PolicySource mine = user.tightenedBy(repositoryDirectory);
/// ```
public final class PolicySource {
    /// A call's rating after rules raised it, and the verdict.
    public record Judged(Rating rating, Verdict verdict) {}

    private final RiskRater risk;
    private final Clock clock;
    private final UserFile user;
    private final Policy builtIn;
    private final @Nullable Policy repository;

    private PolicySource(
            RiskRater risk,
            Clock clock,
            UserFile user,
            Policy builtIn,
            @Nullable Policy repository) {
        this.risk = risk;
        this.clock = clock;
        this.user = user;
        this.builtIn = builtIn;
        this.repository = repository;
    }

    /// With the user's file, which may be absent.
    ///
    /// @param told hears of each load and each refusal
    /// @throws CountersignException REFUSED if the file is there and bad: there is no last good one
    public static PolicySource open(
            Path file, RiskRater risk, Clock clock, Consumer<Fact.PolicyLoaded> told)
            throws CountersignException {
        UserFile user = new UserFile(file, risk, told);
        user.first();
        return new PolicySource(risk, clock, user, builtIn(risk), null);
    }

    /// With the built-in rules alone.
    public static PolicySource standard(RiskRater risk, Clock clock) {
        return new PolicySource(
                risk, clock, new UserFile(null, risk, _ -> {}), builtIn(risk), null);
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
            throw refused(file.toString(), outcome.findings());
        }
        return new PolicySource(risk, clock, user, builtIn, read);
    }

    /// The user's policy as it is in force, for the mode, class and egress that it names.
    public Policy user() {
        return user.current();
    }

    /// The repository's policy, if there is one.
    public java.util.Optional<Policy> repository() {
        return java.util.Optional.ofNullable(repository);
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
                Stream.of(builtIn, repository, user.current())
                        .filter(policy -> policy != null)
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
        for (Rule rule : rules) {
            if (rule.verb() == Verb.ALLOW
                    && PolicyReader.coverable(raised)
                    && rule.matches(raised)) {
                return new Verdict.Run(rule.place(), DecidedBy.RULE, false);
            }
        }
        return byMode(raised, scope);
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

    private static CountersignException refused(String file, List<PolicyFinding> findings) {
        return new CountersignException(
                Kind.REFUSED,
                "The policy "
                        + file
                        + " is refused: "
                        + summary(findings)
                        + " Correct it, then run `countersign policy check "
                        + file
                        + "`.");
    }

    private static String summary(List<PolicyFinding> findings) {
        return findings.stream()
                .filter(PolicyFinding::error)
                .limit(5)
                .map(finding -> "line " + finding.line() + ": " + finding.message() + ".")
                .collect(Collectors.joining(" "));
    }

    /// The user's file and the last good content of it.
    private static final class UserFile {
        private static final String NAME = "policy.yaml";

        private final @Nullable Path file;
        private final RiskRater risk;
        private final Consumer<Fact.PolicyLoaded> told;
        private Policy good = Policy.empty(NAME);
        private String seen = "";

        UserFile(@Nullable Path file, RiskRater risk, Consumer<Fact.PolicyLoaded> told) {
            this.file = file;
            this.risk = risk;
            this.told = told;
        }

        synchronized void first() throws CountersignException {
            Path at = file;
            if (at == null || !Files.exists(at)) {
                seen = "absent";
                return;
            }
            seen = mark(at);
            Outcome outcome = new PolicyReader(name(at), false, risk).read(PolicyCheck.text(at));
            Policy policy = outcome.policy();
            if (policy == null) {
                throw refused(at.toString(), outcome.findings());
            }
            good = policy;
            told.accept(new Fact.PolicyLoaded(name(at), policy.digest(), "loaded"));
        }

        synchronized Policy current() {
            Path at = file;
            if (at == null) {
                return good;
            }
            String now = mark(at);
            if (!now.equals(seen)) {
                seen = now;
                reload(at);
            }
            return good;
        }

        private void reload(Path at) {
            if (!Files.exists(at)) {
                good = Policy.empty(NAME);
                told.accept(new Fact.PolicyLoaded(name(at), good.digest(), "removed"));
                return;
            }
            try {
                String text = PolicyCheck.text(at);
                Outcome outcome = new PolicyReader(name(at), false, risk).read(text);
                Policy policy = outcome.policy();
                if (policy != null) {
                    good = policy;
                }
                told.accept(
                        new Fact.PolicyLoaded(
                                name(at),
                                Digest.of(text),
                                policy != null
                                        ? "loaded"
                                        : "refused, the last good one stays: "
                                                + summary(outcome.findings())));
            } catch (CountersignException e) {
                told.accept(
                        new Fact.PolicyLoaded(
                                name(at),
                                good.digest(),
                                "refused, the last good one stays: " + e.getMessage()));
            }
        }

        private static String name(Path at) {
            return at.getFileName().toString();
        }

        /// Changes whenever the file does.
        private static String mark(Path at) {
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(at, BasicFileAttributes.class);
                return attributes.lastModifiedTime()
                        + " "
                        + attributes.size()
                        + " "
                        + attributes.fileKey();
            } catch (IOException _) {
                return "absent";
            }
        }
    }
}
