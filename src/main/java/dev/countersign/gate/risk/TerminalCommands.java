package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Programs that run or type commands in a terminal of their own: tmux(1), screen(1), expect(1),
/// capsh(1).
final class TerminalCommands {
    private static final Set<String> OPENING =
            Set.of(
                    "new-session",
                    "new",
                    "new-window",
                    "neww",
                    "split-window",
                    "splitw",
                    "respawn-pane",
                    "respawnp",
                    "respawn-window",
                    "respawnw",
                    "run-shell",
                    "run",
                    "if-shell",
                    "if",
                    "pipe-pane",
                    "pipep",
                    "display-popup",
                    "popup");
    private static final Set<String> VALUED =
            Set.of(
                    "-t", "-s", "-n", "-c", "-x", "-y", "-F", "-e", "-l", "-p", "-N", "-b", "-w",
                    "-h");
    private static final Set<String> KEYS =
            Set.of(
                    "enter", "c-m", "c-j", "c-c", "c-d", "escape", "space", "tab", "up", "down",
                    "kpenter");
    private static final Pattern SPAWNED =
            Pattern.compile(
                    "(?m)\\b(?:spawn|system|exec|send(?: --)?)\\s+(?:-noecho\\s+)?\"?([^\"\\n;]+)");

    private final CodeText text;

    TerminalCommands(CodeText text) {
        this.text = text;
    }

    /// less(1), more(1): `+` before a command that is given at once: `!` and `|` run others, `v` an
    /// editor, `s` writes.
    void pager(Invocation call, Findings own) {
        for (Word word : call.arguments()) {
            String command = word.text();
            if (!command.startsWith("+")) {
                continue;
            }
            int bang = command.indexOf('!');
            if (bang >= 0) {
                text.code(call, word.withText(command.substring(bang + 1)), own);
                own.add(Level.HIGH, "run.code", "a pager runs a command from its arguments");
            } else if (!PLACE.matcher(command).matches()) {
                own.add(Level.HIGH, "run.code", "a pager gets commands from its arguments");
            }
        }
    }

    /// A line, a screen, the end, a pattern that is looked for.
    private static final Pattern PLACE = Pattern.compile("\\++([0-9]*[gGFp%]?|/[^|!]*)");

    /// ed(1), ex(1), dc(1): they take commands from arguments or standard input, and `!` begins one
    /// of the shell.
    void lineEditor(Invocation call, Arguments args, Paths paths, Findings own) {
        boolean calculator = call.name().equals("dc");
        if (!calculator) {
            for (Word word : args.positionals()) {
                if (word.text().startsWith("!")) {
                    text.code(call, word.withText(word.text().substring(1)), own);
                } else {
                    paths.write(word.text(), call.scope().cwd(), own);
                }
            }
        }
        for (Arguments.Used used : args.options()) {
            if (used.value() != null && used.is("-e", "--expression", "-c")) {
                commands(call, used.value().text(), own);
            }
        }
        if (!call.stdin().connected()) {
            return;
        }
        String literal = call.stdin().origin().literal();
        if (literal == null) {
            CodeText.unknown(call.stdin().origin(), "editor commands", own);
        } else {
            commands(call, literal, own);
        }
    }

    private void commands(Invocation call, String lines, Findings own) {
        for (String line : lines.split("[\n|]", -1)) {
            int bang = line.indexOf('!');
            if (bang >= 0 && !line.startsWith("!", bang + 1)) {
                own.add(Level.HIGH, "run.code", "runs a command of the shell");
                text.code(call, Word.of(line.substring(bang + 1)), own);
            }
        }
    }

    void tmux(Invocation call, Arguments args, Findings own) {
        List<Word> words = call.arguments();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i).text();
            if (OPENING.contains(word)) {
                run(call, behind(words, i + 1), own);
                return;
            }
            if (word.equals("send-keys") || word.equals("send")) {
                List<Word> typed = new ArrayList<>(behind(words, i + 1));
                typed.removeIf(key -> KEYS.contains(key.text().toLowerCase(java.util.Locale.ROOT)));
                own.add(Level.HIGH, "run.code", "types into another terminal");
                if (!typed.isEmpty()) {
                    text.joined(call, typed, own);
                }
                return;
            }
        }
    }

    private static List<Word> behind(List<Word> words, int from) {
        int i = from;
        while (i < words.size() && words.get(i).option()) {
            String option = words.get(i).text();
            boolean valued =
                    VALUED.contains(option)
                            || (option.length() > 2
                                    && option.charAt(1) != '-'
                                    && VALUED.contains("-" + option.charAt(option.length() - 1)));
            i += valued ? 2 : 1;
        }
        return i >= words.size() ? List.of() : words.subList(i, words.size());
    }

    private void run(Invocation call, List<Word> words, Findings own) {
        if (words.size() == 1) {
            text.joined(call, words, own);
        } else if (!words.isEmpty()) {
            text.run(call, words);
        }
    }

    void screen(Invocation call, Findings own) {
        List<Word> words = call.arguments();
        int i = 0;
        while (i < words.size() && words.get(i).option()) {
            String option = words.get(i).text();
            if (option.endsWith("X")) {
                own.add(Level.HIGH, "run.code", "types into another terminal");
                List<Word> typed = words.subList(i + 1, words.size());
                boolean stuff = !typed.isEmpty() && typed.getFirst().text().equals("stuff");
                run(call, stuff ? typed.subList(1, typed.size()) : List.of(), own);
                return;
            }
            boolean valued =
                    option.matches("-[A-Za-z]*[SctTehpsr]") && !option.matches("-(ls|list|d|D|m)");
            i += valued ? 2 : 1;
        }
        if (i < words.size()) {
            run(call, words.subList(i, words.size()), own);
        }
    }

    void expect(Invocation call, Arguments args, Findings own) {
        for (Arguments.Used used : args.options()) {
            Word code = used.value();
            if (code != null && used.is("-c")) {
                Matcher spawned = SPAWNED.matcher(code.text());
                while (spawned.find()) {
                    text.code(call, Word.of(spawned.group(1).strip()), own);
                }
            }
        }
    }

    void capsh(Invocation call, Findings own) {
        List<Word> words = call.arguments();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).text().equals("--")) {
                List<Word> shell = new ArrayList<>(List.of(Word.of("bash")));
                shell.addAll(words.subList(i + 1, words.size()));
                text.run(call, shell);
                return;
            }
        }
    }
}
