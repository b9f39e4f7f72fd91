package dev.countersign.vm.ssh;

import java.nio.file.Path;

/// A unix socket in the guest that ends at a unix socket of the host.
public record ReverseForward(String guestSocket, Path hostSocket) {}
