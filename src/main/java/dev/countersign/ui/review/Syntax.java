package dev.countersign.ui.review;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which parts of a line are words of the language, texts, numbers and comments, by the few rules
/// that most languages share. Every line costs one pass over its characters, whatever is in it. It
/// colours and decides nothing: a part that is taken for another only looks so.
final class Syntax {
    /// Text in a file whose language is not known.
    static final Syntax NONE = new Syntax(new Rules());

    private static final int MOST_TOKENS = 400;

    /// What a part is.
    enum Part {
        KEYWORD,
        TEXT,
        NUMBER,
        COMMENT
    }

    /// A part of a line, by characters.
    record Token(int from, int to, Part part) {}

    /// How a language writes what it has in common with others.
    ///
    /// @param quotes characters that open and close a text within a line
    /// @param longQuotes what opens and closes a text that may go on in the next line
    /// @param keys whether a line begins with a name that a colon or an equals sign ends
    /// @param tags whether names in angle brackets are words of the language
    /// @param caseless whether the words may be written in either case
    private record Rules(
            Set<String> keywords,
            List<String> lineComments,
            String blockOpen,
            String blockClose,
            String quotes,
            List<String> longQuotes,
            boolean keys,
            boolean tags,
            boolean caseless) {
        Rules() {
            this(Set.of(), List.of(), "", "", "", List.of(), false, false, false);
        }

        static Rules of(String words) {
            return new Rules(
                    Set.of(words.split(" ")),
                    List.of(),
                    "",
                    "",
                    "\"'",
                    List.of(),
                    false,
                    false,
                    false);
        }

        Rules comments(String... lines) {
            return new Rules(
                    keywords,
                    List.of(lines),
                    blockOpen,
                    blockClose,
                    quotes,
                    longQuotes,
                    keys,
                    tags,
                    caseless);
        }

        Rules block(String open, String close) {
            return new Rules(
                    keywords, lineComments, open, close, quotes, longQuotes, keys, tags, caseless);
        }

        Rules quotes(String each, String... longOnes) {
            return new Rules(
                    keywords,
                    lineComments,
                    blockOpen,
                    blockClose,
                    each,
                    List.of(longOnes),
                    keys,
                    tags,
                    caseless);
        }

        Rules withKeys() {
            return new Rules(
                    keywords,
                    lineComments,
                    blockOpen,
                    blockClose,
                    quotes,
                    longQuotes,
                    true,
                    tags,
                    caseless);
        }

        Rules withTags() {
            return new Rules(
                    keywords,
                    lineComments,
                    blockOpen,
                    blockClose,
                    quotes,
                    longQuotes,
                    keys,
                    true,
                    caseless);
        }

        Rules inEitherCase() {
            return new Rules(
                    keywords,
                    lineComments,
                    blockOpen,
                    blockClose,
                    quotes,
                    longQuotes,
                    keys,
                    tags,
                    true);
        }
    }

    private static final Map<String, Syntax> BY_ENDING = new HashMap<>();

    private static void know(Rules rules, String... endings) {
        Syntax syntax = new Syntax(rules);
        for (String ending : endings) {
            BY_ENDING.put(ending, syntax);
        }
    }

    private static Rules braces(String words) {
        return Rules.of(words).comments("//").block("/*", "*/");
    }

    static {
        know(
                braces(
                                "abstract assert boolean break byte case catch char class continue"
                                        + " default do double else enum extends false final finally"
                                        + " float for if implements import instanceof int interface"
                                        + " long native new null package permits private protected"
                                        + " public record return sealed short static super switch"
                                        + " synchronized this throw throws transient true try var"
                                        + " void volatile when while yield def as in trait object"
                                        + " val given fun data is override open internal suspend")
                        .quotes("\"'", "\"\"\""),
                "java",
                "kt",
                "kts",
                "scala",
                "groovy",
                "gradle",
                "jenkinsfile");
        know(
                braces(
                                "async await break case catch class const continue debugger default"
                                        + " delete do else export extends false finally for from"
                                        + " function if import in instanceof let new null of return"
                                        + " static super switch this throw true try typeof"
                                        + " undefined var void while with yield abstract any as"
                                        + " boolean declare enum implements interface keyof"
                                        + " namespace never number private protected public"
                                        + " readonly string type unknown satisfies")
                        .quotes("\"'", "`"),
                "js",
                "mjs",
                "cjs",
                "jsx",
                "ts",
                "tsx",
                "mts",
                "cts",
                "vue",
                "svelte");
        know(
                braces(
                        "auto bool break case char class const constexpr continue default delete do"
                                + " double else enum explicit extern false float for friend goto if"
                                + " inline int long mutable namespace new noexcept nullptr operator"
                                + " override private protected public register return short signed"
                                + " sizeof static struct switch template this throw true try typedef"
                                + " typename union unsigned using virtual void volatile while"
                                + " abstract as async await base byte decimal event fixed foreach"
                                + " get in interface internal is lock null object out params"
                                + " readonly ref sealed set string var yield include define ifdef"
                                + " ifndef endif pragma func guard let self protocol extension"
                                + " init nil"),
                "c",
                "h",
                "cc",
                "cpp",
                "cxx",
                "hpp",
                "cs",
                "m",
                "mm",
                "swift",
                "proto");
        know(
                braces(
                                "break case chan const continue default defer else fallthrough for"
                                        + " func go goto if import interface map package range"
                                        + " return select struct switch type var true false nil iota"
                                        + " string int bool byte rune error any")
                        .quotes("\"'", "`"),
                "go");
        // A lifetime begins with the quote of a character: only the double one counts.
        know(
                braces(
                                "as async await break const continue crate dyn else enum extern"
                                        + " false fn for if impl in let loop match mod move mut pub"
                                        + " ref return self Self static struct super trait true type"
                                        + " unsafe use where while bool char str String usize u8 u32"
                                        + " u64 i32 i64 f64")
                        .quotes("\""),
                "rs");
        know(
                Rules.of(
                                "and as assert async await break case class continue def del elif"
                                        + " else except False finally for from global if import in"
                                        + " is lambda match None nonlocal not or pass raise return"
                                        + " self True try while with yield")
                        .comments("#")
                        .quotes("\"'", "\"\"\"", "'''"),
                "py",
                "pyi",
                "bzl",
                "bazel",
                "build.bazel");
        know(
                Rules.of(
                                "alias and begin break case class def defined do else elsif end"
                                        + " ensure false for if in module next nil not or raise"
                                        + " redo require rescue retry return self super then true"
                                        + " undef unless until when while yield")
                        .comments("#"),
                "rb",
                "rake",
                "gemfile",
                "rakefile",
                "gemspec");
        know(
                Rules.of(
                                "if then elif else fi for while until do done case esac in function"
                                        + " return exit export local readonly set unset shift source"
                                        + " trap break continue exec eval cd echo printf test true"
                                        + " false")
                        .comments("#"),
                "sh",
                "bash",
                "zsh",
                "bashrc",
                "profile",
                "makefile",
                "mk");
        know(
                Rules.of(
                                "from run cmd entrypoint copy add env arg workdir user expose volume"
                                        + " label onbuild healthcheck shell stopsignal as")
                        .comments("#")
                        .inEitherCase(),
                "dockerfile",
                "containerfile");
        know(
                Rules.of(
                                "abstract and array as break case catch class clone const continue"
                                        + " declare default do echo else elseif extends false final"
                                        + " finally fn for foreach function global if implements"
                                        + " include instanceof interface match namespace new null"
                                        + " private protected public readonly require return static"
                                        + " switch this throw trait true try use var while yield")
                        .comments("//", "#")
                        .block("/*", "*/"),
                "php");
        know(
                Rules.of(
                                "add all alter and as asc begin between by cascade case check column"
                                        + " commit constraint create cross database default delete"
                                        + " desc distinct drop else end exists false foreign from"
                                        + " full function grant group having if in index inner"
                                        + " insert into is join key left like limit not null on or"
                                        + " order outer primary references replace returning revoke"
                                        + " right rollback schema select set table then to true"
                                        + " truncate union unique update using values view when"
                                        + " where with")
                        .comments("--")
                        .block("/*", "*/")
                        .inEitherCase(),
                "sql");
        know(
                Rules.of("true false null yes no on off").comments("#").withKeys(),
                "yaml",
                "yml",
                "toml",
                "properties",
                "ini",
                "cfg",
                "conf",
                "env");
        know(Rules.of("true false null").comments("//").quotes("\""), "json", "jsonc", "json5");
        know(
                Rules.of(
                                "resource variable module provider output data locals terraform for"
                                        + " in if else true false null each var local")
                        .comments("#", "//")
                        .block("/*", "*/")
                        .quotes("\""),
                "tf",
                "tfvars",
                "hcl",
                "nix");
        know(
                Rules.of("important media import supports keyframes from to and not only")
                        .comments("//")
                        .block("/*", "*/"),
                "css",
                "scss",
                "less");
        know(
                new Rules().quotes("\"").block("<!--", "-->").withTags(),
                "html",
                "htm",
                "xml",
                "svg",
                "fxml",
                "xhtml",
                "xsd",
                "pom",
                "plist");
    }

    private final Rules rules;

    private Syntax(Rules rules) {
        this.rules = rules;
    }

    /// The language of a file, by its name.
    static Syntax of(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        Syntax byName = BY_ENDING.get(name);
        return byName != null
                ? byName
                : BY_ENDING.getOrDefault(name.substring(name.lastIndexOf('.') + 1), NONE);
    }

    /// What ends the comment or text in which the next line begins; empty: it begins as code.
    ///
    /// @param closing as this gave it for the line before
    String after(String line, String closing) {
        return scan(line, closing, null);
    }

    /// The parts of a line that are something, in order.
    List<Token> tokens(String line, String closing) {
        if (equals(NONE)) {
            return List.of();
        }
        List<Token> tokens = new ArrayList<>();
        scan(line, closing, tokens);
        return tokens;
    }

    private String scan(String line, String closing, @Nullable List<Token> into) {
        int at = 0;
        if (!closing.isEmpty()) {
            int end = line.indexOf(closing);
            int to = end < 0 ? line.length() : end + closing.length();
            put(into, 0, to, closing.equals(rules.blockClose) ? Part.COMMENT : Part.TEXT);
            if (end < 0) {
                return closing;
            }
            at = to;
        } else if (rules.keys) {
            at = key(line, into);
        }
        while (at < line.length()) {
            int here = at;
            if (comment(line, here)) {
                put(into, here, line.length(), Part.COMMENT);
                return "";
            }
            String opened = opens(line, here);
            if (!opened.isEmpty()) {
                boolean block = opened.equals(rules.blockOpen);
                String close = block ? rules.blockClose : opened;
                int end = line.indexOf(close, here + opened.length());
                at = end < 0 ? line.length() : end + close.length();
                put(into, here, at, block ? Part.COMMENT : Part.TEXT);
                if (end < 0) {
                    return close;
                }
                continue;
            }
            char c = line.charAt(here);
            if (rules.quotes.indexOf(c) >= 0) {
                at = quoted(line, here);
                put(into, here, at, Part.TEXT);
            } else if (Character.isDigit(c)) {
                at = word(line, here, true);
                put(into, here, at, Part.NUMBER);
            } else if (rules.tags && c == '<') {
                at = word(line, here + (line.startsWith("</", here) ? 2 : 1), false);
                put(into, here, at, Part.KEYWORD);
            } else if (Character.isJavaIdentifierStart(c)) {
                at = word(line, here, false);
                String word = line.substring(here, at);
                if (rules.keywords.contains(
                        rules.caseless ? word.toLowerCase(Locale.ROOT) : word)) {
                    put(into, here, at, Part.KEYWORD);
                }
            } else {
                at++;
            }
        }
        return "";
    }

    /// The name that a line of settings begins with; where the rest of the line begins.
    private int key(String line, @Nullable List<Token> into) {
        int from = 0;
        while (from < line.length() && (line.charAt(from) == ' ' || line.charAt(from) == '-')) {
            from++;
        }
        int to = from;
        while (to < line.length()
                && (Character.isLetterOrDigit(line.charAt(to))
                        || "_-./".indexOf(line.charAt(to)) >= 0)) {
            to++;
        }
        int sign = to;
        while (sign < line.length() && line.charAt(sign) == ' ') {
            sign++;
        }
        if (to == from || sign >= line.length() || "=:".indexOf(line.charAt(sign)) < 0) {
            return 0;
        }
        put(into, from, to, Part.KEYWORD);
        return to;
    }

    private boolean comment(String line, int at) {
        for (String each : rules.lineComments) {
            // `$#` and `a#b` are no comments, nor is the `//` of an address.
            if (line.startsWith(each, at)
                    && (at == 0
                            || (each.equals("#")
                                    ? Character.isWhitespace(line.charAt(at - 1))
                                    : line.charAt(at - 1) != ':'))) {
                return true;
            }
        }
        return false;
    }

    private String opens(String line, int at) {
        if (!rules.blockOpen.isEmpty() && line.startsWith(rules.blockOpen, at)) {
            return rules.blockOpen;
        }
        for (String each : rules.longQuotes) {
            if (line.startsWith(each, at)) {
                return each;
            }
        }
        return "";
    }

    private static int quoted(String line, int from) {
        char quote = line.charAt(from);
        for (int i = from + 1; i < line.length(); i++) {
            if (line.charAt(i) == '\\') {
                i++;
            } else if (line.charAt(i) == quote) {
                return i + 1;
            }
        }
        return line.length();
    }

    private static int word(String line, int from, boolean number) {
        int to = from;
        while (to < line.length()
                && (Character.isJavaIdentifierPart(line.charAt(to))
                        || (number && line.charAt(to) == '.'))) {
            to++;
        }
        return Math.max(to, Math.min(from + (number ? 1 : 0), line.length()));
    }

    private static void put(@Nullable List<Token> into, int from, int to, Part part) {
        if (into != null && to > from && into.size() < MOST_TOKENS) {
            into.add(new Token(from, to, part));
        }
    }
}
