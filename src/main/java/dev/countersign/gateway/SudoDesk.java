package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import dev.countersign.gateway.http.HttpRequest;
import dev.countersign.gateway.http.HttpResponse;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `sudo` of a guest in which the agent can't become root: a command is a call like any other, and
/// if it was allowed the host runs exactly what was shown. The guest has nothing to say between the
/// decision and the run, so that there is nothing in it that could be faked.
public final class SudoDesk {
    /// Where it is asked on the gateway's socket.
    static final String PATH = "/hook/sudo";

    /// The layer that its calls are recorded under.
    public static final String LAYER = "sudo";

    private static final Logger LOG = LoggerFactory.getLogger(SudoDesk.class);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_-]+");
    private static final int MOST_BYTES = 64 * 1024;
    private static final int MOST_INPUT = 32 * 1024;
    private static final int OUTPUT_SHOWN = 4_000;
    private static final String TEXT = "text/plain; charset=utf-8";

    /// Root's own hands in the guest.
    @FunctionalInterface
    public interface Root {
        /// Begins a command, with exactly these words in exactly this directory.
        ///
        /// @param id names this run
        /// @param input all that it reads
        /// @throws CountersignException if it could not be begun
        Run begin(String id, List<String> argv, String cwd, byte[] input)
                throws CountersignException;
    }

    /// A command that root runs.
    public interface Run {
        /// Passes on what it prints until it ends; gives its exit code, 255 if that is not known.
        int pass(OutputStream stdout, OutputStream stderr) throws InterruptedException;

        /// Ends it.
        void stop();
    }

    private final AnswerGate gate;
    private final Recorder recorder;
    private final Root root;
    private final Predicate<GuestText> released;
    private final Set<String> ran = ConcurrentHashMap.newKeySet();
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /// @param gate decides, the layer being [#LAYER]
    /// @param released whether the journal says that a call was begun: none is begun twice
    public SudoDesk(AnswerGate gate, Recorder recorder, Root root, Predicate<GuestText> released) {
        this.gate = gate;
        this.recorder = recorder;
        this.root = root;
        this.released = released;
    }

    /// What the guest asks for.
    private record Wish(String id, List<String> argv, String cwd, String input) {
        private static final String END = "COUNTERSIGN_INPUT";

        static Wish of(ObjectNode asked) throws StrictJson.Malformed {
            String id = asked.path("id").asText();
            String cwd = asked.path("cwd").asText();
            List<String> argv = new ArrayList<>();
            int bytes = cwd.length();
            for (JsonNode word : asked.path("argv")) {
                if (!word.isTextual() || word.asText().indexOf('\0') >= 0) {
                    throw new StrictJson.Malformed("a word of the command is none");
                }
                argv.add(word.asText());
                bytes += word.asText().length() + 1;
            }
            String input = asked.path("input").asText();
            boolean reads = asked.has("input");
            if (asked.size() != (reads ? 4 : 3)
                    || (reads && !asked.get("input").isTextual())
                    || input.indexOf('\0') >= 0
                    || input.getBytes(StandardCharsets.UTF_8).length > MOST_INPUT
                    || !ID.matcher(id).matches()
                    || argv.isEmpty()
                    || argv.getFirst().isEmpty()
                    || !cwd.startsWith("/")
                    || cwd.indexOf('\0') >= 0
                    || bytes > MOST_BYTES) {
                throw new StrictJson.Malformed("it is not a command with id, argv and cwd");
            }
            return new Wish(id, List.copyOf(argv), cwd, input);
        }

        ToolCall call() {
            String words =
                    argv.stream().map(Wish::quoted).collect(Collectors.joining(" ", "sudo ", ""));
            return new ToolCall(
                    GuestText.of("sudo." + id),
                    GuestText.of("sudo"),
                    GuestText.of(
                            StrictJson.newObject().put("command", withInput(words)).toString()),
                    GuestText.of(cwd));
        }

        /// The input is part of the shell text that is shown and rated: code that a shell or an
        /// interpreter would read there is rated as that. The text stands for exactly these bytes.
        private String withInput(String words) {
            if (input.isEmpty()) {
                return words;
            }
            boolean lines = input.endsWith("\n") && !("\n" + input).contains("\n" + END);
            return lines
                    ? words + " <<'" + END + "'\n" + input + END
                    : "printf %s " + quoted(input) + " | " + words;
        }

        /// So that a shell reads these very words: the command is rated as a shell's.
        private static String quoted(String word) {
            return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
        }
    }

    /// Answers one question of the guest's `sudo`.
    void handle(HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException {
        if (!request.method().equals("POST")) {
            refuse(response, 405, "only POST is taken here");
            return;
        }
        try {
            Wish wish = Wish.of(StrictJson.object(request.body()));
            ToolCall call = wish.call();
            String denial = decided(call, response);
            if (denial != null) {
                refuse(response, 403, denial);
            } else if (!response.clientGone()) {
                begin(wish, call, response);
            }
        } catch (StrictJson.Malformed e) {
            refuse(response, 400, "the host can't read what was asked: " + e.getMessage());
        } catch (CountersignException e) {
            LOG.warn("a command of root's could not be decided or begun", e);
            refuse(response, 503, "the command did not run: " + e.getMessage());
        }
    }

    /// Why it must not run; null if it may. Waits no longer than the guest does: what was asked
    /// stays open, and the same question finds it again.
    private @Nullable String decided(ToolCall call, HttpResponse response)
            throws CountersignException, InterruptedException {
        if (known.add(call.id().raw()) && !released.test(call.id())) {
            recorder.record(new Fact.Called(call, call.digest(), LAYER, null));
        }
        Thread waiting = Thread.currentThread();
        AnswerGate.Verdicts verdicts;
        response.onClientGone(waiting::interrupt);
        try {
            verdicts = gate.decide(List.of(call), GuestText.of(""), null);
        } finally {
            response.onClientGone(null);
        }
        for (AnswerGate.Verdict verdict : verdicts.calls()) {
            if (verdict.callId().equals(call.id())) {
                return verdict.answer() == Answer.ALLOWED && !verdicts.planFirst()
                        ? null
                        : "not allowed. " + verdict.told();
            }
        }
        return "the command was not decided";
    }

    private void begin(Wish wish, ToolCall call, HttpResponse response)
            throws CountersignException, IOException, InterruptedException {
        if (released.test(call.id()) || !ran.add(call.id().raw())) {
            refuse(
                    response,
                    409,
                    "this command was begun before, and how it ended is not known. Look, then ask anew.");
            return;
        }
        recorder.record(new Fact.Released(call.id()));
        Run run =
                root.begin(
                        wish.id(),
                        wish.argv(),
                        wish.cwd(),
                        wish.input().getBytes(StandardCharsets.UTF_8));
        Passing passing = new Passing(response);
        int code = 255;
        try {
            response.onClientGone(run::stop);
            response.stream(200, "application/octet-stream", Map.of());
            code = run.pass(passing.to(1), passing.to(2));
            passing.end(code);
        } finally {
            response.onClientGone(null);
            run.stop();
            recorder.record(passing.returned(call.id(), code));
        }
    }

    private static void refuse(HttpResponse response, int status, String why) throws IOException {
        if (!response.begun()) {
            response.send(status, TEXT, Map.of(), why.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// Both outputs of a command on one connection: which one, how many bytes, the bytes. What is
    /// recorded of it is its beginning.
    private static final class Passing {
        private final HttpResponse response;
        private final ReentrantLock lock = new ReentrantLock();
        private final StringBuilder shown = new StringBuilder();
        private long bytes;
        private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();

        Passing(HttpResponse response) {
            this.response = response;
        }

        OutputStream to(int which) {
            return new OutputStream() {
                @Override
                public void write(int b) {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int length) {
                    passed(which, from, offset, length);
                }
            };
        }

        private void passed(int which, byte[] from, int offset, int length) {
            lock.lock();
            try {
                bytes += length;
                int room = OUTPUT_SHOWN - shown.length();
                if (room > 0) {
                    shown.append(
                            new String(
                                    from, offset, Math.min(room, length), StandardCharsets.UTF_8));
                }
                // Nobody reads any more: the command is stopped by that, its record goes on.
                if (broken.get() == null) {
                    response.part(frame(which, from, offset, length));
                }
            } catch (IOException e) {
                broken.set(e);
            } finally {
                lock.unlock();
            }
        }

        private static byte[] frame(int which, byte[] from, int offset, int length) {
            return ByteBuffer.allocate(5 + length)
                    .put((byte) which)
                    .putInt(length)
                    .put(from, offset, length)
                    .array();
        }

        void end(int code) throws IOException {
            byte[] number = Integer.toString(code).getBytes(StandardCharsets.US_ASCII);
            lock.lock();
            try {
                IOException lost = broken.get();
                if (lost != null) {
                    throw lost;
                }
                response.part(frame(0, number, 0, number.length));
                response.end();
            } finally {
                lock.unlock();
            }
        }

        Fact.Returned returned(GuestText id, int code) {
            lock.lock();
            try {
                return new Fact.Returned(id, code != 0, GuestText.of(shown.toString()), bytes);
            } finally {
                lock.unlock();
            }
        }
    }
}
