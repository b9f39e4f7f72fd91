package dev.countersign.workspace;

import java.util.List;

/// What follows from base, host and guest of one path. The table is the whole rule; everything that
/// moves a byte asks it.
final class Reconcile {
    private Reconcile() {}

    /// How a side differs from the base.
    enum Side {
        SAME,
        /// Also: new.
        CHANGED,
        GONE
    }

    /// How host and guest differ where both changed.
    enum Between {
        /// Not both changed to something.
        NONE,
        EQUAL,
        /// Text whose changes don't touch.
        DISJOINT,
        OVERLAP
    }

    /// What to do.
    enum Action {
        NOTHING,
        /// The host's edit goes to the guest; base follows once it is there.
        PUSH,
        /// The host's deletion goes to the guest.
        PUSH_DELETION,
        /// The agent's change waits for review.
        STAGE,
        /// As STAGE; the host changed other lines, and an apply merges.
        STAGE_MERGED,
        /// The agent's deletion waits for review.
        STAGE_DELETION,
        /// Both did the same: base follows, nothing to review.
        ADOPT,
        /// Both kept as they are, and shown.
        CONFLICT
    }

    private record Row(Side host, Side guest, Between between, Action action) {}

    private static final List<Row> TABLE =
            List.of(
                    new Row(Side.SAME, Side.SAME, Between.NONE, Action.NOTHING),
                    new Row(Side.CHANGED, Side.SAME, Between.NONE, Action.PUSH),
                    new Row(Side.GONE, Side.SAME, Between.NONE, Action.PUSH_DELETION),
                    new Row(Side.SAME, Side.CHANGED, Between.NONE, Action.STAGE),
                    new Row(Side.SAME, Side.GONE, Between.NONE, Action.STAGE_DELETION),
                    new Row(Side.CHANGED, Side.CHANGED, Between.EQUAL, Action.ADOPT),
                    new Row(Side.CHANGED, Side.CHANGED, Between.DISJOINT, Action.STAGE_MERGED),
                    new Row(Side.CHANGED, Side.CHANGED, Between.OVERLAP, Action.CONFLICT),
                    new Row(Side.CHANGED, Side.GONE, Between.NONE, Action.CONFLICT),
                    new Row(Side.GONE, Side.CHANGED, Between.NONE, Action.CONFLICT),
                    new Row(Side.GONE, Side.GONE, Between.NONE, Action.ADOPT));

    static Side side(Item base, Item now) {
        if (now.equals(base)) {
            return Side.SAME;
        }
        return now.absent() ? Side.GONE : Side.CHANGED;
    }

    static Action action(Side host, Side guest, Between between) {
        for (Row row : TABLE) {
            if (row.host == host && row.guest == guest && row.between == between) {
                return row.action;
            }
        }
        throw new IllegalStateException("no row for " + host + ", " + guest + ", " + between);
    }
}
