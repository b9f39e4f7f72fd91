package dev.countersign.vm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real QEMU without a guest: a disk and a processor that runs no program.
class MachineTest {
    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");

    @TempDir Path dir;
    private Process qemu = ProcessHandleNone.INSTANCE;
    private Machine machine = new Machine(Path.of("/"));

    private static final class ProcessHandleNone {
        static final Process INSTANCE = start(List.of("true"));

        private static Process start(List<String> argv) {
            try {
                return new ProcessBuilder(argv).start();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(QEMU), "there is no " + QEMU);
        Process create =
                new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", "disk", "64M")
                        .directory(dir.toFile())
                        .start();
        assertThat(create.waitFor()).isZero();
        qemu = run();
    }

    private Process run(String... more) throws Exception {
        Path socket = dir.resolve("q");
        Files.deleteIfExists(socket);
        List<String> argv =
                new java.util.ArrayList<>(
                        List.of(
                                QEMU.toString(),
                                "-nodefaults",
                                "-machine",
                                "q35",
                                "-accel",
                                "tcg",
                                "-m",
                                "64",
                                "-display",
                                "none",
                                "-S",
                                "-drive",
                                "format=qcow2,file=disk,if=none,id=boot-disk",
                                "-device",
                                "virtio-blk-pci,drive=boot-disk",
                                "-chardev",
                                "null,id=char-serial",
                                "-serial",
                                "chardev:char-serial",
                                "-chardev",
                                "null,id=char-serial-virtio",
                                "-serial",
                                "chardev:char-serial-virtio",
                                "-chardev",
                                "socket,id=m,path=q,server=on,wait=off",
                                "-qmp",
                                "chardev:m"));
        argv.addAll(List.of(more));
        Process started =
                new ProcessBuilder(argv).directory(dir.toFile()).redirectErrorStream(true).start();
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!Files.exists(socket)) {
            assertThat(started.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(System.nanoTime()).isLessThan(end);
        }
        machine = new Machine(socket);
        return started;
    }

    @AfterEach
    void end() throws Exception {
        qemu.destroyForcibly().waitFor();
    }

    @Test
    void pausesAndGoesOn() throws Exception {
        machine.go();
        assertThat(machine.status()).isEqualTo("running");
        machine.pause();
        assertThat(machine.status()).isEqualTo("paused");
        machine.closeConsoles();
    }

    @Test
    void savesListsLoadsAndDropsSnapshots() throws Exception {
        machine.go();
        assertThat(machine.save("one").bytes()).isPositive();
        machine.save("two");
        assertThat(machine.snapshots().stream().map(Machine.Snapshot::name))
                .containsExactly("one", "two");
        assertThat(machine.status()).isEqualTo("running");
        machine.load("one");
        assertThat(machine.status()).isEqualTo("running");
        machine.drop("one");
        assertThat(machine.find("one")).isEmpty();
        assertThat(machine.find("two")).isPresent();
    }

    @Test
    void aSnapshotThatIsNotThereIsNamedAndTheMachineRunsOn() throws Exception {
        machine.go();
        assertThatThrownBy(() -> machine.load("nothing"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("nothing");
        assertThat(machine.status()).isEqualTo("running");
        assertThatThrownBy(() -> machine.drop("nothing"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void memoryGoesOutToAFileAndIntoAnotherMachine() throws Exception {
        Path memory = dir.resolve("it's memory");
        machine.go();
        machine.saveTo(memory);
        assertThat(Files.size(memory)).isPositive();
        machine.quit();
        assertThat(qemu.waitFor(20, TimeUnit.SECONDS)).isTrue();

        qemu = run("-incoming", "defer");
        machine.loadFrom(memory);
        assertThat(machine.status()).isEqualTo("running");
    }

    @Test
    void memoryThatIsBrokenIsAnErrorAndNotAWait() throws Exception {
        machine.quit();
        qemu.waitFor();
        Path broken = Files.writeString(dir.resolve("broken"), "not a machine's memory");
        qemu = run("-incoming", "defer");

        assertThatThrownBy(() -> machine.loadFrom(broken)).isInstanceOf(CountersignException.class);
    }

    @Test
    void aMachineThatIsGoneIsAnErrorAndNotAWait() throws Exception {
        qemu.destroyForcibly().waitFor();
        assertThatThrownBy(() -> machine.status())
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("QEMU does not answer");
    }
}
