package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.ssh.Link;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The agent's process in the guest: a unit of its own, so that it outlives connections, engines
/// and restores. All it says about itself is claimed by the guest ([P8]).
public final class AgentRun {
    private static final String DIRECTORY = "/run/countersign-agent";
    private static final String KEEPER = "/opt/countersign/keeper.py";
    private static final String KEPT = "/home/agent/.local/state/countersign/";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration ENDING = Duration.ofSeconds(30);
    private static final Duration VERSION_PATIENCE = Duration.ofSeconds(100);
    private static final int SMALL = 64 * 1024;
    private static final int LONGEST_MESSAGE = 200_000;
    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._:/@-]{1,200}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Pattern EXIT = Pattern.compile("[0-9]{1,3}");

    private final AgentProfile profile;

    private AgentRun(AgentProfile profile) {
        this.profile = profile;
    }

    /// Starts the agent with a task.
    ///
    /// @throws CountersignException CONFLICT if one runs already, FAILED if the unit did not start
    public static AgentRun start(
            Link link, AgentProfile profile, GuestText task, RunOptions options)
            throws CountersignException {
        byte[] text = task.raw().getBytes(StandardCharsets.UTF_8);
        if (task.raw().isBlank() || text.length > LONGEST_MESSAGE) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The task is empty or longer than " + LONGEST_MESSAGE + " bytes. Shorten it.");
        }
        List<String> unit = unit(profile, options);
        makeReady(link, profile);
        Link.Output prepared = script(link, GuestScripts.PREPARE, text, List.of(DIRECTORY));
        if (prepared.exitCode() == 3) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "An agent already runs in this session. Send it a message, or stop it first.");
        }
        demandDone(prepared, "The agent's directory could not be made in the guest");
        demandDone(
                link.run(unit, new byte[0], PATIENCE, SMALL),
                "The agent's unit did not start in the guest");
        return new AgentRun(profile);
    }

    /// Writes the files that root fixes for the agent, and refuses a program that is missing, or
    /// older by its own word than may be started. The word is the guest's ([P8]).
    private static void makeReady(Link link, AgentProfile profile) throws CountersignException {
        AgentProfile.Program program = profile.program();
        if (program == null) {
            return;
        }
        StringBuilder files = new StringBuilder();
        for (AgentProfile.ManagedFile file : program.files()) {
            files.append(file.path())
                    .append(' ')
                    .append(
                            Base64.getEncoder()
                                    .encodeToString(file.text().getBytes(StandardCharsets.UTF_8)))
                    .append('\n');
        }
        List<String> argv = new ArrayList<>(List.of("sh", "-c", GuestScripts.READY, "countersign"));
        argv.addAll(program.command());
        Link.Output said =
                link.run(
                        argv,
                        files.toString().getBytes(StandardCharsets.UTF_8),
                        VERSION_PATIENCE,
                        SMALL);
        if (said.exitCode() == 4) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The guest's image has no %s. Build one that has it: countersign image build --agents %s."
                            .formatted(program.title(), profile.name()));
        }
        demandDone(said, program.title() + " does not say its version");
        checkVersion(profile, program, said.text());
    }

    static void checkVersion(AgentProfile profile, AgentProfile.Program program, String said)
            throws CountersignException {
        String line = said.strip().lines().findFirst().orElse("");
        Version version =
                Version.in(line)
                        .orElseThrow(() ->
                                new CountersignException(
                                        Kind.REFUSED,
                                        "%s says no version: %s. It is not started. Build its image again: countersign image build --agents %s."
                                                .formatted(
                                                        program.title(),
                                                        GuestText.of(
                                                                        line.substring(
                                                                                0,
                                                                                Math.min(
                                                                                        80,
                                                                                        line
                                                                                                .length())))
                                                                .visible(),
                                                        profile.name())));
        if (version.compareTo(program.floor()) < 0) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "%s in the guest is %s; below %s it is not started. Build its image again: countersign image build --agents %s."
                            .formatted(program.title(), version, program.floor(), profile.name()));
        }
    }

    /// The command that starts the unit.
    static List<String> unit(AgentProfile profile, RunOptions options) throws CountersignException {
        String model = options.model();
        if (model != null) {
            demandModel(model);
        }
        Map<String, String> environment = new TreeMap<>();
        profile.environment()
                .forEach((name, value) -> {
                    String said = withModel(value, model);
                    if (said != null) {
                        environment.put(name, said);
                    }
                });
        environment.put("TERM", "xterm-256color");
        environment.put("LANG", "C.UTF-8");
        if (model != null) {
            environment.putIfAbsent("ANTHROPIC_MODEL", model);
        }
        environment.putAll(options.environment());
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "systemd-run",
                                "--quiet",
                                "--unit=" + GuestScripts.UNIT,
                                "--description=Countersign: agent " + profile.name(),
                                "--uid=agent",
                                "--gid=agent",
                                "--working-directory=/workspace",
                                "--property=KillMode=mixed",
                                "--property=TimeoutStopSec=10",
                                "--property=NoNewPrivileges=yes",
                                "--property=OOMPolicy=continue"));
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (!VARIABLE.matcher(variable.getKey()).matches()
                    || variable.getValue().chars().anyMatch(c -> c < ' ')) {
                throw new CountersignException(
                        Kind.USAGE,
                        "The environment variable "
                                + GuestText.of(variable.getKey()).visible()
                                + " can't be set for the agent. Use a plain name and one line.");
            }
            argv.add("--setenv=" + variable.getKey() + "=" + variable.getValue());
        }
        argv.addAll(
                List.of(
                        "--",
                        "/usr/bin/python3",
                        "-S",
                        "-E",
                        "-I",
                        KEEPER,
                        DIRECTORY,
                        Integer.toString(options.columns()),
                        Integer.toString(options.rows()),
                        "--"));
        for (String word : profile.argv()) {
            String said = withModel(word, model);
            if (said != null) {
                argv.add(
                        said.replace("{task}", DIRECTORY + "/task")
                                .replace("{inbox}", DIRECTORY + "/inbox")
                                .replace("{kept}", KEPT + profile.name() + ".json"));
            }
        }
        if (options.resume()) {
            argv.addAll(profile.resumeArgv());
        }
        return argv;
    }

    /// @throws CountersignException USAGE if no model is called so
    public static void demandModel(String name) throws CountersignException {
        if (!MODEL.matcher(name).matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The model's name is not one: "
                            + GuestText.of(name).visible()
                            + ". Use letters, digits and . _ : / @ -.");
        }
    }

    /// What names the model is left out where nobody chose one: null.
    private static @Nullable String withModel(String text, @Nullable String model) {
        if (!text.contains("{model}")) {
            return text;
        }
        return model == null ? null : text.replace("{model}", model);
    }

    /// Takes a run up that an earlier engine started; running or ended.
    ///
    /// @throws CountersignException MISSING if the guest has none
    public static AgentRun attach(Link link, AgentProfile profile) throws CountersignException {
        Map<String, String> known =
                facts(script(link, GuestScripts.STATUS, new byte[0], List.of(DIRECTORY)));
        if (!known.containsKey("directory")) {
            throw new CountersignException(
                    Kind.MISSING,
                    "No agent was started in this VM. Resume the session to start one.");
        }
        return new AgentRun(profile);
    }

    /// Gives the agent a further message.
    ///
    /// @throws CountersignException if it could not be put where the agent finds it
    public void send(Link link, GuestText text) throws CountersignException {
        byte[] bytes = text.raw().getBytes(StandardCharsets.UTF_8);
        if (text.raw().isBlank() || bytes.length > LONGEST_MESSAGE) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The message is empty or longer than " + LONGEST_MESSAGE + " bytes.");
        }
        Link.Output sent =
                switch (profile.messages()) {
                    case INBOX -> script(link, GuestScripts.SEND, bytes, List.of(DIRECTORY));
                    case TERMINAL -> {
                        byte[] typed = Arrays.copyOf(bytes, bytes.length + 1);
                        typed[bytes.length] = '\r';
                        yield script(link, GuestScripts.TYPE, typed, List.of(DIRECTORY));
                    }
                };
        demandDone(sent, "The message did not reach the agent");
    }

    /// The terminal that it runs on.
    ///
    /// @throws CountersignException if the link is down
    public AgentTerminal terminal(Link link) throws CountersignException {
        return AgentTerminal.open(link, DIRECTORY);
    }

    /// Interrupts what it does, as Ctrl-C in its terminal; it stays and waits for a message.
    public void interrupt(Link link) throws CountersignException {
        demandDone(
                script(link, GuestScripts.TYPE, new byte[] {3}, List.of(DIRECTORY)),
                "The agent could not be interrupted");
    }

    /// Ends it: asks first, ends it by force after ten seconds.
    public void stop(Link link) throws CountersignException {
        demandDone(
                link.run(
                        List.of("systemctl", "stop", GuestScripts.UNIT),
                        new byte[0],
                        ENDING,
                        SMALL),
                "The agent could not be stopped");
    }

    /// Whether it runs, or how it ended.
    public Status status(Link link) throws CountersignException {
        return status(facts(script(link, GuestScripts.STATUS, new byte[0], List.of(DIRECTORY))));
    }

    static Status status(Map<String, String> known) {
        switch (known.getOrDefault("ActiveState", "")) {
            case "active", "activating", "reloading", "deactivating" -> {
                return new Status(true, 0, "It runs.");
            }
            default -> {}
        }
        String exit = known.getOrDefault("exit", "");
        if (EXIT.matcher(exit).matches()) {
            int code = Integer.parseInt(exit);
            return new Status(false, code, ended(code));
        }
        String main = known.getOrDefault("ExecMainStatus", "");
        int number = EXIT.matcher(main).matches() ? Integer.parseInt(main) : 0;
        // CLD_KILLED and CLD_DUMPED: the number is a signal's.
        boolean signal = List.of("2", "3").contains(known.getOrDefault("ExecMainCode", ""));
        return signal
                ? new Status(false, 128 + number, "It was ended by signal " + number + ".")
                : new Status(false, number == 0 ? 255 : number, "It ended without saying how.");
    }

    /// The keeper gives the end by a signal as 128 and the signal's number, as a shell does; 127 is
    /// its own word for a program that it could not start.
    private static String ended(int code) {
        if (code > 128 && code <= 128 + 64) {
            return "It was ended by signal %d.".formatted(code - 128);
        }
        return switch (code) {
            case 0 -> "It ended its turn.";
            case 126, 127 ->
                    "Its program could not be started (exit code %d): the guest's image may lack it. Build the image again: countersign image build."
                            .formatted(code);
            default -> "It ended with exit code " + code + ".";
        };
    }

    /// Tells the listener once, when the agent has ended. Lives through lost links and restores.
    public Watch watch(Link link, Ended listener) {
        AgentWatch watch = new AgentWatch(link, DIRECTORY, KEEPER, listener);
        watch.start();
        return watch;
    }

    /// What its terminal printed from this byte on, at most `limit` bytes. Hostile: it reaches a
    /// terminal only through [TerminalFilter]. Only the newest megabytes are kept: where older ones
    /// were asked for, the answer begins at the oldest that is there.
    public Output output(Link link, long fromOffset, int limit) throws CountersignException {
        Link.Output read =
                link.run(
                        List.of(
                                "sh",
                                "-c",
                                GuestScripts.OUTPUT,
                                "output",
                                DIRECTORY,
                                Long.toString(Math.max(0, fromOffset)),
                                Integer.toString(limit)),
                        new byte[0],
                        PATIENCE,
                        limit + 64);
        demandDone(read, "The agent's output could not be read");
        byte[] all = read.stdout();
        int line = 0;
        while (line < all.length && line < 20 && all[line] >= '0' && all[line] <= '9') {
            line++;
        }
        if (line == 0 || line > 18 || line == all.length || all[line] != '\n') {
            throw new CountersignException(
                    Kind.FAILED, "The guest's answer about the agent's output is not one.");
        }
        long from = Long.parseLong(new String(all, 0, line, StandardCharsets.US_ASCII));
        byte[] bytes = Arrays.copyOfRange(all, line + 1, all.length);
        return new Output(bytes, from + bytes.length);
    }

    static Map<String, String> facts(Link.Output output) throws CountersignException {
        Map<String, String> known = facts(output.text());
        if (known.isEmpty()) {
            throw failed("The guest does not say how the agent is", output);
        }
        return known;
    }

    /// Empty unless the text is complete.
    static Map<String, String> facts(String text) {
        Map<String, String> known = new HashMap<>();
        boolean whole = false;
        for (String line : text.lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                known.putIfAbsent(line.substring(0, equals), line.substring(equals + 1));
            }
            whole = line.equals("done");
        }
        return whole && known.containsKey("ActiveState") ? known : Map.of();
    }

    private static Link.Output script(
            Link link, String script, byte[] stdin, List<String> arguments)
            throws CountersignException {
        List<String> argv = new ArrayList<>(List.of("sh", "-c", script, "countersign"));
        argv.addAll(arguments);
        return link.run(argv, stdin, PATIENCE, SMALL);
    }

    private static void demandDone(Link.Output output, String what) throws CountersignException {
        if (output.exitCode() != 0) {
            throw failed(what, output);
        }
    }

    private static CountersignException failed(String what, Link.Output output) {
        String said = GuestText.of(output.errorText().strip()).visible();
        return new CountersignException(
                Kind.FAILED,
                what
                        + " (exit code "
                        + output.exitCode()
                        + (said.isEmpty()
                                ? ""
                                : ": " + said.substring(0, Math.min(300, said.length())))
                        + "). Restore a checkpoint, or stop the session and resume it.");
    }

    /// Whether the agent runs.
    ///
    /// @param exitCode of the ended one; 128 + the signal's number if a signal ended it
    /// @param why one sentence
    public record Status(boolean running, int exitCode, String why) {}

    /// A piece of the terminal's output and where the next begins.
    public record Output(byte[] bytes, long nextOffset) {}

    /// Told when the agent has ended.
    @FunctionalInterface
    public interface Ended {
        /// Called once, from a thread of the watch.
        void ended(int exitCode, String why);
    }

    /// A running watch. Closing it twice is harmless.
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
