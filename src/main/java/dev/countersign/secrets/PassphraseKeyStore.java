package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An [EncryptedFileKeyStore] that is locked until somebody says its passphrase, and again when the
/// process ends. The first passphrase begins the store.
public final class PassphraseKeyStore implements KeyStore, Lockable {
    private static final int SHORTEST = 8;

    private final Path directory;
    private final SecureRandom random;
    private @Nullable EncryptedFileKeyStore opened;

    /// @param directory of its own; made when the store is begun
    public PassphraseKeyStore(Path directory, SecureRandom random) {
        this.directory = directory;
        this.random = random;
    }

    @Override
    public synchronized void unlock(char[] passphrase) throws CountersignException {
        if (passphrase.length < SHORTEST) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The passphrase has fewer than %d characters. Choose a longer one."
                            .formatted(SHORTEST));
        }
        opened = EncryptedFileKeyStore.open(directory, passphrase, random);
    }

    private synchronized EncryptedFileKeyStore store() throws CountersignException {
        EncryptedFileKeyStore store = opened;
        if (store == null) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The key store of this machine's credentials is locked. Unlock it: countersign credential unlock (it reads the passphrase from standard input; the first one begins the store).");
        }
        return store;
    }

    /// Whether a value lies here under this name; that needs no passphrase.
    boolean holds(String name) throws CountersignException {
        return held().contains(name);
    }

    /// The names without a passphrase.
    List<String> held() throws CountersignException {
        return new FileKeyStore(directory).names();
    }

    @Override
    public Optional<byte[]> get(String name) throws CountersignException {
        return store().get(name);
    }

    @Override
    public void put(String name, byte[] value) throws CountersignException {
        store().put(name, value);
    }

    @Override
    public void remove(String name) throws CountersignException {
        new FileKeyStore(directory).remove(name);
    }

    @Override
    public List<String> names() throws CountersignException {
        return store().names();
    }

    @Override
    public synchronized Protection protection() {
        return new Protection(
                "encrypted-file",
                true,
                "Credentials lie in files that only this user may read, encrypted with a passphrase; the store is %s now."
                        .formatted(opened == null ? "locked" : "unlocked"));
    }
}
