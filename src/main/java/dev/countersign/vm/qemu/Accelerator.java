package dev.countersign.vm.qemu;

/// What runs the guest's instructions.
public enum Accelerator {
    /// Linux' own, seen to work.
    KVM,
    /// macOS' own, seen to work.
    HVF,
    /// QEMU's translator: works everywhere, several times slower.
    TCG;

    /// The word as QEMU spells it.
    public String word() {
        return switch (this) {
            case KVM -> "kvm";
            case HVF -> "hvf";
            case TCG -> "tcg";
        };
    }
}
