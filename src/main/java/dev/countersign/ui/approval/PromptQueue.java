package dev.countersign.ui.approval;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Level;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.NativePrompt;
import dev.countersign.ui.common.NativePrompt.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javafx.collections.ListChangeListener;
import org.jspecify.annotations.Nullable;

/// Asks in a dialog of the desktop while the window is not in front, one request at a time.
///
/// Only what came in meanwhile: a request that was there while the window was in front is known to
/// the developer, who may have left the window to look something up for it. The answer names the
/// digest of what the dialog showed ([P4]).
public final class PromptQueue {
    private static final Duration LOOK = Duration.ofMillis(50);

    private final ApprovalViewModel approvals;
    private final EngineLink link;
    private final Lanes lanes;
    private final Clock clock;
    private final NativePrompt prompt;
    private final Consumer<String> review;
    private final Set<String> known = new HashSet<>();
    private boolean front = true;
    private boolean closed;
    private @Nullable Asked asked;

    /// One dialog that is open.
    private static final class Asked implements NativePrompt.Listener {
        private final PromptQueue queue;
        private final ApprovalView request;
        private final ArmingGate gate;
        private NativePrompt.@Nullable Dialog dialog;
        private boolean armed;

        Asked(PromptQueue queue, ApprovalView request) {
            this.queue = queue;
            this.request = request;
            gate =
                    new ArmingGate(
                            request.level() == Level.CRITICAL
                                    ? ArmingGate.CRITICAL
                                    : ArmingGate.USUAL);
            // All of it is on screen: what does not fit can't be allowed from a dialog.
            gate.seen(queue.clock.instant());
        }

        @Override
        public void focused(boolean now) {
            if (now) {
                gate.focused(queue.clock.instant());
            } else {
                gate.disturbed();
            }
            look();
        }

        @Override
        public void disturbed() {
            gate.moved(queue.clock.instant());
            look();
        }

        @Override
        public void replied(Reply reply) {
            queue.replied(this, reply);
        }

        @Override
        public void gone() {
            queue.gone(this);
        }

        void look() {
            boolean now = gate.state(queue.clock.instant()) == ArmingGate.State.ARMED;
            NativePrompt.Dialog shown = dialog;
            if (now != armed && shown != null) {
                armed = now;
                shown.allowable(now);
            }
        }
    }

    /// @param review shows a request in the window
    public PromptQueue(
            ApprovalViewModel approvals,
            EngineLink link,
            Lanes lanes,
            Clock clock,
            NativePrompt prompt,
            Consumer<String> review) {
        this.approvals = approvals;
        this.link = link;
        this.lanes = lanes;
        this.clock = clock;
        this.prompt = prompt;
        this.review = review;
        approvals.waiting().addListener((ListChangeListener<ApprovalView>) _ -> refresh());
        link.state().addListener((_, _, _) -> refresh());
    }

    /// Whether the window is in front. What is asked outside goes away when it comes to the front.
    public void front(boolean now) {
        front = now;
        if (now) {
            put();
        }
        refresh();
    }

    private void refresh() {
        List<ApprovalView> waiting = approvals.waiting();
        if (front) {
            waiting.forEach(each -> known.add(each.id()));
        }
        known.removeIf(id -> waiting.stream().noneMatch(each -> each.id().equals(id)));
        Asked open = asked;
        if (open != null && (!link.up() || !stands(open.request, waiting))) {
            put();
        }
        if (!front && !closed && asked == null && link.up()) {
            waiting.stream()
                    .filter(each -> !known.contains(each.id()))
                    .findFirst()
                    .ifPresent(each -> ask(each, waiting));
        }
    }

    /// Takes the dialog away. The request stays open.
    public void close() {
        closed = true;
        put();
    }

    private static boolean stands(ApprovalView shown, List<ApprovalView> waiting) {
        return waiting.stream()
                .anyMatch(each ->
                        each.id().equals(shown.id())
                                && each.digest().equals(shown.digest())
                                && java.util.Objects.equals(each.warning(), shown.warning()));
    }

    private void ask(ApprovalView request, List<ApprovalView> waiting) {
        SessionView session = approvals.sessionOf(request);
        Asked next = new Asked(this, request);
        Optional<NativePrompt.Dialog> shown =
                prompt.open(
                        PromptText.of(
                                request, session, waiting.indexOf(request) + 1, waiting.size()),
                        next);
        if (shown.isEmpty()) {
            known.add(request.id());
            return;
        }
        next.dialog = shown.get();
        asked = next;
        tick(next);
    }

    private void tick(Asked of) {
        lanes.after(
                LOOK,
                () -> {
                    of.look();
                    if (asked == of) {
                        tick(of);
                    }
                });
    }

    private void put() {
        Asked open = asked;
        asked = null;
        if (open != null && open.dialog != null) {
            open.dialog.close();
        }
    }

    private void replied(Asked from, Reply reply) {
        if (asked != from) {
            return;
        }
        ApprovalView request = from.request;
        switch (reply) {
            case ALLOW -> {
                if (!from.gate.accepts(clock.instant())) {
                    from.look();
                    if (from.dialog != null) {
                        from.dialog.again();
                    }
                    return;
                }
                answer(request, Answer.ALLOWED);
            }
            case DENY -> answer(request, Answer.DENIED);
            case REVIEW -> {
                known.add(request.id());
                put();
                review.accept(request.id());
            }
        }
    }

    private void gone(Asked from) {
        if (asked == from) {
            known.add(from.request.id());
            put();
            refresh();
        }
    }

    private void answer(ApprovalView request, Answer answer) {
        known.add(request.id());
        put();
        Consumer<CountersignException> failed =
                failure -> {
                    // It changed, or the engine is away: nothing was decided, and the window says
                    // why.
                    review.accept(request.id());
                    approvals.say(request.id(), failure.getMessage());
                };
        link.tell(
                service -> {
                    if (answer == Answer.ALLOWED) {
                        service.decide(
                                new DecideRequest(
                                        request.id(),
                                        request.digest(),
                                        Answer.ALLOWED,
                                        List.of(),
                                        null,
                                        null));
                    } else {
                        service.deny(request.id(), null);
                    }
                },
                this::refresh,
                failed);
    }
}
