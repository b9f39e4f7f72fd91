package dev.countersign.vm;

import dev.countersign.domain.SessionId;
import java.util.List;

/// What a session's VM is made of.
///
/// @param session names the VM; there is one VM a session
/// @param image what it boots
/// @param cpus virtual CPUs, at least 1
/// @param memoryMiB guest memory, at least 256
/// @param kit what is installed before the session
/// @param forwards what the guest reaches on the host; nothing else is reachable ([P1])
public record VmSpec(
        SessionId session,
        GuestDisk image,
        int cpus,
        int memoryMiB,
        GuestKit kit,
        List<Forward> forwards) {
    /// @throws IllegalArgumentException if the sizes are out of bounds
    public VmSpec {
        forwards = List.copyOf(forwards);
        if (cpus < 1 || cpus > 64) {
            throw new IllegalArgumentException("cpus must be 1 to 64, not " + cpus);
        }
        if (memoryMiB < 256 || memoryMiB > 1 << 20) {
            throw new IllegalArgumentException("memory must be at least 256 MiB");
        }
    }
}
