package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;

/// A store, or a part of one, that a passphrase opens.
public interface Lockable {
    /// Opens it until the process ends.
    ///
    /// @param passphrase wiped by the caller
    /// @throws CountersignException REFUSED if it is not the one, USAGE if it is too short
    void unlock(char[] passphrase) throws CountersignException;
}
