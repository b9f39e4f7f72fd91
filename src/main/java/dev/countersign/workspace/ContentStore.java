package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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

/// Content by its SHA-256, in files that are never changed. A name appears only once its bytes are
/// complete.
final class ContentStore {
    private final Path root;
    private final Path incoming;
    private final AtomicLong names = new AtomicLong();

    ContentStore(Path root) throws IOException {
        this.root = root;
        this.incoming = root.resolve("incoming");
        Files.createDirectories(incoming);
        try (Stream<Path> left = Files.list(incoming)) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    Digest put(byte[] content) throws IOException {
        Digest digest = Digest.of(content);
        if (!has(digest)) {
            try (Incoming file = begin()) {
                file.write(content, 0, content.length);
                file.keep(false);
            }
        }
        return digest;
    }

    Incoming begin() throws IOException {
        return new Incoming(incoming.resolve("i" + names.incrementAndGet()));
    }

    boolean has(Digest digest) {
        return Files.exists(path(digest));
    }

    InputStream open(Digest digest) throws IOException {
        return Files.newInputStream(path(digest));
    }

    byte[] bytes(Digest digest) throws IOException {
        byte[] content = Files.readAllBytes(path(digest));
        if (!Digest.of(content).equals(digest)) {
            throw new IOException("the kept content " + digest.brief() + " is damaged");
        }
        return content;
    }

    /// Removes what nothing refers to any more.
    void keepOnly(Set<Digest> live) throws IOException {
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

    /// Bytes that come in parts; gone unless [#keep] was called.
    final class Incoming extends OutputStream {
        private final Path temp;
        private final FileChannel channel;
        private final MessageDigest hash = Digest.sha256();
        private long size;

        private Incoming(Path temp) throws IOException {
            this.temp = temp;
            this.channel =
                    FileChannel.open(temp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            hash.update(bytes, offset, length);
            size += length;
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        long size() {
            return size;
        }

        /// Gives the bytes their name.
        ///
        /// @param synced whether they are on disk when this returns
        Digest keep(boolean synced) throws IOException {
            Digest digest = new Digest(HexFormat.of().formatHex(hash.digest()));
            Path target = path(digest);
            if (!Files.exists(target)) {
                if (synced) {
                    channel.force(true);
                }
                try {
                    Files.createDirectories(Durable.parent(target));
                } catch (FileAlreadyExistsException e) {
                    throw new IOException("the content store is damaged at " + target, e);
                }
                Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return digest;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(temp);
        }
    }
}
