package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.opentest4j.TestAbortedException;

/// A network for one VM in which every frame is seen, whatever its protocol: two name spaces of
/// this user and a cable between them, made without root (`watched_network.py`).
///
/// limactl and ssh, and with limactl its QEMU, run *inside*: they have a loopback of their own and
/// the cable as their way to everywhere. *Outside* is another network name space, with listeners on
/// every address there is.
final class WatchedNetwork {
    /// Where somebody listens, by TCP and UDP, on both sides and all addresses.
    static final int PORT = 7000;

    /// This host's address on the cable.
    static final String NEAR = "203.0.113.1";

    /// The other name space's address.
    static final String FAR = "203.0.113.2";

    /// The same in IPv6.
    static final String NEAR6 = "2001:db8:77::1";

    /// The same in IPv6.
    static final String FAR6 = "2001:db8:77::2";

    private final Process process;
    private final Path directory;
    private final Writer controls;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final List<String> lines = new ArrayList<>();
    private int marks;
    private boolean over;

    private WatchedNetwork(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
        this.controls = process.outputWriter(StandardCharsets.UTF_8);
    }

    /// One frame: where it was seen, and its first bytes.
    record Frame(boolean outside, byte[] bytes) {
        /// `tcp`, `udp`, `dns`, `icmp`, `sctp`, `ip-N`, `ipv6`, `arp` or `ether-N`.
        String kind() {
            return switch (word(12)) {
                case 0x0800 -> ip();
                case 0x0806 -> "arp";
                case 0x86dd -> "ipv6";
                default -> "ether-%04x".formatted(word(12));
            };
        }

        private String ip() {
            return switch (bytes[23] & 0xff) {
                case 1 -> "icmp";
                case 6 -> "tcp";
                case 17 -> word(36) == 53 ? "dns" : "udp";
                case 132 -> "sctp";
                default -> "ip-" + (bytes[23] & 0xff);
            };
        }

        /// Whether it belongs to the connections between 127.0.0.1 and that port of it.
        boolean ofLoopback(int port) {
            return !outside
                    && kind().equals("tcp")
                    && number(26) == 0x7f000001
                    && number(30) == 0x7f000001
                    && (word(34) == port || word(36) == port);
        }

        private int word(int at) {
            return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
        }

        private int number(int at) {
            return (word(at) << 16) | word(at + 2);
        }

        @Override
        public String toString() {
            return "%s %s %s"
                    .formatted(
                            outside ? "outside" : "inside",
                            kind(),
                            HexFormat.of().formatHex(bytes));
        }
    }

    /// Makes one, or says why this machine can't.
    static WatchedNetwork open() throws IOException, InterruptedException, CountersignException {
        Path directory =
                Files.createTempDirectory(
                        Path.of("/tmp"),
                        "csn",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Path script = directory.resolve("watched_network.py");
        try (InputStream in = WatchedNetwork.class.getResourceAsStream("watched_network.py")) {
            Files.copy(Objects.requireNonNull(in), script);
        }
        ProcessBuilder builder =
                new ProcessBuilder(
                        "unshare",
                        "--user",
                        "--map-current-user",
                        "--net",
                        "--keep-caps",
                        "python3",
                        "-I",
                        script.toString());
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, sbin) -> path + ":" + sbin);
        Path errors = directory.resolve("errors");
        WatchedNetwork network =
                new WatchedNetwork(builder.redirectError(errors.toFile()).start(), directory);
        Thread.ofVirtual().name("frames").start(network::read);
        try {
            network.await("ready outside"::equals, "the outside");
            network.await("ready inside"::equals, "the inside");
            return network;
        } catch (AssertionError e) {
            network.process.destroyForcibly().waitFor();
            String why =
                    "this user can't make network name spaces that are wired to each other: "
                            + Files.readString(errors).strip();
            Disk.remove(directory);
            if (Boolean.getBoolean("countersign.vm.required")) {
                throw new AssertionError(why, e);
            }
            throw new TestAbortedException(why, e);
        }
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
            }
        } catch (IOException _) {
            // It was closed.
        } finally {
            lock.lock();
            try {
                over = true;
                more.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void add(String line) {
        lock.lock();
        try {
            lines.add(line);
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(Predicate<String> wanted, String what) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.SECONDS.toNanos(60);
            int looked = 0;
            while (true) {
                for (; looked < lines.size(); looked++) {
                    if (wanted.test(lines.get(looked))) {
                        return;
                    }
                }
                if (over || left <= 0) {
                    throw new AssertionError("waited in vain for " + what + ": " + lastOf(lines));
                }
                left = more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private static List<String> lastOf(List<String> lines) {
        return lines.subList(Math.max(0, lines.size() - 5), lines.size());
    }

    /// A place in the record. Both watchers have seen everything that was sent before this call.
    int mark() throws IOException, InterruptedException {
        marks++;
        tell("mark " + marks);
        String frame = "ffffffffffff" + "020000007701" + "88b6" + "%08x".formatted(marks);
        await(line -> line.startsWith("outside " + frame), "the mark outside");
        await(line -> line.startsWith("inside " + frame), "the mark inside");
        lock.lockInterruptibly();
        try {
            return lines.size();
        } finally {
            lock.unlock();
        }
    }

    /// What was seen between two places.
    List<Frame> frames(int from, int to) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            return lines.subList(from, to).stream()
                    .filter(line -> line.startsWith("outside ") || line.startsWith("inside "))
                    .map(line ->
                            new Frame(
                                    line.startsWith("outside "),
                                    HexFormat.of().parseHex(line.substring(line.indexOf(' ') + 1))))
                    .filter(frame -> !frame.kind().equals("ether-88b6"))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// What is seen when one of each kind of traffic is really sent, over both.
    List<Frame> control() throws IOException, InterruptedException {
        int before = mark();
        tell("control " + marks);
        String done = "controlled " + marks;
        await(line -> line.equals(done) || line.startsWith("failed"), "the control");
        int after = mark();
        return frames(before, after);
    }

    private void tell(String command) throws IOException {
        controls.write(command + "\n");
        controls.flush();
    }

    /// Settings whose limactl and ssh run inside; all else is as it was.
    VmSettings inside(VmSettings settings) throws IOException {
        return new VmSettings(
                settings.limaHome(),
                settings.bases(),
                settings.tools(),
                settings.template(),
                entering(settings.limactl()),
                settings.qemu(),
                settings.qemuImg(),
                entering(settings.ssh()),
                settings.sshKeygen(),
                settings.arch(),
                settings.bootDeadline());
    }

    /// A script that runs the program inside; what is inside already does not enter again.
    private Path entering(Path program) throws IOException {
        Path script = directory.resolve(program.getFileName().toString());
        Files.writeString(
                script,
                """
                #!/bin/sh
                if [ "$(readlink /proc/self/ns/net)" = "%3$s" ]; then
                    exec %2$s "$@"
                fi
                exec nsenter --user --net --preserve-credentials -t %1$d -- %2$s "$@"
                """
                        .formatted(
                                process.pid(),
                                program.toAbsolutePath(),
                                networkOf(process.toHandle())));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    /// Whether that process runs inside.
    boolean holds(ProcessHandle handle) throws IOException {
        return networkOf(handle).equals(networkOf(process.toHandle()));
    }

    private static Path networkOf(ProcessHandle handle) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/%d/ns/net".formatted(handle.pid())));
    }

    /// Takes it away.
    void end() throws IOException, InterruptedException, CountersignException {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        Disk.remove(directory);
    }
}
