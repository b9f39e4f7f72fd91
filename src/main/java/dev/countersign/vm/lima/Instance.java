package dev.countersign.vm.lima;

import java.nio.file.Path;

/// One directory below `LIMA_HOME`: Lima's own files and ours beside them. The names of Lima's are
/// in its pkg/limatype/filenames.
public record Instance(Path limaHome, String name) {
    /// The directory.
    public Path dir() {
        return limaHome.resolve(name);
    }

    /// The root disk: qcow2, an overlay.
    public Path disk() {
        return dir().resolve("disk");
    }

    /// What Lima reads.
    public Path yaml() {
        return dir().resolve("lima.yaml");
    }

    /// QEMU's pid file.
    public Path qemuPid() {
        return dir().resolve("qemu.pid");
    }

    /// QEMU's machine protocol.
    public Path qmp() {
        return dir().resolve("qmp.sock");
    }

    /// Lima's host agent's pid file.
    public Path agentPid() {
        return dir().resolve("ha.pid");
    }

    /// Events of the host agent, one JSON object a line.
    public Path agentEvents() {
        return dir().resolve("ha.stdout.log");
    }

    /// The host agent's log, one JSON object a line.
    public Path agentLog() {
        return dir().resolve("ha.stderr.log");
    }

    /// What the guest's first serial port said.
    public Path serialLog() {
        return dir().resolve("serial.log");
    }

    /// Ours: what `limactl start` said.
    public Path startLog() {
        return dir().resolve("limactl.log");
    }

    /// Ours: what QEMU said on standard error since its last start.
    public Path qemuSaid() {
        return dir().resolve("qemu.log");
    }

    /// Ours: exists once the guest was reached since its last start.
    public Path mark() {
        return dir().resolve("reached");
    }

    /// Ours: what this VM is made of.
    public Path card() {
        return dir().resolve("countersign.json");
    }

    /// Ours: the link's directory. Its name is short because of the socket in it.
    public Path link() {
        return dir().resolve("s");
    }
}
