package dev.countersign.vm.ssh;

import dev.countersign.domain.CountersignException;
import java.time.Duration;
import java.util.List;

/// The host's way into the guest. What comes out of it is hostile.
public interface Link {
    /// Starts a command in the guest as root, on a channel of its own. The words are quoted for the
    /// guest's shell here; callers pass plain argv.
    ///
    /// @throws CountersignException if the link is down or the channel could not be opened
    GuestProcess start(List<String> argv) throws CountersignException;

    /// Runs a command to its end. Output beyond `limit` bytes a stream is an error.
    ///
    /// @throws CountersignException if the link is down, the time is over (the command is ended) or
    ///   the output is too long. An exit code other than 0 is not an exception.
    Output run(List<String> argv, byte[] stdin, Duration timeout, int limit)
            throws CountersignException;

    /// Whether the master connection answers.
    boolean up();

    /// Calls `listener` on each change of [#up()], from a thread of the link.
    void onChange(Listener listener);

    /// Told when the link comes and goes.
    @FunctionalInterface
    interface Listener {
        /// `generation` grows with every new connection.
        void changed(boolean up, long generation, String why);
    }

    /// What a command printed. Hostile bytes.
    record Output(int exitCode, byte[] stdout, byte[] stderr) {
        /// Standard output as UTF-8, malformed bytes replaced.
        public String text() {
            return new String(stdout, java.nio.charset.StandardCharsets.UTF_8);
        }

        /// Standard error as UTF-8, malformed bytes replaced.
        public String errorText() {
            return new String(stderr, java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
