package dev.countersign.ui.approval;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Says when a press of *Allow once* counts. Pure: time comes in, nothing goes out.
///
/// It arms once the window was in front, still, and all that the decision covers was on screen, for
/// the whole delay without a break. An early press starts the delay again, as Firefox and Chromium
/// do for their permission prompts: whoever clicks in a burst never hits an armed button.
public final class ArmingGate {
    /// For what a checkpoint takes back.
    public static final Duration USUAL = Duration.ofMillis(700);

    /// For critical calls.
    public static final Duration CRITICAL = Duration.ofMillis(1500);

    /// What the button shows.
    public enum State {
        /// Something is missing: focus, or the end was not seen.
        OFF,
        /// The delay runs.
        ARMING,
        /// A press counts.
        ARMED
    }

    private final Duration delay;
    private boolean focused;
    private boolean seen;
    private @Nullable Instant from;

    /// Off at first.
    public ArmingGate(Duration delay) {
        this.delay = delay;
    }

    /// The window is in front and the card on screen.
    public void focused(Instant now) {
        focused = true;
        start(now);
    }

    /// The window lost the focus, was moved or hidden.
    public void disturbed() {
        focused = false;
        from = null;
    }

    /// The window was moved or resized while it is in front: the delay starts again.
    public void moved(Instant now) {
        if (from != null) {
            from = now;
        }
    }

    /// All of what the decision covers was on screen.
    public void seen(Instant now) {
        seen = true;
        start(now);
    }

    /// Something new is to be seen first.
    public void unseen() {
        seen = false;
        from = null;
    }

    /// Whether a press at this moment counts; if not, the delay starts again.
    public boolean accepts(Instant now) {
        if (state(now) == State.ARMED) {
            return true;
        }
        if (from != null) {
            from = now;
        }
        return false;
    }

    /// What the button shows.
    public State state(Instant now) {
        if (from == null) {
            return State.OFF;
        }
        return now.isBefore(from.plus(delay)) ? State.ARMING : State.ARMED;
    }

    /// What is left of the delay; zero when armed, all of it when off.
    public Duration left(Instant now) {
        if (from == null) {
            return delay;
        }
        Duration left = Duration.between(now, from.plus(delay));
        // A clock that is set back never makes the wait longer than the delay, nor shorter.
        return left.isNegative() ? Duration.ZERO : left.compareTo(delay) > 0 ? delay : left;
    }

    /// From 0, just begun, to 1, armed.
    public double progress(Instant now) {
        return 1 - left(now).toNanos() / (double) delay.toNanos();
    }

    private void start(Instant now) {
        if (focused && seen && from == null) {
            from = now;
        }
    }
}
