package dev.countersign.ui.review;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.ResolveRequest;
import dev.countersign.api.ReviewView;
import dev.countersign.api.Selection;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Lanes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// Staged changes of one session and what the developer decided about them. Decisions are kept
/// here, by the hunk's id, which contains its content: a hunk that changed is undecided again.
/// Nothing is written before [#apply()].
public final class ReviewViewModel {
    /// The beginning of a place where both sides differ.
    static final String MARKER = "<<<<<<< ";

    private static final Duration SETTLE = Duration.ofMillis(400);

    /// What an edit field lays out without a stop.
    private static final int LONGEST_EDIT = 200_000;

    private static final int LONGEST_LINE = 2_000;

    /// What the developer decided about a hunk.
    enum Mark {
        UNDECIDED,
        ACCEPTED,
        REJECTED,
        /// On the host already.
        APPLIED,
        /// Blocked, or in conflict with the host: it can't be applied as it is.
        STUCK
    }

    /// Where accepted hunks go.
    enum Target {
        TREE,
        BRANCH,
        PATCH
    }

    /// What an apply or undo did, to be told.
    record Told(boolean problem, String title, String detail) {}

    /// What a decision changed: each hunk with the mark that it had here; null: none.
    private record Step(Map<String, Optional<Mark>> before) {}

    /// Changes with their rows, made beside the screen: a file may have 100,000 lines.
    ///
    /// @param heads indexes of the hunks' heads, rising
    private record Built(
            ReviewView review, boolean unified, List<ReviewRow> rows, List<Integer> heads) {
        static Built of(ReviewView now, boolean unified) {
            List<ReviewView.File> files = new ArrayList<>(now.files());
            files.sort(
                    Comparator.comparing((ReviewView.File file) -> Group.of(file))
                            .thenComparing(file ->
                                    Group.of(file) == Group.RUNS_LATER
                                            ? ""
                                            : FileTree.parent(file.path().raw()))
                            .thenComparing(file -> file.path().raw()));
            List<ReviewRow> rows = new ArrayList<>();
            files.forEach(file -> rows.addAll(ReviewRow.of(file, unified)));
            List<Integer> heads = new ArrayList<>();
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof ReviewRow.HunkHead) {
                    heads.add(i);
                }
            }
            return new Built(
                    new ReviewView(now.id(), now.session(), List.copyOf(files)),
                    unified,
                    rows,
                    heads);
        }
    }

    private final EngineLink link;
    private final Lanes lanes;
    private final SessionId session;
    private final ReadOnlyObjectWrapper<@Nullable ReviewView> review =
            new ReadOnlyObjectWrapper<>();
    private final ObservableList<ReviewRow> rows = FXCollections.observableArrayList();
    private final Map<String, Mark> marks = new HashMap<>();
    private final Deque<Step> steps = new ArrayDeque<>();
    private final IntegerProperty current = new SimpleIntegerProperty(-1);
    private final ReadOnlyIntegerWrapper revision = new ReadOnlyIntegerWrapper();
    private final ReadOnlyBooleanWrapper busy = new ReadOnlyBooleanWrapper();
    private final ReadOnlyObjectWrapper<@Nullable Told> told = new ReadOnlyObjectWrapper<>();
    private final ObjectProperty<Target> target = new SimpleObjectProperty<>(Target.TREE);
    private final StringProperty name = new SimpleStringProperty("");
    private final BooleanProperty unified = new SimpleBooleanProperty();
    private final ReadOnlyObjectWrapper<ReviewView.@Nullable File> solving =
            new ReadOnlyObjectWrapper<>();
    private final Map<String, String> drafts = new HashMap<>();
    private List<Integer> hunkRows = List.of();
    private boolean drawnUnified;
    private List<ReviewView.Hunk> hunks = List.of();
    private boolean watching;
    private boolean stale = true;
    private boolean scheduled;
    private boolean appliedOnce;

    /// Nothing is asked before [#watch].
    public ReviewViewModel(EngineLink link, Lanes lanes, SessionId session) {
        this.link = link;
        this.lanes = lanes;
        this.session = session;
    }

    /// Whether the page is on screen: only then changes are asked for.
    public void watch(boolean now) {
        watching = now;
        if (now && stale) {
            load();
        }
    }

    /// Entries of the session: some mean that the changes are to be read again.
    public void take(List<Entry> batch) {
        for (Entry entry : batch) {
            switch (entry.fact()) {
                case Fact.Applied _ -> {
                    appliedOnce = true;
                    stale = true;
                }
                case Fact.Staged _,
                        Fact.HunksDecided _,
                        Fact.Undone _,
                        Fact.Restored _,
                        Fact.Pushed _,
                        Fact.StateChanged _ ->
                        stale = true;
                default -> {}
            }
        }
        if (stale && watching && !scheduled) {
            scheduled = true;
            lanes.after(
                    SETTLE,
                    () -> {
                        scheduled = false;
                        if (watching) {
                            load();
                        }
                    });
        }
    }

    /// Reads the changes again.
    public void load() {
        stale = false;
        boolean asUnified = unified.get();
        link.ask(
                service -> Built.of(service.review(session), asUnified),
                this::show,
                failure -> {
                    stale = true;
                    tell(failure);
                });
    }

    /// Side by side, or one below the other.
    void unified(boolean now) {
        unified.set(now);
        ReviewView shown = review.get();
        if (shown != null) {
            lanes.background(() -> {
                Built built = Built.of(shown, now);
                lanes.screen(() -> {
                    if (unified.get() == now && shown.equals(review.get())) {
                        show(built);
                    }
                });
            });
        }
    }

    ReadOnlyBooleanProperty unified() {
        return unified;
    }

    /// The changes; null before they were read.
    public ReadOnlyObjectProperty<@Nullable ReviewView> review() {
        return review.getReadOnlyProperty();
    }

    ObservableList<ReviewRow> rows() {
        return rows;
    }

    /// Index of the current hunk's head among the rows, or -1.
    IntegerProperty current() {
        return current;
    }

    /// Changes with each decision.
    ReadOnlyIntegerProperty revision() {
        return revision.getReadOnlyProperty();
    }

    ReadOnlyBooleanProperty busy() {
        return busy.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable Told> told() {
        return told.getReadOnlyProperty();
    }

    ObjectProperty<Target> target() {
        return target;
    }

    StringProperty name() {
        return name;
    }

    boolean undoable() {
        return appliedOnce;
    }

    void dismiss() {
        told.set(null);
    }

    /// What was decided about a hunk: here, or before, as the engine knows it.
    Mark mark(ReviewView.Hunk hunk) {
        Mark here = marks.get(hunk.id());
        if (here != null) {
            return here;
        }
        return switch (hunk.state()) {
            case "accepted" -> Mark.ACCEPTED;
            case "rejected" -> Mark.REJECTED;
            case "applied" -> Mark.APPLIED;
            case "conflict", "blocked" -> Mark.STUCK;
            default -> Mark.UNDECIDED;
        };
    }

    /// Moves to the next or previous hunk.
    void step(int by) {
        if (hunkRows.isEmpty()) {
            return;
        }
        int at = Collections.binarySearch(hunkRows, current.get());
        int next = at >= 0 ? at + by : by > 0 ? -at - 1 : -at - 2;
        current.set(hunkRows.get(Math.clamp((long) next, 0, hunkRows.size() - 1)));
    }

    /// Moves to the first hunk of the next or previous file.
    void stepFile(int by) {
        ReviewRow.HunkHead head = currentHead();
        ReviewView now = review.get();
        if (head == null || now == null) {
            return;
        }
        int at = now.files().indexOf(head.file());
        goTo(now.files().get(Math.clamp((long) at + by, 0, now.files().size() - 1)));
    }

    /// Moves to a file's first hunk, or its head if it has none.
    void goTo(ReviewView.File file) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i) instanceof ReviewRow.FileHead(ReviewView.File each)
                    && each.path().equals(file.path())) {
                int at = Collections.binarySearch(hunkRows, i);
                int next = at >= 0 ? at : -at - 1;
                boolean own =
                        next < hunkRows.size()
                                && rows.get(hunkRows.get(next)) instanceof ReviewRow.HunkHead head
                                && head.file().path().equals(file.path());
                current.set(own ? hunkRows.get(next) : i);
                return;
            }
        }
    }

    /// Decides the current hunk and moves on.
    void decideCurrent(Mark mark) {
        ReviewRow.HunkHead head = currentHead();
        if (head != null) {
            decide(List.of(head.hunk()), mark);
            if (mark != Mark.UNDECIDED) {
                step(1);
            }
        }
    }

    /// Accepts what is undecided in the current file; if nothing is, takes the decisions back.
    void tickCurrentFile() {
        ReviewRow.HunkHead head = currentHead();
        if (head != null) {
            tick(head.file());
        }
    }

    /// The file of the current hunk; null: none.
    ReviewView.@Nullable File currentFile() {
        ReviewRow.HunkHead head = currentHead();
        return head == null ? null : head.file();
    }

    /// As [#tick], for all files of a directory.
    void tickAll(List<ReviewView.File> files) {
        List<ReviewView.Hunk> all = files.stream().flatMap(file -> file.hunks().stream()).toList();
        List<ReviewView.Hunk> open =
                all.stream().filter(each -> mark(each) == Mark.UNDECIDED).toList();
        decide(open.isEmpty() ? all : open, open.isEmpty() ? Mark.UNDECIDED : Mark.ACCEPTED);
    }

    void tick(ReviewView.File file) {
        List<ReviewView.Hunk> open =
                file.hunks().stream().filter(each -> mark(each) == Mark.UNDECIDED).toList();
        if (open.isEmpty()) {
            decide(file.hunks(), Mark.UNDECIDED);
        } else {
            decide(open, Mark.ACCEPTED);
        }
    }

    void decide(List<ReviewView.Hunk> hunks, Mark mark) {
        Map<String, Optional<Mark>> before = new HashMap<>();
        for (ReviewView.Hunk hunk : hunks) {
            Mark old = mark(hunk);
            if (old != Mark.STUCK && old != Mark.APPLIED && old != mark) {
                before.put(hunk.id(), Optional.ofNullable(marks.put(hunk.id(), mark)));
            }
        }
        if (!before.isEmpty()) {
            steps.push(new Step(before));
            if (steps.size() > 200) {
                steps.removeLast();
            }
            revision.set(revision.get() + 1);
        }
    }

    /// Takes the current hunk's decision back; if it has none, the last decision.
    void takeBack() {
        ReviewRow.HunkHead head = currentHead();
        if (head != null
                && (mark(head.hunk()) == Mark.ACCEPTED || mark(head.hunk()) == Mark.REJECTED)) {
            decide(List.of(head.hunk()), Mark.UNDECIDED);
        } else if (!steps.isEmpty()) {
            steps.pop()
                    .before()
                    .forEach((id, was) ->
                            was.ifPresentOrElse(
                                    mark -> marks.put(id, mark), () -> marks.remove(id)));
            revision.set(revision.get() + 1);
        }
    }

    int count(Mark mark) {
        return (int) hunks().stream().filter(each -> mark(each) == mark).count();
    }

    int total() {
        return (int) hunks().stream().filter(each -> mark(each) != Mark.APPLIED).count();
    }

    int decided(ReviewView.File file) {
        return (int) file.hunks().stream().filter(each -> mark(each) != Mark.UNDECIDED).count();
    }

    int rejected(ReviewView.File file) {
        return (int) file.hunks().stream().filter(each -> mark(each) == Mark.REJECTED).count();
    }

    /// What is wrong with the target's name; null: nothing.
    @Nullable String nameProblem() {
        String wanted = name.get().strip();
        return switch (target.get()) {
            case TREE -> null;
            case BRANCH ->
                    wanted.isEmpty()
                            ? text("review.branch-missing")
                            : wanted.matches("[A-Za-z0-9._/-]{1,200}") && !wanted.startsWith("-")
                                    ? null
                                    : text("review.branch-shape");
            case PATCH -> wanted.isEmpty() ? text("review.patch-missing") : null;
        };
    }

    /// Tells the engine the rejections, then brings the accepted hunks to the target.
    void apply() {
        if (busy.get()) {
            return;
        }
        List<String> accepted = ids(Mark.ACCEPTED);
        List<String> rejected =
                hunks().stream()
                        .filter(each ->
                                mark(each) == Mark.REJECTED
                                        && (!each.state().equals("rejected") || each.byDefault()))
                        .map(ReviewView.Hunk::id)
                        .toList();
        if ((accepted.isEmpty() && rejected.isEmpty())
                || (!accepted.isEmpty() && nameProblem() != null)) {
            return;
        }
        String to =
                switch (target.get()) {
                    case TREE -> "tree";
                    case BRANCH -> "branch:" + name.get().strip();
                    case PATCH -> "patch:" + name.get().strip();
                };
        busy.set(true);
        told.set(null);
        link.<Optional<ApplyView>>ask(
                service -> {
                    if (!rejected.isEmpty()) {
                        service.reject(session, Selection.hunks(rejected));
                    }
                    return accepted.isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                    service.apply(
                                            session,
                                            new ApplyRequest(Selection.hunks(accepted), to)));
                },
                done -> {
                    busy.set(false);
                    accepted.forEach(marks::remove);
                    rejected.forEach(marks::remove);
                    steps.clear();
                    if (done.isEmpty()) {
                        told.set(
                                new Told(false, text("review.told-rejected", rejected.size()), ""));
                    } else {
                        ApplyView view = done.get();
                        appliedOnce = true;
                        told.set(
                                new Told(
                                        !view.refused().isEmpty(),
                                        text(
                                                "review.told-applied",
                                                view.hunks(),
                                                view.paths().size(),
                                                view.to()),
                                        refusals(view)));
                    }
                    load();
                },
                failure -> {
                    busy.set(false);
                    tell(failure);
                    load();
                });
    }

    /// Takes the last apply back.
    void undo() {
        if (busy.get()) {
            return;
        }
        busy.set(true);
        link.ask(
                service -> service.undo(session),
                view -> {
                    busy.set(false);
                    told.set(
                            new Told(
                                    !view.refused().isEmpty(),
                                    text("review.told-undone", view.paths().size()),
                                    refusals(view)));
                    load();
                },
                failure -> {
                    busy.set(false);
                    tell(failure);
                });
    }

    /// The file whose conflict is looked at; null: none.
    ReadOnlyObjectProperty<ReviewView.@Nullable File> solving() {
        return solving.getReadOnlyProperty();
    }

    /// Opens the conflict of a file.
    void solve(ReviewView.File file) {
        if (file.conflict() != null) {
            solving.set(file);
        }
    }

    /// Opens the conflict of the current file, else the first one.
    void solveNext() {
        ReviewView.File here = currentFile();
        ReviewView now = review.get();
        if (here != null && here.conflict() != null) {
            solve(here);
        } else if (now != null) {
            now.files().stream()
                    .filter(each -> each.conflict() != null)
                    .findFirst()
                    .ifPresent(this::solve);
        }
    }

    /// Back to the changes; what was typed is kept.
    void leaveConflict() {
        solving.set(null);
    }

    /// The developer's own version so far: what was typed, else both sides with markers.
    String draft(ReviewView.File file, ReviewView.Conflict conflict) {
        String typed = drafts.get(file.path().raw());
        if (typed != null) {
            return typed;
        }
        GuestText merged = conflict.merged() == null ? conflict.host() : conflict.merged();
        return merged == null ? "" : merged.raw();
    }

    /// Keeps what was typed.
    void draft(ReviewView.File file, String typed) {
        drafts.put(file.path().raw(), typed);
    }

    /// Why an edit field may not show this; null: it may. A field writes nothing out: hidden
    /// characters would stay hidden in it.
    @Nullable String notEditable(ReviewView.Conflict conflict) {
        GuestText merged = conflict.merged() == null ? conflict.host() : conflict.merged();
        if (conflict.note() != null) {
            return conflict.note();
        }
        if (merged == null) {
            return null;
        }
        if (Guest.deceptive(merged)) {
            return text("conflict.hidden");
        }
        return merged.raw().length() > LONGEST_EDIT
                        || merged.raw().lines().anyMatch(line -> line.length() > LONGEST_LINE)
                ? text("conflict.long")
                : null;
    }

    /// How many places of a text are still marked as differing.
    static int openPlaces(String text) {
        return (int) text.lines().filter(line -> line.startsWith(MARKER)).count();
    }

    /// Solves the conflict that was shown.
    ///
    /// @param take `host`, `agent` or `text`
    void resolve(ReviewView.File file, String take, @Nullable String own) {
        ReviewView.Conflict conflict = file.conflict();
        if (busy.get() || conflict == null) {
            return;
        }
        busy.set(true);
        told.set(null);
        link.ask(
                service ->
                        service.resolve(
                                session,
                                new ResolveRequest(
                                        file.path().raw(), conflict.digest(), take, own)),
                view -> {
                    busy.set(false);
                    drafts.remove(file.path().raw());
                    solving.set(null);
                    appliedOnce = true;
                    told.set(
                            new Told(
                                    !view.refused().isEmpty(),
                                    text("conflict.told", Guest.line(file.path(), 300)),
                                    refusals(view)));
                    load();
                },
                failure -> {
                    busy.set(false);
                    tell(failure);
                    load();
                });
    }

    /// The sides of the conflict that is looked at may have changed: those of now are shown.
    private void follow(ReviewView now) {
        ReviewView.File open = solving.get();
        if (open == null) {
            return;
        }
        ReviewView.File same =
                now.files().stream()
                        .filter(each -> each.path().equals(open.path()) && each.conflict() != null)
                        .findFirst()
                        .orElse(null);
        if (!Objects.equals(open.conflict(), same == null ? null : same.conflict())) {
            if (told.get() == null) {
                told.set(new Told(true, text("conflict.changed"), ""));
            }
            solving.set(same);
        }
    }

    private static String refusals(ApplyView view) {
        return view.refused().isEmpty()
                ? ""
                : text(
                        "review.told-refused",
                        String.join(
                                "\n",
                                view.refused().stream()
                                        .limit(20)
                                        .map(each -> Guest.line(each, 300))
                                        .toList()));
    }

    private List<String> ids(Mark mark) {
        return hunks().stream()
                .filter(each -> mark(each) == mark)
                .map(ReviewView.Hunk::id)
                .toList();
    }

    private List<ReviewView.Hunk> hunks() {
        return hunks;
    }

    private void show(Built built) {
        ReviewView before = review.get();
        if (before != null && before.equals(built.review()) && drawnUnified == built.unified()) {
            return;
        }
        if (built.unified() != unified.get()) {
            // Turned over meanwhile: the other view is on its way.
            load();
            return;
        }
        ReviewRow.HunkHead head = currentHead();
        drawnUnified = built.unified();
        hunkRows = built.heads();
        current.set(-1);
        rows.setAll(built.rows());
        hunks = built.review().files().stream().flatMap(file -> file.hunks().stream()).toList();
        review.set(built.review());
        follow(built.review());
        int keep =
                hunkRows.stream()
                        .filter(row ->
                                head != null
                                        && built.rows().get(row)
                                                instanceof
                                                ReviewRow.HunkHead(_, ReviewView.Hunk hunk, _, _)
                                        && hunk.id().equals(head.hunk().id()))
                        .findFirst()
                        .orElse(hunkRows.isEmpty() ? -1 : hunkRows.getFirst());
        current.set(keep);
        revision.set(revision.get() + 1);
    }

    private ReviewRow.@Nullable HunkHead currentHead() {
        int at = current.get();
        return at >= 0 && at < rows.size() && rows.get(at) instanceof ReviewRow.HunkHead head
                ? head
                : null;
    }

    private void tell(CountersignException failure) {
        told.set(new Told(true, text("review.failed"), failure.getMessage()));
    }

    /// How files are grouped: what runs on the host comes first.
    enum Group {
        RUNS_LATER,
        CODE,
        TEXT;

        static Group of(ReviewView.File file) {
            if (file.runsOnHost()) {
                return RUNS_LATER;
            }
            String path = file.path().raw();
            return path.endsWith(".md") || path.endsWith(".txt") || path.endsWith(".adoc")
                    ? TEXT
                    : CODE;
        }
    }

    /// The worst level that is undecided, for the tab.
    public @Nullable Level worstUndecided() {
        ReviewView now = review.get();
        return now == null
                ? null
                : now.files().stream()
                        .filter(file -> decided(file) < file.hunks().size())
                        .map(ReviewView.File::level)
                        .reduce(Level::max)
                        .orElse(null);
    }

    /// The hidden characters that a hunk's lines would show.
    static long deceptiveLines(ReviewView.Hunk hunk) {
        return hunk.lines().stream()
                .map(ReviewView.Line::text)
                .filter(Objects::nonNull)
                .filter((GuestText text) -> Guest.deceptive(text))
                .count();
    }
}
