package dev.countersign.vm.ssh;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What a path must be like to stand in an ssh configuration and to hold a unix socket.
public final class LinkPaths {
    /// The least of the systems that we run on: `sun_path` is 104 bytes on macOS, 108 on Linux.
    private static final int LONGEST_SOCKET = 103;

    /// Characters that neither ssh (`%`, `$`, `~`, quotes, backslash, colon in forwards) nor QEMU
    /// (comma) gives a meaning.
    private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9_./@+= -]*");

    private LinkPaths() {}

    /// Refuses a path that could mean something else to ssh or QEMU.
    public static void checkPlain(Path path) throws CountersignException {
        if (!PLAIN.matcher(path.toString()).matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The path \"%s\" has characters that ssh or QEMU would read as syntax. Set COUNTERSIGN_HOME to an absolute path of letters, digits, spaces and ._-+=@ only."
                            .formatted(path));
        }
    }

    /// Refuses a socket whose path, with `spare` bytes that a program adds, is too long.
    public static void checkSocket(Path socket, int spare) throws CountersignException {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length + spare;
        if (length > LONGEST_SOCKET) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The socket %s would have a path of %d bytes, and %d is the most that the system takes. Set COUNTERSIGN_HOME to a shorter path."
                            .formatted(socket, length, LONGEST_SOCKET));
        }
    }
}
