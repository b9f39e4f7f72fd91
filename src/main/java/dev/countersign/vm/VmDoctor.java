package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.lima.Limactl;
import dev.countersign.vm.process.Commands;
import dev.countersign.vm.qemu.Accelerator;
import dev.countersign.vm.qemu.AcceleratorProbe;
import dev.countersign.vm.ssh.LinkPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says what this machine has and lacks for VMs. Changes nothing but the kept result of the
/// accelerator's probe.
public final class VmDoctor {
    private static final long LEAST_FREE = 4L << 30;
    private static final Pattern NUMBERS = Pattern.compile("([0-9]+)\\.([0-9]+)");

    private final VmSettings settings;
    private final Commands commands;

    /// @param environment of the process
    public VmDoctor(VmSettings settings, Map<String, String> environment) {
        this.settings = settings;
        this.commands = new Commands(environment);
    }

    /// One thing.
    ///
    /// @param name such as `limactl`, `qemu`, `ssh`, `accelerator`, `disk`, `paths`, `user`
    /// @param state `ok`, `warning` or `missing`
    /// @param next what to do, empty if `ok`
    public record Finding(String name, String state, String found, String next) {}

    /// @param image what the accelerator's probe boots; without one it is not probed
    public List<Finding> examine(Optional<GuestDisk> image) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(user());
        findings.add(limactl());
        findings.add(qemu());
        findings.add(program("qemu-img", settings.qemuImg(), "Install QEMU's tools (qemu-utils)."));
        findings.add(ssh());
        findings.add(paths());
        findings.add(disk());
        if (image.isPresent()) {
            findings.add(accelerator(image.get()));
        }
        return findings;
    }

    private static Finding user() {
        return "root".equals(System.getProperty("user.name"))
                ? new Finding(
                        "user",
                        "missing",
                        "root",
                        "Run Countersign as a normal user: Lima does not run as root.")
                : new Finding("user", "ok", System.getProperty("user.name", "?"), "");
    }

    private Finding limactl() throws InterruptedException {
        String next = "Run the set-up again, or install Lima 2.1 or later.";
        try {
            String version =
                    new Limactl(settings.limactl(), settings.limaHome(), commands).version();
            return atLeast(version, 2, 1)
                    ? new Finding("limactl", "ok", version + " at " + settings.limactl(), "")
                    : new Finding("limactl", "missing", version + " is too old", next);
        } catch (CountersignException e) {
            return new Finding("limactl", "missing", e.getMessage(), next);
        }
    }

    private Finding qemu() throws InterruptedException {
        String next = "Install QEMU 6.2 or later for " + settings.arch() + ".";
        try {
            String version = Programs.version(commands, settings.qemu(), "QEMU");
            // snapshot-save came with 6.0, what Lima asks for is 6.2.
            return atLeast(version, 6, 2)
                    ? new Finding("qemu", "ok", version + " at " + settings.qemu(), "")
                    : new Finding("qemu", "missing", version + " is too old", next);
        } catch (CountersignException e) {
            return new Finding("qemu", "missing", e.getMessage(), next);
        }
    }

    private Finding ssh() throws InterruptedException {
        String next = "Install the OpenSSH client, 8.5 or later.";
        try {
            Commands.Result result =
                    commands.run(
                            Commands.Run.of(
                                    List.of(settings.ssh().toString(), "-V"),
                                    Path.of("/"),
                                    Duration.ofSeconds(10)));
            String version = result.errorText();
            if (!version.startsWith("OpenSSH_") || !atLeast(version, 8, 5)) {
                return new Finding("ssh", "missing", version, next);
            }
            return Files.isExecutable(settings.sshKeygen())
                    ? new Finding("ssh", "ok", version, "")
                    : new Finding("ssh", "missing", "there is no ssh-keygen beside it", next);
        } catch (CountersignException e) {
            return new Finding("ssh", "missing", e.getMessage(), next);
        }
    }

    private static Finding program(String name, Path program, String next) {
        return Files.isExecutable(program)
                ? new Finding(name, "ok", program.toString(), "")
                : new Finding(name, "missing", "there is no " + program, next);
    }

    private Finding paths() {
        try {
            LinkPaths.checkPlain(settings.limaHome());
            LinkPaths.checkSocket(settings.limaHome().resolve("s-abcdefghijklmnopqr/ssh.sock"), 17);
            return new Finding("paths", "ok", settings.limaHome().toString(), "");
        } catch (CountersignException e) {
            return new Finding(
                    "paths", "missing", e.getMessage(), "Set COUNTERSIGN_HOME to a shorter path.");
        }
    }

    private Finding disk() {
        Path there = settings.limaHome();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            String found = "%.1f GB free at %s".formatted(free / 1e9, there);
            return free >= LEAST_FREE
                    ? new Finding("disk", "ok", found, "")
                    : new Finding(
                            "disk",
                            "warning",
                            found,
                            "Free some space: an image, its warm base and a session want about 4 GB.");
        } catch (IOException e) {
            return new Finding(
                    "disk",
                    "warning",
                    there + ": " + e.getMessage(),
                    "Check that this directory can be used.");
        }
    }

    private Finding accelerator(GuestDisk image) throws InterruptedException {
        AcceleratorProbe.Found found =
                new AcceleratorProbe(
                                settings.qemu(),
                                settings.bases().resolve("accelerator.json"),
                                commands)
                        .probe(image.kernel(), image.initrd());
        return found.accelerator() == Accelerator.TCG
                ? new Finding(
                        "accelerator",
                        "warning",
                        "none: " + found.why(),
                        "Guests run several times slower without one; enable virtualisation in the firmware, or give this user the right to use it.")
                : new Finding(
                        "accelerator", "ok", found.accelerator().word() + ": " + found.why(), "");
    }

    static boolean atLeast(String version, int major, int minor) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.find()) {
            return false;
        }
        int first = Integer.parseInt(numbers.group(1));
        return first > major || (first == major && Integer.parseInt(numbers.group(2)) >= minor);
    }
}
