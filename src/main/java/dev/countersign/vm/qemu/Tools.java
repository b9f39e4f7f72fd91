package dev.countersign.vm.qemu;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// The two scripts that stand between Lima and the programs it starts: the QEMU wrapper, and the
/// stand-in for ssh. They lie in a directory named after their content, so that a running Lima
/// keeps the ones it was started with.
///
/// @param wrapper what Lima starts in place of QEMU
/// @param path a directory with a program `ssh`, to be put first on Lima's `PATH`
/// @param digest of both scripts; part of a warm base's key
public record Tools(Path wrapper, Path path, Digest digest) {
    /// Writes the scripts below `directory` if they are not there.
    public static Tools installedIn(Path directory) throws CountersignException {
        String wrapper = resource("qemu-wrapper.sh");
        String ssh = resource("lima-ssh.sh");
        Digest digest = Digest.of(wrapper + "\0" + ssh);
        Path home = directory.resolve(digest.brief());
        try {
            Files.createDirectories(home.resolve("bin"));
            place(home.resolve("qemu"), wrapper);
            place(home.resolve("bin/ssh"), ssh);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The tools can't be written to %s: %s. Check the rights and the space of that disk."
                            .formatted(home, e.getMessage()),
                    e);
        }
        return new Tools(home.resolve("qemu"), home.resolve("bin"), digest);
    }

    /// The wrapper's text.
    static String resource(String name) {
        try (InputStream in = Tools.class.getResourceAsStream("/dev/countersign/vm/" + name)) {
            if (in == null) {
                throw new IllegalStateException("not packaged: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("can't be read: " + name, e);
        }
    }

    /// Written aside and moved, so that nobody runs half a script; written anew if it was changed.
    private static void place(Path file, String text) throws IOException {
        if (Files.isExecutable(file) && Files.readString(file).equals(text)) {
            return;
        }
        Path fresh = Files.createTempFile(file.getParent(), "new", "");
        Files.writeString(fresh, text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r-x------"));
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
