package dev.countersign.egress;

import dev.countersign.domain.CountersignException;
import dev.countersign.egress.EgressEvent.What;
import dev.countersign.egress.RequestHead.Refused;
import dev.countersign.secrets.Canaries;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: its request is read, decided, recorded, and only then carried out.
final class EgressConnection {
    private static final int SMALLEST = 4 << 10;
    private static final int LARGEST = 64 << 10;
    private static final int HEAD_OF_ANSWER = 64 << 10;
    private static final Duration NEXT_REQUEST = Duration.ofSeconds(30);
    private static final String EGRESS = "egress";
    private static final int LARGEST_BODY = 8 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(EgressConnection.class);

    private final EgressProxy proxy;
    private final SocketChannel client;
    private final long number;
    private final boolean claims;
    private volatile Instant decidedAt = Instant.EPOCH;
    private final Wire in;
    private final AtomicReference<@Nullable Reason> cutFor = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();

    private volatile @Nullable SocketChannel server;
    private volatile @Nullable CanonicalHost host;
    private volatile int port;
    private volatile @Nullable Decision allowed;

    /// The registry that is read, if one is.
    private volatile @Nullable Origin reading;

    private volatile @Nullable AutoCloseable upstreamOfReading;

    /// Where the host asks a server with a credential of its own, instead of [#server].
    private volatile @Nullable ApiCall api;

    private volatile @Nullable Future<?> asked;

    /// Until when this step must be done; 0: only idleness counts.
    private volatile long deadline;

    private volatile Reason late = Reason.REQUEST_SLOW;
    private volatile long lastMoved = System.nanoTime();
    private String method = "";
    private @Nullable String process;

    /// @param claims whether the guest's relay says first who connected
    EgressConnection(EgressProxy proxy, SocketChannel client, long number, boolean claims) {
        this.proxy = proxy;
        this.client = client;
        this.number = number;
        this.claims = claims;
        this.in = new Wire(client);
    }

    /// Carries one request from its first byte to its end.
    void serve(boolean full) {
        try (client) {
            if (full) {
                refuse(503, Decision.deny(Reason.LIMIT_CONNECTIONS, "", 0));
            } else {
                one();
            }
        } catch (IOException e) {
            Reason reason = cutFor.get();
            if (reason != null && reason != Reason.CLOSED && allowed == null) {
                tellQuietly(Decision.deny(reason, shownHost(), port));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    private void one() throws IOException, InterruptedException {
        try {
            within(proxy.limits().headTime().toNanos(), Reason.REQUEST_SLOW);
            if (claims) {
                process = ProcessClaim.read(in);
            }
            RequestHead head = RequestHead.read(in, proxy.limits().headBytes());
            while (head != null) {
                method = head.method();
                if (proxy.canaries().in(EGRESS, head.shownTarget(), head.text())) {
                    throw new Refused(Reason.CANARY);
                }
                head = request(head) ? next() : null;
            }
        } catch (Refused e) {
            refuse(statusOf(e.reason()), Decision.deny(e.reason(), shownHost(), port));
        }
    }

    /// A request that is well formed and may not be made is forbidden; clients tell their users so.
    private static int statusOf(Reason reason) {
        return switch (reason) {
            case CANARY,
                    CREDENTIAL_UNKNOWN,
                    CREDENTIAL_SCOPE,
                    CREDENTIAL_MISSING,
                    GUEST_CREDENTIAL ->
                    403;
            default -> 400;
        };
    }

    /// The next request of a client that reads a registry.
    private @Nullable RequestHead next() throws IOException, Refused {
        within(NEXT_REQUEST.toNanos(), Reason.CLOSED);
        return RequestHead.read(in, proxy.limits().headBytes());
    }

    private void within(long nanos, Reason reason) {
        late = reason;
        deadline = System.nanoTime() + nanos;
    }

    private String shownHost() {
        CanonicalHost known = host;
        return known == null ? "" : known.name();
    }

    /// Cuts what took too long.
    void lookAt(long now) {
        long until = deadline;
        if (until != 0 && now - until > 0) {
            cut(late);
        } else if (until == 0 && now - lastMoved > proxy.limits().idleTime().toNanos()) {
            cut(Reason.IDLE);
        }
    }

    /// Cuts what is not allowed any more.
    void judgeAgain(EgressPolicy policy) {
        CanonicalHost known = host;
        Origin origin = reading;
        boolean revoked =
                origin != null
                        ? !OriginGateway.decision(origin, policy, decidedAt).allowed()
                        : known != null && allowed != null && !stillAllowed(policy, known);
        if (revoked) {
            cut(Reason.REVOKED);
        }
    }

    private boolean stillAllowed(EgressPolicy policy, CanonicalHost known) {
        ApiCall call = api;
        return call == null
                ? policy.check(known, port, decidedAt).allowed()
                : policy.checkCredential(known, port, decidedAt).allowed()
                        && proxy.credentials().usable(call.credential().name()).isPresent();
    }

    void cut(Reason reason) {
        cutFor.compareAndSet(null, reason);
        Future<?> request = asked;
        if (request != null) {
            request.cancel(true);
        }
        close(client);
        close(server);
        endReading();
    }

    private void endReading() {
        AutoCloseable upstream = upstreamOfReading;
        if (upstream instanceof Closeable socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private static void close(@Nullable SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    // --- the request ---------------------------------------------------------------------------

    /// @return whether the connection may carry another
    private boolean request(RequestHead head) throws IOException, Refused, InterruptedException {
        // The one place below the registries' prefix that is none of theirs.
        if (head.target().startsWith(ApiCall.PREFIX)) {
            askServer(head);
            return false;
        }
        String registry = registry(head);
        if (registry != null) {
            return read(head, registry);
        }
        if (proxy.registries() != null && head.target().startsWith(GitGateway.PREFIX)) {
            return git(head);
        }
        if (head.method().equals("CONNECT")) {
            tunnel(head);
        } else {
            forward(head);
        }
        return false;
    }

    private static void ownHost(@Nullable String named) throws Refused {
        if (named == null || !named.matches("(127\\.0\\.0\\.1|localhost)(:[0-9]{1,5})?")) {
            throw new Refused(Reason.HOST_MISMATCH);
        }
    }

    /// A fetch by name, decided as any other connection, and carried out by the host.
    private boolean git(RequestHead head) throws IOException, Refused, InterruptedException {
        ownHost(head.value("host"));
        reading = null;
        GitGateway gateway = Objects.requireNonNull(proxy.registries()).git();
        try {
            GitGateway.Asked asked = gateway.read(head);
            byte[] body = gateway.body(head, in, asked);
            Decision decision =
                    decide(new Authority(asked.host(), asked.port()), "git fetch " + asked.path());
            CanonicalHost known = host;
            if (!decision.allowed() || known == null) {
                refuse(403, decision);
                return false;
            }
            InetAddress address = address(known);
            if (address == null) {
                return false;
            }
            Reading line = new Reading();
            line.decided(
                    decision,
                    Addresses.text(address.getAddress()),
                    List.of("git fetch " + asked.path()));
            allowed = decision;
            judgeAgain(proxy.policy());
            deadline = 0;
            lastMoved = System.nanoTime();
            return gateway.fetch(head, asked, body, address, line);
        } catch (OriginGateway.Denied e) {
            refuse(e.status(), e.decision());
        } catch (NotRecorded e) {
            notRecorded(e);
        }
        return false;
    }

    private void notRecorded(NotRecorded why) {
        LOG.warn("a request could not be recorded, so it is refused", why);
        refuse(503, Decision.deny(Reason.NOT_RECORDED, shownHost(), port));
    }

    /// The path at the gateway of registries, if it is that which is asked for.
    private @Nullable String registry(RequestHead head) throws Refused {
        OriginGateway gateway = proxy.registries();
        String target = head.target();
        if (gateway == null || head.method().equals("CONNECT")) {
            return null;
        }
        String named = head.value("host");
        if (OriginPath.names(target)) {
            ownHost(named);
            return target;
        }
        // Where a host is apt's but is asked something else, it is a request like any other.
        String below = gateway.below(target).orElse(null);
        boolean reads = head.method().equals("GET") || head.method().equals("HEAD");
        return reads && named != null && target.startsWith("http://" + named + "/") ? below : null;
    }

    private boolean read(RequestHead head, String registry)
            throws IOException, InterruptedException {
        OriginGateway gateway = Objects.requireNonNull(proxy.registries());
        deadline = 0;
        lastMoved = System.nanoTime();
        decidedAt = ForwardClock.SYSTEM.instant();
        try {
            return gateway.serve(head, registry, new Reading());
        } catch (OriginGateway.Denied e) {
            refuse(e.status(), e.decision());
        } catch (NotRecorded e) {
            notRecorded(e);
        }
        return false;
    }

    private static final class NotRecorded extends IOException {
        private static final long serialVersionUID = 1;

        NotRecorded(IOException cause) {
            super(cause);
        }
    }

    /// This connection, to whoever reads a registry for it.
    private final class Reading implements OriginGateway.Line {
        @Override
        public EgressPolicy policy() {
            return proxy.policy();
        }

        @Override
        public void decided(Decision decision, @Nullable String address, List<String> flags)
                throws IOException {
            try {
                tell(What.DECISION, decision, address, flags);
            } catch (IOException e) {
                throw new NotRecorded(e);
            }
        }

        @Override
        public void reads(Origin origin, Decision decision) {
            reading = origin;
            allowed = decision;
            port = decision.port();
            judgeAgain(proxy.policy());
        }

        @Override
        public void holds(AutoCloseable socket) {
            upstreamOfReading = socket;
            if (cutFor.get() != null) {
                endReading();
            }
        }

        @Override
        public void sentUp(String name, int bytes) throws IOException {
            count(name, bytes);
        }

        @Override
        public void send(byte[] bytes, int count) throws IOException {
            lastMoved = System.nanoTime();
            countBack(sendPart(client, bytes, count < 0 ? bytes.length : count));
        }
    }

    /// `host:port`, both said.
    private record Authority(String host, int port) {
        static Authority of(String text, int usual) throws Refused {
            int colon = text.lastIndexOf(':');
            boolean bracketed = text.startsWith("[");
            if (bracketed && text.indexOf(']') < 0) {
                throw new Refused(Reason.HOST_MALFORMED);
            }
            boolean hasPort = bracketed ? colon > text.indexOf(']') : colon >= 0;
            if (!hasPort && usual == 0) {
                throw new Refused(Reason.PORT_INVALID);
            }
            if (!hasPort) {
                return new Authority(text, usual);
            }
            String digits = text.substring(colon + 1);
            if (!digits.matches("[0-9]{1,5}") || (digits.length() > 1 && digits.startsWith("0"))) {
                throw new Refused(Reason.PORT_INVALID);
            }
            String host = text.substring(0, colon);
            if (!bracketed && host.indexOf(':') >= 0) {
                throw new Refused(Reason.HOST_MALFORMED);
            }
            return new Authority(host, Integer.parseInt(digits));
        }
    }

    /// @param target path of a plain request, for whoever is asked
    private Decision decide(Authority asked, String target)
            throws IOException, InterruptedException {
        port = asked.port();
        CanonicalHost.Read read = CanonicalHost.read(asked.host());
        CanonicalHost known = read.host();
        host = known;
        decidedAt = ForwardClock.SYSTEM.instant();
        if (known == null) {
            return proxy.policy().check(asked.host(), asked.port());
        }
        if (proxy.credentials().brokers(known.name(), asked.port())) {
            return Decision.deny(Reason.CREDENTIAL_BROKERED, known.name(), asked.port());
        }
        Decision decision = proxy.policy().check(known, asked.port(), decidedAt);
        return decision.verdict() == Decision.Verdict.ASK
                ? held(known, decision, target)
                : decision;
    }

    /// Waits for an answer, with the connection open and nothing sent either way.
    private Decision held(CanonicalHost known, Decision asks, String target)
            throws IOException, InterruptedException {
        deadline = 0;
        lastMoved = System.nanoTime();
        if (proxy.canAsk()) {
            tell(What.HELD, asks, null, List.of());
        }
        Decision answer =
                proxy.asking().ask(new Asking.Wanted(known.name(), port, method, target, process));
        lastMoved = System.nanoTime();
        within(proxy.limits().headTime().toNanos(), Reason.REQUEST_SLOW);
        if (!answer.allowed()) {
            return answer;
        }
        decidedAt = ForwardClock.SYSTEM.instant();
        return proxy.policy().check(known, port, decidedAt);
    }

    /// The Host header, where there is one, names the target too.
    private void sameHost(RequestHead head, Authority asked, int usual) throws Refused {
        String header = head.value("host");
        if (header == null) {
            if (head.version().equals("HTTP/1.1")) {
                throw new Refused(Reason.HOST_MISMATCH);
            }
            return;
        }
        Authority named;
        try {
            named = Authority.of(header, usual);
        } catch (Refused e) {
            throw new Refused(Reason.HOST_MISMATCH);
        }
        CanonicalHost one = CanonicalHost.read(named.host()).host();
        CanonicalHost other = host;
        if (one == null
                || other == null
                || !one.name().equals(other.name())
                || named.port() != asked.port()) {
            throw new Refused(Reason.HOST_MISMATCH);
        }
    }

    private void tunnel(RequestHead head) throws IOException, Refused, InterruptedException {
        Authority asked = Authority.of(head.target(), 0);
        Decision decision = decide(asked, "");
        CanonicalHost known = host;
        if (!decision.allowed() || known == null) {
            refuse(403, decision);
            return;
        }
        // Clients write the port of the target, or leave it out where it is the usual one.
        sameHost(head, asked, asked.port());
        if (head.bodyLength() != 0) {
            throw new Refused(Reason.SMUGGLING);
        }
        InetAddress address = address(known);
        if (address == null) {
            return;
        }
        if (proxy.policy().plainTunnel(known, port)) {
            if (dial(address, decision, List.of())) {
                answer("HTTP/1.1 200 Connection established\r\n\r\n");
                relay(new byte[0]);
            }
            return;
        }
        answer("HTTP/1.1 200 Connection established\r\n\r\n");
        within(proxy.limits().headTime().toNanos(), Reason.TUNNEL_SLOW);
        ClientHello hello;
        try {
            hello = ClientHello.read(in);
        } catch (ClientHello.NotTls e) {
            tellQuietly(Decision.deny(Reason.TUNNEL_NOT_TLS, known.name(), port));
            return;
        } catch (EOFException e) {
            tellQuietly(Decision.deny(Reason.TUNNEL_NOT_TLS, known.name(), port));
            return;
        }
        List<String> flags = hello.encrypted() ? List.of("ech") : List.of();
        Reason wrong = wrongName(hello, known);
        if (wrong != null) {
            tell(What.DECISION, Decision.deny(wrong, known.name(), port), null, flags);
            alert(112);
            return;
        }
        if (dial(address, decision, flags)) {
            relay(hello.raw());
        }
    }

    private static @Nullable Reason wrongName(ClientHello hello, CanonicalHost host) {
        String name = hello.serverName();
        if (name == null) {
            return host.address() ? null : Reason.SNI_MISSING;
        }
        // As the standard writes it: no dot at the end, no address. Case alone may differ.
        return name.equalsIgnoreCase(host.name()) && !host.address() ? null : Reason.SNI_MISMATCH;
    }

    /// A fatal alert, so that the client says more than that the connection was lost.
    private void alert(int description) throws IOException {
        client.write(ByteBuffer.wrap(new byte[] {21, 3, 3, 0, 2, 2, (byte) description}));
    }

    private void forward(RequestHead head) throws IOException, Refused, InterruptedException {
        String target = head.target();
        if (!target.regionMatches(true, 0, "http://", 0, 7)) {
            boolean other = target.indexOf("://") > 0;
            throw new Refused(other ? Reason.SCHEME : Reason.REQUEST_MALFORMED);
        }
        if (head.method().equals("TRACE") || head.method().equals("TRACK")) {
            throw new Refused(Reason.METHOD);
        }
        int slash = indexOfAny(target, "/?#\\", 7);
        String path = slash < 0 ? "/" : target.substring(slash);
        String authority = slash < 0 ? target.substring(7) : target.substring(7, slash);
        if (path.indexOf('#') >= 0 || path.startsWith("\\")) {
            throw new Refused(Reason.REQUEST_MALFORMED);
        }
        Authority asked = Authority.of(authority, 80);
        if (asked.port() == 443) {
            throw new Refused(Reason.SCHEME);
        }
        Decision decision = decide(asked, path);
        CanonicalHost known = host;
        if (!decision.allowed() || known == null) {
            refuse(403, decision);
            return;
        }
        sameHost(head, asked, 80);
        InetAddress address = address(known);
        if (address == null || !dial(address, decision, List.of())) {
            return;
        }
        SocketChannel upstream = server;
        if (upstream == null) {
            return;
        }
        String hostField =
                (known.address() && known.name().indexOf(':') >= 0
                                ? "[" + known.name() + "]"
                                : known.name())
                        + (port == 80 ? "" : ":" + port);
        String originForm = path.startsWith("/") ? path : "/" + path;
        count(known.name(), send(upstream, head.bytes(originForm, hostField)));
        Thread body = Thread.ofVirtual().start(() -> body(head, upstream, known.name()));
        answerOf(upstream, head);
        close(upstream);
        close(client);
        join(body);
    }

    // --- servers with a credential of the host -------------------------------------------------

    private void askServer(RequestHead head) throws IOException, Refused, InterruptedException {
        ApiCall call = ApiCall.read(head, proxy.credentials());
        Credential credential = call.credential();
        port = credential.port();
        CanonicalHost known = CanonicalHost.read(credential.host()).host();
        host = known;
        if (known == null) {
            throw new Refused(Reason.HOST_MALFORMED);
        }
        decidedAt = ForwardClock.SYSTEM.instant();
        Decision decision =
                proxy.policy()
                        .checkCredential(known, port, decidedAt)
                        .by("credential " + credential.name());
        if (!decision.allowed()) {
            refuse(403, decision);
            return;
        }
        byte[] body = wholeBody(head);
        if (proxy.canaries().in("api", known.name(), body)) {
            throw new Refused(Reason.CANARY);
        }
        deadline = 0;
        String secret;
        try {
            secret = proxy.credentials().value(credential);
            tell(What.DECISION, decision, null, List.of());
            proxy.credentials().used(call);
        } catch (CountersignException | IOException e) {
            LOG.warn("the credential {} is not used: {}", credential.name(), e.getMessage());
            refuse(503, Decision.deny(Reason.CREDENTIAL_UNREADABLE, known.name(), port));
            return;
        }
        api = call;
        allowed = decision;
        judgeAgain(proxy.policy());
        handOver(call, secret, body, known.name());
    }

    private void handOver(ApiCall call, String secret, byte[] body, String name)
            throws IOException, InterruptedException {
        count(name, call.path().length() + call.query().length() + body.length);
        CompletableFuture<HttpResponse<InputStream>> request =
                proxy.credentials().send(call, secret, body);
        asked = request;
        if (cutFor.get() != null) {
            request.cancel(true);
        }
        HttpResponse<InputStream> response;
        ApiServer.Answer answer;
        try {
            response = request.get();
            answer = ApiServer.answer(call, secret, response);
        } catch (ExecutionException | CancellationException | IOException e) {
            LOG.info("a server did not answer: {}", String.valueOf(e.getMessage()));
            cutFor.compareAndSet(null, Reason.DIAL_FAILED);
            answer(errorPage(502, Decision.deny(Reason.DIAL_FAILED, name, port)));
            return;
        }
        answer(ApiServer.head(answer));
        try (InputStream in = answer.body()) {
            answer.values().redact(in, new Back());
        }
    }

    /// To the client, counted.
    private final class Back extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, count);
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
            countBack(count);
        }
    }

    /// All of it, for it is looked through before it leaves.
    private byte[] wholeBody(RequestHead head) throws IOException, Refused {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (head.bodyLength() > LARGEST_BODY) {
            throw new Refused(Reason.REQUEST_TOO_LARGE);
        }
        String expects = head.value("expect");
        if (expects != null && expects.equalsIgnoreCase("100-continue") && head.bodyLength() != 0) {
            answer("HTTP/1.1 100 Continue\r\n\r\n");
        }
        within(proxy.limits().headTime().toNanos() * 6, Reason.REQUEST_SLOW);
        Body to =
                (bytes, count) -> {
                    if (body.size() + count > LARGEST_BODY) {
                        throw new Refused(Reason.REQUEST_TOO_LARGE);
                    }
                    body.write(bytes, 0, count);
                };
        if (head.bodyLength() >= 0) {
            piece(to, head.bodyLength());
        } else {
            for (long length = chunkLength(); length != 0; length = chunkLength()) {
                piece(to, length);
                emptyLine();
            }
            emptyLine();
        }
        return body.toByteArray();
    }

    private static int indexOfAny(String text, String signs, int from) {
        for (int i = from; i < text.length(); i++) {
            if (signs.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    // --- the way out ---------------------------------------------------------------------------

    /// The one address that will be dialled; all that the name has are looked at first.
    private @Nullable InetAddress address(CanonicalHost known) {
        byte[] literal = known.bytes();
        List<byte[]> all = literal == null ? resolved(known.name()) : List.of(literal);
        if (all.isEmpty()) {
            refuse(502, Decision.deny(Reason.DNS_FAILED, known.name(), port));
            return null;
        }
        for (byte[] one : all) {
            Reason refused = proxy.policy().refusedAddress(one, port);
            if (refused == null && self(one) && !ownLoopback(one)) {
                refused = Reason.IP_SELF;
            }
            if (refused != null) {
                refuse(403, Decision.deny(refused, known.name(), port));
                return null;
            }
        }
        return Addresses.inet(all.getFirst());
    }

    private List<byte[]> resolved(String name) {
        if (name.equals("localhost")) {
            return List.of(new byte[] {127, 0, 0, 1});
        }
        return proxy.resolver().addresses(name);
    }

    private static boolean self(byte[] address) {
        try {
            return NetworkInterface.getByInetAddress(Addresses.inet(address)) != null;
        } catch (SocketException e) {
            return true;
        }
    }

    /// A rule named it, or it would have been refused before.
    private static boolean ownLoopback(byte[] address) {
        return Addresses.refused(address).isPresent();
    }

    /// Records the decision, then connects.
    private boolean dial(InetAddress address, Decision decision, List<String> flags)
            throws IOException {
        Reason full = overLimit(decision.host(), 0);
        if (full != null) {
            refuse(403, Decision.deny(full, decision.host(), port));
            return false;
        }
        try {
            tell(What.DECISION, decision, Addresses.text(address.getAddress()), flags);
        } catch (IOException e) {
            LOG.warn("a connection could not be recorded, so it is refused", e);
            refuseDial(Decision.deny(Reason.NOT_RECORDED, decision.host(), port), 503);
            return false;
        }
        allowed = decision;
        within(proxy.limits().dialTime().toNanos(), Reason.DIAL_FAILED);
        SocketChannel upstream = SocketChannel.open();
        server = upstream;
        // The policy may have changed since; whoever comes second sees the other.
        judgeAgain(proxy.policy());
        try {
            upstream.connect(new InetSocketAddress(address, port));
            upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            cutFor.compareAndSet(null, Reason.DIAL_FAILED);
            close(upstream);
            refuseDial(Decision.deny(Reason.DIAL_FAILED, decision.host(), port), 502);
            return false;
        }
        deadline = 0;
        lastMoved = System.nanoTime();
        return true;
    }

    /// Says why a host is not dialled, to a client that may have been told that it has its tunnel.
    private void refuseDial(Decision refused, int status) throws IOException {
        if (client.isOpen()) {
            if (method.equals("CONNECT") && !proxy.policy().plainTunnel(hostOrFail(), port)) {
                alert(80);
            } else {
                answer(errorPage(status, refused));
            }
        }
    }

    private CanonicalHost hostOrFail() {
        CanonicalHost known = host;
        if (known == null) {
            throw new IllegalStateException("a host is known before it is dialled");
        }
        return known;
    }

    private @Nullable Reason overLimit(String name, long more) {
        if (proxy.sentTo(name).get() + more > proxy.limits().hostBytes()) {
            return Reason.LIMIT_HOST_BYTES;
        }
        return proxy.sentInAll().get() + more > proxy.limits().sessionBytes()
                ? Reason.LIMIT_SESSION_BYTES
                : null;
    }

    /// Counts what goes to the host; cuts where it becomes too much.
    private void count(String name, int bytes) throws IOException {
        sent.addAndGet(bytes);
        proxy.sentTo(name).addAndGet(bytes);
        proxy.sentInAll().addAndGet(bytes);
        lastMoved = System.nanoTime();
        Reason full = overLimit(name, 0);
        if (full != null) {
            cut(full);
            throw new IOException(full.code());
        }
    }

    private void relay(byte[] first) throws IOException {
        SocketChannel upstream = server;
        if (upstream == null) {
            return;
        }
        String name = shownHost();
        if (first.length > 0) {
            count(name, send(upstream, first));
        }
        byte[] early = in.takeBuffered();
        if (early.length > 0) {
            count(name, send(upstream, early));
        }
        Thread back = Thread.ofVirtual().start(() -> backwards(upstream));
        try {
            copy(client, upstream, bytes -> count(name, bytes));
            upstream.shutdownOutput();
        } catch (IOException e) {
            cutFor.compareAndSet(null, Reason.CLOSED);
            close(upstream);
            close(client);
        }
        join(back);
        close(upstream);
    }

    private void backwards(SocketChannel upstream) {
        try {
            copy(upstream, client, this::countBack);
            client.shutdownOutput();
        } catch (IOException e) {
            cutFor.compareAndSet(null, Reason.CLOSED);
            close(upstream);
            close(client);
        }
    }

    private void countBack(int bytes) {
        received.addAndGet(bytes);
        lastMoved = System.nanoTime();
    }

    private interface Counter {
        void moved(int bytes) throws IOException;
    }

    /// Small while little is sent, so that a thousand idle tunnels cost little.
    private static void copy(SocketChannel from, SocketChannel to, Counter counter)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(SMALLEST);
        while (from.read(buffer) >= 0) {
            boolean more = !buffer.hasRemaining() && buffer.capacity() < LARGEST;
            buffer.flip();
            counter.moved(buffer.remaining());
            while (buffer.hasRemaining()) {
                to.write(buffer);
            }
            buffer.clear();
            if (more) {
                buffer = ByteBuffer.allocateDirect(LARGEST);
            }
        }
    }

    private static int send(SocketChannel to, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
        return bytes.length;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- plain HTTP ----------------------------------------------------------------------------

    /// Sends on as many bytes as the head announced, chunks checked.
    private void body(RequestHead head, SocketChannel upstream, String name) {
        Canaries.Passing passing = proxy.canaries().passing(EGRESS, name);
        try {
            if (head.bodyLength() >= 0) {
                piece(on(upstream, name, passing), head.bodyLength());
            } else {
                chunks(upstream, name, passing);
            }
        } catch (IOException e) {
            cutFor.compareAndSet(null, Reason.CLOSED);
            close(upstream);
        } catch (Refused e) {
            cut(e.reason());
        }
    }

    /// Where a request's body goes.
    private interface Body {
        void part(byte[] bytes, int count) throws IOException, Refused;
    }

    private Body on(SocketChannel upstream, String name, Canaries.Passing passing) {
        return (bytes, count) -> {
            if (passing.more(bytes, count)) {
                tellQuietly(Decision.deny(Reason.CANARY, name, port));
                throw new Refused(Reason.CANARY);
            }
            count(name, sendPart(upstream, bytes, count));
        };
    }

    private void piece(Body to, long length) throws IOException, Refused {
        byte[] buffer = new byte[SMALLEST * 4];
        long left = length;
        while (left > 0) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new EOFException();
            }
            to.part(buffer, count);
            left -= count;
        }
    }

    private static int sendPart(SocketChannel to, byte[] bytes, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
        return count;
    }

    private void chunks(SocketChannel upstream, String name, Canaries.Passing passing)
            throws IOException, Refused {
        while (true) {
            long length = chunkLength();
            String size = Long.toHexString(length);
            count(name, send(upstream, (size + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
            if (length == 0) {
                break;
            }
            piece(on(upstream, name, passing), length);
            emptyLine();
            count(name, send(upstream, new byte[] {'\r', '\n'}));
        }
        // Trailers may not come: nobody needs them, and they are another way to smuggle.
        emptyLine();
        count(name, send(upstream, new byte[] {'\r', '\n'}));
    }

    private long chunkLength() throws IOException, Refused {
        String size = new RequestHead.Lines(in, 64).must();
        if (!size.matches("[0-9a-fA-F]{1,8}")) {
            throw new Refused(Reason.SMUGGLING);
        }
        return Long.parseLong(size, 16);
    }

    private void emptyLine() throws IOException, Refused {
        if (!new RequestHead.Lines(in, 2).must().isEmpty()) {
            throw new Refused(Reason.SMUGGLING);
        }
    }

    /// Hands over the answer with `Connection: close`; its end is the end of the connection.
    private void answerOf(SocketChannel upstream, RequestHead request) throws IOException {
        Wire from = new Wire(upstream);
        while (true) {
            List<String> lines = answerHead(from);
            String status = lines.getFirst();
            boolean interim = status.matches("HTTP/1\\.[01] 1[0-9]{2}( .*)?");
            if (!status.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")
                    || status.matches("HTTP/1\\.[01] 101( .*)?")) {
                answer(errorPage(502, Decision.deny(Reason.REQUEST_MALFORMED, shownHost(), port)));
                return;
            }
            StringBuilder head = new StringBuilder(status).append("\r\n");
            for (String line : lines.subList(1, lines.size())) {
                if (!hop(line)) {
                    head.append(line).append("\r\n");
                }
            }
            head.append(interim ? "\r\n" : "Connection: close\r\n\r\n");
            answer(head.toString());
            if (interim) {
                continue;
            }
            byte[] early = from.takeBuffered();
            countBack(send(client, early));
            if (!request.method().equals("HEAD")) {
                copyAnswer(upstream, early.length, contentLength(lines));
            }
            return;
        }
    }

    private void copyAnswer(SocketChannel upstream, long already, long length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(SMALLEST * 4);
        long had = already;
        while ((length < 0 || had < length) && upstream.read(buffer) >= 0) {
            buffer.flip();
            had += buffer.remaining();
            countBack(buffer.remaining());
            while (buffer.hasRemaining()) {
                client.write(buffer);
            }
            buffer.clear();
        }
    }

    private static long contentLength(List<String> lines) {
        for (String line : lines) {
            if (line.matches("(?i)content-length:\\s*[0-9]{1,15}\\s*")) {
                return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return -1;
    }

    private static boolean hop(String line) {
        return line.matches("(?i)(connection|proxy-connection|keep-alive|upgrade|alt-svc)\\s*:.*");
    }

    /// A server may be sloppier than a client: bare line feeds end its lines too.
    private static List<String> answerHead(InputStream from) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int left = HEAD_OF_ANSWER; left > 0; left--) {
            int c = from.read();
            if (c < 0) {
                throw new EOFException();
            }
            if (c == '\n') {
                String text = line.toString().stripTrailing();
                if (text.isEmpty() && !lines.isEmpty()) {
                    return lines;
                }
                lines.add(text);
                line.setLength(0);
            } else if (c != '\r' && c != 0) {
                line.append((char) c);
            }
        }
        throw new IOException("the answer's head is too large");
    }

    // --- telling -------------------------------------------------------------------------------

    private void tell(What what, Decision decision, @Nullable String address, List<String> flags)
            throws IOException {
        proxy.record(
                new EgressEvent(
                        number,
                        what,
                        decision,
                        method,
                        process,
                        address,
                        flags,
                        sent.get(),
                        received.get()));
    }

    /// What is refused stays refused, whether it can be written down or not.
    private void tellQuietly(Decision refused) {
        try {
            tell(What.DECISION, refused, null, List.of());
        } catch (IOException e) {
            LOG.warn("a refused connection could not be recorded", e);
        }
    }

    private void end() {
        Decision decision = allowed;
        if (decision != null && ended.compareAndSet(false, true)) {
            Reason reason = cutFor.get();
            try {
                tell(
                        What.END,
                        new Decision(
                                decision.verdict(),
                                reason == null ? Reason.CLOSED : reason,
                                decision.host(),
                                decision.port(),
                                decision.rule()),
                        null,
                        List.of());
            } catch (IOException e) {
                LOG.warn("the end of a connection could not be recorded", e);
            }
        }
        close(server);
    }

    private void refuse(int status, Decision refused) {
        tellQuietly(refused);
        try {
            within(proxy.limits().headTime().toNanos(), Reason.REQUEST_SLOW);
            answer(errorPage(status, refused));
            client.shutdownOutput();
            in.drain();
        } catch (IOException e) {
            cutFor.compareAndSet(null, refused.reason());
        }
    }

    private static String errorPage(int status, Decision decision) {
        String text = decision.says() + "\n";
        String words =
                switch (status) {
                    case 400 -> "Bad Request";
                    case 403 -> "Forbidden";
                    case 404 -> "Not Found";
                    case 405 -> "Method Not Allowed";
                    case 502 -> "Bad Gateway";
                    default -> "Service Unavailable";
                };
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nX-Countersign-Reason: %s\r\nConnection: close\r\n\r\n%s"
                .formatted(
                        status,
                        words,
                        body.length,
                        decision.reason().code(),
                        new String(body, StandardCharsets.ISO_8859_1));
    }

    private void answer(String text) throws IOException {
        send(client, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
