package dev.countersign.gate.policy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.policy.RecordedSession.Decided;
import dev.countersign.gate.policy.RecordedSession.Prompt;
import dev.countersign.gate.policy.RuleProposer.Candidate;
import dev.countersign.gate.policy.RuleProposer.Pair;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.WorkspaceView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds rules in what was asked, and tries rules on recorded sessions before they are made. Calls
/// are rated anew, as the gate rates them today; where and until when a rule counts is left aside,
/// so that it is seen what it says.
public final class Rehearsal {
    /// Effects that no checkpoint takes back: such calls are for a person, and no rule is
    /// suggested.
    private static final List<String> LEAVES =
            List.of("net.", "deploy.", "cloud.", "iam.", "secrets.");

    private static final int MOST_RULES = 16;

    private final RiskRater risk;
    private final RuleProposer proposer;
    private final List<RecordedSession> sessions;
    private final Map<Digest, Rating> ratings = new HashMap<>();

    /// @param sessions to try rules on, as far as they are read
    public Rehearsal(RiskRater risk, List<RecordedSession> sessions) {
        this.risk = risk;
        this.proposer = new RuleProposer(risk);
        this.sessions = List.copyOf(sessions);
    }

    /// The rules that would have covered all of these calls: the narrowest, then wider ones. Empty
    /// if there is none, such as for critical calls.
    public List<RuleProposal> propose(List<ToolCall> calls) {
        return proposer.forCalls(calls.stream().map(this::rating).toList());
    }

    /// What these rules would have done.
    ///
    /// @throws CountersignException USAGE if one of them is wrong
    public RuleEffect effect(List<String> rules) throws CountersignException {
        return effectOf(parsed(rules));
    }

    private List<Rule> parsed(List<String> rules) throws CountersignException {
        StringBuilder text = new StringBuilder("version: 1\nrules:\n");
        for (String rule : rules) {
            text.append("  - ")
                    .append(RuleText.scoped(rule, "everywhere", null, null))
                    .append('\n');
        }
        Outcome outcome = new PolicyReader("rule", false, risk).read(text.toString());
        Policy policy = outcome.policy();
        if (policy == null) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE,
                    "The rule is wrong: " + PolicyFinding.summary(outcome.findings()));
        }
        return policy.rules().stream().filter(rule -> rule.verb() == Rule.Verb.ALLOW).toList();
    }

    private RuleEffect effectOf(List<Rule> rules) {
        int allowed = 0;
        int denied = 0;
        int unanswered = 0;
        int prompts = 0;
        for (RecordedSession session : sessions) {
            for (Decided one : session.asked()) {
                if (!covers(rules, one)) {
                    continue;
                }
                if (one.answer() == Answer.ALLOWED) {
                    allowed++;
                } else if (one.by() == DecidedBy.PERSON) {
                    denied++;
                } else {
                    unanswered++;
                }
            }
            prompts +=
                    (int) session.prompts().stream().filter(prompt -> gone(rules, prompt)).count();
        }
        return new RuleEffect(sessions.size(), allowed, denied, unanswered, prompts);
    }

    private boolean gone(List<Rule> rules, Prompt prompt) {
        return !prompt.calls().isEmpty()
                && prompt.calls().stream().allMatch(call -> covers(rules, call));
    }

    private boolean covers(List<Rule> rules, Decided one) {
        Rating rating = rating(one.call());
        return PolicyReader.coverable(rating) && PolicySource.allowing(rules, rating).isPresent();
    }

    private Rating rating(ToolCall call) {
        ToolCall bare =
                new ToolCall(GuestText.of(""), call.tool(), call.argumentsJson(), call.cwd());
        return ratings.computeIfAbsent(
                bare.digest(), _ -> risk.rate(bare, WorkspaceView.standard()));
    }

    /// The fewest rules that take the most requests away, step by step. None covers a call that the
    /// developer denied, and none is for calls that leave the VM.
    public RuleSuggestion suggest() {
        List<Prompt> left = new ArrayList<>();
        List<RuleSuggestion.Remaining> never = new ArrayList<>();
        Map<Prompt, Set<Candidate>> wanted = new LinkedHashMap<>();
        int asked = 0;
        for (RecordedSession session : sessions) {
            for (Prompt prompt : session.prompts()) {
                asked++;
                String why = whyNever(prompt);
                Set<Candidate> rules = why == null ? fewest(prompt) : Set.of();
                if (why == null && rules.isEmpty()) {
                    why = "no narrow rule covers all that hung on it";
                }
                if (why != null) {
                    never.add(new RuleSuggestion.Remaining(prompt.requestId(), why));
                } else {
                    left.add(prompt);
                    wanted.put(prompt, rules);
                }
            }
        }
        List<RuleSuggestion.Step> steps = new ArrayList<>();
        Set<Candidate> chosen = new LinkedHashSet<>();
        while (!left.isEmpty()) {
            Prompt next =
                    left.stream()
                            .min(
                                    Comparator.comparingInt(
                                            prompt -> missing(wanted.get(prompt), chosen).size()))
                            .orElseThrow();
            Set<Candidate> more = missing(wanted.get(next), chosen);
            if (chosen.size() + more.size() > MOST_RULES) {
                left.forEach(prompt ->
                        never.add(
                                new RuleSuggestion.Remaining(
                                        prompt.requestId(),
                                        "it would take more than " + MOST_RULES + " rules")));
                break;
            }
            chosen.addAll(more);
            List<Rule> rules = chosen.stream().map(Candidate::rule).toList();
            left.removeIf(prompt -> prompt.equals(next) || gone(rules, prompt));
            RuleEffect effect = effectOf(rules);
            steps.add(
                    new RuleSuggestion.Step(
                            more.stream().map(Candidate::text).toList(),
                            more.stream().map(Candidate::words).toList(),
                            asked - effect.prompts(),
                            effect));
        }
        return new RuleSuggestion(sessions.size(), asked, steps, never);
    }

    private static Set<Candidate> missing(@Nullable Set<Candidate> wanted, Set<Candidate> chosen) {
        Set<Candidate> missing = new LinkedHashSet<>(wanted == null ? Set.of() : wanted);
        missing.removeAll(chosen);
        return missing;
    }

    private @Nullable String whyNever(Prompt prompt) {
        if (prompt.calls().isEmpty()) {
            return "it was never answered";
        }
        for (Decided one : prompt.calls()) {
            Rating rating = rating(one.call());
            if (rating.level() == Level.CRITICAL || one.level() == Level.CRITICAL) {
                return "critical calls are always asked";
            }
            if (!rating.understood()) {
                return "it could not be understood";
            }
            if (one.answer() != Answer.ALLOWED) {
                return "you did not allow it";
            }
            if (rating.effects().contains("git.push")
                    || rating.effects().stream()
                            .anyMatch(effect -> LEAVES.stream().anyMatch(effect::startsWith))) {
                return "it leaves the VM, which no checkpoint takes back";
            }
        }
        return null;
    }

    /// A small set of rules for all that hung on a request: again and again the rule that covers
    /// the most of what was ever asked, the narrower one where two cover the same.
    private Set<Candidate> fewest(Prompt prompt) {
        Set<Candidate> offers = new LinkedHashSet<>();
        for (Decided one : prompt.calls()) {
            Optional<Pair> pair = proposer.forCall(rating(one.call()));
            if (pair.isEmpty()) {
                return Set.of();
            }
            pair.get().narrow().stream().filter(this::harmless).forEach(offers::add);
            List<Candidate> wide = pair.get().wide();
            if (wide != null) {
                wide.stream().filter(this::harmless).forEach(offers::add);
            }
        }
        Set<Candidate> chosen = new LinkedHashSet<>();
        List<Decided> left = new ArrayList<>(prompt.calls());
        while (!left.isEmpty()) {
            List<Candidate> more = best(offers, chosen, left);
            if (more.isEmpty()) {
                more = together(left.getFirst());
            }
            chosen.addAll(more);
            int before = left.size();
            List<Rule> rules = chosen.stream().map(Candidate::rule).toList();
            left.removeIf(one -> covers(rules, one));
            if (left.size() == before) {
                return Set.of();
            }
        }
        return chosen;
    }

    private List<Candidate> best(Set<Candidate> offers, Set<Candidate> chosen, List<Decided> left) {
        Candidate best = null;
        long most = 0;
        for (Candidate offer : offers) {
            List<Rule> with = new ArrayList<>(chosen.stream().map(Candidate::rule).toList());
            with.add(offer.rule());
            if (left.stream().anyMatch(one -> covers(with, one))) {
                long covered =
                        sessions.stream()
                                .flatMap(session -> session.asked().stream())
                                .filter(one -> covers(with, one))
                                .count();
                if (covered > most) {
                    most = covered;
                    best = offer;
                }
            }
        }
        return best == null ? List.of() : List.of(best);
    }

    /// Several commands in one call, each with a rule of its own: their likes if that is harmless,
    /// else exactly these.
    private List<Candidate> together(Decided one) {
        Optional<Pair> pair = proposer.forCall(rating(one.call()));
        if (pair.isEmpty()) {
            return List.of();
        }
        List<Candidate> wide = pair.get().wide();
        if (wide != null && wide.stream().allMatch(this::harmless)) {
            return wide;
        }
        List<Candidate> narrow = pair.get().narrow();
        return narrow.stream().allMatch(this::harmless) ? narrow : List.of();
    }

    /// Covers nothing that the developer denied.
    private boolean harmless(Candidate offer) {
        return effectOf(List.of(offer.rule())).denied() == 0;
    }
}
