package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.spine.FirstRequest;
import dev.countersign.vm.lima.Template;
import dev.countersign.vm.process.Commands;
import dev.countersign.vm.qemu.Accelerator;
import dev.countersign.vm.qemu.AcceleratorProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Warm and cold starts, checkpoint and restore, against what Lima does by itself with the same
/// image on the same machine in the same run. Writes its table into the file that is its one
/// argument. Started by `bench/vm`.
public final class VmBench {
    private static final String BEGIN = "<!-- written by bench/vm: begin -->";
    private static final String END = "<!-- written by bench/vm: end -->";
    private static final int WARM_RUNS = 5;
    private static final int COLD_RUNS = 3;
    private static final int ASKED_RUNS = 3;
    private static final int MEMORY_MIB = 1024;
    private static final Recorder NOWHERE =
            fact -> new Entry(0, Instant.EPOCH, new SessionId("s-bench"), 0, fact);

    private final Path home;
    private final VmSettings settings;
    private final VmRegister register;
    private final GuestDisk image;
    private final Commands commands = new Commands(System.getenv());

    private VmBench(Path home, VmSettings settings, GuestDisk image) throws CountersignException {
        this.home = home;
        this.settings = settings;
        this.image = image;
        this.register = new VmRegister(settings, System.getenv(), Clock.systemUTC());
    }

    /// @param args the file to write to
    public static void main(String[] args)
            throws IOException, CountersignException, InterruptedException {
        Path home = Files.createTempDirectory(Path.of("/tmp"), "csb");
        try {
            VmSettings found = VmSettings.under(home, System.getenv());
            VmSettings settings =
                    new VmSettings(
                            found.limaHome(),
                            found.bases(),
                            found.tools(),
                            Optional.ofNullable(System.getProperty("countersign.vm.template"))
                                    .map(Path::of),
                            found.limactl(),
                            found.qemu(),
                            found.qemuImg(),
                            found.ssh(),
                            found.sshKeygen(),
                            found.arch(),
                            found.bootDeadline());
            GuestDisk image =
                    TestImage.newest(System.getenv())
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "no image below $COUNTERSIGN_HOME/images"));
            new VmBench(home, settings, image).run(Path.of(args[0]));
        } finally {
            Disk.remove(home);
        }
    }

    private VmSpec spec(String name) {
        return new VmSpec(new SessionId(name), image, 2, MEMORY_MIB, GuestKit.empty(), List.of());
    }

    private void run(Path report) throws IOException, CountersignException, InterruptedException {
        AcceleratorProbe.Found accelerator = register.accelerator(image);
        List<FirstRequest.Run> asked =
                FirstRequest.measure(ASKED_RUNS, MEMORY_MIB, image.digest().brief());
        List<Duration> plain = new ArrayList<>();
        List<Duration> cold = new ArrayList<>();
        for (int i = 0; i < COLD_RUNS; i++) {
            plain.add(plainStart(accelerator.accelerator()));
            cold.add(coldStart(accelerator.accelerator(), i));
        }
        boolean warmed = register.warmUp(spec("s-warmup"), Progress.NONE);
        if (!warmed) {
            throw new IllegalStateException("no warm base");
        }
        List<Duration> warm = new ArrayList<>();
        for (int i = 0; i < WARM_RUNS; i++) {
            warm.add(warmStart(i));
        }
        Map<String, List<Duration>> checkpoints = checkpoints();
        write(report, table(accelerator, plain, cold, warm, asked, checkpoints));
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /// As a user of Lima would: create and start, until Lima says READY.
    private Duration plainStart(Accelerator accelerator)
            throws IOException, CountersignException, InterruptedException {
        Path lima = Files.createDirectories(home.resolve("plain"));
        Path yaml = home.resolve("plain.yaml");
        Files.writeString(
                yaml,
                Template.load(settings.template())
                        .render(
                                Map.of(
                                        "ARCH", settings.arch(),
                                        "IMAGE", image.disk().toString(),
                                        "IMAGE_DIGEST", image.diskDigest().hex(),
                                        "KERNEL", image.kernel().toString(),
                                        "KERNEL_DIGEST", image.kernelDigest().hex(),
                                        "INITRD", image.initrd().toString(),
                                        "CMDLINE", image.cmdline(),
                                        "CPUS", "2",
                                        "MEMORY", MEMORY_MIB + "MiB",
                                        "DISK", "20GiB")));
        Map<String, String> environment = new TreeMap<>(Map.of("LIMA_HOME", lima.toString()));
        if (accelerator == Accelerator.TCG) {
            // Lima takes /dev/kvm for granted where it exists. The same machine as ours, then.
            environment.put(
                    "QEMU_SYSTEM_" + settings.arch().toUpperCase(Locale.ROOT),
                    settings.qemu()
                            + (settings.arch().equals("x86_64")
                                    ? " -machine q35,vmport=off -accel tcg,thread=multi,tb-size=512 -cpu max,erms=off,fsrm=off"
                                    : " -machine virt -accel tcg,thread=multi,tb-size=512 -cpu max"));
        }
        long began = System.nanoTime();
        limactl(environment, "start", "--name=plain", yaml.toString());
        Duration took = since(began);
        limactl(environment, "delete", "--force", "plain");
        return took;
    }

    private void limactl(Map<String, String> environment, String... words)
            throws CountersignException, InterruptedException {
        List<String> argv = new ArrayList<>(List.of(settings.limactl().toString(), "--tty=false"));
        argv.addAll(List.of(words));
        Commands.Result result =
                commands.run(
                        new Commands.Run(
                                argv,
                                environment,
                                home,
                                new byte[0],
                                Duration.ofMinutes(10),
                                1 << 20));
        if (result.exitCode() != 0) {
            throw new IllegalStateException(result.errorText());
        }
    }

    private Duration coldStart(Accelerator accelerator, int i)
            throws CountersignException, InterruptedException {
        long began = System.nanoTime();
        Vm vm = register.cold(spec("s-cold" + i), accelerator, NOWHERE, "bench", Progress.NONE);
        Duration took = first(vm, began);
        vm.delete();
        return took;
    }

    private Duration warmStart(int i) throws CountersignException, InterruptedException {
        long began = System.nanoTime();
        Vm vm = register.create(spec("s-warm" + i), NOWHERE, Progress.NONE);
        if (!vm.startReport().warm()) {
            throw new IllegalStateException(vm.startReport().why());
        }
        Duration took = first(vm, began);
        vm.delete();
        return took;
    }

    /// Until the first command in the guest has ended.
    private static Duration first(Vm vm, long began) throws CountersignException {
        var output = vm.link().run(List.of("true"), new byte[0], Duration.ofSeconds(60), 4096);
        if (output.exitCode() != 0) {
            throw new IllegalStateException(output.errorText());
        }
        return since(began);
    }

    private Map<String, List<Duration>> checkpoints()
            throws CountersignException, InterruptedException {
        Map<String, List<Duration>> found = new TreeMap<>();
        LimaVm vm = (LimaVm) register.create(spec("s-points"), NOWHERE, Progress.NONE);
        try {
            for (int i = 0; i < 7; i++) {
                Duration bare;
                Duration ours;
                // The second of two snapshots of one state is quicker: each is second as often.
                if (i % 2 == 0) {
                    bare = bareSave(vm, i);
                    ours = vm.checkpoint("ours" + i).took();
                } else {
                    ours = vm.checkpoint("ours" + i).took();
                    bare = bareSave(vm, i);
                }
                RestoreReport restored = vm.restore("ours" + i);
                long began = System.nanoTime();
                vm.sshLink().cut("bench");
                vm.machine().load("bare" + i);
                Duration load = since(began);
                vm.restore("ours" + i);
                if (i > 0) {
                    add(found, "bare save", bare);
                    add(found, "checkpoint", ours);
                    add(found, "bare load", load);
                    add(found, "load", restored.load());
                    add(found, "restore", restored.took());
                }
            }
        } finally {
            vm.delete();
        }
        return found;
    }

    private static Duration bareSave(LimaVm vm, int i)
            throws CountersignException, InterruptedException {
        long began = System.nanoTime();
        var _ = vm.machine().save("bare" + i);
        return since(began);
    }

    private static void add(Map<String, List<Duration>> to, String name, Duration value) {
        to.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    private static double median(List<Duration> values) {
        List<Duration> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2).toNanos() / 1e9;
    }

    private String table(
            AcceleratorProbe.Found accelerator,
            List<Duration> plain,
            List<Duration> cold,
            List<Duration> warm,
            List<FirstRequest.Run> asked,
            Map<String, List<Duration>> points) {
        double base = median(plain);
        return """
        %s
        ## Virtual machines

        Medians of one run on %s; accelerator %s (%s); %d processors, load average %.1f at the end; image %s, 2 CPUs and %d MiB a guest. Ratios are
        within this run. `limactl start` creates and starts the same image by Lima alone, until READY. The first request of `mini`
        is that of a whole session of the real engine: asked for, warm VM, repository of one file copied in, start checkpoint, agent,
        relay and gateway, until a provider on loopback has the request.

        | what | median s | ratio | to reach |
        |---|---|---|---|
        | `limactl start`, same image (%d runs) | %.2f | 1 | |
        | cold start, to the first command (%d runs) | %.2f | %.2f of `limactl start` | |
        | warm start, to the first command (%d runs) | %.2f | %.2f of `limactl start` | ≤ 0.10 |
        | warm start of a session, to `mini`'s first request (%d runs) | %.2f | %.2f of `limactl start` | ≤ 0.17 |
        %s
        | bare QMP `snapshot-save` | %.2f | 1 | |
        | checkpoint | %.2f | %.2f of the bare job | ≤ 1.5 |
        | bare QMP `snapshot-load` | %.2f | 1 | |
        | restore, the load in it | %.2f | %.2f of the bare job | ≤ 1.5, ≤ 1 s |
        | restore, until the link is back | %.2f | %.2f s for the new connection | |
        %s
        """
                .formatted(
                        BEGIN,
                        LocalDate.now(Clock.systemUTC()),
                        accelerator.accelerator().word(),
                        accelerator.why(),
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                        image.digest().brief(),
                        MEMORY_MIB,
                        plain.size(),
                        base,
                        cold.size(),
                        median(cold),
                        median(cold) / base,
                        warm.size(),
                        median(warm),
                        median(warm) / base,
                        asked.size(),
                        median(asked.stream().map(FirstRequest.Run::whole).toList()),
                        median(asked.stream().map(FirstRequest.Run::whole).toList()) / base,
                        parts(asked),
                        median(points.getOrDefault("bare save", List.of())),
                        median(points.getOrDefault("checkpoint", List.of())),
                        median(points.getOrDefault("checkpoint", List.of()))
                                / median(points.getOrDefault("bare save", List.of())),
                        median(points.getOrDefault("bare load", List.of())),
                        median(points.getOrDefault("load", List.of())),
                        median(points.getOrDefault("load", List.of()))
                                / median(points.getOrDefault("bare load", List.of())),
                        median(points.getOrDefault("restore", List.of())),
                        median(points.getOrDefault("restore", List.of()))
                                - median(points.getOrDefault("load", List.of())),
                        END);
    }

    private static String parts(List<FirstRequest.Run> asked) {
        return asked.getFirst().steps().sequencedKeySet().stream()
                .map(step ->
                        "| \u2013 %s | %.2f | | |"
                                .formatted(
                                        step,
                                        median(
                                                asked.stream()
                                                        .map(FirstRequest.Run::steps)
                                                        .map(steps -> steps.get(step))
                                                        .toList())))
                .collect(Collectors.joining("\n"));
    }

    /// Replaces this benchmark's part of the file, leaves the others'.
    private static void write(Path report, String table) throws IOException {
        String old =
                Files.exists(report)
                        ? Files.readString(report)
                        : "# Measurements\n\nWritten by the benchmarks in `bench/`; not by hand.\n\n";
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        String fresh =
                begin >= 0 && end > begin
                        ? old.substring(0, begin)
                                + table.strip()
                                + old.substring(end + END.length())
                        : old.stripTrailing() + "\n\n" + table;
        Files.writeString(report, fresh);
    }
}
