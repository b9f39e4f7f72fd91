package dev.countersign.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.ConnectionListener;
import dev.countersign.api.Json;
import dev.countersign.api.SessionView;
import dev.countersign.api.Subscription;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Follows a session's log until its agent has ended, printing or passing on each entry and dealing
/// with the requests that open meanwhile. All on the calling thread.
final class Follow {
    /// How long the state may take to change after the agent ended.
    private static final long GRACE_SECONDS = 10;

    /// What can happen while following.
    private sealed interface Happening {
        record Recorded(Entry entry) implements Happening {}

        record Typed(Optional<String> line) implements Happening {}

        record Ended(CountersignException why) implements Happening {}

        record Told(String line) implements Happening {}

        record Look() implements Happening {}
    }

    private final Client engine;
    private final SessionId session;
    private final Consumer<Entry> show;
    private final Asker asker;
    private final Consumer<String> tell;
    private final BooleanSupplier unread;
    private final BlockingQueue<Happening> happenings = new ArrayBlockingQueue<>(1024);
    private Fact.@Nullable AgentEnded agentEnded;
    private volatile boolean done;
    private long endAt = Long.MAX_VALUE;

    /// @param show gets every entry, in order
    /// @param tell gets sentences about the connection
    /// @param unread whether nobody reads any more what is shown, as after `| head`
    Follow(
            Client engine,
            SessionId session,
            Consumer<Entry> show,
            Asker asker,
            Consumer<String> tell,
            BooleanSupplier unread) {
        this.engine = engine;
        this.session = session;
        this.show = show;
        this.asker = asker;
        this.tell = tell;
        this.unread = unread;
    }

    /// Lets the asker hear what is typed.
    Follow listenTo(Typed typed) {
        typed.to(line -> put(new Happening.Typed(line)));
        return this;
    }

    /// Follows from an entry on until the session stands still.
    ///
    /// @return 0 if the agent ended well or its work waits for review, 1 otherwise
    int untilAgentEnds(long fromSeq) throws CountersignException {
        engine.onConnection(new Connection());
        standsStill();
        if (endAt < fromSeq) {
            return outcome();
        }
        try (Subscription _ =
                        engine.events(
                                session, fromSeq, entry -> put(new Happening.Recorded(entry)));
                Subscription _ = engine.changes(_ -> happenings.offer(new Happening.Look()))) {
            return untilOver();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "Following was interrupted.", e);
        }
    }

    private int untilOver() throws CountersignException, InterruptedException {
        try {
            while (true) {
                Happening happening = next();
                if (happening == null) {
                    return outcome();
                }
                Optional<Integer> over = deal(happening);
                if (over.isPresent()) {
                    return over.get();
                }
            }
        } finally {
            nobodyTakes();
        }
    }

    /// Lets go whoever waits to put something in: closing a stream waits for its listener.
    private void nobodyTakes() {
        done = true;
        happenings.clear();
    }

    /// Prints what is on record up to now and returns.
    void onRecord(long fromSeq) throws CountersignException {
        long last = engine.session(session).lastSeq();
        if (last < fromSeq) {
            return;
        }
        try (Subscription _ =
                engine.events(session, fromSeq, entry -> put(new Happening.Recorded(entry)))) {
            untilShown(last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(Kind.FAILED, "Reading was interrupted.", e);
        }
    }

    private void untilShown(long last) throws InterruptedException {
        try {
            while (true) {
                if (happenings.take() instanceof Happening.Recorded(Entry entry)) {
                    show.accept(entry);
                    if (entry.seq() >= last || unread.getAsBoolean()) {
                        return;
                    }
                }
            }
        } finally {
            nobodyTakes();
        }
    }

    private @Nullable Happening next() throws InterruptedException {
        return agentEnded == null
                ? happenings.take()
                : happenings.poll(GRACE_SECONDS, TimeUnit.SECONDS);
    }

    private Optional<Integer> deal(Happening happening) throws CountersignException {
        return switch (happening) {
            case Happening.Recorded(Entry entry) -> recorded(entry);
            case Happening.Typed(Optional<String> line) -> {
                if (line.isPresent()) {
                    asker.typed(line.get());
                } else {
                    asker.inputEnded();
                }
                yield Optional.empty();
            }
            case Happening.Told(String line) -> {
                tell.accept(line);
                yield Optional.empty();
            }
            case Happening.Ended(CountersignException why) -> throw why;
            case Happening.Look() -> look();
        };
    }

    private Optional<Integer> recorded(Entry entry) throws CountersignException {
        show.accept(entry);
        if (unread.getAsBoolean()) {
            return Optional.of(0);
        }
        switch (entry.fact()) {
            case Fact.Asked asked -> {
                ApprovalView request = engine.approval(asked.requestId());
                if (request.state().equals("open")) {
                    asker.opened(request);
                }
            }
            case Fact.Decided decided when decided.requestId() != null ->
                    asker.decided(decided.requestId());
            case Fact.Restored restored -> {
                for (String request : restored.voided()) {
                    asker.decided(request);
                }
            }
            case Fact.AgentStarted _ -> agentEnded = null;
            case Fact.AgentEnded ended -> agentEnded = ended;
            case Fact.StateChanged moved when over(moved.to()) -> standsStill();
            default -> {}
        }
        if (entry.seq() >= endAt) {
            standsStill();
        }
        return entry.seq() >= endAt ? Optional.of(outcome()) : Optional.empty();
    }

    /// Looks whether the session is over now, not only at some time on record, and if so up to
    /// which entry there is something to show.
    private void standsStill() throws CountersignException {
        SessionView view = engine.session(session);
        endAt = over(view.state()) ? view.lastSeq() : Long.MAX_VALUE;
    }

    private static boolean over(SessionState state) {
        return switch (state) {
            case REVIEW, CLOSED, FAILED -> true;
            case PREPARING, RUNNING, FROZEN -> false;
        };
    }

    /// A session that was deleted has no more events.
    private Optional<Integer> look() throws CountersignException {
        try {
            SessionView view = engine.session(session);
            assert view.id().equals(session);
            return Optional.empty();
        } catch (CountersignException e) {
            if (e.kind() != Kind.USAGE) {
                throw e;
            }
            tell.accept("Session " + session + " was deleted.");
            return Optional.of(0);
        }
    }

    private int outcome() throws CountersignException {
        SessionView view = engine.session(session);
        if (view.state() == SessionState.FAILED) {
            return 1;
        }
        Fact.AgentEnded ended = agentEnded;
        return ended != null && ended.exitCode() != 0 ? 1 : 0;
    }

    private void put(Happening happening) {
        try {
            if (!done) {
                happenings.put(happening);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Connection implements ConnectionListener {
        @Override
        public void connected() {
            put(new Happening.Told("The engine answers again."));
        }

        @Override
        public void disconnected(String why) {
            put(new Happening.Told(why + " Waiting for it; nothing is approved meanwhile."));
        }

        @Override
        public void streamEnded(CountersignException why) {
            put(new Happening.Ended(why));
        }
    }

    /// Prints entries as JSON, one a line.
    static Consumer<Entry> asJson(Terminal terminal) {
        return entry -> terminal.say(json(entry));
    }

    /// One object as a line of JSON.
    static String json(Object value) {
        try {
            return Json.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view can't be written as JSON", e);
        }
    }
}
