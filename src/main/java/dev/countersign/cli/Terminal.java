package dev.countersign.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Standard input, output and error, and what is known about them. Output is UTF-8 and is flushed
/// by whoever writes.
///
/// @param interactive whether a person can be asked: input and output are a terminal
/// @param colours whether the output may carry colour; it never carries meaning alone
public record Terminal(
        InputStream in, PrintStream out, PrintStream err, boolean interactive, boolean colours) {

    /// The process's own. Colours need a terminal, no `NO_COLOR` and a `TERM` that is not `dumb`.
    @SuppressWarnings("SystemConsoleNull") // it is @Nullable for NullAway
    public static Terminal ofProcess(Map<String, String> environment) {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        boolean colours =
                terminal
                        && environment.getOrDefault("NO_COLOR", "").isEmpty()
                        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(
                System.in,
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                terminal,
                colours);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /// Prints a line.
    void say(String line) {
        out.println(line);
    }
}
