package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.process.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A guest's own ssh host key, made on the host, where that costs nothing, and sent over the pinned
/// link. Only the public half is kept.
///
/// @param publicKey `ssh-ed25519 BASE64`
record HostKey(String privateText, String publicKey) {
    /// Makes one. Its files are in `directory` for a moment.
    static HostKey make(Path sshKeygen, Commands commands, Path directory)
            throws CountersignException, InterruptedException {
        Path file = directory.resolve("hostkey");
        try {
            Files.deleteIfExists(file);
            Commands.Result result =
                    commands.run(
                            Commands.Run.of(
                                    List.of(
                                            sshKeygen.toString(),
                                            "-q",
                                            "-t",
                                            "ed25519",
                                            "-N",
                                            "",
                                            "-C",
                                            "countersign",
                                            "-f",
                                            file.toString()),
                                    directory,
                                    Duration.ofSeconds(20)));
            if (result.exitCode() != 0) {
                throw new CountersignException(
                        Kind.FAILED, "ssh-keygen made no key: " + result.errorText() + ".");
            }
            String[] publicWords = Files.readString(directory.resolve("hostkey.pub")).split(" ");
            return new HostKey(
                    Files.readString(file), publicWords[0] + " " + publicWords[1].strip());
        } catch (IOException e) {
            throw Disk.failure(file, e);
        } finally {
            forget(file);
            forget(directory.resolve("hostkey.pub"));
        }
    }

    private static void forget(Path file) throws CountersignException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw Disk.failure(file, e);
        }
    }

    /// As `greet.pl` reads it.
    byte[] forGuest() {
        return (privateText + ".\n" + publicKey + " countersign\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Never the private half.
    @Override
    public String toString() {
        return publicKey;
    }
}
