package dev.countersign.engine;

import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// Calls the developer when a request opens and nobody watches: no window, no command that follows.
///
/// There is one notice for all that waits. What was told once, or opened while somebody watched, is
/// not told again; it is counted when something new opens.
public final class Attention implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Supplier<List<ApprovalRequest>> open;
    private final Function<SessionId, String> nameOf;
    private final IntSupplier watchers;
    private final DeskNotices notices;
    private final QuietHours quiet;
    private final Clock clock;
    private final ZoneId zone;
    private final Consumer<SessionId> window;
    private final Set<String> told = new HashSet<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition something = lock.newCondition();
    private final Thread thread;
    private boolean look;
    private boolean closed;
    private boolean shown;

    /// Nothing happens before [#start()].
    ///
    /// @param open what waits, the worst first
    /// @param nameOf the name that the developer gave a session
    /// @param watchers how many clients are told of changes
    /// @param window opens the window at a session
    public Attention(
            Supplier<List<ApprovalRequest>> open,
            Function<SessionId, String> nameOf,
            IntSupplier watchers,
            DeskNotices notices,
            QuietHours quiet,
            Clock clock,
            ZoneId zone,
            Consumer<SessionId> window) {
        this.open = open;
        this.nameOf = nameOf;
        this.watchers = watchers;
        this.notices = notices;
        this.quiet = quiet;
        this.clock = clock;
        this.zone = zone;
        this.window = window;
        // The desktop may take its time: whoever opens a request never waits for it.
        thread = Thread.ofPlatform().daemon().name("attention").unstarted(this::run);
    }

    /// Begins to look; what waits from before is told too.
    public void start() {
        changed();
        thread.start();
    }

    /// Something opened, ended, or somebody came or went.
    public void changed() {
        lock.lock();
        try {
            look = true;
            something.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        Duration pause = LONGEST_WAIT;
        while (await(pause)) {
            pause = look();
        }
        if (shown) {
            notices.withdraw();
        }
        notices.close();
    }

    /// @return false: it is closed
    private boolean await(Duration most) {
        lock.lock();
        try {
            long left = most.toNanos();
            while (!look && !closed && left > 0) {
                left = something.awaitNanos(left);
            }
            look = false;
            return !closed;
        } catch (InterruptedException _) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// @return when to look again, if nothing changes before
    private Duration look() {
        List<ApprovalRequest> waiting = open.get();
        List<String> ids = waiting.stream().map(ApprovalRequest::id).toList();
        told.retainAll(ids);
        if (watchers.getAsInt() > 0 || waiting.isEmpty()) {
            told.addAll(ids);
            if (shown) {
                shown = false;
                notices.withdraw();
            }
            return LONGEST_WAIT;
        }
        List<ApprovalRequest> fresh = new ArrayList<>(waiting);
        fresh.removeIf(each -> told.contains(each.id()));
        if (fresh.isEmpty()) {
            return LONGEST_WAIT;
        }
        Optional<Duration> silence = quiet.left(clock.instant().atZone(zone));
        if (silence.isPresent()) {
            return silence.get();
        }
        told.addAll(ids);
        shown = true;
        ApprovalRequest first = fresh.getFirst();
        notices.show(
                waiting.size() == 1
                        ? "%s waits for you".formatted(nameOf.apply(first.session()))
                        : "%d requests wait for you".formatted(waiting.size()),
                (waiting.size() == 1 ? "%s: %s" : "%s: %s, in %s")
                        .formatted(
                                first.level().word(), first.title(), nameOf.apply(first.session())),
                first.level().compareTo(Level.HIGH) >= 0,
                () -> window.accept(first.session()));
        return LONGEST_WAIT;
    }

    /// Takes the notice away.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            something.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
