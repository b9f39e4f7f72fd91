package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Level;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Levels of shell text: a table by the rubric, and what must hold for any command.
class ShellLevelsTest {
    private static final RiskRater RISK = RiskRater.start();

    record Row(Level level, String command) {
        @Override
        public String toString() {
            return level.word() + ": " + command.replace("\n", "\\n");
        }
    }

    @AfterAll
    static void stop() {
        RISK.close();
    }

    static Stream<Row> rows() throws IOException {
        try (InputStream in = ShellLevelsTest.class.getResourceAsStream("shell-levels.tsv")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> line.split("\t", 2))
                            .map(parts ->
                                    new Row(
                                            Level.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                                            parts[1].replace("\\n", "\n")))
                            .toList()
                            .stream();
        }
    }

    private static Rating rate(String command) {
        return RISK.rateShell(command, "/workspace", WorkspaceView.standard());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void ratesByEffectNotBySpelling(Row row) {
        Rating rating = rate(row.command());
        assertThat(rating.level()).as("%s", rating.reasons()).isEqualTo(row.level());
        assertThat(rating.reasons()).isNotEmpty();
    }

    /// Around a command these change how it is reached, never what it does.
    private static final List<String> WRAPPERS =
            List.of(
                    "%s",
                    "( %s )",
                    "{ %s; }",
                    "! %s",
                    "true && %s",
                    "false || %s",
                    "ls; %s",
                    "ls\n%s",
                    "if true; then %s; fi",
                    "while read x; do %s; done",
                    "for i in 1 2; do %s; done",
                    "case a in a) %s;; esac",
                    "f() { %s; }; f",
                    "echo \"$( %s )\"",
                    "echo `%s`",
                    "cat <( %s )",
                    "x=$( %s )",
                    "[[ -n $( %s ) ]]",
                    "%s &",
                    "%s | cat",
                    "%s > /tmp/out",
                    "cat <<EOF\n$( %s )\nEOF");

    private static final List<String> PREFIXES =
            List.of(
                    "",
                    "env ",
                    "env A=1 ",
                    "nice ",
                    "nice -n 5 ",
                    "timeout 5 ",
                    "nohup ",
                    "setsid ",
                    "stdbuf -oL ",
                    "time ",
                    "command ",
                    "exec ",
                    "sudo ",
                    "xargs ",
                    "busybox ",
                    "ionice -c 3 ",
                    "watch ",
                    "coproc ",
                    "flock /tmp/l ",
                    "A=1 ",
                    "\\");

    @Test
    void noWrapperLowersALevel() throws IOException {
        List<Row> rows =
                rows().filter(row -> row.level().compareTo(Level.HIGH) >= 0)
                        .filter(row -> row.command().matches("[a-z]+ [A-Za-z0-9 ./:=-]+"))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(80);
        long seed = 20261123L;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int notRead = 0;
        for (int i = 0; i < 1500; i++) {
            Row row = rows.get(random.nextInt(rows.size()));
            String command = row.command();
            for (int depth = random.nextInt(3); depth >= 0; depth--) {
                if (!command.contains("\n")
                        && !command.startsWith("(")
                        && random.nextBoolean()
                        && command.matches("[a-z].*")
                        && !command.matches(
                                "(?s)(if|while|for|case|f\\(\\)|x=|true|false|ls;|cat <|echo|! |coproc|time|exec).*")) {
                    command = PREFIXES.get(random.nextInt(PREFIXES.size())) + command;
                } else {
                    command = WRAPPERS.get(random.nextInt(WRAPPERS.size())).formatted(command);
                }
            }
            if (command.chars().filter(c -> c == '`').count() > 2) {
                continue; // Nested backquotes mean something else.
            }
            Rating rating = rate(command);
            boolean unread = !rating.understood() && rating.level() == Level.HIGH;
            notRead += unread && row.level() == Level.CRITICAL ? 1 : 0;
            assertThat(rating.level())
                    .as("seed %d: %s %s", seed, command, rating.reasons())
                    .isGreaterThanOrEqualTo(unread ? Level.HIGH : row.level());
        }
        assertThat(notRead)
                .as("texts that the parser can't read ask in every mode, but are few")
                .isLessThan(30);
    }

    @Test
    void quotingAWordChangesNothing() throws IOException {
        List<Row> rows =
                rows().filter(row -> row.command().matches("[a-z]+( [A-Za-z0-9./:=-]+)+")).toList();
        Random random = new Random(7);
        for (Row row : rows) {
            List<String> words = new ArrayList<>();
            for (String word : row.command().split(" ")) {
                words.add(
                        switch (random.nextInt(5)) {
                            case 0 -> "'" + word + "'";
                            case 1 -> "\"" + word + "\"";
                            case 2 -> word.charAt(0) + "''" + word.substring(1);
                            case 3 -> "$'" + word + "'";
                            default -> word;
                        });
            }
            String quoted = String.join(" ", words);
            assertThat(rate(quoted).level()).as(quoted).isEqualTo(row.level());
        }
    }

    @Test
    void aCompoundIsAsBadAsItsWorstPart() throws IOException {
        List<Row> rows =
                rows().filter(row -> row.command().matches("[a-z]+( [A-Za-z0-9./:=-]+)+")).toList();
        Random random = new Random(11);
        for (int i = 0; i < 600; i++) {
            Row one = rows.get(random.nextInt(rows.size()));
            Row two = rows.get(random.nextInt(rows.size()));
            if (one.command().startsWith("exec")
                    || one.command().startsWith("cd")
                    || one.command().startsWith("alias")) {
                continue;
            }
            String both = one.command() + " && " + two.command();
            assertThat(rate(both).level())
                    .as(both)
                    .isGreaterThanOrEqualTo(one.level().max(two.level()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ls\u00a0-la",
                "ls \u202Egnp.x",
                "ca\u200bt a",
                "echo \u2066x\u2069",
                "ls \u0007",
                "echo \uDB40\uDC41",
                "l\u0000s",
            })
    void p4DeceptiveCharactersAskInEveryMode(String command) {
        Rating rating = rate(command);
        assertThat(rating.level()).isGreaterThanOrEqualTo(Level.HIGH);
        assertThat(rating.understood()).isFalse();
    }

    @Test
    void p4WhatCanNotBeParsedAsksInEveryMode() {
        for (String command :
                List.of(
                        "ls '",
                        "ls \"",
                        "ls )",
                        "if true",
                        "echo $(",
                        "{rm,-rf,/}",
                        "ls; }",
                        "(ls",
                        "cat <<EOF",
                        "case x in")) {
            Rating rating = rate(command);
            assertThat(rating.level()).as(command).isGreaterThanOrEqualTo(Level.HIGH);
            assertThat(rating.understood()).as(command).isFalse();
        }
    }

    @Test
    void p4HostileNestingIsBoundedAndHigh() {
        for (String command :
                List.of(
                        "(".repeat(30_000) + "ls" + ")".repeat(30_000),
                        "echo " + "$(".repeat(20_000),
                        "a".repeat(70_000),
                        "echo " + "$(echo ".repeat(2000) + ")".repeat(2000),
                        "for a in 1 2 3 4 5 6 7 8; do for b in 1 2 3 4 5 6 7 8; do for c in 1 2 3 4 5 6 7 8; do for d in 1 2 3 4 5 6 7 8; do rm $a; done; done; done; done",
                        "x='eval \"$x\"'; eval \"$x\"; eval \"eval \\\"eval ls\\\"\"",
                        "ls;".repeat(15_000),
                        "{a,b}".repeat(20) + " x")) {
            Rating rating = rate(command);
            assertThat(rating.level())
                    .as(command.substring(0, 20))
                    .isGreaterThanOrEqualTo(Level.HIGH);
        }
        assertThat(rate("ls").level()).isEqualTo(Level.LOW);
    }

    /// Random text never breaks the rater, and what has an error is never below high.
    @Test
    void p4AnyBytesGetAVerdict() {
        long seed = 4711;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String[] pieces = {
            "ls",
            "rm",
            " ",
            "-rf",
            "/",
            "$",
            "(",
            ")",
            "{",
            "}",
            "'",
            "\"",
            "`",
            "|",
            "&",
            ";",
            "\n",
            "<<",
            "EOF",
            ">",
            "<",
            "[[",
            "]]",
            "if",
            "then",
            "fi",
            "for",
            "in",
            "do",
            "done",
            "case",
            "esac",
            "\\",
            "*",
            "?",
            "#",
            "=",
            "x",
            "${",
            "@",
            "!",
            "é",
            "\uD83D\uDE00",
            "eval",
            "sh -c",
            "$'",
            "((",
            "))",
            "find . -exec",
            "sed s/a/b/",
            "awk '{",
            "git -c",
            "xargs",
            "tar --to-command"
        };
        for (int i = 0; i < 1500; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(25); k >= 0; k--) {
                text.append(pieces[random.nextInt(pieces.length)]);
                if (random.nextInt(3) == 0) {
                    text.append(' ');
                }
            }
            Rating rating = rate(text.toString());
            if (!rating.understood()) {
                assertThat(rating.level())
                        .as("seed %d: %s", seed, text)
                        .isGreaterThanOrEqualTo(Level.HIGH);
            }
        }
    }
}
