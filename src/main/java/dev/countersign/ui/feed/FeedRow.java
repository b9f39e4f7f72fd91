package dev.countersign.ui.feed;

import java.util.List;

/// One row of the list, always 32 px high. What is higher is cut into slices, so that the list
/// knows every position without asking. Rows are values: a row that changed is another row.
sealed interface FeedRow {
    /// Of every row, in px.
    int HEIGHT = 32;

    /// Of a line of output or of the agent's words, in px. Half a row, and boxes begin at half a
    /// row: so no line is cut in two by the border of a row.
    int LINE = 16;

    /// From the box's edge to its lines, in px.
    int BOX_PADDING = 10;

    /// How many rows a box with so many lines takes.
    static int slicesFor(int lines) {
        return (LINE + lines * LINE + BOX_PADDING + 4 + HEIGHT - 1) / HEIGHT;
    }

    /// Where the row stands.
    long order();

    /// A call.
    record Called(long order, int version, Block.Call block, boolean open) implements FeedRow {}

    /// A slice of the box below an unfolded call.
    record Output(
            long order,
            int version,
            Block.Call block,
            List<String> lines,
            int earlier,
            int slice,
            int slices)
            implements FeedRow {}

    /// A slice of the agent's words.
    record Saying(long order, Block.Said block, int slice, int slices, boolean open)
            implements FeedRow {}

    /// A sentence.
    record Noted(long order, Block.Note block) implements FeedRow {}
}
