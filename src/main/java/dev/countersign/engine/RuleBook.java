package dev.countersign.engine;

import dev.countersign.api.PolicyText;
import dev.countersign.api.PolicyView;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleOutcome;
import dev.countersign.api.RuleRemoval;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.RuleSuggestions;
import dev.countersign.api.RulesRemoved;
import dev.countersign.api.TrialView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.Gate;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.policy.Policy;
import dev.countersign.gate.policy.PolicyCheck;
import dev.countersign.gate.policy.PolicyFile;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.policy.RecordedSession;
import dev.countersign.gate.policy.Rehearsal;
import dev.countersign.gate.policy.Rule;
import dev.countersign.gate.policy.RuleEffect;
import dev.countersign.gate.policy.RuleSuggestion;
import dev.countersign.gate.policy.Verdict;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Journal;
import dev.countersign.session.Session;
import dev.countersign.session.SessionRegister;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The rules that are made from practice: offered for a request, tried on recorded sessions, put
/// into a file, and counted at once.
final class RuleBook {
    /// How many sessions a rule is tried on, the newest.
    private static final int SESSIONS = 30;

    /// Characters; beyond it the reader of shell text gives up anyway.
    private static final int LONGEST_TRIAL = 65_536;

    private static final int PAGE = 1000;

    private final SessionRegister register;
    private final Approvals approvals;
    private final RiskRater risk;
    private final Supplier<PolicySource> own;
    private final Path userFile;
    private final Mode mode;
    private final DataClass dataClass;
    private final Clock clock;
    private final Map<SessionId, Reading> read = new HashMap<>();

    /// What was read of a session's journal so far.
    private static final class Reading {
        final RecordedSession session;
        final RuleUse use = new RuleUse();
        long next;

        Reading(SessionId id) {
            session = new RecordedSession(id);
        }
    }

    RuleBook(
            SessionRegister register,
            Approvals approvals,
            RiskRater risk,
            Supplier<PolicySource> own,
            Path userFile,
            Mode mode,
            DataClass dataClass,
            Clock clock) {
        this.register = register;
        this.approvals = approvals;
        this.risk = risk;
        this.own = own;
        this.userFile = userFile;
        this.mode = mode;
        this.dataClass = dataClass;
        this.clock = clock;
    }

    RuleOffers offers(String requestId) throws CountersignException {
        ApprovalRequest request = request(requestId);
        String none = whyNone(request);
        if (none != null) {
            return new RuleOffers(requestId, List.of(), none);
        }
        Rehearsal rehearsal = new Rehearsal(risk, recorded(Optional.empty()));
        List<RuleOffers.Offer> offers = new ArrayList<>();
        for (var proposal :
                rehearsal.propose(request.waiting().stream().map(RuleBook::call).toList())) {
            offers.add(
                    new RuleOffers.Offer(
                            proposal.rules(),
                            proposal.words(),
                            proposal.wider(),
                            view(rehearsal.effect(proposal.rules()))));
        }
        return new RuleOffers(
                requestId,
                offers,
                offers.isEmpty()
                        ? "No rule can say exactly what this is: it carries other code, or has"
                                + " words that are known only when it runs."
                        : null);
    }

    private static @Nullable String whyNone(ApprovalRequest request) {
        if (request.level() == Level.CRITICAL) {
            return "Critical calls are always asked: no rule covers them.";
        }
        if (request.kind().equals("hosts")) {
            return "Hosts are allowed for the repository with --for repository, or for all by a line of the policy's egress part.";
        }
        return request.waiting().stream()
                .map(ApprovalRequest.Call::rule)
                .filter(rule -> !rule.startsWith("mode "))
                .findFirst()
                .map(rule ->
                        "The rule " + rule + " wants it asked, and is stronger than any allow.")
                .orElse(null);
    }

    private static ToolCall call(ApprovalRequest.Call asked) {
        return new ToolCall(asked.id(), asked.tool(), asked.argumentsJson(), asked.cwd());
    }

    private ApprovalRequest request(String id) throws CountersignException {
        return approvals
                .find(id)
                .orElseThrow(() ->
                        new CountersignException(
                                Kind.USAGE,
                                "There is no request %s. List them: countersign approvals list."
                                        .formatted(GuestText.of(id).visible())));
    }

    RuleOutcome add(RuleRequest wanted) throws CountersignException {
        Session session = session(wanted);
        String in =
                switch (wanted.scope()) {
                    case "everywhere" -> null;
                    case "session" -> needed(session, "session").id().value();
                    case "repository" -> needed(session, "repository").repository();
                    default ->
                            throw new CountersignException(
                                    Kind.USAGE,
                                    "The scope %s is unknown. Use session, repository or everywhere."
                                            .formatted(GuestText.of(wanted.scope()).visible()));
                };
        List<String> rules =
                PolicyFile.complete(wanted.rules(), wanted.scope(), in, until(wanted.until()));
        if (rules.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "No rule is named. Write one like `allow: {tool: shell, argv: [npm, ci]}`.");
        }
        Rehearsal rehearsal = new Rehearsal(risk, recorded(Optional.empty()));
        RuleOffers.Effect effect = view(rehearsal.effect(wanted.rules()));
        boolean forSession = wanted.scope().equals("session");
        Path file = forSession ? needed(session, "session").sessionRules() : userFile;
        PolicyFile policy = new PolicyFile(file, risk);
        if (wanted.dryRun()) {
            policy.check(rules);
            return new RuleOutcome(rules, file.toString(), List.of(), effect, List.of());
        }
        List<Session> judged = forSession ? List.of(needed(session, "session")) : judgedBy(in);
        PolicyFile.Added added =
                policy.add(
                        rules,
                        (places, digest) -> {
                            for (Session each : judged) {
                                boolean origin = session != null && session.id().equals(each.id());
                                each.ruleAdded(
                                        new Fact.RuleAdded(
                                                places,
                                                rules,
                                                digest,
                                                origin ? wanted.requestId() : null));
                            }
                        });
        List<String> released = new ArrayList<>();
        for (Session each : judged) {
            released.addAll(each.rulesChanged());
        }
        return new RuleOutcome(rules, file.toString(), added.places(), effect, released);
    }

    /// The sessions that are not over and that a rule of the developer's file is for.
    private List<Session> judgedBy(@Nullable String repository) {
        return register.all().stream()
                .filter(each -> each.standing().state() != SessionState.CLOSED)
                .filter(each -> repository == null || each.repository().equals(repository))
                .toList();
    }

    private @Nullable Session session(RuleRequest wanted) throws CountersignException {
        if (wanted.requestId() != null) {
            return register.get(request(wanted.requestId()).session());
        }
        return wanted.session() == null ? null : register.get(wanted.session());
    }

    private static Session needed(@Nullable Session session, String scope)
            throws CountersignException {
        if (session == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The scope %s needs to know which. Name a session with --session ID."
                            .formatted(scope));
        }
        return session;
    }

    private @Nullable LocalDate until(@Nullable String text) throws CountersignException {
        if (text == null) {
            return null;
        }
        try {
            LocalDate day = LocalDate.parse(text);
            if (day.isBefore(LocalDate.now(clock))) {
                throw new CountersignException(
                        Kind.USAGE, "%s is over. Name a day that is not.".formatted(day));
            }
            return day;
        } catch (DateTimeParseException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s is not a day. Write it like 2027-01-31."
                            .formatted(GuestText.of(text).visible()),
                    e);
        }
    }

    RuleSuggestions suggest(Optional<SessionId> id) throws CountersignException {
        RuleSuggestion found = new Rehearsal(risk, recorded(id)).suggest();
        return new RuleSuggestions(
                found.sessions(),
                found.asked(),
                found.steps().stream()
                        .map(step ->
                                new RuleSuggestions.Step(
                                        step.rules(),
                                        step.words(),
                                        step.left(),
                                        view(step.effect())))
                        .toList(),
                found.remaining().stream()
                        .map(one -> new RuleSuggestions.Remaining(one.requestId(), one.why()))
                        .toList());
    }

    PolicyView policy(Optional<SessionId> id) throws CountersignException {
        PolicySource source = id.isPresent() ? register.get(id.get()).policy() : own.get();
        LocalDate today = LocalDate.now(clock);
        List<RuleUse> uses = uses(id);
        return new PolicyView(
                userFile.toString(),
                id.isPresent()
                        ? register.get(id.get()).order().mode().word()
                        : Objects.requireNonNullElse(source.user().mode(), mode).word(),
                id.isPresent()
                        ? register.get(id.get()).order().dataClass().word()
                        : Objects.requireNonNullElse(source.user().dataClass(), dataClass).word(),
                source.trouble().orElse(null),
                source.inForce().stream()
                        .flatMap(policy ->
                                policy.rules().stream()
                                        .map(rule -> view(policy, rule, uses, today)))
                        .toList(),
                PolicySource.builtInText());
    }

    private static PolicyView.Rule view(
            Policy policy, Rule rule, List<RuleUse> uses, LocalDate today) {
        String digest = policy.digest().toString();
        String made = RuleUse.origin(uses, rule.place(), policy.source(), digest);
        String origin =
                switch (policy.source()) {
                    case "built-in" -> "built in";
                    case PolicyCheck.REPOSITORY_FILE -> "the repository";
                    case PolicySource.SESSION_RULES ->
                            made.isEmpty() ? "this session" : "this session, " + made;
                    default -> made.isEmpty() ? "your file" : "your file, " + made;
                };
        return new PolicyView.Rule(
                rule.place(),
                rule.inWords(),
                rule.because(),
                rule.until() != null && today.isAfter(rule.until()),
                origin,
                RuleUse.hits(uses, rule.place(), policy.source(), digest));
    }

    private synchronized List<RuleUse> uses(Optional<SessionId> id) throws CountersignException {
        return recorded(id).stream()
                .map(session -> Objects.requireNonNull(read.get(session.session())).use)
                .toList();
    }

    RulesRemoved remove(RuleRemoval wanted) throws CountersignException {
        if (wanted.places().isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "No rule is named. `countersign policy show` lists them with file and line.");
        }
        Session session = wanted.session() == null ? null : register.get(wanted.session());
        Set<String> names = new HashSet<>();
        List<Integer> lines = new ArrayList<>();
        for (String place : wanted.places()) {
            int colon = place.lastIndexOf(':');
            try {
                names.add(place.substring(0, Math.max(0, colon)));
                lines.add(Integer.parseInt(place.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw new CountersignException(
                        Kind.USAGE,
                        "%s names no rule. Name file and line as `countersign policy show` does, such as policy.yaml:7."
                                .formatted(GuestText.of(place).visible()),
                        e);
            }
        }
        if (names.size() > 1) {
            throw new CountersignException(
                    Kind.USAGE, "The rules stand in several files. Remove them file by file.");
        }
        boolean ofSession = names.contains(PolicySource.SESSION_RULES);
        Path file = ofSession ? needed(session, "session").sessionRules() : ownFile(names);
        PolicyFile policy = new PolicyFile(file, risk);
        PolicyFile.Removed draft = policy.removal(lines);
        if (wanted.dryRun()) {
            return new RulesRemoved(file.toString(), draft.rules(), draft.diff(), List.of());
        }
        List<Session> judged = ofSession ? List.of(needed(session, "session")) : judgedBy(null);
        policy.remove(
                draft,
                (places, _) -> {
                    for (Session each : judged) {
                        each.rulesRemoved(places, draft.rules());
                    }
                });
        List<String> released = new ArrayList<>();
        for (Session each : judged) {
            released.addAll(each.rulesChanged());
        }
        return new RulesRemoved(file.toString(), draft.rules(), draft.diff(), released);
    }

    private Path ownFile(Set<String> names) throws CountersignException {
        String name = names.iterator().next();
        if (name.equals(String.valueOf(userFile.getFileName()))) {
            return userFile;
        }
        throw new CountersignException(
                Kind.USAGE,
                switch (name) {
                    case "built-in" ->
                            "Built-in rules can't be removed. Your own `allow` takes precedence over what"
                                    + " asks by level, never over them.";
                    case PolicyCheck.REPOSITORY_FILE ->
                            "That rule is the repository's own. Change its "
                                    + PolicyCheck.REPOSITORY_FILE
                                    + "; it counts for sessions that start then.";
                    default ->
                            "There is no file %s with rules of yours. `countersign policy show` lists them."
                                    .formatted(GuestText.of(name).visible());
                });
    }

    /// Judges a command as the session's gate would, with the rules that are in force now.
    TrialView tryCommand(SessionId id, String command) throws CountersignException {
        if (command.length() > LONGEST_TRIAL) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The command is longer than %d characters. Try its parts."
                            .formatted(LONGEST_TRIAL));
        }
        Session session = register.get(id);
        GuestText root = GuestText.of(session.workspace().root());
        ToolCall call =
                new ToolCall(
                        GuestText.of("trial"), GuestText.of("shell"), GuestText.of("{}"), root);
        PolicySource.Judged judged =
                session.policy()
                        .judge(
                                call,
                                risk.rateShell(command, root.raw(), session.workspace()),
                                Gate.scope(session));
        Verdict verdict = judged.verdict();
        return new TrialView(
                judged.rating().level(),
                switch (verdict) {
                    case Verdict.Deny _ -> "denied";
                    case Verdict.Ask _ -> "asks";
                    case Verdict.Plan _ -> "plan";
                    case Verdict.Run run -> run.flagged() ? "flagged" : "runs";
                },
                verdict.rule(),
                switch (verdict) {
                    case Verdict.Deny deny -> deny.because();
                    case Verdict.Ask ask -> ask.because();
                    case Verdict.Plan _, Verdict.Run _ -> "";
                },
                judged.rating().reasons(),
                judged.rating().effects());
    }

    PolicyText policyText() throws CountersignException {
        if (!Files.exists(userFile)) {
            return new PolicyText(userFile.toString(), false, "", List.of());
        }
        return new PolicyText(
                userFile.toString(),
                true,
                PolicyCheck.text(userFile),
                new PolicyCheck(risk)
                        .check(userFile).stream()
                                .map(each ->
                                        new PolicyText.Finding(
                                                each.line(), each.error(), each.message()))
                                .toList());
    }

    /// The newest sessions as far as their journals go now, or one.
    private synchronized List<RecordedSession> recorded(Optional<SessionId> id)
            throws CountersignException {
        List<Session> all =
                id.isPresent()
                        ? List.of(register.get(id.get()))
                        : register.all().stream().limit(SESSIONS).toList();
        Set<SessionId> known = new HashSet<>(register.all().stream().map(Session::id).toList());
        read.keySet().retainAll(known);
        List<RecordedSession> recorded = new ArrayList<>();
        for (Session session : all) {
            Reading reading = read.computeIfAbsent(session.id(), Reading::new);
            catchUp(reading, session.journal());
            recorded.add(reading.session);
        }
        return recorded;
    }

    private static void catchUp(Reading reading, Journal journal) throws CountersignException {
        List<Entry> page = journal.entries(reading.next, PAGE);
        while (!page.isEmpty()) {
            page.forEach(reading.session::add);
            page.forEach(reading.use::add);
            reading.next = page.getLast().seq() + 1;
            page = journal.entries(reading.next, PAGE);
        }
    }

    private static RuleOffers.Effect view(RuleEffect effect) {
        return new RuleOffers.Effect(
                effect.sessions(),
                effect.allowed(),
                effect.denied(),
                effect.unanswered(),
                effect.prompts(),
                effect.sentence());
    }
}
