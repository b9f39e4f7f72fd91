package dev.countersign.gate.approval;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest.State;
import dev.countersign.journal.Recorder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
/// Durable: one file per request below `sessions/ID/approvals/`. A new engine finds open requests
/// open, and answers that no call has taken yet still valid: the same call (session, epoch, ids,
/// digests) attaches to its request, and takes the answer once.
///
/// A decision names the digest of what was shown ([P4]) and is in the session's journal before it
/// is in the queue ([P5]).
public final class Approvals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);
    private static final String ALPHABET = "abcdefghjkmnpqrstvwxyz23456789";

    /// Delivered requests that stay findable, per session.
    private static final int KEPT = 256;

    private static final int MOST_OPEN = 64;

    private final RequestFiles files;
    private final Plans plans;
    private final SecondFactor factor;
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
    /// @param factor what a critical request needs beside the answer
    /// @throws CountersignException if the directory can't be read. A single file that can't be
    ///   read is set aside and named in the log: its call is asked again.
    public Approvals(
            Path sessions,
            Function<SessionId, Recorder> recorders,
            SecondFactor factor,
            Clock clock,
            RandomGenerator random)
            throws CountersignException {
        this.files = new RequestFiles(sessions);
        this.plans = new Plans(files, clock);
        this.factor = factor;
        this.recorders = recorders;
        this.clock = clock;
        this.random = random;
        files.load().forEach(request -> requests.put(request.id(), request));
        timer = Thread.ofVirtual().name("approval-deadlines").start(this::watchDeadlines);
    }

    /// The approved plans.
    public Plans plans() {
        return plans;
    }

    /// What critical requests need beside the answer.
    public SecondFactor secondFactor() {
        return factor;
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
    /// @throws CountersignException as for [#decide(Decision)]
    public ApprovalRequest allow(String id, Digest digest, @Nullable String note)
            throws CountersignException {
        return decide(Decision.allow(id, digest, note)).getFirst();
    }

    /// Denies a request. The note reaches the model as the call's result.
    ///
    /// @throws CountersignException CONFLICT if it is decided, USAGE if there is none of this id
    public ApprovalRequest deny(String id, @Nullable String note) throws CountersignException {
        return decide(Decision.deny(id, note)).getFirst();
    }

    /// Decides one request, or all equal ones with the digest that covers them.
    ///
    /// @return what was decided, in the order in which it was opened
    /// @throws CountersignException CONFLICT if something else is shown by now or it is decided,
    ///   USAGE if there is none of this id or the calls named are not its own, REFUSED if the
    ///   second factor is missing or wrong
    public List<ApprovalRequest> decide(Decision decision) throws CountersignException {
        expireOverdue();
        List<ApprovalRequest> decided = new ArrayList<>();
        lock.lock();
        try {
            ApprovalRequest named = known(decision.requestId());
            List<ApprovalRequest> meant = meant(named, decision.digest());
            List<GuestText> except = refused(named, decision);
            checkReach(named, decision.reach());
            if (decision.answer() == Answer.ALLOWED && named.level() == Level.CRITICAL) {
                factor.check(named, decision.proof(), recorders.apply(named.session()));
            }
            String note = decision.note();
            for (ApprovalRequest request : meant) {
                decided.add(
                        settle(
                                request,
                                decision.answer(),
                                DecidedBy.PERSON,
                                note == null || note.isBlank() ? null : GuestText.of(note),
                                request.id().equals(named.id())
                                        ? except
                                        : sameCalls(named, except, request),
                                null,
                                decision.reach()));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
        return decided;
    }

    /// The request alone, or all that show the same, whichever this digest covers.
    private List<ApprovalRequest> meant(ApprovalRequest named, @Nullable Digest digest)
            throws CountersignException {
        if (named.state() != State.OPEN) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "Request "
                            + named.id()
                            + " is already "
                            + answered(named)
                            + ". List what is open with `countersign approvals list`.");
        }
        if (digest == null || digest.equals(named.digest())) {
            return List.of(named);
        }
        EqualRequests equal = EqualRequests.to(named, open());
        if (digest.equals(equal.digest())) {
            return equal.requests();
        }
        throw new CountersignException(
                Kind.CONFLICT,
                "Request "
                        + named.id()
                        + " no longer shows what you saw (you named "
                        + digest.brief()
                        + ", it is "
                        + named.digest().brief()
                        + " now"
                        + (equal.requests().size() == 1
                                ? ""
                                : ", and "
                                        + equal.digest().brief()
                                        + " for all "
                                        + equal.requests().size()
                                        + " equal ones")
                        + "). Look at it again with `countersign approvals show "
                        + named.id()
                        + "` and decide that.");
    }

    private static void checkReach(ApprovalRequest request, @Nullable Reach reach)
            throws CountersignException {
        if (reach != null && (!reach.known() || !request.kind().equals("hosts"))) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Request "
                            + request.id()
                            + " can't be allowed for "
                            + GuestText.of(reach.scope()).visible()
                            + ": only hosts are, for once, session or repository.");
        }
    }

    /// The calls of an allowed request that are denied all the same.
    private static List<GuestText> refused(ApprovalRequest request, Decision decision)
            throws CountersignException {
        if (decision.calls().isEmpty()) {
            return List.of();
        }
        List<GuestText> except = new ArrayList<>();
        boolean all = !request.kind().equals("plan") && decision.answer() == Answer.ALLOWED;
        for (int number : decision.calls()) {
            all &=
                    number >= 1
                            && number <= request.calls().size()
                            && request.calls().get(number - 1).waits();
        }
        if (!all) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Request "
                            + request.id()
                            + " has no such calls that wait. Calls are named by the numbers that"
                            + " `countersign approvals show "
                            + request.id()
                            + "` gives them, to allow some and deny the others of one answer; a"
                            + " plan is decided as a whole.");
        }
        for (int i = 0; i < request.calls().size(); i++) {
            ApprovalRequest.Call call = request.calls().get(i);
            if (call.waits() && !decision.calls().contains(i + 1)) {
                except.add(call.id());
            }
        }
        return except;
    }

    /// The same calls of an equal request, by their place.
    private static List<GuestText> sameCalls(
            ApprovalRequest one, List<GuestText> ids, ApprovalRequest other) {
        List<GuestText> same = new ArrayList<>();
        for (int i = 0; i < one.calls().size(); i++) {
            if (ids.contains(one.calls().get(i).id())) {
                same.add(other.calls().get(i).id());
            }
        }
        return same;
    }

    /// Lets go what a rule covers by now, so that a rule that was just made is not asked past.
    ///
    /// @param rule the place of the rule that covers every waiting call, empty if none does. Never
    ///   asked for critical requests and plans.
    /// @return the ids
    public List<String> allowByRule(
            SessionId session, Function<ApprovalRequest, Optional<String>> rule)
            throws CountersignException {
        List<String> allowed = new ArrayList<>();
        lock.lock();
        try {
            for (ApprovalRequest request : List.copyOf(requests.values())) {
                if (request.state() == State.OPEN
                        && request.session().equals(session)
                        && request.kind().equals("calls")
                        && request.level() != Level.CRITICAL) {
                    Optional<String> place = rule.apply(request);
                    if (place.isPresent()) {
                        settle(
                                request,
                                Answer.ALLOWED,
                                DecidedBy.RULE,
                                null,
                                List.of(),
                                place.get(),
                                null);
                        allowed.add(request.id());
                    }
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (!allowed.isEmpty()) {
            tell();
        }
        return allowed;
    }

    /// Voids what belongs to an epoch that is over, or to a session that ended: open requests are
    /// denied, answers that nobody took are taken back. What was void before stays as it is.
    ///
    /// @return the ids of what this made void
    public List<String> voidAll(SessionId session, int epoch, String why)
            throws CountersignException {
        List<String> voided = new ArrayList<>();
        lock.lock();
        try {
            for (ApprovalRequest request : List.copyOf(requests.values())) {
                if (request.session().equals(session)
                        && request.epoch() <= epoch
                        && request.state() != State.DELIVERED
                        && request.by() != DecidedBy.SESSION) {
                    settle(
                            request,
                            Answer.DENIED,
                            DecidedBy.SESSION,
                            GuestText.of(why),
                            List.of(),
                            null,
                            null);
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
                    settle(request, Answer.DENIED, DecidedBy.TIMEOUT, null, List.of(), null, null);
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
            taken = request.taken();
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
            ApprovalRequest again = known(id).reopened(warning, deadline(timeout));
            record(recorder, again);
            keep(again);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tell();
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

    private static String answered(ApprovalRequest request) {
        Answer answer = request.answer();
        DecidedBy by = request.by();
        String word = answer == Answer.ALLOWED ? "allowed" : "denied";
        return by == DecidedBy.TIMEOUT
                ? word + ", because nobody answered in time"
                : by == DecidedBy.SESSION ? word + ", because its session moved on" : word;
    }

    /// Journal first, then disk, then memory: in each gap nothing has been let through. Room on the
    /// disk is taken before, so that a full one leaves no answer on record that never counted.
    ///
    /// @param rule what decided, where it is not the rule that asked
    private ApprovalRequest settle(
            ApprovalRequest request,
            Answer answer,
            DecidedBy by,
            @Nullable GuestText note,
            List<GuestText> except,
            @Nullable String rule,
            @Nullable Reach reach)
            throws CountersignException {
        Recorder recorder = recorders.apply(request.session());
        Instant now = clock.instant();
        ApprovalRequest settled =
                request.answered(State.DECIDED, answer, by, note, except, reach, now);
        Duration waited = Duration.between(request.opened(), now);
        files.prepare(settled);
        for (ApprovalRequest.Call call : request.waiting()) {
            recorder.record(
                    new Fact.Decided(
                            call.id(),
                            except.contains(call.id()) ? Answer.DENIED : answer,
                            by,
                            call.level(),
                            rule == null ? call.rule() : rule,
                            request.id(),
                            request.digest(),
                            note,
                            waited,
                            null));
        }
        files.keepPrepared(settled);
        requests.put(settled.id(), settled);
        return settled;
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
        return ApprovalRequest.of(ask, freshId(), clock.instant(), deadline(ask.timeout()));
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

    private static void record(Recorder recorder, ApprovalRequest request)
            throws CountersignException {
        recorder.record(
                new Fact.Asked(
                        request.id(),
                        request.kind(),
                        request.waiting().stream().map(ApprovalRequest.Call::id).toList(),
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
        files.keep(request);
        requests.put(request.id(), request);
    }

    private void forgetOldest(SessionId session) {
        List<ApprovalRequest> old =
                requests.values().stream()
                        .filter(r -> r.session().equals(session) && r.state() == State.DELIVERED)
                        .toList();
        for (ApprovalRequest request : old.subList(0, Math.max(0, old.size() - KEPT))) {
            requests.remove(request.id());
            files.forget(request);
        }
    }
}
