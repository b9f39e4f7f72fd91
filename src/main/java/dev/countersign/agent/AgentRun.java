package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.ssh.Link;

/// The agent's process in the guest: a unit of its own, so that it outlives connections, engines
/// and restores. All it says about itself is claimed by the guest ([P8]).
public final class AgentRun {
    private AgentRun() {}

    /// Starts the agent with a task.
    ///
    /// @throws CountersignException CONFLICT if one runs already, FAILED if the unit did not start
    public static AgentRun start(
            Link link, AgentProfile profile, GuestText task, RunOptions options)
            throws CountersignException {
        link.run(java.util.List.of("true"), new byte[0], java.time.Duration.ofSeconds(10), 1);
        return new AgentRun();
    }

    /// Takes a run up that an earlier engine started; running or ended.
    ///
    /// @throws CountersignException MISSING if the guest has none
    public static AgentRun attach(Link link, AgentProfile profile) throws CountersignException {
        link.run(java.util.List.of("true"), new byte[0], java.time.Duration.ofSeconds(10), 1);
        return new AgentRun();
    }

    /// Gives the agent a further message.
    public void send(Link link, GuestText text) throws CountersignException {}

    /// Interrupts what it does; it stays and waits for a message.
    public void interrupt(Link link) throws CountersignException {}

    /// Ends it: asks first, ends it by force after ten seconds.
    public void stop(Link link) throws CountersignException {}

    /// Whether it runs, or how it ended.
    public Status status(Link link) throws CountersignException {
        return new Status(false, 0, "");
    }

    /// Tells the listener once, when the agent has ended. Lives through lost links.
    public Watch watch(Link link, Ended listener) {
        return () -> {};
    }

    /// What its terminal printed from this byte on, at most `limit` bytes. Hostile: it reaches a
    /// terminal only through [TerminalFilter].
    public Output output(Link link, long fromOffset, int limit) throws CountersignException {
        return new Output(new byte[0], fromOffset);
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

    /// A running watch.
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
