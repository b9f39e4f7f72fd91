package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.Subscription;
import dev.countersign.api.TerminalPiece;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The developer's terminal on the agent's, until a key, the agent or the connection ends it.
final class Attachment {
    /// Ctrl-], as telnet has it.
    static final byte DETACH = 0x1d;

    /// Colours back to normal.
    private static final String PLAIN = "\u001b[0m";

    /// How an attachment came to its end.
    enum End {
        DETACHED,
        AGENT_ENDED,
        INPUT_ENDED
    }

    private final Client engine;
    private final SessionId id;
    private final Terminal terminal;
    private final Interrupts interrupts;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();
    private final AtomicReference<@Nullable CountersignException> failure = new AtomicReference<>();

    Attachment(Client engine, SessionId id, Terminal terminal, Interrupts interrupts) {
        this.engine = engine;
        this.id = id;
        this.terminal = terminal;
        this.interrupts = interrupts;
    }

    /// @throws CountersignException if the terminal can't be switched, or what was typed could not
    ///   reach the agent
    End run() throws CountersignException {
        // Raw before anything is shown: what is typed in answer to it must arrive as it is.
        try (RawTerminal raw = RawTerminal.enter();
                Interrupts.Armed _ = interrupts.onInterrupt(raw::close);
                Subscription _ = engine.terminal(id, this::show)) {
            raw.onResize(this::resize);
            Thread.ofPlatform().daemon().name("keys").start(this::read);
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            terminal.out().print(PLAIN + "\n");
            terminal.out().flush();
        }
        CountersignException why = failure.get();
        if (why != null) {
            throw why;
        }
        End how = end.get();
        return how == null ? End.INPUT_ENDED : how;
    }

    /// Passed the engine's filter: nothing but text, colours and cursor moves is in it.
    private void show(TerminalPiece piece) {
        terminal.out().print(piece.text());
        terminal.out().flush();
        if (piece.ended()) {
            end(End.AGENT_ENDED);
        }
    }

    private void resize(RawTerminal.Size size) {
        try {
            engine.resize(id, size.columns(), size.rows());
        } catch (CountersignException e) {
            fail(e);
        }
    }

    private void read() {
        byte[] keys = new byte[4096];
        try {
            for (int n = terminal.in().read(keys); n >= 0; n = terminal.in().read(keys)) {
                int detach = 0;
                while (detach < n && keys[detach] != DETACH) {
                    detach++;
                }
                if (detach > 0) {
                    engine.type(id, Arrays.copyOf(keys, detach));
                }
                if (detach < n) {
                    end(End.DETACHED);
                    return;
                }
            }
            end(End.INPUT_ENDED);
        } catch (IOException e) {
            end(End.INPUT_ENDED);
        } catch (CountersignException e) {
            fail(e);
        }
    }

    private void end(End how) {
        end.compareAndSet(null, how);
        over.countDown();
    }

    private void fail(CountersignException why) {
        // The agent's end is no failure, although keys and sizes meet it first.
        if (end.get() == null) {
            failure.compareAndSet(null, why);
        }
        over.countDown();
    }
}
