package dev.countersign.egress;

import dev.countersign.egress.ClientHelloTest.Hellos;
import dev.countersign.gate.policy.EgressRules;
import dev.countersign.secrets.Canaries;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// The proxy against a plain relay of two copying threads, over loopback. Run by `bench/egress`.
public final class EgressBench {
    private static final String BEGIN = "<!-- written by bench/egress: begin -->";
    private static final String END = "<!-- written by bench/egress: end -->";
    private static final long VOLUME = 256L << 20;
    private static final EgressLimits UNLIMITED =
            new EgressLimits(
                    4096,
                    16 << 10,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(15),
                    Long.MAX_VALUE / 2,
                    Long.MAX_VALUE / 2);
    private static final int ROUNDS = 3;
    private static final int FIRST_BYTES = 400;
    private static final int GETS = 200;
    private static final int IDLE = 1000;

    private final ServerSocket server = bound();
    private final ServerSocket registry = bound();
    private final EgressProxy session;
    private final ServerSocket relay = bound();
    private final EgressProxy proxy;

    private EgressBench() throws IOException {
        serve(server, EgressBench::sink);
        serve(relay, this::relayed);
        serve(registry, EgressBench::answer);
        Origins origins =
                new Origins(
                        List.of(
                                new Origin(
                                        "maven",
                                        Origin.Kind.MAVEN,
                                        URI.create("http://127.0.0.1:" + registry.getLocalPort()),
                                        null,
                                        "")),
                        Map.of());
        EgressPolicy packages =
                EgressPolicy.of("packages", List.of(), List.of(), Clock.systemUTC());
        session =
                EgressProxy.forSession(
                        ServerSocketChannel.open()
                                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        () -> packages,
                        _ -> List.of(),
                        UNLIMITED,
                        _ -> {},
                        Asking.NOBODY,
                        SessionServers.NONE,
                        Canaries.NONE,
                        0,
                        new OriginGateway(
                                () -> origins,
                                _ -> List.of(),
                                new byte[32],
                                HostTrust.of(new byte[0]),
                                OriginGateway.Limits.USUAL));
        proxy =
                EgressProxy.start(
                        ServerSocketChannel.open()
                                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        EgressPolicy.of(
                                new EgressRules(
                                        "locked",
                                        List.of("ok.example.org:" + server.getLocalPort()),
                                        List.of(),
                                        List.of("127.0.0.1:" + server.getLocalPort()))),
                        _ -> List.of(new byte[] {127, 0, 0, 1}),
                        UNLIMITED,
                        _ -> {});
    }

    /// @param args the file to write into
    public static void main(String[] args) throws IOException, InterruptedException {
        EgressBench bench = new EgressBench();
        String report = bench.report();
        System.out.print(report);
        write(Path.of(args[0]), report);
        System.exit(0);
    }

    private String report() throws IOException, InterruptedException {
        StringBuilder out = new StringBuilder();
        out.append("| what | relay | proxy | ratio | to reach |\n|---|---|---|---|---|\n");
        for (int streams : new int[] {1, 64}) {
            double[] relayed = new double[ROUNDS];
            double[] proxied = new double[ROUNDS];
            throughput(streams, true, VOLUME / 8);
            throughput(streams, false, VOLUME / 8);
            for (int i = 0; i < ROUNDS; i++) {
                relayed[i] = throughput(streams, false, VOLUME);
                proxied[i] = throughput(streams, true, VOLUME);
            }
            double one = median(relayed);
            double other = median(proxied);
            out.append(
                    "| throughput, %d stream%s, MB/s | %.0f | %.0f | %.2f | ≥ 0.9 |%n"
                            .formatted(streams, streams == 1 ? "" : "s", one, other, other / one));
        }
        firstBytes(FIRST_BYTES, false);
        firstBytes(FIRST_BYTES, true);
        double plain = firstBytes(FIRST_BYTES, false);
        double through = firstBytes(FIRST_BYTES, true);
        out.append(
                "| connect to first byte, p50 ms | %.2f | %.2f | + %.2f ms | ≤ + 2 ms |%n"
                        .formatted(plain, through, through - plain));
        // Few enough to stay within a session's burst of connections.
        gets(GETS, false);
        gets(GETS, true);
        double asked = gets(GETS, false);
        double read = gets(GETS, true);
        out.append(
                "| `GET` of a registry, connect to first byte, p50 ms | %.2f (no relay) | %.2f | + %.2f ms | ≤ + 2 ms |%n"
                        .formatted(asked, read, read - asked));
        out.append(idle());
        return out.toString();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// MB/s over all streams.
    private double throughput(int streams, boolean proxied, long volume)
            throws IOException, InterruptedException {
        CountDownLatch done = new CountDownLatch(streams);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            sockets.add(open(proxied));
        }
        long start = System.nanoTime();
        for (Socket socket : sockets) {
            Thread.ofVirtual()
                    .start(() -> {
                        pump(socket, volume / streams);
                        done.countDown();
                    });
        }
        done.await();
        return volume * 1e3 / (System.nanoTime() - start);
    }

    private static void pump(Socket socket, long volume) {
        byte[] block = new byte[1 << 16];
        try (socket) {
            OutputStream out = socket.getOutputStream();
            for (long sent = 0; sent < volume; sent += block.length) {
                out.write(block);
            }
            socket.shutdownOutput();
            while (socket.getInputStream().read(block) >= 0) {
                // Until the server has all.
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Socket open(boolean proxied) throws IOException {
        Socket socket = new Socket();
        if (proxied) {
            socket.connect(proxy.address());
            connect(socket, "127.0.0.1:" + server.getLocalPort());
        } else {
            socket.connect(relay.getLocalSocketAddress());
        }
        return socket;
    }

    private static void connect(Socket socket, String target) throws IOException {
        socket.getOutputStream()
                .write(
                        ("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        int matched = 0;
        while (matched < 4) {
            int c = socket.getInputStream().read();
            matched = c == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : 0;
        }
    }

    /// From the start of connecting to the first byte of the answer to a TLS hello; p50 in ms.
    private double firstBytes(int count, boolean proxied) throws IOException {
        byte[] hello = Hellos.of("ok.example.org", false);
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            try (Socket socket = new Socket()) {
                if (proxied) {
                    socket.connect(proxy.address());
                    connect(socket, "ok.example.org:" + server.getLocalPort());
                } else {
                    socket.connect(relay.getLocalSocketAddress());
                }
                socket.setTcpNoDelay(true);
                socket.getOutputStream().write(hello);
                socket.getInputStream().read();
            }
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return median(millis);
    }

    /// From the start of connecting to the first byte of the answer to a `GET`; p50 in ms.
    private double gets(int count, boolean gateway) throws IOException {
        byte[] request =
                "GET %s/org/a/1/a-1.pom HTTP/1.1\r\nHost: 127.0.0.1:4101\r\nConnection: close\r\n\r\n"
                        .formatted(gateway ? "/o/maven" : "")
                        .getBytes(StandardCharsets.US_ASCII);
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            try (Socket socket = new Socket()) {
                socket.connect(gateway ? session.address() : registry.getLocalSocketAddress());
                socket.setTcpNoDelay(true);
                socket.getOutputStream().write(request);
                if (socket.getInputStream().read() != 'H') {
                    throw new IOException("no answer came");
                }
                millis[i] = (System.nanoTime() - start) / 1e6;
                while (socket.getInputStream().read() >= 0) {
                    // Until it is over.
                }
            }
        }
        return median(millis);
    }

    /// A registry: the same small file for each request, until one says that it is the last.
    private static void answer(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        boolean last = false;
        for (String line = in.readLine(); line != null && !last; line = in.readLine()) {
            last = line.equalsIgnoreCase("connection: close");
            if (line.isEmpty() || last) {
                socket.getOutputStream()
                        .write(
                                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                                        .getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private String idle() throws IOException, InterruptedException {
        long before = used();
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < IDLE; i++) {
            sockets.add(open(true));
        }
        long after = used();
        int open = proxy.connections();
        for (Socket socket : sockets) {
            socket.close();
        }
        return "| %d idle tunnels (both ends in this process), MB of heap and buffers | | %.0f | | ≤ 100 |%n"
                .formatted(open, Math.max(0, after - before) / 1e6);
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long direct =
                ManagementFactory.getPlatformMXBeans(java.lang.management.BufferPoolMXBean.class)
                        .stream()
                        .mapToLong(java.lang.management.BufferPoolMXBean::getMemoryUsed)
                        .sum();
        return direct + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // --- the other sides -----------------------------------------------------------------------

    private interface Side {
        void serve(Socket socket) throws IOException;
    }

    private static ServerSocket bound() {
        try {
            return new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void serve(ServerSocket listener, Side side) {
        Thread.ofVirtual()
                .start(() -> {
                    while (true) {
                        try {
                            Socket socket = listener.accept();
                            Thread.ofVirtual().start(() -> one(socket, side));
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
    }

    private static void one(Socket socket, Side side) {
        try (socket) {
            side.serve(socket);
        } catch (IOException e) {
            // The client went.
        }
    }

    /// Answers one byte to the first block, reads all.
    private static void sink(Socket socket) throws IOException {
        byte[] block = new byte[1 << 16];
        InputStream in = socket.getInputStream();
        socket.setTcpNoDelay(true);
        boolean first = true;
        while (in.read(block) >= 0) {
            if (first) {
                socket.getOutputStream().write(1);
                first = false;
            }
        }
    }

    private void relayed(Socket client) throws IOException {
        try (Socket upstream = new Socket(server.getInetAddress(), server.getLocalPort())) {
            upstream.setTcpNoDelay(true);
            AtomicInteger open = new AtomicInteger(2);
            Thread back =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    upstream.getInputStream().transferTo(client.getOutputStream());
                                    client.shutdownOutput();
                                } catch (IOException e) {
                                    open.decrementAndGet();
                                }
                            });
            byte[] block = new byte[1 << 16];
            InputStream in = client.getInputStream();
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                upstream.getOutputStream().write(block, 0, count);
            }
            upstream.shutdownOutput();
            back.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(Path file, String report) throws IOException {
        String section =
                BEGIN
                        + "\n## Egress\n\nMedians of one run on "
                        + LocalDate.now(ZoneOffset.UTC)
                        + ", loopback, %d processors, load average %.1f; the relay is two virtual threads that copy.\n\n"
                                .formatted(
                                        Runtime.getRuntime().availableProcessors(),
                                        ManagementFactory.getOperatingSystemMXBean()
                                                .getSystemLoadAverage())
                        + report
                        + END;
        String old = Files.readString(file);
        int begin = old.indexOf(BEGIN);
        String before = begin < 0 ? old.stripTrailing() + "\n\n" : old.substring(0, begin);
        String behind = begin < 0 ? "\n" : old.substring(old.indexOf(END) + END.length());
        Files.writeString(file, before + section + behind);
    }
}
