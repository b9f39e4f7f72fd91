package dev.countersign.engine;

import dev.countersign.api.EngineLauncher;
import dev.countersign.api.Server;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Journals;
import dev.countersign.session.SessionRegister;
import dev.countersign.session.SessionRooms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of the one engine process: take the lock, take the sessions up, serve, end when nobody
/// is there and nothing runs. Whatever way it ends, VMs run on and held calls stay held.
public final class EngineLife {
    /// Another engine of this user runs already.
    public static final int ALREADY_RUNS = EngineLauncher.ALREADY_RUNS;

    private static final Logger LOG = LoggerFactory.getLogger(EngineLife.class);

    private final Path lockFile;
    private final Path socket;
    private final Duration idle;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private final Thread main = Thread.currentThread();
    private volatile @Nullable Server server;
    private volatile long seenAt;
    private boolean ending;
    private boolean ended;

    /// @param idle how long nobody is there and nothing runs before it ends
    public EngineLife(Path lockFile, Path socket, Duration idle) {
        this.lockFile = lockFile;
        this.socket = socket;
        this.idle = idle;
    }

    /// What an engine is made of, put together in `app` once the lock is held. Whatever lives
    /// longer than a session is closed here, after all that uses it.
    public record Parts(
            SessionRegister register,
            Approvals approvals,
            EngineService service,
            SessionRooms.Upstreams upstreams,
            RiskRater risk,
            Journals journals,
            Attention attention) {}

    /// Puts the parts together; it gets the way to ask for the end.
    @FunctionalInterface
    public interface Assembly {
        /// @throws CountersignException if a part can't be opened: the engine ends with the message
        Parts assemble(Runnable end) throws CountersignException;
    }

    /// Runs until the end. Returns the exit code.
    public int run(Assembly assembly) throws CountersignException {
        Optional<EngineLock> taken;
        try {
            taken = EngineLock.take(lockFile);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The engine's lock %s can't be taken: %s.".formatted(lockFile, e.getMessage()),
                    e);
        }
        if (taken.isEmpty()) {
            LOG.info("another engine runs already");
            return ALREADY_RUNS;
        }
        Thread hook = Thread.ofPlatform().name("engine-end").unstarted(this::endAndWait);
        Runtime.getRuntime().addShutdownHook(hook);
        try (EngineLock _ = taken.get()) {
            serve(assembly.assemble(this::end));
            return 0;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "The engine's lock can't be let go: " + e.getMessage() + ".", e);
        } finally {
            markEnded();
        }
    }

    private void serve(Parts parts) throws CountersignException {
        try (Journals _ = parts.journals();
                RiskRater _ = parts.risk();
                SessionRooms.Upstreams _ = parts.upstreams();
                Approvals _ = parts.approvals();
                Attention _ = parts.attention();
                SessionRegister register = parts.register()) {
            register.onChange(this::signal);
            register.takeUp();
            parts.attention().start();
            try (Server open = Server.open(parts.service(), socket, this::clientsChanged)) {
                LOG.info("the engine serves at {}", socket);
                server = open;
                awaitEnd(open, register);
            }
            parts.service().close();
        }
        LOG.info("the engine ends");
    }

    private void awaitEnd(Server server, SessionRegister register) {
        lock.lock();
        try {
            long left = idle.toNanos();
            while (!ending && left > 0) {
                boolean active = server.clients() > 0 || register.vmsThatTakeMemory() > 0;
                if (active) {
                    left = idle.toNanos();
                    happened.await(1, TimeUnit.MINUTES);
                } else {
                    left = happened.awaitNanos(left);
                }
            }
        } catch (InterruptedException e) {
            LOG.info("the engine was interrupted");
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// Asks for the end.
    private void end() {
        lock.lock();
        try {
            ending = true;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void clientsChanged() {
        seenAt = System.nanoTime();
        signal();
    }

    /// Whether a client is connected, or one came or went since then.
    ///
    /// @param sinceNanos in the time of `System.nanoTime`
    public boolean attendedSince(long sinceNanos) {
        Server open = server;
        return open != null && (open.clients() > 0 || (seenAt != 0 && seenAt - sinceNanos >= 0));
    }

    private void signal() {
        lock.lock();
        try {
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void markEnded() {
        lock.lock();
        try {
            ended = true;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// A signal ended the process: the sockets go away properly, within ten seconds.
    private void endAndWait() {
        end();
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(10);
            while (!ended && main.isAlive() && left > 0) {
                left = happened.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
