package dev.countersign.api;

/// One thing that the product needs from this machine.
///
/// @param name such as `limactl`, `qemu`, `kvm`, `image`, `disk`
/// @param state `ok`, `warning` or `missing`
/// @param found what was seen: version, path, number with unit
/// @param next what to do, empty if `ok`
public record Check(String name, String state, String found, String next) {}
