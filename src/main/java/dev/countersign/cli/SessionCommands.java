package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.CommitsView;
import dev.countersign.api.SessionView;
import dev.countersign.api.StartRequest;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `session …`.
@Command(
        name = "session",
        description = "Starts sessions and looks after them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class SessionCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    SessionCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    @Command(
            name = "start",
            description = "Starts a session; prints its id, then its events until the agent ends.")
    int start(
            @Parameters(paramLabel = "DIR", description = "The repository.") Path directory,
            @Option(names = "--agent", required = true, paramLabel = "NAME") String agent,
            @Option(names = "--task", required = true, paramLabel = "TEXT") String task,
            @Option(names = "--mode", paramLabel = "M") @Nullable Mode mode,
            @Option(names = "--tier", paramLabel = "T") @Nullable Tier tier,
            @Option(names = "--data-class", paramLabel = "C") @Nullable DataClass dataClass,
            @Option(names = "--egress", paramLabel = "PRESET") @Nullable String egress,
            @Option(names = "--provider", paramLabel = "NAME") @Nullable String provider,
            @Option(
                            names = "--model",
                            paramLabel = "NAME",
                            description =
                                    "The model's name at the provider. Without it: the provider's"
                                            + " default, else the agent's own.")
                    @Nullable String model,
            @Option(names = "--memory", paramLabel = "MIB") @Nullable Integer memory,
            @Option(names = "--cpus", paramLabel = "N") @Nullable Integer cpus,
            @Option(
                            names = "--history",
                            paramLabel = "DEPTH",
                            description =
                                    "Lets the last commits into the VM, without what holds secrets;"
                                            + " remembered for the repository, 0 ends that.")
                    @Nullable Integer history,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        if (!json) {
            offerImage(agent, directory.toAbsolutePath().normalize());
        }
        StartRequest request =
                new StartRequest(
                        directory.toAbsolutePath().normalize().toString(),
                        agent,
                        task,
                        mode,
                        tier,
                        dataClass,
                        egress,
                        provider,
                        model,
                        memory,
                        cpus,
                        history);
        try (Client engine = ports.connect();
                StartedSession session = new StartedSession(engine, ports)) {
            SessionId id = session.start(request);
            terminal.say(json ? Follow.json(new Id(id)) : id.value());
            return follow(engine, id, json, asker(engine, json)).untilAgentEnds(0);
        }
    }

    /// Builds the agent's guest image now, if it is missing and a person says so. Otherwise the
    /// engine refuses the session, and says what to run.
    private void offerImage(String agent, Path directory) throws CountersignException {
        Tools.Agents agents = ports.tools().agents();
        if (agents == null || !terminal.interactive() || agents.ready(agent, directory)) {
            return;
        }
        try {
            String answer =
                    new Typed(terminal)
                            .answerTo(() ->
                                    terminal.say(
                                            "No guest image has %s yet. Build it now (it is fetched from npm's registry)? [y/N]"
                                                    .formatted(agent)));
            if (answer != null && answer.strip().equalsIgnoreCase("y")) {
                agents.prepare(
                        agent,
                        directory,
                        progress ->
                                terminal.say(
                                        "%3d %%  %s"
                                                .formatted(
                                                        progress.percent(),
                                                        Ink.one(progress.step()))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Id(SessionId id) {}

    private Follow follow(Client engine, SessionId id, boolean json, Asker asker) {
        EventText text = new EventText(ink, ports.clock().getZone());
        Follow follow =
                new Follow(
                        engine,
                        id,
                        json ? Follow.asJson(terminal) : entry -> terminal.say(text.line(entry)),
                        asker,
                        line -> terminal.err().println("countersign: " + line),
                        terminal.out()::checkError);
        return asker instanceof Prompt ? follow.listenTo(new Typed(terminal)) : follow;
    }

    private Asker asker(Client engine, boolean json) {
        if (json) {
            return _ -> {};
        }
        if (terminal.interactive()) {
            return new Prompt(engine, terminal, ports.clock(), ports.ticks());
        }
        ApprovalText text = new ApprovalText(ink);
        return request -> {
            text.lines(request, ports.clock().instant()).forEach(terminal::say);
            ApprovalText.commands(request).forEach(terminal::say);
        };
    }

    @Command(name = "list", description = "All sessions, newest first.")
    int list(@Option(names = "--json") boolean json) throws CountersignException {
        try (Client engine = ports.connect()) {
            List<SessionView> sessions = engine.sessions();
            if (json) {
                sessions.forEach(session -> terminal.say(Follow.json(session)));
            } else if (sessions.isEmpty()) {
                terminal.say(
                        "No sessions. Start one with `countersign session start DIR --agent NAME"
                                + " --task TEXT`.");
            } else {
                ink.table(
                                List.of(
                                        "ID", "STATE", "WAITS", "STAGED", "AGENT", "ACTIVE",
                                        "TASK"),
                                sessions.stream().map(this::row).toList())
                        .forEach(terminal::say);
            }
            return 0;
        }
    }

    private List<String> row(SessionView s) {
        return List.of(
                s.id().value(),
                s.state().word(),
                s.waiting() == 0 ? "-" : Integer.toString(s.waiting()),
                s.stagedHunks() == 0 ? "-" : Integer.toString(s.stagedHunks()),
                s.agent(),
                Ink.ago(s.lastActivity(), ports.clock().instant()),
                Ink.cut(s.task().visible(), 60));
    }

    @Command(name = "show", description = "One session.")
    int show(@Parameters(paramLabel = "ID") SessionId id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            SessionView session = engine.session(id);
            if (json) {
                terminal.say(Follow.json(session));
            } else {
                details(session).forEach(terminal::say);
                engine.ports(id).stream()
                        .filter(port -> port.hostPort() != null)
                        .forEach(port ->
                                terminal.say(
                                        "  port       127.0.0.1:%d leads to %d in the guest"
                                                .formatted(port.hostPort(), port.guestPort())));
            }
            return 0;
        }
    }

    private List<String> details(SessionView s) {
        List<String> lines = new ArrayList<>();
        lines.add(ink.strong(s.id().value()) + "  " + s.task().visible());
        lines.add(
                "  state      "
                        + s.state().word()
                        + (s.why() == null ? "" : ": " + Ink.one(s.why())));
        lines.add("  directory  " + Ink.one(s.directory()));
        lines.add(
                "  agent      %s, %s, link %s"
                        .formatted(
                                s.agent(),
                                s.agentRunning() ? "running" : "not running",
                                s.linkUp() == null ? "none" : s.linkUp() ? "up" : "down"));
        lines.add(
                "  rules      mode %s, tier %s, class %s"
                        .formatted(s.mode().word(), s.tier().word(), s.dataClass().word()));
        lines.add(
                "  vm         %s start, %s, epoch %d"
                        .formatted(
                                s.startKind() == null ? "no" : s.startKind(),
                                s.accelerator() == null ? "no accelerator" : s.accelerator(),
                                s.epoch()));
        lines.add(
                "  open       %s, %s staged"
                        .formatted(
                                Ink.plural(s.waiting(), "request"),
                                Ink.plural(s.stagedHunks(), "hunk")));
        SessionView.Budget budget = s.budget();
        if (budget != null) {
            lines.add("  asked      " + asked(budget));
        }
        if (!s.models().isEmpty()) {
            lines.add(
                    "  model      "
                            + s.models().stream()
                                    .map(GuestText::visible)
                                    .collect(Collectors.joining(", ")));
        }
        lines.add("  tokens     %d in, %d out".formatted(s.inputTokens(), s.outputTokens()));
        lines.add(
                "  started    %s, active %s"
                        .formatted(
                                Ink.ago(s.created(), ports.clock().instant()),
                                Ink.ago(s.lastActivity(), ports.clock().instant())));
        return lines;
    }

    /// What it asked of the developer: how often, how long that took, how much was waved through.
    private static String asked(SessionView.Budget budget) {
        String text =
                "%s (%d in the last hour, %.1f an hour), %d allowed, %d denied, %d unanswered"
                        .formatted(
                                Ink.plural(budget.prompts(), "request"),
                                budget.lastHour(),
                                budget.perHour(),
                                budget.allowed(),
                                budget.denied(),
                                budget.unanswered());
        Long typical = budget.typicalMillis();
        if (typical != null) {
            text +=
                    ", %.0f %% allowed, typically after %.1f s"
                            .formatted(budget.shareAllowed() * 100, typical / 1000.0);
        }
        if (budget.hasty() > 0) {
            text += ", %d within two seconds".formatted(budget.hasty());
        }
        return text + "; " + Ink.plural(budget.covered(), "call") + " ran by plan or rule instead";
    }

    @Command(
            name = "commits",
            description = "What the agent committed in its VM, to be taken as commits or patches.")
    int commits(@Parameters(paramLabel = "ID") SessionId id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            CommitsView commits = engine.commits(id);
            if (json) {
                terminal.say(Follow.json(commits));
            } else {
                new ReviewText(ink).lines(commits).forEach(terminal::say);
            }
            return 0;
        }
    }

    @Command(name = "events", description = "What happened in a session.")
    int events(
            @Parameters(paramLabel = "ID") SessionId id,
            @Option(names = "--follow", description = "Go on until the agent ends.") boolean follow,
            @Option(names = "--from", paramLabel = "SEQ", defaultValue = "0") long from,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            if (!follow) {
                follow(engine, id, json, _ -> {}).onRecord(from);
                return 0;
            }
            try (StartedSession session = new StartedSession(engine, ports)) {
                session.attach(id);
                return follow(engine, id, json, asker(engine, json)).untilAgentEnds(from);
            }
        }
    }

    @Command(name = "send", description = "Gives the agent a further message.")
    int send(
            @Parameters(paramLabel = "ID") SessionId id,
            @Parameters(paramLabel = "TEXT") String text)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.send(id, text);
            terminal.say("Sent. An approved plan has ended with it.");
            return 0;
        }
    }

    @Command(
            name = "attach",
            description =
                    "Shows the agent's own terminal, filtered; keys go to the agent. Ctrl-] leaves it.")
    int attach(@Parameters(paramLabel = "ID") SessionId id) throws CountersignException {
        if (!terminal.interactive()) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE,
                    "The agent's terminal needs yours: run this in a terminal window. Without one: countersign session events %s --follow."
                            .formatted(id));
        }
        try (Client engine = ports.connect()) {
            terminal.say(
                    "The terminal of session %s. Leave it with Ctrl-]; the session goes on."
                            .formatted(id));
            Attachment.End end = new Attachment(engine, id, terminal, ports.interrupts()).run();
            terminal.say(
                    switch (end) {
                        case DETACHED, INPUT_ENDED -> "Detached. Session %s goes on.".formatted(id);
                        case AGENT_ENDED -> "The agent has ended.";
                    });
            return 0;
        }
    }

    @Command(name = "interrupt", description = "Interrupts what the agent does.")
    int interrupt(@Parameters(paramLabel = "ID") SessionId id) throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.interrupt(id);
            terminal.say("Interrupted. The session goes on.");
            return 0;
        }
    }

    @Command(name = "stop", description = "Ends the agent and stops the VM; staged work stays.")
    int stop(@Parameters(paramLabel = "ID") SessionId id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.stop(id);
            return after(engine, id, json, "Stopped. Staged work waits for review.");
        }
    }

    @Command(name = "resume", description = "Starts VM and agent of a stopped session again.")
    int resume(@Parameters(paramLabel = "ID") SessionId id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.resume(id);
            return after(engine, id, json, "Resumed.");
        }
    }

    @Command(name = "thaw", description = "Takes a frozen session up again.")
    int thaw(@Parameters(paramLabel = "ID") SessionId id, @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.thaw(id);
            return after(engine, id, json, "Thawed.");
        }
    }

    private int after(Client engine, SessionId id, boolean json, String said)
            throws CountersignException {
        terminal.say(json ? Follow.json(engine.session(id)) : said);
        return 0;
    }

    @Command(name = "delete", description = "Removes a session: VM, staging and state.")
    int delete(
            @Parameters(paramLabel = "ID") SessionId id,
            @Option(
                            names = "--drop-staged",
                            description = "Also drop staged work that was not applied.")
                    boolean dropStaged,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.delete(id, dropStaged);
            terminal.say(json ? Follow.json(new Id(id)) : "Deleted " + id + ".");
            return 0;
        }
    }

    /// What Ctrl-C means while a session is started or followed: before the agent runs it is taken
    /// back, after that it goes on without this terminal.
    static final class StartedSession implements AutoCloseable {
        private final Client engine;
        private final Terminal terminal;
        private final Interrupts.Armed armed;
        private final Object lock = new Object();
        private @Nullable SessionId id;
        private boolean starting;
        private boolean ours;

        StartedSession(Client engine, Ports ports) {
            this.engine = engine;
            this.terminal = ports.terminal();
            this.armed = ports.interrupts().onInterrupt(this::interrupted);
        }

        SessionId start(StartRequest request) throws CountersignException {
            synchronized (lock) {
                starting = true;
                ours = true;
            }
            try {
                SessionView view = engine.start(request);
                attach(view.id());
                return view.id();
            } finally {
                synchronized (lock) {
                    starting = false;
                    lock.notifyAll();
                }
            }
        }

        void attach(SessionId session) {
            synchronized (lock) {
                id = session;
            }
        }

        /// Runs while the process ends, so it prints and waits by itself.
        private void interrupted() {
            SessionId session = idOnceKnown();
            if (session == null) {
                return;
            }
            try {
                if (ours && engine.session(session).state() == SessionState.PREPARING) {
                    engine.delete(session, true);
                    terminal.err()
                            .println(
                                    "\nSession "
                                            + session
                                            + " was still being prepared; it was removed.");
                } else {
                    terminal.err()
                            .println(
                                    "\nDetached. Session "
                                            + session
                                            + " goes on; what asks waits for you. Come back with"
                                            + " `countersign session events "
                                            + session
                                            + " --follow`, end it with `countersign session stop "
                                            + session
                                            + "`.");
                }
            } catch (CountersignException e) {
                terminal.err()
                        .println(
                                "\ncountersign: session "
                                        + session
                                        + " may still be there: "
                                        + e.getMessage());
            }
            terminal.err().flush();
        }

        private @Nullable SessionId idOnceKnown() {
            synchronized (lock) {
                long end = System.nanoTime() + 60_000_000_000L;
                while (starting && id == null && System.nanoTime() < end) {
                    try {
                        lock.wait(1000);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return id;
                    }
                }
                return id;
            }
        }

        @Override
        public void close() {
            armed.close();
        }
    }
}
