package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.gate.risk.ShellTree.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The reader of plain statements against the grammar: what it reads, it reads as the grammar does.
class PlainStatementsTest {
    private static final ParserProcess PARSER = ParserProcess.standard();

    /// Nodes that only say what belongs together. The grammar binds `|`, `&&` and redirections in
    /// another order than bash.
    private static final Set<String> GROUPS =
            Set.of("program", "list", "pipeline", "redirected_statement");

    private static final String[] PIECES = {
        "ls",
        "git",
        "echo",
        "cat",
        "x.sh",
        "./a/b",
        "-la",
        "--all",
        "--key=value",
        "A=1",
        "B=\"b c\"",
        "C=",
        "D+=d",
        "E=$HOME/x",
        "'a b'",
        "'a\nb'",
        "\"a b\"",
        "\"$HOME/x\"",
        "\"a\\\"b\"",
        "\"\"",
        "''",
        "$X",
        "a$X",
        "$X.b",
        "x'y'z",
        "1",
        "-1",
        "07",
        "0x1",
        "2a",
        "*.py",
        "a?",
        "~",
        "~/x",
        "a~b",
        "HEAD~1",
        "HEAD^",
        "a:b",
        "a@b",
        "a,b",
        "a%b",
        "+x",
        "{}",
        "\\;",
        "a\\ b",
        "\\*",
        "a\\\"",
        "é",
        "'é'",
        "\"é\"",
        "#",
        "#x",
        "a#b",
        "!",
        "=",
        "a==b",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "`x`",
        "$(x)",
        "$",
        "$1",
        "\\\n",
        "if",
        "then",
        "done",
        "time",
        "export",
        "test",
        "-",
        "--",
        "@",
        "%",
        "^",
        "let",
        "eval",
        "."
    };

    private static final String[] BETWEEN = {
        " ",
        " ",
        " ",
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "",
        "\n",
        "\n\n",
        " | ",
        "|",
        " |& ",
        " && ",
        "&&",
        " || ",
        "; ",
        ";",
        " & ",
        " > ",
        ">",
        " >> ",
        " 2>&1",
        " 2>&1 ",
        " 2>/dev/null ",
        " < ",
        " &> ",
        " >&2 ",
        " >| ",
        " <<< ",
        " # ",
        " &&\n",
        " |\n",
        ";;",
        " 1>",
        "3>",
        "<>",
        ">&"
    };

    @AfterAll
    static void stop() {
        PARSER.close();
    }

    @Test
    void readsLabelledCommandsAsTheGrammarDoes() throws IOException, ShellUnreadable {
        List<LabelScore.Labelled> labels =
                LabelScore.read("daily-commands.tsv", "outsider-commands.tsv");
        int read = 0;
        for (LabelScore.Labelled label : labels) {
            read += agrees(label.command()) ? 1 : 0;
        }
        assertThat(read).as("commands that are plain").isGreaterThan(labels.size() / 2);
    }

    @Test
    void readsRandomTextsAsTheGrammarDoes() throws ShellUnreadable {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("ls");
            for (int k = random.nextInt(8); k >= 0; k--) {
                text.append(BETWEEN[random.nextInt(BETWEEN.length)]);
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            try {
                read += agrees(text.toString()) ? 1 : 0;
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(read).as("texts that are plain").isGreaterThan(1000);
    }

    /// @return whether the whole text is plain
    private static boolean agrees(String text) throws ShellUnreadable {
        List<Node> own = new ArrayList<>();
        if (new PlainStatements(text).read(0, own) < text.length()) {
            return false;
        }
        ShellTree tree = PARSER.parse(text);
        String what = text + "\n";
        assertThat(tree.faulty()).as(what + "is faulty").isFalse();
        assertThat(flat(text, own)).as(what).isEqualTo(flat(text, List.of(tree.root())));
        return true;
    }

    private static String flat(String text, List<Node> nodes) {
        StringBuilder out = new StringBuilder();
        nodes.forEach(node -> flat(text, node, out));
        return out.toString();
    }

    /// Where blanks stand before a variable in quotes, the grammar takes them for a part of the
    /// `$`.
    private static void flat(String text, Node node, StringBuilder out) {
        boolean blank =
                node.is("string_content") && text.substring(node.start(), node.end()).isBlank();
        if (!GROUPS.contains(node.type()) && !blank && !node.is("$")) {
            out.append(node.is("number") ? "word" : node.type())
                    .append(node.named() ? " " : "' ")
                    .append(node.field().equals("body") ? "" : node.field())
                    .append(' ')
                    .append(node.is("simple_expansion") ? "" : node.start())
                    .append('-')
                    .append(node.end())
                    .append('\n');
        }
        node.children().forEach(child -> flat(text, child, out));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '¦',
            value = {
                "a | b && c ¦ (list (pipeline a b) c)",
                "a && b | c ¦ (list a (pipeline b c))",
                "a && b || c ¦ (list (list a b) c)",
                "a | b > f ¦ (pipeline a (redirected_statement b f))",
                "a && b > f ¦ (list a (redirected_statement b f))",
                "a > f | b ¦ (pipeline (redirected_statement a f) b)",
                "a & b; c ¦ a b c"
            })
    void bindsAsBashDoes(String text, String expected) {
        List<Node> nodes = new ArrayList<>();
        assertThat(new PlainStatements(text).read(0, nodes)).isEqualTo(text.length());
        StringBuilder shapes = new StringBuilder();
        for (Node node : nodes) {
            shapes.append(node.named() ? " " + shape(text, node) : "");
        }
        assertThat(shapes.toString().strip()).isEqualTo(expected);
    }

    private static String shape(String text, Node node) {
        if (!GROUPS.contains(node.type())) {
            return node.is("file_redirect")
                    ? text.substring(node.children().getLast().start(), node.end())
                    : text.substring(node.start(), node.end());
        }
        StringBuilder out = new StringBuilder("(" + node.type());
        node.parts().forEach(part -> out.append(' ').append(shape(text, part)));
        return out.append(')').toString();
    }
}
