package dev.countersign.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import dev.countersign.engine.EngineLife;
import dev.countersign.gate.Gate;
import dev.countersign.gate.HeldAnswer;
import dev.countersign.gate.Ruling;
import dev.countersign.gate.SafetyNet;
import dev.countersign.gate.SessionContext;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.policy.Scope;
import dev.countersign.gate.policy.Verdict;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gateway.AnswerGate;
import dev.countersign.gateway.GatewayServe;
import dev.countersign.gateway.ModelGateway;
import dev.countersign.journal.Journal;
import dev.countersign.journal.Journals;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// `gateway serve`: the model gateway without a VM. Its process is this user's engine meanwhile, so
/// that `approvals` and the window show what waits; if another engine runs already, or nobody comes
/// to answer, what would be asked is refused with that reason.
final class GatewayAlone implements Tools.Gateways {
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    /// How long a request waits for somebody to connect at all.
    private static final Duration SOMEBODY = Duration.ofSeconds(20);

    private final Home home;
    private final Map<String, String> environment;
    private final Clock clock = Clock.systemUTC();

    GatewayAlone(Home home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
    }

    @Override
    public void serve(Tools.GatewayRequest request, Consumer<String> line)
            throws CountersignException {
        SecureRandom random = new SecureRandom();
        SessionId id = new SessionId(SessionId.random(random).value().replaceFirst("s-", "gw-"));
        Path place = home.root().resolve("serve").resolve(id.value());
        GatewayServe.Options options =
                new GatewayServe.Options(
                        request.provider(),
                        upstream(request.upstream()),
                        address(request.listen()),
                        place.resolve("held"));
        RiskRater risk = RiskRater.start();
        try (Journals journals = Journals.open(place, new FileKeyStore(home.keys()), clock);
                Journal journal = journals.open(id, new Redactor())) {
            serve(request, options, place, new Telling(journal, line), id, risk, line);
        } catch (InterruptedException e) {
            // The ordinary end: somebody pressed Ctrl-C.
            Thread.currentThread().interrupt();
        } finally {
            removed(place);
        }
    }

    private void serve(
            Tools.GatewayRequest request,
            GatewayServe.Options options,
            Path place,
            Recorder recorder,
            SessionId id,
            RiskRater risk,
            Consumer<String> line)
            throws CountersignException, InterruptedException {
        try (Desk desk = new Desk(id, recorder)) {
            PolicySource policy =
                    request.policy() == null
                            ? PolicySource.standard(risk, clock)
                            : PolicySource.open(
                                    existing(request.policy()),
                                    place.resolve("policy.last-good"),
                                    risk,
                                    clock,
                                    _ -> {});
            Context context = new Context(id);
            AnswerGate gate =
                    desk.open()
                            ? new Asking(desk, context, risk, policy, recorder)
                            : (calls, _, _) ->
                                    byRules(calls, context, risk, policy, recorder, ENGINE_RUNS);
            try (ModelGateway _ =
                    GatewayServe.run(
                            options, () -> key(options.provider()), gate, recorder, line)) {
                new CountDownLatch(1).await();
            }
        }
    }

    private Optional<String> key(String provider) {
        List<String> names =
                switch (provider) {
                    case "anthropic" -> List.of("ANTHROPIC_API_KEY");
                    case "openai" -> List.of("OPENAI_API_KEY");
                    default -> List.of("GEMINI_API_KEY", "GOOGLE_API_KEY");
                };
        return names.stream()
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst();
    }

    private static URI upstream(String given) throws CountersignException {
        try {
            return new URI(given);
        } catch (URISyntaxException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "--upstream %s is not an address. Name one such as https://api.example.com."
                            .formatted(GuestText.of(given).visible()),
                    e);
        }
    }

    private static InetSocketAddress address(String given) throws CountersignException {
        int colon = given.lastIndexOf(':');
        String port = given.substring(colon + 1);
        try {
            if (colon <= 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
                throw new UnknownHostException();
            }
            return new InetSocketAddress(
                    InetAddress.getByName(given.substring(0, colon)), Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "--listen %s is not ADDR:PORT. Name one such as 127.0.0.1:0."
                            .formatted(GuestText.of(given).visible()),
                    e);
        }
    }

    private static Path existing(Path policy) throws CountersignException {
        if (!Files.isRegularFile(policy)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The policy %s is not there. Name a file, or leave --policy out for the built-in one."
                            .formatted(policy));
        }
        return policy;
    }

    /// What nobody can be handed any more. The log stays.
    private void removed(Path place) {
        try {
            Path held = place.resolve("held");
            if (Files.isDirectory(held)) {
                try (var files = Files.list(held)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(held);
            }
        } catch (IOException e) {
            System.err.println("What was held could not be removed: " + e.getMessage());
        }
    }

    /// Prints each decision once it is on record.
    private static final class Telling implements Recorder {
        private final Journal journal;
        private final Consumer<String> line;
        private final Map<String, String> tools = new ConcurrentHashMap<>();

        Telling(Journal journal, Consumer<String> line) {
            this.journal = journal;
            this.line = line;
        }

        @Override
        public Entry record(Fact fact) throws CountersignException {
            Entry entry = journal.record(fact);
            switch (fact) {
                case Fact.Called called ->
                        tools.put(called.call().id().raw(), called.call().tool().raw());
                case Fact.Decided decided -> tell(decided);
                default -> {}
            }
            return entry;
        }

        private synchronized void tell(Fact.Decided decided) {
            ObjectNode told = JsonNodeFactory.instance.objectNode();
            told.put("call", decided.callId().raw());
            told.put("tool", tools.getOrDefault(decided.callId().raw(), ""));
            told.put("decision", word(decided.answer()));
            told.put("by", decided.by().name().toLowerCase(java.util.Locale.ROOT));
            told.put("level", decided.level().name().toLowerCase(java.util.Locale.ROOT));
            told.put("rule", decided.rule());
            if (decided.requestId() != null) {
                told.put("request", decided.requestId());
            }
            if (decided.note() != null) {
                told.put("reason", decided.note().visible());
            }
            line.accept(told.toString());
        }

        private static String word(Answer answer) {
            return switch (answer) {
                case ALLOWED -> "allow";
                case DENIED -> "deny";
                case PLAN_FIRST -> "plan-first";
            };
        }
    }

    private record Context(SessionId id) implements SessionContext {
        @Override
        public int epoch() {
            return 0;
        }

        @Override
        public Mode mode() {
            return Mode.CHECKPOINT;
        }

        @Override
        public DataClass dataClass() {
            return DataClass.INTERNAL;
        }

        @Override
        public String repository() {
            return "";
        }

        @Override
        public GuestText task() {
            return GuestText.of("");
        }

        @Override
        public Duration askTimeout() {
            return Duration.ZERO;
        }

        /// Nothing but the client's own choice of address leads it here.
        @Override
        public String gateWord() {
            return "cooperative";
        }
    }

    /// This process as the engine that `approvals` finds.
    private final class Desk implements AutoCloseable {
        private final EngineLife life = new EngineLife(home.lock(), home.socket(), FOR_EVER);
        private final CompletableFuture<Optional<Approvals>> found = new CompletableFuture<>();
        private final AtomicReference<Runnable> end = new AtomicReference<>(() -> {});
        private final Thread thread;
        private final Optional<Approvals> approvals;

        Desk(SessionId id, Recorder recorder) throws CountersignException, InterruptedException {
            EngineAssembly assembly =
                    new EngineAssembly(home, environment, Program.version(), Program.build())
                            .withGuest(id, recorder);
            thread =
                    Thread.ofPlatform()
                            .name("engine")
                            .start(() -> {
                                try {
                                    life.run(stop -> {
                                        EngineLife.Parts parts = assembly.assemble(stop);
                                        end.set(stop);
                                        found.complete(Optional.of(parts.approvals()));
                                        return parts;
                                    });
                                    found.complete(Optional.empty());
                                } catch (CountersignException e) {
                                    found.completeExceptionally(e);
                                } finally {
                                    // Whatever ended it: nobody must wait for it for ever.
                                    found.completeExceptionally(
                                            new IllegalStateException("its engine ended"));
                                }
                            });
            try {
                approvals = found.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof CountersignException known) {
                    throw known;
                }
                throw new CountersignException(
                        Kind.FAILED, "The gateway can't ask: " + e.getMessage(), e);
            }
        }

        boolean open() {
            return approvals.isPresent();
        }

        Approvals approvals() {
            return approvals.orElseThrow();
        }

        /// Whether somebody is there, or was since then.
        boolean attended(long sinceNanos) {
            return life.attendedSince(sinceNanos);
        }

        @Override
        public void close() {
            end.get().run();
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Asks through the approvals; an ask that nobody comes for is refused.
    private static final class Asking implements AnswerGate {
        private final Desk desk;
        private final Context context;
        private final Gate gate;
        private final ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("nobody").factory());

        Asking(Desk desk, Context context, RiskRater risk, PolicySource policy, Recorder recorder) {
            this.desk = desk;
            this.context = context;
            // There is no VM here that a checkpoint could be taken of.
            this.gate =
                    new Gate(
                            risk,
                            policy,
                            desk.approvals(),
                            SafetyNet.NONE,
                            recorder,
                            Clock.systemUTC());
        }

        private enum State {
            ASKED,
            DECIDED,
            NOBODY
        }

        @Override
        public Verdicts decide(List<ToolCall> calls, GuestText text, @Nullable GuestText model)
                throws InterruptedException, CountersignException {
            AtomicReference<State> state = new AtomicReference<>(State.ASKED);
            Thread waiting = Thread.currentThread();
            long since = System.nanoTime();
            var watch =
                    timer.schedule(
                            () -> {
                                if (!desk.attended(since)
                                        && state.compareAndSet(State.ASKED, State.NOBODY)) {
                                    waiting.interrupt();
                                }
                            },
                            SOMEBODY.toMillis(),
                            TimeUnit.MILLISECONDS);
            try {
                Ruling ruling = gate.decide(new HeldAnswer(calls, text, "gateway", model), context);
                if (state.compareAndSet(State.ASKED, State.DECIDED)) {
                    return verdicts(ruling);
                }
                return nobody(calls);
            } catch (InterruptedException e) {
                if (state.get() != State.NOBODY) {
                    throw e;
                }
                return nobody(calls);
            } finally {
                watch.cancel(false);
            }
        }

        private Verdicts nobody(List<ToolCall> calls) throws CountersignException {
            // The watch's own interrupt is answered here.
            var _ = Thread.interrupted();
            var _ = desk.approvals().voidAll(context.id(), context.epoch(), NOBODY_CAME);
            return refused(calls, NOBODY_CAME);
        }
    }

    private static final String ENGINE_RUNS =
            "another engine of this user runs and does not know of this gateway. End it with"
                    + " `countersign engine stop`, or set COUNTERSIGN_HOME to a directory of its own";

    private static final String NOBODY_CAME =
            "nobody can be asked: no window and no `countersign approvals` connected within "
                    + SOMEBODY.toSeconds()
                    + " seconds";

    private static AnswerGate.Verdicts verdicts(Ruling ruling) {
        return new AnswerGate.Verdicts(
                ruling.calls().stream()
                        .map(call ->
                                new AnswerGate.Verdict(
                                        call.callId(), call.answer(), call.by(), call.told()))
                        .toList(),
                ruling.planFirst());
    }

    private static AnswerGate.Verdicts refused(List<ToolCall> calls, String why) {
        return new AnswerGate.Verdicts(
                calls.stream()
                        .map(call ->
                                new AnswerGate.Verdict(
                                        call.id(), Answer.DENIED, DecidedBy.MODE, why))
                        .toList(),
                false);
    }

    /// Rules alone decide.
    ///
    /// @param why nobody can be asked
    private static AnswerGate.Verdicts byRules(
            List<ToolCall> calls,
            Context context,
            RiskRater risk,
            PolicySource policy,
            Recorder recorder,
            String why)
            throws CountersignException {
        Scope scope = new Scope(context.id(), context.repository(), context.mode());
        List<AnswerGate.Verdict> verdicts = new ArrayList<>();
        for (ToolCall call : calls) {
            PolicySource.Judged judged =
                    policy.judge(call, risk.rate(call, context.workspace()), scope);
            Verdict verdict = judged.verdict();
            recorder.record(
                    new Fact.Judged(
                            call.id(),
                            judged.rating().level(),
                            judged.rating().effects(),
                            judged.rating().reasons(),
                            verdict.rule()));
            Answer answer = verdict instanceof Verdict.Run ? Answer.ALLOWED : Answer.DENIED;
            String told =
                    switch (verdict) {
                        case Verdict.Run _ -> "";
                        case Verdict.Deny deny ->
                                "denied by rule " + deny.rule() + ": " + deny.because();
                        case Verdict.Ask _, Verdict.Plan _ -> "nobody can be asked: " + why;
                    };
            DecidedBy by =
                    switch (verdict) {
                        case Verdict.Run run -> run.by();
                        case Verdict.Deny _ -> DecidedBy.RULE;
                        case Verdict.Ask _, Verdict.Plan _ -> DecidedBy.MODE;
                    };
            recorder.record(
                    new Fact.Decided(
                            call.id(),
                            answer,
                            by,
                            judged.rating().level(),
                            verdict.rule(),
                            null,
                            call.digest(),
                            told.isEmpty() ? null : GuestText.of(told),
                            null,
                            false));
            verdicts.add(new AnswerGate.Verdict(call.id(), answer, by, told));
        }
        return new AnswerGate.Verdicts(verdicts, false);
    }
}
