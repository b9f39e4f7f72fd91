package dev.countersign.cli;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The developer's terminal while every key goes somewhere else: nothing is echoed, no key is kept
/// back, until it is closed and as it was. By stty(1), which knows the terminals of each system.
final class RawTerminal implements AutoCloseable {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,4}) (\\d{1,4})");
    private static final Pattern SAVED = Pattern.compile("[0-9a-zA-Z:=,]{1,400}");

    /// Says the size at first and whenever the window changes. The shell gets the signal as all
    /// processes of the terminal's foreground do. It ends with its input, which is a pipe from
    /// here: nothing is left of it, however this process ends.
    private static final String SIZES =
            """
            exec 3<&0 < /dev/tty || exit
            trap 'stty size' WINCH
            stty size
            cat <&3 > /dev/null &
            while kill -0 $!; do wait $!; done 2> /dev/null
            """;

    private final String saved;
    private final Process sizes;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RawTerminal(String saved, Process sizes) {
        this.saved = saved;
        this.sizes = sizes;
    }

    /// How many cells.
    record Size(int columns, int rows) {}

    /// Told the size, first the present one.
    @FunctionalInterface
    interface Resized {
        /// From a thread of the terminal.
        void to(Size size);
    }

    /// @throws CountersignException if standard input is no terminal that can be switched
    static RawTerminal enter() throws CountersignException {
        String saved = stty("-g");
        if (!SAVED.matcher(saved).matches()) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The terminal does not say how it is set. Use another one: stty -g must work in it.");
        }
        try {
            Process sizes = new ProcessBuilder("sh", "-c", SIZES).start();
            RawTerminal terminal = new RawTerminal(saved, sizes);
            stty("raw", "-echo");
            return terminal;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "The size of the terminal can't be watched: " + e.getMessage(), e);
        }
    }

    /// Tells the size from now on.
    void onResize(Resized listener) {
        Thread.ofVirtual().name("terminal-size").start(() -> tell(listener));
    }

    private void tell(Resized listener) {
        try (BufferedReader lines = sizes.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher size = SIZE.matcher(line.strip());
                if (size.matches()) {
                    int rows = Integer.parseInt(size.group(1));
                    int columns = Integer.parseInt(size.group(2));
                    if (rows > 0 && columns > 0) {
                        listener.to(new Size(columns, rows));
                    }
                }
            }
        } catch (IOException e) {
            // It was closed: no size is wanted any more.
            return;
        }
    }

    private static String stty(String... words) throws CountersignException {
        List<String> argv = new ArrayList<>(List.of("stty"));
        argv.addAll(List.of(words));
        try {
            Process process =
                    new ProcessBuilder(argv)
                            .redirectInput(ProcessBuilder.Redirect.INHERIT)
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The terminal can't be switched: %s. Run this in a terminal window."
                                .formatted(said.strip()));
            }
            return said.strip();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING, "stty is not on this machine. Install coreutils.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "Interrupted.", e);
        }
    }

    /// Everything as it was. Harmless a second time.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        endSizes();
        try {
            stty(saved);
        } catch (CountersignException e) {
            System.err.println("\r\ncountersign: " + e.getMessage() + " Type: stty sane");
        }
    }

    private void endSizes() {
        try {
            sizes.getOutputStream().close();
        } catch (IOException e) {
            // Its end of the pipe is gone, and so is it.
            sizes.destroy();
        }
    }
}
