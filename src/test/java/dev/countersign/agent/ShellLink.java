package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// The guest's scripts in a real shell on the host, with stand-ins for what needs root or systemd.
/// The stand-in for systemd-run starts the real program with the real arguments.
final class ShellLink implements Link {
    private static final Map<String, String> STAND_INS =
            Map.of(
                    "runuser",
                    "#!/bin/sh\nshift 3\nexec \"$@\"\n",
                    "install",
                    "#!/bin/sh\nfor d; do :; done\nexec mkdir -p -m 0700 \"$d\"\n",
                    "systemd-run",
                    """
                    #!/bin/sh
                    for word; do
                        case "$word" in --setenv=*) export "${word#--setenv=}" ;; esac
                    done
                    while [ "$1" != -- ]; do shift; done
                    shift
                    cd "$WORKSPACE"
                    "$@" > "$STATE/log" 2>&1 < "$STATE/none" &
                    echo $! > "$STATE/pid"
                    """,
                    "systemctl",
                    """
                    #!/bin/sh
                    pid="$(cat "$STATE/pid" 2> "$STATE/err")" || pid=0
                    active=inactive
                    [ "$pid" -gt 0 ] && kill -0 "$pid" 2> "$STATE/err" && active=active
                    case "$*" in
                        "show -p ActiveState --value"*) echo $active ;;
                        "show -p MainPID --value"*) echo $pid ;;
                        show*) printf 'ActiveState=%s\\nExecMainStatus=9\\nExecMainCode=2\\n' $active ;;
                        stop*) kill "$pid"; while kill -0 "$pid" 2> "$STATE/err"; do :; done ;;
                    esac
                    """);
    private final Path directory;
    private final Path guest;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean up = true;

    ShellLink(Path directory, Path guest) throws IOException {
        this.directory = directory;
        this.guest = guest;
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Files.createDirectories(directory.resolve("workspace"));
        Files.createDirectories(directory.resolve("state"));
        Files.writeString(directory.resolve("state/none"), "");
        for (Map.Entry<String, String> program : STAND_INS.entrySet()) {
            Path file = Files.writeString(bin.resolve(program.getKey()), program.getValue());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    Path run() {
        return directory.resolve("run");
    }

    Path workspace() {
        return directory.resolve("workspace");
    }

    void lose() {
        up = false;
        listeners.forEach(l -> l.changed(false, 1, "lost"));
    }

    void find() {
        up = true;
        listeners.forEach(l -> l.changed(true, 2, "found"));
    }

    private Process process(List<String> argv) throws CountersignException {
        List<String> here =
                argv.stream()
                        .map(word ->
                                word.startsWith("/run/countersign-agent")
                                                || word.startsWith("/opt/countersign")
                                                || word.startsWith("/home/agent")
                                        ? word.replace("/run/countersign-agent", run().toString())
                                                .replace("/opt/countersign", guest.toString())
                                                .replace(
                                                        "/home/agent",
                                                        directory.resolve("home").toString())
                                        : word)
                        .toList();
        Path standIn = directory.resolve("bin").resolve(here.getFirst());
        if (Files.exists(standIn)) {
            // The JVM looks a program up in its own PATH, not in the one it hands on.
            here = new ArrayList<>(here);
            here.set(0, standIn.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(here).directory(directory.toFile());
        builder.environment()
                .merge("PATH", directory.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
        builder.environment().put("STATE", directory.resolve("state").toString());
        builder.environment().put("WORKSPACE", workspace().toString());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CountersignException(CountersignException.Kind.FAILED, "no shell", e);
        }
    }

    @Override
    public GuestProcess start(List<String> argv) throws CountersignException {
        Process process = process(argv);
        return new GuestProcess() {
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
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        };
    }

    @Override
    public Output run(List<String> argv, byte[] stdin, Duration timeout, int limit)
            throws CountersignException {
        Process process = process(argv);
        try (OutputStream to = process.getOutputStream()) {
            to.write(stdin);
        } catch (IOException e) {
            // The program did not want it.
        }
        try {
            byte[] out = process.getInputStream().readAllBytes();
            byte[] err = process.getErrorStream().readAllBytes();
            return new Output(process.waitFor(), out, err);
        } catch (IOException e) {
            throw new CountersignException(CountersignException.Kind.FAILED, "cut", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(CountersignException.Kind.FAILED, "interrupted", e);
        }
    }

    @Override
    public boolean up() {
        return up;
    }

    @Override
    public void onChange(Listener listener) {
        listeners.add(listener);
    }
}
