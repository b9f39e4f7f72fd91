package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits in the guest for the agent's end, over as many connections as it takes.
final class AgentWatch implements AgentRun.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(AgentWatch.class);
    private static final int LONGEST = 16 * 1024;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Link link;
    private final String directory;
    private final String followed;
    private final AgentRun.Ended listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private boolean linkChanged;
    private @Nullable GuestProcess open;

    AgentWatch(Link link, String directory, String followed, AgentRun.Ended listener) {
        this.link = link;
        this.directory = directory;
        this.followed = followed;
        this.listener = listener;
    }

    void start() {
        link.onChange((_, _, _) -> wake());
        Thread.ofPlatform().daemon().name("agent-watch").start(this::run);
    }

    private void run() {
        try {
            while (!isClosed()) {
                Map<String, String> known = waitInGuest();
                if (!known.isEmpty() && !isClosed()) {
                    AgentRun.Status status = AgentRun.status(known);
                    if (!status.running()) {
                        listener.ended(status.exitCode(), status.why());
                        return;
                    }
                }
                pause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the guest says once the agent ended; empty if the link broke before.
    private Map<String, String> waitInGuest() throws InterruptedException {
        if (!link.up()) {
            return Map.of();
        }
        List<String> argv =
                List.of("sh", "-c", GuestScripts.WATCH, "countersign", directory, followed);
        try (GuestProcess process = link.start(argv)) {
            if (!keep(process)) {
                return Map.of();
            }
            process.stdin().close();
            byte[] said = process.stdout().readNBytes(LONGEST);
            return AgentRun.facts(new String(said, StandardCharsets.UTF_8));
        } catch (CountersignException | IOException e) {
            LOG.debug("the watch of the agent begins again", e);
            return Map.of();
        } finally {
            keep(null);
        }
    }

    private boolean keep(@Nullable GuestProcess process) {
        lock.lock();
        try {
            open = process;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /// Until the link changes or a while has passed: the guest is asked again in both cases.
    private void pause() throws InterruptedException {
        lock.lock();
        try {
            long left = PAUSE.toNanos();
            while (!closed && !linkChanged && left > 0) {
                left = changed.awaitNanos(left);
            }
            linkChanged = false;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            linkChanged = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        GuestProcess running;
        lock.lock();
        try {
            closed = true;
            running = open;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.close();
        }
    }
}
