package dev.countersign.gateway;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// Files that only this session's key opens (AES-GCM; name and session are bound in), mode 0600, on
/// disk before [#write] returns, replaced as a whole or not at all ([P6]).
final class SealedFiles {
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final Path directory;
    private final SessionId session;
    private final SecretKey key;
    private final SecureRandom random = new SecureRandom();

    SealedFiles(Path directory, SessionId session, SecretKey key) throws CountersignException {
        this.directory = directory;
        this.session = session;
        this.key = key;
        try {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(
                        directory,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            for (String name : names(".part")) {
                Files.deleteIfExists(directory.resolve(name));
            }
        } catch (IOException e) {
            throw failed("The directory for held answers can't be used: " + directory, e);
        }
    }

    /// A name that is not taken.
    String fresh(String suffix) {
        byte[] name = new byte[16];
        random.nextBytes(name);
        return HexFormat.of().formatHex(name) + suffix;
    }

    void write(String name, byte[] content) throws CountersignException {
        Path part = directory.resolve(name + ".part");
        Path whole = directory.resolve(name);
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            part,
                            Set.of(
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.TRUNCATE_EXISTING,
                                    StandardOpenOption.WRITE,
                                    LinkOption.NOFOLLOW_LINKS),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer sealed = ByteBuffer.wrap(sealed(name, content));
                while (sealed.hasRemaining()) {
                    channel.write(sealed);
                }
                channel.force(true);
            }
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
                entry.force(true);
            }
        } catch (IOException e) {
            throw failed("A held answer could not be written to " + directory, e);
        }
    }

    /// The content; empty if there is no such file or this key does not open it.
    Optional<byte[]> read(String name) throws CountersignException {
        try {
            byte[] sealed = Files.readAllBytes(directory.resolve(name));
            if (sealed.length < NONCE) {
                return Optional.empty();
            }
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE));
            cipher.updateAAD(bound(name));
            return Optional.of(cipher.doFinal(sealed, NONCE, sealed.length - NONCE));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("A held answer could not be read from " + directory, e);
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    void delete(String name) throws CountersignException {
        try {
            Files.deleteIfExists(directory.resolve(name));
        } catch (IOException e) {
            throw failed("A held answer could not be removed from " + directory, e);
        }
    }

    List<String> names(String suffix) throws CountersignException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failed("The directory for held answers can't be read: " + directory, e);
        }
    }

    private byte[] sealed(String name, byte[] content) throws IOException {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(bound(name));
            byte[] body = cipher.doFinal(content);
            byte[] sealed = Arrays.copyOf(nonce, NONCE + body.length);
            System.arraycopy(body, 0, sealed, NONCE, body.length);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IOException("the session's key does not fit AES-GCM", e);
        }
    }

    private byte[] bound(String name) {
        return (session.value() + "/" + name).getBytes(StandardCharsets.UTF_8);
    }

    private static CountersignException failed(String what, IOException cause) {
        return new CountersignException(
                Kind.FAILED,
                what + " (" + cause.getMessage() + "). Nothing was handed to the agent.",
                cause);
    }
}
