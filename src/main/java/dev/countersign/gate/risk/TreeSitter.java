package dev.countersign.gate.risk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.treesitter.TSParser;
import org.treesitter.TreeSitterBash;

/// The few functions of tree-sitter's C interface (`tree_sitter/api.h`) that a walk over a tree
/// needs, called directly: through the library's own Java objects a node costs microseconds. Lives
/// in the parser's child process only.
final class TreeSitter implements AutoCloseable {
    /// `typedef struct TSNode { uint32_t context[4]; const void *id; const TSTree *tree; }`
    private static final StructLayout NODE =
            MemoryLayout.structLayout(MemoryLayout.sequenceLayout(4, JAVA_INT), ADDRESS, ADDRESS);

    /// `typedef struct TSTreeCursor { const void *tree; const void *id; uint32_t context[3]; }`
    private static final StructLayout CURSOR =
            MemoryLayout.structLayout(
                    ADDRESS,
                    ADDRESS,
                    MemoryLayout.sequenceLayout(3, JAVA_INT),
                    MemoryLayout.paddingLayout(4));

    /// The number of an error node's symbol.
    private static final int ERROR = 0xFFFF;

    static {
        load();
    }

    private static final MethodHandle LANGUAGE =
            function("tree_sitter_bash", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle PARSER_NEW =
            function("ts_parser_new", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle PARSER_DELETE =
            function("ts_parser_delete", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle SET_LANGUAGE =
            function(
                    "ts_parser_set_language",
                    FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, ADDRESS));
    private static final MethodHandle PARSE =
            function(
                    "ts_parser_parse_string",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle TREE_DELETE =
            function("ts_tree_delete", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle ROOT =
            function("ts_tree_root_node", FunctionDescriptor.of(NODE, ADDRESS));
    private static final MethodHandle CURSOR_NEW =
            function("ts_tree_cursor_new", FunctionDescriptor.of(CURSOR, NODE));
    private static final MethodHandle CURSOR_DELETE =
            function("ts_tree_cursor_delete", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle CURRENT =
            look("ts_tree_cursor_current_node", FunctionDescriptor.of(NODE, ADDRESS));
    private static final MethodHandle FIELD =
            look("ts_tree_cursor_current_field_id", FunctionDescriptor.of(JAVA_SHORT, ADDRESS));
    private static final MethodHandle FIRST_CHILD =
            look("ts_tree_cursor_goto_first_child", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
    private static final MethodHandle NEXT_SIBLING =
            look("ts_tree_cursor_goto_next_sibling", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
    private static final MethodHandle PARENT =
            look("ts_tree_cursor_goto_parent", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
    private static final MethodHandle SYMBOL =
            look("ts_node_symbol", FunctionDescriptor.of(JAVA_SHORT, NODE));
    private static final MethodHandle END =
            look("ts_node_end_byte", FunctionDescriptor.of(JAVA_INT, NODE));
    private static final MethodHandle NAMED =
            look("ts_node_is_named", FunctionDescriptor.of(JAVA_BOOLEAN, NODE));
    private static final MethodHandle MISSING =
            look("ts_node_is_missing", FunctionDescriptor.of(JAVA_BOOLEAN, NODE));
    private static final MethodHandle TYPE =
            function("ts_node_type", FunctionDescriptor.of(ADDRESS, NODE));
    private static final MethodHandle FIELD_NAME =
            function(
                    "ts_language_field_name_for_id",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_SHORT));

    private final MemorySegment language;
    private final MemorySegment parser;
    private final String[] types = new String[ERROR + 1];
    private final String[] fields = new String[256];

    /// Whether a symbol is more than punctuation: the same for all of its nodes.
    private final boolean[] named = new boolean[ERROR + 1];

    TreeSitter() {
        language = (MemorySegment) call(LANGUAGE);
        parser = (MemorySegment) call(PARSER_NEW);
        if (!(boolean) call(SET_LANGUAGE, parser, language)) {
            throw new IllegalStateException("tree-sitter does not take this grammar");
        }
    }

    /// What a walk is told of each node, in preorder.
    interface Visitor {
        /// @param type a symbol, named by [TreeSitter#type(int)]
        /// @param field named by [TreeSitter#field(int)]; 0: none
        /// @return false to end the walk
        boolean node(
                int type,
                int field,
                boolean named,
                boolean error,
                boolean missing,
                int start,
                int end,
                int depth);
    }

    /// Parses UTF-8 and walks the tree; offsets are bytes.
    ///
    /// @return false if the visitor ended the walk
    boolean walk(byte[] text, Visitor visitor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(Math.max(1, text.length));
            MemorySegment.copy(text, 0, source, JAVA_BYTE, 0, text.length);
            MemorySegment tree =
                    (MemorySegment)
                            PARSE.invokeExact(parser, MemorySegment.NULL, source, text.length);
            try {
                return walk(arena, tree, visitor);
            } finally {
                TREE_DELETE.invokeExact(tree);
            }
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private boolean walk(Arena arena, MemorySegment tree, Visitor visitor) throws Throwable {
        MemorySegment node = arena.allocate(NODE);
        SegmentAllocator reuse = (_, _) -> node;
        MemorySegment root = (MemorySegment) ROOT.invokeExact((SegmentAllocator) arena, tree);
        MemorySegment cursor =
                (MemorySegment) CURSOR_NEW.invokeExact((SegmentAllocator) arena, root);
        try {
            int depth = 0;
            while (true) {
                MemorySegment now = (MemorySegment) CURRENT.invokeExact(reuse, cursor);
                if (!visit(now, cursor, visitor, depth)) {
                    return false;
                }
                if ((boolean) FIRST_CHILD.invokeExact(cursor)) {
                    depth++;
                    continue;
                }
                while (!(boolean) NEXT_SIBLING.invokeExact(cursor)) {
                    if (depth == 0 || !(boolean) PARENT.invokeExact(cursor)) {
                        return true;
                    }
                    depth--;
                }
            }
        } finally {
            CURSOR_DELETE.invokeExact(cursor);
        }
    }

    private boolean visit(MemorySegment node, MemorySegment cursor, Visitor visitor, int depth)
            throws Throwable {
        int symbol = Short.toUnsignedInt((short) SYMBOL.invokeExact(node));
        int field = Short.toUnsignedInt((short) FIELD.invokeExact(cursor));
        int start = node.get(JAVA_INT, 0);
        int end = (int) END.invokeExact(node);
        learn(symbol, field, node);
        return visitor.node(
                symbol,
                field,
                named[symbol],
                symbol == ERROR,
                start == end && (boolean) MISSING.invokeExact(node),
                start,
                end,
                depth);
    }

    /// The grammar's name of a symbol that a walk told of.
    String type(int symbol) {
        String known = types[symbol];
        return known == null ? "" : known;
    }

    /// The grammar's name of a field that a walk told of; empty for none.
    String field(int id) {
        String known = id < fields.length ? fields[id] : null;
        return known == null ? "" : known;
    }

    private void learn(int symbol, int field, MemorySegment node) throws Throwable {
        if (types[symbol] == null) {
            types[symbol] = text((MemorySegment) TYPE.invokeExact(node));
            named[symbol] = (boolean) NAMED.invokeExact(node);
        }
        if (field != 0 && field < fields.length && fields[field] == null) {
            fields[field] = text((MemorySegment) FIELD_NAME.invokeExact(language, (short) field));
        }
    }

    private static String text(MemorySegment name) {
        return name.equals(MemorySegment.NULL) ? "" : name.reinterpret(256).getString(0);
    }

    @Override
    public void close() {
        call(PARSER_DELETE, parser);
    }

    /// Loads the native libraries, which the Java library unpacks.
    private static void load() {
        new TSParser().close();
        if (new TreeSitterBash().symbolCount() == 0) {
            throw new IllegalStateException("the grammar does not load");
        }
    }

    /// A function that returns at once, so that the virtual machine need not be told.
    private static MethodHandle look(String name, FunctionDescriptor shape) {
        return function(name, shape, Linker.Option.critical(false));
    }

    private static MethodHandle function(
            String name, FunctionDescriptor shape, Linker.Option... options) {
        return Linker.nativeLinker()
                .downcallHandle(
                        SymbolLookup.loaderLookup()
                                .find(name)
                                .orElseThrow(
                                        () -> new IllegalStateException("no function " + name)),
                        shape,
                        options);
    }

    private static Object call(MethodHandle function, Object... arguments) {
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable e) {
        return new IllegalStateException("a call into tree-sitter failed", e);
    }
}
