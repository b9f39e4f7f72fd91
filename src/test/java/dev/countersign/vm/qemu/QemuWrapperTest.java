package dev.countersign.vm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real script, with a program in QEMU's place that prints its arguments.
class QemuWrapperTest {
    private static final String NET =
            "user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15,hostfwd=tcp:127.0.0.1:39581-:22";
    private static final String CARD = "virtio-net-pci,netdev=net0,mac=52:55:55:77:81:67";
    private static final String DISK = "file=/l/a b/disk,if=none,discard=on,id=boot-disk";

    @TempDir Path dir;
    private Path wrapper = Path.of("/");
    private Path qemu = Path.of("/");

    @BeforeEach
    void install() throws Exception {
        wrapper = Tools.installedIn(dir.resolve("tools")).wrapper();
        qemu = dir.resolve("qemu-system-x86_64");
        Files.writeString(qemu, "#!/bin/sh\nprintf '%s\\0' \"$@\"\n");
        Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    }

    private record Ran(int exitCode, List<String> argv, String errors) {}

    private Ran run(Map<String, String> environment, List<String> argv)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(wrapper.toString()));
        line.addAll(argv);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        List<String> words = out.isEmpty() ? List.of() : Arrays.asList(out.split("\0"));
        return new Ran(code, words, err);
    }

    private Ran boot(List<String> argv) throws IOException, InterruptedException {
        return run(Map.of("COUNTERSIGN_QEMU", qemu.toString(), "COUNTERSIGN_ACCEL", "tcg"), argv);
    }

    /// As Lima 2.2.0 calls QEMU 7.2 for our template.
    private static List<String> lima() {
        return new ArrayList<>(
                List.of(
                        "-m",
                        "1024",
                        "-cpu",
                        "host",
                        "-machine",
                        "q35,accel=kvm",
                        "-smp",
                        "2,sockets=1,cores=2,threads=1",
                        "-device",
                        "qemu-xhci,id=usb-bus",
                        "-drive",
                        DISK,
                        "-device",
                        "virtio-blk-pci,drive=boot-disk,bootindex=1",
                        "-boot",
                        "order=c,splash-time=0,menu=on",
                        "-drive",
                        "id=cdrom0,if=none,format=raw,readonly=on,file=/l/a b/cidata.iso",
                        "-device",
                        "virtio-scsi,id=scsi0",
                        "-device",
                        "scsi-cd,bus=scsi0.0,drive=cdrom0",
                        "-kernel",
                        "/l/a b/kernel",
                        "-append",
                        "root=/dev/vda quiet",
                        "-initrd",
                        "/l/a b/initrd",
                        "-netdev",
                        NET,
                        "-device",
                        CARD,
                        "-device",
                        "virtio-rng-pci",
                        "-audiodev",
                        "none,id=snd0",
                        "-display",
                        "none",
                        "-vga",
                        "none",
                        "-parallel",
                        "none",
                        "-chardev",
                        "socket,id=char-serial,path=/l/a b/serial.sock,server=on,wait=off,logfile=/l/a b/serial.log",
                        "-serial",
                        "chardev:char-serial",
                        "-chardev",
                        "socket,id=char-qmp,path=/l/a b/qmp.sock,server=on,wait=off",
                        "-qmp",
                        "chardev:char-qmp",
                        "-name",
                        "lima-a",
                        "-pidfile",
                        "/l/a b/qemu.pid"));
    }

    @Test
    void takesTheNetworkAwayAndNamesTheDisksFormat() throws Exception {
        Ran ran = boot(lima());

        assertThat(ran.exitCode()).as(ran.errors()).isZero();
        assertThat(ran.argv())
                .containsOnlyOnce("-netdev")
                .containsSequence("-netdev", NET + ",restrict=on,ipv6=off")
                .containsSequence("-drive", "format=qcow2," + DISK)
                .containsSequence("-cpu", "max,erms=off,fsrm=off")
                .containsSequence("-accel", "tcg,thread=multi,tb-size=512")
                .contains("-nodefaults", "/l/a b/qemu.pid")
                .doesNotContain("host", "q35,accel=kvm", "-incoming");
        assertThat(Boundary.check(ran.argv()).sshPort()).isEqualTo(39581);
    }

    @Test
    void aWarmMachineWaitsForItsMemory() throws Exception {
        Ran ran =
                run(
                        Map.of(
                                "COUNTERSIGN_QEMU", qemu.toString(),
                                "COUNTERSIGN_ACCEL", "kvm",
                                "COUNTERSIGN_INCOMING", "defer"),
                        lima());

        assertThat(ran.argv())
                .containsSequence("-incoming", "defer")
                .containsSequence("-accel", "kvm")
                .containsSequence("-cpu", "host");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a second network             | -netdev                            | user,id=net1",
                "a second network of the name | -netdev                            | user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15,hostfwd=tcp:127.0.0.1:1-:22",
                "a socket network             | -netdev                            | socket,id=net1,fd=3",
                "a tap network                | -netdev                            | tap,id=net1",
                "a bridge                     | -netdev                            | bridge,id=net1",
                "a second card                | -device                            | virtio-net-pci,netdev=net0,mac=52:55:55:77:81:68",
                "another card                 | -device                            | e1000,netdev=net0",
                "an old network               | -net                               | user",
                "a short network              | -nic                               | user",
                "a shared directory           | -virtfs                            | local,path=/,mount_tag=x,security_model=none",
                "a file system device         | -fsdev                             | local,path=/,id=x",
                "an object                    | -object                            | memory-backend-file,id=x,mem-path=/dev/shm,size=1",
                "a raw disk                   | -drive                             | file=/etc/passwd,if=virtio",
                "a writable raw disk          | -drive                             | file=/x,format=raw,if=none,id=d",
                "a second boot disk           | -drive                             | file=/l/x,if=none,discard=on,id=boot-disk",
                "a comma in the disk's path   | -drive                             | file=/l/x,backing=/etc/shadow,if=none,discard=on,id=boot-disk",
                "a comma in the medium's path | -drive                             | id=cdrom0,if=none,format=raw,readonly=on,file=/x,readonly=off",
                "a tcp character device       | -chardev                           | socket,id=x,host=0.0.0.0,port=1,server=on,wait=off",
                "a pipe                       | -chardev                           | pipe,id=x,path=/tmp/p",
                "a console on stdio           | -serial                            | stdio",
                "a monitor                    | -monitor                           | tcp:127.0.0.1:1",
                "a display                    | -display                           | vnc=0.0.0.0:1",
                "a debugger                   | -gdb                               | tcp::1",
                "a vsock                      | -device                            | vhost-vsock-pci,guest-cid=3",
                "a host's device              | -device                            | vfio-pci,host=01:00.0",
                "a configuration file         | -readconfig                        | /x",
                "a setting                    | -set                               | netdev.net0.restrict=off",
                "incoming memory              | -incoming                          | exec:sh",
            })
    void refusesEveryOtherShape(String what, String option, String value) throws Exception {
        List<String> argv = lima();
        argv.add(option);
        argv.add(value);

        Ran ran = boot(argv);

        assertThat(ran.exitCode()).as(what).isEqualTo(97);
        assertThat(ran.argv()).isEmpty();
        assertThat(ran.errors()).contains("countersign: refused to start QEMU");
    }

    @Test
    void keepsWhatIsSaidOfAMachineInAFileOfOurs() throws Exception {
        Path said = dir.resolve("qemu.log");
        Files.writeString(qemu, "#!/bin/sh\necho 'port taken' >&2\nexit 1\n");
        Map<String, String> environment =
                Map.of(
                        "COUNTERSIGN_QEMU",
                        qemu.toString(),
                        "COUNTERSIGN_ACCEL",
                        "tcg",
                        "COUNTERSIGN_SAID",
                        said.toString());

        assertThat(run(environment, lima()).errors()).isEmpty();
        assertThat(said).hasContent("port taken");

        List<String> refused = lima();
        refused.addAll(List.of("-monitor", "stdio"));
        assertThat(run(environment, refused).exitCode()).isEqualTo(97);
        assertThat(said).content().contains("refused to start QEMU");

        assertThat(run(environment, List.of("-M", "none", "-cpu", "help")).errors())
                .as("a question's answer is Lima's")
                .isEqualTo("port taken\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,hostfwd=tcp:127.0.0.1:2-:23",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,hostfwd=tcp:127.0.0.1:2-:22",
                "user,id=net0,hostfwd=tcp:0.0.0.0:1-:22",
                "user,id=net0,hostfwd=tcp::1-:22",
                "user,id=net0,hostfwd=udp:127.0.0.1:1-:22",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,guestfwd=tcp:192.168.5.100:1-cmd:sh",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,restrict=off",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,smb=/",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,tftp=/",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1-:22,net=10.0.0.0/8",
                "user,id=net0,hostfwd=tcp:127.0.0.1:1;-:22",
                "socket,id=net0,fd=3",
                "tap,id=net0",
            })
    void refusesANetworkThatIsNotExactlyLimas(String network) throws Exception {
        List<String> argv = lima();
        argv.set(argv.indexOf(NET), network);

        assertThat(boot(argv).exitCode()).isEqualTo(97);
    }

    @Test
    void refusesAMachineWithoutANetworkOrWithoutADisk() throws Exception {
        List<String> without = lima();
        int net = without.indexOf("-netdev");
        without.subList(net, net + 4).clear();
        assertThat(boot(without).errors()).contains("0 networks and 0 cards");

        List<String> diskless = lima();
        int disk = diskless.indexOf("-drive");
        diskless.subList(disk, disk + 2).clear();
        assertThat(boot(diskless).errors()).contains("0 boot disks");

        List<String> torn = lima();
        torn.add("-drive");
        assertThat(boot(torn).errors()).contains("has no value");
    }

    @Test
    void refusesToRunWithoutBeingToldHow() throws Exception {
        assertThat(run(Map.of(), lima()).exitCode()).isNotZero();
        assertThat(run(Map.of("COUNTERSIGN_QEMU", qemu.toString()), lima()).exitCode())
                .isEqualTo(97);
        assertThat(
                        run(
                                        Map.of(
                                                "COUNTERSIGN_QEMU",
                                                qemu.toString(),
                                                "COUNTERSIGN_ACCEL",
                                                "tcg,x=y"),
                                        lima())
                                .exitCode())
                .isEqualTo(97);
    }

    @ParameterizedTest
    @CsvSource({
        "-M none -accel help,true",
        "-M none -netdev help,true",
        "-machine help,true",
        "-cpu help -machine q35,true",
        "--version,true",
        "-name help -nic user,false",
        "-M none -accel tcg,false",
        "--version -hda /x,false",
    })
    void letsQuestionsThroughAndNothingThatLooksLikeOne(String words, boolean passes)
            throws Exception {
        List<String> argv = List.of(words.split(" "));
        Ran ran = boot(argv);

        assertThat(ran.argv()).isEqualTo(passes ? argv : List.of());
        assertThat(ran.exitCode()).isEqualTo(passes ? 0 : 97);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "the restriction is missing | ,restrict=on,ipv6=off |",
                "it is off                  | restrict=on           | restrict=off",
                "IPv6 is on                 | ,ipv6=off             |",
                "the forward is to all      | tcp:127.0.0.1         | tcp:0.0.0.0",
                "the disk may be raw        | format=qcow2,         |",
                "another network is there   | -nodefaults           | -nic",
                "QEMU's defaults are there  | -nodefaults           | -no-reboot",
                "the card is another        | virtio-net-pci        | e1000",
            })
    void theCheckOfTheRunningProcessDoesNotBelieveTheWrapper(
            String what, String from, @org.jspecify.annotations.Nullable String to)
            throws Exception {
        List<String> argv =
                boot(lima()).argv().stream()
                        .map(word -> word.replace(from, to == null ? "" : to))
                        .toList();

        assertThatThrownBy(() -> Boundary.check(argv))
                .as(what)
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("it was ended before anything was copied in");
    }
}
