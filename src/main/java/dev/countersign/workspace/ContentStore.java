package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Content by its SHA-256. What is small lies in packs, since a file of its own for each costs more
/// than its bytes; what is large has a file that is never changed. A name appears only once its
/// bytes are complete. Safe for use by several threads.
final class ContentStore implements AutoCloseable {
    /// Up to this size content goes into a pack.
    static final int SMALL = 1 << 20;

    private final Path root;
    private final Path incoming;
    private final PackedContents packs;
    private final AtomicLong names = new AtomicLong();

    ContentStore(Path root, FaultPoint faults) throws IOException {
        this.root = root;
        this.incoming = root.resolve("incoming");
        Files.createDirectories(incoming);
        try (Stream<Path> left = Files.list(incoming)) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
        }
        this.packs = new PackedContents(root.resolve("packs"), faults);
    }

    Digest put(byte[] content) throws IOException {
        Digest digest = Digest.of(content);
        if (content.length <= SMALL) {
            // Small contents are in packs and nowhere else.
            packs.put(digest, content, content.length);
        } else if (!has(digest)) {
            try (Incoming file = begin()) {
                file.write(content, 0, content.length);
                file.keep();
            }
        }
        return digest;
    }

    Incoming begin() {
        return new Incoming(incoming.resolve("i" + names.incrementAndGet()));
    }

    boolean has(Digest digest) {
        return packs.has(digest) || Files.exists(path(digest));
    }

    /// The content as a stream; whoever reads large content checks the digest himself.
    InputStream open(Digest digest) throws IOException {
        return packs.has(digest)
                ? new ByteArrayInputStream(bytes(digest))
                : Files.newInputStream(path(digest));
    }

    byte[] bytes(Digest digest) throws IOException {
        byte[] packed = packs.bytes(digest);
        byte[] content = packed == null ? Files.readAllBytes(path(digest)) : packed;
        if (!Digest.of(content).equals(digest)) {
            throw new IOException("the kept content " + digest.brief() + " is damaged");
        }
        return content;
    }

    /// All that was put is on disk when this returns.
    void sync() throws IOException {
        packs.sync();
    }

    /// Removes what nothing refers to any more.
    void keepOnly(Set<Digest> live) throws IOException {
        packs.keepOnly(live);
        try (Stream<Path> all = Files.walk(root, 2)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (file.startsWith(incoming)) {
                    continue;
                }
                String name = root.relativize(file).toString().replace("/", "");
                if (name.length() == 64 && !live.contains(new Digest(name))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Path path(Digest digest) {
        return root.resolve(digest.hex().substring(0, 2)).resolve(digest.hex().substring(2));
    }

    @Override
    public void close() throws IOException {
        packs.close();
    }

    /// Bytes that come in parts; gone unless [#keep] was called. Held in memory while they are
    /// small.
    final class Incoming extends OutputStream {
        private final Path temp;
        private final MessageDigest hash = Digest.sha256();
        private ByteArrayOutputStream small = new ByteArrayOutputStream();
        private @Nullable FileChannel large;
        private long size;

        private Incoming(Path temp) {
            this.temp = temp;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            hash.update(bytes, offset, length);
            size += length;
            if (large == null && size <= SMALL) {
                small.write(bytes, offset, length);
                return;
            }
            FileChannel file = large;
            if (file == null) {
                file =
                        FileChannel.open(
                                temp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                large = file;
                Durable.writeFully(file, small.toByteArray(), 0, small.size());
                small = new ByteArrayOutputStream(0);
            }
            Durable.writeFully(file, bytes, offset, length);
        }

        long size() {
            return size;
        }

        /// Gives the bytes their name.
        Digest keep() throws IOException {
            Digest digest = new Digest(HexFormat.of().formatHex(hash.digest()));
            FileChannel file = large;
            if (file == null) {
                packs.put(digest, small.toByteArray(), small.size());
                return digest;
            }
            if (has(digest)) {
                return digest;
            }
            Path target = path(digest);
            file.force(true);
            try {
                Files.createDirectories(Durable.parent(target));
            } catch (FileAlreadyExistsException e) {
                throw new IOException("the content store is damaged at " + target, e);
            }
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            return digest;
        }

        @Override
        public void close() throws IOException {
            FileChannel file = large;
            if (file != null) {
                file.close();
                Files.deleteIfExists(temp);
            }
        }
    }
}
