package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class AgentRunTest {
    private static final GuestText TASK = GuestText.of("a task with 'quotes' $HOME %n and\nlines");
    private static final RunOptions OPTIONS = RunOptions.withModel("m");

    /// Says what it got, then waits for a word in its terminal.
    private static final AgentProfile ECHO =
            new AgentProfile(
                    "echo",
                    "1",
                    List.of(
                            "/bin/sh",
                            "-c",
                            "cat \"$0\"; echo; echo model=$ANTHROPIC_MODEL; pwd; read word;"
                                    + " echo got:$word; ls \"$1\"; exit 5",
                            "{task}",
                            "{inbox}"),
                    List.of("--resume"),
                    Map.of(),
                    "boundary-enforced",
                    AgentProfile.Messages.TERMINAL);

    @TempDir Path directory;
    private ShellLink link;

    @BeforeEach
    void open() throws Exception {
        link = new ShellLink(directory, GuestPrograms.unpack(directory.resolve("guest")));
    }

    @AfterEach
    void endTheAgent() throws Exception {
        Path pid = directory.resolve("state/pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .ifPresent(ProcessHandle::destroy);
        }
    }

    private record End(int code, String why) {}

    private String output(AgentRun run) throws CountersignException {
        return new String(run.output(link, 0, 10_000).bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void anAgentGetsItsTaskAndItsEndIsTold() throws Exception {
        assertThatThrownBy(() -> AgentRun.attach(link, ECHO)).hasMessageContaining("No agent");
        AgentRun run = AgentRun.start(link, ECHO, TASK, OPTIONS);
        BlockingQueue<End> ends = new LinkedBlockingQueue<>();
        try (AgentRun.Watch _ = run.watch(link, (code, why) -> ends.add(new End(code, why)))) {
            assertThat(run.status(link).running()).isTrue();
            assertThatThrownBy(() -> AgentRun.start(link, ECHO, TASK, OPTIONS))
                    .hasMessageContaining("already runs");
            // The link breaks under the watch, and another engine takes the run up.
            link.lose();
            link.find();
            AgentRun taken = AgentRun.attach(link, ECHO);
            taken.send(link, GuestText.of("hello"));
            End end = ends.poll(60, TimeUnit.SECONDS);
            assertThat(end).isEqualTo(new End(5, "It ended with exit code 5."));
        }
        assertThat(run.status(link))
                .isEqualTo(new AgentRun.Status(false, 5, "It ended with exit code 5."));
        assertThat(output(run))
                .contains("a task with 'quotes' $HOME %n and")
                .contains("model=m")
                .contains("workspace")
                .contains("got:hello");
        AgentRun.Output rest = run.output(link, 5, 4);
        assertThat(rest.bytes()).hasSize(4);
        assertThat(rest.nextOffset()).isEqualTo(9);
        assertThat(ends).isEmpty();
    }

    @Test
    void aRunningAgentIsInterruptedAndStopped() throws Exception {
        AgentProfile trapping =
                new AgentProfile(
                        "trap",
                        "1",
                        List.of(
                                "/bin/sh",
                                "-c",
                                "trap 'echo interrupted' INT; echo ready; while :; do sleep 0.1; done"),
                        List.of(),
                        Map.of(),
                        "boundary-enforced",
                        AgentProfile.Messages.INBOX);
        AgentRun run = AgentRun.start(link, trapping, TASK, OPTIONS);
        waitFor(run, "ready");
        run.interrupt(link);
        waitFor(run, "interrupted");
        run.send(link, GuestText.of("later"));
        assertThat(link.run().resolve("inbox")).isNotEmptyDirectory();
        run.stop(link);
        assertThat(run.status(link).running()).isFalse();
        assertThat(run.status(link).exitCode()).isEqualTo(143);
    }

    private void waitFor(AgentRun run, String text) throws Exception {
        LinkedBlockingQueue<String> never = new LinkedBlockingQueue<>();
        for (int i = 0; i < 500; i++) {
            if (Files.exists(link.run().resolve("dropped")) && output(run).contains(text)) {
                return;
            }
            assertThat(never.poll(20, TimeUnit.MILLISECONDS)).isNull();
        }
        throw new AssertionError("never printed: " + text);
    }

    @Test
    void whatCouldSteerTheUnitIsRefused() {
        assertThatThrownBy(() -> AgentRun.unit(ECHO, RunOptions.withModel("a b")))
                .isInstanceOf(CountersignException.class);
        assertThatThrownBy(() -> AgentRun.unit(ECHO, RunOptions.withModel("$HOME")))
                .isInstanceOf(CountersignException.class);
        assertThatThrownBy(() ->
                        AgentRun.unit(ECHO, new RunOptions("m", Map.of("a b", "c"), false, 80, 24)))
                .isInstanceOf(CountersignException.class);
        assertThatThrownBy(() ->
                        AgentRun.unit(
                                ECHO, new RunOptions("m", Map.of("A", "c\nd"), false, 80, 24)))
                .isInstanceOf(CountersignException.class);
        assertThatThrownBy(() -> AgentRun.start(link, ECHO, GuestText.of(" "), OPTIONS))
                .hasMessageContaining("empty");
    }

    @Test
    void P6_theGuestGetsAPlaceholderAndNoKey() throws Exception {
        List<String> unit = AgentRun.unit(AgentProfiles.mini(), OPTIONS.resumed());
        assertThat(unit)
                .contains("--setenv=ANTHROPIC_API_KEY=held-on-the-host")
                .contains("--setenv=ANTHROPIC_BASE_URL=http://127.0.0.1:4100")
                .contains("--uid=agent", "--working-directory=/workspace")
                .endsWith("--resume");
        assertThatThrownBy(() -> new AgentProfiles(directory).named("x\u202e"))
                .hasMessageContaining("⟨U+202E⟩");
    }

    @Test
    void anAnswerThatIsCutOffSaysNothing() {
        assertThat(AgentRun.facts("ActiveState=inactive\nexit=0\n")).isEmpty();
        assertThat(AgentRun.facts("exit=0\ndone\n")).isEmpty();
        assertThat(AgentRun.status(AgentRun.facts("ActiveState=failed\nexit=9999\ndone\n")))
                .isEqualTo(new AgentRun.Status(false, 255, "It ended without saying how."));
        assertThat(
                        AgentRun.status(
                                AgentRun.facts(
                                        "ActiveState=failed\nExecMainCode=2\nExecMainStatus=9\ndone\n")))
                .isEqualTo(new AgentRun.Status(false, 137, "It was ended by signal 9."));
    }
}
