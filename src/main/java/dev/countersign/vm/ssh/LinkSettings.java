package dev.countersign.vm.ssh;

import java.nio.file.Path;
import java.util.List;

/// Where a link leads and what it carries.
///
/// @param alias the name under which the guest's key is pinned
/// @param directory of its own, 0700; holds configuration, pinned keys and control socket
/// @param identity private key that the guest lets in
/// @param forwards set up on each connection before the link counts as up
public record LinkSettings(
        Path ssh, String alias, Path directory, Path identity, List<ReverseForward> forwards) {
    /// Keeps a copy of the list.
    public LinkSettings {
        forwards = List.copyOf(forwards);
    }

    Path config() {
        return directory.resolve("config");
    }

    Path knownHosts() {
        return directory.resolve("known_hosts");
    }

    Path control() {
        return directory.resolve("c");
    }
}
