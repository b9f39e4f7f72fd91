package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real clients in a real guest, and its root, against the network of a session. Where registries
/// are is read from this machine's own tools.
@Tag("vm")
class EgressVmTest {
    private Desk desk;
    private final List<Process> servers = new ArrayList<>();

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        servers.forEach(Process::destroyForcibly);
        if (desk != null) {
            desk.clear();
        }
    }

    private static String tool(String... words) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(words)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .redirectInput(ProcessBuilder.Redirect.PIPE)
                        .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assumptions.assumeTrue(
                process.waitFor() == 0, "this machine has no " + String.join(" ", words));
        return said.strip();
    }

    /// The registries of this machine and the programs that speak to them, for a guest whose image
    /// has neither.
    private record Registries(URI npm, Path npmProgram, URI pip, String pipFiles, Path pipProgram) {
        static Registries ofThisMachine() throws IOException, InterruptedException {
            URI npm = URI.create(tool("npm", "config", "get", "registry"));
            Path program = Path.of(tool("npm", "root", "-g")).resolve("npm");
            Assumptions.assumeTrue(Files.isDirectory(program), "npm is not where npm says");
            String[] pip =
                    tool(
                                    "python3",
                                    "-c",
                                    "import pip; from pip._internal.models.index import PyPI; print(pip.__path__[0]); print(PyPI.simple_url); print(PyPI.file_storage_domain)")
                            .split("\n");
            Registries found =
                    new Registries(npm, program, URI.create(pip[1]), pip[2], Path.of(pip[0]));
            tool("curl", "-sSf", "-m", "20", npm + "is-odd");
            return found;
        }

        Set<String> hosts() {
            return new LinkedHashSet<>(List.of(npm.getHost(), pip.getHost(), pipFiles));
        }
    }

    /// A policy that names the registries' addresses, for a machine that reaches them by addresses
    /// that are not of the public network.
    private void policy(Set<String> hosts, String more) throws IOException {
        StringBuilder own = new StringBuilder();
        for (String host : hosts) {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address instanceof Inet4Address) {
                    own.append("    - \"").append(address.getHostAddress()).append(":443\"\n");
                }
            }
        }
        Path config = Files.createDirectories(desk.home.resolve("config"));
        Files.writeString(
                config.resolve("policy.yaml"),
                "version: 1\negress:\n  deny: [denied.example.org]\n  allow-private:\n"
                        + own
                        + more);
    }

    private Path archive(Path repository, String name, Path directory)
            throws IOException, InterruptedException {
        Path file = repository.resolve(name);
        Path parent = directory.toRealPath().getParent();
        tool(
                "tar",
                "-C",
                String.valueOf(parent),
                "--exclude=__pycache__",
                "--exclude=docs",
                "--exclude=man",
                "-czf",
                file.toString(),
                String.valueOf(directory.toRealPath().getFileName()));
        return file;
    }

    private SessionId start(Client engine, Path repository, String preset)
            throws IOException, CountersignException {
        SessionId id =
                engine.start(
                                new StartRequest(
                                        repository.toString(),
                                        "mini",
                                        "wait",
                                        Mode.POST_HOC,
                                        null,
                                        null,
                                        preset,
                                        desk.scenario(Desk.WAITING),
                                        1024,
                                        null))
                        .id();
        Desk.request(engine, id);
        Desk.awaitState(engine, id, SessionState.RUNNING);
        return id;
    }

    /// Runs a command as the agent's user, with what a login shell of it has; gives what it said
    /// and how it ended.
    private CompletableFuture<String> asAgent(SessionId id, String command) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                String quoted = command.replace("'", "'\\''");
                return desk.inGuest(
                        id, "runuser -l agent -c '" + quoted + "' 2>&1; echo \"ended $?\"");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        });
    }

    private static ApprovalView hosts(Client engine, SessionId id) {
        List<ApprovalView> found = new ArrayList<>();
        Desk.await(
                "a question about hosts",
                () -> {
                    try {
                        engine.approvals(Optional.of(id)).stream()
                                .filter(one -> one.kind().equals("hosts"))
                                .forEach(found::add);
                        return !found.isEmpty();
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        return found.getFirst();
    }

    private static void answer(Client engine, ApprovalView question, Answer answer)
            throws CountersignException {
        engine.decide(
                new DecideRequest(question.id(), question.digest(), answer, List.of(), null, null));
    }

    /// Waits for the end of a command; answers yes meanwhile to questions about these hosts alone.
    private static String through(
            Client engine, SessionId id, Set<String> hosts, CompletableFuture<String> running)
            throws CountersignException {
        Set<String> asked = new LinkedHashSet<>();
        Desk.await(
                "the end of a client",
                () -> {
                    try {
                        for (ApprovalView one : engine.approvals(Optional.of(id))) {
                            if (one.kind().equals("hosts") && asked.add(one.id())) {
                                assertThat(one.calls())
                                        .allSatisfy(call ->
                                                assertThat(hosts)
                                                        .contains(
                                                                call.id()
                                                                        .raw()
                                                                        .replaceFirst(
                                                                                ":443$", "")));
                                answer(engine, one, Answer.ALLOWED);
                            }
                        }
                        return running.isDone();
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        return running.join();
    }

    @Test
    void realClientsGoWhereTheDeveloperLetsThemAndNowhereElse()
            throws IOException, InterruptedException, CountersignException {
        Registries registries = Registries.ofThisMachine();
        Path repository = desk.repository("shop", "a.txt", "one\n");
        archive(repository, "npm.tgz", registries.npmProgram());
        archive(repository, "pip.tgz", registries.pipProgram());
        String git = gitServer();
        policy(registries.hosts(), "    - \"" + git + "\"\n");
        try (Client engine = desk.engine()) {
            SessionId id = start(engine, repository, "packages");
            String registry = registries.npm().getHost();

            // curl: held, asked about with its process, and let through by the answer.
            CompletableFuture<String> curl =
                    asAgent(
                            id,
                            "curl -sS -o /tmp/odd.json -w '%{http_code} ' "
                                    + registries.npm()
                                    + "is-odd");
            ApprovalView question = hosts(engine, id);
            assertThat(question.calls()).hasSize(1);
            assertThat(question.calls().getFirst().argumentsJson().raw())
                    .contains(registry, "curl -sS", "(pid ", "claims");
            assertThat(curl.isDone()).isFalse();
            answer(engine, question, Answer.ALLOWED);
            assertThat(curl.join()).contains("200").endsWith("ended 0");

            // npm: the host is known by now.
            String npm =
                    through(
                            engine,
                            id,
                            Set.of(),
                            asAgent(
                                    id,
                                    "mkdir /tmp/n && cd /tmp/n && tar -xzf /workspace/npm.tgz && mkdir p && cd p && echo '{}' > package.json && node ../npm/bin/npm-cli.js install --no-audit --no-fund --registry "
                                            + registries.npm()
                                            + " is-odd@3.0.1 && ls node_modules"));
            assertThat(npm).contains("is-odd", "is-number").endsWith("ended 0");

            // pip: two hosts, each asked about once.
            String pip =
                    through(
                            engine,
                            id,
                            registries.hosts(),
                            asAgent(
                                    id,
                                    "mkdir /tmp/p && cd /tmp/p && tar -xzf /workspace/pip.tgz && PYTHONPATH=/tmp/p python3 -m pip download --no-deps --no-cache-dir --index-url "
                                            + registries.pip()
                                            + " six==1.17.0 && ls"));
            assertThat(pip).contains("six-1.17.0").endsWith("ended 0");

            // git: the developer's own service, by address and port.
            String clone =
                    asAgent(
                                    id,
                                    "cd /tmp && git clone -q http://"
                                            + git
                                            + "/r.git && cat r/kept.txt")
                            .join();
            assertThat(clone).contains("kept on the host").endsWith("ended 0");

            // A host that is denied: the same sentence here, there and in the journal.
            CompletableFuture<String> other =
                    asAgent(id, "curl -sS -m 100 http://paste.example.org/x");
            ApprovalView second = hosts(engine, id);
            assertThat(second.calls().getFirst().argumentsJson().raw()).contains("GET", "/x");
            engine.deny(second.id(), "not there");
            String said = other.join();
            assertThat(said).contains("person-denied", "not there");
            assertThat(decisions(engine, id))
                    .anySatisfy(one ->
                            assertThat(said).contains(one.says()).contains("paste.example.org:80"));
            assertThat(asAgent(id, "curl -sS -m 100 http://denied.example.org/x").join())
                    .contains("rule-deny", "policy.yaml egress deny denied.example.org");

            // What is taken back is cut while it runs.
            CompletableFuture<String> slow =
                    asAgent(
                            id,
                            "curl -sS -m 200 --limit-rate 200 -o /tmp/slow -w '%{http_code} ' "
                                    + registries.npm()
                                    + "npm");
            Desk.await(
                    "an open tunnel",
                    () -> {
                        try {
                            return engine.egress(id).connections() > 0;
                        } catch (CountersignException e) {
                            throw new AssertionError(e);
                        }
                    });
            Desk.await(
                    "bytes of it",
                    () -> {
                        try {
                            return desk.inGuest(id, "test -s /tmp/slow && echo some || echo none")
                                    .equals("some");
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            throw new AssertionError(e);
                        }
                    });
            assertThat(engine.revokeHosts(id, registry)).hasSize(1);
            assertThat(slow.join()).doesNotEndWith("ended 0");
            assertThat(ends(engine, id)).anyMatch(end -> end.reason().equals("revoked"));
            assertThat(ends(engine, id))
                    .filteredOn(end -> end.host().equals(registry))
                    .anyMatch(end -> end.received() > 1000 && end.sent() > 100);

            // No engine, no network.
            desk.killEngine();
            assertThat(asAgent(id, "curl -sS -m 6 " + registries.npm() + "is-odd").join())
                    .doesNotEndWith("ended 0");
        }
        try (Client engine = desk.engine()) {
            SessionId id = engine.sessions().getFirst().id();
            Desk.awaitState(engine, id, SessionState.RUNNING);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
    }

    private static List<Fact.ConnectionDecided> decisions(Client engine, SessionId id)
            throws CountersignException {
        return Desk.facts(engine, id, Fact.ConnectionDecided.class);
    }

    private static List<Fact.ConnectionEnded> ends(Client engine, SessionId id)
            throws CountersignException {
        return Desk.facts(engine, id, Fact.ConnectionEnded.class);
    }

    /// A repository over plain HTTP at an address of this machine that is not loopback; the guest
    /// would take loopback for its own.
    private String gitServer() throws IOException, InterruptedException {
        String address =
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .filter(one -> one instanceof Inet4Address && !one.isLoopbackAddress())
                        .map(InetAddress::getHostAddress)
                        .findFirst()
                        .orElse("");
        Assumptions.assumeFalse(address.isEmpty(), "this machine has no address beside loopback");
        Path root = Files.createDirectory(desk.work.resolve("served"));
        Path tree = Files.createDirectory(desk.work.resolve("tree"));
        Files.writeString(tree.resolve("kept.txt"), "kept on the host\n");
        tool("git", "-C", tree.toString(), "init", "-q");
        tool("git", "-C", tree.toString(), "add", ".");
        tool(
                "git",
                "-C",
                tree.toString(),
                "-c",
                "user.name=d",
                "-c",
                "user.email=d@example.org",
                "commit",
                "-q",
                "-m",
                "one");
        tool("git", "clone", "-q", "--bare", tree.toString(), root.resolve("r.git").toString());
        tool("git", "-C", root.resolve("r.git").toString(), "update-server-info");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            port = free.getLocalPort();
        }
        Process server =
                new ProcessBuilder(
                                "python3",
                                "-m",
                                "http.server",
                                "--bind",
                                address,
                                "--directory",
                                root.toString(),
                                Integer.toString(port))
                        .redirectErrorStream(true)
                        .redirectOutput(desk.work.resolve("served.log").toFile())
                        .start();
        servers.add(server);
        return address + ":" + port;
    }

    @Test
    void p1TheGuestsRootReachesNothingBesideTheProxysDecisions()
            throws IOException, InterruptedException, CountersignException {
        policy(Set.of(), "    - \"127.0.0.1:1\"\n");
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            SessionId id = start(engine, repository, "web");
            String said = desk.inGuest(id, ATTACKS);
            List<String> lines = said.lines().toList();
            assertThat(lines)
                    .as(said)
                    .filteredOn(line -> line.startsWith("direct "))
                    .hasSizeGreaterThanOrEqualTo(7)
                    .allMatch(line -> line.endsWith(" nothing"));
            assertThat(lines)
                    .as(said)
                    .filteredOn(line -> line.startsWith("proxy "))
                    .hasSizeGreaterThanOrEqualTo(12)
                    .allMatch(line -> line.matches("proxy \\S+ (400|403|502) \\S+"));
            List<String> reasons =
                    decisions(engine, id).stream().map(Fact.ConnectionDecided::reason).toList();
            assertThat(reasons)
                    .contains(
                            "metadata",
                            "ip-literal",
                            "ip-private",
                            "ip-loopback",
                            "ip-spelling",
                            "host-local",
                            "port-not-named",
                            "host-userinfo",
                            "ip-embedded",
                            "smuggling",
                            "request-malformed");
            assertThat(decisions(engine, id)).noneMatch(Fact.ConnectionDecided::allowed);
            assertThat(decisions(engine, id))
                    .allMatch(one -> one.says().toLowerCase(Locale.ROOT).contains("refused"));
            assertThat(decisions(engine, id).stream().map(Fact.ConnectionDecided::process))
                    .as("the guest said which process it was")
                    .anyMatch(one -> GuestText.of("").equals(one) || one != null);
            engine.delete(id, true);
        }
    }

    private static final String ATTACKS =
            """
            cat > /tmp/attack.py <<'PY'
            import os, socket, struct
            def direct(name, family, kind, proto, address, data):
                outcome = "nothing"
                try:
                    s = socket.socket(family, kind, proto)
                    s.settimeout(3)
                    s.connect(address)
                    s.sendall(data)
                    if s.recv(2000):
                        outcome = "ANSWER"
                except OSError:
                    pass
                print("direct", name, outcome)
            query = b"\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
            T, U = socket.SOCK_STREAM, socket.SOCK_DGRAM
            four, six = socket.AF_INET, socket.AF_INET6
            direct("tcp", four, T, 0, ("192.0.2.1", 443), b"GET / HTTP/1.0\\r\\n\\r\\n")
            direct("gateway", four, T, 0, ("192.168.5.2", 22), b"x")
            direct("dns-gateway", four, U, 0, ("192.168.5.3", 53), query)
            direct("dns-slirp", four, U, 0, ("10.0.2.3", 53), query)
            direct("dns-out", four, U, 0, ("192.0.2.53", 53), query)
            direct("quic", four, U, 0, ("192.0.2.1", 443), b"\\xc0" + b"\\0" * 1199)
            direct("tcp6", six, T, 0, ("2001:db8::1", 443), b"x")
            direct("udp6", six, U, 0, ("2001:db8::1", 53), query)
            # The card's own gateway answers an echo by itself: it is QEMU, not the network.
            for name, target in (("icmp", "192.0.2.1"), ("icmp-dns", "10.0.2.3")):
                echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
                total = sum(struct.unpack("!4H", echo))
                echo = struct.pack("!BBHHH", 8, 0, ~total & 0xffff, 1, 1)
                direct(name, four, socket.SOCK_RAW, socket.IPPROTO_ICMP, (target, 0), echo)
            try:
                socket.getaddrinfo("example.org", 443)
                print("direct resolver ANSWER")
            except OSError:
                print("direct resolver nothing")
            def proxy(name, request):
                s = socket.create_connection(("127.0.0.1", 4101), 20)
                s.settimeout(30)
                s.sendall(request)
                got = b""
                try:
                    while True:
                        part = s.recv(4096)
                        if not part:
                            break
                        got += part
                except OSError:
                    pass
                head = got.split(b"\\r\\n\\r\\n")[0].decode("latin-1")
                reason = [l.split(": ")[1] for l in head.split("\\r\\n") if l.startswith("X-Countersign-Reason")]
                print("proxy", name, head[9:12] or "none", reason[0] if reason else "none")
            def tunnel(name, target, host=None):
                proxy(name, b"CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % (target, host or target))
            tunnel("metadata", b"169.254.169.254:80")
            tunnel("metadata-name", b"metadata.google.internal:80")
            tunnel("literal", b"8.8.8.8:443")
            tunnel("loopback", b"127.0.0.1:22")
            tunnel("private", b"192.168.5.2:443")
            tunnel("spelling", b"0x7f.1:443")
            tunnel("decimal", b"2130706433:443")
            tunnel("mapped", b"[::ffff:127.0.0.1]:443")
            tunnel("localname", b"localhost:443")
            tunnel("port", b"example.org:22")
            tunnel("nul", b"example.org\\0.evil.example:443")
            tunnel("userinfo", b"a@example.org:443")
            proxy("smuggling", b"GET http://example.org/ HTTP/1.1\\r\\nHost: example.org\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n")
            proxy("mismatch", b"GET http://example.org/ HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n")
            proxy("origin-form", b"GET / HTTP/1.1\\r\\nHost: 127.0.0.1:4101\\r\\n\\r\\n")
            proxy("claim", b"COUNTERSIGN-PROCESS root\\r\\nGET http://localhost/ HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
            PY
            ip link set lo up
            python3 /tmp/attack.py
            """;
}
