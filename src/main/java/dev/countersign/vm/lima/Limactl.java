package dev.countersign.vm.lima;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.process.Commands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Lima's command, always without a terminal, with JSON logs, and with a deadline. Its own network
/// of files is private: a `LIMA_HOME` of ours.
public final class Limactl {
    private static final Pattern VERSION = Pattern.compile("limactl version v?([0-9][^\\s]*)");
    private static final Duration QUICK = Duration.ofSeconds(30);

    private final Path limactl;
    private final Path limaHome;
    private final Commands commands;
    private volatile @Nullable String version;

    /// Touches nothing.
    public Limactl(Path limactl, Path limaHome, Commands commands) {
        this.limactl = limactl;
        this.limaHome = limaHome;
        this.commands = commands;
    }

    /// The version without its `v`.
    ///
    /// @throws CountersignException of kind MISSING if there is no limactl or it does not say one
    public String version() throws CountersignException, InterruptedException {
        String known = version;
        if (known == null) {
            known = askVersion();
            version = known;
        }
        return known;
    }

    private String askVersion() throws CountersignException, InterruptedException {
        Commands.Result result =
                commands.run(
                        Commands.Run.of(
                                List.of(limactl.toString(), "--version"), Path.of("/"), QUICK));
        Matcher version = VERSION.matcher(result.text());
        if (result.exitCode() != 0 || !version.find()) {
            throw new CountersignException(
                    Kind.MISSING,
                    "%s does not say its version: %s. Run the set-up again, or install Lima 2.1 or later."
                            .formatted(
                                    limactl,
                                    GuestText.of(result.text() + result.errorText()).visible()));
        }
        return version.group(1);
    }

    /// What Lima is to use in place of the programs it would find.
    ///
    /// @param wrapper started in place of QEMU
    /// @param arch as in `qemu-system-ARCH`
    /// @param firstOnPath a directory with our `ssh`
    /// @param extra further environment that both scripts read
    public record StandIns(
            Path wrapper, String arch, Path firstOnPath, Map<String, String> extra) {}

    /// Starts an instance whose directory is there. Returns at once; the process ends when Lima
    /// thinks that the guest is ready, or when it gave up. Nobody needs to wait for it.
    public Process start(Instance instance, StandIns standIns, Duration deadline)
            throws CountersignException {
        Map<String, String> environment = new TreeMap<>(standIns.extra());
        environment.put("LIMA_HOME", limaHome.toString());
        environment.put(
                "QEMU_SYSTEM_" + standIns.arch().toUpperCase(Locale.ROOT),
                shellWord(standIns.wrapper()));
        List<String> argv =
                command("start", "--timeout=" + deadline.toSeconds() + "s", instance.name());
        ProcessBuilder builder = commands.builder(argv, environment, instance.dir());
        String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
        builder.environment().put("PATH", standIns.firstOnPath() + File.pathSeparator + path);
        builder.redirectErrorStream(true);
        builder.redirectOutput(instance.startLog().toFile());
        Process process = Commands.start(builder);
        try {
            process.getOutputStream().close();
        } catch (IOException _) {
            // It ended at once; its log says why.
            return process;
        }
        return process;
    }

    /// Ends an instance's processes at once.
    public void stopAtOnce(Instance instance) throws CountersignException, InterruptedException {
        run("stop", "--force", instance.name());
    }

    /// Ends an instance's processes and removes its directory. One that is not there is no error.
    public void delete(Instance instance) throws CountersignException, InterruptedException {
        run("delete", "--force", instance.name());
    }

    private void run(String... words) throws CountersignException, InterruptedException {
        Commands.Run run =
                new Commands.Run(
                        command(words),
                        Map.of("LIMA_HOME", limaHome.toString()),
                        Path.of("/"),
                        new byte[0],
                        QUICK,
                        1 << 16);
        Commands.Result result = commands.run(run);
        if (result.exitCode() != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "limactl %s failed: %s."
                            .formatted(
                                    String.join(" ", words),
                                    GuestText.of(
                                                    String.join(
                                                            "; ",
                                                            HostAgentLog.complaints(
                                                                    result.errorText())))
                                            .visible()));
        }
    }

    private List<String> command(String... words) {
        List<String> argv = new ArrayList<>();
        argv.add(limactl.toString());
        argv.add("--tty=false");
        argv.add("--log-format=json");
        argv.addAll(List.of(words));
        return argv;
    }

    /// Lima splits the variable like a shell.
    private static String shellWord(Path path) {
        return "'" + path.toString().replace("'", "'\\''") + "'";
    }
}
