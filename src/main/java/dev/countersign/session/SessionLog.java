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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The session's journal, and what it says at a glance. Every room of the session records here.
final class SessionLog implements Recorder {
    private static final int PAGE = 1000;
    private static final int MOST_CALLS = 500;
    private static final int CALL_LENGTH = 300;

    private final Journal journal;
    private final Runnable changed;
    private final AtomicReference<Projection> projection;
    private final ApprovalTally tally = new ApprovalTally();
    private final AtomicReference<Fact.@Nullable Restored> restoring = new AtomicReference<>();
    private final Map<String, String> called = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable String> lastCall = new AtomicReference<>();
    private final Set<String> begun = ConcurrentHashMap.newKeySet();
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    /// Reads what is on record.
    SessionLog(Journal journal, Instant created, Runnable changed) throws CountersignException {
        this.journal = journal;
        this.changed = changed;
        this.projection = new AtomicReference<>(Projection.empty(created));
        from(0, this::fold);
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

    /// Whether a command of the guest's sudo was begun before, by this engine or an earlier one.
    boolean hasReleased(GuestText callId) {
        return begun.contains(callId.raw());
    }

    /// The call that the agent got last, shortened; null: none yet.
    @Nullable String lastCall() {
        return lastCall.get();
    }

    private void note(Fact fact) {
        if (fact instanceof Fact.Called call) {
            if (called.size() >= MOST_CALLS) {
                called.clear();
            }
            String text =
                    call.call().tool().visible() + " " + call.call().argumentsJson().visible();
            called.put(
                    call.call().id().raw(),
                    text.substring(0, Math.min(CALL_LENGTH, text.length())));
        } else if (fact instanceof Fact.Released released) {
            String text = called.remove(released.callId().raw());
            if (text != null) {
                lastCall.set(text);
            }
        }
    }

    /// The requests that were decided after an entry and are not void yet, in order.
    List<String> decidedSince(long seq) throws CountersignException {
        Set<String> decided = new LinkedHashSet<>();
        from(
                seq + 1,
                entry -> {
                    if (entry.fact() instanceof Fact.Decided one && one.requestId() != null) {
                        decided.add(one.requestId());
                    } else if (entry.fact() instanceof Fact.Restored restored) {
                        restored.voided().forEach(decided::remove);
                    }
                });
        return List.copyOf(decided);
    }

    /// The calls that the agent was handed in this epoch and has not reported a result of, in
    /// order.
    List<Fact.Called> handedOver() throws CountersignException {
        Map<String, Fact.Called> seen = new HashMap<>();
        Map<String, Fact.Called> handedOver = new LinkedHashMap<>();
        from(
                0,
                entry -> {
                    switch (entry.fact()) {
                        case Fact.Called one -> seen.put(one.call().id().raw(), one);
                        case Fact.Released released -> {
                            Fact.Called one = seen.remove(released.callId().raw());
                            if (one != null) {
                                handedOver.put(released.callId().raw(), one);
                            }
                        }
                        case Fact.Returned result -> handedOver.remove(result.callId().raw());
                        case Fact.Restored _ -> {
                            seen.clear();
                            handedOver.clear();
                        }
                        default -> {}
                    }
                });
        return List.copyOf(handedOver.values());
    }

    /// The last restore, if its end is not on record: it was neither done nor did it fail.
    Optional<Fact.Restored> openRestore() {
        return Optional.ofNullable(restoring.get());
    }

    private static boolean endsRestore(Fact fact) {
        return switch (fact) {
            case Fact.StepDone done -> done.step().equals(Session.RESTORE);
            case Fact.Noticed noticed ->
                    noticed.topic().equals(Session.RESTORE) && noticed.severity().equals("error");
            default -> false;
        };
    }

    /// The checkpoint as it was recorded; empty if it never was, or was dropped since.
    Optional<CheckpointRecord> checkpointOnRecord(String id) throws CountersignException {
        AtomicReference<@Nullable CheckpointRecord> found = new AtomicReference<>();
        from(
                0,
                entry -> {
                    if (entry.fact() instanceof Fact.CheckpointTaken taken
                            && taken.id().equals(id)) {
                        found.set(CheckpointRecord.of(entry, taken));
                    } else if (entry.fact() instanceof Fact.CheckpointDropped dropped
                            && dropped.id().equals(id)) {
                        found.set(null);
                    }
                });
        return Optional.ofNullable(found.get());
    }

    private void from(long first, Consumer<Entry> reader) throws CountersignException {
        long next = first;
        for (List<Entry> page = journal.entries(next, PAGE);
                !page.isEmpty();
                page = journal.entries(next, PAGE)) {
            page.forEach(reader);
            next = page.getLast().seq() + 1;
        }
    }

    private void fold(Entry entry) {
        if (entry.fact() instanceof Fact.Released released
                && released.callId().raw().startsWith("sudo.")) {
            begun.add(released.callId().raw());
        }
        if (entry.fact() instanceof Fact.Returned result) {
            returned.add(result.callId().raw());
        }
        note(entry.fact());
        tally.add(entry);
        if (entry.fact() instanceof Fact.Restored restored) {
            restoring.set(restored);
        } else if (endsRestore(entry.fact())) {
            restoring.set(null);
        }
        projection.updateAndGet(now -> now.with(entry));
    }
}
