package dev.countersign.workspace;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.merge.MergeAlgorithm;
import org.eclipse.jgit.merge.MergeChunk;
import org.eclipse.jgit.merge.MergeResult;

/// Lines of two versions, compared and merged on bytes: line ends and a missing final one are part
/// of the line and survive.
final class TextDiff {
    /// Above it a file is taken or left as a whole.
    static final int LARGEST = 2 << 20;

    private final byte[] old;
    private final byte[] now;
    private final int[] oldLines;
    private final int[] nowLines;
    private final EditList edits;

    private TextDiff(byte[] old, byte[] now) {
        this.old = old;
        this.now = now;
        this.oldLines = lineStarts(old);
        this.nowLines = lineStarts(now);
        this.edits =
                new HistogramDiff()
                        .diff(RawTextComparator.DEFAULT, new RawText(old), new RawText(now));
    }

    /// Whether both can be compared by lines.
    static boolean comparable(byte[] old, byte[] now) {
        return text(old) && text(now);
    }

    static boolean text(byte[] content) {
        if (content.length > LARGEST) {
            return false;
        }
        for (byte b : content) {
            if (b == 0) {
                return false;
            }
        }
        return true;
    }

    static TextDiff of(byte[] old, byte[] now) {
        return new TextDiff(old, now);
    }

    List<Edit> edits() {
        return List.copyOf(edits);
    }

    int oldSize() {
        return oldLines.length - 1;
    }

    int newSize() {
        return nowLines.length - 1;
    }

    /// The line with its end.
    byte[] oldLine(int i) {
        return java.util.Arrays.copyOfRange(old, oldLines[i], oldLines[i + 1]);
    }

    /// The line with its end.
    byte[] newLine(int i) {
        return java.util.Arrays.copyOfRange(now, nowLines[i], nowLines[i + 1]);
    }

    byte[] oldText(Edit edit) {
        return java.util.Arrays.copyOfRange(
                old, oldLines[edit.getBeginA()], oldLines[edit.getEndA()]);
    }

    byte[] newText(Edit edit) {
        return java.util.Arrays.copyOfRange(
                now, nowLines[edit.getBeginB()], nowLines[edit.getEndB()]);
    }

    /// The old version with only these edits, by their index.
    byte[] with(Set<Integer> chosen) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(now.length);
        int at = 0;
        for (int i = 0; i < edits.size(); i++) {
            Edit edit = edits.get(i);
            int until = chosen.contains(i) ? edit.getBeginA() : edit.getEndA();
            out.write(old, oldLines[at], oldLines[until] - oldLines[at]);
            if (chosen.contains(i)) {
                out.writeBytes(newText(edit));
            }
            at = edit.getEndA();
        }
        out.write(old, oldLines[at], old.length - oldLines[at]);
        return out.toByteArray();
    }

    /// Both changes on their common base; empty if they touch the same lines.
    static Optional<byte[]> merge(byte[] base, byte[] ours, byte[] theirs) {
        if (java.util.Arrays.equals(base, ours) || java.util.Arrays.equals(ours, theirs)) {
            return Optional.of(theirs);
        }
        if (java.util.Arrays.equals(base, theirs)) {
            return Optional.of(ours);
        }
        if (!text(base) || !text(ours) || !text(theirs)) {
            return Optional.empty();
        }
        MergeResult<RawText> result =
                new MergeAlgorithm(new HistogramDiff())
                        .merge(
                                RawTextComparator.DEFAULT,
                                new RawText(base),
                                new RawText(ours),
                                new RawText(theirs));
        if (result.containsConflicts()) {
            return Optional.empty();
        }
        byte[][] sides = {base, ours, theirs};
        int[][] starts = {lineStarts(base), lineStarts(ours), lineStarts(theirs)};
        ByteArrayOutputStream out = new ByteArrayOutputStream(ours.length + 64);
        for (MergeChunk chunk : result) {
            int side = chunk.getSequenceIndex();
            int from = starts[side][chunk.getBegin()];
            out.write(sides[side], from, starts[side][chunk.getEnd()] - from);
        }
        return Optional.of(out.toByteArray());
    }

    /// Both changes on their common base, with git's markers (and the base between them) around
    /// lines that both touch.
    static byte[] marked(byte[] base, byte[] ours, byte[] theirs) {
        MergeResult<RawText> result =
                new MergeAlgorithm(new HistogramDiff())
                        .merge(
                                RawTextComparator.DEFAULT,
                                new RawText(base),
                                new RawText(ours),
                                new RawText(theirs));
        byte[][] sides = {base, ours, theirs};
        int[][] starts = {lineStarts(base), lineStarts(ours), lineStarts(theirs)};
        ByteArrayOutputStream out = new ByteArrayOutputStream(ours.length + 256);
        boolean inside = false;
        for (MergeChunk chunk : result) {
            MergeChunk.ConflictState state = chunk.getConflictState();
            if (inside && state == MergeChunk.ConflictState.NO_CONFLICT) {
                marker(out, ">>>>>>> agent");
                inside = false;
            }
            switch (state) {
                case FIRST_CONFLICTING_RANGE -> {
                    if (inside) {
                        marker(out, ">>>>>>> agent");
                    }
                    marker(out, "<<<<<<< host");
                    inside = true;
                }
                case BASE_CONFLICTING_RANGE -> marker(out, "||||||| base");
                case NEXT_CONFLICTING_RANGE -> marker(out, "=======");
                case NO_CONFLICT -> {}
            }
            int side = chunk.getSequenceIndex();
            int from = starts[side][chunk.getBegin()];
            out.write(sides[side], from, starts[side][chunk.getEnd()] - from);
        }
        if (inside) {
            marker(out, ">>>>>>> agent");
        }
        return out.toByteArray();
    }

    private static void marker(ByteArrayOutputStream out, String text) {
        byte[] so = out.toByteArray();
        if (so.length > 0 && so[so.length - 1] != '\n') {
            out.write('\n');
        }
        out.writeBytes((text + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /// Where each line starts, and the end.
    private static int[] lineStarts(byte[] text) {
        List<Integer> starts = new ArrayList<>();
        starts.add(0);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n' && i + 1 < text.length) {
                starts.add(i + 1);
            }
        }
        if (text.length > 0) {
            starts.add(text.length);
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }
}
