package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.Connector;
import dev.countersign.api.FakeService;
import dev.countersign.api.Server;
import dev.countersign.app.tools.Tools;
import dev.countersign.cli.tour.SampleRepository;
import dev.countersign.domain.CountersignException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A command line over a fake engine behind a real socket.
final class CliBench implements AutoCloseable {
    final FakeService service;
    final Path socket;
    final Server server;
    final Path home;
    Tools tools = Tools.none();
    InputStream in = new ByteArrayInputStream(new byte[0]);
    boolean interactive;
    boolean colours;

    /// As if whoever reads the output had gone away.
    boolean failing;

    @Nullable SampleRepository sample;
    @Nullable WindowOpener window;

    /// Every look at the clock finds the arming delay over.
    private final AtomicLong ticks = new AtomicLong();

    private final Screen out = new Screen();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CliBench(Path directory, FakeService service) throws CountersignException {
        this.service = service;
        this.home = directory;
        this.socket = directory.resolve("run").resolve("engine.sock");
        this.server = Server.open(service, socket);
    }

    /// What a command did.
    record Ran(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Ran run(String... args) {
        out.reset();
        err.reset();
        int code = new Cli(ports()).run(args);
        return new Ran(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// Waits until this text was printed.
    void awaitOut(String text) throws InterruptedException {
        out.await(text);
    }

    private static PrintStream gone() {
        return new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                true,
                StandardCharsets.UTF_8);
    }

    /// Standard output that can be waited for.
    private static final class Screen extends ByteArrayOutputStream {
        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            super.write(bytes, from, length);
            notifyAll();
        }

        synchronized void await(String text) throws InterruptedException {
            while (!toString(StandardCharsets.UTF_8).contains(text)) {
                wait();
            }
        }
    }

    private Ports ports() {
        return new Ports(
                connector(socket),
                tools,
                sample,
                window,
                new Terminal(
                        in,
                        failing ? gone() : new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        interactive,
                        colours),
                _ -> () -> {},
                Clock.fixed(FakeService.NOW, ZoneOffset.UTC),
                () -> ticks.addAndGet(Prompt.ARMING.toNanos()),
                home,
                "0.1.0");
    }

    static Connector connector(Path socket) {
        return () -> {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                throw new CountersignException(
                        CountersignException.Kind.MISSING, "No engine answers.", e);
            }
        };
    }

    Client client() throws CountersignException {
        return Client.connect(socket);
    }

    @Override
    public void close() {
        server.close();
    }
}
