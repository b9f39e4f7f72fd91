package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random and mutated shell text for a given time, for `bench/classify-fuzz`. Ends with 1 at the
/// first exception, at a verdict below high where the parse has an error, or at a rating that takes
/// more than two seconds of processor time; prints the seed and the text.
public final class ClassifyFuzz {
    private static final long SLOWEST_MILLIS = 2_000;
    private static final String[] PIECES = {
        " ",
        "\n",
        ";",
        "&&",
        "||",
        "|",
        "&",
        "(",
        ")",
        "{",
        "}",
        "$(",
        "`",
        "$((",
        "))",
        "[[",
        "]]",
        "((",
        "<(",
        ">(",
        "<<EOF\n",
        "EOF\n",
        "<<<",
        "<<'X'\n",
        "X\n",
        ">",
        ">>",
        "2>&1",
        "<",
        "'",
        "\"",
        "$'",
        "\\",
        "\\\n",
        "#",
        "*",
        "?",
        "[a-z]",
        "{a,b}",
        "{1..9}",
        "${x",
        "${x:-",
        "}",
        "$x",
        "$@",
        "\"$@\"",
        "$1",
        "x=",
        "x+=",
        "a[$(ls)]",
        "if ",
        "then ",
        "fi",
        "for i in ",
        "do ",
        "done",
        "while ",
        "case x in ",
        "esac",
        "function f ",
        "f() {",
        "coproc ",
        "time ",
        "! ",
        "eval ",
        "sh -c ",
        "bash <<< ",
        "xargs ",
        "find . -exec ",
        "\\;",
        "sed ",
        "s/a/b/e",
        "awk '",
        "python -c '",
        "node -e \"",
        "perl -ne '",
        "git ",
        "push --force",
        "-c core.pager=x",
        "rm -rf ",
        "/",
        "~",
        "..",
        ".env",
        "tar --to-command",
        "sudo ",
        "env ",
        "timeout 5 ",
        "docker run ",
        "npm test",
        "curl x.org",
        "trap ",
        "alias ls=",
        "export ",
        "declare ",
        "local ",
        "é",
        "\uD83D\uDE00",
        "\u200b",
        "\u202e",
        "\u0000",
        "\u0007",
        "\uD800",
        "tmux new ",
        "make ",
        "A=B ",
        "=",
        "-",
        "--",
        "%",
        "^",
        ":",
        "0",
        "9999999999999",
        "\t",
        "\r\n"
    };

    private ClassifyFuzz() {}

    /// @param arguments seconds, and a seed to repeat
    public static void main(String[] arguments) throws IOException {
        long seconds = arguments.length > 0 ? Long.parseLong(arguments[0]) : 600;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        System.out.println("seed " + seed + ", for " + seconds + " s");
        Random random = new Random(seed);
        List<String> corpus = corpus();
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        long count = 0;
        long faulty = 0;
        long restarts = 0;
        ParserProcess parser = ParserProcess.standard();
        SplitParser split = new SplitParser(parser);
        try (RiskRater risk = new RiskRater(split)) {
            long pid = parser.pid();
            while (System.nanoTime() < end) {
                String text = next(random, corpus);
                long start = cpu();
                Rating rating;
                boolean error;
                try {
                    rating = risk.rateShell(text, "/workspace", WorkspaceView.standard());
                    error = faulty(split, text);
                } catch (RuntimeException | StackOverflowError e) {
                    System.out.println(
                            "exception, seed " + seed + " text " + count + ": " + show(text));
                    e.printStackTrace(System.out);
                    System.exit(1);
                    return;
                }
                long took = Duration.ofNanos(cpu() - start).toMillis();
                if (error) {
                    faulty++;
                }
                if (error && rating.level().compareTo(Level.HIGH) < 0) {
                    System.out.println(
                            "below high with an error, seed "
                                    + seed
                                    + " text "
                                    + count
                                    + ": "
                                    + show(text));
                    System.exit(1);
                }
                if (took > SLOWEST_MILLIS) {
                    System.out.println(
                            "took "
                                    + took
                                    + " ms, seed "
                                    + seed
                                    + " text "
                                    + count
                                    + ": "
                                    + show(text));
                    System.exit(1);
                }
                if (pid != parser.pid() && pid > 0) {
                    if (++restarts <= RESTARTS_SHOWN) {
                        System.out.println(
                                "ended the parser ("
                                        + text.length()
                                        + " characters): "
                                        + show(text.substring(0, Math.min(100, text.length()))));
                    }
                }
                pid = parser.pid();
                count++;
            }
        }
        System.out.println(
                count
                        + " texts, "
                        + faulty
                        + " with an error in the parse, all of these high or more; parser started"
                        + " anew "
                        + restarts
                        + " times; no exception");
    }

    private static final int RESTARTS_SHOWN = 20;

    private static long cpu() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static boolean faulty(ShellParser parser, String text) {
        try {
            return parser.parse(text).faulty();
        } catch (ShellUnreadable _) {
            return true;
        }
    }

    private static List<String> corpus() throws IOException {
        List<String> all = new ArrayList<>();
        LabelScore.read(
                        "labelled-low.tsv",
                        "labelled-medium.tsv",
                        "labelled-high.tsv",
                        "labelled-critical.tsv")
                .forEach(label -> all.add(label.command()));
        return all;
    }

    private static String next(Random random, List<String> corpus) {
        StringBuilder text = new StringBuilder();
        switch (random.nextInt(4)) {
            case 0 -> {
                for (int k = random.nextInt(40); k >= 0; k--) {
                    text.append(PIECES[random.nextInt(PIECES.length)]);
                }
            }
            case 1 -> {
                text.append(corpus.get(random.nextInt(corpus.size())));
                for (int k = random.nextInt(6); k >= 0; k--) {
                    int at = random.nextInt(text.length() + 1);
                    text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                }
            }
            case 2 -> {
                for (int k = random.nextInt(4); k >= 0; k--) {
                    String one = corpus.get(random.nextInt(corpus.size()));
                    int from = random.nextInt(one.length());
                    text.append(one, from, from + random.nextInt(one.length() - from + 1));
                }
            }
            default -> {
                String unit =
                        PIECES[random.nextInt(PIECES.length)]
                                + PIECES[random.nextInt(PIECES.length)];
                text.append(unit.repeat(1 + random.nextInt(random.nextInt(20) == 0 ? 8000 : 60)));
                text.append(corpus.get(random.nextInt(corpus.size())));
            }
        }
        return text.toString();
    }

    private static String show(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.substring(0, Math.min(2000, text.length())).toCharArray()) {
            out.append(
                    c >= ' ' && c < 0x7f && c != '\\'
                            ? String.valueOf(c)
                            : String.format("\\u%04x", (int) c));
        }
        return out.toString();
    }
}
