package dev.countersign.vm;

import static dev.countersign.vm.LimaVms.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.GuestResources;
import dev.countersign.vm.qemu.Boundary;
import dev.countersign.vm.qemu.QemuProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The wall, tried from the inside by the guest's root, with listeners outside that would see it.
@Tag("vm")
class BoundaryVmTest {
    @RegisterExtension static final LimaVms LAB = new LimaVms();

    /// A TCP and a UDP listener on one address of the host. Whatever reaches them is kept.
    private static final class Watched implements AutoCloseable {
        final List<String> seen = new CopyOnWriteArrayList<>();
        final ServerSocket tcp;
        final DatagramSocket udp;

        Watched(InetAddress address) throws IOException {
            tcp = new ServerSocket();
            tcp.bind(new InetSocketAddress(address, 0));
            udp = new DatagramSocket(new InetSocketAddress(address, tcp.getLocalPort()));
            Thread.ofVirtual().start(this::accept);
            Thread.ofVirtual().start(this::receive);
        }

        String address() {
            return tcp.getInetAddress().getHostAddress();
        }

        int port() {
            return tcp.getLocalPort();
        }

        private void accept() {
            while (!tcp.isClosed()) {
                try (Socket socket = tcp.accept()) {
                    seen.add("tcp from " + socket.getRemoteSocketAddress());
                } catch (IOException _) {
                    return;
                }
            }
        }

        private void receive() {
            while (!udp.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    udp.receive(packet);
                    seen.add("udp from " + packet.getSocketAddress());
                } catch (IOException _) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            tcp.close();
            udp.close();
        }
    }

    /// What stands on the host behind one forward: keeps what it is asked, and answers.
    private static final class Answerer implements AutoCloseable {
        final List<String> asked = new CopyOnWriteArrayList<>();
        final Path socket;
        private final ServerSocketChannel server;

        Answerer(Path socket) throws IOException {
            this.socket = socket;
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().start(this::answer);
        }

        private void answer() {
            while (server.isOpen()) {
                try (SocketChannel one = server.accept()) {
                    ByteBuffer buffer = ByteBuffer.allocate(2048);
                    String text = "";
                    while (!text.endsWith("hello") && one.read(buffer) >= 0) {
                        assertThat(buffer.hasRemaining()).isTrue();
                        text =
                                new String(
                                        buffer.array(),
                                        0,
                                        buffer.position(),
                                        StandardCharsets.UTF_8);
                    }
                    // Before what a client of the network says, the relay says which one it is.
                    asked.add(text.replaceFirst("^COUNTERSIGN-PROCESS [^\r\n]*\r\n", ""));
                    one.write(ByteBuffer.wrap("answer".getBytes(StandardCharsets.UTF_8)));
                } catch (IOException _) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static List<InetAddress> ownAddresses() throws IOException {
        List<InetAddress> found = new ArrayList<>();
        for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
            if (card.isUp() && !card.isLoopback()) {
                card.inetAddresses().filter(Inet4Address.class::isInstance).forEach(found::add);
            }
        }
        return found;
    }

    /// Tries one address and port in every way that Python and root have.
    private static final String PROBE =
            """
            import socket, struct, sys
            where, port = sys.argv[1], int(sys.argv[2])
            got = []
            def attempt(name, act):
                try:
                    act()
                    got.append(name)
                except OSError:
                    pass
            def tcp():
                s = socket.create_connection((where, port), 2)
                s.sendall(b"x")
            def udp():
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(0.3)
                for _ in range(3):
                    s.sendto(b"x", (where, port))
                s.recv(10)
            def dns():
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(0.5)
                q = struct.pack(">6H", 1, 256, 1, 0, 0, 0) + b"\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
                s.sendto(q, (where, 53))
                s.recv(600)
            def raw():
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
                s.sendto(b"x" * 40, (where, 0))
                s.settimeout(0.3)
                s.recv(100)
            def sctp():
                s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
                s.sendto(struct.pack(">HHII", 4000, port, 0, 0), (where, 0))
                s.settimeout(0.3)
                s.recv(100)
            for name, act in (("tcp", tcp), ("udp", udp), ("dns", dns), ("raw", raw), ("sctp", sctp)):
                attempt(name, act)
            print(" ".join(got))
            """;

    /// Routes, addresses and neighbours that root in the guest gives itself.
    private static final String OPEN_WIDE =
            """
            ip route add default via 192.168.5.2 dev eth0
            ip addr add 10.0.2.77/24 dev eth0
            ip addr add 203.0.113.77/24 dev eth0
            ip route add 10.1.0.0/16 dev eth0
            for address in 10.0.2.2 192.168.5.99 203.0.113.1 203.0.113.2; do
                ip neigh replace $address lladdr 52:55:c0:a8:05:02 dev eth0
            done
            sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
            sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
            ip -6 addr add 2001:db8:77::77/64 dev eth0 nodad
            ip -6 route add default via fe80::2 dev eth0
            for address in fe80::2 2001:db8:77::1 2001:db8:77::2; do
                ip -6 neigh replace $address lladdr 52:56:00:00:00:02 dev eth0
            done
            """;

    @Test
    void noByteOfTheGuestsRootLeavesTheMachineP1() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-wall"), new LimaVms.Facts());
        List<InetAddress> addresses = new ArrayList<>(ownAddresses());
        addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        List<Watched> watched = new ArrayList<>();
        for (InetAddress address : addresses) {
            watched.add(new Watched(address));
        }
        sh(vm, "cat > /run/probe.py <<'END'\n" + PROBE + "END\n");
        sh(vm, OPEN_WIDE);
        try {
            for (Watched one : watched) {
                // Loopback is reached by slirp's gateway, if by anything.
                for (String by :
                        one.address().equals("127.0.0.1")
                                ? List.of("192.168.5.2", "192.168.5.3", "10.0.2.2", "192.168.5.99")
                                : List.of(one.address())) {
                    String got = sh(vm, "python3 /run/probe.py %s %d".formatted(by, one.port()));
                    assertThat(got).as("%s from the guest", by).isEmpty();
                }
            }
            assertThat(
                            sh(
                                    vm,
                                    "python3 /run/probe.py 192.0.2.1 80; python3 /run/probe.py 8.8.8.8 53; python3 /run/probe.py 255.255.255.255 67"))
                    .isBlank();
            assertThat(
                            sh(
                                    vm,
                                    """
                                    python3 - <<'END'
                                    import socket
                                    for where in ("fec0::2", "fe80::2%eth0", "2001:db8::1", "::ffff:192.168.5.2"):
                                        for port in (22, 53, 80):
                                            try:
                                                s = socket.socket(socket.AF_INET6)
                                                s.settimeout(1)
                                                s.connect((where.split("%")[0], port, 0, socket.if_nametoindex("eth0") if "%" in where else 0))
                                                print("reached", where, port)
                                            except OSError:
                                                pass
                                    END
                                    """))
                    .isEmpty();
            // Frames that no address stands behind.
            sh(
                    vm,
                    """
                    python3 - <<'END'
                    import socket
                    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                    s.bind(("eth0", 0))
                    for kind in (b"\\x08\\x06", b"\\x88\\xb5", b"\\x86\\xdd", b"\\x08\\x00"):
                        s.send(b"\\xff" * 6 + b"\\x52\\x55\\x55\\x00\\x00\\x01" + kind + b"\\x45" + b"\\x00" * 59)
                    END
                    """);
            for (Watched one : watched) {
                assertThat(one.seen).as("what reached %s", one.address()).isEmpty();
                // The watch works: the host itself is seen.
                try (Socket socket = new Socket(one.tcp.getInetAddress(), one.port())) {
                    assertThat(socket.getInputStream().read()).isEqualTo(-1);
                }
                assertThat(one.seen).hasSize(1);
            }
        } finally {
            for (Watched one : watched) {
                one.close();
            }
        }
    }

    /// What the guest's card hears when everything is tried: slirp's own voice inside QEMU, nothing
    /// from beyond it. It answers for its two addresses and resets every connection by itself,
    /// whatever address was asked (libslirp: arp.c, bootp.c, icmp.c, tftp.c, `restricted` in
    /// tcp.c).
    private static final List<String> KNOWN_ANSWERS =
            List.of(
                    "arp from 192.168.5.2",
                    "arp from 192.168.5.3",
                    "icmp type 0 code 0 from 192.168.5.2",
                    "icmp type 0 code 0 from 192.168.5.3",
                    "tcp reset from 10.0.2.2",
                    "tcp reset from 169.254.169.254",
                    "tcp reset from 192.0.2.1",
                    "tcp reset from 192.168.5.2",
                    "tcp reset from 192.168.5.3",
                    "tcp reset from 192.168.5.99",
                    "tcp reset from 203.0.113.1",
                    "tcp reset from 203.0.113.2",
                    "tcp reset from 8.8.8.8",
                    "tftp error 2 from 192.168.5.2",
                    "udp 67 from 192.168.5.2");

    @Test
    void noFrameOfTheGuestsRootReachesAnotherNetworkNameSpaceOrTheHostsOwnAddressesP1()
            throws Exception {
        WatchedNetwork network = LAB.network();
        assertThat(kinds(network.control(), true))
                .as("kinds of traffic that the other name space's watcher sees")
                .containsAll(EVERY_KIND);
        assertThat(kinds(network.control(), false))
                .as("kinds of traffic that the loopback's watcher sees")
                .containsAll(EVERY_KIND);
        Path run = privateDirectory();
        try (Answerer models = new Answerer(run.resolve("models.sock"));
                Answerer egress = new Answerer(run.resolve("egress.sock"))) {
            int begin = network.mark();
            Vm vm =
                    LAB.createWatched(
                            LAB.spec(
                                    "s-netns",
                                    new Forward("/run/countersign/models.sock", models.socket),
                                    new Forward("/run/countersign/egress.sock", egress.socket)),
                            new LimaVms.Facts());
            QemuProcess qemu =
                    QemuProcess.of(LAB.settings().limaHome().resolve("s-netns/qemu.pid"))
                            .orElseThrow();
            assertThat(network.holds(qemu.handle())).as("QEMU is in the watched network").isTrue();
            int ssh = Boundary.check(qemu.argv()).sshPort();
            installRelay(vm);
            assertThat(sh(vm, ask(4100))).isEqualTo("answer");
            assertThat(sh(vm, ask(4101))).isEqualTo("answer");
            assertThat(models.asked).containsExactly("hello");
            assertThat(egress.asked).containsExactly("hello");
            assertThat(sh(vm, "ss -Hltun | awk '{print $1, $5}' | grep -v ':22$' | sort"))
                    .isEqualTo("tcp 127.0.0.1:4100\ntcp 127.0.0.1:4101");

            sh(vm, OPEN_WIDE);
            sh(vm, "cat > /run/attack.py <<'END'\n" + resource("guest_attack.py") + "END\n");
            String heard =
                    sh(
                            vm,
                            "python3 /run/attack.py %d %d %s"
                                    .formatted(
                                            WatchedNetwork.PORT,
                                            ssh,
                                            String.join(
                                                    " ",
                                                    WatchedNetwork.FAR,
                                                    WatchedNetwork.NEAR,
                                                    WatchedNetwork.FAR6,
                                                    WatchedNetwork.NEAR6)),
                            Duration.ofMinutes(5));
            assertThat(heard.lines().toList())
                    .as("what the guest's card heard")
                    .containsExactlyInAnyOrderElementsOf(KNOWN_ANSWERS);

            List<WatchedNetwork.Frame> frames = network.frames(begin, network.mark());
            assertThat(frames.stream().filter(WatchedNetwork.Frame::outside))
                    .as("what reached the other name space")
                    .isEmpty();
            assertThat(frames.stream().filter(frame -> !frame.outside() && !frame.ofLoopback(ssh)))
                    .as("what reached the host's own addresses, but for the connection to ssh")
                    .isEmpty();
            assertThat(frames).as("the connection to ssh was seen").isNotEmpty();
            // Both watchers still see.
            List<WatchedNetwork.Frame> after = network.control();
            assertThat(kinds(after, true)).containsAll(EVERY_KIND);
            assertThat(kinds(after, false)).containsAll(EVERY_KIND);
            assertThat(sh(vm, ask(4100))).as("the door is still open").isEqualTo("answer");
        } finally {
            Disk.remove(run);
        }
    }

    private static final List<String> EVERY_KIND =
            List.of("tcp", "udp", "dns", "icmp", "sctp", "ip-253", "arp", "ipv6", "ether-88b5");

    private static Set<String> kinds(List<WatchedNetwork.Frame> frames, boolean outside) {
        return frames.stream()
                .filter(frame -> frame.outside() == outside)
                .map(WatchedNetwork.Frame::kind)
                .collect(Collectors.toSet());
    }

    /// Asks one of the guest's listeners, as the agent does.
    private static String ask(int port) {
        return """
        runuser -u agent -- python3 -c '
        import socket
        s = socket.create_connection(("127.0.0.1", %d), 20)
        s.sendall(b"hello")
        print(s.recv(100).decode())
        '
        """
                .formatted(port);
    }

    /// The product's own relay and what it needs.
    private static void installRelay(Vm vm) throws Exception {
        for (GuestResources.GuestFile file : GuestResources.files()) {
            Link.Output output =
                    vm.link()
                            .run(
                                    List.of(
                                            "sh",
                                            "-c",
                                            "mkdir -p \"$(dirname \"$1\")\" && cat > \"$1\"",
                                            "sh",
                                            file.path()),
                                    file.bytes(),
                                    Duration.ofSeconds(60),
                                    4096);
            assertThat(output.exitCode()).as(output.errorText()).isZero();
        }
        sh(vm, GuestResources.setupScript());
        // Its unit counts as started when its program begins, not when it listens.
        sh(
                vm,
                "for _ in $(seq 200); do [ \"$(ss -Hltn | grep -c '127.0.0.1:410[01] ')\" = 2 ] && exit 0; sleep 0.1; done; exit 1");
    }

    private static Path privateDirectory() throws IOException {
        return Files.createTempDirectory(
                Path.of("/tmp"),
                "csr",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = BoundaryVmTest.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void onlyTheForwardsOfTheSessionAnswerAndOnlyRootReachesThemP1() throws Exception {
        Path run = privateDirectory();
        try (Answerer server = new Answerer(run.resolve("models.sock"))) {
            Vm vm =
                    LAB.create(
                            LAB.spec(
                                    "s-door",
                                    new Forward("/run/countersign/models.sock", server.socket)),
                            new LimaVms.Facts());
            String ask =
                    """
                    python3 -c '
                    import socket
                    s = socket.socket(socket.AF_UNIX)
                    s.connect("/run/countersign/models.sock")
                    s.sendall(b"hello"); s.shutdown(1)
                    print(s.recv(100).decode())
                    '
                    """;

            assertThat(sh(vm, ask)).isEqualTo("answer");
            assertThat(server.asked).containsExactly("hello");
            assertThat(sh(vm, "stat -c '%a %U' /run/countersign")).isEqualTo("700 root");
            assertThat(sh(vm, "runuser -u agent -- " + ask.strip() + " 2>&1 || true"))
                    .contains("Permission denied");
            // The relay that listens on 4100 and 4101 is part of the product's kit, not of this
            // one.
            assertThat(sh(vm, "ss -Hltn | awk '{print $4}' | grep -v ':22$' || true")).isEmpty();

            vm.checkpoint("door");
            vm.restore("door");
            assertThat(sh(vm, ask)).isEqualTo("answer");
            vm.pause();
            vm.resume();
            assertThat(sh(vm, ask)).isEqualTo("answer");
            assertThat(server.asked).hasSize(3);
        } finally {
            Disk.remove(run);
        }
    }
}
