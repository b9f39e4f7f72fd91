package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.FakeService;
import dev.countersign.api.Server;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `session attach` as a process on a real terminal, with an engine that the test plays.
@Timeout(300)
class AttachProcessTest {
    private static final String ID = "s-abc234";
    private final FakeService service = new FakeService();
    private Desk desk;
    private Server server;

    @BeforeEach
    void open() throws Exception {
        desk = Desk.bare();
        service.open(ID, SessionState.RUNNING);
        server = Server.open(service, desk.home.resolve("engine.sock"));
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        server.close();
        desk.clear();
    }

    @Test
    void keysAndTheWindowsSizeReachTheAgentAndTheTerminalIsAsItWas() throws Exception {
        Desk.OnTerminal ended =
                desk.onTerminal(
                        """
                        [["wait", "the agent's screen"], ["wait", "(100x30)"],
                         ["type", "h\\u00e9\\r"], ["wait", "<h\\u00e9"],
                         ["type", "\\u0003"], ["wait", "<\\u0003>"],
                         ["size", 90, 20], ["wait", "(90x20)"], ["type", "more\\u001dignored"], ["wait", "Detached"]]
                        """,
                        "session",
                        "attach",
                        ID);
        assertThat(ended.failed()).as(ended.output()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.restored()).isTrue();
        assertThat(ended.output()).as("nothing is echoed twice").doesNotContain("ignored");
        assertThat(service.asked())
                .contains("terminal " + ID, "resize " + ID + " 100x30", "resize " + ID + " 90x20")
                .contains("type " + ID + " h\u00e9\r", "type " + ID + " \u0003")
                .contains("type " + ID + " more");
        Desk.await("the end of the stream", () -> service.asked().contains("left " + ID));
    }

    @Test
    void theAgentsEndGivesTheTerminalBack() throws Exception {
        Desk.OnTerminal ended =
                desk.onTerminal(
                        """
                        [["wait", "the agent's screen"], ["type", "exit"], ["wait", "The agent has ended."]]
                        """,
                        "session",
                        "attach",
                        ID);
        assertThat(ended.failed()).as(ended.output()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.restored()).isTrue();
    }

    @Test
    void withoutATerminalItIsRefusedWithWhatToDo() throws Exception {
        Desk.Ended ended = desk.run(Duration.ofMinutes(1), "session", "attach", ID);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).contains("terminal window").contains("session events " + ID);
        assertThat(service.asked()).doesNotContain("terminal " + ID);
    }
}
