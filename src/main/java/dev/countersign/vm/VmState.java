package dev.countersign.vm;

/// Where a VM stands, as far as the host sees.
public enum VmState {
    /// Its QEMU process runs.
    RUNNING,
    /// Its QEMU process is there and stands still.
    PAUSED,
    /// Its disk is there; [Vm#start(Progress)] boots it.
    STOPPED,
    /// Nothing is left of it.
    GONE
}
