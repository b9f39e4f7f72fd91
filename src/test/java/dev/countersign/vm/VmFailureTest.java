package dev.countersign.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What goes wrong is said, in time, and leaves nothing.
@Tag("vm")
class VmFailureTest {
    @RegisterExtension static final LimaVms LAB = new LimaVms();

    private Path home = Path.of("/");

    @BeforeEach
    void makeHome() throws Exception {
        home = Files.createTempDirectory(Path.of("/tmp"), "csf");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void removeHome() throws Exception {
        assertThat(leftOf(home)).isEmpty();
        Disk.remove(home);
    }

    private static List<String> leftOf(Path home) {
        return ProcessHandle.allProcesses()
                .flatMap(handle -> dev.countersign.vm.qemu.QemuProcess.argvOf(handle).stream())
                .map(argv -> String.join(" ", argv))
                .filter(line -> line.contains(home + "/lima"))
                .toList();
    }

    /// A register of its own, in a home of its own, with something about it changed.
    private VmRegister register(UnaryOperator<Settings> change) throws Exception {
        VmSettings s = LAB.settings();
        Settings changed =
                change.apply(new Settings(s.limactl(), s.qemu(), Duration.ofSeconds(60)));
        return new VmRegister(
                new VmSettings(
                        home.resolve("lima"),
                        home.resolve("bases"),
                        home.resolve("tools"),
                        s.template(),
                        changed.limactl(),
                        changed.qemu(),
                        s.qemuImg(),
                        s.ssh(),
                        s.sshKeygen(),
                        s.arch(),
                        changed.deadline()),
                System.getenv(),
                Clock.systemUTC());
    }

    private record Settings(Path limactl, Path qemu, Duration deadline) {}

    private Path program(String name, String text) throws Exception {
        Path program = Files.writeString(home.resolve(name), text);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    @Test
    void aVmThatNeverComesUpIsAnErrorWithinTheDeadline() throws Exception {
        // A kernel that finds no first program stops there.
        VmSpec good = LAB.spec("s-never");
        GuestDisk image = LAB.image();
        VmSpec dead =
                new VmSpec(
                        good.session(),
                        new GuestDisk(
                                image.disk(),
                                image.kernel(),
                                image.initrd(),
                                "console=ttyS0 rdinit=/no/such/program root=/dev/none",
                                image.digest(),
                                image.diskDigest(),
                                image.kernelDigest()),
                        1,
                        512,
                        GuestKit.empty(),
                        List.of());
        VmRegister register =
                register(s -> new Settings(s.limactl(), s.qemu(), Duration.ofSeconds(8)));

        assertThatThrownBy(() -> register.create(dead, new LimaVms.Facts(), Progress.NONE))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("did not come up within 8 s")
                .hasMessageContaining("console's last words");
        assertThat(register.found()).isEmpty();
    }

    @Test
    void missingProgramsAreNamedBeforeAnythingStarts() throws Exception {
        VmRegister noLima =
                register(s -> new Settings(Path.of("/no/limactl"), s.qemu(), s.deadline()));
        assertThatThrownBy(() -> noLima.create(LAB.spec("s-x"), new LimaVms.Facts(), Progress.NONE))
                .hasMessageContaining("limactl")
                .hasMessageContaining("doctor")
                .extracting("kind")
                .isEqualTo(Kind.MISSING);
        VmRegister noQemu =
                register(s ->
                        new Settings(s.limactl(), Path.of("/no/qemu-system-x86_64"), s.deadline()));
        assertThatThrownBy(() -> noQemu.create(LAB.spec("s-x"), new LimaVms.Facts(), Progress.NONE))
                .hasMessageContaining("QEMU is missing")
                .extracting("kind")
                .isEqualTo(Kind.MISSING);
    }

    @Test
    void aQemuThatDropsTheRestrictionIsEndedBeforeAnythingEntersP1() throws Exception {
        // It answers Lima's questions and starts without the restriction.
        Path leaky =
                program(
                        "qemu-system-x86_64",
                        """
                        #!/bin/sh
                        for word in "$@"; do
                            shift
                            set -- "$@" "$(printf %%s "$word" | sed 's/,restrict=on//')"
                        done
                        exec %s "$@"
                        """
                                .formatted(LAB.settings().qemu()));
        VmRegister register =
                register(s -> new Settings(s.limactl(), leaky, Duration.ofSeconds(60)));
        LimaVms.Facts facts = new LimaVms.Facts();

        assertThatThrownBy(() -> register.create(LAB.spec("s-leak"), facts, Progress.NONE))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("not restricted")
                .extracting("kind")
                .isEqualTo(Kind.REFUSED);
        assertThat(facts.of(Fact.VmStarted.class)).isEmpty();
        assertThat(register.found()).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        Path busy =
                program(
                        "qemu-system-x86_64",
                        """
                        #!/bin/sh
                        case "$*" in
                        *-pidfile*)
                            echo "Could not set up host forwarding rule 'tcp:127.0.0.1:1-:22'" >&2
                            exit 1 ;;
                        esac
                        exec %s "$@"
                        """
                                .formatted(LAB.settings().qemu()));
        VmRegister register = register(s -> new Settings(s.limactl(), busy, s.deadline()));

        assertThatThrownBy(() ->
                        register.create(LAB.spec("s-busy"), new LimaVms.Facts(), Progress.NONE))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("port was taken by another program");
        assertThat(register.found()).isEmpty();
    }

    @Test
    void anInterruptDuringTheStartLeavesNothing() throws Exception {
        VmRegister register = register(s -> s);
        CountDownLatch booting = new CountDownLatch(1);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                register.create(
                                        LAB.spec("s-stop"),
                                        new LimaVms.Facts(),
                                        (what, _) -> {
                                            if (what.contains("booting")) {
                                                booting.countDown();
                                            }
                                        });
                            } catch (CountersignException | InterruptedException e) {
                                end.set(e);
                            }
                        });
        assertThat(booting.await(60, TimeUnit.SECONDS)).isTrue();

        thread.interrupt();
        thread.join(Duration.ofSeconds(60));

        assertThat(thread.isAlive()).isFalse();
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThat(leftOf(home)).isEmpty();
        try (var left = Files.list(home.resolve("lima"))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .allMatch(name -> name.startsWith("_"));
        }
    }

    @Test
    void whatAKilledEngineLeftOfABaseIsSweptAway() throws Exception {
        VmRegister register = register(s -> s);
        String key = "0123456789abcdef".repeat(2);
        Path half = home.resolve("lima/base-01234567");
        Files.createDirectories(half);
        Files.writeString(half.resolve("disk"), "half");
        Files.createDirectories(home.resolve("bases/" + key + ".new"));
        Path lock = Files.createFile(home.resolve("bases/" + key + ".lock"));
        try (var channel =
                        java.nio.channels.FileChannel.open(
                                lock, java.nio.file.StandardOpenOption.WRITE);
                var held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            register.sweep();
            assertThat(half).as("somebody is at it").exists();
        }

        register.sweep();

        assertThat(half).doesNotExist();
        assertThat(home.resolve("bases/" + key + ".new")).doesNotExist();
    }

    @Test
    void aBaseThatWasTamperedWithIsNotUsed() throws Exception {
        Vm first = LAB.create(LAB.spec("s-good"), new LimaVms.Facts());
        assertThat(first.startReport().warm()).isTrue();
        first.delete();
        List<Path> memories;
        try (var files = Files.walk(LAB.settings().bases())) {
            memories =
                    files.filter(file -> file.getFileName().toString().equals("memory")).toList();
        }
        assertThat(memories).isNotEmpty();
        // The same size, another content, and a time that says so.
        for (Path memory : memories) {
            Files.setPosixFilePermissions(memory, PosixFilePermissions.fromString("rw-------"));
            try (var file =
                    java.nio.channels.FileChannel.open(
                            memory, java.nio.file.StandardOpenOption.WRITE)) {
                assertThat(file.write(java.nio.ByteBuffer.wrap(new byte[4096]), 1 << 20))
                        .isEqualTo(4096);
            }
        }
        List<String> steps = new java.util.concurrent.CopyOnWriteArrayList<>();

        Vm vm =
                LAB.register()
                        .create(
                                LAB.spec("s-again"),
                                new LimaVms.Facts(),
                                (what, _) -> steps.add(what));
        try {
            assertThat(steps).anyMatch(step -> step.contains("building the warm base"));
            assertThat(vm.startReport().warm()).isTrue();
        } finally {
            vm.delete();
        }
    }

    @Test
    void theEnvironmentOfTheEngineDoesNotReachQemu() throws Exception {
        Path nosy =
                program(
                        "qemu-system-x86_64",
                        """
                        #!/bin/sh
                        env >> %s
                        exit 1
                        """
                                .formatted(home.resolve("seen")));
        VmSettings s = LAB.settings();
        VmRegister register =
                new VmRegister(
                        new VmSettings(
                                home.resolve("lima"),
                                home.resolve("bases"),
                                home.resolve("tools"),
                                s.template(),
                                s.limactl(),
                                nosy,
                                s.qemuImg(),
                                s.ssh(),
                                s.sshKeygen(),
                                s.arch(),
                                Duration.ofSeconds(10)),
                        Map.of(
                                "PATH", "/usr/bin:/bin",
                                "HOME", home.toString(),
                                "ANTHROPIC_API_KEY", "a-secret"),
                        Clock.systemUTC());

        assertThatThrownBy(() ->
                        register.create(LAB.spec("s-env"), new LimaVms.Facts(), Progress.NONE))
                .isInstanceOf(CountersignException.class);
        assertThat(Files.readString(home.resolve("seen")))
                .contains("PATH=")
                .doesNotContain("a-secret");
    }
}
