package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// One file a value as in [FileKeyStore], each encrypted by AES-256-GCM under a key that is derived
/// from the user's passphrase (PBKDF2-HMAC-SHA256, 600,000 rounds: OWASP's figure). A file can't be
/// renamed to stand for another: its name is authenticated.
public final class EncryptedFileKeyStore implements KeyStore {
    private static final String SALT = "salt";
    private static final int ROUNDS = 600_000;
    private static final int KEY_BITS = 256;
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final FileKeyStore files;
    private final SecretKey key;
    private final SecureRandom random;

    private EncryptedFileKeyStore(FileKeyStore files, SecretKey key, SecureRandom random) {
        this.files = files;
        this.key = key;
        this.random = random;
    }

    /// Opens the store, or begins it with this passphrase.
    ///
    /// @param passphrase wiped by the caller
    /// @throws CountersignException REFUSED if it is not the one that the store was begun with
    public static EncryptedFileKeyStore open(Path directory, char[] passphrase, SecureRandom random)
            throws CountersignException {
        FileKeyStore files = new FileKeyStore(directory);
        Optional<byte[]> kept = files.get(SALT);
        byte[] salt = kept.map(bytes -> Arrays.copyOf(bytes, SALT_BYTES)).orElse(null);
        boolean fresh = salt == null;
        byte[] used = salt == null ? fresh(random) : salt;
        EncryptedFileKeyStore store =
                new EncryptedFileKeyStore(files, derived(passphrase, used), random);
        if (fresh) {
            files.put(SALT, joined(used, store.sealed(SALT, used)));
        } else if (kept.isPresent()) {
            byte[] proof = Arrays.copyOfRange(kept.get(), SALT_BYTES, kept.get().length);
            if (store.opened(SALT, proof) == null) {
                throw new CountersignException(
                        Kind.REFUSED,
                        "The passphrase does not open the key store "
                                + directory
                                + ". Try again; without it its keys are lost.");
            }
        }
        return store;
    }

    private static byte[] fresh(SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return salt;
    }

    private static SecretKey derived(char[] passphrase, byte[] salt) {
        PBEKeySpec spec = new PBEKeySpec(passphrase, salt, ROUNDS, KEY_BITS);
        try {
            byte[] bytes =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(spec)
                            .getEncoded();
            return new SecretKeySpec(bytes, "AES");
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has PBKDF2", e);
        } finally {
            spec.clearPassword();
        }
    }

    @Override
    public Optional<byte[]> get(String name) throws CountersignException {
        Optional<byte[]> kept = files.get(ours(name));
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        byte[] value = opened(name, kept.get());
        if (value == null) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The key " + name + " was changed on disk. Restore its file from a backup.");
        }
        return Optional.of(value);
    }

    @Override
    public void put(String name, byte[] value) throws CountersignException {
        files.put(ours(name), sealed(name, value));
    }

    @Override
    public void remove(String name) throws CountersignException {
        files.remove(ours(name));
    }

    @Override
    public List<String> names() throws CountersignException {
        return files.names().stream().filter(name -> !name.equals(SALT)).toList();
    }

    @Override
    public Protection protection() {
        return new Protection(
                "encrypted-file",
                true,
                "Keys lie in files that only this user may read, encrypted with the passphrase.");
    }

    private static String ours(String name) throws CountersignException {
        if (name.equals(SALT)) {
            throw new CountersignException(
                    Kind.USAGE, "The key's name can't be '" + SALT + "'. Choose another name.");
        }
        return FileKeyStore.checked(name);
    }

    private byte[] sealed(String name, byte[] value) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            return joined(nonce, cipher(Cipher.ENCRYPT_MODE, name, nonce).doFinal(value));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has AES-GCM", e);
        }
    }

    /// Null if it was not sealed by this key under this name.
    private byte @Nullable [] opened(String name, byte[] sealed) {
        if (sealed.length < NONCE_BYTES) {
            return null;
        }
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, name, nonce)
                    .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private Cipher cipher(int mode, String name, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }
}
