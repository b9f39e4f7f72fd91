package dev.countersign.gate.approval;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Counts a session's requests from its journal alone, so that a new engine counts the same. Safe
/// for several threads.
public final class ApprovalTally {
    private static final Duration HASTY = Duration.ofSeconds(2);
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<Instant> asked = new ArrayList<>();
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private @Nullable Instant first;
    private @Nullable Instant last;
    private int covered;

    private record Outcome(boolean allowed, DecidedBy by, @Nullable Duration waited) {}

    /// Takes the next entry of the journal.
    public synchronized void add(Entry entry) {
        if (first == null) {
            first = entry.at();
        }
        last = entry.at();
        if (entry.fact() instanceof Fact.Asked) {
            asked.add(entry.at());
        } else if (entry.fact() instanceof Fact.Decided decided) {
            decided(decided);
        }
    }

    private void decided(Fact.Decided decided) {
        boolean allowed = decided.answer() == Answer.ALLOWED;
        String requestId = decided.requestId();
        if (decided.by() == DecidedBy.PLAN || decided.by() == DecidedBy.RULE) {
            covered += allowed ? 1 : 0;
        }
        if (requestId == null || decided.by() == DecidedBy.PLAN) {
            return;
        }
        outcomes.merge(
                requestId,
                new Outcome(allowed, decided.by(), decided.waited()),
                (one, other) ->
                        new Outcome(one.allowed() || other.allowed(), other.by(), other.waited()));
    }

    /// What it adds up to.
    public synchronized ApprovalBudget budget() {
        Instant from = first == null ? Instant.EPOCH : first;
        Instant to = last == null ? from : last;
        List<Duration> waits =
                outcomes.values().stream()
                        .filter(outcome -> outcome.by() == DecidedBy.PERSON)
                        .map(Outcome::waited)
                        .filter(java.util.Objects::nonNull)
                        .sorted(Comparator.naturalOrder())
                        .toList();
        return new ApprovalBudget(
                asked.size(),
                (int) asked.stream().filter(at -> at.isAfter(to.minus(HOUR))).count(),
                Math.max(0.1, Duration.between(from, to).toMillis() / 3_600_000.0),
                count(outcome -> outcome.by() == DecidedBy.PERSON && outcome.allowed()),
                count(outcome -> outcome.by() == DecidedBy.PERSON && !outcome.allowed()),
                count(outcome ->
                        outcome.by() == DecidedBy.TIMEOUT || outcome.by() == DecidedBy.SESSION),
                waits.isEmpty() ? null : waits.get(waits.size() / 2),
                count(outcome ->
                        outcome.by() == DecidedBy.PERSON
                                && outcome.allowed()
                                && outcome.waited() != null
                                && outcome.waited().compareTo(HASTY) < 0),
                covered);
    }

    private int count(java.util.function.Predicate<Outcome> which) {
        return (int) outcomes.values().stream().filter(which).count();
    }
}
