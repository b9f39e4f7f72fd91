package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Real OpenSSH to this machine: a server of its own on loopback with keys of its own, and one
/// master connection. Needs sshd (`$SSHD`, or where systems keep it).
final class LoopbackSsh implements Link, AutoCloseable {
    private final Path dir;
    private final Process server;
    private final int port;
    private final Path control;

    LoopbackSsh(Path dir) throws Exception {
        this.dir = Files.createDirectories(dir);
        for (String key : List.of("host", "user")) {
            Path file = dir.resolve(key);
            if (!Files.exists(file)) {
                Rig.run(dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
            }
        }
        Files.copy(
                dir.resolve("user.pub"),
                dir.resolve("authorized"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(
                dir.resolve("sshd_config"),
                """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                PidFile none
                MaxSessions 50
                """
                        .formatted(port, dir.resolve("host"), dir.resolve("authorized")));
        server =
                new ProcessBuilder(sshd(), "-D", "-e", "-f", dir.resolve("sshd_config").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("sshd.log").toFile())
                        .start();
        control = dir.resolve("ctl");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            List<String> argv = new ArrayList<>(List.of("ssh", "-M", "-N", "-f"));
            argv.addAll(options());
            argv.add("127.0.0.1");
            Process master =
                    new ProcessBuilder(argv)
                            .redirectErrorStream(true)
                            .redirectOutput(dir.resolve("ssh.log").toFile())
                            .start();
            if (master.waitFor() == 0) {
                break;
            }
            if (System.nanoTime() > end || !server.isAlive()) {
                server.destroy();
                throw new IOException(
                        "no connection: "
                                + Files.readString(dir.resolve("ssh.log"))
                                + Files.readString(dir.resolve("sshd.log")));
            }
        }
    }

    private static String sshd() throws IOException {
        String named = System.getenv("SSHD");
        for (String path :
                List.of(named == null ? "" : named, "/usr/sbin/sshd", "/usr/local/sbin/sshd")) {
            if (!path.isEmpty() && Files.isExecutable(Path.of(path))) {
                return path;
            }
        }
        throw new IOException("there is no sshd; install openssh-server or set SSHD");
    }

    private List<String> options() {
        return List.of(
                "-F",
                "none",
                "-p",
                String.valueOf(port),
                "-i",
                dir.resolve("user").toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=" + dir.resolve("known"),
                "-o",
                "Ciphers=aes128-gcm@openssh.com",
                "-o",
                "ControlPath=" + control);
    }

    /// The client's words, to be followed by a command.
    String command() {
        return "ssh " + String.join(" ", options()) + " 127.0.0.1";
    }

    void shell(String line) throws Exception {
        Rig.run(dir, "sh", "-c", line);
    }

    void rsync(Path from, Path to) throws Exception {
        Rig.run(
                dir,
                "rsync",
                "-a",
                "--delete",
                "-e",
                "ssh " + String.join(" ", options()),
                from + "/",
                "127.0.0.1:" + to + "/");
    }

    @Override
    public GuestProcess start(List<String> argv) throws CountersignException {
        List<String> words = new ArrayList<>(List.of("ssh"));
        words.addAll(options());
        words.add("127.0.0.1");
        argv.forEach(word -> words.add("'" + word.replace("'", "'\\''") + "'"));
        try {
            return new Channel(new ProcessBuilder(words).start());
        } catch (IOException e) {
            throw new CountersignException(Kind.FAILED, "ssh did not start: " + e.getMessage(), e);
        }
    }

    @Override
    public Output run(List<String> argv, byte[] stdin, Duration timeout, int limit) {
        throw new UnsupportedOperationException("the workspace starts its own channel");
    }

    @Override
    public boolean up() {
        return true;
    }

    @Override
    public void onChange(Listener listener) {
        // It never changes.
    }

    @Override
    public void close() throws IOException {
        new ProcessBuilder("ssh", "-O", "exit", "-o", "ControlPath=" + control, "127.0.0.1")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        server.destroy();
    }

    private record Channel(Process process) implements GuestProcess {
        @Override
        public OutputStream stdin() {
            return process.getOutputStream();
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
            process.destroy();
        }
    }
}
