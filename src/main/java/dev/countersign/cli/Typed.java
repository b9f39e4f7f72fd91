package dev.countersign.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The lines that a person types. There is one reader for the whole process: a blocked read of a
/// terminal can't be called back, so its thread is a daemon. What is typed while nobody listens is
/// dropped: it was meant for nothing that was on screen.
final class Typed {
    private final Terminal terminal;
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile Consumer<Optional<String>> listener = _ -> {};
    private volatile boolean ended;

    Typed(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Gives each line from now on to this listener, and empty once input has ended.
    void to(Consumer<Optional<String>> whom) {
        listener = whom;
        if (ended) {
            whom.accept(Optional.empty());
        } else if (reading.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("typed").start(this::read);
        }
    }

    /// Shows a question and waits for the next line that is typed; null if input has ended.
    @Nullable String answerTo(Runnable show) throws InterruptedException {
        CompletableFuture<Optional<String>> line = new CompletableFuture<>();
        to(one -> line.complete(one));
        show.run();
        try {
            return line.get().orElse(null);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            toNobody();
        }
    }

    /// Drops what is typed from now on.
    void toNobody() {
        listener = _ -> {};
    }

    private void read() {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        try {
            for (String one = reader.readLine(); one != null; one = reader.readLine()) {
                listener.accept(Optional.of(one));
            }
        } catch (IOException e) {
            terminal.err().println("countersign: input can't be read: " + e.getMessage());
        }
        ended = true;
        listener.accept(Optional.empty());
    }
}
