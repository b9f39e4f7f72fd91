package dev.countersign.egress;

import dev.countersign.secrets.Canaries;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The forward proxy of one session: CONNECT for TLS, absolute-form HTTP for the rest, one request
/// a connection. What its policy does not allow gets a 403 with the reason; where nobody can be
/// asked, neither does what would have to be asked about.
///
/// It sees names, addresses and amounts, not what TLS carries: an allowed host can be sent
/// anything, and whether the server behind it serves other names too can't be seen from here.
public final class EgressProxy implements AutoCloseable {
    private static final Duration LOOK_ROUND = Duration.ofMillis(250);
    private static final int BURST = 500;
    private static final int PER_SECOND = 50;

    private final ServerSocketChannel listener;
    private final NameResolver resolver;
    private final EgressLimits limits;
    private final EgressRecorder recorder;
    private final Asking asking;
    private final @Nullable OriginGateway registries;

    /// Whether it is a session's: its relay says who connects, its developer can be asked.
    private final boolean claims;

    private final Supplier<EgressPolicy> source;
    private final AtomicReference<EgressPolicy> policy;
    private final AtomicLong number = new AtomicLong();
    private final Pace pace = new Pace(BURST, PER_SECOND, System::nanoTime);
    private final Set<EgressConnection> open = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicLong> sentToHost = new ConcurrentHashMap<>();
    private final AtomicLong sentInAll = new AtomicLong();
    private @Nullable AtomicReference<EgressPolicy> fixed;
    private final SessionServers credentials;
    private final Canaries canaries;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("egress-clock").factory());

    private EgressProxy(
            ServerSocketChannel listener,
            Supplier<EgressPolicy> source,
            NameResolver resolver,
            EgressLimits limits,
            EgressRecorder recorder,
            Asking asking,
            SessionServers credentials,
            Canaries canaries,
            boolean claims,
            @Nullable OriginGateway registries) {
        this.credentials = credentials;
        this.canaries = canaries;
        this.registries = registries;
        this.listener = listener;
        this.source = source;
        this.policy = new AtomicReference<>(source.get());
        this.resolver = resolver;
        this.limits = limits;
        this.recorder = recorder;
        this.asking = asking;
        this.claims = claims;
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
            EgressRecorder recorder) {
        AtomicReference<EgressPolicy> fixed = new AtomicReference<>(policy);
        return begin(
                new EgressProxy(
                        listener,
                        fixed::get,
                        resolver,
                        limits,
                        recorder,
                        Asking.NOBODY,
                        SessionServers.NONE,
                        Canaries.NONE,
                        false,
                        null),
                fixed);
    }

    /// Serves a session, whose policy changes and whose developer can be asked.
    ///
    /// @param source of the policy, looked at before each decision and while something is open
    /// @param firstNumber of the connections
    /// @param registries those that the guest may read by path
    static EgressProxy forSession(
            ServerSocketChannel listener,
            Supplier<EgressPolicy> source,
            NameResolver resolver,
            EgressLimits limits,
            EgressRecorder recorder,
            Asking asking,
            SessionServers credentials,
            Canaries canaries,
            long firstNumber,
            OriginGateway registries) {
        EgressProxy proxy =
                new EgressProxy(
                        listener,
                        source,
                        resolver,
                        limits,
                        recorder,
                        asking,
                        credentials,
                        canaries,
                        true,
                        registries);
        proxy.number.set(firstNumber);
        return begin(proxy, null);
    }

    private static EgressProxy begin(
            EgressProxy proxy, @Nullable AtomicReference<EgressPolicy> fixed) {
        proxy.fixed = fixed;
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
        AtomicReference<EgressPolicy> own = fixed;
        if (own == null) {
            throw new IllegalStateException("the policy of a session has its own source");
        }
        own.set(now);
        judgeAll();
    }

    /// Looks at the policy again, and cuts at once what it does not allow any more.
    void judgeAll() {
        EgressPolicy now = policy();
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
        if (registries != null) {
            registries.close();
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                EgressConnection connection =
                        new EgressConnection(this, client, number.incrementAndGet(), claims);
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
            if (claims) {
                pace.await();
            }
            connection.serve(full);
        } finally {
            open.remove(connection);
        }
    }

    private void lookRound() {
        if (open.isEmpty()) {
            return;
        }
        EgressPolicy before = policy.get();
        if (policy() != before) {
            judgeAll();
        }
        long now = System.nanoTime();
        open.forEach(connection -> connection.lookAt(now));
    }

    EgressPolicy policy() {
        EgressPolicy now = source.get();
        policy.set(now);
        return now;
    }

    /// Whether somebody can be asked.
    boolean canAsk() {
        return claims;
    }

    @Nullable OriginGateway registries() {
        return registries;
    }

    /// The servers for which the host has a credential.
    SessionServers credentials() {
        return credentials;
    }

    /// What must not leave the guest.
    Canaries canaries() {
        return canaries;
    }

    Asking asking() {
        return asking;
    }

    NameResolver resolver() {
        return resolver;
    }

    EgressLimits limits() {
        return limits;
    }

    void record(EgressEvent event) throws IOException {
        recorder.record(event);
    }

    AtomicLong sentTo(String host) {
        return sentToHost.computeIfAbsent(host, _ -> new AtomicLong());
    }

    AtomicLong sentInAll() {
        return sentInAll;
    }
}
