package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `sudo` in a real guest, from the agent's own user.
@Tag("vm")
class SudoVmTest {
    private static final String TWO_COMMANDS =
            """
            version: 1
            first: allowed
            steps:
              allowed:
                say: I need root for this.
                calls: [{bash: {command: "printf 'by a pipe\\n' | sudo sh -c 'id -u > /etc/made; pwd -P >> /etc/made; cat >> /etc/made; echo from-root; exit 3'; echo it ended with $?"}}]
                next: denied
              denied:
                say: And for that.
                calls: [{bash: {command: "sudo touch /etc/denied; echo it ended with $?"}}]
                next: done
              done:
                say: Done.
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

    /// The agent's own call first, then what its sudo asks for.
    private ApprovalView sudo(Client engine, SessionId id, ApprovalView own) throws Exception {
        engine.allow(own.id(), own.digest(), null);
        ApprovalView root = Desk.requestAfter(engine, id, own);
        assertThat(root.calls())
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.tool().raw()).isEqualTo("sudo");
                    assertThat(call.cwd().raw()).isEqualTo("/workspace");
                    assertThat(call.level()).isGreaterThanOrEqualTo(Level.HIGH);
                });
        return root;
    }

    @Test
    void P4_rootRunsExactlyWhatWasShownAndNothingElse() throws Exception {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(TWO_COMMANDS))).id();
            ApprovalView allowed = sudo(engine, id, Desk.request(engine, id));
            assertThat(allowed.calls().getFirst().argumentsJson().raw())
                    .contains("sudo sh -c 'id -u > /etc/made; pwd -P >> /etc/made;")
                    .as("what the pipe brings is asked about too")
                    .contains("by a pipe");
            assertThat(desk.inGuest(id, "ls /etc")).doesNotContain("made");
            assertThat(
                            desk.inGuest(
                                    id,
                                    """
                                    runuser -u agent -- sh -c 'id -u; touch /etc/made' 2>&1 || echo refused
                                    find /usr/local /opt -xdev -perm /6000
                                    runuser -u agent -- sh -c 'echo >> /usr/local/bin/sudo' 2>&1 || echo kept
                                    """))
                    .as("the agent has no way of its own, and nothing of ours is set-uid")
                    .contains("refused")
                    .contains("kept")
                    .doesNotContain("\n/usr/local/")
                    .doesNotContain("\n/opt/");
            engine.allow(allowed.id(), allowed.digest(), null);

            ApprovalView denied = sudo(engine, id, Desk.requestAfter(engine, id, allowed));
            assertThat(desk.inGuest(id, "cat /etc/made; stat -c %U /etc/made"))
                    .isEqualTo("0\n/workspace\nby a pipe\nroot");
            engine.deny(denied.id(), "no root today");
            Desk.awaitState(engine, id, SessionState.REVIEW);

            assertThat(desk.inGuest(id, "ls /etc; ls /run"))
                    .doesNotContain("denied")
                    .doesNotContain("countersign-sudo");
            List<Fact.Returned> returned = Desk.facts(engine, id, Fact.Returned.class);
            assertThat(returned)
                    .filteredOn(fact -> fact.callId().raw().startsWith("sudo."))
                    .singleElement()
                    .satisfies(fact -> assertThat(fact.output().raw()).contains("from-root"));
            assertThat(returned.stream().map(fact -> fact.output().raw()))
                    .as("what the model reads")
                    .anyMatch(
                            text -> text.contains("from-root") && text.contains("it ended with 3"))
                    .anyMatch(text ->
                            text.contains("no root today") && text.contains("it ended with 1"));
            assertThat(Desk.facts(engine, id, Fact.Called.class))
                    .filteredOn(called -> called.layer().equals("sudo"))
                    .hasSize(2)
                    .allMatch(called -> called.digest().equals(called.call().digest()));
            engine.delete(id, true);
        }
    }
}
