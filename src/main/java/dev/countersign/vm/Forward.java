package dev.countersign.vm;

import java.nio.file.Path;

/// A way from the guest to one listener of the host: whoever connects to the guest's unix socket
/// reaches the host's. Only the guest's root can.
///
/// @param guestSocket absolute path in the guest, such as `/run/countersign/models.sock`
/// @param hostSocket a unix socket in a directory of the session's own, mode 0700; need not exist
///   yet, must exist when the guest connects
public record Forward(String guestSocket, Path hostSocket) {}
