package dev.countersign.workspace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// What others do with the same tree over the same connection, where they are installed.
final class SyncAnchors {
    private static final int EDITS = 20;

    private final LoopbackSsh ssh;
    private final Path dir;

    SyncAnchors(LoopbackSsh ssh, Path dir) {
        this.ssh = ssh;
        this.dir = dir;
    }

    static boolean installed(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(at -> Files.isExecutable(Path.of(at, program)));
    }

    // -- unison

    /// Brings both sides together, from wherever they are.
    void unison(Path host, Path guest) throws Exception {
        Path wrapper = wrapper();
        Process run =
                program(
                        "unison",
                        host.toString(),
                        "ssh://guest/" + guest,
                        "-sshcmd",
                        wrapper.toString(),
                        "-batch",
                        "-auto",
                        "-silent",
                        "-ui",
                        "text",
                        "-confirmbigdel=false");
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (run.waitFor() != 0) {
            throw new IOException("unison: " + said);
        }
    }

    private Process program(String... argv) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv).redirectErrorStream(true);
        builder.environment()
                .put("UNISON", Files.createDirectories(dir.resolve("unison")).toString());
        return builder.start();
    }

    /// An ssh that goes to this bench's server whatever host it is given.
    private Path wrapper() throws Exception {
        Path file = dir.resolve("ssh-to-guest");
        if (!Files.exists(file)) {
            Files.writeString(
                    file,
                    """
                    #!/bin/sh
                    while [ $# -gt 0 ]; do
                        case $1 in
                        -e) shift 2 ;;
                        -*) shift ;;
                        *) break ;;
                        esac
                    done
                    shift
                    exec %s "$@"
                    """
                            .formatted(ssh.command()));
            Rig.run(dir, "chmod", "+x", file.toString());
        }
        return file;
    }

    // -- single edits

    /// Milliseconds until each of some edits is on the other side, by one rsync after each.
    double[] rsyncPerEdit(Path host, Path guest, List<String> paths) throws Exception {
        double[] millis = new double[EDITS];
        for (int i = 0; i < EDITS; i++) {
            // Another length: size and time alone would miss it.
            byte[] text = ("rsync " + i + "\n").repeat(i + 5).getBytes(StandardCharsets.UTF_8);
            long begin = System.nanoTime();
            Files.write(host.resolve(paths.get(i)), text);
            ssh.rsync(host, guest);
            await(guest.resolve(paths.get(i)), text, begin);
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        return millis;
    }

    double[] unisonPerEdit(Path host, Path guest, List<String> paths) throws Exception {
        double[] millis = new double[EDITS];
        for (int i = 0; i < EDITS; i++) {
            byte[] text = ("unison " + i + "\n").repeat(i + 5).getBytes(StandardCharsets.UTF_8);
            long begin = System.nanoTime();
            Files.write(host.resolve(paths.get(i)), text);
            unison(host, guest);
            await(guest.resolve(paths.get(i)), text, begin);
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        return millis;
    }

    /// The same by lsyncd with no delay, once it has brought both sides together.
    double[] lsyncd(Path host, Path guest, List<String> paths) throws Exception {
        Path config = dir.resolve("lsyncd.conf");
        Files.writeString(
                config,
                """
                settings { nodaemon = true, insist = false }
                sync { default.rsync, source = "%s", target = "127.0.0.1:%s", delay = 0,
                       rsync = { archive = true, rsh = "%s" } }
                """
                        .formatted(host, guest, ssh.command().replaceFirst(" 127.0.0.1$", "")));
        Process daemon =
                new ProcessBuilder("lsyncd", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("lsyncd.log").toFile())
                        .start();
        try {
            Path first = host.resolve("lsyncd-began");
            byte[] word = {'1'};
            long begin = System.nanoTime();
            Files.write(first, word);
            await(guest.resolve("lsyncd-began"), word, begin);
            double[] millis = new double[EDITS];
            for (int i = 0; i < EDITS; i++) {
                byte[] text = ("lsyncd " + i + "\n").repeat(i + 5).getBytes(StandardCharsets.UTF_8);
                begin = System.nanoTime();
                Files.write(host.resolve(paths.get(i)), text);
                await(guest.resolve(paths.get(i)), text, begin);
                millis[i] = (System.nanoTime() - begin) / 1e6;
            }
            return millis;
        } finally {
            List<ProcessHandle> all = new ArrayList<>(daemon.descendants().toList());
            daemon.destroy();
            all.forEach(ProcessHandle::destroy);
            daemon.waitFor();
        }
    }

    private static void await(Path file, byte[] text, long begin) throws IOException {
        while (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), text)) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(60)) {
                throw new IOException(file + " never came");
            }
            LockSupport.parkNanos(500_000);
        }
    }
}
