package dev.countersign.ui.feed;

import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.ui.common.FactWords;
import dev.countersign.ui.common.Guest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One thing in the feed, with the rows that it takes. Changes on the screen's thread only.
abstract sealed class Block {
    /// Room for a block's rows between two entries.
    static final int SLOTS = 1024;

    private final long order;
    private final Instant at;
    private boolean open;

    Block(long seq, Instant at) {
        this.order = seq * SLOTS;
        this.at = at;
    }

    /// Where it stands: blocks of later entries are behind.
    long order() {
        return order;
    }

    /// When it happened, by the host's clock.
    Instant at() {
        return at;
    }

    /// Whether the developer unfolded it.
    boolean open() {
        return open;
    }

    void open(boolean now) {
        open = now;
    }

    /// Whether there is something to unfold.
    abstract boolean foldable();

    /// Its rows now, at least one, at most [#SLOTS].
    abstract List<FeedRow> rows();

    abstract boolean contains(String lowerCase);

    /// A sentence about the session: a checkpoint, a message, a state.
    static final class Note extends Block {
        private final Fact fact;
        private final FactWords words;

        Note(long seq, Instant at, Fact fact) {
            super(seq, at);
            this.fact = fact;
            this.words = FactWords.of(fact);
        }

        Fact fact() {
            return fact;
        }

        FactWords words() {
            return words;
        }

        @Override
        boolean foldable() {
            return false;
        }

        @Override
        List<FeedRow> rows() {
            return List.of(new FeedRow.Noted(order(), this));
        }

        @Override
        boolean contains(String lowerCase) {
            return words.ours().toLowerCase(Locale.ROOT).contains(lowerCase)
                    || words.guest().toLowerCase(Locale.ROOT).contains(lowerCase);
        }
    }

    /// The agent's own words.
    static final class Said extends Block {
        private static final int COLUMNS = 112;
        private static final int BRIEF = 3;
        private static final int MOST = 900;
        private final GuestText text;
        private final List<String> lines;

        Said(long seq, Instant at, GuestText text) {
            super(seq, at);
            this.text = text;
            List<String> all =
                    Guest.wrapped(
                            GuestText.of(
                                    text.raw().length() > 100_000
                                            ? text.raw().substring(0, 100_000)
                                            : text.raw().strip()),
                            COLUMNS);
            this.lines = all.size() > MOST ? all.subList(0, MOST) : all;
        }

        /// The lines that are shown now.
        List<String> shown() {
            return open() || lines.size() <= BRIEF ? lines : lines.subList(0, BRIEF);
        }

        /// How many lines are not shown.
        int hidden() {
            return lines.size() - shown().size();
        }

        @Override
        boolean foldable() {
            return lines.size() > BRIEF;
        }

        @Override
        List<FeedRow> rows() {
            int count = shown().size();
            int slices = count == 1 ? 1 : FeedRow.slicesFor(count);
            List<FeedRow> rows = new ArrayList<>(slices);
            for (int i = 0; i < slices; i++) {
                rows.add(new FeedRow.Saying(order() + i, this, i, slices, open()));
            }
            return rows;
        }

        @Override
        boolean contains(String lowerCase) {
            return Guest.contains(text, lowerCase);
        }
    }

    /// A call and all that became of it.
    static final class Call extends Block {
        private static final int BRIEF = 6;
        private static final int MOST = 1000;
        private static final int COLUMNS = 400;

        final ToolCall call;
        final ToolKind kind;
        @Nullable Level level;
        @Nullable String requestId;
        Fact.@Nullable Decided decided;
        @Nullable Instant decidedAt;
        @Nullable Instant askedAt;
        @Nullable Instant releasedAt;
        @Nullable Instant returnedAt;
        Fact.@Nullable Returned returned;
        final List<Fact.Staged> staged = new ArrayList<>();

        /// Equal low reads that follow this one, folded into its row.
        final List<Call> folded = new ArrayList<>();

        /// The row that this call is folded into.
        @Nullable Call into;

        /// The filters that it was counted for.
        final Set<Filter> counted = EnumSet.noneOf(Filter.class);

        /// Whether the session was restored to a point before it.
        boolean abandoned;

        /// Whether all of the output is shown, not its end only.
        boolean full;

        private int version;
        private @Nullable GuestText title;

        Call(long seq, Instant at, ToolCall call) {
            super(seq, at);
            this.call = call;
            this.kind = ToolKind.of(call.tool());
        }

        /// What it is about. Read from its arguments when it is asked for first: most calls of a
        /// flood are never on screen.
        GuestText title() {
            GuestText known = title;
            if (known == null) {
                known = kind.titleOf(call);
                title = known;
            }
            return known;
        }

        void touch() {
            version++;
        }

        boolean waiting() {
            return requestId != null && decided == null && !abandoned;
        }

        boolean flagged() {
            return decided != null && Boolean.TRUE.equals(decided.flagged());
        }

        /// From the hand-over to the agent until its result; null while it runs or never ran.
        @Nullable Duration took() {
            return releasedAt == null || returnedAt == null
                    ? null
                    : Duration.between(releasedAt, returnedAt);
        }

        /// The lines of the box below the row.
        List<String> lines() {
            if (!folded.isEmpty()) {
                List<String> names = new ArrayList<>();
                names.add(Guest.line(title(), COLUMNS));
                folded.forEach(c -> names.add(Guest.line(c.title(), COLUMNS)));
                return names.size() > MOST
                        ? names.subList(names.size() - MOST, names.size())
                        : names;
            }
            List<String> lines = new ArrayList<>();
            // The row shows the call cut to one line; here it is whole.
            if (Guest.line(title()).length() > 60 || Guest.lineCount(title()) > 1) {
                lines.addAll(Guest.wrapped(title(), 120));
                lines.add("");
            }
            if (returned != null) {
                lines.addAll(Guest.tail(returned.output(), full ? MOST : BRIEF, COLUMNS));
            }
            return lines.size() > MOST ? lines.subList(lines.size() - MOST, lines.size()) : lines;
        }

        /// Lines of the output that are above those shown.
        int earlier() {
            return folded.isEmpty() && returned != null
                    ? Math.max(0, Guest.lineCount(returned.output()) - (full ? MOST : BRIEF))
                    : 0;
        }

        @Override
        boolean foldable() {
            return !folded.isEmpty()
                    || (returned != null && returned.outputBytes() > 0)
                    || Guest.line(title()).length() > 60;
        }

        @Override
        List<FeedRow> rows() {
            if (into != null) {
                return List.of();
            }
            FeedRow row = new FeedRow.Called(order(), version, this, open());
            if (!open() || !foldable()) {
                return List.of(row);
            }
            List<String> lines = lines();
            int top = earlier() > 0 ? 1 : 0;
            int slices = Math.min(SLOTS - 2, FeedRow.slicesFor(lines.size() + top));
            List<FeedRow> rows = new ArrayList<>(slices + 1);
            rows.add(row);
            for (int i = 0; i < slices; i++) {
                rows.add(
                        new FeedRow.Output(
                                order() + 1 + i, version, this, lines, earlier(), i, slices));
            }
            return rows;
        }

        @Override
        boolean contains(String lowerCase) {
            return Guest.contains(title(), lowerCase)
                    || Guest.contains(call.tool(), lowerCase)
                    || (returned != null && Guest.contains(returned.output(), lowerCase));
        }
    }
}
