package dev.countersign.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The guest's script as a real process of the host, and a real server behind it.
@Timeout(60)
class GuestPortsTest {
    private final List<Fact> journal = new CopyOnWriteArrayList<>();
    private boolean diskFull;
    private final Recorder recorder =
            fact -> {
                if (diskFull) {
                    throw new CountersignException(
                            CountersignException.Kind.EXHAUSTED, "The disk is full.");
                }
                journal.add(fact);
                return new Entry(
                        journal.size(),
                        Clock.systemUTC().instant(),
                        new SessionId("s-aaaaaa"),
                        0,
                        fact);
            };
    private final GuestPorts ports = new GuestPorts(recorder, () -> {});
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server;

    /// Runs the guest's commands here.
    private static final class Here implements Link {
        @Override
        public GuestProcess start(List<String> argv) throws CountersignException {
            try {
                Process process = new ProcessBuilder(argv).start();
                return new GuestProcess() {
                    @Override
                    public OutputStream stdin() {
                        return process.getOutputStream();
                    }

                    @Override
                    public InputStream stdout() {
                        return process.getInputStream();
                    }

                    @Override
                    public InputStream stderr() {
                        return process.getErrorStream();
                    }

                    @Override
                    public int waitFor() throws InterruptedException {
                        return process.waitFor();
                    }

                    @Override
                    public boolean waitFor(Duration timeout) throws InterruptedException {
                        return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
                    }

                    @Override
                    public void close() {
                        process.destroyForcibly();
                    }
                };
            } catch (IOException e) {
                throw new CountersignException(
                        CountersignException.Kind.FAILED, "not started: " + e.getMessage(), e);
            }
        }

        @Override
        public Output run(List<String> argv, byte[] stdin, Duration timeout, int limit) {
            throw new UnsupportedOperationException("ports are processes");
        }

        @Override
        public boolean up() {
            return true;
        }

        @Override
        public void onChange(Listener listener) {
            // It is up for as long as the test runs.
        }
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        ports.follow(new Here());
    }

    @AfterEach
    void end() {
        ports.closeAll("the test is over");
        server.stop(0);
        client.close();
    }

    private int guestPort() {
        return server.getAddress().getPort();
    }

    /// A child process that is being started holds its parent's sockets until its program begins:
    /// for that moment the system still takes connections, and ends them with nothing said.
    private static void refused(int port) throws IOException {
        for (boolean refused = false; !refused; ) {
            try (Socket late = new Socket(InetAddress.getLoopbackAddress(), port)) {
                late.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                assertThat(late.getInputStream().read()).isEqualTo(-1);
            } catch (ConnectException e) {
                refused = true;
            } catch (SocketException e) {
                assertThat(e).as("the child let go of it just now").hasMessageContaining("reset");
            }
        }
    }

    private byte[] post(int port, byte[] body) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/x".formatted(port)))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .body();
    }

    @Test
    void aPortLeadsIntoTheGuestUntilItIsClosed() throws Exception {
        GuestPorts.Port opened = ports.open(guestPort(), 0);
        int port = Objects.requireNonNull(opened.hostPort());
        byte[] large = new byte[300_000];
        new java.util.Random(5).nextBytes(large);
        assertThat(post(port, large)).isEqualTo(large);
        assertThat(ports.all()).extracting(GuestPorts.Port::hostPort).contains(port);
        assertThat(journal).contains(new Fact.PortOpened(guestPort(), port));

        try (Socket held = new Socket(InetAddress.getLoopbackAddress(), port)) {
            ports.close(guestPort());
            assertThat(held.getInputStream().read()).isEqualTo(-1);
        }
        refused(port);
        assertThat(journal).contains(new Fact.PortClosed(guestPort(), port, "by you"));
        assertThat(ports.all()).allMatch(one -> one.hostPort() == null);
        assertThatThrownBy(() -> ports.close(guestPort())).hasMessageContaining("leads to port");
    }

    @ParameterizedTest(name = "{0} from {1}: {2}")
    @CsvSource({
        "22, 0, not a port of the guest's programs",
        "4100, 0, not a port of the guest's programs",
        "4101, 0, not a port of the guest's programs",
        "0, 0, not a port of the guest's programs",
        "65536, 0, not a port of the guest's programs",
        "3000, 80, can't lead into a guest",
        "3000, 1023, can't lead into a guest",
        "3000, -1, can't lead into a guest",
    })
    void whatMayNotLeadThereDoesNot(int guestPort, int hostPort, String says) {
        assertThatThrownBy(() -> ports.open(guestPort, hostPort)).hasMessageContaining(says);
        assertThat(journal).noneMatch(Fact.PortOpened.class::isInstance);
    }

    @Test
    void aPortThatIsTakenIsNotTakenOver() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> ports.open(guestPort(), port))
                    .hasMessageContaining("is taken");
            // Its own number is the server's here, so another one is found.
            assertThat(ports.open(guestPort(), 0).hostPort()).isNotIn(port, guestPort());
            assertThatThrownBy(() -> ports.open(guestPort(), 0)).hasMessageContaining("already");
        }
    }

    @Test
    void P5_aPortThatCannotBeWrittenDownIsNotOpened() {
        diskFull = true;
        assertThatThrownBy(() -> ports.open(guestPort(), 0)).hasMessageContaining("disk is full");
        diskFull = false;
        assertThat(ports.all()).allMatch(port -> port.hostPort() == null);
        assertThat(journal).noneMatch(Fact.PortOpened.class::isInstance);
    }

    @Test
    void P1_whatTheGuestSaysOpensNothing() throws Exception {
        GuestPorts told = new GuestPorts(recorder, () -> {});
        for (String line :
                List.of(
                        "+ 3000 node server.js",
                        "+ 3000 again",
                        "+ 22 sshd",
                        "+ 99999 x",
                        "+ 3001 \u001b[31mred",
                        "* 1",
                        "+ 3002",
                        "- 3002")) {
            told.heard(line);
        }
        for (int port = 10_000; port < 10_200; port++) {
            told.heard("+ " + port + " flood");
        }
        assertThat(told.all()).hasSize(50);
        assertThat(journal).noneMatch(Fact.PortOpened.class::isInstance);
        assertThat(told.all()).allMatch(port -> port.hostPort() == null);
        assertThat(Objects.requireNonNull(told.all().get(1).process()).visible())
                .contains("red")
                .doesNotContain("\u001b");
    }
}
