package dev.countersign.ui.report;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.ui.common.Lanes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import org.jspecify.annotations.Nullable;

/// Sums a session up from its journal, entry by entry. It keeps counts and the notable calls, not
/// the whole of it.
public final class ReportViewModel {
    /// Notable calls that are listed; more are counted.
    static final int MOST = 200;

    /// Programs that run tests, as a word of the call's arguments.
    private static final Pattern TESTS =
            Pattern.compile("\\b(test|tests|pytest|jest|vitest|rspec|phpunit|ctest)\\b");

    /// What became of calls.
    enum Outcome {
        BY_YOU,
        BY_PLAN,
        BY_RULE,
        BY_MODE,
        DENIED,
        SENT_BACK
    }

    /// A call that is worth a look.
    ///
    /// @param failed whether its result was an error; null: no result was seen
    record Notable(
            Instant at,
            GuestText tool,
            GuestText arguments,
            Level level,
            Outcome outcome,
            @Nullable Boolean failed) {}

    private record Open(ToolCall call, Instant at, @Nullable Level level, @Nullable Outcome how) {}

    private final Supplier<@Nullable SessionView> session;
    private final Lanes lanes;
    private final ReadOnlyStringWrapper told = new ReadOnlyStringWrapper("");
    private final EnumMap<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    private final Map<String, Open> open = new HashMap<>();
    private final List<Notable> risky = new ArrayList<>();
    private final List<Notable> tests = new ArrayList<>();
    private final Set<String> files = new HashSet<>();
    private final ReadOnlyIntegerWrapper revision = new ReadOnlyIntegerWrapper();
    private int calls;
    private int riskyCount;
    private int testCount;
    private int testsFailed;
    private int asked;
    private int added;
    private int removed;
    private int appliedHunks;
    private int appliedFiles;
    private int undone;
    private int checkpoints;
    private int restores;
    private int voided;
    private int suspicions;
    private @Nullable Instant first;
    private @Nullable Instant last;

    /// @param session what is known of it now
    public ReportViewModel(Supplier<@Nullable SessionView> session, Lanes lanes) {
        this.session = session;
        this.lanes = lanes;
    }

    /// Writes the report of now as a page for a browser, in place of what is there.
    void save(Path file) {
        String page = ReportHtml.of(this);
        lanes.background(() -> {
            String done;
            try {
                Files.writeString(file, page);
                done = text("report.saved", file.toString());
            } catch (IOException e) {
                done = text("report.not-saved", file.toString(), String.valueOf(e.getMessage()));
            }
            String words = done;
            lanes.screen(() -> told.set(words));
        });
    }

    /// What became of the last save; empty: there was none.
    ReadOnlyStringProperty told() {
        return told.getReadOnlyProperty();
    }

    /// Entries of the session, in order.
    public void take(List<Entry> batch) {
        for (Entry entry : batch) {
            if (first == null) {
                first = entry.at();
            }
            last = entry.at();
            fold(entry);
        }
        revision.set(revision.get() + 1);
    }

    private void fold(Entry entry) {
        switch (entry.fact()) {
            case Fact.Called f -> {
                calls++;
                open.put(f.call().id().raw(), new Open(f.call(), entry.at(), null, null));
            }
            case Fact.Judged f ->
                    open.computeIfPresent(
                            f.callId().raw(),
                            (_, was) -> new Open(was.call(), was.at(), f.level(), was.how()));
            case Fact.Asked _ -> asked++;
            case Fact.Decided f -> decided(f);
            case Fact.Returned f -> returned(f);
            case Fact.Staged f -> {
                files.add(f.path().raw());
                added += f.added();
                removed += f.removed();
            }
            case Fact.Applied f -> {
                appliedHunks += f.hunks();
                appliedFiles += f.files();
            }
            case Fact.Undone _ -> undone++;
            case Fact.CheckpointTaken _ -> checkpoints++;
            case Fact.Restored f -> {
                restores++;
                voided += f.voided().size();
                open.clear();
            }
            case Fact.Suspected _ -> suspicions++;
            default -> {}
        }
    }

    private void decided(Fact.Decided f) {
        Outcome how =
                switch (f.answer()) {
                    case DENIED -> Outcome.DENIED;
                    case PLAN_FIRST -> Outcome.SENT_BACK;
                    case ALLOWED ->
                            f.by() == DecidedBy.PERSON
                                    ? Outcome.BY_YOU
                                    : f.by() == DecidedBy.PLAN
                                            ? Outcome.BY_PLAN
                                            : f.by() == DecidedBy.RULE
                                                    ? Outcome.BY_RULE
                                                    : Outcome.BY_MODE;
                };
        outcomes.merge(how, 1, Integer::sum);
        String id = f.callId().raw();
        Open was = open.get(id);
        if (was == null) {
            return;
        }
        if (f.answer() == Answer.ALLOWED) {
            open.put(id, new Open(was.call(), was.at(), f.level(), how));
        } else {
            open.remove(id);
        }
        if (f.level().compareTo(Level.HIGH) >= 0) {
            riskyCount++;
            keep(risky, notable(was, f.level(), how, null));
        }
    }

    private void returned(Fact.Returned f) {
        Open was = open.remove(f.callId().raw());
        if (was == null || was.how() == null || was.level() == null) {
            return;
        }
        String arguments = was.call().argumentsJson().raw();
        String head = arguments.length() > 4000 ? arguments.substring(0, 4000) : arguments;
        if (head.contains("\"command\"") && TESTS.matcher(head).find()) {
            testCount++;
            testsFailed += f.error() ? 1 : 0;
            keep(tests, notable(was, was.level(), was.how(), f.error()));
        }
    }

    private static Notable notable(Open of, Level level, Outcome how, @Nullable Boolean failed) {
        return new Notable(
                of.at(), of.call().tool(), of.call().argumentsJson(), level, how, failed);
    }

    private static void keep(List<Notable> in, Notable one) {
        if (in.size() < MOST) {
            in.add(one);
        }
    }

    @Nullable SessionView session() {
        return session.get();
    }

    /// Changes with each batch.
    ReadOnlyIntegerProperty revision() {
        return revision.getReadOnlyProperty();
    }

    int count(Outcome of) {
        return outcomes.getOrDefault(of, 0);
    }

    /// High and critical calls, the first [#MOST].
    List<Notable> risky() {
        return risky;
    }

    /// Calls that ran tests, the first [#MOST].
    List<Notable> tests() {
        return tests;
    }

    int riskyCount() {
        return riskyCount;
    }

    int testCount() {
        return testCount;
    }

    int testsFailed() {
        return testsFailed;
    }

    int calls() {
        return calls;
    }

    int asked() {
        return asked;
    }

    int files() {
        return files.size();
    }

    int added() {
        return added;
    }

    int removed() {
        return removed;
    }

    int appliedHunks() {
        return appliedHunks;
    }

    int appliedFiles() {
        return appliedFiles;
    }

    int undone() {
        return undone;
    }

    int checkpoints() {
        return checkpoints;
    }

    int restores() {
        return restores;
    }

    int voided() {
        return voided;
    }

    int suspicions() {
        return suspicions;
    }

    @Nullable Instant first() {
        return first;
    }

    @Nullable Instant last() {
        return last;
    }
}
