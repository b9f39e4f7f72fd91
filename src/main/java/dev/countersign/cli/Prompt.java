package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Service;
import dev.countersign.domain.CountersignException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Asks in the terminal: one request at a time, `a` allows, `d` denies, `n TEXT` denies with a
/// note. Nothing counts that was typed before the request was on screen for 0.7 s, so that a line
/// meant for something else decides nothing ([P4]).
final class Prompt implements Asker {
    /// As long as browsers wait before a permission dialog takes a click.
    static final Duration ARMING = Duration.ofMillis(700);

    private final Service service;
    private final Terminal terminal;
    private final ApprovalText text;
    private final Clock clock;
    private final LongSupplier nanos;
    private final Deque<ApprovalView> waiting = new ArrayDeque<>();
    private @Nullable ApprovalView shown;
    private long armedAt;
    private boolean nobody;

    /// @param nanos a clock that only goes forward, for the arming delay
    Prompt(Service service, Terminal terminal, Clock clock, LongSupplier nanos) {
        this.service = service;
        this.terminal = terminal;
        this.text = new ApprovalText(new Ink(terminal.colours()));
        this.clock = clock;
        this.nanos = nanos;
    }

    @Override
    public void opened(ApprovalView request) {
        if (nobody) {
            sayHow(request);
        } else if (shown == null) {
            show(request);
        } else {
            waiting.add(request);
        }
    }

    private void show(ApprovalView request) {
        shown = request;
        text.lines(request, clock.instant()).forEach(terminal::say);
        terminal.say(question());
        armedAt = nanos.getAsLong() + ARMING.toNanos();
    }

    private static String question() {
        return "  a = allow   d = deny   n TEXT = deny with a note, then Enter";
    }

    @Override
    public void decided(String requestId) {
        waiting.removeIf(request -> request.id().equals(requestId));
        ApprovalView current = shown;
        if (current != null && current.id().equals(requestId)) {
            terminal.say("  Request " + requestId + " was decided.");
            next();
        }
    }

    private void next() {
        shown = null;
        ApprovalView following = waiting.poll();
        if (following != null) {
            opened(following);
        }
    }

    @Override
    public void typed(String line) throws CountersignException {
        ApprovalView request = shown;
        if (request == null) {
            return;
        }
        if (nanos.getAsLong() - armedAt < 0) {
            terminal.say("  Typed before the request could be read; it does not count. Once more:");
            terminal.say(question());
            return;
        }
        String answer = line.strip();
        String key = answer.toLowerCase(Locale.ROOT);
        if (key.equals("a") || key.equals("allow")) {
            answer(request, () -> service.allow(request.id(), request.digest(), null));
        } else if (key.equals("d") || key.equals("deny")) {
            answer(request, () -> service.deny(request.id(), null));
        } else if (key.startsWith("n ") && answer.length() > 2) {
            answer(request, () -> service.deny(request.id(), answer.substring(2).strip()));
        } else {
            terminal.say(question());
        }
    }

    private interface Deciding {
        void run() throws CountersignException;
    }

    private void answer(ApprovalView request, Deciding deciding) throws CountersignException {
        try {
            deciding.run();
            next();
        } catch (CountersignException e) {
            terminal.say("  " + e.getMessage());
            ApprovalView now = service.approval(request.id());
            if (now.state().equals("open")) {
                show(now);
            } else {
                next();
            }
        }
    }

    @Override
    public void inputEnded() {
        nobody = true;
        ApprovalView current = shown;
        if (current != null) {
            sayHow(current);
        }
        waiting.forEach(this::sayHow);
        shown = null;
        waiting.clear();
    }

    private void sayHow(ApprovalView request) {
        terminal.say("  Request " + request.id() + " waits. Answer it with");
        ApprovalText.commands(request).forEach(terminal::say);
    }
}
