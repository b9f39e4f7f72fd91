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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The child process that holds tree-sitter: native code that reads hostile text, in a process that
/// has no keys, no environment and nothing open but two pipes.
///
/// Request: a count of texts, then each one's length and UTF-8. Reply: length, a table of names,
/// then for each text a byte (1: it has a tree) and the nodes in preorder; it ends with the first
/// text that is faulty or has none. The first reply, before any request, is empty: the grammar is
/// loaded.
final class ShellParserMain {
    static final int LONGEST = 64 * 1024;
    static final int DEEPEST = 160;
    static final int MOST_NODES = 200_000;
    static final int MOST_TEXTS = 128;

    private static final int SYMBOLS = 1 << 16;
    private static final int FIELDS = 256;

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
            Wire wire = new Wire(parser);
            while (serveOne(wire, in, raw)) {
                // One request at a time, in the order of arrival.
            }
        }
    }

    private static boolean serveOne(Wire wire, DataInputStream in, OutputStream out)
            throws IOException {
        int count;
        try {
            count = in.readInt();
        } catch (EOFException _) {
            return false;
        }
        if (count < 1 || count > MOST_TEXTS) {
            return false;
        }
        List<byte[]> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = in.readInt();
            if (length < 0 || length > LONGEST) {
                return false;
            }
            texts.add(in.readNBytes(length));
        }
        out.write(wire.reply(texts));
        out.flush();
        return true;
    }

    /// Writes the trees of one request. Too deep or too many nodes: none.
    private static final class Wire {
        private static final int NODE = 2 + 2 + 1 + 4 + 4 + 4;

        private final TreeSitter parser;

        /// Places in the reply's table of names: by symbol, and behind them by field. 0: not in it.
        private final short[] places = new short[SYMBOLS + FIELDS];

        private final List<Integer> used = new ArrayList<>();

        /// Where the numbers of children of the nodes above stand, by depth.
        private final int[] above = new int[DEEPEST + 2];

        private int[] units = {};
        private ByteBuffer nodes = ByteBuffer.allocate(256 * 1024);
        private int count;
        private boolean faulty;

        Wire(TreeSitter parser) {
            this.parser = parser;
        }

        /// The whole reply, its length first.
        byte[] reply(List<byte[]> texts) throws IOException {
            used.forEach(one -> places[one] = 0);
            used.clear();
            nodes.clear();
            count = 0;
            faulty = false;
            for (byte[] text : texts) {
                units = unitsOf(new String(text, StandardCharsets.UTF_8), text.length);
                int from = nodes.position();
                room(1);
                nodes.put((byte) 1);
                if (!parser.walk(text, this::emit)) {
                    nodes.position(from).put((byte) 0);
                    faulty = true;
                }
                if (faulty) {
                    break;
                }
            }
            ByteArrayOutputStream names = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(names);
            out.writeShort(used.size());
            for (int one : used) {
                out.writeUTF(one < SYMBOLS ? parser.type(one) : parser.field(one - SYMBOLS));
            }
            byte[] head = names.toByteArray();
            nodes.flip();
            int size = head.length + nodes.limit();
            return ByteBuffer.allocate(4 + size).putInt(size).put(head).put(nodes).array();
        }

        private void room(int bytes) {
            if (nodes.remaining() < bytes) {
                nodes = ByteBuffer.allocate(nodes.capacity() * 2).put(nodes.flip());
            }
        }

        private boolean emit(
                int type,
                int field,
                boolean named,
                boolean error,
                boolean missing,
                int start,
                int end,
                int depth) {
            if (++count > MOST_NODES || depth > DEEPEST) {
                return false;
            }
            room(NODE);
            nodes.putShort(place(type))
                    .putShort(place(SYMBOLS + Math.min(field, FIELDS - 1)))
                    .put(
                            (byte)
                                    ((named ? NAMED : 0)
                                            | (error ? ERROR : 0)
                                            | (missing ? MISSING : 0)))
                    .putInt(unit(start))
                    .putInt(unit(end));
            faulty |= error || missing;
            above[depth] = nodes.position();
            nodes.putInt(0);
            if (depth > 0) {
                int parent = above[depth - 1];
                nodes.putInt(parent, nodes.getInt(parent) + 1);
            }
            return true;
        }

        private short place(int name) {
            if (places[name] == 0) {
                used.add(name);
                places[name] = (short) used.size();
            }
            return (short) (places[name] - 1);
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
