package dev.countersign.egress;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.policy.EgressRules;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Canaries;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The network of one session: its proxy on the session's own socket, the policy that counts for it
/// as it is now, the questions to the developer, and what was granted. While the policy can't be
/// read nothing goes out ([P1]); every decision is in the journal before it takes effect ([P5]).
public final class SessionEgress implements AutoCloseable {
    private static final Duration HOLD = Duration.ofSeconds(60);

    private final Guest guest;
    private final PolicySource rules;
    private final Grants session;
    private final Grants repositories;
    private final Recorder recorder;
    private final Clock clock;
    private final EgressProxy proxy;
    private final HostQuestions questions;
    private final SessionServers servers;
    private Inputs seen = new Inputs("", List.of(), List.of());
    private EgressPolicy policy = EgressPolicy.BROKEN;

    /// The session as the proxy sees it.
    public interface Guest {
        /// Whose guest it is.
        SessionId id();

        /// A decision counts in its epoch alone.
        int epoch();

        /// The workspace on the host, as grants name it.
        String repository();

        /// `locked`, `packages` or `web`.
        String preset();

        /// How long a question stays open; zero: for ever.
        Duration askTimeout();

        /// What a host is to the developer, such as the registry of a tool; empty: nothing known.
        Optional<String> known(String host);

        /// The call that the agent got last, for whoever is asked; null: none yet.
        @Nullable String lastCall();
    }

    /// What a policy is made of.
    private record Inputs(String preset, List<EgressPolicy.Source> sources, List<Grant> grants) {}

    /// What a session's proxy is wired from.
    ///
    /// @param session grants for this session
    /// @param repositories grants for repositories, of all sessions
    /// @param registries those that the guest may read by path
    public record Wiring(
            PolicySource rules,
            Grants session,
            Grants repositories,
            Approvals approvals,
            Recorder recorder,
            Clock clock,
            Registries registries,
            SessionServers servers,
            Canaries canaries) {
        /// Without credentials.
        public Wiring(
                PolicySource rules,
                Grants session,
                Grants repositories,
                Approvals approvals,
                Recorder recorder,
                Clock clock,
                Registries registries) {
            this(
                    rules,
                    session,
                    repositories,
                    approvals,
                    recorder,
                    clock,
                    registries,
                    SessionServers.NONE,
                    Canaries.NONE);
        }
    }

    /// The package registries of the developer's tools, as a session reads them.
    ///
    /// @param origins as they are now
    /// @param certificates that the host trusts, in PEM; empty: those of the Java runtime
    /// @param linkKey of this session, the same for as long as its guest lives
    public record Registries(
            Supplier<Origins> origins, Supplier<byte[]> certificates, byte[] linkKey) {
        /// None.
        public static final Registries NONE =
                new Registries(() -> Origins.NONE, () -> new byte[0], new byte[32]);
    }

    private SessionEgress(
            ServerSocketChannel listener,
            Guest guest,
            Wiring wiring,
            NameResolver resolver,
            Duration hold) {
        this.guest = guest;
        this.rules = wiring.rules();
        this.session = wiring.session();
        this.repositories = wiring.repositories();
        this.recorder = wiring.recorder();
        this.clock = wiring.clock();
        this.servers = wiring.servers();
        this.questions =
                new HostQuestions(
                        guest, wiring.approvals(), session, repositories, recorder, clock, hold);
        this.proxy =
                EgressProxy.forSession(
                        listener,
                        this::policy,
                        resolver,
                        EgressLimits.USUAL,
                        this::record,
                        questions,
                        servers,
                        wiring.canaries(),
                        clock.millis(),
                        new OriginGateway(
                                wiring.registries().origins(),
                                resolver,
                                wiring.registries().linkKey(),
                                HostTrust.of(wiring.registries().certificates().get()),
                                OriginGateway.Limits.USUAL));
    }

    /// Serves a session's guest on a unix socket.
    ///
    /// @param socket in the session's own directory; one that is left of an earlier engine goes
    /// @throws CountersignException FAILED if nothing can listen there
    public static SessionEgress open(Path socket, Guest guest, Wiring wiring)
            throws CountersignException {
        return open(socket, guest, wiring, NameResolver.ofHost(), HOLD);
    }

    static SessionEgress open(
            Path socket, Guest guest, Wiring wiring, NameResolver resolver, Duration hold)
            throws CountersignException {
        try {
            Files.deleteIfExists(socket);
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(socket), 1024);
            return new SessionEgress(channel, guest, wiring, resolver, hold);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The session's egress proxy can't listen at %s: %s."
                            .formatted(socket, e.getMessage()),
                    e);
        }
    }

    /// The policy as it is now; made anew only where something changed.
    private synchronized EgressPolicy policy() {
        List<EgressPolicy.Source> sources =
                rules.inForce().stream()
                        .filter(source -> !source.egress().equals(EgressRules.NONE))
                        .map(source -> new EgressPolicy.Source(source.source(), source.egress()))
                        .toList();
        if (rules.trouble().isPresent()) {
            return EgressPolicy.BROKEN;
        }
        Inputs now = new Inputs(guest.preset(), sources, grants());
        if (!now.equals(seen)) {
            seen = now;
            policy = EgressPolicy.of(now.preset(), now.sources(), now.grants(), clock);
        }
        return policy;
    }

    /// Whether anything at all could be let through by now: else the guest needs no set-up for it.
    public boolean opensAnything() {
        return policy().opensAnything();
    }

    /// What lets new connections through by an answer of the developer.
    public List<Grant> granted() {
        Instant now = clock.instant();
        return grants().stream()
                .filter(grant -> grant.covers(grant.host(), grant.port(), now))
                .toList();
    }

    /// These, and what has ended: what it opened may still be open.
    private List<Grant> grants() {
        List<Grant> all = new ArrayList<>(session.all());
        repositories.all().stream()
                .filter(grant -> grant.covers(guest.repository()))
                .forEach(all::add);
        return all;
    }

    /// How many connections are open.
    public int connections() {
        return proxy.connections();
    }

    /// Takes grants back and cuts what is open to these hosts. In the journal first.
    ///
    /// @param place `host` or `host:port`; empty: all
    /// @return what was taken back
    public List<Grant> revoke(String place) throws CountersignException {
        Predicate<Grant> meant =
                grant ->
                        grant.covers(guest.repository())
                                && (place.isEmpty()
                                        || grant.place().equals(place)
                                        || grant.host().equals(place));
        List<Grant> gone = grants().stream().filter(meant).toList();
        if (gone.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Nothing was granted to session %s%s. See what was: countersign egress list %s. A rule of the policy ends by its line."
                            .formatted(
                                    guest.id(),
                                    place.isEmpty() ? "" : " for " + GuestText.of(place).visible(),
                                    guest.id()));
        }
        recorder.record(new Fact.HostsRevoked(gone.stream().map(Grant::place).distinct().toList()));
        session.remove(meant);
        repositories.remove(meant);
        proxy.judgeAll();
        return gone;
    }

    /// Gives the guest placeholders for the credentials that it may use.
    ///
    /// @return the environment by which its programs find them
    public Map<String, String> issueCredentials() throws CountersignException {
        return servers.issue();
    }

    /// Takes them back, and cuts what uses one.
    public void revokeCredentials(String why) throws CountersignException {
        servers.revoke(why);
        proxy.judgeAll();
    }

    /// A decision of an epoch that is over is void: what was allowed once ends.
    public void newEpoch() throws CountersignException {
        session.remove(grant -> grant.scope().equals("once"));
    }

    private void record(EgressEvent event) throws IOException {
        Decision decision = event.decision();
        GuestText process = event.process() == null ? null : GuestText.of(event.process());
        GuestText method = GuestText.of(event.method());
        Fact fact =
                switch (event.what()) {
                    case HELD ->
                            new Fact.ConnectionHeld(
                                    event.connection(),
                                    decision.host(),
                                    decision.port(),
                                    method,
                                    process);
                    case DECISION ->
                            new Fact.ConnectionDecided(
                                    event.connection(),
                                    decision.host(),
                                    decision.port(),
                                    method,
                                    decision.allowed(),
                                    decision.reason().code(),
                                    decision.says(),
                                    event.address(),
                                    event.flags(),
                                    process);
                    case END ->
                            new Fact.ConnectionEnded(
                                    event.connection(),
                                    decision.host(),
                                    decision.port(),
                                    decision.reason().code(),
                                    event.sent(),
                                    event.received());
                };
        try {
            recorder.record(fact);
        } catch (CountersignException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Cuts all that is open. Questions stay open for whoever serves next.
    @Override
    public void close() {
        questions.close();
        proxy.close();
        servers.close();
    }
}
