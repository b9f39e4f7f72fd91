package dev.countersign.vm.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// One exec channel: a local ssh client that speaks to the master.
final class SshChannel implements GuestProcess {
    private static final Duration POLITE = Duration.ofMillis(200);

    private final Process client;
    private final Runnable endInGuest;

    /// @param endInGuest ends the command in the guest by another channel
    SshChannel(Process client, Runnable endInGuest) {
        this.client = client;
        this.endInGuest = endInGuest;
    }

    @Override
    public OutputStream stdin() {
        return client.getOutputStream();
    }

    @Override
    public InputStream stdout() {
        return client.getInputStream();
    }

    @Override
    public InputStream stderr() {
        return client.getErrorStream();
    }

    @Override
    public int waitFor() throws InterruptedException {
        return client.waitFor();
    }

    @Override
    public boolean waitFor(Duration timeout) throws InterruptedException {
        return client.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// sshd does not end a command without a terminal when its channel closes, so one that does not
    /// go by itself at the end of its input is ended by name.
    @Override
    public void close() {
        if (!client.isAlive()) {
            return;
        }
        boolean interrupted = false;
        try {
            client.getOutputStream().close();
            if (waitFor(POLITE)) {
                return;
            }
        } catch (IOException _) {
            // The client went away meanwhile; the command in the guest may still be there.
            interrupted = false;
        } catch (InterruptedException _) {
            interrupted = true;
        }
        endInGuest.run();
        client.destroyForcibly();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
