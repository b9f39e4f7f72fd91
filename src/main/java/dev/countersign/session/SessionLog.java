package dev.countersign.session;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.gate.approval.ApprovalBudget;
import dev.countersign.gate.approval.ApprovalTally;
import dev.countersign.journal.Journal;
import dev.countersign.journal.Recorder;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// The session's journal, and what it says at a glance. Every room of the session records here.
final class SessionLog implements Recorder {
    private static final int PAGE = 1000;

    private final Journal journal;
    private final Runnable changed;
    private final AtomicReference<Projection> projection;
    private final ApprovalTally tally = new ApprovalTally();
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    /// Reads what is on record.
    SessionLog(Journal journal, Instant created, Runnable changed) throws CountersignException {
        this.journal = journal;
        this.changed = changed;
        this.projection = new AtomicReference<>(Projection.empty(created));
        long next = 0;
        for (List<Entry> page = journal.entries(next, PAGE);
                !page.isEmpty();
                page = journal.entries(next, PAGE)) {
            page.forEach(this::fold);
            next = page.getLast().seq() + 1;
        }
    }

    @Override
    public Entry record(Fact fact) throws CountersignException {
        Entry entry = journal.record(fact);
        fold(entry);
        changed.run();
        return entry;
    }

    Projection projection() {
        return projection.get();
    }

    /// What it asked of the developer so far.
    ApprovalBudget budget() {
        return tally.budget();
    }

    Journal journal() {
        return journal;
    }

    /// Whether a call's result was recorded before, by this engine or an earlier one.
    boolean hasReturned(GuestText callId) {
        return returned.contains(callId.raw());
    }

    private void fold(Entry entry) {
        if (entry.fact() instanceof Fact.Returned result) {
            returned.add(result.callId().raw());
        }
        tally.add(entry);
        projection.updateAndGet(now -> now.with(entry));
    }
}
