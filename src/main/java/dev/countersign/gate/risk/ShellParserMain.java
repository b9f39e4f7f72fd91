package dev.countersign.gate.risk;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.treesitter.TSNode;
import org.treesitter.TSParser;
import org.treesitter.TSTree;
import org.treesitter.TSTreeCursor;
import org.treesitter.TreeSitterBash;

/// The child process that holds tree-sitter: native code that reads hostile text, in a process that
/// has no keys, no environment and nothing open but two pipes.
///
/// Request: length, then UTF-8. Reply: length, then a table of names and the nodes in preorder. The
/// first reply, before any request, is empty: the grammar is loaded.
final class ShellParserMain {
    static final int LONGEST = 64 * 1024;
    static final int DEEPEST = 160;
    static final int MOST_NODES = 200_000;

    static final int NAMED = 1;
    static final int ERROR = 2;
    static final int MISSING = 4;

    private ShellParserMain() {}

    /// Serves until its input ends.
    public static void main(String[] arguments) throws IOException {
        try (TSParser parser = new TSParser();
                DataInputStream in =
                        new DataInputStream(
                                new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
                OutputStream raw = new FileOutputStream(FileDescriptor.out)) {
            if (!parser.setLanguage(new TreeSitterBash())) {
                throw new IOException("tree-sitter does not take this grammar");
            }
            DataOutputStream out = new DataOutputStream(raw);
            out.writeInt(0);
            out.flush();
            while (serveOne(parser, in, out)) {
                // One request at a time, in the order of arrival.
            }
        }
    }

    private static boolean serveOne(TSParser parser, DataInputStream in, DataOutputStream out)
            throws IOException {
        int length;
        try {
            length = in.readInt();
        } catch (EOFException _) {
            return false;
        }
        if (length < 0 || length > 4 * LONGEST) {
            return false;
        }
        String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        byte[] reply;
        try (TSTree tree = parser.parseString(null, text)) {
            reply = new Wire(text).write(tree.getRootNode());
        }
        ByteArrayOutputStream frame = new ByteArrayOutputStream(reply.length + 4);
        DataOutputStream framed = new DataOutputStream(frame);
        framed.writeInt(reply.length);
        framed.write(reply);
        out.write(frame.toByteArray());
        out.flush();
        return true;
    }

    /// Writes one tree. Too deep or too many nodes: a reply without nodes.
    private static final class Wire {
        private final int[] units;
        private final Map<String, Integer> names = new LinkedHashMap<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream nodes = new DataOutputStream(bytes);

        Wire(String text) {
            units = unitsOf(text);
        }

        byte[] write(TSNode root) throws IOException {
            int count = walk(root);
            ByteArrayOutputStream whole = new ByteArrayOutputStream(bytes.size() + 1024);
            DataOutputStream out = new DataOutputStream(whole);
            if (count < 0) {
                out.writeShort(0);
                out.writeInt(0);
                return whole.toByteArray();
            }
            out.writeShort(names.size());
            for (String name : names.keySet()) {
                out.writeUTF(name);
            }
            out.writeInt(count);
            bytes.writeTo(out);
            return whole.toByteArray();
        }

        private int walk(TSNode root) throws IOException {
            int count = 0;
            int depth = 0;
            try (TSTreeCursor cursor = new TSTreeCursor(root)) {
                while (true) {
                    emit(cursor);
                    count++;
                    if (count > MOST_NODES || depth > DEEPEST) {
                        return -1;
                    }
                    if (cursor.gotoFirstChild()) {
                        depth++;
                        continue;
                    }
                    while (!cursor.gotoNextSibling()) {
                        if (depth == 0 || !cursor.gotoParent()) {
                            return count;
                        }
                        depth--;
                    }
                }
            }
        }

        private void emit(TSTreeCursor cursor) throws IOException {
            TSNode node = cursor.currentNode();
            String field = cursor.currentFieldName();
            int flags =
                    (node.isNamed() ? NAMED : 0)
                            | (node.isError() ? ERROR : 0)
                            | (node.isMissing() ? MISSING : 0);
            nodes.writeShort(name(node.getType()));
            nodes.writeShort(name(field == null ? "" : field));
            nodes.writeByte(flags);
            nodes.writeInt(unit(node.getStartByte()));
            nodes.writeInt(unit(node.getEndByte()));
            nodes.writeInt(node.getChildCount());
        }

        private int name(String name) {
            return names.computeIfAbsent(name, _ -> names.size());
        }

        private int unit(int offset) {
            return units[Math.clamp(offset, 0, units.length - 1)];
        }

        /// From offsets in UTF-8 to offsets in the text.
        private static int[] unitsOf(String text) {
            int size = text.getBytes(StandardCharsets.UTF_8).length;
            int[] units = new int[size + 1];
            int at = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                int width = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
                for (int k = 0; k < width && at < size; k++) {
                    units[at++] = i;
                }
            }
            units[size] = text.length();
            return units;
        }
    }
}
