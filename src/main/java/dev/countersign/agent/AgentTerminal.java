package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The terminal that the agent runs on, seen from the host: what it prints, filtered, and what is
/// typed into it. The terminal itself is the keeper's and stays when this is closed.
public final class AgentTerminal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentTerminal.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SMALL = 4096;
    private static final int PIECE = 16 * 1024;

    /// The narrowest and the widest window that is passed on.
    private static final int MOST_CELLS = 1000;

    private final Link link;
    private final String directory;
    private final GuestProcess output;
    private final GuestProcess input;
    private final ReentrantLock typing = new ReentrantLock();
    private volatile boolean closed;
    private volatile Runnable onClose = () -> {};

    private AgentTerminal(Link link, String directory, GuestProcess output, GuestProcess input) {
        this.link = link;
        this.directory = directory;
        this.output = output;
        this.input = input;
    }

    static AgentTerminal open(Link link, String directory) throws CountersignException {
        GuestProcess output =
                link.start(List.of("sh", "-c", GuestScripts.FOLLOW, "countersign", directory));
        try {
            output.stdin().close();
            GuestProcess input =
                    link.start(List.of("sh", "-c", GuestScripts.KEYS, "countersign", directory));
            return new AgentTerminal(link, directory, output, input);
        } catch (IOException e) {
            output.close();
            throw lost(e);
        } catch (CountersignException e) {
            output.close();
            throw e;
        }
    }

    /// Calls this when it is closed.
    public void onClose(Runnable action) {
        onClose = action;
    }

    /// Told what may be printed.
    @FunctionalInterface
    public interface Screen {
        /// @param text passed [TerminalFilter]
        void show(String text);
    }

    /// Passes on what the terminal prints, its newest part first, until the agent ends, the link is
    /// lost or this is closed.
    public void follow(Screen screen) {
        TerminalFilter filter = new TerminalFilter();
        byte[] piece = new byte[PIECE];
        try (InputStream in = output.stdout()) {
            for (int n = in.read(piece); n >= 0 && !closed; n = in.read(piece)) {
                String text = filter.filter(Arrays.copyOf(piece, n));
                if (!text.isEmpty()) {
                    screen.show(text);
                }
            }
        } catch (IOException e) {
            LOG.debug("an agent's terminal is not followed any more", e);
        }
        screen.show(TerminalFilter.reset());
    }

    /// Types these bytes as they are.
    ///
    /// @throws CountersignException if they can't reach it
    public void type(byte[] keys) throws CountersignException {
        typing.lock();
        try {
            input.stdin().write(keys);
            input.stdin().flush();
        } catch (IOException e) {
            throw lost(e);
        } finally {
            typing.unlock();
        }
    }

    /// Tells the agent how large the window is.
    ///
    /// @throws CountersignException `USAGE` for a size that no window has
    public void resize(int columns, int rows) throws CountersignException {
        if (columns < 1 || rows < 1 || columns > MOST_CELLS || rows > MOST_CELLS) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A terminal of %d by %d can't be passed on. Use one of at most %d cells a side."
                            .formatted(columns, rows, MOST_CELLS));
        }
        Link.Output done =
                link.run(
                        List.of(
                                "sh",
                                "-c",
                                GuestScripts.RESIZE,
                                "countersign",
                                directory,
                                Integer.toString(columns),
                                Integer.toString(rows)),
                        new byte[0],
                        PATIENCE,
                        SMALL);
        if (done.exitCode() != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The agent could not be told the size of the window. Detach and attach again.");
        }
    }

    private static CountersignException lost(IOException e) {
        return new CountersignException(
                Kind.FAILED,
                "The agent's terminal does not answer: the agent has ended or the link is lost. Attach again.",
                e);
    }

    @Override
    public void close() {
        closed = true;
        input.close();
        output.close();
        onClose.run();
    }
}
