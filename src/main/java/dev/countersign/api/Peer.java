package dev.countersign.api;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/// Who is at the other end of a unix socket, by the kernel's word (`SO_PEERCRED`, `getpeereid`).
final class Peer {
    private Peer() {}

    /// Whether the other end runs as the owner of this file or directory.
    static boolean owns(SocketChannel channel, Path ours) throws IOException {
        UserPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return peer.equals(Files.getOwner(ours));
    }
}
