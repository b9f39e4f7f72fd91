package dev.countersign.secrets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// Files that nobody but the user may read: born 0600 in a 0700 directory, replaced by rename.
final class PrivateFiles {
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> DIRECTORY =
            PosixFilePermissions.fromString("rwx------");

    private PrivateFiles() {}

    static void makeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
        }
    }

    static void replace(Path file, byte[] content) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("no parent directory: " + file);
        }
        makeDirectory(parent);
        Path fresh =
                Files.createTempFile(
                        parent, ".new-", "", PosixFilePermissions.asFileAttribute(FILE));
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /// Reads a private file; one that others may read, or that is a link, is refused by name.
    static byte[] read(Path file) throws IOException {
        Set<PosixFilePermission> others =
                EnumSet.complementOf(
                        EnumSet.of(
                                PosixFilePermission.OWNER_READ,
                                PosixFilePermission.OWNER_WRITE,
                                PosixFilePermission.OWNER_EXECUTE));
        Set<PosixFilePermission> given =
                Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        if (Files.isSymbolicLink(file) || given.stream().anyMatch(others::contains)) {
            throw new IOException(
                    "others may read or write it ("
                            + PosixFilePermissions.toString(given)
                            + "); run: chmod 600 "
                            + file);
        }
        return Files.readAllBytes(file);
    }
}
