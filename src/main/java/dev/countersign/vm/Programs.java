package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.process.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;

/// The programs of the host that this room needs.
final class Programs {
    private Programs() {}

    /// Refuses by name if one is missing.
    static void requireAll(VmSettings settings) throws CountersignException {
        require(settings.limactl(), "limactl (Lima 2.1 or later)");
        require(settings.qemu(), "QEMU");
        require(settings.qemuImg(), "qemu-img, which comes with QEMU,");
        require(settings.ssh(), "the OpenSSH client");
        require(settings.sshKeygen(), "ssh-keygen, which comes with the OpenSSH client,");
    }

    private static void require(Path program, String what) throws CountersignException {
        if (!Files.isExecutable(program)) {
            throw new CountersignException(
                    Kind.MISSING,
                    "%s is missing: there is no program %s. Run the set-up again (`countersign doctor` lists what is missing)."
                            .formatted(what, program));
        }
    }

    /// The first line of `PROGRAM --version`.
    static String version(Commands commands, Path program, String what)
            throws CountersignException, InterruptedException {
        Commands.Result result =
                commands.run(
                        Commands.Run.of(
                                List.of(program.toString(), "--version"),
                                Path.of("/"),
                                Duration.ofSeconds(20)));
        String first = result.text().lines().findFirst().orElse("").strip();
        if (result.exitCode() != 0 || first.isEmpty()) {
            throw new CountersignException(
                    Kind.MISSING,
                    "%s at %s does not say its version: %s. Install it again."
                            .formatted(what, program, result.errorText()));
        }
        return first;
    }

    /// What tells one build of a program from another without reading it.
    static String identity(Path program) throws CountersignException {
        try {
            Path real = program.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return real + " " + attributes.size() + " " + attributes.lastModifiedTime().toMillis();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING, "%s can't be read: %s.".formatted(program, e.getMessage()), e);
        }
    }
}
