package dev.countersign.vm.qemu;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.util.List;
import java.util.regex.Pattern;

/// What must be seen on a running QEMU before anything enters its guest ([P1]): the wrapper is what
/// puts it there, this is what does not believe the wrapper.
public final class Boundary {
    private static final Pattern NETWORK =
            Pattern.compile(
                    "user,id=net0,net=192\\.168\\.5\\.0/24,dhcpstart=192\\.168\\.5\\.15,hostfwd=tcp:127\\.0\\.0\\.1:([0-9]{1,5})-:22,restrict=on,ipv6=off");
    private static final Pattern CARD =
            Pattern.compile("virtio-net-pci,netdev=net0,mac=[0-9a-f:]{17}");
    private static final Pattern DISK =
            Pattern.compile("format=qcow2,file=([^,]+),if=none,discard=on,id=boot-disk");
    private static final Pattern READ_ONLY =
            Pattern.compile(
                    "id=cdrom0,if=none,format=raw,readonly=on,file=[^,]+|if=pflash,format=raw,readonly=on,file=[^,]+");

    /// Ways to the host that no machine of ours has.
    private static final List<String> FORBIDDEN =
            List.of(
                    "-nic",
                    "-net",
                    "-virtfs",
                    "-fsdev",
                    "-blockdev",
                    "-hda",
                    "-hdb",
                    "-hdc",
                    "-hdd",
                    "-cdrom",
                    "-usbdevice",
                    "-object",
                    "-readconfig",
                    "-set",
                    "-monitor",
                    "-mon",
                    "-redir",
                    "-tftp",
                    "-smb",
                    "-bootp",
                    "-vnc",
                    "-spice",
                    "-gdb",
                    "-s");

    private Boundary() {}

    /// What was seen.
    ///
    /// @param sshPort the one forward's port on the host's loopback
    /// @param inWords for the journal
    public record Seen(int sshPort, String inWords) {}

    /// @throws CountersignException of kind REFUSED naming what is wrong
    public static Seen check(List<String> argv) throws CountersignException {
        List<String> networks = QemuProcess.valueOf(argv, "-netdev");
        if (networks.size() != 1) {
            throw broken("has " + networks.size() + " networks instead of one");
        }
        var network = NETWORK.matcher(networks.getFirst());
        if (!network.matches()) {
            throw broken("has a network that is not restricted: " + networks.getFirst());
        }
        List<String> devices = QemuProcess.valueOf(argv, "-device");
        List<String> cards = devices.stream().filter(device -> device.contains("net")).toList();
        if (cards.size() != 1 || !CARD.matcher(cards.getFirst()).matches()) {
            throw broken("has other network cards than one: " + cards);
        }
        List<String> drives = QemuProcess.valueOf(argv, "-drive");
        long disks = drives.stream().filter(drive -> DISK.matcher(drive).matches()).count();
        long others =
                drives.stream()
                        .filter(drive -> !DISK.matcher(drive).matches())
                        .filter(drive -> !READ_ONLY.matcher(drive).matches())
                        .count();
        if (disks != 1 || others != 0) {
            throw broken("has other drives than one qcow2 disk and read-only media: " + drives);
        }
        for (String option : FORBIDDEN) {
            if (argv.contains(option)) {
                throw broken("was started with " + option);
            }
        }
        if (!argv.contains("-nodefaults")) {
            throw broken("was started with QEMU's default devices");
        }
        return new Seen(
                Integer.parseInt(network.group(1)),
                "one network card, restrict=on and ipv6=off, one forward from 127.0.0.1 to ssh, one qcow2 disk, no shared directory; read from the running process");
    }

    private static CountersignException broken(String what) {
        return new CountersignException(
                Kind.REFUSED,
                "The VM's QEMU process %s, so it was ended before anything was copied in. Check with `countersign doctor` which limactl and QEMU are used."
                        .formatted(what));
    }
}
