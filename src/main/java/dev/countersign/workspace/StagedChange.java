package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jgit.diff.Edit;
import org.jspecify.annotations.Nullable;

/// What the agent made of one path, cut into the pieces that can be decided one by one.
final class StagedChange {
    private static final int CONTEXT = 3;
    private static final int SHOWN_LINES = 2000;
    private static final int SHOWN_LINE = 4000;
    private static final int JUDGED_PIECES = 64;
    private static final long JUDGED_BYTES = 8 << 20;

    /// A piece.
    ///
    /// @param edit which edit of the diff; -1: the change as a whole; -2: whether it is executable;
    ///   -3: the content as a whole, without that
    record Piece(
            String id,
            int edit,
            int oldStart,
            int oldLines,
            int newStart,
            int newLines,
            List<Line> lines,
            @Nullable String note) {}

    /// What a merge came to.
    ///
    /// @param content the bytes of `item` where it is a file
    record Merged(Item item, byte[] content, Set<String> taken) {}

    static final int WHOLE = -1;

    /// Bytes that have no lines, beside [#MODE].
    static final int CONTENT = -3;

    static final int MODE = -2;
    private static final byte[] NOTHING = {};

    final RelativePath path;
    final Item base;
    final Item made;
    final int epoch;
    final Optional<Ledger.Kept> kept;
    final List<Piece> pieces;
    final ChangeKind kind;
    final ExecutionSurface.Judgement judgement;

    /// How much each piece can hurt, by its id.
    final Map<String, Level> levels;

    /// Why it is taken for a program's output.
    final Optional<String> generated;

    private final ContentStore contents;
    private final List<String> aliases;
    private final boolean text;
    private final int added;
    private final int removed;

    StagedChange(
            RelativePath path,
            Item base,
            Item made,
            int epoch,
            Optional<Ledger.Kept> kept,
            ContentStore contents)
            throws IOException {
        this(path, base, made, epoch, kept, contents, List.of());
    }

    /// @param aliases further names that links give it
    StagedChange(
            RelativePath path,
            Item base,
            Item made,
            int epoch,
            Optional<Ledger.Kept> kept,
            ContentStore contents,
            List<String> aliases)
            throws IOException {
        this.aliases = aliases;
        this.path = path;
        this.base = base;
        this.made = made;
        this.epoch = epoch;
        this.kept = kept;
        this.contents = contents;
        boolean links = base instanceof Item.LinkTo || made instanceof Item.LinkTo;
        boolean small = !large(base) && !large(made);
        byte[] old = small ? bytes(base, contents) : NOTHING;
        byte[] now = small ? bytes(made, contents) : NOTHING;
        this.text = small && !links && TextDiff.comparable(old, now);
        this.kind = kindOf(base, made, text);
        this.judgement =
                judged(name ->
                        small
                                ? ExecutionSurface.judge(name, base, old, made, now)
                                : ExecutionSurface.unread(name, base, made));
        this.generated =
                judgement.level() == Level.CRITICAL ? Optional.empty() : Generated.why(path, old);
        TextDiff diff = text ? TextDiff.of(old, now) : null;
        this.pieces = cut(diff);
        this.levels = levels(diff, old);
        this.added = diff == null ? 0 : diff.edits().stream().mapToInt(Edit::getLengthB).sum();
        this.removed = diff == null ? 0 : diff.edits().stream().mapToInt(Edit::getLengthA).sum();
    }

    /// Judges the pieces one by one where one of them may be worse than another. Pieces that are
    /// harmless alone and not together all get the file's level.
    private Map<String, Level> levels(@Nullable TextDiff diff, byte[] old) {
        Map<String, Level> all = new HashMap<>();
        pieces.forEach(piece -> all.put(piece.id, judgement.level()));
        if (diff == null
                || !(base instanceof Item.File was)
                || !(made instanceof Item.File is)
                || pieces.size() < 2
                || pieces.size() > JUDGED_PIECES
                || (long) pieces.size() * old.length > JUDGED_BYTES
                || judgement.level().compareTo(Level.MEDIUM) <= 0) {
            return Map.copyOf(all);
        }
        Set<Integer> rest = new HashSet<>();
        Level worst = Level.LOW;
        Map<String, Level> single = new HashMap<>();
        for (Piece piece : pieces) {
            boolean mode = piece.edit == MODE;
            Set<Integer> edits = mode ? Set.of() : Set.of(piece.edit);
            Level level = judged(diff, old, edits, mode ? is.executable() : was.executable());
            single.put(piece.id, level);
            worst = worst.max(level);
            if (level.compareTo(judgement.level()) < 0 && !mode) {
                rest.add(piece.edit);
            }
        }
        boolean together =
                worst.compareTo(judgement.level()) < 0
                        || judged(diff, old, rest, was.executable()).compareTo(judgement.level())
                                >= 0;
        return Map.copyOf(together ? all : single);
    }

    private Level judged(TextDiff diff, byte[] old, Set<Integer> edits, boolean executable) {
        byte[] content = diff.with(edits);
        Item.File item = file(content, executable);
        return judged(name -> ExecutionSurface.judge(name, base, old, item, content)).level();
    }

    /// By its own name and by those of the links that lead to it: whoever reads the link runs it.
    private ExecutionSurface.Judgement judged(
            Function<RelativePath, ExecutionSurface.Judgement> by) {
        ExecutionSurface.Judgement own = by.apply(path);
        Level level = own.level();
        boolean runs = own.runsOnHost();
        List<String> reasons = new ArrayList<>(own.reasons());
        for (String alias : aliases) {
            ExecutionSurface.Judgement there = by.apply(new RelativePath(alias));
            level = level.max(there.level());
            runs |= there.runsOnHost();
            String led = "the link " + GuestText.of(alias).visible() + " leads here: ";
            there.reasons().stream()
                    .filter(reason -> !reasons.contains(reason))
                    .map(led::concat)
                    .toList()
                    .forEach(reasons::add);
        }
        return new ExecutionSurface.Judgement(level, List.copyOf(reasons), runs);
    }

    /// Whether it is too large to be compared by line; then its bytes are never held in memory.
    static boolean large(Item item) {
        return item instanceof Item.File f && f.size() > TextDiff.LARGEST;
    }

    static byte[] bytes(Item item, ContentStore contents) throws IOException {
        return switch (item) {
            case Item.File file -> contents.bytes(file.content());
            case Item.LinkTo link -> link.target().getBytes(StandardCharsets.UTF_8);
            case Item.Absent _, Item.Other _ -> NOTHING;
        };
    }

    private static ChangeKind kindOf(Item base, Item made, boolean text) {
        if (base instanceof Item.LinkTo || made instanceof Item.LinkTo) {
            return ChangeKind.LINK;
        }
        boolean same =
                base instanceof Item.File b
                        && made instanceof Item.File m
                        && b.content().equals(m.content());
        if (same) {
            return ChangeKind.MODE;
        }
        if (!text) {
            return ChangeKind.BINARY;
        }
        if (base.absent()) {
            return ChangeKind.CREATED;
        }
        return made.absent() ? ChangeKind.DELETED : ChangeKind.EDITED;
    }

    int added() {
        return added;
    }

    int removed() {
        return removed;
    }

    // -- cutting

    private List<Piece> cut(@Nullable TextDiff diff) {
        List<Piece> all = new ArrayList<>();
        boolean bothFiles = base instanceof Item.File && made instanceof Item.File;
        boolean modeDiffers =
                base instanceof Item.File b
                        && made instanceof Item.File m
                        && b.executable() != m.executable();
        if (diff == null && modeDiffers) {
            if (kind != ChangeKind.MODE) {
                all.add(content());
            }
        } else if (diff == null || !bothFiles) {
            all.add(whole(diff));
        } else {
            Map<String, Integer> seen = new HashMap<>();
            for (int i = 0; i < diff.edits().size(); i++) {
                all.add(lines(diff, i, seen));
            }
        }
        if (modeDiffers) {
            boolean becomes = made instanceof Item.File m && m.executable();
            all.add(
                    new Piece(
                            id("mode", new byte[] {(byte) (becomes ? 1 : 0)}),
                            MODE,
                            0,
                            0,
                            0,
                            0,
                            List.of(),
                            becomes ? "becomes executable" : "is no longer executable"));
        }
        return List.copyOf(all);
    }

    private Piece content() {
        return new Piece(
                id("content", encode(base), encode(made)),
                CONTENT,
                0,
                0,
                0,
                0,
                List.of(),
                "no lines to show: " + told(base) + " → " + told(made));
    }

    private Piece whole(@Nullable TextDiff diff) {
        String id = id("whole", encode(base), encode(made));
        List<String> notes = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        int oldSize = 0;
        int newSize = 0;
        switch (kind) {
            case LINK -> notes.add(told(base) + " → " + told(made));
            case BINARY -> notes.add("no lines to show: " + told(base) + " → " + told(made));
            case CREATED, DELETED, EDITED, MOVED, MODE, CONFLICT, BLOCKED -> {
                TextDiff lineDiff = java.util.Objects.requireNonNull(diff);
                oldSize = lineDiff.oldSize();
                newSize = lineDiff.newSize();
                for (int i = 0; i < oldSize; i++) {
                    add(lines, Line.Kind.REMOVED, lineDiff.oldLine(i));
                }
                for (int i = 0; i < newSize; i++) {
                    add(lines, Line.Kind.ADDED, lineDiff.newLine(i));
                }
                addCapNote(notes, oldSize + newSize);
                if (oldSize + newSize == 0) {
                    notes.add("an empty file");
                } else if (newSize > 0
                        ? !ended(lineDiff.newLine(newSize - 1))
                        : !ended(lineDiff.oldLine(oldSize - 1))) {
                    notes.add("no line end at the end of the file");
                }
            }
        }
        if (made instanceof Item.File f && f.executable() && base.absent()) {
            notes.add("executable");
        }
        return new Piece(
                id,
                WHOLE,
                oldSize == 0 ? 0 : 1,
                oldSize,
                newSize == 0 ? 0 : 1,
                newSize,
                List.copyOf(lines),
                note(notes));
    }

    private static String told(Item item) {
        return switch (item) {
            case Item.Absent _ -> "nothing";
            case Item.File f ->
                    f.size()
                            + " bytes, SHA-256 "
                            + f.content().brief()
                            + (f.executable() ? ", executable" : "");
            case Item.LinkTo l -> "link to " + GuestText.of(l.target()).visible();
            case Item.Other o -> o.what();
        };
    }

    private Piece lines(TextDiff text, int index, Map<String, Integer> seen) {
        Edit edit = text.edits().get(index);
        int before = Math.max(0, edit.getBeginA() - CONTEXT);
        int after = Math.min(text.oldSize(), edit.getEndA() + CONTEXT);
        List<Line> lines = new ArrayList<>();
        java.io.ByteArrayOutputStream around = new java.io.ByteArrayOutputStream();
        for (int i = before; i < edit.getBeginA(); i++) {
            add(lines, Line.Kind.CONTEXT, text.oldLine(i));
            around.writeBytes(text.oldLine(i));
        }
        for (int i = edit.getBeginA(); i < edit.getEndA(); i++) {
            add(lines, Line.Kind.REMOVED, text.oldLine(i));
        }
        for (int i = edit.getBeginB(); i < edit.getEndB(); i++) {
            add(lines, Line.Kind.ADDED, text.newLine(i));
        }
        for (int i = edit.getEndA(); i < after; i++) {
            add(lines, Line.Kind.CONTEXT, text.oldLine(i));
            around.writeBytes(text.oldLine(i));
        }
        List<String> notes = new ArrayList<>();
        addCapNote(notes, edit.getLengthA() + edit.getLengthB());
        endNote(notes, text, edit);
        byte[] old = text.oldText(edit);
        byte[] now = text.newText(edit);
        String bare = id("lines", old, now, around.toByteArray());
        int nth = seen.merge(bare, 1, Integer::sum);
        String id = nth == 1 ? bare : id("lines" + nth, old, now, around.toByteArray());
        int from = edit.getBeginA() - before;
        return new Piece(
                id,
                index,
                before + 1,
                after - before,
                edit.getBeginB() - from + 1,
                from + edit.getLengthB() + (after - edit.getEndA()),
                List.copyOf(lines),
                note(notes));
    }

    private static void endNote(List<String> notes, TextDiff text, Edit edit) {
        boolean oldEnd =
                edit.getEndA() == text.oldSize()
                        && edit.getLengthA() > 0
                        && !ended(text.oldLine(edit.getEndA() - 1));
        boolean newEnd =
                edit.getEndB() == text.newSize()
                        && edit.getLengthB() > 0
                        && !ended(text.newLine(edit.getEndB() - 1));
        if (oldEnd != newEnd) {
            notes.add(
                    newEnd
                            ? "removes the line end at the end of the file"
                            : "adds a line end at the end of the file");
        }
        boolean oldReturns = returns(text.oldText(edit));
        boolean newReturns = returns(text.newText(edit));
        if (edit.getLengthA() > 0 && edit.getLengthB() > 0 && oldReturns != newReturns) {
            notes.add(newReturns ? "line ends become CRLF" : "line ends become LF");
        }
    }

    private static boolean returns(byte[] text) {
        for (byte b : text) {
            if (b == '\r') {
                return true;
            }
        }
        return false;
    }

    private static boolean ended(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\n';
    }

    private static void addCapNote(List<String> notes, int lines) {
        if (lines > SHOWN_LINES) {
            notes.add("only the first " + SHOWN_LINES + " of " + lines + " lines are shown");
        }
    }

    private static @Nullable String note(List<String> notes) {
        return notes.isEmpty() ? null : String.join("; ", notes);
    }

    private static void add(List<Line> lines, Line.Kind kind, byte[] line) {
        if (lines.size() >= SHOWN_LINES + 2 * CONTEXT) {
            return;
        }
        int end = line.length;
        if (end > 0 && line[end - 1] == '\n') {
            end--;
        }
        if (end > 0 && line[end - 1] == '\r') {
            end--;
        }
        String text = new String(line, 0, end, StandardCharsets.UTF_8);
        if (text.length() > SHOWN_LINE) {
            text = text.substring(0, SHOWN_LINE) + " … " + (text.length() - SHOWN_LINE) + " more";
        }
        lines.add(new Line(kind, GuestText.of(text)));
    }

    private String id(String what, byte[]... parts) {
        var hash = Digest.sha256();
        List<byte[]> all = new ArrayList<>();
        all.add(path.value().getBytes(StandardCharsets.UTF_8));
        all.add(what.getBytes(StandardCharsets.UTF_8));
        all.addAll(List.of(parts));
        for (byte[] part : all) {
            hash.update(ByteBuffer.allocate(4).putInt(part.length).array());
            hash.update(part);
        }
        String hex = java.util.HexFormat.of().formatHex(hash.digest()).substring(0, 32);
        return kept.isPresent() ? "e" + epoch + "-" + hex : hex;
    }

    private static byte[] encode(Item item) {
        return item.toString().getBytes(StandardCharsets.UTF_8);
    }

    // -- merging

    /// The baseline with only these pieces: the common ancestor of what is left.
    Merged onBase(Set<String> ids) throws IOException {
        Set<Integer> edits = new HashSet<>();
        boolean whole = false;
        boolean mode = false;
        boolean bytes = false;
        for (Piece piece : pieces) {
            if (ids.contains(piece.id)) {
                whole |= piece.edit == WHOLE;
                mode |= piece.edit == MODE;
                bytes |= piece.edit == CONTENT;
                if (piece.edit >= 0) {
                    edits.add(piece.edit);
                }
            }
        }
        if (whole || pieces.stream().allMatch(piece -> ids.contains(piece.id))) {
            return new Merged(made, small(made), ids);
        }
        byte[] baseBytes = small(base);
        if (!text && base instanceof Item.File old && made instanceof Item.File now) {
            Item.File content = bytes ? now : old;
            boolean executable = mode ? now.executable() : old.executable();
            return new Merged(
                    new Item.File(content.content(), content.size(), executable),
                    small(content),
                    ids);
        }
        if (!text || !(base instanceof Item.File old) || !(made instanceof Item.File now)) {
            return new Merged(base, baseBytes, ids);
        }
        byte[] content = TextDiff.of(baseBytes, bytes(made, contents)).with(edits);
        boolean executable = mode ? now.executable() : old.executable();
        return new Merged(file(content, executable), content, ids);
    }

    private byte[] small(Item item) throws IOException {
        return large(item) ? NOTHING : bytes(item, contents);
    }

    static Item.File file(byte[] content, boolean executable) {
        return new Item.File(Digest.of(content), content.length, executable);
    }

    /// These pieces on what is there now; pieces that touch the same lines are not taken. Empty if
    /// none can be.
    Optional<Merged> onto(Item ours, byte[] ourBytes, Set<String> ids) throws IOException {
        Optional<Merged> all = ontoAll(ours, ourBytes, ids);
        if (all.isPresent() || ids.size() < 2) {
            return all;
        }
        Set<String> taken = new HashSet<>();
        Optional<Merged> best = Optional.empty();
        for (Piece piece : pieces) {
            if (ids.contains(piece.id)) {
                Set<String> more = new HashSet<>(taken);
                more.add(piece.id);
                Optional<Merged> merged = ontoAll(ours, ourBytes, more);
                if (merged.isPresent()) {
                    best = merged;
                    taken = more;
                }
            }
        }
        return best;
    }

    private Optional<Merged> ontoAll(Item ours, byte[] ourBytes, Set<String> ids)
            throws IOException {
        Merged theirs = onBase(ids);
        if (ours.equals(base)) {
            return Optional.of(theirs);
        }
        if (ours.equals(theirs.item)) {
            return Optional.of(new Merged(ours, ourBytes, ids));
        }
        if (ours instanceof Item.File host
                && theirs.item instanceof Item.File wanted
                && base instanceof Item.File old
                && wanted.content().equals(old.content())) {
            // Only whether it is executable: that goes with any content.
            return Optional.of(
                    new Merged(
                            new Item.File(host.content(), host.size(), wanted.executable()),
                            ourBytes,
                            ids));
        }
        if (!(ours instanceof Item.File host)
                || !(theirs.item instanceof Item.File wanted)
                || !(base instanceof Item.File old)
                || large(host)
                || large(wanted)
                || large(old)) {
            return Optional.empty();
        }
        boolean executable =
                wanted.executable() == old.executable() ? host.executable() : wanted.executable();
        return TextDiff.merge(bytes(base, contents), ourBytes, theirs.content)
                .map(content -> new Merged(file(content, executable), content, ids));
    }
}
