package dev.countersign.egress;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// The forward proxy of one session: CONNECT for TLS, absolute-form HTTP for the rest, one request
/// a connection. What its policy does not allow gets a 403 with the reason; where nobody can be
/// asked, neither does what would have to be asked about.
///
/// It sees names, addresses and amounts, not what TLS carries: an allowed host can be sent
/// anything, and whether the server behind it serves other names too can't be seen from here.
public final class EgressProxy implements AutoCloseable {
    private static final Duration LOOK_ROUND = Duration.ofMillis(250);

    private final ServerSocketChannel listener;
    private final NameResolver resolver;
    private final EgressLimits limits;
    private final Consumer<EgressEvent> recorder;
    private final AtomicReference<EgressPolicy> policy;
    private final Set<EgressConnection> open = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicLong> sentToHost = new ConcurrentHashMap<>();
    private final AtomicLong sentInAll = new AtomicLong();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("egress-clock").factory());

    private EgressProxy(
            ServerSocketChannel listener,
            EgressPolicy policy,
            NameResolver resolver,
            EgressLimits limits,
            Consumer<EgressEvent> recorder) {
        this.listener = listener;
        this.policy = new AtomicReference<>(policy);
        this.resolver = resolver;
        this.limits = limits;
        this.recorder = recorder;
    }

    /// Serves on a bound listener until it is closed.
    ///
    /// @param recorder told of each decision before it takes effect; what it throws keeps the
    ///   connection from being made
    public static EgressProxy start(
            ServerSocketChannel listener,
            EgressPolicy policy,
            NameResolver resolver,
            EgressLimits limits,
            Consumer<EgressEvent> recorder) {
        EgressProxy proxy = new EgressProxy(listener, policy, resolver, limits, recorder);
        Thread.ofVirtual().name("egress-accept").start(proxy::accept);
        long nanos = LOOK_ROUND.toNanos();
        ScheduledFuture<?> _ =
                proxy.clock.scheduleAtFixedRate(
                        proxy::lookRound, nanos, nanos, TimeUnit.NANOSECONDS);
        return proxy;
    }

    /// Where it listens.
    public SocketAddress address() throws IOException {
        return listener.getLocalAddress();
    }

    /// From now on this policy counts; what it does not allow any more is cut at once.
    public void policy(EgressPolicy now) {
        policy.set(now);
        open.forEach(connection -> connection.judgeAgain(now));
    }

    /// From now on nothing goes out, and all that is open is cut: the policy can't be read.
    public void refuseAll() {
        policy(EgressPolicy.BROKEN);
    }

    /// How many connections are open.
    public int connections() {
        return open.size();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        try {
            listener.close();
        } catch (IOException e) {
            // It is gone either way.
        }
        open.forEach(connection -> connection.cut(Reason.CLOSED));
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                EgressConnection connection = new EgressConnection(this, client);
                open.add(connection);
                boolean full = open.size() > limits.connections();
                Thread.ofVirtual().start(() -> serve(connection, full));
            } catch (AsynchronousCloseException e) {
                return;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Out of descriptors, most likely: those that end give theirs back.
                LockSupport.parkNanos(LOOK_ROUND.toNanos());
            }
        }
    }

    private void serve(EgressConnection connection, boolean full) {
        try {
            connection.serve(full);
        } finally {
            open.remove(connection);
        }
    }

    private void lookRound() {
        long now = System.nanoTime();
        open.forEach(connection -> connection.lookAt(now));
    }

    EgressPolicy policy() {
        return policy.get();
    }

    NameResolver resolver() {
        return resolver;
    }

    EgressLimits limits() {
        return limits;
    }

    void record(EgressEvent event) {
        recorder.accept(event);
    }

    AtomicLong sentTo(String host) {
        return sentToHost.computeIfAbsent(host, _ -> new AtomicLong());
    }

    AtomicLong sentInAll() {
        return sentInAll;
    }
}
