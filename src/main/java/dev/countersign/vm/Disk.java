package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The few things that are done with files here.
final class Disk {
    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rwx------");

    private Disk() {}

    /// A failure to write `file`, with the next step.
    static CountersignException failure(Path file, IOException cause) {
        if (Kind.ofWriting(cause) == Kind.EXHAUSTED) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    "The disk that holds %s is full. Free some space, or delete old sessions."
                            .formatted(file),
                    cause);
        }
        return new CountersignException(
                Kind.FAILED,
                "%s can't be written: %s. Check the rights and the state of that disk."
                        .formatted(file, cause.getMessage()),
                cause);
    }

    /// A directory that only this user can enter.
    static void makePrivate(Path directory) throws CountersignException {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PRIVATE);
        } catch (IOException e) {
            throw failure(directory, e);
        }
    }

    /// The same file under another name, so that whoever removes one leaves the other; a copy where
    /// the file system has no links, or the file is another user's.
    static void share(Path from, Path to) throws CountersignException {
        try {
            Files.createLink(to, from);
        } catch (IOException | UnsupportedOperationException _) {
            try {
                Files.copy(from, to);
            } catch (NoSuchFileException e) {
                throw new CountersignException(
                        Kind.MISSING,
                        "The file %s of the guest image is not there. Build the image again with `countersign image build`."
                                .formatted(from),
                        e);
            } catch (IOException e) {
                throw failure(to, e);
            }
        }
    }

    /// Removes a directory and all below it, not through links. What is not there is no error.
    static void remove(Path directory) throws CountersignException {
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes unused)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e)
                                throws IOException {
                            if (e instanceof NoSuchFileException) {
                                return FileVisitResult.CONTINUE;
                            }
                            throw e;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path visited, @Nullable IOException e) throws IOException {
                            if (e != null) {
                                throw e;
                            }
                            Files.deleteIfExists(visited);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw failure(directory, e);
        }
    }

    /// The SHA-256 of a file.
    static Digest digest(Path file) throws CountersignException {
        MessageDigest sha = Digest.sha256();
        byte[] buffer = new byte[1 << 18];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "%s can't be read: %s.".formatted(file, e.getMessage()), e);
        }
        return new Digest(HexFormat.of().formatHex(sha.digest()));
    }

    /// What a directory's files take, in bytes as allocated where the system tells, else as long as
    /// they are.
    static long bytesBelow(Path directory) {
        long[] total = {0};
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            // A shared file belongs to the image or the base.
                            if (attributes.isRegularFile()
                                    && Files.getAttribute(file, "unix:nlink")
                                            .equals(Integer.valueOf(1))) {
                                total[0] += attributes.size();
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException _) {
            // Gone while it was counted.
            return total[0];
        }
        return total[0];
    }
}
