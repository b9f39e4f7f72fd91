package dev.countersign.workspace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Writes that a crash leaves done or not begun.
final class Durable {
    private static final int FLUSHES = 16;
    private static final int FEW = 3;

    private Durable() {}

    /// Replaces the file as a whole; on disk when this returns.
    static void write(Path file, byte[] content) throws IOException {
        write(file, content, FaultPoint.none());
    }

    /// As above, with places to stop at between the steps.
    static void write(Path file, byte[] content, FaultPoint faults) throws IOException {
        Path temp = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel =
                FileChannel.open(
                        temp,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            faults.reached("written");
            channel.force(true);
        }
        faults.reached("beside");
        Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
        faults.reached("replaced");
        directory(parent(file));
    }

    /// Appends all of it.
    static void writeFully(FileChannel channel, byte[] bytes, int offset, int length)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /// The directory that holds the file.
    static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file has a directory");
    }

    /// The content of all these files is on disk when this returns, but for those that are given
    /// back with the reason. Several are asked for at a time, so that the file system writes its
    /// own journal once for many.
    static Map<Path, IOException> files(Collection<Path> files) {
        return together(files, Durable::file);
    }

    /// The names in these directories are on disk when this returns; those that are gone are passed
    /// over.
    static void directories(Collection<Path> directories) throws IOException {
        Map<Path, IOException> failed =
                together(
                        directories.stream().filter(Files::isDirectory).toList(),
                        Durable::directory);
        for (IOException why : failed.values()) {
            throw why;
        }
    }

    private interface Flush {
        void of(Path path) throws IOException;
    }

    private static Map<Path, IOException> together(Collection<Path> paths, Flush flush) {
        Map<Path, IOException> failed = new ConcurrentHashMap<>();
        if (paths.size() < FEW) {
            paths.forEach(path -> one(path, flush, failed));
            return failed;
        }
        // Closing waits for each of them.
        try (ExecutorService threads = Executors.newFixedThreadPool(FLUSHES)) {
            paths.forEach(path -> threads.execute(() -> one(path, flush, failed)));
        }
        return failed;
    }

    private static void one(Path path, Flush flush, Map<Path, IOException> failed) {
        try {
            flush.of(path);
        } catch (IOException e) {
            failed.put(path, e);
        }
    }

    private static void file(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /// The names in this directory are on disk when this returns.
    static void directory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
