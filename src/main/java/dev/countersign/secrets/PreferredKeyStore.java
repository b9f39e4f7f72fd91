package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// The desktop's own store where it answers, and the one with a passphrase where it does not. What
/// lies in the second from before is found there until it is kept anew.
public final class PreferredKeyStore implements KeyStore, Lockable {
    private final Supplier<Optional<KeyStore>> desktop;
    private final PassphraseKeyStore own;

    /// @param desktop asked at each use: a desktop may come up later than the engine
    public PreferredKeyStore(Supplier<Optional<KeyStore>> desktop, PassphraseKeyStore own) {
        this.desktop = desktop;
        this.own = own;
    }

    @Override
    public Optional<byte[]> get(String name) throws CountersignException {
        Optional<KeyStore> first = desktop.get();
        if (first.isPresent()) {
            Optional<byte[]> kept = first.get().get(name);
            if (kept.isPresent() || !own.holds(name)) {
                return kept;
            }
        }
        return own.get(name);
    }

    @Override
    public void put(String name, byte[] value) throws CountersignException {
        Optional<KeyStore> first = desktop.get();
        if (first.isEmpty()) {
            own.put(name, value);
            return;
        }
        first.get().put(name, value);
        // An older one of the same name must not come back when the desktop is not there.
        own.remove(name);
    }

    @Override
    public void remove(String name) throws CountersignException {
        Optional<KeyStore> first = desktop.get();
        if (first.isPresent()) {
            first.get().remove(name);
        }
        own.remove(name);
    }

    @Override
    public List<String> names() throws CountersignException {
        Optional<KeyStore> first = desktop.get();
        if (first.isEmpty()) {
            return own.names();
        }
        TreeSet<String> all = new TreeSet<>(first.get().names());
        all.addAll(own.held());
        return List.copyOf(all);
    }

    @Override
    public void unlock(char[] passphrase) throws CountersignException {
        own.unlock(passphrase);
    }

    @Override
    public Protection protection() {
        return desktop.get().map(KeyStore::protection).orElseGet(own::protection);
    }
}
