package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One question of the agent and its answer, apart from the connection that waits for it: asks the
/// provider, lets text through, holds calls until they are decided, goes on by itself after a
/// denial. A connection that comes back finds it as it was.
final class ModelCall {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCall.class);
    private static final int TRIES = 4;

    private final Shared shared;
    private final MessagesRequest request;
    private final Map<String, String> headers;
    private final Digest key;
    private final int epoch;
    private final Instant since;
    private final String file;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<ObjectNode> published = new ArrayList<>();
    private List<GuestText> waiting = List.of();
    private List<GuestText> unreleased = List.of();
    private int releasedFrom = Integer.MAX_VALUE;
    private boolean complete;
    private @Nullable ProviderFault fault;
    private @Nullable HeldAnswer held;
    private boolean viewed = true;
    private boolean voided;
    private @Nullable Instant orphanedAt;

    // Only touched by the call's own thread.
    private final List<ObjectNode> further = new ArrayList<>();
    private int nextIndex;
    private int rounds;
    private long earlierOutput;

    private volatile @Nullable Thread worker;
    private volatile Upstream.@Nullable Reply reply;

    /// What all calls of a gateway share.
    record Shared(
            GatewaySettings settings,
            Upstream upstream,
            AnswerGate gate,
            Recorder recorder,
            SealedFiles files,
            DenialMemory denials,
            Set<String> seenCalls,
            java.util.concurrent.ScheduledExecutorService timer) {}

    ModelCall(
            Shared shared,
            MessagesRequest request,
            Map<String, String> headers,
            Digest key,
            int epoch) {
        this.shared = shared;
        this.request = request;
        this.headers = headers;
        this.key = key;
        this.epoch = epoch;
        this.since = shared.settings().clock().instant();
        this.file = shared.files().fresh(HeldAnswer.SUFFIX);
    }

    /// Takes up what an earlier call or engine still held for the same request.
    ModelCall(
            Shared shared, MessagesRequest request, Map<String, String> headers, HeldAnswer held) {
        this.shared = shared;
        this.request = request;
        this.headers = headers;
        this.key = held.key();
        this.epoch = held.epoch();
        this.since = held.since();
        this.file = held.file();
        this.held = held;
        this.published.addAll(held.published());
        this.further.addAll(held.further());
        this.rounds = held.rounds();
        this.earlierOutput = held.earlierOutput();
        this.nextIndex =
                (int)
                        held.published().stream()
                                .filter(e -> type(e).equals("content_block_start"))
                                .count();
    }

    void start() {
        worker = Thread.ofVirtual().name("model-call").start(this::run);
    }

    Digest key() {
        return key;
    }

    // --- what connections see

    /// Makes this connection the one that waits; false if another does.
    boolean claim() {
        lock.lock();
        try {
            if (viewed || voided || fault != null) {
                return false;
            }
            viewed = true;
            orphanedAt = null;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it will never be complete.
    boolean failed() {
        lock.lock();
        try {
            return fault != null || voided;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it failed while nobody waited.
    boolean abandoned() {
        lock.lock();
        try {
            return !viewed && (fault != null || voided);
        } finally {
            lock.unlock();
        }
    }

    /// The connection is gone.
    void unclaim() {
        lock.lock();
        try {
            viewed = false;
            orphanedAt = shared.settings().clock().instant();
        } finally {
            lock.unlock();
        }
    }

    /// Whether nobody has waited for the complete answer for too long.
    boolean expired(Instant now) {
        lock.lock();
        try {
            return !viewed
                    && complete
                    && orphanedAt != null
                    && orphanedAt.plus(shared.settings().limits().orphan()).isBefore(now);
        } finally {
            lock.unlock();
        }
    }

    /// What there is to see from this event on. Waits at most this long for more.
    ///
    /// @param events to be sent, in order
    /// @param last no more will come
    record Look(List<ObjectNode> events, boolean last, @Nullable ProviderFault fault) {}

    Look look(int from, Duration atMost, java.util.function.BooleanSupplier gone)
            throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (published.size() <= from
                    && !complete
                    && fault == null
                    && left > 0
                    && !gone.getAsBoolean()) {
                left = changed.awaitNanos(left);
            }
            return new Look(
                    List.copyOf(
                            published.subList(Math.min(from, published.size()), published.size())),
                    complete,
                    fault);
        } finally {
            lock.unlock();
        }
    }

    /// Wakes a waiting connection.
    void nudge() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Must be called before events up to this one leave: puts the hand-over on record.
    void releasing(int upTo) throws CountersignException {
        List<GuestText> now;
        lock.lock();
        try {
            if (voided) {
                throw new CountersignException(
                        CountersignException.Kind.CONFLICT, "The session was restored.");
            }
            if (upTo <= releasedFrom || unreleased.isEmpty()) {
                return;
            }
            now = unreleased;
            unreleased = List.of();
        } finally {
            lock.unlock();
        }
        for (GuestText id : now) {
            shared.recorder().record(new Fact.Released(id));
        }
    }

    /// The agent has all of it, or nobody will come back for it.
    void forget() throws CountersignException {
        shared.files().delete(file);
    }

    PendingAnswer pending() {
        lock.lock();
        try {
            return new PendingAnswer(key, waiting, viewed, since);
        } finally {
            lock.unlock();
        }
    }

    @Nullable HeldAnswer held() {
        lock.lock();
        try {
            return voided ? null : held;
        } finally {
            lock.unlock();
        }
    }

    /// Stops it. What is held stays on disk unless it is void.
    void stop(boolean isVoid) {
        lock.lock();
        try {
            voided |= isVoid;
            if (!complete && fault == null) {
                fault = ProviderFault.undecided("the session was restored or its engine ends.");
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Thread running = worker;
        if (running != null) {
            running.interrupt();
        }
        closeReply();
    }

    // --- the call's own thread

    private void run() {
        try {
            HeldAnswer found = held;
            Turn turn = found != null ? found.turn() : ask();
            boolean recorded = found != null;
            while (turn != null) {
                turn = settle(turn, recorded);
                recorded = false;
            }
        } catch (ProviderFault e) {
            fail(e);
        } catch (CountersignException e) {
            LOG.warn("an answer is not handed over", e);
            fail(ProviderFault.undecided(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(ProviderFault.undecided("the session was restored or its engine ends."));
        } catch (RuntimeException e) {
            // Fail closed, whatever the bug is: the connection must not wait for ever.
            LOG.error("a bug while an answer was handled", e);
            fail(ProviderFault.undecided("an internal error, see the engine's log."));
        }
    }

    /// Decides what becomes of an answer. Returns the next one if the gateway went on by itself.
    private @Nullable Turn settle(Turn turn, boolean recorded)
            throws ProviderFault, CountersignException, InterruptedException {
        List<Turn.Block> blocks = turn.calls();
        if (blocks.isEmpty()) {
            publishEnd(turn, turn.stopReason(), earlierOutput + turn.outputTokens());
            return null;
        }
        List<ToolCall> calls = blocks.stream().map(this::call).toList();
        GuestText model = GuestText.of(request.model());
        if (!recorded) {
            for (ToolCall call : calls) {
                if (!shared.seenCalls().add(call.id().raw())
                        || request.callIds().contains(call.id().raw())) {
                    throw ProviderFault.notUnderstood(
                            "it uses the id of an earlier call, " + call.id().visible());
                }
            }
            for (ToolCall call : calls) {
                shared.recorder().record(new Fact.Called(call, call.digest(), "gateway", model));
            }
            keep(turn);
        } else {
            calls.forEach(call -> shared.seenCalls().add(call.id().raw()));
        }
        waitFor(calls);
        Map<String, AnswerGate.Verdict> verdicts =
                verdicts(calls, shared.gate().decide(calls, GuestText.of(turn.text()), model));
        Set<String> allowed = new LinkedHashSet<>();
        for (Turn.Block block : blocks) {
            AnswerGate.Verdict verdict = verdicts.get(block.id());
            if (verdict != null && verdict.answer() == Answer.ALLOWED) {
                allowed.add(block.id());
            }
        }
        waitFor(List.of());
        if (allowed.isEmpty()) {
            return goOn(turn, verdicts);
        }
        release(turn, verdicts, allowed);
        return null;
    }

    private Map<String, AnswerGate.Verdict> verdicts(
            List<ToolCall> calls, AnswerGate.Verdicts given) throws ProviderFault {
        Map<String, AnswerGate.Verdict> verdicts = new HashMap<>();
        for (AnswerGate.Verdict verdict : given.calls()) {
            AnswerGate.Verdict counted =
                    given.planFirst()
                            ? new AnswerGate.Verdict(
                                    verdict.callId(),
                                    Answer.PLAN_FIRST,
                                    verdict.by(),
                                    verdict.told())
                            : verdict;
            if (verdicts.put(verdict.callId().raw(), counted) != null) {
                throw ProviderFault.undecided("one of its calls was decided twice.");
            }
        }
        for (ToolCall call : calls) {
            if (verdicts.get(call.id().raw()) == null) {
                throw ProviderFault.undecided("one of its calls was not decided.");
            }
        }
        return verdicts;
    }

    private void release(Turn turn, Map<String, AnswerGate.Verdict> verdicts, Set<String> allowed)
            throws CountersignException {
        List<Turn.Block> calls = turn.calls();
        List<ObjectNode> events = new ArrayList<>();
        if (allowed.size() < calls.size()) {
            List<Turn.Block> denied =
                    calls.stream().filter(call -> !allowed.contains(call.id())).toList();
            String note =
                    shared.denials()
                            .someDenied(
                                    DenialWords.note(denied, verdicts),
                                    calls,
                                    allowed,
                                    DenialWords.results(denied, verdicts));
            events.addAll(note(note));
        }
        for (Turn.Block block : turn.held()) {
            if (!block.call() || allowed.contains(block.id())) {
                events.addAll(whole(block));
            }
        }
        events.addAll(ending(turn, turn.stopReason(), earlierOutput + turn.outputTokens()));
        lock.lock();
        try {
            releasedFrom = published.size();
            unreleased = allowed.stream().map(GuestText::of).toList();
        } finally {
            lock.unlock();
        }
        publish(events, true);
    }

    /// All calls were denied: tells the model, and lets the agent know by a note.
    private @Nullable Turn goOn(Turn turn, Map<String, AnswerGate.Verdict> verdicts)
            throws ProviderFault, CountersignException, InterruptedException {
        List<ObjectNode> results = DenialWords.results(turn.calls(), verdicts);
        String note =
                shared.denials()
                        .allDenied(DenialWords.note(turn.calls(), verdicts), turn.held(), results);
        publish(note(note), false);
        ObjectNode answer = StrictJson.newObject().put("role", "assistant");
        answer.putArray("content").addAll(turn.all().stream().map(Turn.Block::json).toList());
        ObjectNode told = StrictJson.newObject().put("role", "user");
        told.putArray("content").addAll(results);
        further.add(answer);
        further.add(told);
        earlierOutput += turn.outputTokens();
        if (++rounds > shared.settings().limits().rounds()) {
            publish(note(DenialWords.TOO_OFTEN), false);
            publishEnd(turn, "end_turn", earlierOutput);
            return null;
        }
        int before = size();
        try {
            return ask();
        } catch (ProviderFault e) {
            if (size() > before) {
                throw e;
            }
            publish(note(DenialWords.CANNOT_GO_ON + e.getMessage()), false);
            publishEnd(turn, "end_turn", earlierOutput);
            return null;
        }
    }

    /// Asks the provider, again after a while if it is only busy.
    private Turn ask() throws ProviderFault, CountersignException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            int before = size();
            try {
                return askOnce();
            } catch (ProviderFault e) {
                boolean busy = e.status() == 429 || e.status() == 529 || e.status() == 503;
                // The agent retries its own questions; the gateway only those it asked itself.
                if (further.isEmpty() || !busy || attempt == TRIES || size() > before) {
                    throw e;
                }
                pause(Duration.ofMillis(250L << attempt));
            }
        }
    }

    private Turn askOnce() throws ProviderFault, CountersignException, InterruptedException {
        byte[] body = request.forProvider(shared.denials(), further);
        long begun = System.nanoTime();
        Turn turn;
        int status = 0;
        Upstream.Reply answer;
        try {
            answer = shared.upstream().send(new Upstream.Request("/v1/messages", headers, body));
        } catch (IOException e) {
            record(0, 0, 0, begun);
            throw new ProviderFault(
                    502, "api_error", "The model's provider can't be reached: " + reason(e));
        }
        reply = answer;
        Watchdog watchdog = new Watchdog();
        try (answer) {
            status = answer.status();
            if (status != 200) {
                throw refusal(answer);
            }
            AnswerReader reader = new AnswerReader(new Publisher(watchdog));
            boolean streamed = answer.contentType().startsWith("text/event-stream");
            if (streamed != request.stream()) {
                throw ProviderFault.notUnderstood("its form is not the one that was asked for");
            }
            int limit = shared.settings().limits().answerBytes();
            turn =
                    streamed
                            ? reader.stream(watchdog.watched(answer.body()), limit)
                            : reader.whole(all(watchdog.watched(answer.body()), limit));
        } catch (IOException e) {
            record(0, 0, status, begun);
            throw new ProviderFault(
                    502,
                    "api_error",
                    watchdog.barked()
                            ? "The model's provider was silent for too long."
                            : "The model's provider broke the connection: " + reason(e));
        } catch (ProviderFault e) {
            record(0, 0, status, begun);
            throw e;
        } finally {
            watchdog.end();
            reply = null;
        }
        record(turn.inputTokens(), turn.outputTokens(), status, begun);
        if (!turn.text().isBlank()) {
            shared.recorder().record(new Fact.AgentSaid(GuestText.of(turn.text())));
        }
        return turn;
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static byte[] all(java.io.InputStream in, int limit) throws IOException, ProviderFault {
        byte[] body = in.readNBytes(limit + 1);
        if (body.length > limit) {
            throw ProviderFault.notUnderstood("it is longer than Countersign reads");
        }
        return body;
    }

    private static ProviderFault refusal(Upstream.Reply answer) throws IOException {
        byte[] body = answer.body().readNBytes(64 * 1024);
        ProviderFault said;
        try {
            said = AnswerReader.reported(StrictJson.object(body).path("error"));
        } catch (StrictJson.Malformed e) {
            said =
                    new ProviderFault(
                            502,
                            "api_error",
                            "The model's provider answered with status " + answer.status() + ".");
        }
        int status = answer.status();
        return new ProviderFault(
                status >= 400 && status < 600 ? status : 502, said.type(), said.getMessage());
    }

    private void record(long input, long output, int status, long begun)
            throws CountersignException {
        shared.recorder()
                .record(
                        new Fact.ModelAsked(
                                GuestText.of(request.model()),
                                input,
                                output,
                                status,
                                Duration.ofNanos(System.nanoTime() - begun)));
    }

    private ToolCall call(Turn.Block block) {
        return new ToolCall(
                GuestText.of(block.id()),
                GuestText.of(block.tool()),
                GuestText.of(java.util.Objects.requireNonNull(block.arguments())),
                shared.settings().cwd());
    }

    private void keep(Turn turn) throws CountersignException, ProviderFault {
        HeldAnswer answer;
        lock.lock();
        try {
            answer =
                    new HeldAnswer(
                            file,
                            key,
                            epoch,
                            since,
                            turn,
                            List.copyOf(published),
                            List.copyOf(further),
                            rounds,
                            earlierOutput);
        } finally {
            lock.unlock();
        }
        try {
            shared.files().write(file, answer.json());
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        lock.lock();
        try {
            held = answer;
        } finally {
            lock.unlock();
        }
    }

    private void waitFor(List<ToolCall> calls) {
        lock.lock();
        try {
            waiting = calls.stream().map(ToolCall::id).toList();
        } finally {
            lock.unlock();
        }
    }

    // --- publishing

    private void publishEnd(Turn turn, String reason, long output) {
        publish(ending(turn, reason, output), true);
    }

    private void publish(List<ObjectNode> events, boolean end) {
        lock.lock();
        try {
            published.addAll(events);
            complete |= end && fault == null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private int size() {
        lock.lock();
        try {
            return published.size();
        } finally {
            lock.unlock();
        }
    }

    private void fail(ProviderFault why) {
        lock.lock();
        try {
            if (fault == null && !complete) {
                fault = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<ObjectNode> note(String text) {
        return whole(
                new Turn.Block(StrictJson.newObject().put("type", "text").put("text", text), null));
    }

    private List<ObjectNode> whole(Turn.Block block) {
        int index = nextIndex++;
        ObjectNode opening = block.json().deepCopy();
        List<ObjectNode> deltas = new ArrayList<>();
        switch (opening.path("type").asText()) {
            case "text" -> {
                deltas.add(Delta.text(opening.path("text").asText()));
                opening.path("citations").forEach(cited -> deltas.add(Delta.citation(cited)));
                opening.put("text", "").remove("citations");
            }
            case "thinking" -> {
                deltas.add(Delta.thinking(opening.path("thinking").asText()));
                deltas.add(Delta.signature(opening.path("signature").asText()));
                opening.put("thinking", "").put("signature", "");
            }
            case "tool_use" -> {
                deltas.add(Delta.arguments(String.valueOf(block.arguments())));
                opening.putObject("input");
            }
            default -> {}
        }
        List<ObjectNode> events = new ArrayList<>();
        events.add(event("content_block_start", index, "content_block", opening));
        deltas.forEach(d -> events.add(event("content_block_delta", index, "delta", d)));
        events.add(StrictJson.newObject().put("type", "content_block_stop").put("index", index));
        return events;
    }

    private static List<ObjectNode> ending(Turn turn, String reason, long output) {
        ObjectNode end = StrictJson.newObject().put("type", "message_delta");
        end.putObject("delta").put("stop_reason", reason).put("stop_sequence", turn.stopSequence());
        ObjectNode usage = turn.usage().deepCopy();
        usage.put("output_tokens", output);
        end.set("usage", usage);
        return List.of(end, StrictJson.newObject().put("type", "message_stop"));
    }

    private static ObjectNode event(String type, int index, String name, ObjectNode content) {
        ObjectNode event = StrictJson.newObject().put("type", type).put("index", index);
        event.set(name, content);
        return event;
    }

    static String type(ObjectNode event) {
        return event.path("type").asText();
    }

    private final class Publisher implements AnswerReader.Live {
        private final Watchdog watchdog;
        private int index;

        Publisher(Watchdog watchdog) {
            this.watchdog = watchdog;
        }

        @Override
        public void started(ObjectNode message) {
            watchdog.fed();
            if (size() == 0) {
                ObjectNode event = StrictJson.newObject().put("type", "message_start");
                event.set("message", message);
                publish(List.of(event), false);
            }
        }

        @Override
        public void blockStarted(ObjectNode block) {
            index = nextIndex++;
            publish(List.of(event("content_block_start", index, "content_block", block)), false);
        }

        @Override
        public void delta(ObjectNode delta) {
            publish(List.of(event("content_block_delta", index, "delta", delta)), false);
        }

        @Override
        public void blockEnded() {
            publish(
                    List.of(
                            StrictJson.newObject()
                                    .put("type", "content_block_stop")
                                    .put("index", index)),
                    false);
        }
    }

    // --- time

    private void pause(Duration time) throws InterruptedException {
        lock.lock();
        try {
            long left = time.toNanos();
            while (left > 0 && fault == null) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeReply() {
        Upstream.Reply open = reply;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("the provider's connection did not close", e);
            }
        }
    }

    /// Ends a provider's answer that does not go on.
    private final class Watchdog {
        private final long limit = shared.settings().limits().upstreamIdle().toNanos();
        private volatile long fedAt = System.nanoTime();
        private volatile boolean barked;
        private final ScheduledFuture<?> checks =
                shared.timer()
                        .scheduleWithFixedDelay(
                                this::check, limit / 4, limit / 4, TimeUnit.NANOSECONDS);

        void fed() {
            fedAt = System.nanoTime();
        }

        boolean barked() {
            return barked;
        }

        void end() {
            checks.cancel(false);
        }

        private void check() {
            if (System.nanoTime() - fedAt > limit) {
                barked = true;
                closeReply();
            }
        }

        java.io.InputStream watched(java.io.InputStream in) {
            return new java.io.FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    int value = super.read();
                    fed();
                    return value;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int count = super.read(into, offset, length);
                    fed();
                    return count;
                }
            };
        }
    }
}
