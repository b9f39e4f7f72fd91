package dev.countersign.vm;

import dev.countersign.vm.lima.Instance;
import dev.countersign.vm.lima.Limactl;
import dev.countersign.vm.process.Commands;
import dev.countersign.vm.qemu.Tools;
import java.nio.file.Path;
import java.time.Clock;

/// What all VMs of a register share.
record Host(
        VmSettings settings,
        Commands commands,
        Limactl limactl,
        QemuImg qemuImg,
        Tools tools,
        Greetings greetings,
        Clock clock) {
    Instance instance(String name) {
        return new Instance(settings.limaHome(), name);
    }

    /// The key that every guest of this user lets in. Lima makes it, and puts its public half into
    /// each guest.
    Path identity() {
        return settings.limaHome().resolve("_config/user");
    }
}
