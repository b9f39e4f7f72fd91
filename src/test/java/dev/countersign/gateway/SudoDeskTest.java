package dev.countersign.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The guest's own `sudo` program against the gateway; root's commands run here as whoever tests.
@Timeout(60)
class SudoDeskTest {
    @TempDir Path directory;
    private final List<ToolCall> asked = new CopyOnWriteArrayList<>();
    private final Set<String> released = ConcurrentHashMap.newKeySet();
    private final List<Process> runs = new CopyOnWriteArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Semaphore answers = new Semaphore(100);
    private volatile Answer given = Answer.ALLOWED;
    private House house;
    private Path program;
    private ServerSocketChannel server;

    private final class Here implements SudoDesk.Run {
        private final Process process;

        Here(Process process) {
            this.process = process;
            runs.add(process);
        }

        @Override
        public int pass(OutputStream stdout, OutputStream stderr) throws InterruptedException {
            try {
                process.getInputStream().transferTo(stdout);
                process.getErrorStream().transferTo(stderr);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return process.waitFor();
        }

        @Override
        public void stop() {
            if (process.isAlive()) {
                process.destroyForcibly();
                stopped.countDown();
            }
        }
    }

    private SudoDesk.Run begin(String id, List<String> argv, String cwd, byte[] input)
            throws CountersignException {
        try {
            Process process = new ProcessBuilder(argv).directory(Path.of(cwd).toFile()).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            }
            return new Here(process);
        } catch (IOException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    @BeforeEach
    void open() throws Exception {
        house = new House(directory, new Provider(), _ -> Answer.DENIED);
        house.gateway()
                .serveSudo(
                        new SudoDesk(
                                (calls, _, _) -> {
                                    asked.addAll(calls);
                                    answers.acquire();
                                    return new AnswerGate.Verdicts(
                                            calls.stream()
                                                    .map(call -> House.verdict(call, given))
                                                    .toList(),
                                            false);
                                },
                                house.facts,
                                this::begin,
                                id -> released.contains(id.raw())));
        server =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        house.gateway().listen(server);
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        program = directory.resolve("sudo");
        try (InputStream in =
                SudoDeskTest.class.getResourceAsStream("/dev/countersign/guest/sudo.py")) {
            String text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(
                    program,
                    text.replace("4100", Integer.toString(port))
                            .replace("/usr/bin/sudo", "/nowhere/sudo"));
        }
    }

    @AfterEach
    void close() {
        runs.forEach(Process::destroyForcibly);
        house.close();
    }

    private record Ended(int code, String out, String err) {}

    private Process start(String... words) throws IOException {
        List<String> argv = new ArrayList<>(List.of("python3", "-SEI", program.toString()));
        argv.addAll(List.of(words));
        return new ProcessBuilder(argv)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
    }

    private Ended run(String... words) throws Exception {
        Process process = start(words);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, err);
    }

    @Test
    void P4_whatWasAllowedRunsWithTheseVeryWordsAndItsOutputAndCodeComeBack() throws Exception {
        Ended ended =
                run(
                        "-n",
                        "--",
                        "sh",
                        "-c",
                        "printf '%s|' \"$0\" \"$@\"; pwd -P; echo bad >&2; wc -c; exit 7",
                        "it's",
                        "$HOME `x`",
                        "ünïcode");
        assertThat(ended.err()).isEqualTo("bad\n");
        assertThat(ended.out())
                .isEqualTo("it's|$HOME `x`|ünïcode|" + directory.toRealPath() + "\n0\n");
        assertThat(ended.code()).isEqualTo(7);
        ToolCall call = asked.getFirst();
        assertThat(call.tool().raw()).isEqualTo("sudo");
        assertThat(call.cwd().raw()).isEqualTo(directory.toRealPath().toString());
        assertThat(call.argumentsJson().raw())
                .startsWith("{\"command\":\"sudo sh -c 'printf '")
                .contains("'it'\\\\''s' '$HOME `x`' 'ünïcode'");
        assertThat(house.facts.of(Fact.Called.class))
                .singleElement()
                .satisfies(called -> {
                    assertThat(called.layer()).isEqualTo("sudo");
                    assertThat(called.digest()).isEqualTo(call.digest());
                });
        assertThat(house.facts.of(Fact.Released.class)).hasSize(1);
        assertThat(house.facts.of(Fact.Returned.class))
                .singleElement()
                .satisfies(returned -> {
                    assertThat(returned.error()).isTrue();
                    assertThat(returned.output().raw()).contains("it's|");
                });
    }

    @Test
    void P4_whatWasDeniedDoesNotRunAndTheReasonIsSaid() throws Exception {
        given = Answer.DENIED;
        Ended ended = run("touch", directory.resolve("made").toString());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("sudo: not allowed. not today");
        assertThat(directory.resolve("made")).doesNotExist();
        assertThat(house.facts.of(Fact.Released.class)).isEmpty();
        assertThat(runs).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-i", "-s", "-u agent id", "A=b id", "-e /etc/passwd", "", "--"})
    void whatIsNoPlainCommandIsRefusedWithoutAQuestion(String words) throws Exception {
        Ended ended = run(words.isEmpty() ? new String[0] : words.split(" "));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).startsWith("sudo: ");
        assertThat(asked).isEmpty();
    }

    /// A shell's pipeline around the program, as agents write it.
    private Ended shell(String text) throws Exception {
        Process process =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "sudo() { python3 -SEI '" + program + "' \"$@\"; }\n" + text)
                        .directory(directory.toFile())
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, err);
    }

    private String shown() throws Exception {
        return StrictJson.object(asked.getLast().argumentsJson().raw()).path("command").asText();
    }

    @Test
    void P4_whatAPipeBringsIsShownAndIsExactlyWhatTheCommandReads() throws Exception {
        Path made = directory.resolve("made");
        Ended lines = shell("printf 'a \\047b\\n\\ttab $HOME\\n' | sudo tee made");
        assertThat(lines.code()).as(lines.err()).isZero();
        assertThat(Files.readString(made)).isEqualTo("a 'b\n\ttab $HOME\n").isEqualTo(lines.out());
        assertThat(shown())
                .isEqualTo(
                        "sudo tee made <<'COUNTERSIGN_INPUT'\na 'b\n\ttab $HOME\nCOUNTERSIGN_INPUT");

        assertThat(shell("printf \"no end it's\" | sudo tee made").code()).isZero();
        assertThat(Files.readString(made)).isEqualTo("no end it's");
        assertThat(shown()).isEqualTo("printf %s 'no end it'\\''s' | sudo tee made");

        assertThat(shell("printf 'x\\nCOUNTERSIGN_INPUT\\ntouch owned\\n' | sudo tee made").code())
                .isZero();
        assertThat(shown())
                .startsWith("printf %s 'x\nCOUNTERSIGN_INPUT\ntouch owned\n' | sudo tee");

        assertThat(shell("printf file > given; sudo cat < given").out()).isEqualTo("file");
        assertThat(shown()).isEqualTo("printf %s file | sudo cat");
    }

    /// What is shown is shell text: a shell that reads it does exactly the same.
    @Test
    void P4_whatIsShownOfAnInputStandsForTheseVeryBytes() throws Exception {
        for (String input :
                List.of("a\n", "a", "\n", "\n\n", "a\\\n", "'\n", "%s\\n", "-n", "$(id)\n`id`\n")) {
            Files.writeString(directory.resolve("given"), input);
            assertThat(shell("sudo cat < given").out()).isEqualTo(input);
            Process process =
                    new ProcessBuilder("sh", "-c", "sudo() { \"$@\"; }\n" + shown())
                            .redirectErrorStream(true)
                            .start();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .as(shown())
                    .isEqualTo(input);
            process.waitFor();
        }
    }

    @Test
    void anInputThatCannotBeShownIsRefusedWithoutAQuestion() throws Exception {
        for (String bad :
                List.of(
                        "head -c 40000 /dev/zero | tr '\\0' x",
                        "printf 'a\\0b'",
                        "printf '\\377'")) {
            Ended ended = shell(bad + " | sudo tee made");
            assertThat(ended.code()).as(bad).isEqualTo(1);
            assertThat(ended.err()).contains("put it into a file and name that");
        }
        assertThat(asked).isEmpty();
        assertThat(directory.resolve("made")).doesNotExist();
        String long32 = "x".repeat(32 * 1024 + 1);
        for (String input : List.of("\"" + long32 + "\"", "7", "\"a\\u0000\"", "null")) {
            assertThat(
                            post(
                                    "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[\"cat\"],\"cwd\":\"/\",\"input\":%s}"
                                            .formatted(input)))
                    .isEqualTo(400);
        }
        assertThat(asked).isEmpty();
    }

    /// An agent's own pipe may stay open for as long as the agent lives.
    @Test
    void anInputThatIsTheAgentsOwnIsNotWaitedFor() throws Exception {
        Process direct =
                new ProcessBuilder("python3", "-SEI", program.toString(), "wc", "-c").start();
        Process inShell =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "python3 -SEI '" + program + "' wc -c; echo \"ended $?\"")
                        .start();
        assertThat(new String(direct.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("0\n");
        assertThat(new String(inShell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("0\nended 0\n");
        direct.getOutputStream().close();
        inShell.getOutputStream().close();
        assertThat(direct.waitFor() + inShell.waitFor()).isZero();
    }

    private int post(String body) throws Exception {
        try (WireClient client = new WireClient(server.getLocalAddress())) {
            client.send(WireClient.post("/hook/sudo", body));
            int status = client.status();
            client.body();
            return status;
        }
    }

    private static String wish(String id, String argv) {
        return "{\"id\":\"%s\",\"argv\":[%s],\"cwd\":\"/\"}".formatted(id, argv);
    }

    @Test
    void P4_oneWishIsBegunOnceHoweverOftenItIsSent() throws Exception {
        String id = "0123456789abcdef0123456789abcdef";
        Path made = directory.resolve("made");
        String wish = wish(id, "\"sh\",\"-c\",\"echo x >> " + made + "\"");
        assertThat(post(wish)).isEqualTo(200);
        assertThat(post(wish)).isEqualTo(409);
        assertThat(post(wish(id, "\"touch\",\"" + directory.resolve("other") + "\"")))
                .as("nor another command under its id")
                .isEqualTo(409);
        released.add("sudo.fedcba9876543210fedcba9876543210");
        assertThat(post(wish("fedcba9876543210fedcba9876543210", "\"true\"")))
                .as("an earlier engine began it")
                .isEqualTo(409);
        assertThat(made).hasContent("x");
        assertThat(directory.resolve("other")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"id\":\"x\",\"argv\":[\"id\"],\"cwd\":\"/\"}",
                "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[],\"cwd\":\"/\"}",
                "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[1],\"cwd\":\"/\"}",
                "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[\"a\\u0000b\"],\"cwd\":\"/\"}",
                "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[\"id\"],\"cwd\":\"x\"}",
                "{\"id\":\"0123456789abcdef0123456789abcdef\",\"argv\":[\"id\"],\"cwd\":\"/\",\"allowed\":true}"
            })
    void P4_whatCannotBeReadIsRefusedWithoutAQuestion(String body) throws Exception {
        assertThat(post(body)).isEqualTo(400);
        assertThat(asked).isEmpty();
    }

    @Test
    void aGuestThatGoesAwayWhileItIsAskedGetsNothingRun() throws Exception {
        answers.drainPermits();
        Path made = directory.resolve("made");
        Process process = start("touch", made.toString());
        await(() -> !asked.isEmpty());
        process.destroyForcibly().waitFor();
        // The question was let go of; an answer that comes now finds nobody.
        await(() -> answers.getQueueLength() == 0);
        answers.release();
        assertThat(post("{}")).isEqualTo(400);
        assertThat(made).doesNotExist();
        assertThat(house.facts.of(Fact.Released.class)).isEmpty();
    }

    @Test
    void aGuestThatGoesAwayWhileItRunsEndsTheCommand() throws Exception {
        Process process = start("sleep", "600");
        await(() -> !runs.isEmpty());
        process.destroyForcibly().waitFor();
        assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
        await(() -> !house.facts.of(Fact.Returned.class).isEmpty());
        assertThat(house.facts.of(Fact.Returned.class).getFirst().callId())
                .isEqualTo(GuestText.of(asked.getFirst().id().raw()));
    }

    private static void await(java.util.function.BooleanSupplier condition)
            throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < 2000 && !condition.getAsBoolean(); i++) {
            if (never.await(10, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
