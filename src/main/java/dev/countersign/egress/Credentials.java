package dev.countersign.egress;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.gate.approval.AtomicFile;
import dev.countersign.secrets.KeyStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The developer's credentials: what they are for in a file, their values in the key store or in
/// the hands of a command. All sessions share one; safe for many threads.
public final class Credentials {
    private static final int SHORTEST = 8;
    private static final int LONGEST = 2_000;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private final Path file;
    private final KeyStore keys;
    private final HostCommand commands;
    private List<Credential> all;

    private record Content(int version, List<Credential> credentials) {}

    private Credentials(
            Path file, KeyStore keys, HostCommand commands, List<Credential> credentials) {
        this.file = file;
        this.keys = keys;
        this.commands = commands;
        this.all = List.copyOf(credentials);
    }

    /// Reads what is there.
    ///
    /// @throws CountersignException REFUSED if the file can't be read: no credential is guessed
    public static Credentials open(Path file, KeyStore keys, HostCommand commands)
            throws CountersignException {
        if (!Files.exists(file)) {
            return new Credentials(file, keys, commands, List.of());
        }
        try {
            List<Credential> read =
                    JSON.readValue(Files.readAllBytes(file), Content.class).credentials();
            for (Credential one : read) {
                one.check();
            }
            return new Credentials(file, keys, commands, read);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "The credentials in %s can't be read: %s. Mend the file, or remove it and add them again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// By name.
    public synchronized List<Credential> all() {
        return all;
    }

    /// Those that sessions of a repository may use.
    List<Credential> of(String repository) {
        return all().stream().filter(one -> one.isFor(repository)).toList();
    }

    /// Keeps one, in place of an older one of its name.
    ///
    /// @param value null where a command gives it
    /// @throws CountersignException USAGE if it can't be one, or what the key store says
    public synchronized void add(Credential credential, @Nullable String value)
            throws CountersignException {
        credential.check();
        if (credential.command().isEmpty() == (value == null)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A credential has its value from standard input or from a command, one of them. Nothing was kept.");
        }
        if (value != null) {
            keys.put(
                    key(credential.name()),
                    checked(credential, value).getBytes(StandardCharsets.UTF_8));
        }
        List<Credential> next = new ArrayList<>(all);
        next.removeIf(old -> old.name().equals(credential.name()));
        next.add(credential);
        next.sort(Comparator.comparing(Credential::name));
        keep(next);
    }

    /// Forgets one and its value; no session may use it from here on.
    public synchronized void remove(String name) throws CountersignException {
        List<Credential> next = new ArrayList<>(all);
        if (!next.removeIf(old -> old.name().equals(name))) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no credential %s. List them: countersign credential list."
                            .formatted(GuestText.of(name).visible()));
        }
        boolean stored =
                all.stream().anyMatch(old -> old.name().equals(name) && old.command().isEmpty());
        keep(next);
        if (stored) {
            keys.remove(key(name));
        }
    }

    /// The value, for one use.
    ///
    /// @throws CountersignException if the store is locked or the command fails; never with the
    ///   value, or with what the command said, in it
    String value(Credential credential) throws CountersignException, InterruptedException {
        if (!credential.command().isEmpty()) {
            return checked(credential, commands.output(credential.command()));
        }
        Optional<byte[]> kept = keys.get(key(credential.name()));
        if (kept.isEmpty()) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The value of the credential %s is not in the key store. Add it again: countersign credential add."
                            .formatted(credential.name()));
        }
        return checked(credential, new String(kept.get(), StandardCharsets.UTF_8));
    }

    private static String checked(Credential credential, String value) throws CountersignException {
        String plain = value.strip();
        if (plain.length() < SHORTEST
                || plain.length() > LONGEST
                || plain.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The value of the credential %s is not one: %d to %d printable characters without spaces."
                            .formatted(credential.name(), SHORTEST, LONGEST));
        }
        return plain;
    }

    private static String key(String name) {
        return "credential." + name;
    }

    private void keep(List<Credential> next) throws CountersignException {
        try {
            AtomicFile.write(file, JSON.writeValueAsBytes(new Content(1, next)));
            all = List.copyOf(next);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The credentials could not be kept in %s: %s. Nothing was changed."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
