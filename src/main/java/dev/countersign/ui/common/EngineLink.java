package dev.countersign.ui.common;

import dev.countersign.api.Hello;
import dev.countersign.api.Service;
import dev.countersign.api.Subscription;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import org.jspecify.annotations.Nullable;

/// The window's connection to the engine: connects, asks on background threads, answers on the
/// screen's, and connects again when the engine went away. Used on the screen's thread only.
public final class EngineLink {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /// Whether the engine answers.
    public sealed interface State {
        /// The first try runs.
        record Connecting() implements State {}

        /// It answers.
        ///
        /// @param again whether it was lost before
        record Up(Hello hello, boolean again) implements State {}

        /// It does not answer; the next try follows by itself.
        record Lost(Instant since, int tries, String why) implements State {}
    }

    /// One question to the engine.
    @FunctionalInterface
    public interface Ask<T> {
        /// May block.
        T of(Service service) throws CountersignException;
    }

    /// One wish to the engine that has no answer.
    @FunctionalInterface
    public interface Tell {
        /// May block.
        void to(Service service) throws CountersignException;
    }

    private final ServiceSource source;
    private final Lanes lanes;
    private final Clock clock;
    private final ReadOnlyObjectWrapper<State> state =
            new ReadOnlyObjectWrapper<>(new State.Connecting());
    private @Nullable Service service;
    private int generation;
    private boolean closed;

    /// Nothing happens before [#connect()].
    public EngineLink(ServiceSource source, Lanes lanes, Clock clock) {
        this.source = source;
        this.lanes = lanes;
        this.clock = clock;
    }

    /// Where the connection stands.
    public ReadOnlyObjectProperty<State> state() {
        return state.getReadOnlyProperty();
    }

    /// Whether the engine answered last time.
    public boolean up() {
        return state.get() instanceof State.Up;
    }

    /// Connects; called once.
    public void connect() {
        attempt();
    }

    /// No further attempts and answers.
    public void close() {
        closed = true;
        generation++;
    }

    /// Asks on a background thread and hands the answer over on the screen's thread. Without an
    /// engine it fails at once.
    public <T> void ask(Ask<T> ask, Consumer<T> done, Consumer<CountersignException> failed) {
        Service now = service;
        if (now == null) {
            failed.accept(new CountersignException(Kind.FAILED, Messages.text("engine.away")));
            return;
        }
        int asked = generation;
        lanes.background(() -> {
            try {
                T answer = ask.of(now);
                lanes.screen(() -> {
                    if (asked == generation) {
                        done.accept(answer);
                    }
                });
            } catch (CountersignException e) {
                lanes.screen(() -> {
                    if (!closed) {
                        failed.accept(e);
                        if (e.kind() == Kind.FAILED && asked == generation) {
                            check();
                        }
                    }
                });
            }
        });
    }

    /// As [#ask], for what has no answer.
    public void tell(Tell tell, Runnable done, Consumer<CountersignException> failed) {
        ask(
                service -> {
                    tell.to(service);
                    return Boolean.TRUE;
                },
                _ -> done.run(),
                failed);
    }

    /// Opens a subscription on a background thread; it is closed again if the engine was lost
    /// meanwhile. `open` gets the service and returns the subscription.
    public void subscribe(
            Ask<Subscription> open,
            Consumer<Subscription> done,
            Consumer<CountersignException> failed) {
        int asked = generation;
        ask(
                open,
                subscription -> {
                    if (asked == generation) {
                        done.accept(subscription);
                    } else {
                        lanes.background(subscription::close);
                    }
                },
                failed);
    }

    /// Asks the engine whether it is there; to be called now and then.
    public void check() {
        Service now = service;
        int asked = generation;
        if (now == null) {
            return;
        }
        lanes.background(() -> {
            try {
                now.hello();
            } catch (CountersignException e) {
                lanes.screen(() -> lost(asked, e.getMessage()));
            }
        });
    }

    private void attempt() {
        int asked = ++generation;
        lanes.background(() -> {
            try {
                Service opened =
                        source.open(() ->
                                lanes.screen(() -> lost(asked, Messages.text("engine.closed"))));
                Hello hello = opened.hello();
                lanes.screen(() -> connected(asked, opened, hello));
            } catch (CountersignException e) {
                lanes.screen(() -> lost(asked, e.getMessage()));
            }
        });
    }

    private void connected(int asked, Service opened, Hello hello) {
        if (asked != generation || closed) {
            return;
        }
        service = opened;
        state.set(new State.Up(hello, state.get() instanceof State.Lost));
    }

    private void lost(int asked, String why) {
        if (asked != generation || closed) {
            return;
        }
        service = null;
        generation++;
        State.Lost next =
                state.get() instanceof State.Lost(Instant since, int tries, _)
                        ? new State.Lost(since, tries + 1, why)
                        : new State.Lost(clock.instant(), 1, why);
        state.set(next);
        int expected = generation;
        lanes.after(
                pauseAfter(next.tries()),
                () -> {
                    if (expected == generation && !closed) {
                        attempt();
                    }
                });
    }

    private static Duration pauseAfter(int tries) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(tries - 1, 6));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
