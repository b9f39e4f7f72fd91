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
import java.util.Optional;
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
    private static final String STOPPED = "the session was restored or its engine ends.";

    private final Shared shared;
    private final Question request;
    private final WireFormat format;
    private final Digest key;
    private final int epoch;
    private final Instant since;
    private final String file;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Part> published = new ArrayList<>();
    private List<GuestText> waiting = List.of();
    private List<GuestText> unreleased = List.of();
    private int releasedFrom = Integer.MAX_VALUE;
    private boolean complete;
    private @Nullable ProviderFault fault;
    private @Nullable HeldAnswer held;
    private boolean viewed = true;
    private boolean stopped;
    private @Nullable Instant orphanedAt;

    // Only touched by the call's own thread.
    private final List<ObjectNode> further = new ArrayList<>();
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

    ModelCall(Shared shared, Question request, Digest key, int epoch) {
        this.shared = shared;
        this.request = request;
        this.format = request.format();
        this.key = key;
        this.epoch = epoch;
        this.since = shared.settings().clock().instant();
        this.file = shared.files().fresh(HeldAnswer.SUFFIX);
    }

    /// Takes up what an earlier call or engine still held for the same request.
    ModelCall(Shared shared, Question request, HeldAnswer held) {
        this.shared = shared;
        this.request = request;
        this.format = request.format();
        this.key = held.key();
        this.epoch = held.epoch();
        this.since = held.since();
        this.file = held.file();
        this.held = held;
        this.published.addAll(held.published());
        this.further.addAll(held.further());
        this.rounds = held.rounds();
        this.earlierOutput = held.earlierOutput();
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
            if (viewed || fault != null) {
                return false;
            }
            viewed = true;
            orphanedAt = null;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// As [#claim()], for a connection that has these blocks of the answer already. Tells from
    /// where it goes on; -1 if it can't be had.
    int claimBehind(List<String> had) {
        lock.lock();
        try {
            int from = Part.behind(published, had, format);
            return from > 0 && claim() ? from : -1;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it will never be complete.
    boolean failed() {
        lock.lock();
        try {
            return fault != null;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it failed while nobody waited.
    boolean abandoned() {
        lock.lock();
        try {
            return !viewed && fault != null;
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

    /// What there is to see from this part on. Waits at most this long for more.
    ///
    /// @param parts to be sent, in order
    /// @param last no more will come
    record Look(List<Part> parts, boolean last, @Nullable ProviderFault fault) {}

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

    /// Must be called before parts up to this one leave: puts the hand-over on record.
    void releasing(int upTo) throws CountersignException {
        List<GuestText> now;
        lock.lock();
        try {
            if (stopped) {
                throw new CountersignException(CountersignException.Kind.CONFLICT, STOPPED);
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
            return held;
        } finally {
            lock.unlock();
        }
    }

    /// Stops it. What is held stays on disk.
    void stop() {
        lock.lock();
        try {
            stopped = true;
            if (!complete && fault == null) {
                fault = ProviderFault.undecided(STOPPED);
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

    /// Waits until its thread has ended.
    ///
    /// @return whether it did in time
    boolean ended(Duration atMost) throws InterruptedException {
        Thread running = worker;
        return running == null || running.join(atMost);
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
            fail(ProviderFault.undecided(STOPPED));
        } catch (RuntimeException e) {
            // Fail closed, whatever the bug is: the connection must not wait for ever.
            LOG.error("a bug while an answer was handled", e);
            fail(ProviderFault.undecided("an internal error, see the engine's log."));
        }
    }

    /// Decides what becomes of an answer. Returns the next one if the gateway went on by itself.
    private @Nullable Turn settle(Turn turn, boolean recorded)
            throws ProviderFault, CountersignException, InterruptedException {
        List<Turn.Call> called = turn.calls();
        if (called.isEmpty()) {
            publishEnd(turn, false);
            return null;
        }
        List<ToolCall> calls = called.stream().map(this::call).toList();
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
        for (Turn.Call call : called) {
            AnswerGate.Verdict verdict = verdicts.get(call.id());
            if (verdict != null && verdict.answer() == Answer.ALLOWED) {
                allowed.add(call.id());
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
        List<Part> parts = new ArrayList<>();
        List<Turn.Block> denied =
                turn.callBlocks().stream().filter(call -> !allowed.contains(id(call))).toList();
        if (!denied.isEmpty()) {
            String note =
                    shared.denials()
                            .someDenied(
                                    DenialWords.note(calls(denied), verdicts),
                                    turn.callBlocks(),
                                    allowed,
                                    results(denied, verdicts));
            parts.addAll(format.parts(format.note(note)));
        }
        for (Turn.Block block : turn.held()) {
            if (block.call() == null || allowed.contains(id(block))) {
                parts.addAll(format.parts(block));
            }
        }
        parts.add(new Part.Ended(format.ending(turn, false, earlierOutput)));
        lock.lock();
        try {
            releasedFrom = published.size();
            unreleased = allowed.stream().map(GuestText::of).toList();
        } finally {
            lock.unlock();
        }
        publish(parts, true);
    }

    private static String id(Turn.Block block) {
        return java.util.Objects.requireNonNull(block.call()).id();
    }

    private static List<Turn.Call> calls(List<Turn.Block> blocks) {
        return blocks.stream().map(b -> java.util.Objects.requireNonNull(b.call())).toList();
    }

    private List<ObjectNode> results(
            List<Turn.Block> denied, Map<String, AnswerGate.Verdict> verdicts) {
        return denied.stream()
                .map(call -> format.denied(call, DenialWords.result(verdicts.get(id(call)))))
                .toList();
    }

    /// All calls were denied: tells the model, and lets the agent know by a note.
    private @Nullable Turn goOn(Turn turn, Map<String, AnswerGate.Verdict> verdicts)
            throws ProviderFault, CountersignException, InterruptedException {
        List<ObjectNode> results = results(turn.callBlocks(), verdicts);
        String note =
                shared.denials()
                        .allDenied(DenialWords.note(turn.calls(), verdicts), turn.held(), results);
        say(note);
        further.addAll(format.continuation(turn, results));
        earlierOutput += turn.tokens().output();
        if (++rounds > shared.settings().limits().rounds()) {
            say(DenialWords.TOO_OFTEN);
            earlierOutput -= turn.tokens().output();
            publishEnd(turn, true);
            return null;
        }
        int before = size();
        try {
            return ask();
        } catch (ProviderFault e) {
            if (size() > before) {
                throw e;
            }
            say(DenialWords.CANNOT_GO_ON + e.getMessage());
            earlierOutput -= turn.tokens().output();
            publishEnd(turn, true);
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
        Budget budget = shared.settings().budget();
        Optional<String> refusal = budget.refusal(request.model());
        if (refusal.isPresent()) {
            if (budget.tellsNow()) {
                notice(refusal.get() + " The agent's further questions are refused.");
            }
            throw new ProviderFault(
                    403,
                    "permission_error",
                    refusal.get() + " The developer can raise it; do not try again.");
        }
        Upstream.Request sent = request.forProvider(shared.denials(), further);
        long begun = System.nanoTime();
        Turn turn;
        int status = 0;
        Upstream.Reply answer;
        try {
            answer = shared.upstream().send(sent);
        } catch (IOException e) {
            record(Tokens.NONE, 0, begun);
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
            AnswerReader reader = format.reader(request, new Publisher(watchdog));
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
            record(Tokens.NONE, status, begun);
            throw new ProviderFault(
                    502,
                    "api_error",
                    watchdog.barked()
                            ? "The model's provider was silent for too long."
                            : "The model's provider broke the connection: " + reason(e));
        } catch (ProviderFault e) {
            record(Tokens.NONE, status, begun);
            throw e;
        } finally {
            watchdog.end();
            reply = null;
        }
        record(turn.tokens(), status, begun);
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

    private ProviderFault refusal(Upstream.Reply answer) throws IOException {
        byte[] body = answer.body().readNBytes(64 * 1024);
        ProviderFault said;
        try {
            said = format.reported(answer.status(), StrictJson.object(body));
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

    private void record(Tokens tokens, int status, long begun) throws CountersignException {
        shared.recorder()
                .record(
                        new Fact.ModelAsked(
                                GuestText.of(request.model()),
                                tokens.input(),
                                tokens.output(),
                                status,
                                Duration.ofNanos(System.nanoTime() - begun),
                                tokens.cacheRead(),
                                tokens.cacheWritten(),
                                shared.settings()
                                        .budget()
                                        .cost(request.model(), tokens)
                                        .orElse(null)));
        shared.settings().budget().spent(request.model(), tokens);
        Optional<String> warning = shared.settings().budget().warning();
        if (warning.isPresent()) {
            notice(warning.get());
        }
    }

    private void notice(String message) throws CountersignException {
        shared.recorder().record(new Fact.Noticed("warning", "budget", message));
    }

    private ToolCall call(Turn.Call call) {
        return new ToolCall(
                GuestText.of(call.id()),
                GuestText.of(call.tool()),
                GuestText.of(call.arguments()),
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

    private void publishEnd(Turn turn, boolean over) {
        publish(List.of(new Part.Ended(format.ending(turn, over, earlierOutput))), true);
    }

    /// A text of our own.
    private void say(String text) {
        publish(format.parts(format.note(text)), false);
    }

    private void publish(List<Part> parts, boolean end) {
        lock.lock();
        try {
            published.addAll(parts);
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

    private final class Publisher implements PartSink {
        private final Watchdog watchdog;

        Publisher(Watchdog watchdog) {
            this.watchdog = watchdog;
        }

        @Override
        public void part(Part part) {
            watchdog.fed();
            // An answer that the gateway asked for itself goes on with the one that began.
            if (!(part instanceof Part.Begun) || size() == 0) {
                publish(List.of(part), false);
            }
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
