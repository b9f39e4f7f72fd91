package dev.countersign.gate.risk;

import dev.countersign.gate.risk.ShellTree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the statements that hold nothing but words, quotes, variables by name, redirections to
/// files, and `&&`, `||`, `|`, `;` and `&` between them: most of what agents write. Their nodes are
/// those of the grammar, only that a redirection belongs to its own command and `|` binds tighter
/// than `&&`, as bash(1) says. Whatever else stands in a statement, the parser reads it.
final class PlainStatements {
    /// Words that begin something else than a command, or that the grammar gives nodes of their
    /// own.
    private static final Set<String> RESERVED =
            Set.of(
                    "if",
                    "then",
                    "else",
                    "elif",
                    "fi",
                    "for",
                    "while",
                    "until",
                    "do",
                    "done",
                    "case",
                    "esac",
                    "in",
                    "function",
                    "select",
                    "time",
                    "coproc",
                    "eval",
                    "let",
                    "declare",
                    "typeset",
                    "export",
                    "readonly",
                    "local",
                    "unset",
                    "unsetenv");

    /// More commands in one list would be nested deeper than the parser's own limit.
    private static final int MOST_IN_LIST = 48;

    private static final boolean[] BARE = bare();

    private final String text;
    private int at;

    PlainStatements(String text) {
        this.text = text;
    }

    private static boolean[] bare() {
        boolean[] bare = new boolean[128];
        for (char c = '0'; c <= 'z'; c++) {
            bare[c] = Character.isLetterOrDigit(c);
        }
        for (char c : "_-./:=@%+,~^*?".toCharArray()) {
            bare[c] = true;
        }
        return bare;
    }

    /// Adds the nodes of all statements from here on that are plain.
    ///
    /// @return where the first one begins that is not, or the text's end
    int read(int from, List<Node> into) {
        at = from;
        while (true) {
            between(into);
            int start = at;
            int size = into.size();
            if (start >= text.length()) {
                return start;
            }
            Node statement = list();
            if (statement == null) {
                return start;
            }
            into.add(statement);
            if (!ended(into)) {
                into.subList(size, into.size()).clear();
                return start;
            }
        }
    }

    /// Blank lines and comments between statements.
    private void between(List<Node> into) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                comment(into);
            } else if (c == ' ' || c == '\t' || c == '\n') {
                at++;
            } else {
                return;
            }
        }
    }

    private void comment(List<Node> into) {
        int end = text.indexOf('\n', at);
        int stop = end < 0 ? text.length() : end;
        into.add(new Node("comment", "", true, at, stop, List.of()));
        at = stop;
    }

    /// Whether the statement ends here; takes what ends it.
    private boolean ended(List<Node> into) {
        boolean apart = blanks();
        if (at >= text.length() || text.charAt(at) == '\n') {
            return true;
        }
        char c = text.charAt(at);
        if (c == '#') {
            return apart;
        }
        boolean alone = at + 1 >= text.length() || ";&|><".indexOf(text.charAt(at + 1)) < 0;
        if ((c != ';' && c != '&') || !alone) {
            return false;
        }
        into.add(mark(c == ';' ? ";" : "&"));
        return true;
    }

    private Node mark(String mark) {
        int start = at;
        at += mark.length();
        return new Node(mark, "", false, start, at, List.of());
    }

    /// @return whether there were any
    private boolean blanks() {
        int start = at;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at > start;
    }

    private boolean next(String mark) {
        return text.startsWith(mark, at);
    }

    /// `a && b || c`, nested to the left.
    private @Nullable Node list() {
        Node left = pipeline();
        for (int i = 0; left != null; i++) {
            blanks();
            String mark = next("&&") ? "&&" : next("||") ? "||" : "";
            if (mark.isEmpty()) {
                return left;
            }
            if (i == MOST_IN_LIST) {
                return null;
            }
            Node operator = mark(mark);
            lines();
            Node right = pipeline();
            left =
                    right == null
                            ? null
                            : new Node(
                                    "list",
                                    "",
                                    true,
                                    left.start(),
                                    right.end(),
                                    List.of(left, operator, right));
        }
        return null;
    }

    /// Behind an operator a statement may go on in the next line.
    private void lines() {
        while (at < text.length() && " \t\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private @Nullable Node pipeline() {
        Node first = redirected();
        if (first == null) {
            return null;
        }
        List<Node> parts = null;
        while (true) {
            blanks();
            if (!next("|") || next("||")) {
                break;
            }
            if (parts == null) {
                parts = new ArrayList<>();
                parts.add(first);
            }
            parts.add(mark(next("|&") ? "|&" : "|"));
            lines();
            Node part = redirected();
            if (part == null) {
                return null;
            }
            parts.add(part);
        }
        return parts == null
                ? first
                : new Node("pipeline", "", true, first.start(), parts.getLast().end(), parts);
    }

    /// A command and the files behind it.
    private @Nullable Node redirected() {
        Node command = command("");
        if (command == null) {
            return null;
        }
        if (!redirection()) {
            return command;
        }
        List<Node> parts = new ArrayList<>(4);
        parts.add(command.withField("body"));
        while (redirection()) {
            Node file = redirect();
            if (file == null) {
                return null;
            }
            parts.add(file);
            blanks();
        }
        return new Node(
                "redirected_statement", "", true, command.start(), parts.getLast().end(), parts);
    }

    /// Whether one begins here.
    private boolean redirection() {
        int i = at;
        while (i < text.length() && isDigit(text.charAt(i))) {
            i++;
        }
        return i < text.length()
                && (text.charAt(i) == '>'
                        || text.charAt(i) == '<'
                        || (i == at && text.startsWith("&>", i)));
    }

    private static final List<String> OPERATORS = List.of("&>>", "&>", ">>", ">&", ">|", ">", "<");

    private @Nullable Node redirect() {
        List<Node> parts = new ArrayList<>(3);
        int start = at;
        while (isDigit(text.charAt(at))) {
            at++;
        }
        if (at > start + 1 || (at > start && start > 1 && text.startsWith("- ", start - 2))) {
            return null;
        }
        if (at > start) {
            parts.add(new Node("file_descriptor", "descriptor", true, start, at, List.of()));
        }
        String operator = "";
        for (String one : OPERATORS) {
            if (next(one)) {
                operator = one;
                break;
            }
        }
        parts.add(mark(operator));
        if (at < text.length() && "<>&(|-".indexOf(text.charAt(at)) >= 0) {
            return null;
        }
        blanks();
        Node target = word("destination");
        if (target == null || (operator.equals(">&") && !target.is("number"))) {
            return null;
        }
        parts.add(target);
        return new Node("file_redirect", "redirect", true, start, target.end(), parts);
    }

    private @Nullable Node command(String field) {
        int start = at;
        List<Node> parts = new ArrayList<>();
        while (true) {
            Node assignment = assignment();
            if (assignment == null) {
                break;
            }
            parts.add(assignment);
            if (!blanks()) {
                break;
            }
        }
        Node name = name();
        if (name == null) {
            boolean only = !parts.isEmpty() && nothing() && !redirection();
            if (!only || parts.size() == 1) {
                return only ? parts.getFirst() : null;
            }
            return new Node(
                    "variable_assignments", field, true, start, parts.getLast().end(), parts);
        }
        parts.add(name);
        while (blanks() && !nothing() && !redirection()) {
            Node word = word("argument");
            if (word == null) {
                return null;
            }
            parts.add(word);
        }
        return new Node("command", field, true, start, parts.getLast().end(), parts);
    }

    /// Whether no word begins here, but what may stand behind a command.
    private boolean nothing() {
        return at >= text.length() || "\n;&|#".indexOf(text.charAt(at)) >= 0;
    }

    private @Nullable Node assignment() {
        int i = at;
        while (i < text.length() && isName(text.charAt(i), i > at)) {
            i++;
        }
        boolean adds = text.startsWith("+=", i);
        if (i == at || (!adds && !text.startsWith("=", i))) {
            return null;
        }
        int back = at;
        Node name = new Node("variable_name", "name", true, at, i, List.of());
        at = i;
        Node sign = mark(adds ? "+=" : "=");
        Node value = word("value");
        if (value == null) {
            at = back;
            return null;
        }
        return new Node(
                "variable_assignment", "", true, back, value.end(), List.of(name, sign, value));
    }

    /// The word that says what runs: one that says it without quotes, variables or patterns.
    private @Nullable Node name() {
        int start = at;
        boolean letter = false;
        while (at < text.length() && isBare(text.charAt(at))) {
            char c = text.charAt(at);
            if ("*?=~^%@".indexOf(c) >= 0 || (c == ':' && !next(": "))) {
                at = start;
                return null;
            }
            letter |= !isDigit(c) && c != '-';
            at++;
        }
        boolean unclear = letter && isDigit(text.charAt(at - 1)) && isFileMark();
        if (!letter || unclear || !wordEnds() || RESERVED.contains(text.substring(start, at))) {
            at = start;
            return null;
        }
        return new Node(
                "command_name",
                "name",
                true,
                start,
                at,
                List.of(new Node("word", "", true, start, at, List.of())));
    }

    /// Whether what stands here can't be a part of the word before it.
    private boolean wordEnds() {
        return at >= text.length() || " \t\n;&|<>".indexOf(text.charAt(at)) >= 0;
    }

    /// Digits right before one of these may be a descriptor's number.
    private boolean isFileMark() {
        return at < text.length() && (text.charAt(at) == '<' || text.charAt(at) == '>');
    }

    private @Nullable Node word(String field) {
        int start = at;
        if (next("{}")) {
            at += 2;
            Node open = new Node("word", "", true, start, start + 1, List.of());
            Node close = new Node("word", "", true, start + 1, at, List.of());
            return wordEnds()
                    ? new Node("concatenation", field, true, start, at, List.of(open, close))
                    : null;
        }
        Node first = null;
        List<Node> parts = null;
        boolean quotes = false;
        while (!wordEnds()) {
            char c = text.charAt(at);
            Node piece =
                    switch (c) {
                        case '\'' -> quoted();
                        case '"' -> doubleQuoted();
                        case '$' -> quotes ? null : variable();
                        default -> unquoted(first == null);
                    };
            if (piece == null) {
                return null;
            }
            quotes |= c == '\'' || c == '"';
            if (first == null) {
                first = piece;
            } else {
                if (parts == null) {
                    parts = new ArrayList<>(4);
                    parts.add(first);
                }
                parts.add(piece);
            }
        }
        if (first == null || (isDigit(text.charAt(at - 1)) && isFileMark())) {
            return null;
        }
        if (parts != null) {
            return new Node("concatenation", field, true, start, at, parts);
        }
        return first.withField(field);
    }

    /// @param begins whether the word begins with it; behind quotes and variables the grammar takes
    ///   some signs for the beginning of something else
    private @Nullable Node unquoted(boolean begins) {
        int start = at;
        boolean first = true;
        boolean digits = true;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\') {
                boolean odd = first && !begins;
                if (odd
                        || at + 1 >= text.length()
                        || text.charAt(at + 1) <= ' '
                        || !ascii(at + 1)) {
                    return null;
                }
                at += 2;
                digits = false;
            } else if (isBare(c)) {
                if (c == '=' && (first || !begins)) {
                    return null;
                }
                digits &= isDigit(c) || (first && c == '-');
                at++;
            } else {
                break;
            }
            first = false;
        }
        if (at == start) {
            return null;
        }
        boolean number = digits && isDigit(text.charAt(at - 1));
        return new Node(number ? "number" : "word", "", true, start, at, List.of());
    }

    private boolean ascii(int place) {
        return text.charAt(place) < 0x7f;
    }

    private @Nullable Node quoted() {
        int start = at;
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
            return null;
        }
        at = end + 1;
        return new Node("raw_string", "", true, start, at, List.of());
    }

    private @Nullable Node doubleQuoted() {
        int start = at++;
        List<Node> parts = new ArrayList<>(3);
        parts.add(quote(start));
        int from = at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                content(from, parts);
                parts.add(quote(at));
                at++;
                return new Node("string", "", true, start, at, parts);
            }
            if (c == '$') {
                content(from, parts);
                Node variable = variable();
                if (variable == null) {
                    return null;
                }
                parts.add(variable);
                from = at;
            } else if (c == '\\') {
                if (at + 1 >= text.length() || text.charAt(at + 1) < ' ') {
                    return null;
                }
                at += 2;
            } else if (c == '`' || (c < ' ' && c != '\t')) {
                return null;
            } else {
                at++;
            }
        }
        return null;
    }

    private static Node quote(int place) {
        return new Node("\"", "", false, place, place + 1, List.of());
    }

    private void content(int from, List<Node> parts) {
        if (at > from) {
            parts.add(new Node("string_content", "", true, from, at, List.of()));
        }
    }

    private @Nullable Node variable() {
        int start = at;
        int i = at + 1;
        while (i < text.length() && isName(text.charAt(i), i > start + 1)) {
            i++;
        }
        if (i == start + 1) {
            return null;
        }
        at = i;
        return new Node(
                "simple_expansion",
                "",
                true,
                start,
                at,
                List.of(
                        new Node("$", "", false, start, start + 1, List.of()),
                        new Node("variable_name", "", true, start + 1, at, List.of())));
    }

    private static boolean isBare(char c) {
        return c < 128 && BARE[c];
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isName(char c, boolean inside) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (inside && isDigit(c));
    }
}
