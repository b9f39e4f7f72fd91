package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import java.util.List;
import java.util.Optional;

/// Where keys and credentials lie on the host. A port: the two file forms are here, the desktop's
/// own stores (Secret Service, Keychain) are of the room `platform`. Names are `a-z0-9.-`, values
/// are bytes; the caller wipes arrays it no longer needs.
public interface KeyStore {
    /// The value under this name.
    ///
    /// @throws CountersignException if the store is locked, damaged or can't be read
    Optional<byte[]> get(String name) throws CountersignException;

    /// Keeps a value; an older one under the same name is replaced at once or not at all.
    ///
    /// @throws CountersignException if it could not be written; then the old value is still there
    void put(String name, byte[] value) throws CountersignException;

    /// Removes a value; harmless if there is none.
    void remove(String name) throws CountersignException;

    /// The names in order.
    List<String> names() throws CountersignException;

    /// How well the values are kept, said truthfully: shown by `doctor` and in the window.
    Protection protection();

    /// What stands between a reader of the disk and the values.
    ///
    /// @param store a stable word: `file`, `encrypted-file`, `secret-service`, `keychain`
    /// @param says one sentence for people
    record Protection(String store, boolean encrypted, String says) {}
}
