package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reaches the one engine of a `COUNTERSIGN_HOME` and starts it if none answers: detached, with its
/// output in `engine.log`. Two that start at once get the same engine: the second waits for the
/// first under `engine.start.lock`, and the engine's own lock covers those that start it otherwise.
public final class EngineLauncher implements Connector {
    /// The exit code of an engine that found another one running.
    public static final int ALREADY_RUNS = 75;

    /// Long enough for a first start on a slow, busy machine.
    public static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final int TAIL = 4096;

    /// File locks belong to the process, so threads of one need a lock of their own.
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    /// Takes the engine out of the terminal's reach, so that Ctrl-C and a closed window don't end
    /// it: a session of its own where `setsid` exists (Linux), else ignored signals (macOS).
    private static final String DETACH =
            "if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; fi;"
                    + " trap '' HUP INT QUIT; exec \"$@\"";

    private final Path home;
    private final Supplier<List<String>> command;
    private final Optional<String> build;
    private final Duration deadline;
    private final SocketConnector connector;

    /// @param command the engine's argv, such as `java … dev.countersign.app.Main engine`
    /// @param build see [Connector#build()]
    public EngineLauncher(
            Path home, Supplier<List<String>> command, Optional<String> build, Duration deadline) {
        this.home = home.toAbsolutePath();
        this.command = command;
        this.build = build;
        this.deadline = deadline;
        this.connector = new SocketConnector(socket(this.home));
    }

    /// Where the engine of this home answers.
    public static Path socket(Path home) {
        return home.resolve("engine.sock");
    }

    Supplier<List<String>> command() {
        return command;
    }

    @Override
    public Optional<String> build() {
        return build;
    }

    @Override
    public SocketChannel connect() throws CountersignException {
        return connector.connect();
    }

    @Override
    public SocketChannel connectOrStart() throws CountersignException {
        SocketChannel standing = tryConnect();
        return standing != null ? standing : startOnce();
    }

    private @Nullable SocketChannel tryConnect() throws CountersignException {
        try {
            return connector.connect();
        } catch (CountersignException e) {
            if (e.kind() == Kind.MISSING) {
                return null;
            }
            throw e;
        }
    }

    private SocketChannel startOnce() throws CountersignException {
        Path lockFile = home.resolve("engine.start.lock");
        IN_PROCESS.lock();
        try {
            Files.createDirectories(home);
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
            try (FileChannel channel =
                            FileChannel.open(
                                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                SocketChannel standing = tryConnect();
                return standing != null ? standing : start();
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The engine can't be started in "
                            + home
                            + ": "
                            + Errors.firstLine(e)
                            + ". Make the directory writable, or set COUNTERSIGN_HOME to one that"
                            + " is.",
                    e);
        } finally {
            IN_PROCESS.unlock();
        }
    }

    private SocketChannel start() throws IOException, CountersignException {
        Path log = home.resolve("engine.log");
        long before = Files.exists(log) ? Files.size(log) : 0;
        try (WatchService watch = home.getFileSystem().newWatchService()) {
            home.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            return await(spawn(log), watch, log, before);
        }
    }

    private Process spawn(Path log) throws IOException {
        List<String> argv = new ArrayList<>(List.of("sh", "-c", DETACH, "countersign-engine"));
        argv.addAll(command.get());
        Process engine =
                new ProcessBuilder(argv)
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        engine.getOutputStream().close();
        return engine;
    }

    private SocketChannel await(Process first, WatchService watch, Path log, long before)
            throws IOException, CountersignException {
        Process engine = first;
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            SocketChannel channel = tryConnect();
            if (channel != null) {
                return channel;
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                engine.destroy();
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "The engine did not answer within "
                                + deadline.toSeconds()
                                + " s and was ended. "
                                + tail(log, before));
            }
            if (!engine.isAlive() && engine.exitValue() == ALREADY_RUNS) {
                // another one is on its way up, or down: then this one's turn comes
                engine = spawn(log);
            } else if (!engine.isAlive()) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The engine ended at its start with code "
                                + engine.exitValue()
                                + ". "
                                + tail(log, before));
            }
            pause(watch, Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }

    /// Until the directory changes; at most so long, since a watch on macOS only looks every few
    /// seconds and the engine may end without a trace there.
    private static void pause(WatchService watch, long nanos) throws CountersignException {
        try {
            WatchKey key = watch.poll(nanos, TimeUnit.NANOSECONDS);
            if (key != null) {
                key.pollEvents();
                key.reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(
                    Kind.FAILED, "The wait for the engine was interrupted. Try again.", e);
        }
    }

    private static String tail(Path log, long before) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(before, file.length() - TAIL);
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8).strip();
            if (text.isEmpty()) {
                return "It wrote nothing to " + log + ". Run `countersign doctor`.";
            }
            return "The end of "
                    + log
                    + ":\n"
                    + GuestText.of(text).visibleLines()
                    + "\nCorrect what it names, or run `countersign doctor`.";
        } catch (IOException e) {
            return "Its log " + log + " can't be read: " + Errors.firstLine(e) + ".";
        }
    }
}
