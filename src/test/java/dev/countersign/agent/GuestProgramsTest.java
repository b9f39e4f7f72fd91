package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.gateway.AnswerGate;
import dev.countersign.gateway.House;
import dev.countersign.gateway.ScriptedUpstream;
import dev.countersign.gateway.Upstream;
import dev.countersign.gateway.WireClient;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The guest's programs as real processes.
@Timeout(90)
class GuestProgramsTest {
    private static final String SCENARIO =
            """
            version: 1
            first: one
            steps:
              one:
                say: I write a file.
                calls:
                  - write: {path: out/a.txt, content: "hello\\n"}
                  - bash: {command: "echo ran >> count.txt; seq 1 20000; exit 3"}
                next: two
              two:
                calls:
                  - edit: {path: out/a.txt, old: hello, new: goodbye}
                  - edit: {path: out/a.txt, old: missing, new: x}
                  - read: {path: out/a.txt}
                next: three
              three:
                say: Done.
            """;

    @TempDir Path directory;
    private Path guest;
    private Path socket;

    @BeforeEach
    void unpack() throws IOException {
        guest = GuestPrograms.unpack(directory.resolve("guest"));
        socket = directory.resolve("m.sock");
    }

    private static SocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static void answer(SocketChannel connection, String body) throws IOException {
        connection.write(
                ByteBuffer.wrap(
                        ("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII)));
    }

    private static String read(SocketChannel connection, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && connection.read(bytes) >= 0) {}
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    @Test
    void theRelayHoldsAConnectionUntilTheHostsSideIsThere() throws Exception {
        String request = WireClient.post("/", "abc");
        try (GuestPrograms.Relay relay = new GuestPrograms.Relay(guest, socket);
                WireClient client = new WireClient(loopback(relay.port()))) {
            client.send(request);
            // First nobody listens; then one that closes unanswered, as a forward without an end.
            try (ServerSocketChannel host = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                host.bind(UnixDomainSocketAddress.of(socket));
                for (int i = 0; i < 2; i++) {
                    try (SocketChannel refused = host.accept()) {
                        assertThat(read(refused, request.length())).isEqualTo(request);
                    }
                }
                try (SocketChannel taken = host.accept()) {
                    assertThat(read(taken, request.length())).isEqualTo(request);
                    answer(taken, "fine");
                    assertThat(client.status()).isEqualTo(200);
                    assertThat(client.body()).isEqualTo("fine");
                    // The next request on the same connection is sent again on its own.
                    client.send(request.replace("abc", "xyz"));
                    assertThat(read(taken, request.length())).endsWith("xyz");
                }
                try (SocketChannel again = host.accept()) {
                    assertThat(read(again, request.length())).endsWith("xyz").startsWith("POST");
                    answer(again, "good");
                    client.status();
                    assertThat(client.body()).isEqualTo("good");
                }
            }
            assertThat(relay.alive()).isTrue();
        }
    }

    @Test
    void theRelayNeverRepeatsAnEgressRequestThatMayHaveHadItsEffect() throws Exception {
        try (ServerSocketChannel host = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            host.bind(UnixDomainSocketAddress.of(socket));
            try (GuestPrograms.Relay relay = new GuestPrograms.Relay(guest, "egress", socket);
                    WireClient client = new WireClient(loopback(relay.port()))) {
                String request = WireClient.post("/", "abc");
                client.send(request);
                try (SocketChannel first = host.accept()) {
                    assertThat(read(first, request.length())).isEqualTo(request);
                }
                org.assertj.core.api.Assertions.assertThatThrownBy(client::status)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    private Process mini(int port, String... more) throws IOException {
        Path work = Files.createDirectories(directory.resolve("work"));
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "python3",
                                "-S",
                                "-E",
                                "-I",
                                guest.resolve("mini.py").toString(),
                                "--task",
                                "do it"));
        argv.addAll(List.of(more));
        ProcessBuilder builder =
                new ProcessBuilder(argv).directory(work.toFile()).redirectErrorStream(true);
        builder.environment().put("ANTHROPIC_BASE_URL", "http://127.0.0.1:" + port);
        builder.environment().put("ANTHROPIC_API_KEY", "placeholder");
        return builder.start();
    }

    private static Upstream scripted(AtomicInteger asked) throws Exception {
        Upstream scripted =
                new ScriptedUpstream(
                        new ByteArrayInputStream(SCENARIO.getBytes(StandardCharsets.UTF_8)),
                        Duration.ZERO,
                        new Random(3));
        return request -> {
            asked.incrementAndGet();
            return scripted.send(request);
        };
    }

    @Test
    void P4_anEngineThatIsKilledWhileACallIsHeldOnlyDelaysTheAgent() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger decisions = new AtomicInteger();
        CountDownLatch held = new CountDownLatch(1);
        AnswerGate gate =
                (calls, _, _) -> {
                    if (decisions.incrementAndGet() == 1) {
                        held.countDown();
                        new CountDownLatch(1).await();
                    }
                    return new AnswerGate.Verdicts(
                            calls.stream().map(c -> House.verdict(c, Answer.ALLOWED)).toList(),
                            false);
                };
        try (House house = new House(directory, scripted(asked), gate);
                GuestPrograms.Relay relay = new GuestPrograms.Relay(guest, socket)) {
            Process mini = mini(relay.port());
            assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
            house.kill();
            assertThat(directory.resolve("work/out/a.txt")).doesNotExist();
            house.open();
            String output =
                    new String(mini.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(mini.waitFor()).as(output).isZero();
            assertThat(Files.readString(directory.resolve("work/out/a.txt")))
                    .isEqualTo("goodbye\n");
            assertThat(Files.readString(directory.resolve("work/count.txt"))).isEqualTo("ran\n");
            assertThat(asked).hasValue(3);
            assertThat(house.facts.of(Fact.Called.class)).hasSize(5);
            List<Fact.Returned> results = house.facts.of(Fact.Returned.class);
            assertThat(results).hasSize(5);
            assertThat(results.get(1).output().raw()).contains("left out").contains("exit code 3");
            assertThat(results.get(3).error()).isTrue();
        }
    }

    @Test
    void anInterruptStopsTheStepAndAMessageGoesOn() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch held = new CountDownLatch(1);
        AtomicInteger decisions = new AtomicInteger();
        AnswerGate gate =
                (calls, _, _) -> {
                    if (decisions.incrementAndGet() == 1) {
                        held.countDown();
                        new CountDownLatch(1).await();
                    }
                    return new AnswerGate.Verdicts(
                            calls.stream().map(c -> House.verdict(c, Answer.ALLOWED)).toList(),
                            false);
                };
        Path inbox = Files.createDirectories(directory.resolve("inbox"));
        Path kept = directory.resolve("kept.json");
        try (House house = new House(directory, scripted(asked), gate);
                GuestPrograms.Relay relay = new GuestPrograms.Relay(guest, socket)) {
            Process mini =
                    mini(relay.port(), "--inbox", inbox.toString(), "--keep", kept.toString());
            BufferedReader output = mini.inputReader(StandardCharsets.UTF_8);
            assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(
                            new ProcessBuilder("kill", "-INT", Long.toString(mini.pid()))
                                    .start()
                                    .waitFor())
                    .isZero();
            String line = output.readLine();
            while (!line.contains("(interrupted")) {
                line = output.readLine();
            }
            Path part = directory.resolve("message");
            Files.writeString(part, "go on, please");
            Files.move(part, inbox.resolve("1"));
            String rest = String.join("\n", output.lines().toList());
            assertThat(rest).contains("> go on, please").contains("Done.");
            assertThat(mini.waitFor()).isZero();
            assertThat(inbox).isEmptyDirectory();
            assertThat(house.facts.of(Fact.AgentSaid.class)).isNotEmpty();
            assertThat(Files.readString(kept)).contains("go on, please");

            // What it kept, a later run goes on with.
            Process later = mini(relay.port(), "--keep", kept.toString(), "--resume");
            String said = new String(later.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(later.waitFor()).isZero();
            assertThat(said).contains("That was all of the scenario.");
        }
    }

    @Test
    void theKeeperGivesTheAgentATerminalAndKeepsItsOutputAndExitCode() throws Exception {
        Path run = Files.createDirectories(directory.resolve("run"));
        assertThat(new ProcessBuilder("mkfifo", run.resolve("input").toString()).start().waitFor())
                .isZero();
        Process keeper =
                new ProcessBuilder(
                                "python3",
                                "-S",
                                "-E",
                                "-I",
                                guest.resolve("keeper.py").toString(),
                                run.toString(),
                                "90",
                                "20",
                                "--",
                                "/bin/sh",
                                "-c",
                                "test -t 0 && stty size; read word; echo got:$word; exit 7")
                        .start();
        try (var input = Files.newOutputStream(run.resolve("input"))) {
            input.write("hello\r".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(keeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keeper.exitValue()).isEqualTo(7);
        assertThat(Files.readString(run.resolve("exit"))).isEqualTo("7");
        assertThat(Files.readString(run.resolve("output"))).contains("20 90").contains("got:hello");
    }
}
