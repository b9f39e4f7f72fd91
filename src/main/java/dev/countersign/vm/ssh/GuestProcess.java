package dev.countersign.vm.ssh;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/// A command that runs in the guest. Its streams end when the link is lost.
public interface GuestProcess extends AutoCloseable {
    /// To the command's standard input.
    OutputStream stdin();

    /// From the command's standard output. Hostile bytes.
    InputStream stdout();

    /// From the command's standard error. Hostile bytes.
    InputStream stderr();

    /// Waits for the end; 255 also means that the link was lost.
    int waitFor() throws InterruptedException;

    /// Waits for the end at most this long; false if it still runs.
    boolean waitFor(Duration timeout) throws InterruptedException;

    /// Ends the channel, and with it the command.
    @Override
    void close();
}
