package dev.countersign.gate.risk;

import java.util.List;

/// One command about to run, with all that is known of its surroundings.
///
/// @param argv not empty
/// @param stdin what it reads from its standard input
/// @param scope of the shell that runs it; `cd` and `export` change it
/// @param plain nothing rides along: no assignment, no redirection to a file, no wrapper
/// @param depth how many wrappers, interpreters and evals are around it
record Invocation(List<Word> argv, Stdin stdin, Scope scope, boolean plain, int depth) {
    /// Where a command's input comes from.
    ///
    /// @param origin of its content
    /// @param connected whether it is a pipe, file or here-document at all
    record Stdin(boolean connected, Word.Origin origin) {
        static final Stdin NONE = new Stdin(false, Word.Origin.NONE);
    }

    Word head() {
        return argv.getFirst();
    }

    List<Word> arguments() {
        return argv.subList(1, argv.size());
    }

    /// The command that this one runs, such as what stands behind `sudo`.
    Invocation inner(List<Word> words) {
        return new Invocation(words, stdin, scope, false, depth + 1);
    }

    /// The name without its directory.
    String name() {
        String text = head().text();
        return text.substring(text.lastIndexOf('/') + 1);
    }
}
