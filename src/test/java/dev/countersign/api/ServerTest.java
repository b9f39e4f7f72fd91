package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ServerTest {
    @TempDir Path directory;

    private final FakeService service = new FakeService();
    private Path socket;
    private Server server;

    @BeforeEach
    void open() throws CountersignException {
        socket = directory.resolve("home").resolve("engine.sock");
        server = Server.open(service, socket);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void everyRequestArrivesAndIsAnswered() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
        try (Client client = Client.connect(socket)) {
            assertThat(client.hello()).isEqualTo(service.hello());
            assertThat(client.sessions()).isEqualTo(service.sessions());
            assertThat(client.approval("r1")).isEqualTo(service.approval("r1"));
            assertThat(client.approvals(Optional.of(id))).hasSize(1);
            assertThat(client.approvals(Optional.empty())).hasSize(1);
            client.allow("r1", client.approval("r1").digest(), null);
            client.send(id, "go on \u202E\uD800");
            client.freeze(Optional.empty());
            assertThat(service.asked())
                    .containsExactly(
                            "ALLOWED r1", "send s-abc234 go on \u202E\uD800", "freeze all");
        }
    }

    @Test
    void errorsKeepTheirKindAndMessage() throws Exception {
        try (Client client = Client.connect(socket)) {
            assertThatThrownBy(() -> client.session(new SessionId("s-none22")))
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.USAGE))
                    .hasMessageContaining("s-none22")
                    .hasMessageContaining("countersign session list");
        }
    }

    @Test
    void aBugInTheServiceIsAnErrorOfThatRequestAndNoMore() throws Exception {
        Service broken =
                new FakeService() {
                    @Override
                    public List<Check> doctor() {
                        throw new IllegalStateException("secret detail");
                    }
                };
        try (Server other = Server.open(broken, directory.resolve("b").resolve("engine.sock"));
                Client client = Client.connect(directory.resolve("b").resolve("engine.sock"))) {
            assertThatThrownBy(client::doctor)
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("engine.log")
                    .hasMessageNotContaining("secret detail");
            assertThat(client.hello().pid()).isEqualTo(4242);
            assertThat(other.clients()).isEqualTo(1);
        }
    }

    @Test
    void aSlowRequestHoldsUpNoOther() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Service slow =
                new FakeService() {
                    @Override
                    public CheckpointView restore(SessionId id, String name)
                            throws CountersignException {
                        entered.countDown();
                        awaitQuietly(release);
                        return super.createCheckpoint(id, name);
                    }
                };
        ((FakeService) slow).open("s-abc234", SessionState.RUNNING);
        Path other = directory.resolve("b").resolve("engine.sock");
        try (Server _ = Server.open(slow, other);
                Client client = Client.connect(other);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<CheckpointView> restored =
                    threads.submit(() -> client.restore(new SessionId("s-abc234"), "start"));
            entered.await();
            assertThat(client.sessions()).hasSize(1);
            assertThat(restored.isDone()).isFalse();
            release.countDown();
            assertThat(restored.get().name()).isEqualTo("start");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void manyThreadsShareOneConnectionAndGetTheirOwnAnswers() throws Exception {
        for (int i = 0; i < 20; i++) {
            service.open("s-many" + i, SessionState.RUNNING);
        }
        try (Client client = Client.connect(socket);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                SessionId id = new SessionId("s-many" + i % 20);
                answers.add(
                        threads.submit(() -> {
                            for (int n = 0; n < 20; n++) {
                                if (!client.session(id).id().equals(id)) {
                                    return false;
                                }
                            }
                            return true;
                        }));
            }
            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void eventsComeInOrderFirstThoseOnRecordThenAsTheyHappen() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        notices(id, 0, 3000);
        try (Client client = Client.connect(socket)) {
            BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
            try (Subscription _ = client.events(id, 10, entry -> seen.add(entry.seq()))) {
                notices(id, 3000, 5000);
                assertThat(take(seen, 4990))
                        .containsExactlyElementsOf(LongStream.range(10, 5000).boxed().toList());
            }
        }
    }

    @Test
    void aListenerThatBlocksHoldsUpNeitherRequestsNorOtherStreams() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        notices(id, 0, 5000);
        CountDownLatch release = new CountDownLatch(1);
        try (Client client = Client.connect(socket)) {
            Subscription blocked = client.events(id, 0, _ -> awaitQuietly(release));
            BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
            try (Subscription _ = client.events(id, 0, entry -> seen.add(entry.seq()))) {
                assertThat(take(seen, 5000)).hasSize(5000);
                assertThat(client.sessions()).hasSize(1);
            }
            release.countDown();
            blocked.close();
        }
    }

    @Test
    void afterCloseTheListenerIsNotCalledAgain() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        AtomicInteger calls = new AtomicInteger();
        try (Client client = Client.connect(socket)) {
            CountDownLatch first = new CountDownLatch(1);
            Subscription subscription =
                    client.events(
                            id,
                            0,
                            _ -> {
                                calls.incrementAndGet();
                                first.countDown();
                            });
            notices(id, 0, 2000);
            first.await();
            subscription.close();
            int then = calls.get();
            notices(id, 2000, 2100);
            BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
            try (Subscription _ = client.events(id, 0, entry -> seen.add(entry.seq()))) {
                take(seen, 2100);
            }
            assertThat(calls.get()).isEqualTo(then);
        }
    }

    @Test
    void aStreamGoesOnAfterTheServerDiedInItsMidstWithoutGapsOrDoubles() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
        BlockingQueue<String> states = new LinkedBlockingQueue<>();
        try (Client client = Client.connect(socket)) {
            client.onConnection(
                    new ConnectionListener() {
                        @Override
                        public void connected() {
                            states.add("connected");
                        }

                        @Override
                        public void disconnected(String why) {
                            states.add("disconnected");
                        }
                    });
            try (Subscription _ = client.events(id, 0, entry -> seen.add(entry.seq()))) {
                List<Long> all = new ArrayList<>();
                for (int round = 0; round < 4; round++) {
                    notices(id, round * 3000L, (round + 1) * 3000L);
                    all.addAll(take(seen, 500 + 100 * round));
                    server.crash();
                    server = Server.open(service, socket);
                    assertThat(states.take()).isEqualTo("disconnected");
                    assertThat(states.take()).isEqualTo("connected");
                }
                all.addAll(take(seen, 12_000 - all.size()));
                assertThat(all)
                        .containsExactlyElementsOf(LongStream.range(0, 12_000).boxed().toList());
                assertThat(seen).isEmpty();
            }
        }
    }

    @Test
    void aRequestUnderWayFailsClearlyWhenTheServerDies() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Service slow =
                new FakeService() {
                    @Override
                    public List<Check> doctor() {
                        entered.countDown();
                        awaitQuietly(release);
                        return List.of();
                    }
                };
        Path other = directory.resolve("b").resolve("engine.sock");
        Server dying = Server.open(slow, other);
        try (Client client = Client.connect(other);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<Check>> answer = threads.submit(client::doctor);
            entered.await();
            dying.crash();
            assertThatThrownBy(answer::get)
                    .hasCauseInstanceOf(CountersignException.class)
                    .hasMessageContaining("engine")
                    .hasMessageContaining("before you repeat it");
            release.countDown();
        }
    }

    @Test
    void aStreamOfASessionThatIsGoneAfterTheRestartSaysSo() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        BlockingQueue<CountersignException> ended = new LinkedBlockingQueue<>();
        try (Client client = Client.connect(socket)) {
            client.onConnection(
                    new ConnectionListener() {
                        @Override
                        public void connected() {}

                        @Override
                        public void disconnected(String why) {}

                        @Override
                        public void streamEnded(CountersignException why) {
                            ended.add(why);
                        }
                    });
            try (Subscription _ = client.events(id, 0, _ -> {})) {
                server.crash();
                service.delete(id, true);
                server = Server.open(service, socket);
                assertThat(ended.take()).hasMessageContaining("no session s-abc234");
            }
        }
    }

    @Test
    void anEngineThatEndsOnPurposeSaysGoodbyeAndRemovesItsSocket() throws Exception {
        BlockingQueue<String> why = new LinkedBlockingQueue<>();
        try (Client client = Client.connect(socket)) {
            client.onConnection(
                    new ConnectionListener() {
                        @Override
                        public void connected() {}

                        @Override
                        public void disconnected(String reason) {
                            why.add(reason);
                        }
                    });
            server.close();
            assertThat(why.take()).contains("as it was asked to");
            assertThat(socket).doesNotExist();
            assertThatThrownBy(client::sessions)
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.MISSING));
        }
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("home"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aClientOfAnotherUserIsTurnedAwayEvenWhereFilePermissionsLetItIn() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root"), "only root becomes another user");
        for (Path at : List.of(directory, directory.resolve("home"), socket)) {
            Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        String script =
                """
                import socket, sys
                s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
                try:
                    s.sendall(b'{"protocol":1}\\n'); sys.stdout.write(repr(s.recv(99)))
                except (BrokenPipeError, ConnectionResetError):
                    sys.stdout.write("b''")
                """;
        ProcessBuilder other =
                new ProcessBuilder(
                                "setpriv",
                                "--reuid=65534",
                                "--clear-groups",
                                "python3",
                                "-c",
                                script,
                                socket.toString())
                        .redirectErrorStream(true);
        other.environment().put("PATH", "/usr/bin:/bin");
        Process python = other.start();
        String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).isEqualTo("b''");
        try (Client client = Client.connect(socket)) {
            assertThat(client.hello().pid()).isEqualTo(4242);
        }
    }

    @Test
    void aSecondEngineIsRefusedAndALeftOverSocketIsReplaced() throws Exception {
        assertThatThrownBy(() -> Server.open(service, socket))
                .isInstanceOfSatisfying(
                        CountersignException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
        server.crash();
        assertThat(socket).exists();
        server = Server.open(service, socket);
        try (Client client = Client.connect(socket)) {
            assertThat(client.hello().pid()).isEqualTo(4242);
        }
    }

    @Test
    void aSocketPathThatIsTooLongIsAClearError() {
        Path deep = directory.resolve("d".repeat(120)).resolve("engine.sock");
        assertThatThrownBy(() -> Server.open(service, deep))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("COUNTERSIGN_HOME");
    }

    @Test
    void malformedFramesGetAnAnswerAndTheConnectionGoesOn() throws Exception {
        try (Raw raw = new Raw(socket)) {
            raw.say("{\"protocol\":1}");
            assertThat(raw.hear()).contains("\"hello\"");
            for (String bad :
                    List.of(
                            "",
                            "nonsense",
                            "[]",
                            "{\"id\":1}{",
                            "{\"call\":\"sessions\"}",
                            "{\"id\":\"x\",\"call\":\"sessions\"}",
                            "{\"id\":1,\"call\":\"getClass\"}",
                            "{\"id\":1,\"call\":\"session\"}",
                            "{\"id\":1,\"call\":\"session\",\"args\":{\"id\":\"../..\"}}",
                            "{\"id\":1,\"call\":\"session\",\"args\":{\"id\":[]}}",
                            "{\"id\":1,\"call\":\"start\",\"args\":{\"request\":{\"agent\":\"mini\"}}}",
                            "{\"id\":1,\"call\":\"allow\",\"args\":{\"requestId\":\"r\",\"digest\":\"0\"}}",
                            "{\"id\":1,\"call\":\"events\",\"args\":{\"id\":\"s-none22\",\"fromSeq\":0}}",
                            "{\"id\":1,\"call\":\"apply\",\"args\":{\"id\":\"s-abc234\",\"request\":{\"selection\":{\"hunks\":[null],\"files\":[]},\"to\":\"tree\"}}}",
                            "[".repeat(5000))) {
                raw.say(bad);
                assertThat(raw.hear()).as(bad).contains("\"error\"").contains("\"kind\":\"USAGE\"");
            }
            raw.say("{\"id\":9,\"call\":\"sessions\"}");
            assertThat(raw.hear()).isEqualTo("{\"id\":9,\"result\":[]}");
        }
    }

    @Test
    void aFrameThatIsTooLongIsAnsweredAndTheConnectionClosed() throws Exception {
        try (Raw raw = new Raw(socket)) {
            raw.say("{\"protocol\":1}");
            raw.hear();
            byte[] flood = new byte[ServedConnection.LONGEST_REQUEST + 1];
            Arrays.fill(flood, (byte) 'a');
            raw.write(flood);
            assertThat(raw.hear()).contains("longer than");
            assertThat(raw.hear()).isNull();
        }
        try (Client client = Client.connect(socket)) {
            assertThat(client.sessions()).isEmpty();
        }
    }

    @Test
    void aClientOfAnotherProtocolMayOnlyEndTheEngine() throws Exception {
        try (Raw raw = new Raw(socket)) {
            raw.say("{\"protocol\":99}");
            assertThat(raw.hear()).contains("\"protocol\":1");
            raw.say("{\"id\":1,\"call\":\"sessions\"}");
            assertThat(raw.hear()).contains("\"kind\":\"CONFLICT\"");
            raw.say("{\"id\":2,\"call\":\"shutdown\"}");
            assertThat(raw.hear()).isEqualTo("{\"id\":2,\"result\":null}");
            assertThat(service.isShut()).isTrue();
        }
    }

    @Test
    void aServerThatSaysNothingSensibleIsAClearError() throws Exception {
        Path odd = directory.resolve("odd").resolve("engine.sock");
        Files.createDirectories(odd.getParent());
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(odd));
            Thread.ofVirtual()
                    .start(() -> {
                        try (SocketChannel one = listener.accept()) {
                            one.write(
                                    ByteBuffer.wrap(
                                            "HTTP/1.1 400\r\n".getBytes(StandardCharsets.UTF_8)));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            assertThatThrownBy(() -> Client.connect(odd))
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("engine");
        }
    }

    @Test
    void noByteSequenceTakesTheServerDown() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("fuzz seed " + seed);
        Random random = new Random(seed);
        service.open("s-abc234", SessionState.RUNNING);
        server.close();
        BlockingQueue<Boolean> moves = new LinkedBlockingQueue<>();
        server = Server.open(service, socket, () -> moves.add(true));
        List<String> valid =
                List.of(
                        "{\"protocol\":1}\n",
                        "{\"id\":1,\"call\":\"sessions\"}\n",
                        "{\"id\":2,\"call\":\"events\",\"args\":{\"id\":\"s-abc234\",\"fromSeq\":0}}\n",
                        "{\"id\":2,\"more\":2147483647}\n",
                        "{\"id\":2,\"cancel\":true}\n",
                        "{\"id\":3,\"call\":\"send\",\"args\":{\"id\":\"s-abc234\",\"text\":\"x\"}}\n",
                        "{\"id\":4,\"call\":\"changes\",\"args\":{}}\n");
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder(valid.getFirst());
            for (int i = random.nextInt(6); i >= 0; i--) {
                text.append(valid.get(random.nextInt(valid.size())));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(8); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try (Raw raw = new Raw(socket)) {
                raw.write(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?i).*(pipe|reset|closed).*");
            }
            assertThat(moves.poll(20, TimeUnit.SECONDS)).isTrue();
            assertThat(moves.poll(20, TimeUnit.SECONDS)).isTrue();
        }
        try (Client client = Client.connect(socket)) {
            assertThat(client.sessions()).hasSize(1);
        }
    }

    @Test
    void oneClientTooManyIsToldSo() throws Exception {
        List<Raw> many = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Raw raw = new Raw(socket);
            many.add(raw);
            raw.say("{\"protocol\":1}");
            assertThat(raw.hear()).contains("hello");
        }
        assertThatThrownBy(() -> Client.connect(socket))
                .isInstanceOfSatisfying(
                        CountersignException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED));
        for (Raw raw : many) {
            raw.close();
        }
    }

    @Test
    void theServerTellsWhenClientsComeAndGo() throws Exception {
        BlockingQueue<Integer> counts = new LinkedBlockingQueue<>();
        Path other = directory.resolve("b").resolve("engine.sock");
        Server[] watched = new Server[1];
        CountDownLatch ready = new CountDownLatch(1);
        watched[0] =
                Server.open(
                        service,
                        other,
                        () -> {
                            awaitQuietly(ready);
                            counts.add(watched[0].clients());
                        });
        ready.countDown();
        try (Client client = Client.connect(other)) {
            assertThat(counts.take()).isEqualTo(1);
            assertThat(client.sessions()).isEmpty();
        }
        assertThat(counts.take()).isZero();
        watched[0].close();
    }

    @Test
    void p4ADecisionNamesTheDigestOfWhatWasShown() throws Exception {
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        service.ask(FakeService.request(id, "r1", Level.HIGH, "npm i x", "wants it"));
        try (Client client = Client.connect(socket)) {
            assertThatThrownBy(() -> client.allow("r1", Digest.of("other"), null))
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
            assertThat(client.approval("r1").state()).isEqualTo("open");
        }
    }

    private void notices(SessionId id, long from, long to) {
        for (long i = from; i < to; i++) {
            Entry entry = service.record(id, new Fact.AgentSaid(GuestText.of("line " + i)));
            assertThat(entry.seq()).isEqualTo(i);
        }
    }

    private static List<Long> take(BlockingQueue<Long> queue, int count)
            throws InterruptedException {
        List<Long> taken = new ArrayList<>();
        while (taken.size() < count) {
            Long one = queue.poll(20, TimeUnit.SECONDS);
            assertThat(one).as("event %d of %d", taken.size(), count).isNotNull();
            taken.add(one);
        }
        return taken;
    }

    /// A client that says what it likes.
    private static final class Raw implements AutoCloseable {
        private final SocketChannel channel;
        private final Frames frames;

        Raw(Path socket) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            frames = new Frames(channel, 1 << 20);
        }

        void say(String line) throws IOException {
            write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        void write(byte[] bytes) throws IOException {
            Channels.newOutputStream(channel).write(bytes);
        }

        @Nullable String hear() throws IOException {
            byte[] line = frames.next();
            return line == null ? null : new String(line, StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
