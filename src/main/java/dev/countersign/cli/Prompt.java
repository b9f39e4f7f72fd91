package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.DecideRequest;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleOutcome;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.Service;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks in the terminal: one request at a time, `a` allows, `d` denies, `n TEXT` denies with a
/// note. Nothing counts that was typed before the request was on screen for 0.7 s, so that a line
/// meant for something else decides nothing ([P4]).
final class Prompt implements Asker {
    private static final Logger LOG = LoggerFactory.getLogger(Prompt.class);

    /// As long as browsers wait before a permission dialog takes a click.
    static final Duration ARMING = Duration.ofMillis(700);

    private final Service service;
    private final Terminal terminal;
    private final ApprovalText text;
    private final Clock clock;
    private final LongSupplier nanos;
    private final Deque<ApprovalView> waiting = new ArrayDeque<>();
    private List<RuleOffers.Offer> offers = List.of();
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
        offers = offersFor(request);
        for (RuleOffers.Offer offer : offers) {
            terminal.say(
                    "  Rule %s: %s"
                            .formatted(
                                    offer.wider() ? "w" : "r",
                                    GuestText.of(String.join("; ", offer.words())).visible()));
            terminal.say("     " + offer.effect().sentence() + ".");
        }
        terminal.say(question(request));
        armedAt = nanos.getAsLong() + ARMING.toNanos();
    }

    private String question(ApprovalView request) {
        ApprovalView.Proof proof = request.proof();
        StringBuilder keys = new StringBuilder("  ");
        if (proof == null) {
            keys.append("a = allow   ");
        } else if (proof.kind().equals("totp")) {
            keys.append("a CODE = allow with your authenticator's code   ");
        } else {
            keys.append("type `").append(proof.phrase()).append("` to allow   ");
        }
        if (request.kind().equals("hosts")) {
            keys.append("o = allow once   p = allow for this repository   ");
        }
        if (!request.kind().equals("plan") && request.calls().size() > 1) {
            keys.append("a 1 2 = allow these, deny the others   ");
        }
        if (request.equal() != null) {
            keys.append("e = allow all ")
                    .append(request.equal().ids().size())
                    .append(" equal ones   ");
        }
        for (RuleOffers.Offer offer : offers) {
            keys.append(offer.wider() ? "w" : "r")
                    .append(" = allow and make its rule for this session   ");
        }
        return keys.append("d = deny   n TEXT = deny with a note, then Enter").toString();
    }

    /// What can be offered; nothing if it can't be told now: the question itself is what matters.
    private List<RuleOffers.Offer> offersFor(ApprovalView request) {
        try {
            return service.offers(request.id()).offers();
        } catch (CountersignException e) {
            LOG.debug("no rules are offered for {}", request.id(), e);
            return List.of();
        }
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
            terminal.say(question(request));
            return;
        }
        String answer = line.strip();
        String key = answer.toLowerCase(Locale.ROOT);
        ApprovalView.Proof proof = request.proof();
        if (proof != null && (key.equals("a") || key.equals("allow"))) {
            terminal.say(question(request));
        } else if (proof != null && allows(proof, key)) {
            answer(
                    request,
                    () ->
                            allow(
                                    request,
                                    request.digest(),
                                    List.of(),
                                    proof.kind().equals("totp") ? key.substring(2) : key));
        } else if (key.equals("a") || key.equals("allow")) {
            answer(request, () -> allow(request, request.digest(), List.of(), null));
        } else if (request.kind().equals("hosts") && (key.equals("o") || key.equals("p"))) {
            answer(
                    request,
                    () ->
                            service.decide(
                                    new DecideRequest(
                                            request.id(),
                                            request.digest(),
                                            Answer.ALLOWED,
                                            List.of(),
                                            null,
                                            null,
                                            key.equals("o") ? "once" : "repository",
                                            null)));
        } else if (key.equals("e") && request.equal() != null) {
            Digest all = request.equal().digest();
            answer(request, () -> allow(request, all, List.of(), null));
        } else if (key.matches("a [0-9]+( [0-9]+)*") && request.calls().size() > 1) {
            List<Integer> calls =
                    Arrays.stream(key.substring(2).split(" ")).map(Integer::valueOf).toList();
            answer(request, () -> allow(request, request.digest(), calls, null));
        } else if (key.equals("r") || key.equals("w")) {
            answer(request, () -> allowWithRule(request, key.equals("w")));
        } else if (key.equals("d") || key.equals("deny")) {
            answer(request, () -> service.deny(request.id(), null));
        } else if (key.startsWith("n ") && answer.length() > 2) {
            answer(request, () -> service.deny(request.id(), answer.substring(2).strip()));
        } else {
            terminal.say(question(request));
        }
    }

    private static boolean allows(ApprovalView.Proof proof, String key) {
        return proof.kind().equals("totp") ? key.matches("a [0-9]{6}") : key.equals(proof.phrase());
    }

    private void allow(
            ApprovalView request, Digest digest, List<Integer> calls, @Nullable String proof)
            throws CountersignException {
        service.decide(new DecideRequest(request.id(), digest, Answer.ALLOWED, calls, null, proof));
    }

    /// Allows it, and for this session the like: what the rule says and what it would have done was
    /// on screen with the request.
    private void allowWithRule(ApprovalView request, boolean wide) throws CountersignException {
        RuleOffers.Offer offer =
                offers.stream()
                        .filter(each -> each.wider() == wide)
                        .findFirst()
                        .orElseThrow(() ->
                                new CountersignException(
                                        CountersignException.Kind.USAGE,
                                        "There is no such rule for this request."));
        allow(request, request.digest(), List.of(), null);
        RuleOutcome made =
                service.addRules(
                        new RuleRequest(offer.rules(), "session", request.id(), null, null, false));
        terminal.say(
                "  Rule made for this session: "
                        + GuestText.of(String.join("; ", made.rules())).visible());
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
