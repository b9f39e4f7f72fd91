package dev.countersign.egress;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.gate.approval.AtomicFile;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The credentials that one session's guest may use, each by a placeholder that is worth nothing
/// anywhere else. What is revoked is gone until the agent is started again. Kept in the session's
/// directory, for the guest remembers its placeholders longer than an engine lives.
public final class SessionCredentials {
    /// Where the servers are in the guest.
    public static final String GATEWAY = "http://127.0.0.1:4101" + ApiCall.PREFIX;

    private static final String MARK = "placeholder-";
    private static final ObjectMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path file;
    private final Credentials credentials;
    private final String repository;
    private final Redactor redactor;
    private final Recorder recorder;
    private final SecureRandom random = new SecureRandom();
    private Map<String, String> placeholders;

    private record Content(Map<String, String> placeholders) {}

    private SessionCredentials(
            Path file,
            Credentials credentials,
            String repository,
            Redactor redactor,
            Recorder recorder,
            Map<String, String> placeholders) {
        this.file = file;
        this.credentials = credentials;
        this.repository = repository;
        this.redactor = redactor;
        this.recorder = recorder;
        this.placeholders = new TreeMap<>(placeholders);
    }

    /// Takes up what an earlier engine gave out. A file that can't be read gives nothing.
    ///
    /// @param redactor learns each value before it is used
    public static SessionCredentials open(
            Path file,
            Credentials credentials,
            String repository,
            Redactor redactor,
            Recorder recorder) {
        Map<String, String> known = Map.of();
        try {
            if (Files.exists(file)) {
                known = JSON.readValue(Files.readAllBytes(file), Content.class).placeholders();
            }
        } catch (IOException e) {
            known = Map.of();
        }
        return new SessionCredentials(
                file,
                credentials,
                repository,
                redactor,
                recorder,
                known == null ? Map.of() : known);
    }

    /// Gives the guest a placeholder for each credential of its repository.
    ///
    /// @return the environment by which its programs find placeholders and addresses
    /// @throws CountersignException FAILED if they can't be kept: then none is given
    public synchronized Map<String, String> issue() throws CountersignException {
        Map<String, String> next = new TreeMap<>();
        Map<String, String> environment = new TreeMap<>();
        for (Credential one : credentials.of(repository)) {
            String placeholder =
                    placeholders.containsKey(one.name()) ? placeholders.get(one.name()) : fresh();
            next.put(one.name(), placeholder);
            if (one.env() != null) {
                environment.put(one.env(), placeholder);
            }
            if (one.urlEnv() != null) {
                environment.put(one.urlEnv(), GATEWAY + one.name());
            }
        }
        keep(next);
        return environment;
    }

    private String fresh() {
        byte[] bytes = new byte[20];
        random.nextBytes(bytes);
        return MARK + HexFormat.of().formatHex(bytes);
    }

    /// Ends all of them.
    public synchronized void revoke(String why) throws CountersignException {
        if (placeholders.isEmpty()) {
            return;
        }
        List<String> names = List.copyOf(placeholders.keySet());
        placeholders = new TreeMap<>();
        keep(placeholders);
        recorder.record(new Fact.CredentialRevoked(names, why));
    }

    /// One that the guest may use now.
    synchronized Optional<Credential> usable(String name) {
        return placeholders.containsKey(name)
                ? credentials.of(repository).stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                : Optional.empty();
    }

    /// What the guest puts where the value shall stand.
    synchronized String placeholder(Credential credential) {
        return placeholders.getOrDefault(credential.name(), "");
    }

    /// Whether the guest has a credential for this server: then it reaches it through the gateway
    /// alone.
    synchronized boolean brokers(String host, int port) {
        return placeholders.keySet().stream()
                .map(this::usable)
                .flatMap(Optional::stream)
                .anyMatch(one -> one.host().equals(host) && one.port() == port);
    }

    /// The value, for one use. From here on the journal of the session does not show it.
    String value(Credential credential) throws CountersignException, InterruptedException {
        String value = credentials.value(credential);
        redactor.entrust(credential.name(), value);
        return value;
    }

    private void keep(Map<String, String> next) throws CountersignException {
        try {
            AtomicFile.write(file, JSON.writeValueAsBytes(new Content(next)));
            placeholders = next;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The session's placeholders can't be kept in %s: %s. Free some space."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
