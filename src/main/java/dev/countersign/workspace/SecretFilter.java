package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.util.Optional;

/// Says whether a file's content must not enter the guest ([P6]). Asked for every file that its
/// name did not already keep out, before a byte of it is sent.
@FunctionalInterface
public interface SecretFilter {
    /// Why the file stays out, such as `private key (line 3)`, never with the secret itself; empty
    /// if it may go in.
    Optional<String> reason(RelativePath path, byte[] content);

    /// Both: the first reason counts.
    default SecretFilter or(SecretFilter other) {
        return (path, content) -> reason(path, content).or(() -> other.reason(path, content));
    }
}
