package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.FakeService;
import dev.countersign.api.Server;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C on a real process.
@Timeout(60)
class InterruptTest {
    @TempDir Path directory;

    private @Nullable Server server;

    /// Whoever runs the tests in the background may have told them to ignore Ctrl-C, and children
    /// inherit that.
    private static final String TAKES_INTERRUPTS =
            "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])";

    private @Nullable Process process;

    /// A command line of its own process: `socket args…`.
    static final class OwnProcess {
        private OwnProcess() {}

        public static void main(String[] args) {
            Ports ports =
                    new Ports(
                            CliBench.connector(Path.of(args[0])),
                            Tools.none(),
                            null,
                            null,
                            Terminal.ofProcess(Map.of()),
                            Interrupts.ofProcess(),
                            Clock.systemUTC(),
                            System::nanoTime,
                            Path.of("."),
                            "0.1.0");
            System.exit(new Cli(ports).run(Arrays.copyOfRange(args, 1, args.length)));
        }
    }

    private Process start(FakeService service, String... args) throws Exception {
        Path socket = directory.resolve("run").resolve("engine.sock");
        server = Server.open(service, socket);
        String[] argv =
                new String[] {
                    "python3",
                    "-c",
                    TAKES_INTERRUPTS,
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-Xshare:auto",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    OwnProcess.class.getName(),
                    socket.toString()
                };
        String[] all = Arrays.copyOf(argv, argv.length + args.length);
        System.arraycopy(args, 0, all, argv.length, args.length);
        Process started = new ProcessBuilder(all).start();
        process = started;
        return started;
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String interruptAfter(Process process, String line) throws Exception {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String read = out.readLine();
        while (read != null && !read.contains(line)) {
            read = out.readLine();
        }
        assertThat(read).contains(line);
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        drain(out);
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static void drain(BufferedReader out) throws IOException {
        while (out.readLine() != null) {
            // the rest of the events
        }
    }

    @Test
    void ctrlCWhilePreparingRemovesTheSessionAndSaysSo() throws Exception {
        FakeService service = new FakeService();
        Process process = start(service, "session", "start", ".", "--agent", "mini", "--task", "x");
        String said = interruptAfter(process, "opened");
        assertThat(said).contains("s-new100 was still being prepared; it was removed");
        assertThat(service.asked()).contains("delete s-new100 dropping staged work");
        assertThat(service.sessions()).isEmpty();
        assertThat(process.exitValue()).isEqualTo(130);
    }

    @Test
    void ctrlCInARunningSessionDetachesAndSaysHowToComeBack() throws Exception {
        FakeService service =
                new FakeService() {
                    @Override
                    protected void agent(SessionId id) {
                        record(
                                id,
                                new Fact.StateChanged(
                                        SessionState.PREPARING, SessionState.RUNNING, "ready"));
                    }
                };
        Process process = start(service, "session", "start", ".", "--agent", "mini", "--task", "x");
        String said = interruptAfter(process, "running");
        assertThat(said)
                .contains("Detached")
                .contains("countersign session events s-new100 --follow");
        assertThat(service.sessions()).hasSize(1);
        assertThat(process.exitValue()).isEqualTo(130);
    }

    @Test
    void ctrlCWhileFollowingASessionThatSomebodyElsePreparesLeavesItAlone() throws Exception {
        FakeService service = new FakeService();
        SessionId id = service.open("s-abc234", SessionState.PREPARING);
        service.record(id, new Fact.Noticed("info", "vm", "is coming"));
        Process process = start(service, "session", "events", "s-abc234", "--follow");
        String said = interruptAfter(process, "is coming");
        assertThat(said).contains("Detached");
        assertThat(service.sessions()).hasSize(1);
    }

    @Test
    void aReaderThatGoesAwayEndsTheCommand() throws Exception {
        FakeService service = new FakeService();
        SessionId id = service.open("s-abc234", SessionState.RUNNING);
        for (int i = 0; i < 5000; i++) {
            service.record(id, new Fact.Noticed("info", "vm", "line " + i));
        }
        Process process = start(service, "session", "events", "s-abc234", "--follow");
        process.getInputStream().close();
        assertThat(process.waitFor(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    }
}
