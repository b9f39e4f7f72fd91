package dev.countersign.vm.ssh;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.process.Commands;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The real [Link]: an OpenSSH ControlMaster that is kept up by a thread of its own. While it is
/// wanted and lost, it is tried again with a growing pause. It counts as up only after the guest
/// was greeted and every forward stands.
public final class SshLink implements Link, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SshLink.class);
    private static final Pattern PUBLIC_KEY =
            Pattern.compile("ssh-ed25519 [A-Za-z0-9+/]{40,120}={0,2}");
    private static final Duration ATTEMPT = Duration.ofSeconds(60);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int ERROR_BYTES = 4096;

    /// ssh adds a dot and sixteen characters to a control socket while it binds it.
    private static final int CONTROL_SPARE = 17;

    private final LinkSettings settings;
    private final Commands commands;
    private final Greeting greeting;
    private final Journaling journaling;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong tokens = new AtomicLong();
    private final ExecutorService announcer =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("link-announcer").factory());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean wanted;
    private boolean closed;
    private boolean atOnce;
    private int port;
    private long generation;
    private volatile boolean up;
    private @Nullable Process master;
    private @Nullable CountersignException lastFailure;
    private String why = "not opened yet";

    /// What is done on each new connection before anything else: the guest's leftovers of earlier
    /// links are ended, its clock is set.
    @FunctionalInterface
    public interface Greeting {
        /// @param exec runs commands on the new connection, which is not up yet for others
        void greet(Exec exec) throws CountersignException, InterruptedException;
    }

    /// Runs a command in the guest as root; as [Link#run].
    @FunctionalInterface
    public interface Exec {
        /// See [Link#run].
        Output run(List<String> argv, byte[] stdin, Duration timeout, int limit)
                throws CountersignException;
    }

    /// Records a change before it counts.
    @FunctionalInterface
    public interface Journaling {
        /// @throws CountersignException if it could not be recorded: the link does not come up then
        void record(boolean up, String why) throws CountersignException;
    }

    /// Nothing is opened before [#open(int)].
    ///
    /// @throws CountersignException if a path can't stand in ssh's configuration, a socket's path
    ///   is too long, or the directory can't be made
    public SshLink(
            LinkSettings settings, Commands commands, Greeting greeting, Journaling journaling)
            throws CountersignException {
        this.settings = settings;
        this.commands = commands;
        this.greeting = greeting;
        this.journaling = journaling;
        LinkPaths.checkPlain(settings.directory());
        LinkPaths.checkPlain(settings.identity());
        LinkPaths.checkSocket(settings.control(), CONTROL_SPARE);
        for (ReverseForward forward : settings.forwards()) {
            LinkPaths.checkPlain(forward.hostSocket());
            LinkPaths.checkPlain(Path.of(forward.guestSocket()));
            LinkPaths.checkSocket(forward.hostSocket(), 0);
        }
        try {
            Files.createDirectories(settings.directory());
            Files.setPosixFilePermissions(
                    settings.directory(), PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The link's directory %s can't be made: %s. Check the rights and the space of that disk."
                            .formatted(settings.directory(), e.getMessage()),
                    e);
        }
        Thread.ofVirtual().name("link " + settings.alias()).start(this::keep);
    }

    /// Whether the text is a public key that can be pinned.
    public static boolean isPublicKey(String text) {
        return PUBLIC_KEY.matcher(text).matches();
    }

    /// From now on exactly these keys are the guest's.
    ///
    /// @param publicKeys `ssh-ed25519 BASE64` each, without a comment
    public void pin(List<String> publicKeys) throws CountersignException {
        StringBuilder lines = new StringBuilder();
        for (String key : publicKeys) {
            if (!isPublicKey(key)) {
                throw new CountersignException(
                        Kind.REFUSED,
                        "The guest's host key is not an ed25519 key: "
                                + GuestText.of(key).visible()
                                + ". Delete the session and start a new one.");
            }
            lines.append(settings.alias()).append(' ').append(key).append('\n');
        }
        write(settings.knownHosts(), lines.toString());
    }

    /// Connects to this port of the host's loopback, now and whenever the link is lost.
    public void open(int port) {
        lock.lock();
        try {
            this.port = port;
            wanted = true;
            atOnce = true;
            lastFailure = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Cuts the link until [#open(int)].
    public void cut(String reason) {
        Process old;
        lock.lock();
        try {
            wanted = false;
            why = reason;
            old = master;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (old != null) {
            old.destroyForcibly();
            old.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(_ -> old).join();
        }
    }

    /// Drops the connection that stands, if any; it is made anew at once.
    public void renew(String reason) {
        lock.lock();
        try {
            why = reason;
            if (master != null) {
                master.destroyForcibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the link is up.
    ///
    /// @throws CountersignException if it is not within `timeout`, naming the last failure, or if
    ///   the guest's key was not the pinned one
    public void awaitUp(Duration timeout) throws CountersignException, InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (!up) {
                if (lastFailure != null && lastFailure.kind() == Kind.REFUSED) {
                    throw lastFailure;
                }
                if (left <= 0 || closed) {
                    String last = lastFailure == null ? "no answer" : lastFailure.getMessage();
                    throw new CountersignException(
                            Kind.TIMEOUT,
                            "The guest could not be reached by ssh within %d s (%s)."
                                    .formatted(timeout.toSeconds(), last),
                            lastFailure);
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// How many connections there were.
    public long generation() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /// The master's process id, if there is one.
    public @Nullable Long masterPid() {
        lock.lock();
        try {
            return master == null ? null : master.pid();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void onChange(Listener listener) {
        listeners.add(listener);
    }

    @Override
    public GuestProcess start(List<String> argv) throws CountersignException {
        requireUp();
        return channel(argv);
    }

    @Override
    public Output run(List<String> argv, byte[] stdin, Duration timeout, int limit)
            throws CountersignException {
        requireUp();
        return exec(argv, stdin, timeout, limit);
    }

    /// Cuts the link for good.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        cut("closed");
    }

    private void requireUp() throws CountersignException {
        if (!up) {
            lock.lock();
            try {
                throw new CountersignException(
                        Kind.FAILED,
                        "The link to the guest is down (%s). It is tried again by itself while the VM runs."
                                .formatted(why));
            } finally {
                lock.unlock();
            }
        }
    }

    // ---- the keeper

    private void keep() {
        Duration pause = SHORTEST_PAUSE;
        try {
            while (awaitWanted()) {
                try {
                    Process connection = connect();
                    pause = SHORTEST_PAUSE;
                    connection.waitFor();
                    lost("the connection ended");
                } catch (CountersignException e) {
                    failed(e);
                    pause(pause);
                    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
                }
            }
        } catch (InterruptedException _) {
            LOG.debug("keeper of {} ended", settings.alias());
        } finally {
            announcer.shutdown();
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private boolean awaitWanted() throws InterruptedException {
        lock.lock();
        try {
            while (!wanted && !closed) {
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(Duration pause) throws InterruptedException {
        long left = pause.toNanos();
        lock.lock();
        try {
            while (wanted && !closed && !atOnce && left > 0) {
                left = changed.awaitNanos(left);
            }
            atOnce = false;
        } finally {
            lock.unlock();
        }
    }

    private void failed(CountersignException failure) {
        LOG.info("link {}: {}", settings.alias(), failure.getMessage());
        lock.lock();
        try {
            lastFailure = failure;
            if (failure.kind() == Kind.REFUSED) {
                wanted = false;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void lost(String reason) {
        boolean was;
        String said;
        long of;
        lock.lock();
        try {
            was = up;
            up = false;
            master = null;
            if (wanted) {
                why = reason;
            }
            said = why;
            of = generation;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (was) {
            try {
                journaling.record(false, said);
            } catch (CountersignException e) {
                LOG.warn("a lost link could not be recorded: {}", e.getMessage());
            }
            announce(false, of, said);
        }
    }

    private void announce(boolean isUp, long of, String reason) {
        announcer.execute(() -> listeners.forEach(listener -> listener.changed(isUp, of, reason)));
    }

    private Process connect() throws CountersignException, InterruptedException {
        int at;
        lock.lock();
        try {
            at = port;
        } finally {
            lock.unlock();
        }
        write(settings.config(), SshConfig.render(settings, at));
        removeSocket();
        Process connection =
                Commands.start(
                        commands.builder(
                                List.of(
                                        settings.ssh().toString(),
                                        "-F",
                                        settings.config().toString(),
                                        "-M",
                                        "-N",
                                        "-n",
                                        "-T",
                                        settings.alias()),
                                Map.of(),
                                settings.directory()));
        boolean done = false;
        try {
            Bounded errors = new Bounded(connection.getErrorStream(), ERROR_BYTES, () -> {});
            lock.lock();
            try {
                if (!wanted) {
                    throw new CountersignException(Kind.FAILED, "The link was cut.");
                }
                master = connection;
            } finally {
                lock.unlock();
            }
            awaitSocket(connection, errors);
            greeting.greet(this::exec);
            for (ReverseForward forward : settings.forwards()) {
                forward(forward);
            }
            journaling.record(true, "connected");
            long of;
            lock.lock();
            try {
                if (!wanted || !connection.isAlive()) {
                    throw new CountersignException(Kind.FAILED, "The link was cut.");
                }
                generation++;
                of = generation;
                up = true;
                lastFailure = null;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            announce(true, of, "connected");
            done = true;
            return connection;
        } finally {
            if (!done) {
                connection.destroyForcibly();
                lock.lock();
                try {
                    master = null;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /// The control socket is there once the guest let us in. ssh makes it under another name and
    /// links it, so that a socket that is there answers.
    private void awaitSocket(Process connection, Bounded errors)
            throws CountersignException, InterruptedException {
        long end = System.nanoTime() + ATTEMPT.toNanos();
        while (!Files.exists(settings.control())) {
            if (connection.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw refusal(errors);
            }
            if (System.nanoTime() > end) {
                throw new CountersignException(
                        Kind.TIMEOUT, "ssh did not get in within " + ATTEMPT.toSeconds() + " s.");
            }
        }
    }

    private static CountersignException refusal(Bounded errors) throws InterruptedException {
        errors.bytes(Duration.ofSeconds(1));
        String said = GuestText.of(errors.line()).visible();
        if (said.contains("Host key verification failed")
                || said.contains("HOST IDENTIFICATION HAS CHANGED")) {
            return new CountersignException(
                    Kind.REFUSED,
                    "The guest's ssh host key is not the one that was pinned for it, so nothing was sent. Delete the session's VM; its staged work stays.");
        }
        return new CountersignException(
                Kind.FAILED, "ssh ended: " + (said.isEmpty() ? "no message" : said));
    }

    private void forward(ReverseForward forward) throws CountersignException, InterruptedException {
        Commands.Result result =
                commands.run(
                        Commands.Run.of(
                                List.of(
                                        settings.ssh().toString(),
                                        "-F",
                                        settings.config().toString(),
                                        "-O",
                                        "forward",
                                        "-R",
                                        forward.guestSocket() + ":" + forward.hostSocket(),
                                        settings.alias()),
                                settings.directory(),
                                Duration.ofSeconds(20)));
        if (result.exitCode() != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The forward of %s could not be set up in the guest: %s."
                            .formatted(
                                    forward.guestSocket(),
                                    GuestText.of(result.errorText()).visible()));
        }
    }

    // ---- channels

    private SshChannel channel(List<String> argv) throws CountersignException {
        String token =
                settings.alias()
                        + "-"
                        + ProcessHandle.current().pid()
                        + "-"
                        + tokens.incrementAndGet();
        return new SshChannel(client(argv, token), () -> endInGuest(token));
    }

    private Process client(List<String> argv, String token) throws CountersignException {
        if (argv.isEmpty() || argv.getFirst().indexOf('=') >= 0) {
            throw new IllegalArgumentException("not a program: " + argv);
        }
        List<String> line = new ArrayList<>();
        line.add(settings.ssh().toString());
        line.addAll(List.of("-F", settings.config().toString(), "-T"));
        // Without the master ssh would connect by itself: it must fail instead.
        line.addAll(List.of("-o", "ControlMaster=no", "-o", "ProxyCommand=false"));
        line.add(settings.alias());
        line.add("exec /usr/bin/env COUNTERSIGN_EXEC=" + token + " " + ShellWords.quote(argv));
        return Commands.start(commands.builder(line, Map.of(), settings.directory()));
    }

    /// Finds the command and its children by a mark in their environment.
    private void endInGuest(String token) {
        String script =
                """
                named() { grep -lzxF COUNTERSIGN_EXEC="$1" /proc/[0-9]*/environ 2>/dev/null |
                          tr -dc '0-9\\n'; }
                for signal in TERM TERM KILL KILL; do
                    list=$(named "$1")
                    [ -n "$list" ] || exit 0
                    kill -$signal $list 2>/dev/null
                    sleep 0.2
                done
                """;
        try {
            Output ended =
                    exec(
                            List.of("sh", "-c", script, "end", token),
                            new byte[0],
                            Duration.ofSeconds(10),
                            ERROR_BYTES);
            LOG.debug("ended {} in the guest: {}", token, ended.exitCode());
        } catch (CountersignException e) {
            // The next greeting ends whatever came by an earlier connection.
            LOG.debug("{} will be ended at the next connection: {}", token, e.getMessage());
        }
    }

    private Output exec(List<String> argv, byte[] stdin, Duration timeout, int limit)
            throws CountersignException {
        try (SshChannel channel = channel(argv)) {
            Bounded out = new Bounded(channel.stdout(), limit, channel::close);
            Bounded err = new Bounded(channel.stderr(), limit, channel::close);
            Thread.ofPlatform().daemon().start(() -> feed(channel.stdin(), stdin));
            if (!channel.waitFor(timeout)) {
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "%s in the guest did not end within %d s and was ended."
                                .formatted(argv.getFirst(), timeout.toSeconds()));
            }
            byte[] stdout = out.bytes(Duration.ofSeconds(5));
            byte[] stderr = err.bytes(Duration.ofSeconds(5));
            if (out.over() || err.over()) {
                throw new CountersignException(
                        Kind.EXHAUSTED,
                        "%s in the guest printed more than %d bytes and was ended."
                                .formatted(argv.getFirst(), limit));
            }
            return new Output(channel.waitFor(), stdout, stderr);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(
                    Kind.FAILED, argv.getFirst() + " in the guest was interrupted.", e);
        }
    }

    private static void feed(OutputStream stdin, byte[] bytes) {
        try (stdin) {
            stdin.write(bytes);
        } catch (IOException _) {
            // The command ended without reading; its exit code says why.
            return;
        }
    }

    // ---- files

    private void removeSocket() throws CountersignException {
        try {
            Files.deleteIfExists(settings.control());
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "The old control socket can't be removed: " + e.getMessage(), e);
        }
    }

    private void write(Path file, String text) throws CountersignException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, text.getBytes(StandardCharsets.US_ASCII));
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "%s can't be written: %s. Check the rights and the space of that disk."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
