package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Word.Origin;
import java.util.List;

/// Shell text and other code that a command was given as words.
final class CodeText {
    private final ShellWalk walk;

    CodeText(ShellWalk walk) {
        this.walk = walk;
    }

    /// Words joined by blanks and run as shell text, as eval(1) and ssh(1) do.
    void joined(Invocation call, List<Word> words, Findings own) {
        if (words.stream().allMatch(Word::literal)) {
            String text = String.join(" ", words.stream().map(Word::text).toList());
            walk.text(text, call.scope(), call.stdin(), call.depth() + 1);
            return;
        }
        unknown(fromWords(words), "shell text", own);
        String rest = String.join(" ", words.stream().map(Word::text).toList());
        CodeHints.check(rest, own);
    }

    /// An argument vector inside of a call.
    void run(Invocation call, List<Word> words) {
        walk.run(call.inner(words));
    }

    void code(Invocation call, Word word, Findings own) {
        if (word.literal()) {
            if (word.source().startsWith("$'") && Literals.hides(word.source())) {
                own.add(Level.CRITICAL, "run.hidden", "runs shell text that is written in escapes");
            }
            walk.text(word.text(), call.scope().inner(), call.stdin(), call.depth() + 1);
        } else {
            unknown(word.origin(), "shell text", own);
            CodeHints.check(word.text(), own);
        }
    }

    static void unknown(Origin origin, String what, Findings own) {
        if (origin.remote()) {
            own.add(Level.CRITICAL, "run.remote", "runs " + what + " that it got over the network");
        } else if (origin.hidden()) {
            own.add(Level.CRITICAL, "run.hidden", "runs " + what + " that it decoded");
        }
        own.notUnderstood("runs " + what + " that is known only when it runs");
    }

    static Origin fromWords(List<Word> words) {
        Origin all = Origin.NONE;
        for (Word word : words) {
            all = all.and(word.origin());
        }
        return all;
    }
}
