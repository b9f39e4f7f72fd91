package dev.countersign.gate.approval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest.State;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one queue of requests that wait for the developer, over all sessions of this user.
///
/// Durable: one file per request below `sessions/ID/approvals/`, written aside, synced and renamed.
/// A new engine finds open requests open, and answers that no call has taken yet still valid: the
/// same call (session, epoch, ids, digests) attaches to its request, and takes the answer once.
///
/// A decision names the digest of what was shown ([P4]) and is in the session's journal before it
/// is in the queue ([P5]).
public final class Approvals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();
    private static final String ALPHABET = "abcdefghjkmnpqrstvwxyz23456789";

    /// Delivered requests that stay findable, per session.
    private static final int KEPT = 256;

    private static final int MOST_OPEN = 64;

    private final Path sessions;
    private final Function<SessionId, Recorder> recorders;
    private final Clock clock;
    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, ApprovalRequest> requests = new LinkedHashMap<>();
    private final Set<String> attended = new HashSet<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread timer;
    private boolean closed;

    /// Loads what is there.
    ///
    /// @param sessions the directory with one directory per session
    /// @param recorders the journal of a session, for decisions that come while no call waits
    /// @throws CountersignException if the directory can't be read. A single file that can't be
    ///   read is set aside and named in the log: its call is asked again.
    public Approvals(
            Path sessions,
            Function<SessionId, Recorder> recorders,
            Clock clock,
            RandomGenerator random)
            throws CountersignException {
        this.sessions = sessions;
        this.recorders = recorders;
        this.clock = clock;
        this.random = random;
        load();
        timer = Thread.ofVirtual().name("approval-deadlines").start(this::watchDeadlines);
    }

    /// Open requests over all sessions: the worst first, then the oldest.
    public List<ApprovalRequest> open() {
        return list(request -> request.state() == State.OPEN);
    }

    /// All requests of a session that are still known, open ones first.
    public List<ApprovalRequest> of(SessionId session) {
        return list(request -> request.session().equals(session));
    }

    /// By id.
    public Optional<ApprovalRequest> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(requests.get(id));
        } finally {
            lock.unlock();
        }
    }

    /// Called, on the thread that made it, after each change.
    ///
    /// @return ends it
    public Runnable onChange(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// Allows a request as it was shown.
    ///
    /// @param digest of what the developer saw
    /// @throws CountersignException CONFLICT if it shows something else by now or is decided, USAGE
    ///   if there is none of this id
    public ApprovalRequest allow(String id, Digest digest, @Nullable String note)
            throws CountersignException {
        return decide(id, digest, Answer.ALLOWED, DecidedBy.PERSON, note);
    }

    /// Denies a request. The note reaches the model as the call's result.
    ///
    /// @throws CountersignException CONFLICT if it is decided, USAGE if there is none of this id
    public ApprovalRequest deny(String id, @Nullable String note) throws CountersignException {
        return decide(id, null, Answer.DENIED, DecidedBy.PERSON, note);
    }

    /// Voids what belongs to an epoch that is over, or to a session that ended: open requests are
    /// denied, answers that nobody took are taken back.
    ///
    /// @return the ids
    public List<String> voidAll(SessionId session, int epoch, String why)
            throws CountersignException {
        List<String> voided = new ArrayList<>();
        lock.lock();
        try {
            for (ApprovalRequest request : List.copyOf(requests.values())) {
                if (request.session().equals(session)
                        && request.epoch() <= epoch
                        && request.state() != State.DELIVERED) {
                    settle(
                            request,
                            State.DECIDED,
                            Answer.DENIED,
                            DecidedBy.SESSION,
                            GuestText.of(why));
                    voided.add(request.id());
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
        return voided;
    }

    /// Denies what is past its deadline. The queue does so by itself; this is for a clock that
    /// jumped, such as after the host slept.
    public void expireOverdue() throws CountersignException {
        boolean any = false;
        lock.lock();
        try {
            Instant now = clock.instant();
            for (ApprovalRequest request : List.copyOf(requests.values())) {
                Instant deadline = request.deadline();
                if (request.state() == State.OPEN && deadline != null && !now.isBefore(deadline)) {
                    settle(request, State.DECIDED, Answer.DENIED, DecidedBy.TIMEOUT, null);
                    any = true;
                }
            }
            if (any) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (any) {
            tell();
        }
    }

    /// Asks and waits. An equal question that is open, or was answered while nobody waited, is the
    /// same question: no second prompt. The returned answer counts only once [#delivered] was
    /// called for it.
    ///
    /// @throws InterruptedException if the client is gone; the request stays open
    /// @throws CountersignException if it could not be stored: the call must not run
    public ApprovalRequest ask(Ask ask, Recorder recorder)
            throws InterruptedException, CountersignException {
        String id;
        boolean opened = false;
        lock.lock();
        try {
            ApprovalRequest same = sameAs(ask);
            if (same == null) {
                same = make(ask);
                record(recorder, same);
                keep(same);
                opened = true;
            }
            id = same.id();
            attended.add(id);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (opened) {
                tell();
            }
            return await(id);
        } finally {
            lock.lock();
            try {
                attended.remove(id);
            } finally {
                lock.unlock();
            }
        }
    }

    /// Takes the answer: from here on it never counts again.
    ///
    /// @return the request as it is now: a person's answer may have been voided in between
    public ApprovalRequest delivered(String id) throws CountersignException {
        ApprovalRequest taken;
        lock.lock();
        try {
            ApprovalRequest request = known(id);
            if (request.state() != State.DECIDED) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "Request "
                                + id
                                + " is "
                                + request.state().word()
                                + ", its answer was"
                                + " taken before. The call is asked again.");
            }
            taken = with(request, State.DELIVERED, request.answer(), request.by(), request.note());
            keep(taken);
            forgetOldest(request.session());
        } finally {
            lock.unlock();
        }
        tell();
        return taken;
    }

    /// Opens an answered request again, with what went wrong since: the answer is void, the digest
    /// is a new one.
    public void reopen(String id, String warning, Duration timeout, Recorder recorder)
            throws CountersignException {
        lock.lock();
        try {
            ApprovalRequest was = known(id);
            ApprovalRequest again =
                    sealed(
                            new ApprovalRequest(
                                    was.id(),
                                    was.session(),
                                    was.epoch(),
                                    was.kind(),
                                    was.title(),
                                    was.level(),
                                    was.calls(),
                                    was.agentText(),
                                    was.undo(),
                                    was.gate(),
                                    was.digest(),
                                    was.opened(),
                                    deadline(timeout),
                                    was.planDirectories(),
                                    State.OPEN,
                                    null,
                                    null,
                                    null,
                                    warning,
                                    null));
            record(recorder, again);
            keep(again);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
    }

    /// The plan that is approved for this session and epoch, if it still stands.
    public Optional<PlanGrant> plan(SessionId session, int epoch) {
        PlanState state = planState(session);
        PlanGrant grant = state.grant();
        return grant != null && grant.epoch() == epoch && clock.instant().isBefore(grant.expires())
                ? Optional.of(grant)
                : Optional.empty();
    }

    /// The last plan that was approved and not ended, even if its time is over.
    public Optional<PlanGrant> lastPlan(SessionId session) {
        return Optional.ofNullable(planState(session).grant());
    }

    /// Keeps an approved plan, on disk.
    public void grantPlan(PlanGrant grant) throws CountersignException {
        write(
                planFile(grant.session()),
                new PlanState(grant, planState(grant.session()).returnedEpoch()));
    }

    /// Ends the plan.
    ///
    /// @param fresh a new message starts: an answer without a plan may be returned once again
    public void endPlan(SessionId session, boolean fresh) throws CountersignException {
        PlanState state = planState(session);
        write(planFile(session), new PlanState(null, fresh ? null : state.returnedEpoch()));
    }

    /// Whether an answer was returned for lack of a plan since the last message of this epoch.
    public boolean planWasAskedFor(SessionId session, int epoch) {
        Integer returned = planState(session).returnedEpoch();
        return returned != null && returned == epoch;
    }

    /// Remembers that an answer was returned for lack of a plan.
    public void planAskedFor(SessionId session, int epoch) throws CountersignException {
        write(planFile(session), new PlanState(planState(session).grant(), epoch));
    }

    /// Ends the deadlines; open requests stay open on disk.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        timer.interrupt();
    }

    /// What is on disk about the plan of a session.
    ///
    /// @param returnedEpoch the epoch in which an answer was returned for lack of a plan
    record PlanState(@Nullable PlanGrant grant, @Nullable Integer returnedEpoch) {}

    private PlanState planState(SessionId session) {
        Path file = planFile(session);
        try {
            if (Files.exists(file)) {
                return JSON.readValue(Files.readAllBytes(file), PlanState.class);
            }
        } catch (IOException e) {
            LOG.warn("the plan of {} can't be read, it counts as ended", session, e);
        }
        return new PlanState(null, null);
    }

    private Path planFile(SessionId session) {
        return directory(session).resolve("plan.grant");
    }

    private Path directory(SessionId session) {
        return sessions.resolve(session.value()).resolve("approvals");
    }

    private ApprovalRequest decide(
            String id, @Nullable Digest digest, Answer answer, DecidedBy by, @Nullable String note)
            throws CountersignException {
        ApprovalRequest decided;
        expireOverdue();
        lock.lock();
        try {
            ApprovalRequest request = known(id);
            if (request.state() != State.OPEN) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "Request "
                                + id
                                + " is already "
                                + answered(request)
                                + ". List what is open"
                                + " with `countersign approvals list`.");
            }
            if (digest != null && !digest.equals(request.digest())) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "Request "
                                + id
                                + " no longer shows what you saw (you named "
                                + digest.brief()
                                + ", it is "
                                + request.digest().brief()
                                + " now). Look at it again with `countersign approvals show "
                                + id
                                + "` and decide that.");
            }
            decided =
                    settle(
                            request,
                            State.DECIDED,
                            answer,
                            by,
                            note == null || note.isBlank() ? null : GuestText.of(note));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
        return decided;
    }

    private static String answered(ApprovalRequest request) {
        Answer answer = request.answer();
        DecidedBy by = request.by();
        String word = answer == Answer.ALLOWED ? "allowed" : "denied";
        return by == DecidedBy.TIMEOUT
                ? word + ", because nobody answered in time"
                : by == DecidedBy.SESSION ? word + ", because its session moved on" : word;
    }

    /// Journal first, then disk, then memory: in each gap nothing has been let through.
    private ApprovalRequest settle(
            ApprovalRequest request,
            State state,
            Answer answer,
            DecidedBy by,
            @Nullable GuestText note)
            throws CountersignException {
        Recorder recorder = recorders.apply(request.session());
        ApprovalRequest settled = with(request, state, answer, by, note);
        Duration waited = Duration.between(request.opened(), clock.instant());
        for (ApprovalRequest.Call call : request.calls()) {
            if (call.waits()) {
                recorder.record(
                        new Fact.Decided(
                                call.id(),
                                answer,
                                by,
                                call.level(),
                                call.rule(),
                                request.id(),
                                request.digest(),
                                note,
                                waited,
                                null));
            }
        }
        keep(settled);
        return settled;
    }

    private ApprovalRequest with(
            ApprovalRequest was,
            State state,
            @Nullable Answer answer,
            @Nullable DecidedBy by,
            @Nullable GuestText note) {
        Instant decided = was.decided() == null ? clock.instant() : was.decided();
        return new ApprovalRequest(
                was.id(),
                was.session(),
                was.epoch(),
                was.kind(),
                was.title(),
                was.level(),
                was.calls(),
                was.agentText(),
                was.undo(),
                was.gate(),
                was.digest(),
                was.opened(),
                was.deadline(),
                was.planDirectories(),
                state,
                answer,
                by,
                note,
                was.warning(),
                decided);
    }

    private ApprovalRequest known(String id) throws CountersignException {
        ApprovalRequest request = requests.get(id);
        if (request == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no request "
                            + GuestText.of(id).visible()
                            + ". List what is open with"
                            + " `countersign approvals list`.");
        }
        return request;
    }

    private List<ApprovalRequest> list(java.util.function.Predicate<ApprovalRequest> wanted) {
        lock.lock();
        try {
            return requests.values().stream()
                    .filter(wanted)
                    .sorted(
                            Comparator.comparing((ApprovalRequest r) -> r.state() != State.OPEN)
                                    .thenComparing(
                                            ApprovalRequest::level, Comparator.reverseOrder())
                                    .thenComparing(ApprovalRequest::opened)
                                    .thenComparing(ApprovalRequest::id))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// An equal question that nobody waits for at the moment. One that somebody waits for is
    /// another agent's equal call, and a call of its own.
    private @Nullable ApprovalRequest sameAs(Ask ask) {
        for (ApprovalRequest request : requests.values()) {
            if (request.state() != State.DELIVERED
                    && !attended.contains(request.id())
                    && request.session().equals(ask.session())
                    && request.epoch() == ask.epoch()
                    && request.kind().equals(ask.kind())
                    && sameCalls(request.calls(), ask.calls())) {
                return request;
            }
        }
        return null;
    }

    private static boolean sameCalls(
            List<ApprovalRequest.Call> one, List<ApprovalRequest.Call> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (!one.get(i).id().equals(other.get(i).id())
                    || !one.get(i).digest().equals(other.get(i).digest())
                    || one.get(i).waits() != other.get(i).waits()) {
                return false;
            }
        }
        return true;
    }

    private ApprovalRequest make(Ask ask) throws CountersignException {
        long open =
                requests.values().stream()
                        .filter(r -> r.state() == State.OPEN && r.session().equals(ask.session()))
                        .count();
        if (open >= MOST_OPEN) {
            throw new CountersignException(
                    Kind.EXHAUSTED,
                    "Session "
                            + ask.session()
                            + " has "
                            + open
                            + " open requests, no more are"
                            + " taken. Decide some of them first.");
        }
        return sealed(
                new ApprovalRequest(
                        freshId(),
                        ask.session(),
                        ask.epoch(),
                        ask.kind(),
                        ask.title(),
                        ask.level(),
                        ask.calls(),
                        ask.agentText(),
                        ask.undo(),
                        ask.gate(),
                        Digest.of(""),
                        clock.instant(),
                        deadline(ask.timeout()),
                        ask.planDirectories(),
                        State.OPEN,
                        null,
                        null,
                        null,
                        ask.warning(),
                        null));
    }

    private String freshId() {
        while (true) {
            StringBuilder id = new StringBuilder("a-");
            for (int i = 0; i < 6; i++) {
                id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            if (!requests.containsKey(id.toString())) {
                return id.toString();
            }
        }
    }

    private @Nullable Instant deadline(Duration timeout) {
        return timeout.isPositive() ? clock.instant().plus(timeout) : null;
    }

    /// The digest over all of what is shown: every field but the digest and the answer.
    private static ApprovalRequest sealed(ApprovalRequest r) throws CountersignException {
        ApprovalRequest blank =
                new ApprovalRequest(
                        r.id(),
                        r.session(),
                        r.epoch(),
                        r.kind(),
                        r.title(),
                        r.level(),
                        r.calls(),
                        r.agentText(),
                        r.undo(),
                        r.gate(),
                        Digest.of(""),
                        r.opened(),
                        r.deadline(),
                        r.planDirectories(),
                        State.OPEN,
                        null,
                        null,
                        null,
                        r.warning(),
                        null);
        Digest digest = Digest.of(bytes(blank));
        return new ApprovalRequest(
                r.id(),
                r.session(),
                r.epoch(),
                r.kind(),
                r.title(),
                r.level(),
                r.calls(),
                r.agentText(),
                r.undo(),
                r.gate(),
                digest,
                r.opened(),
                r.deadline(),
                r.planDirectories(),
                r.state(),
                r.answer(),
                r.by(),
                r.note(),
                r.warning(),
                r.decided());
    }

    private static void record(Recorder recorder, ApprovalRequest request)
            throws CountersignException {
        recorder.record(
                new Fact.Asked(
                        request.id(),
                        request.kind(),
                        request.calls().stream()
                                .filter(ApprovalRequest.Call::waits)
                                .map(ApprovalRequest.Call::id)
                                .toList(),
                        request.level(),
                        request.digest()));
    }

    private ApprovalRequest await(String id) throws InterruptedException, CountersignException {
        lock.lockInterruptibly();
        try {
            while (true) {
                ApprovalRequest request = known(id);
                if (request.state() != State.OPEN) {
                    return request;
                }
                if (closed) {
                    throw new InterruptedException("the approvals were closed");
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void watchDeadlines() {
        try {
            while (true) {
                lock.lockInterruptibly();
                try {
                    if (closed) {
                        return;
                    }
                    Optional<Instant> next =
                            requests.values().stream()
                                    .filter(r -> r.state() == State.OPEN && r.deadline() != null)
                                    .map(ApprovalRequest::deadline)
                                    .min(Comparator.naturalOrder());
                    if (next.isEmpty()) {
                        changed.await();
                    } else {
                        long wait = Duration.between(clock.instant(), next.get()).toMillis() + 1;
                        if (wait > 0 && changed.await(wait, TimeUnit.MILLISECONDS)) {
                            continue;
                        }
                    }
                } finally {
                    lock.unlock();
                }
                expireUnattended();
            }
        } catch (InterruptedException e) {
            LOG.debug("deadlines are no longer watched", e);
        }
    }

    private void expireUnattended() throws InterruptedException {
        try {
            expireOverdue();
        } catch (CountersignException e) {
            LOG.error("a request past its deadline could not be closed, tried again in 1 s", e);
            lock.lockInterruptibly();
            try {
                long left = TimeUnit.SECONDS.toNanos(1);
                while (left > 0 && !closed) {
                    left = changed.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void tell() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    private void keep(ApprovalRequest request) throws CountersignException {
        write(directory(request.session()).resolve(request.id() + ".json"), request);
        requests.put(request.id(), request);
    }

    private void forgetOldest(SessionId session) {
        List<ApprovalRequest> old =
                requests.values().stream()
                        .filter(r -> r.session().equals(session) && r.state() == State.DELIVERED)
                        .toList();
        for (ApprovalRequest request : old.subList(0, Math.max(0, old.size() - KEPT))) {
            requests.remove(request.id());
            Path file = directory(session).resolve(request.id() + ".json");
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("{} could not be removed", file, e);
            }
        }
    }

    private static byte[] bytes(Object value) throws CountersignException {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new CountersignException(
                    Kind.FAILED, "A request could not be written down, so it is not asked.", e);
        }
    }

    private static void write(Path file, Object value) throws CountersignException {
        try {
            AtomicFile.write(file, bytes(value));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The request could not be kept in "
                            + file.getFileName()
                            + " ("
                            + e.getMessage()
                            + "), so nothing runs. Free some space, then let the agent try again.",
                    e);
        }
    }

    private void load() throws CountersignException {
        try {
            if (!Files.isDirectory(sessions)) {
                return;
            }
            List<Path> found = new ArrayList<>();
            try (var directories = Files.newDirectoryStream(sessions)) {
                for (Path directory : directories) {
                    collect(directory.resolve("approvals"), found);
                }
            }
            List<ApprovalRequest> read = new ArrayList<>();
            for (Path file : found) {
                ApprovalRequest request = read(file);
                if (request != null) {
                    read.add(request);
                }
            }
            read.sort(
                    Comparator.comparing(ApprovalRequest::opened)
                            .thenComparing(ApprovalRequest::id));
            read.forEach(request -> requests.put(request.id(), request));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The open requests below "
                            + sessions.getFileName()
                            + " can't be read ("
                            + e.getMessage()
                            + "). Check the rights of that directory.",
                    e);
        }
    }

    private static void collect(Path directory, Collection<Path> into) throws IOException {
        if (Files.isDirectory(directory)) {
            try (var files = Files.newDirectoryStream(directory, "a-*.json")) {
                files.forEach(into::add);
            }
        }
    }

    /// A request is believed only if its digest fits its content: a file that was changed or is
    /// half written is no decision.
    private @Nullable ApprovalRequest read(Path file) throws CountersignException {
        try {
            ApprovalRequest request =
                    JSON.readValue(Files.readAllBytes(file), ApprovalRequest.class);
            if (sealed(request).digest().equals(request.digest())
                    && file.getFileName().toString().equals(request.id() + ".json")) {
                return request;
            }
            LOG.warn("{} does not hold what its digest says, it is not used", file);
        } catch (IOException e) {
            LOG.warn("{} can't be read, its call is asked again", file, e);
        }
        return null;
    }
}
