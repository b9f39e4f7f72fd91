package dev.countersign.ui.feed;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Folds the stream of facts into blocks: a call, its decision, its result and its effects are one.
/// Keeps the newest [#MOST] blocks and, of these, the rows that filter and search let through.
final class FeedModel {
    /// Blocks that are kept; older ones are in the journal.
    static final int MOST = 100_000;

    private static final int LOOK_BACK = 64;

    private final RingList<FeedRow> shown = new RingList<>();
    private final ArrayDeque<Block> blocks = new ArrayDeque<>();
    private final Map<String, Block.Call> calls = new HashMap<>();
    private final Map<String, List<Block.Call>> requests = new HashMap<>();
    private final Set<Block.Call> running = new LinkedHashSet<>();
    private final Set<Block.Call> waiting = new LinkedHashSet<>();
    private final EnumMap<Filter, Integer> counts = new EnumMap<>(Filter.class);
    private final int most;
    private Filter filter = Filter.ALL;
    private String search = "";
    private Block.@Nullable Call last;

    // Of the batch that is being folded.
    private final List<Block> fresh = new ArrayList<>();
    private final Set<Block> touched = new LinkedHashSet<>();

    FeedModel() {
        this(MOST);
    }

    FeedModel(int most) {
        this.most = most;
    }

    /// What the list view shows.
    RingList<FeedRow> shown() {
        return shown;
    }

    /// How many calls a filter covers.
    int count(Filter of) {
        return counts.getOrDefault(of, 0);
    }

    /// Calls that wait for the developer.
    Collection<Block.Call> waiting() {
        return waiting;
    }

    /// Takes a batch in; the list changes once. Returns how many rows came in at the end.
    int take(List<Entry> batch) {
        fresh.clear();
        touched.clear();
        for (Entry entry : batch) {
            fold(entry);
        }
        shown.begin();
        int before = shown.size();
        for (Block block : touched) {
            update(block);
        }
        int grown = shown.size();
        List<FeedRow> rows = new ArrayList<>();
        for (Block block : fresh) {
            if (passes(block)) {
                rows.addAll(block.rows());
            }
        }
        shown.append(rows);
        evict();
        shown.end();
        count(fresh);
        return rows.size() + Math.max(0, grown - before);
    }

    /// Shows only what both let through.
    void show(Filter only, String containing) {
        filter = only;
        search = containing.strip().toLowerCase(Locale.ROOT);
        List<FeedRow> rows = new ArrayList<>();
        for (Block block : blocks) {
            if (passes(block)) {
                rows.addAll(block.rows());
            }
        }
        shown.begin();
        shown.cut(0, shown.size());
        shown.append(rows);
        shown.end();
    }

    /// Folds or unfolds.
    void toggle(Block block) {
        block.open(!block.open());
        refresh(List.of(block));
    }

    /// Shows all the output that is there, not its end only.
    void showAll(Block.Call call) {
        call.full = true;
        refresh(List.of(call));
    }

    /// Draws these anew, such as waiting ones whose age changed.
    void refresh(Collection<? extends Block> changed) {
        if (changed.isEmpty()) {
            return;
        }
        shown.begin();
        for (Block block : changed) {
            if (block instanceof Block.Call call) {
                call.touch();
            }
            update(block);
        }
        shown.end();
    }

    /// Index of a request's row among those shown, or -1.
    int indexOf(String requestId) {
        List<Block.Call> of = requests.getOrDefault(requestId, List.of());
        return of.isEmpty() ? -1 : from(of.getFirst().order());
    }

    private void fold(Entry entry) {
        switch (entry.fact()) {
            case Fact.Called f -> {
                Block.Call call = new Block.Call(entry.seq(), entry.at(), f.call());
                calls.put(f.call().id().raw(), call);
                add(call);
            }
            case Fact.Judged f -> {
                Block.Call call = calls.get(f.callId().raw());
                if (call != null) {
                    call.level = f.level();
                    touch(call);
                }
            }
            case Fact.Asked f -> {
                List<Block.Call> asked = new ArrayList<>();
                f.callIds()
                        .forEach(id -> {
                            Block.Call call = calls.get(id.raw());
                            if (call != null && call.decided == null) {
                                call.requestId = f.requestId();
                                call.askedAt = entry.at();
                                unfold(call);
                                waiting.add(call);
                                asked.add(call);
                                touch(call);
                            }
                        });
                requests.put(f.requestId(), asked);
            }
            case Fact.Decided f -> {
                Block.Call call = calls.get(f.callId().raw());
                if (call != null) {
                    call.decided = f;
                    call.decidedAt = entry.at();
                    waiting.remove(call);
                    if (f.requestId() != null && call.requestId == null) {
                        call.requestId = f.requestId();
                    }
                    if (call.into != null && (f.answer() != Answer.ALLOWED || call.flagged())) {
                        unfold(call);
                    } else {
                        foldIntoLast(call);
                    }
                    touch(call);
                }
            }
            case Fact.Released f -> {
                Block.Call call = calls.get(f.callId().raw());
                if (call != null) {
                    call.releasedAt = entry.at();
                    running.add(call);
                    last = call;
                    touch(call);
                }
            }
            case Fact.Returned f -> {
                Block.Call call = calls.get(f.callId().raw());
                if (call != null && call.returned == null) {
                    call.returned = f;
                    call.returnedAt = entry.at();
                    running.remove(call);
                    if (f.error()) {
                        unfold(call);
                    }
                    touch(call);
                }
            }
            case Fact.Staged f -> {
                Block.Call cause = cause();
                if (cause == null) {
                    add(new Block.Note(entry.seq(), entry.at(), f));
                } else {
                    cause.staged.add(f);
                    touch(cause);
                }
            }
            case Fact.AgentSaid f -> {
                if (!f.text().raw().isBlank()) {
                    add(new Block.Said(entry.seq(), entry.at(), f.text()));
                }
            }
            case Fact.Restored f -> {
                // What ran or waited on the abandoned line is over.
                running.clear();
                last = null;
                waiting.forEach(call -> {
                    call.abandoned = true;
                    touch(call);
                });
                waiting.clear();
                add(new Block.Note(entry.seq(), entry.at(), f));
            }
            case Fact.ConnectionDecided f -> {
                // What is allowed is in the log; the feed shows what was not.
                if (!f.allowed()) {
                    add(new Block.Note(entry.seq(), entry.at(), f));
                }
            }
            case Fact.ModelAsked _, Fact.ApplyBegun _, Fact.ConnectionEnded _ -> {}
            case Fact.SessionOpened _,
                    Fact.StateChanged _,
                    Fact.StepDone _,
                    Fact.VmStarted _,
                    Fact.LinkChanged _,
                    Fact.CopiedIn _,
                    Fact.MessageSent _,
                    Fact.PlanGranted _,
                    Fact.PlanEnded _,
                    Fact.CheckpointTaken _,
                    Fact.CheckpointDropped _,
                    Fact.Pushed _,
                    Fact.HunksDecided _,
                    Fact.Applied _,
                    Fact.Undone _,
                    Fact.AgentStarted _,
                    Fact.AgentEnded _,
                    Fact.PolicyLoaded _,
                    Fact.Suspected _,
                    Fact.RuleAdded _,
                    Fact.ConnectionHeld _,
                    Fact.HostsGranted _,
                    Fact.HostsRevoked _,
                    Fact.ProviderAdmitted _,
                    Fact.CredentialUsed _,
                    Fact.CredentialRevoked _,
                    Fact.CanaryLeft _,
                    Fact.SecretsToModel _,
                    Fact.PortNoticed _,
                    Fact.PortOpened _,
                    Fact.PortClosed _,
                    Fact.Noticed _ ->
                    add(new Block.Note(entry.seq(), entry.at(), entry.fact()));
        }
    }

    /// The call that a staged file belongs to, as far as it can be told: the only one that runs, or
    /// the last one if none does. With several at once it is nobody's.
    private Block.@Nullable Call cause() {
        if (running.size() == 1) {
            return running.iterator().next();
        }
        return running.isEmpty() ? last : null;
    }

    private void add(Block block) {
        blocks.addLast(block);
        fresh.add(block);
    }

    private void touch(Block.Call call) {
        call.touch();
        Block.Call target = call.into == null ? call : call.into;
        target.touch();
        touchedUnlessFresh(target);
        if (target != call) {
            touchedUnlessFresh(call);
        }
    }

    private void touchedUnlessFresh(Block block) {
        if (fresh.isEmpty() || block.order() < fresh.getFirst().order()) {
            touched.add(block);
        }
    }

    /// Reads that need no thought and follow each other become one row with a count.
    private void foldIntoLast(Block.Call call) {
        if (!plainRead(call) || call.into != null || !call.folded.isEmpty()) {
            return;
        }
        Block.Call before = before(call);
        if (before != null && plainRead(before)) {
            call.into = before;
            before.folded.add(call);
            before.touch();
            touchedUnlessFresh(before);
        }
    }

    private Block.@Nullable Call before(Block.Call call) {
        Iterator<Block> back = blocks.descendingIterator();
        boolean passed = false;
        for (int steps = 0; steps < LOOK_BACK && back.hasNext(); steps++) {
            Block block = back.next();
            if (block == call) {
                passed = true;
            } else if (passed) {
                return switch (block) {
                    case Block.Call other -> other.into == null ? other : other.into;
                    case Block.Note _, Block.Said _ -> null;
                };
            }
        }
        return null;
    }

    private static boolean plainRead(Block.Call call) {
        return call.kind == ToolKind.READ
                && call.level == Level.LOW
                && call.requestId == null
                && call.decided != null
                && call.decided.answer() == Answer.ALLOWED
                && !call.flagged()
                && (call.returned == null || !call.returned.error())
                && !call.open();
    }

    private void unfold(Block.Call call) {
        Block.Call from = call.into;
        if (from != null) {
            from.folded.remove(call);
            call.into = null;
            from.touch();
            touchedUnlessFresh(from);
            touchedUnlessFresh(call);
        }
    }

    private boolean passes(Block block) {
        return filter.covers(block) && (search.isEmpty() || block.contains(search));
    }

    private void update(Block block) {
        int index = from(block.order());
        int old = 0;
        while (index + old < shown.size()
                && shown.get(index + old).order() < block.order() + Block.SLOTS) {
            old++;
        }
        List<FeedRow> rows = passes(block) ? block.rows() : List.of();
        int same = Math.min(old, rows.size());
        for (int i = 0; i < same; i++) {
            if (!shown.get(index + i).equals(rows.get(i))) {
                shown.replace(index + i, rows.get(i));
            }
        }
        if (old > same) {
            shown.cut(index + same, old - same);
        } else if (rows.size() > same) {
            shown.insert(index + same, rows.subList(same, rows.size()));
        }
    }

    /// The first index whose row does not stand before `order`.
    private int from(long order) {
        int low = 0;
        int high = shown.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (shown.get(middle).order() < order) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void evict() {
        long before = -1;
        while (blocks.size() > most) {
            Block gone = blocks.removeFirst();
            before = gone.order() + Block.SLOTS;
            if (gone instanceof Block.Call call) {
                calls.remove(call.call.id().raw(), call);
                running.remove(call);
                waiting.remove(call);
                if (call.requestId != null) {
                    requests.remove(call.requestId);
                }
            }
        }
        if (before >= 0) {
            shown.cut(0, from(before));
        }
    }

    private void count(List<Block> added) {
        touched.forEach(this::count);
        added.forEach(this::count);
    }

    /// Each call counts once for each filter that ever covered it.
    private void count(Block block) {
        if (block instanceof Block.Call call) {
            for (Filter each : Filter.values()) {
                if (each.covers(call) && call.counted.add(each)) {
                    counts.merge(each, 1, Integer::sum);
                }
            }
        }
    }
}
