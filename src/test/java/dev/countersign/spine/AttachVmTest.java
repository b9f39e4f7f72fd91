package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The agent's own terminal in a real VM, from a real terminal on the host.
@Tag("vm")
class AttachVmTest {
    /// Prints to the agent's terminal what a hostile guest would like to do to the developer's, and
    /// tells its size.
    private static final String HOSTILE =
            """
            set -- /dev/pts/[0-9]*
            tty=$1
            printf '\\033]52;c;aGVsbG8=\\007\\033]0;title\\007\\033[?1049h\\033[?2004h\\033[6n\\033P+q544e\\033\\\\\\033[31mred\\033[0m shown\\r\\n' > $tty
            stty size < $tty
            """;

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

    @Test
    void P7_theAgentsTerminalIsShownFilteredAndTakesKeysAndSizes() throws Exception {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        String scenario =
                """
                version: 1
                first: go
                again: more
                steps:
                  go:
                    say: Hello from the agent.
                    calls: [{bash: {command: "python3 -c 'getattr(open(\\"one.txt\\",\\"a\\"),\\"write\\")(\\"once \\")'"}}]
                    next: done
                  done:
                    say: Done.
                  more:
                    say: Yes.
                """;
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(scenario))).id();
            ApprovalView open = Desk.request(engine, id);
            desk.inGuest(id, HOSTILE);
            Desk.OnTerminal seen =
                    desk.onTerminal(
                            """
                            [["wait", "Ctrl-]"], ["wait", "Hello from the agent."], ["wait", "shown"],
                             ["type", "\\u0003"], ["wait", "nterrupted"], ["type", "\\u001d"],
                             ["wait", "goes on"]]
                            """,
                            "session",
                            "attach",
                            id.value());
            assertThat(seen.failed()).as(seen.output()).isEmpty();
            assertThat(seen.code()).isZero();
            assertThat(seen.restored()).isTrue();
            assertThat(seen.output())
                    .contains("\u001b[31mred\u001b[0m shown")
                    .doesNotContain("\u001b]")
                    .doesNotContain("\u001bP")
                    .doesNotContain("\u001b[?")
                    .doesNotContain("\u001b[6n");
            assertThat(desk.inGuest(id, HOSTILE))
                    .as("the window's rows and columns")
                    .isEqualTo("30 100");
            assertThat(engine.session(id).state()).isEqualTo(SessionState.RUNNING);
            assertThat(Desk.notices(engine, id, "terminal")).hasSize(2);
            assertThat(engine.approval(open.id()).digest()).isEqualTo(open.digest());
            engine.delete(id, true);
        }
    }
}
