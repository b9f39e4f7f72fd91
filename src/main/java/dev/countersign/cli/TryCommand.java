package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.api.StartRequest;
import dev.countersign.cli.tour.HostTests;
import dev.countersign.cli.tour.SampleRepository;
import dev.countersign.cli.tour.Tour;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `try`: the first session.
@Command(
        name = "try",
        description = "The first session, guided, on a bundled sample repository.",
        mixinStandardHelpOptions = true)
final class TryCommand implements Callable<Integer> {
    private final Ports ports;
    private final Terminal terminal;
    private final SampleRepository sample;
    private final Ink ink;

    @Option(names = "--agent", paramLabel = "NAME", defaultValue = "mini")
    private String agent = "mini";

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the sample goes.")
    private @Nullable Path directory;

    @Option(names = "--cli", description = "In the terminal, without the window.")
    private boolean cli;

    @Option(names = "--yes-tour", description = "Answers by itself; prints each step.")
    private boolean yesTour;

    @Option(names = "--answer", paramLabel = "allow|deny", description = "Answers all like this.")
    private @Nullable String answer;

    TryCommand(Ports ports, SampleRepository sample) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.sample = sample;
        this.ink = new Ink(terminal.colours());
    }

    @Override
    public Integer call() throws CountersignException, InterruptedException {
        Optional<Boolean> fixed = fixedAnswer();
        if (!cli && fixed.isPresent()) {
            throw new CountersignException(
                    Kind.USAGE, "--yes-tour and --answer belong to --cli. Add it.");
        }
        Path place =
                Tour.freeName(
                        (directory == null ? ports.home().resolve("countersign-tour") : directory)
                                .toAbsolutePath()
                                .normalize());
        try (Client engine = ports.connect()) {
            return cli ? inTerminal(engine, place, fixed) : inWindow(engine, place);
        }
    }

    private Optional<Boolean> fixedAnswer() throws CountersignException {
        if (answer != null && !answer.equals("allow") && !answer.equals("deny")) {
            throw new CountersignException(
                    Kind.USAGE, "--answer " + answer + " is unknown. Use allow or deny.");
        }
        if (yesTour && "deny".equals(answer)) {
            throw new CountersignException(
                    Kind.USAGE, "--yes-tour allows and --answer deny denies. Give one of them.");
        }
        return yesTour ? Optional.of(true) : Optional.ofNullable(answer).map("allow"::equals);
    }

    private int inTerminal(Client engine, Path place, Optional<Boolean> fixed)
            throws CountersignException, InterruptedException {
        if (fixed.isEmpty() && !terminal.interactive()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "Nobody can be asked here: input is no terminal. Use --yes-tour, or --answer"
                            + " allow or deny.");
        }
        try (SessionCommands.StartedSession session =
                new SessionCommands.StartedSession(engine, ports)) {
            Guide guide = new Guide(engine, fixed, session);
            new Tour(engine, sample, agent, HostTests.byProcess(), guide).run(place);
            endIdle(engine);
            return 0;
        } catch (Tour.StepFailed e) {
            terminal.out().flush();
            terminal.err().println("countersign: " + e.getMessage());
            return 1;
        }
    }

    /// The tour leaves nothing running: an engine that holds no VM ends now, not minutes later.
    private static void endIdle(Client engine) throws CountersignException {
        try {
            engine.shutdown();
        } catch (CountersignException e) {
            if (e.kind() != Kind.CONFLICT) {
                throw e;
            }
            // Other sessions run; they need their engine.
        }
    }

    private int inWindow(Client engine, Path place) throws CountersignException {
        WindowOpener window = ports.window();
        if (window == null) {
            throw new CountersignException(
                    Kind.MISSING, "The window can't be opened here. Use `countersign try --cli`.");
        }
        sample.copyTo(place);
        terminal.say("The sample repository is in " + place + ".");
        SessionId session = engine.start(Tour.request(place, agent, sample.task())).id();
        return window.open(Optional.of(session));
    }

    /// Shows the steps and answers: by a person, or always the same.
    private final class Guide implements Tour.Guide {
        private final Client engine;
        private final Optional<Boolean> fixed;
        private final SessionCommands.StartedSession interrupted;
        private final EventText text = new EventText(ink, ports.clock().getZone());
        private final Typed typed = new Typed(terminal);

        Guide(Client engine, Optional<Boolean> fixed, SessionCommands.StartedSession interrupted) {
            this.engine = engine;
            this.fixed = fixed;
            this.interrupted = interrupted;
        }

        @Override
        public void step(int number, String title) {
            terminal.say("");
            terminal.say(ink.strong("Step " + number + ": " + title));
        }

        @Override
        public void say(String line) {
            terminal.say("  " + line);
        }

        @Override
        public void show(ReviewView review) {
            new ReviewText(ink).lines(review).forEach(terminal::say);
        }

        @Override
        public int follow(SessionId session, Consumer<Entry> record) throws CountersignException {
            Consumer<Entry> show =
                    entry -> {
                        terminal.say(text.line(entry));
                        record.accept(entry);
                    };
            Consumer<String> tell = line -> terminal.err().println("countersign: " + line);
            if (fixed.isPresent()) {
                return new Follow(engine, session, show, always(fixed.get()), tell, () -> false)
                        .untilAgentEnds(0);
            }
            Prompt prompt = new Prompt(engine, terminal, ports.clock(), ports.ticks());
            try {
                return new Follow(engine, session, show, prompt, tell, () -> false)
                        .listenTo(typed)
                        .untilAgentEnds(0);
            } finally {
                typed.toNobody();
            }
        }

        private Asker always(boolean allow) {
            ApprovalText shown = new ApprovalText(ink);
            return new Asker() {
                @Override
                public void opened(ApprovalView request) throws CountersignException {
                    shown.lines(request, ports.clock().instant()).forEach(terminal::say);
                    terminal.say("  The tour answers: " + (allow ? "allow" : "deny"));
                    if (allow) {
                        engine.allow(request.id(), request.digest(), null);
                    } else {
                        engine.deny(request.id(), "denied by the tour");
                    }
                }
            };
        }

        @Override
        public SessionId start(StartRequest request) throws CountersignException {
            return interrupted.start(request);
        }

        @Override
        public boolean yes(String question) throws InterruptedException {
            if (fixed.isPresent()) {
                terminal.say("  " + question + " yes");
                return true;
            }
            while (true) {
                AtomicLong shown = new AtomicLong();
                String line =
                        typed.answerTo(() -> {
                            terminal.say("  " + question + " [y/N]");
                            shown.set(ports.ticks().getAsLong());
                        });
                if (line == null) {
                    return false;
                }
                if (ports.ticks().getAsLong() - shown.get() >= Prompt.ARMING.toNanos()) {
                    return line.strip().toLowerCase(Locale.ROOT).startsWith("y");
                }
                terminal.say("  Typed before the question could be read; it does not count.");
            }
        }
    }
}
