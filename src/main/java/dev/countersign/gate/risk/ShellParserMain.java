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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

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
        try (TreeSitter parser = new TreeSitter();
                DataInputStream in =
                        new DataInputStream(
                                new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
                OutputStream raw = new FileOutputStream(FileDescriptor.out)) {
            DataOutputStream out = new DataOutputStream(raw);
            out.writeInt(0);
            out.flush();
            while (serveOne(parser, in, out)) {
                // One request at a time, in the order of arrival.
            }
        }
    }

    private static boolean serveOne(TreeSitter parser, DataInputStream in, DataOutputStream out)
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
        byte[] text = in.readNBytes(length);
        byte[] reply = new Wire(text).write(parser);
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

        private final byte[] text;
        private int count;

        Wire(byte[] text) {
            this.text = text;
            units = unitsOf(new String(text, StandardCharsets.UTF_8), text.length);
        }

        byte[] write(TreeSitter parser) throws IOException {
            boolean whole = parser.walk(text, this::emit);
            ByteArrayOutputStream reply = new ByteArrayOutputStream(bytes.size() + 1024);
            DataOutputStream out = new DataOutputStream(reply);
            if (!whole) {
                out.writeShort(0);
                out.writeInt(0);
                return reply.toByteArray();
            }
            out.writeShort(names.size());
            for (String name : names.keySet()) {
                out.writeUTF(name);
            }
            out.writeInt(count);
            bytes.writeTo(out);
            return reply.toByteArray();
        }

        private boolean emit(
                String type,
                String field,
                boolean named,
                boolean error,
                boolean missing,
                int start,
                int end,
                int children,
                int depth) {
            if (++count > MOST_NODES || depth > DEEPEST) {
                return false;
            }
            try {
                nodes.writeShort(name(type));
                nodes.writeShort(name(field));
                nodes.writeByte(
                        (named ? NAMED : 0) | (error ? ERROR : 0) | (missing ? MISSING : 0));
                nodes.writeInt(unit(start));
                nodes.writeInt(unit(end));
                nodes.writeInt(children);
            } catch (IOException e) {
                throw new UncheckedIOException("memory does not fail", e);
            }
            return true;
        }

        private int name(String name) {
            return names.computeIfAbsent(name, _ -> names.size());
        }

        private int unit(int offset) {
            return units[Math.clamp(offset, 0, units.length - 1)];
        }

        /// From offsets in UTF-8 to offsets in the text.
        private static int[] unitsOf(String text, int size) {
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
