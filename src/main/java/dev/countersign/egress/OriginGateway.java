package dev.countersign.egress;

import dev.countersign.egress.Origin.Kind;
import dev.countersign.egress.OriginPath.Shape;
import dev.countersign.egress.RequestHead.Field;
import dev.countersign.egress.RequestHead.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Reads package registries for a guest: `GET` and `HEAD` on the paths that their clients read, at
/// the places that the developer's own tools are set up with, with what those tools would send. The
/// guest sees neither.
final class OriginGateway implements AutoCloseable {
    private static final int MOST_HOPS = 5;
    private static final int MOST_REMEMBERED = 20_000;
    private static final int AT_ONCE = 4;
    private static final Duration FRESH = Duration.ofMinutes(5);

    /// What a guest says that a registry may hear.
    private static final List<String> SENT_ON =
            List.of("accept", "if-none-match", "if-modified-since", "range", "user-agent");

    private static final List<String> HANDED_BACK =
            List.of(
                    "content-type",
                    "etag",
                    "last-modified",
                    "cache-control",
                    "content-range",
                    "accept-ranges",
                    "retry-after");

    private final Supplier<Origins> origins;
    private final NameResolver resolver;
    private final OriginLinks links;
    private final OriginRewriting rewriting;
    private final OriginClient client;
    private final Limits limits;
    private final Semaphore rewritingAtOnce = new Semaphore(AT_ONCE);
    private final Pace pace = new Pace(2000, 100, System::nanoTime);
    private final Set<String> recorded = Collections.synchronizedSet(new HashSet<>());
    private final Map<String, Configuration> configurations =
            Collections.synchronizedMap(new LinkedHashMap<>());

    private record Configuration(byte[] bytes, long since) {}

    /// How much one answer may be.
    ///
    /// @param index bytes of an answer that is written anew
    /// @param file bytes of any other
    /// @param answer that a registry may be silent
    record Limits(long index, long file, Duration dial, Duration answer) {
        static final Limits USUAL =
                new Limits(64 << 20, 4L << 30, Duration.ofSeconds(10), Duration.ofSeconds(60));
    }

    /// The guest's connection, as far as it is needed here.
    interface Line {
        EgressPolicy policy();

        /// In the journal before it takes effect.
        void decided(Decision decision, @Nullable String address, List<String> flags)
                throws IOException;

        /// From now on what policy says about this origin counts for the connection.
        void reads(Origin origin, Decision decision);

        /// What ends with the connection.
        void holds(AutoCloseable socket);

        void sentUp(String host, int bytes) throws IOException;

        void send(byte[] bytes, int count) throws IOException;
    }

    OriginGateway(
            Supplier<Origins> origins,
            NameResolver resolver,
            byte[] linkKey,
            SSLSocketFactory tls,
            Limits limits) {
        this.origins = origins;
        this.resolver = resolver;
        this.links = new OriginLinks(linkKey);
        this.rewriting = new OriginRewriting(links);
        this.client = new OriginClient(tls, limits.dial(), limits.answer());
        this.limits = limits;
    }

    /// A refusal with all that is known.
    static final class Denied extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Decision decision;
        private final int status;

        Denied(int status, Decision decision) {
            super(decision.says());
            this.status = status;
            this.decision = decision;
        }

        int status() {
            return status;
        }

        Decision decision() {
            return decision;
        }
    }

    /// Serves one request.
    ///
    /// @param target from its first slash
    /// @return whether the connection may carry another
    boolean serve(RequestHead head, String target, Line line)
            throws IOException, InterruptedException, Denied {
        Origins now = origins.get();
        OriginPath path = path(target, now);
        Origin origin = path.origin();
        Decision decision = decision(origin, line.policy(), ForwardClock.SYSTEM.instant());
        check(head, decision);
        if (!decision.allowed()) {
            throw new Denied(403, decision);
        }
        line.reads(origin, decision);
        URI url = place(path, line, decision);
        try (OriginClient.Reply reply = followed(head, path, url, line, decision)) {
            return answer(head, path, reply, line, decision);
        }
    }

    /// Whether a target is below a registry of the developer's that is read over plain HTTP: apt
    /// asks a proxy so.
    Optional<String> below(String absolute) {
        for (Origin origin : origins.get().of(Kind.APT)) {
            String base = origin.base().toString();
            if (absolute.startsWith(base)) {
                return Optional.of(
                        OriginPath.PREFIX + origin.id() + "/" + absolute.substring(base.length()));
            }
        }
        return Optional.empty();
    }

    static Decision decision(Origin origin, EgressPolicy policy, Instant at) {
        CanonicalHost host = CanonicalHost.read(origin.base().getHost()).host();
        int port = Origin.port(origin.base());
        return host == null
                ? Decision.deny(Reason.HOST_MALFORMED, origin.base().getHost(), port)
                : policy.checkOrigin(host, port, at).by("registry " + origin.id());
    }

    private OriginPath path(String target, Origins now) throws Denied {
        try {
            return OriginPath.read(target, now);
        } catch (Refused e) {
            int status =
                    switch (e.reason()) {
                        case ORIGIN_UNKNOWN -> 404;
                        case ORIGIN_PATH -> 403;
                        default -> 400;
                    };
            throw new Denied(status, Decision.deny(e.reason(), "", 0).by(absent(target, now)));
        }
    }

    /// Why there is no such registry, where that is known.
    private static String absent(String target, Origins now) {
        String id = target.replaceFirst("^/o/", "").replaceFirst("[./].*", "");
        return now.absent().entrySet().stream()
                .filter(one -> one.getKey().word().equals(id))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    private static void check(RequestHead head, Decision decision) throws Denied {
        Reason wrong = null;
        int status = 400;
        if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
            wrong = Reason.METHOD;
            status = 405;
        } else if (head.bodyLength() != 0) {
            wrong = Reason.SMUGGLING;
        } else if (head.value("authorization") != null
                || head.value("cookie") != null
                || head.value("proxy-authorization") != null) {
            wrong = Reason.GUEST_CREDENTIAL;
            status = 403;
        }
        if (wrong != null) {
            throw new Denied(
                    status,
                    Decision.deny(wrong, decision.host(), decision.port()).by(decision.rule()));
        }
    }

    // --- where to ----------------------------------------------------------------------------

    private URI place(OriginPath path, Line line, Decision decision)
            throws IOException, InterruptedException, Denied {
        Origin origin = path.origin();
        return switch (path.shape()) {
            case INDEX, PLAIN -> URI.create(origin.base() + path.path());
            case LINK ->
                    links.from(origin, path.path())
                            .orElseThrow(() -> denied(403, Reason.ORIGIN_LINK, decision));
            case CRATE -> {
                byte[] configuration = configuration(origin, line, decision);
                yield OriginRewriting.crate(
                        configuration, origin.base(), path.path().substring("dl/".length()));
            }
        };
    }

    private static Denied denied(int status, Reason reason, Decision asked) {
        return new Denied(
                status, Decision.deny(reason, asked.host(), asked.port()).by(asked.rule()));
    }

    private byte[] configuration(Origin origin, Line line, Decision decision)
            throws IOException, InterruptedException, Denied {
        Configuration known = configurations.get(origin.id());
        if (known != null && System.nanoTime() - known.since() < FRESH.toNanos()) {
            return known.bytes();
        }
        OriginPath path = new OriginPath(origin, "config.json", "config.json", Shape.INDEX);
        RequestHead head = new RequestHead("GET", "", "HTTP/1.1", List.of(), 0);
        URI url = URI.create(origin.base() + path.path());
        try (OriginClient.Reply reply = followed(head, path, url, line, decision)) {
            if (reply.status() != 200) {
                throw denied(502, Reason.UPSTREAM_FAILED, decision);
            }
            byte[] bytes = index(reply, decision);
            configurations.put(origin.id(), new Configuration(bytes, System.nanoTime()));
            return bytes;
        }
    }

    /// Asks, and goes where it is led, each time checked anew.
    private OriginClient.Reply followed(
            RequestHead head, OriginPath path, URI first, Line line, Decision decision)
            throws IOException, InterruptedException, Denied {
        URI url = first;
        for (int hop = 0; hop < MOST_HOPS; hop++) {
            OriginClient.Reply reply = asked(head, path, url, line, decision);
            boolean led = List.of(301, 302, 303, 307, 308).contains(reply.status());
            if (!led) {
                return reply;
            }
            String location = reply.value("location").orElse("");
            reply.close();
            url = led(url, location, decision);
        }
        throw denied(502, Reason.REDIRECT, decision);
    }

    private static URI led(URI from, String location, Decision decision) throws Denied {
        try {
            URI to = from.resolve(location);
            boolean weaker = from.getScheme().equals("https") && !"https".equals(to.getScheme());
            boolean http = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
            if (location.isEmpty()
                    || weaker
                    || !http
                    || to.getHost() == null
                    || to.getRawUserInfo() != null
                    || to.getRawPath() == null) {
                throw denied(502, Reason.REDIRECT, decision);
            }
            return to;
        } catch (IllegalArgumentException e) {
            throw denied(502, Reason.REDIRECT, decision);
        }
    }

    private OriginClient.Reply asked(
            RequestHead head, OriginPath path, URI url, Line line, Decision decision)
            throws IOException, InterruptedException, Denied {
        Origin origin = path.origin();
        boolean own = origin.sameServer(url);
        Decision here = own ? decision : elsewhere(url, line.policy(), decision);
        InetAddress address = address(url, own, line.policy(), here);
        record(origin, path, url, own ? decision : here, address, line);
        List<Field> fields = new ArrayList<>();
        for (Field field : head.fields()) {
            if (SENT_ON.stream().anyMatch(field::is) && field.value().length() <= 512) {
                boolean part = field.is("range") && path.shape() == Shape.INDEX;
                if (!part) {
                    fields.add(field);
                }
            }
        }
        fields.add(new Field("Accept-Encoding", path.shape() == Shape.INDEX ? "gzip" : "identity"));
        if (own && origin.authorization() != null) {
            fields.add(new Field("Authorization", origin.authorization()));
        }
        byte[] bytes = OriginClient.head(head.method(), url, fields);
        line.sentUp(here.host(), bytes.length);
        try {
            return client.ask(
                    new OriginClient.Call(url, address, head.method(), bytes, new byte[0]),
                    line::holds);
        } catch (Refused e) {
            throw denied(502, e.reason(), here);
        }
    }

    /// A place that the registry led to or named: as public as any that the policy knows nothing
    /// of.
    private static Decision elsewhere(URI url, EgressPolicy policy, Decision decision)
            throws Denied {
        int port = Origin.port(url);
        CanonicalHost host = CanonicalHost.read(url.getHost()).host();
        if (host == null) {
            throw denied(502, Reason.REDIRECT, decision);
        }
        Decision said = policy.check(host, port, ForwardClock.SYSTEM.instant());
        if (!said.allowed() && said.verdict() != Decision.Verdict.ASK) {
            throw new Denied(
                    403, said.rule().isEmpty() ? said.by(decision.rule() + " leads there") : said);
        }
        return Decision.allow(Reason.REGISTRY, host.name(), port)
                .by(decision.rule() + " leads there");
    }

    private InetAddress address(URI url, boolean own, EgressPolicy policy, Decision here)
            throws Denied {
        CanonicalHost host = CanonicalHost.read(url.getHost()).host();
        if (host == null) {
            throw denied(502, Reason.HOST_MALFORMED, here);
        }
        byte[] literal = host.bytes();
        List<byte[]> all;
        if (literal != null) {
            all = List.of(literal);
        } else if (host.name().equals("localhost")) {
            all = List.of(new byte[] {127, 0, 0, 1});
        } else {
            all = resolver.addresses(host.name());
        }
        if (all.isEmpty()) {
            throw denied(502, Reason.DNS_FAILED, here);
        }
        for (byte[] one : all) {
            // What the developer's own tool is set up with may be private; a cloud's metadata
            // service is no registry.
            Reason refused =
                    own
                            ? Addresses.refused(one)
                                    .filter(reason -> reason == Reason.METADATA)
                                    .orElse(null)
                            : policy.refusedAddress(one, Origin.port(url));
            if (refused != null) {
                throw denied(403, refused, here);
            }
        }
        return Addresses.inet(all.getFirst());
    }

    /// Once for a package and place: an install asks for each in many pieces.
    private void record(
            Origin origin,
            OriginPath path,
            URI url,
            Decision decision,
            InetAddress address,
            Line line)
            throws IOException {
        String key = origin.id() + " " + path.what() + " " + url.getHost() + ":" + url.getPort();
        if (recorded.contains(key)) {
            return;
        }
        pace.await();
        line.decided(
                decision,
                address.getHostAddress(),
                List.of("origin " + origin.id(), "package " + path.what()));
        if (recorded.size() >= MOST_REMEMBERED) {
            recorded.clear();
        }
        recorded.add(key);
    }

    // --- what comes back -----------------------------------------------------------------------

    private boolean answer(
            RequestHead head, OriginPath path, OriginClient.Reply reply, Line line, Decision asked)
            throws IOException, InterruptedException, Denied {
        int status = reply.status();
        boolean whole = status == 200 || (status == 206 && path.shape() != Shape.INDEX);
        if (!whole && status != 304) {
            return said(
                    head,
                    status,
                    "the registry that %s is set up with answered %d"
                            .formatted(path.origin().kind().word(), status),
                    line);
        }
        boolean bodied = !head.method().equals("HEAD") && status != 304;
        if (path.shape() == Shape.INDEX && bodied) {
            byte[] body = rewritten(path, reply, asked);
            line.send(start(head, status, reply, body.length), -1);
            line.send(body, body.length);
            return persistent(head);
        }
        if (reply.length() > limits.file()) {
            throw denied(502, Reason.UPSTREAM_TOO_LARGE, asked);
        }
        if (head.method().equals("HEAD") && path.shape() != Shape.INDEX) {
            String said = reply.value("content-length").orElse("-1");
            line.send(start(head, status, reply, Long.parseLong(said)), -1);
            return persistent(head);
        }
        if (!bodied) {
            line.send(start(head, status, reply, -1), -1);
            return persistent(head);
        }
        return handedOn(head, reply, limits.file(), line);
    }

    /// Hands an answer's body on as it comes.
    static boolean handedOn(RequestHead head, OriginClient.Reply reply, long most, Line line)
            throws IOException {
        long length = reply.length();
        boolean chunked = length < 0 && head.version().equals("HTTP/1.1");
        line.send(start(head, reply.status(), reply, chunked ? -2 : length), -1);
        stream(reply.body(), line, chunked, most);
        return persistent(head) && (length >= 0 || chunked);
    }

    private static void stream(InputStream body, Line line, boolean chunked, long most)
            throws IOException {
        byte[] buffer = new byte[64 << 10];
        long all = 0;
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            all += count;
            if (all > most) {
                throw new IOException("the registry's answer is too large");
            }
            if (chunked) {
                line.send(ascii(Integer.toHexString(count) + "\r\n"), -1);
            }
            line.send(buffer, count);
            if (chunked) {
                line.send(ascii("\r\n"), -1);
            }
        }
        if (chunked) {
            line.send(ascii("0\r\n\r\n"), -1);
        }
    }

    private byte[] rewritten(OriginPath path, OriginClient.Reply reply, Decision asked)
            throws InterruptedException, Denied {
        // Large indexes are held whole: few at a time.
        rewritingAtOnce.acquire();
        try {
            byte[] body = index(reply, asked);
            boolean json = reply.value("content-type").orElse("").contains("json");
            return rewriting.rewritten(path.origin(), reply.url(), json, body);
        } catch (IOException e) {
            throw denied(502, Reason.UPSTREAM_FAILED, asked);
        } finally {
            rewritingAtOnce.release();
        }
    }

    private byte[] index(OriginClient.Reply reply, Decision asked) throws IOException, Denied {
        boolean zipped = reply.value("content-encoding").orElse("").equalsIgnoreCase("gzip");
        InputStream in = zipped ? new GZIPInputStream(reply.body(), 32 << 10) : reply.body();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[32 << 10];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (out.size() + count > limits.index()) {
                throw denied(502, Reason.UPSTREAM_TOO_LARGE, asked);
            }
            out.write(buffer, 0, count);
        }
        // To the end of the framing, so that the connection can be used again.
        if (reply.body().read() >= 0) {
            throw new IOException("the registry's answer goes on after its end");
        }
        return out.toByteArray();
    }

    /// Nothing of the registry's own words for an error: they may say what it was asked with.
    static boolean said(RequestHead head, int status, String words, Line line) throws IOException {
        byte[] body = ("Countersign: " + words + ".\n").getBytes(StandardCharsets.UTF_8);
        boolean known = List.of(400, 401, 403, 404, 410, 416, 429, 451).contains(status);
        int shown = known || (status >= 500 && status < 600) ? status : 502;
        line.send(
                ascii(
                        "HTTP/1.1 %d Registry\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n"
                                .formatted(
                                        shown,
                                        body.length,
                                        persistent(head) ? "keep-alive" : "close")),
                -1);
        if (!head.method().equals("HEAD")) {
            line.send(body, body.length);
        }
        return persistent(head);
    }

    /// @param length of the body; -1: none or until the connection ends, -2: in chunks
    private static byte[] start(
            RequestHead head, int status, OriginClient.Reply reply, long length) {
        StringBuilder text =
                new StringBuilder("HTTP/1.1 ").append(status).append(" From the registry\r\n");
        for (String name : HANDED_BACK) {
            reply.value(name)
                    .filter(value -> value.chars().allMatch(c -> c >= ' ' && c != 0x7f))
                    .ifPresent(
                            value -> text.append(name).append(": ").append(value).append("\r\n"));
        }
        if (length >= 0) {
            text.append("Content-Length: ").append(length).append("\r\n");
        } else if (length == -2) {
            text.append("Transfer-Encoding: chunked\r\n");
        }
        boolean ends = !persistent(head) || (length == -1 && status == 200 && !isHead(head));
        return ascii(
                text.append("Connection: ")
                        .append(ends ? "close" : "keep-alive")
                        .append("\r\n\r\n")
                        .toString());
    }

    private static boolean isHead(RequestHead head) {
        return head.method().equals("HEAD");
    }

    private static boolean persistent(RequestHead head) {
        String connection = head.value("connection");
        return head.version().equals("HTTP/1.1")
                && (connection == null || !connection.equalsIgnoreCase("close"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Git's servers, by the same client.
    GitGateway git() {
        return new GitGateway(client);
    }

    @Override
    public void close() {
        client.close();
    }
}
