package dev.countersign.vm;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Where the VM room finds its programs and keeps its files. Paths of programs may be of files that
/// do not exist; using them says so then.
///
/// @param limaHome private to the product, short: sockets lie in it
/// @param bases warm bases
/// @param tools generated scripts: the QEMU wrapper and Lima's stand-in for ssh
/// @param template `countersign.yaml` with its placeholders; empty uses the built-in one
/// @param arch `x86_64` or `aarch64`
/// @param bootDeadline how long a cold boot may take until the link is up
public record VmSettings(
        Path limaHome,
        Path bases,
        Path tools,
        Optional<Path> template,
        Path limactl,
        Path qemu,
        Path qemuImg,
        Path ssh,
        Path sshKeygen,
        String arch,
        Duration bootDeadline) {

    /// The usual places below `home` (the product's state directory), programs from `PATH`; limactl
    /// also from the product's own cache, where the set-up builds it.
    public static VmSettings under(Path home, Map<String, String> environment) {
        String arch = System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x86_64";
        return new VmSettings(
                home.resolve("lima"),
                home.resolve("bases"),
                home.resolve("tools"),
                Optional.empty(),
                program("limactl", environment)
                        .or(() -> cachedLimactl(environment))
                        .orElse(Path.of("limactl")),
                program("qemu-system-" + arch, environment).orElse(Path.of("qemu-system-" + arch)),
                program("qemu-img", environment).orElse(Path.of("qemu-img")),
                program("ssh", environment).orElse(Path.of("ssh")),
                program("ssh-keygen", environment).orElse(Path.of("ssh-keygen")),
                arch,
                Duration.ofMinutes(2));
    }

    private static Optional<Path> cachedLimactl(Map<String, String> environment) {
        String cache = environment.get("XDG_CACHE_HOME");
        Path base =
                cache != null && cache.startsWith("/")
                        ? Path.of(cache)
                        : Path.of(environment.getOrDefault("HOME", "/"), ".cache");
        return Optional.of(base.resolve("countersign/lima-2.2.0/bin/limactl"))
                .filter(Files::isExecutable);
    }

    private static Optional<Path> program(String name, Map<String, String> environment) {
        for (String directory :
                environment.getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator)) {
            if (!directory.startsWith("/")) {
                continue;
            }
            Path candidate = Path.of(directory, name);
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
