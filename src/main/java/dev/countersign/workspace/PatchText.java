package dev.countersign.workspace;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;

/// Writes changes as a patch that `git apply` takes; the format is that of git-diff(1) with
/// `--binary --full-index`.
final class PatchText {
    private static final int CONTEXT = 3;

    /// git's base85.c.
    private static final String BASE85 =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean mailed;

    PatchText() {
        this(false);
    }

    /// @param mailed whether it goes through `git am`, which takes the returns off the ends of
    ///   lines
    PatchText(boolean mailed) {
        this.mailed = mailed;
    }

    private static boolean returns(byte[] content) {
        for (byte b : content) {
            if (b == '\r') {
                return true;
            }
        }
        return false;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    void add(String path, Item before, byte[] old, Item after, byte[] now) {
        if (before.equals(after)) {
            return;
        }
        if (!before.absent() && !after.absent() && !mode(before).startsWith(kind(after))) {
            // git writes a change between file and link as a deletion and a creation.
            add(path, before, old, Item.Absent.HERE, new byte[0]);
            add(path, Item.Absent.HERE, new byte[0], after, now);
            return;
        }
        line("diff --git " + quoted("a/" + path) + " " + quoted("b/" + path));
        if (before.absent()) {
            line("new file mode " + mode(after));
        } else if (after.absent()) {
            line("deleted file mode " + mode(before));
        } else if (!mode(before).equals(mode(after))) {
            line("old mode " + mode(before));
            line("new mode " + mode(after));
        }
        if (java.util.Arrays.equals(old, now) && !before.absent() && !after.absent()) {
            return;
        }
        line("index " + id(before, old) + ".." + id(after, now));
        if (TextDiff.comparable(old, now) && !(mailed && (returns(old) || returns(now)))) {
            text(path, before, old, after, now);
        } else {
            line("GIT binary patch");
            literal(now);
            literal(old);
        }
    }

    private static String mode(Item item) {
        return switch (item) {
            case Item.LinkTo _ -> "120000";
            case Item.File f -> f.executable() ? "100755" : "100644";
            case Item.Absent _, Item.Other _ -> "000000";
        };
    }

    private static String kind(Item item) {
        return mode(item).substring(0, 3);
    }

    private static String id(Item item, byte[] content) {
        if (item.absent()) {
            return ObjectId.zeroId().name();
        }
        try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
            return formatter.idFor(Constants.OBJ_BLOB, content).name();
        }
    }

    private void text(String path, Item before, byte[] old, Item after, byte[] now) {
        TextDiff diff = TextDiff.of(old, now);
        List<Edit> edits = diff.edits();
        if (edits.isEmpty()) {
            return;
        }
        // git ends a name that has a blank with a tab.
        String tab = path.indexOf(' ') >= 0 ? "\t" : "";
        line("--- " + (before.absent() ? "/dev/null" : quoted("a/" + path) + tab));
        line("+++ " + (after.absent() ? "/dev/null" : quoted("b/" + path) + tab));
        for (int i = 0; i < edits.size(); ) {
            int last = i;
            while (last + 1 < edits.size()
                    && edits.get(last + 1).getBeginA() - edits.get(last).getEndA() <= 2 * CONTEXT) {
                last++;
            }
            hunk(diff, edits.subList(i, last + 1));
            i = last + 1;
        }
    }

    private void hunk(TextDiff diff, List<Edit> edits) {
        Edit first = edits.getFirst();
        Edit last = edits.getLast();
        int lead = Math.min(CONTEXT, first.getBeginA());
        int trail = Math.min(CONTEXT, diff.oldSize() - last.getEndA());
        int oldFrom = first.getBeginA() - lead;
        int oldCount = last.getEndA() + trail - oldFrom;
        int newFrom = first.getBeginB() - lead;
        int newCount = last.getEndB() + trail - newFrom;
        line("@@ -" + range(oldFrom, oldCount) + " +" + range(newFrom, newCount) + " @@");
        int at = oldFrom;
        for (Edit edit : edits) {
            for (; at < edit.getBeginA(); at++) {
                body(' ', diff.oldLine(at));
            }
            for (; at < edit.getEndA(); at++) {
                body('-', diff.oldLine(at));
            }
            for (int i = edit.getBeginB(); i < edit.getEndB(); i++) {
                body('+', diff.newLine(i));
            }
        }
        for (; at < last.getEndA() + trail; at++) {
            body(' ', diff.oldLine(at));
        }
    }

    private static String range(int from, int count) {
        return (count == 0 ? from : from + 1) + "," + count;
    }

    private void body(char kind, byte[] line) {
        out.write(kind);
        out.writeBytes(line);
        if (line.length == 0 || line[line.length - 1] != '\n') {
            line("\n\\ No newline at end of file");
        }
    }

    private void line(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    /// As git's quote.c: in quotes with octal escapes where a byte could mislead.
    static String quoted(String path) {
        StringBuilder text = new StringBuilder("\"");
        boolean needed = false;
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
                needed = true;
            } else if (c < 0x20 || c >= 0x7f) {
                text.append("\\%03o".formatted(c));
                needed = true;
            } else {
                text.append((char) c);
            }
        }
        return needed ? text.append('"').toString() : path;
    }

    private void literal(byte[] content) {
        line("literal " + content.length);
        Deflater deflater = new Deflater();
        deflater.setInput(content);
        deflater.finish();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) {
            packed.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        byte[] all = packed.toByteArray();
        for (int at = 0; at < all.length; at += 52) {
            int n = Math.min(52, all.length - at);
            char length = (char) (n <= 26 ? 'A' + n - 1 : 'a' + n - 27);
            StringBuilder text = new StringBuilder().append(length);
            for (int i = 0; i < n; i += 4) {
                long word = 0;
                for (int k = 0; k < 4; k++) {
                    word = (word << 8) | (i + k < n ? all[at + i + k] & 0xff : 0);
                }
                char[] five = new char[5];
                for (int k = 4; k >= 0; k--) {
                    five[k] = BASE85.charAt((int) (word % 85));
                    word /= 85;
                }
                text.append(five);
            }
            line(text.toString());
        }
        line("");
    }
}
