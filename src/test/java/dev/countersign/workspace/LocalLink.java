package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// A link whose guest is this machine: real processes, real python, no ssh.
final class LocalLink implements Link, AutoCloseable {
    final List<Process> processes = new CopyOnWriteArrayList<>();

    /// Everything that went to the guest, for tests that look for what must not be there.
    final java.io.ByteArrayOutputStream wire = new java.io.ByteArrayOutputStream();

    /// Whether [#wire] keeps it.
    volatile boolean remembers = true;

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private long generation = 1;
    volatile boolean up = true;

    @Override
    public GuestProcess start(List<String> argv) throws CountersignException {
        if (!up) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED, "The link is down. Wait for it.");
        }
        try {
            Process process = new ProcessBuilder(argv).start();
            processes.add(process);
            return new Local(process, remembers ? wire : OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Output run(List<String> argv, byte[] stdin, Duration timeout, int limit) {
        throw new UnsupportedOperationException("the workspace starts its own channel");
    }

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void onChange(Listener listener) {
        listeners.add(listener);
    }

    void lose() {
        up = false;
        processes.forEach(Process::destroyForcibly);
        listeners.forEach(l -> l.changed(false, generation, "lost"));
    }

    void comeBack() {
        up = true;
        generation++;
        listeners.forEach(l -> l.changed(true, generation, "back"));
    }

    @Override
    public void close() {
        List<Process> left = new ArrayList<>(processes);
        left.forEach(Process::destroyForcibly);
    }

    private record Local(Process process, OutputStream copy) implements GuestProcess {
        @Override
        public OutputStream stdin() {
            return new FilterOutputStream(process.getOutputStream()) {
                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    synchronized (copy) {
                        copy.write(b, off, len);
                    }
                    out.write(b, off, len);
                }
            };
        }

        @Override
        public InputStream stdout() {
            return process.getInputStream();
        }

        @Override
        public InputStream stderr() {
            return process.getErrorStream();
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public boolean waitFor(Duration timeout) throws InterruptedException {
            return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
