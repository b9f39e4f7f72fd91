package dev.countersign.gate.risk;

import dev.countersign.gate.risk.ParserProcess.Span;
import dev.countersign.gate.risk.ShellTree.Node;
import java.util.ArrayList;
import java.util.List;

/// Reads plain statements itself and has the parser read the others, each by itself and all in one
/// exchange: the grammar takes most of the time of a rating. Bash, too, reads statement by
/// statement. Where one is not whole by itself (a here-document, a block over several lines, a
/// fault) the parser reads from its beginning to the text's end, as if nothing had been split.
final class SplitParser implements ShellParser {
    private final ParserProcess parser;

    SplitParser(ParserProcess parser) {
        this.parser = parser;
    }

    /// A part of a text that the parser reads.
    ///
    /// @param before how many nodes stand before its own
    private record Part(Span span, int before) {}

    @Override
    public ShellTree parse(String text) throws ShellUnreadable {
        if (text.length() > ShellParserMain.LONGEST || text.indexOf('\0') >= 0) {
            return parser.parse(text);
        }
        List<Node> plain = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        PlainStatements statements = new PlainStatements(text);
        int rest = split(text, statements, plain, parts);
        List<ShellTree> trees =
                parts.isEmpty()
                        ? List.of()
                        : parser.parse(text, parts.stream().map(Part::span).toList());
        List<Node> all = new ArrayList<>();
        int taken = 0;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            all.addAll(plain.subList(taken, part.before()));
            taken = part.before();
            boolean whole = i < trees.size() && !trees.get(i).faulty();
            if (!whole) {
                return behind(text, all, part.span().start());
            }
            all.addAll(trees.get(i).root().children());
        }
        all.addAll(plain.subList(taken, plain.size()));
        return rest < text.length() ? behind(text, all, rest) : program(text, all, false);
    }

    /// @return from where on the text can't be split
    private static int split(
            String text, PlainStatements statements, List<Node> plain, List<Part> parts) {
        int at = statements.read(0, plain);
        while (at < text.length()) {
            int end = end(text, at);
            if (end < 0 || parts.size() == ShellParserMain.MOST_TEXTS) {
                return at;
            }
            parts.add(new Part(new Span(at, end), plain.size()));
            at = statements.read(end, plain);
        }
        return at;
    }

    /// The tree of what can't be split from here on, behind the nodes before it.
    private ShellTree behind(String text, List<Node> before, int start) throws ShellUnreadable {
        if (start == 0) {
            return parser.parse(text);
        }
        ShellTree tree = parser.parse(text, List.of(new Span(start, text.length()))).getFirst();
        Node root = tree.root();
        before.addAll(root.is("program") ? root.children() : List.of(root));
        return program(text, before, tree.faulty());
    }

    private static ShellTree program(String text, List<Node> nodes, boolean faulty) {
        return new ShellTree(text, new Node("program", "", true, 0, text.length(), nodes), faulty);
    }

    /// The first line end from here on that is in no quotes and brackets, as far as a glance tells:
    /// the parser's word counts. Negative where a here-document begins.
    private static int end(String text, int start) {
        int open = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> i++;
                case '\'' -> i = closing(text, i, '\'');
                case '"' -> i = closing(text, i, '"');
                case '(', '{' -> open++;
                case ')', '}' -> open = Math.max(0, open - 1);
                case '<' -> {
                    if (text.startsWith("<<<", i)) {
                        i += 2;
                    } else if (text.startsWith("<<", i)) {
                        return -1;
                    }
                }
                case '\n' -> {
                    if (open == 0) {
                        return i;
                    }
                }
                default -> {}
            }
        }
        return text.length();
    }

    private static int closing(String text, int open, char quote) {
        for (int i = open + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                return i;
            }
            if (c == '\\' && quote == '"') {
                i++;
            }
        }
        return text.length();
    }

    @Override
    public void close() {
        parser.close();
    }
}
