package dev.countersign.spine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.api.Client;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A server in a real guest, and the host's loopback.
@Tag("vm")
class PortVmTest {
    private static final int THERE = 8731;

    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        if (desk != null) {
            desk.clear();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void assertRefused(int port) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    /// A child process of the engine may hold the listener for the moment of its own start: nothing
    /// answers there then, and it is refused when the child has begun.
    private static void awaitRefusal(int port) {
        Desk.awaitClosely(
                port + " to be refused",
                () -> {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        socket.setSoTimeout(2_000);
                        socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                        assertThat(socket.getInputStream().read()).isEqualTo(-1);
                        return false;
                    } catch (ConnectException e) {
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    private static void awaitNotice(Client engine, SessionId id) {
        Desk.await(
                "the server to be noticed",
                () -> {
                    try {
                        return engine.ports(id).stream()
                                .anyMatch(port ->
                                        port.guestPort() == THERE
                                                && port.process() != null
                                                && port.process().raw().contains("http.server"));
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static String get(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:%d/served.txt"
                                                            .formatted(port)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void aPortOfTheGuestIsReachedAfterTheDevelopersYesAndNoLonger()
            throws IOException, InterruptedException, CountersignException {
        int here = freePort();
        SessionId id;
        try (Client engine = desk.engine()) {
            id =
                    engine.start(
                                    Desk.request(
                                            desk.repository(
                                                    "shop", "served.txt", "from the guest\n"),
                                            desk.scenario(Desk.WAITING)))
                            .id();
            Desk.request(engine, id);
            Desk.awaitState(engine, id, SessionState.RUNNING);
            assertThat(engine.ports(id)).isEmpty();
            // Not a child of the connection, which ends with the engine.
            desk.inGuest(
                    id,
                    "systemd-run -q --uid=agent --working-directory=/workspace python3 -m http.server --bind 127.0.0.1 "
                            + THERE);
            awaitNotice(engine, id);
            // Noticed, and that is all.
            assertThat(engine.ports(id)).allMatch(port -> port.hostPort() == null);
            assertRefused(here);
            assertRefused(THERE);

            Desk.Ended opened =
                    desk.run(
                            Duration.ofMinutes(1),
                            "port",
                            "open",
                            id.value(),
                            Integer.toString(THERE),
                            "--host-port",
                            Integer.toString(here));
            assertThat(opened.output()).contains("127.0.0.1:" + here + " leads to port " + THERE);
            assertThat(opened.code()).isZero();
            assertThat(get(here)).isEqualTo("from the guest\n");
            assertThat(Desk.facts(engine, id, Fact.PortOpened.class))
                    .containsExactly(new Fact.PortOpened(THERE, here));
            desk.killEngine();
            assertRefused(here);
        }
        try (Client engine = desk.engine()) {
            Desk.awaitState(engine, id, SessionState.RUNNING);
            assertRefused(here);
            assertThat(Desk.facts(engine, id, Fact.PortClosed.class))
                    .as("what ended with the engine is on record by the next one")
                    .singleElement()
                    .satisfies(closed -> {
                        assertThat(closed.guestPort()).isEqualTo(THERE);
                        assertThat(closed.hostPort()).isEqualTo(here);
                        assertThat(closed.why()).contains("engine");
                    });
            awaitNotice(engine, id);
            assertThat(engine.openPort(id, THERE, here).hostPort()).isEqualTo(here);
            assertThat(get(here)).isEqualTo("from the guest\n");
            engine.freeze(Optional.of(id));
            awaitRefusal(here);
            assertThat(Desk.facts(engine, id, Fact.PortClosed.class)).hasSize(2);
            engine.delete(id, true);
        }
    }
}
