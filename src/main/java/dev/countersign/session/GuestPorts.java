package dev.countersign.session;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ports of one session's guest that the host knows of, and those of the host's loopback that
/// the developer let lead there. What listens is the guest's word and opens nothing; each
/// connection goes over the link as a command of its own, for the guest's sshd forwards nothing.
public final class GuestPorts {
    private static final Logger LOG = LoggerFactory.getLogger(GuestPorts.class);
    private static final Pattern LINE = Pattern.compile("([+-]) ([0-9]{1,5})(?: (.*))?");
    private static final Set<Integer> OWN = Set.of(22, 4100, 4101);
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int FIRST_UNPRIVILEGED = 1024;
    private static final int MOST_NOTICED = 50;
    private static final int MOST_CONNECTIONS = 64;
    private static final int LONGEST_LINE = 1024;

    private final Recorder recorder;
    private final Runnable changed;
    private final String script = script();
    private final Map<Integer, GuestText> listening = new TreeMap<>();
    private final Map<Integer, Opened> opened = new TreeMap<>();
    private int noticed;
    private @Nullable Link link;

    /// A port as it stands.
    ///
    /// @param hostPort that leads there; null: none does
    /// @param process that listens, as the guest says; null: nothing is known to listen
    public record Port(int guestPort, @Nullable Integer hostPort, @Nullable GuestText process) {}

    private record Opened(int guestPort, ServerSocket listener, Set<Socket> connections) {}

    /// @param changed told when something else is to be seen
    GuestPorts(Recorder recorder, Runnable changed) {
        this.recorder = recorder;
        this.changed = changed;
    }

    /// Watches the guest at the end of this link, now and whenever the link comes back.
    void follow(Link now) {
        synchronized (this) {
            link = now;
        }
        now.onChange((up, _, _) -> {
            if (up) {
                watch(now);
            }
        });
        if (now.up()) {
            watch(now);
        }
    }

    private void watch(Link over) {
        Thread.ofPlatform()
                .daemon()
                .name("guest-ports")
                .start(() -> {
                    try (GuestProcess process = over.start(argv("watch"));
                            BufferedReader lines =
                                    new BufferedReader(
                                            new InputStreamReader(
                                                    process.stdout(), StandardCharsets.UTF_8))) {
                        for (String line = line(lines); line != null; line = line(lines)) {
                            heard(line);
                        }
                    } catch (CountersignException | IOException e) {
                        LOG.debug("the guest's ports are not watched any more", e);
                    } finally {
                        forget();
                    }
                });
    }

    private synchronized void forget() {
        listening.clear();
    }

    /// A guest can't make the host keep a line without end.
    private static @Nullable String line(BufferedReader lines) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = lines.read(); c >= 0; c = lines.read()) {
            if (c == '\n') {
                return line.toString();
            }
            if (line.length() < LONGEST_LINE) {
                line.append((char) c);
            }
        }
        return null;
    }

    /// @param line of the guest's: whatever it says, nothing is opened
    void heard(String line) throws CountersignException {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            return;
        }
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > 65535 || OWN.contains(port)) {
            return;
        }
        GuestText process = GuestText.of(matcher.group(3) == null ? "" : matcher.group(3));
        synchronized (this) {
            if (matcher.group(1).equals("-")) {
                listening.remove(port);
            } else if (listening.size() < MOST_NOTICED && listening.put(port, process) == null) {
                // A guest that opens ports without end does not fill the journal.
                if (++noticed > MOST_NOTICED) {
                    return;
                }
                recorder.record(
                        new Fact.PortNoticed(port, process.raw().isEmpty() ? null : process));
            }
        }
        changed.run();
    }

    /// All that listen or lead there, by the guest's port.
    public synchronized List<Port> all() {
        Map<Integer, Port> all = new TreeMap<>();
        listening.forEach((port, process) -> all.put(port, new Port(port, null, process)));
        opened.forEach((hostPort, one) ->
                all.put(
                        one.guestPort(),
                        new Port(one.guestPort(), hostPort, listening.get(one.guestPort()))));
        return List.copyOf(all.values());
    }

    /// Lets a port of the host's loopback lead to one of the guest's loopback. On record first.
    ///
    /// @param hostPort 0: the guest's own number if it is free, else any
    /// @throws CountersignException USAGE for a port that may not be, CONFLICT for one that is
    ///   taken
    public synchronized Port open(int guestPort, int hostPort) throws CountersignException {
        if (guestPort < 1 || guestPort > 65535 || OWN.contains(guestPort)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%d is not a port of the guest's programs. See those that listen: countersign port list."
                            .formatted(guestPort));
        }
        if (hostPort != 0 && (hostPort < FIRST_UNPRIVILEGED || hostPort > 65535)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The port %d of this machine can't lead into a guest. Name one from %d to 65535, or none."
                            .formatted(hostPort, FIRST_UNPRIVILEGED));
        }
        if (opened.values().stream().anyMatch(one -> one.guestPort() == guestPort)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "A port of this machine leads to port %d of the guest already. See it: countersign port list."
                            .formatted(guestPort));
        }
        Link over = link;
        if (over == null || !over.up()) {
            throw new CountersignException(
                    Kind.CONFLICT, "The guest can't be reached now. Try again when it runs.");
        }
        ServerSocket listener = listener(guestPort, hostPort);
        int port = listener.getLocalPort();
        try {
            recorder.record(new Fact.PortOpened(guestPort, port));
        } catch (CountersignException e) {
            close(listener);
            throw e;
        }
        Opened one = new Opened(guestPort, listener, ConcurrentHashMap.newKeySet());
        opened.put(port, one);
        Thread.ofVirtual().name("port-" + port).start(() -> accept(one, over));
        changed.run();
        return new Port(guestPort, port, listening.get(guestPort));
    }

    private static ServerSocket listener(int guestPort, int hostPort) throws CountersignException {
        if (hostPort != 0) {
            return bound(hostPort)
                    .orElseThrow(() ->
                            new CountersignException(
                                    Kind.CONFLICT,
                                    "The port %d of this machine is taken. Name another, or none."
                                            .formatted(hostPort)));
        }
        Optional<ServerSocket> same =
                guestPort >= FIRST_UNPRIVILEGED ? bound(guestPort) : Optional.empty();
        return same.or(() -> bound(0))
                .orElseThrow(() ->
                        new CountersignException(
                                Kind.EXHAUSTED, "This machine has no free port. Try again later."));
    }

    private static Optional<ServerSocket> bound(int port) {
        try {
            ServerSocket listener = new ServerSocket();
            try {
                listener.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
                return Optional.of(listener);
            } catch (IOException e) {
                close(listener);
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void accept(Opened one, Link over) {
        Semaphore free = new Semaphore(MOST_CONNECTIONS);
        while (!one.listener().isClosed()) {
            try {
                Socket client = one.listener().accept();
                if (!free.tryAcquire()) {
                    client.close();
                    continue;
                }
                one.connections().add(client);
                if (one.listener().isClosed()) {
                    // Accepted at the moment of the end, which did not see it.
                    close(client);
                }
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            try {
                                carry(client, over, one.guestPort());
                            } finally {
                                one.connections().remove(client);
                                free.release();
                            }
                        });
            } catch (IOException e) {
                LOG.debug("a port ended", e);
            }
        }
    }

    private void carry(Socket client, Link over, int guestPort) {
        try (client;
                GuestProcess process = over.start(argv("join", Integer.toString(guestPort)))) {
            Thread there =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> {
                                try (OutputStream to = process.stdin()) {
                                    copy(client.getInputStream(), to);
                                } catch (IOException e) {
                                    LOG.debug("a client of a port left", e);
                                }
                            });
            copy(process.stdout(), client.getOutputStream());
            client.shutdownOutput();
            client.close();
            there.join();
        } catch (CountersignException | IOException e) {
            LOG.debug("a connection into the guest ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
            to.flush();
        }
    }

    /// Ends what leads to a port of the guest, and what is open over it.
    ///
    /// @throws CountersignException USAGE if nothing does
    public synchronized void close(int guestPort) throws CountersignException {
        Optional<Map.Entry<Integer, Opened>> found =
                opened.entrySet().stream()
                        .filter(entry -> entry.getValue().guestPort() == guestPort)
                        .findFirst();
        if (found.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "No port of this machine leads to port %d of the guest. See: countersign port list."
                            .formatted(guestPort));
        }
        end(found.get().getKey(), found.get().getValue(), "by you");
        changed.run();
    }

    /// Ends all of them.
    synchronized void closeAll(String why) {
        for (Map.Entry<Integer, Opened> one : Map.copyOf(opened).entrySet()) {
            try {
                end(one.getKey(), one.getValue(), why);
            } catch (CountersignException e) {
                LOG.warn("the end of a port could not be recorded", e);
            }
        }
    }

    private void end(int hostPort, Opened one, String why) throws CountersignException {
        close(one.listener());
        one.connections().forEach(GuestPorts::close);
        opened.remove(hostPort);
        recorder.record(new Fact.PortClosed(one.guestPort(), hostPort, why));
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a socket is gone already", e);
        }
    }

    private List<String> argv(String... words) {
        return Stream.concat(
                        Stream.of("/usr/bin/python3", "-S", "-E", "-I", "-c", script),
                        Stream.of(words))
                .toList();
    }

    private static String script() {
        try (InputStream in =
                GuestPorts.class.getResourceAsStream("/dev/countersign/guest/ports.py")) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource ports.py");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
