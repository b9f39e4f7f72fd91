package dev.countersign.egress;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.Ask;
import dev.countersign.gate.approval.Reach;
import dev.countersign.journal.Recorder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the developer about hosts that no rule knows: one question of a session at a time, with all
/// hosts that were wanted meanwhile. A connection waits for seconds; the question stays open after
/// that, and its answer counts for the next try.
///
/// A guest that names hosts without end gets one open question of 20 hosts and a queue of 60, no
/// more.
final class HostQuestions implements Asking, AutoCloseable {
    static final String KIND = "hosts";

    private static final Logger LOG = LoggerFactory.getLogger(HostQuestions.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_IN_ONE = 20;
    private static final int MOST_WAITING = 60;
    private static final int MOST_DENIED = 1000;

    /// How long hosts are gathered before they are asked about: an install opens its connections
    /// within that.
    private static final Duration GATHER = Duration.ofMillis(400);

    /// How long one act may go on to open connections after it was allowed once.
    private static final Duration ONCE = Duration.ofMinutes(2);

    /// How long a denied host is refused without a new question.
    private static final Duration DENIED = Duration.ofMinutes(5);

    private static final Duration ENDING = Duration.ofSeconds(2);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private final SessionEgress.Guest guest;
    private final Approvals approvals;
    private final Grants session;
    private final Grants repositories;
    private final Recorder recorder;
    private final Clock clock;
    private final Duration hold;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Wanted and not asked about yet, by place.
    private final Map<String, Wanted> queue = new LinkedHashMap<>();

    private final Map<String, Wanted> asked = new LinkedHashMap<>();
    private final Map<String, Refusal> denied = new LinkedHashMap<>();
    private final List<Thread> askers = new ArrayList<>();
    private boolean closed;

    private record Refusal(Instant until, Reason reason, String words) {}

    /// @param hold how long a connection waits
    HostQuestions(
            SessionEgress.Guest guest,
            Approvals approvals,
            Grants session,
            Grants repositories,
            Recorder recorder,
            Clock clock,
            Duration hold) {
        this.guest = guest;
        this.approvals = approvals;
        this.session = session;
        this.repositories = repositories;
        this.recorder = recorder;
        this.clock = clock;
        this.hold = hold;
        takeUp();
        askers.add(Thread.ofVirtual().name("hosts-" + guest.id()).start(this::askOnAndOn));
    }

    /// Questions of an earlier engine are waited for again, each by itself.
    private void takeUp() {
        for (ApprovalRequest open : approvals.of(guest.id())) {
            if (open.kind().equals(KIND)
                    && open.epoch() == guest.epoch()
                    && open.state() != ApprovalRequest.State.DELIVERED) {
                for (ApprovalRequest.Call call : open.calls()) {
                    Wanted wanted = HostCall.wanted(call);
                    if (wanted != null) {
                        asked.put(wanted.place(), wanted);
                    }
                }
                askers.add(
                        Thread.ofVirtual()
                                .name("hosts-again-" + open.id())
                                .start(() -> waitAgain(HostCall.again(open))));
            }
        }
    }

    private void waitAgain(Ask again) {
        try {
            settle(again);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Decision ask(Wanted wanted) throws InterruptedException {
        String place = wanted.place();
        long left = hold.toNanos();
        lock.lockInterruptibly();
        try {
            Decision known = refused(wanted);
            if (known != null) {
                return known;
            }
            if (!asked.containsKey(place) && !queue.containsKey(place)) {
                if (queue.size() >= MOST_WAITING) {
                    return deny(Reason.QUESTIONS_FULL, wanted);
                }
                queue.put(place, wanted);
                changed.signalAll();
            }
            while (left > 0 && !closed && (asked.containsKey(place) || queue.containsKey(place))) {
                left = changed.awaitNanos(left);
            }
            Decision settled = refused(wanted);
            if (settled != null) {
                return settled;
            }
            if (closed) {
                return deny(Reason.CLOSED, wanted);
            }
            // Allowed: the grant is in force. Else nobody has said anything yet.
            return asked.containsKey(place) || queue.containsKey(place)
                    ? deny(Reason.UNANSWERED, wanted)
                    : Decision.allow(Reason.GRANTED, wanted.host(), wanted.port());
        } finally {
            lock.unlock();
        }
    }

    private static Decision deny(Reason reason, Wanted wanted) {
        return Decision.deny(reason, wanted.host(), wanted.port());
    }

    private @Nullable Decision refused(Wanted wanted) {
        Refusal refusal = denied.get(wanted.place());
        if (refusal == null || !clock.instant().isBefore(refusal.until())) {
            return null;
        }
        return deny(refusal.reason(), wanted).by(refusal.words());
    }

    private void askOnAndOn() {
        try {
            while (true) {
                List<Wanted> hosts = gathered();
                if (hosts.isEmpty()) {
                    return;
                }
                settle(HostCall.ask(guest, hosts));
            }
        } catch (InterruptedException e) {
            LOG.debug("nothing is asked for {} any more", guest.id());
        }
    }

    /// The next hosts to ask about; empty at the end.
    private List<Wanted> gathered() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (queue.isEmpty() && !closed) {
                changed.await();
            }
            long left = GATHER.toNanos();
            while (left > 0 && !closed && queue.size() < MOST_IN_ONE) {
                left = changed.awaitNanos(left);
            }
            if (closed) {
                return List.of();
            }
            List<Wanted> hosts = queue.values().stream().limit(MOST_IN_ONE).toList();
            hosts.forEach(one -> {
                queue.remove(one.place());
                asked.put(one.place(), one);
            });
            return hosts;
        } finally {
            lock.unlock();
        }
    }

    private void settle(Ask ask) throws InterruptedException {
        List<Wanted> hosts =
                ask.calls().stream()
                        .map(HostCall::wanted)
                        .filter(java.util.Objects::nonNull)
                        .toList();
        try {
            ApprovalRequest answered = approvals.ask(ask, recorder);
            ApprovalRequest taken = approvals.delivered(answered.id());
            if (taken.answer() == Answer.ALLOWED) {
                grant(taken, hosts);
            }
            done(hosts, taken);
        } catch (CountersignException e) {
            LOG.warn("hosts of {} could not be asked about", guest.id(), e);
            tell(e);
            failed(hosts);
        }
    }

    private void tell(CountersignException why) {
        try {
            recorder.record(
                    new Fact.Noticed(
                            "error",
                            "network",
                            "Hosts could not be asked about or allowed: " + why.getMessage()));
        } catch (CountersignException e) {
            LOG.warn("that could not be recorded either", e);
        }
    }

    /// In the journal first, then in the file, then in force.
    private void grant(ApprovalRequest taken, List<Wanted> hosts) throws CountersignException {
        Reach said = taken.reach();
        Reach reach = said == null ? Reach.SESSION : said;
        boolean everySession = reach.scope().equals(Reach.REPOSITORY);
        Instant now = clock.instant();
        Instant until = reach.scope().equals(Reach.ONCE) ? now.plus(ONCE) : reach.until();
        List<Grant> grants = new ArrayList<>();
        for (Wanted host : hosts) {
            if (taken.answerFor(GuestText.of(host.place())) == Answer.ALLOWED) {
                grants.add(
                        new Grant(
                                host.host(),
                                host.port(),
                                reach.scope(),
                                everySession ? guest.repository() : null,
                                now,
                                until,
                                taken.id()));
            }
        }
        recorder.record(
                new Fact.HostsGranted(
                        taken.id(),
                        grants.stream().map(Grant::place).toList(),
                        reach.scope(),
                        until));
        (everySession ? repositories : session).add(grants);
    }

    private void done(List<Wanted> hosts, ApprovalRequest taken) {
        GuestText note = taken.note();
        String words = "request " + taken.id() + (note == null ? "" : ": " + note.visible());
        Instant until = clock.instant().plus(DENIED);
        lock.lock();
        try {
            for (Wanted host : hosts) {
                asked.remove(host.place());
                if (taken.answerFor(GuestText.of(host.place())) == Answer.ALLOWED) {
                    denied.remove(host.place());
                } else if (taken.by() == DecidedBy.PERSON) {
                    denied.put(host.place(), new Refusal(until, Reason.PERSON_DENIED, words));
                } else if (taken.by() == DecidedBy.TIMEOUT) {
                    denied.put(host.place(), new Refusal(until, Reason.UNANSWERED, words));
                }
            }
            while (denied.size() > MOST_DENIED) {
                denied.remove(denied.keySet().iterator().next());
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(List<Wanted> hosts) throws InterruptedException {
        Instant until = clock.instant().plus(AFTER_FAILURE);
        lock.lockInterruptibly();
        try {
            for (Wanted host : hosts) {
                asked.remove(host.place());
                denied.put(host.place(), new Refusal(until, Reason.NOT_ASKED, ""));
            }
            changed.signalAll();
            long left = AFTER_FAILURE.toNanos();
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits for nobody any more; open questions stay open for the next engine.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        askers.forEach(Thread::interrupt);
        try {
            // Until nobody attends the question any more, whoever serves next can't take it up.
            for (Thread asker : askers) {
                asker.join(ENDING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A host as a call of a request, and back.
    private static final class HostCall {
        private static final String RULE = "egress preset packages";

        static Ask ask(SessionEgress.Guest guest, List<Wanted> hosts) {
            List<ApprovalRequest.Call> calls =
                    hosts.stream().map(host -> call(guest, host)).toList();
            String title =
                    hosts.size() == 1
                            ? "wants to reach " + hosts.getFirst().place()
                            : "wants to reach " + hosts.size() + " hosts";
            return new Ask(
                    guest.id(),
                    guest.epoch(),
                    KIND,
                    title,
                    Level.HIGH,
                    calls,
                    GuestText.of(""),
                    List.of(
                            "What is sent to a host can't be taken back. An allowed host can be sent anything that is in the guest.",
                            "Allowing covers these hosts for this session, unless you say once or repository. `countersign egress revoke` takes it back and cuts what is open."),
                    "boundary-enforced",
                    List.of(),
                    guest.askTimeout(),
                    null);
        }

        static Ask again(ApprovalRequest open) {
            return new Ask(
                    open.session(),
                    open.epoch(),
                    KIND,
                    open.title(),
                    open.level(),
                    open.calls(),
                    open.agentText(),
                    open.undo(),
                    open.gate(),
                    List.of(),
                    Duration.ZERO,
                    open.warning());
        }

        private static ApprovalRequest.Call call(SessionEgress.Guest guest, Wanted host) {
            ObjectNode shown = JSON.createObjectNode();
            shown.put("host", host.host());
            shown.put("port", host.port());
            shown.put("method", host.method());
            if (!host.target().isEmpty()) {
                shown.put("path", host.target());
            }
            if (host.process() != null) {
                shown.put("process (as the guest claims)", host.process());
            }
            String call = guest.lastCall();
            if (call != null) {
                shown.put("last call that the agent got", call);
            }
            return new ApprovalRequest.Call(
                    GuestText.of(host.place()),
                    GuestText.of("connect"),
                    GuestText.of(shown.toString()),
                    null,
                    List.of(),
                    null,
                    GuestText.of("the guest"),
                    Level.HIGH,
                    List.of("net.send"),
                    reasons(guest, host),
                    RULE,
                    Digest.of(host.place()),
                    true);
        }

        private static List<String> reasons(SessionEgress.Guest guest, Wanted host) {
            List<String> reasons = new ArrayList<>(List.of(Reason.UNKNOWN_HOST.text()));
            guest.known(host.host()).ifPresent(what -> reasons.add("it is " + what));
            return reasons;
        }

        static @Nullable Wanted wanted(ApprovalRequest.Call call) {
            String place = call.id().raw();
            int colon = place.lastIndexOf(':');
            String port = place.substring(colon + 1);
            return colon > 0 && port.matches("[0-9]{1,5}")
                    ? new Wanted(place.substring(0, colon), Integer.parseInt(port), "", "", null)
                    : null;
        }
    }
}
