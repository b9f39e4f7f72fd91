package dev.countersign.platform.linux;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.secrets.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC), by the program `secret-tool`
/// of libsecret. Values go by its standard input and output, never by an argument. The service asks
/// the developer by itself where it is locked.
public final class SecretServiceKeyStore implements KeyStore {
    private static final String PROGRAM = "secret-tool";
    private static final int LARGEST = 256 * 1024;

    private final Map<String, String> environment;
    private final String home;
    private final Duration patience;

    /// @param environment with the session bus
    /// @param home of this installation, so that two do not share values
    /// @param patience how long the developer may take to unlock the service
    public SecretServiceKeyStore(Map<String, String> environment, String home, Duration patience) {
        this.environment = Map.copyOf(environment);
        this.home = home;
        this.patience = patience;
    }

    /// Whether the program is there and a service answers it. It says nothing where it finds
    /// nothing, and why where it could not ask.
    public boolean answers() {
        try {
            return run(List.of("lookup", "application", "countersign", "probe", home), new byte[0])
                    .said()
                    .isEmpty();
        } catch (CountersignException e) {
            return false;
        }
    }

    /// @param output of its standard output
    /// @param said on standard error
    private record Ended(int code, byte[] output, String said) {}

    private List<String> attributes(String name) {
        return List.of("application", "countersign", "home", home, "name", name);
    }

    private static List<String> words(List<String> first, List<String> rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(rest);
        return all;
    }

    @Override
    public Optional<byte[]> get(String name) throws CountersignException {
        Ended ended = run(words(List.of("lookup"), attributes(name)), new byte[0]);
        if (ended.code() != 0) {
            if (ended.said().isEmpty()) {
                return Optional.empty();
            }
            throw failed("read", ended.said());
        }
        try {
            String text = new String(ended.output(), StandardCharsets.US_ASCII).strip();
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "The value of %s in the desktop's key store was changed by another program. Add it again."
                            .formatted(name),
                    e);
        }
    }

    @Override
    public void put(String name, byte[] value) throws CountersignException {
        Ended ended =
                run(
                        words(List.of("store", "--label=Countersign: " + name), attributes(name)),
                        Base64.getEncoder().encode(value));
        if (ended.code() != 0) {
            throw failed("written", ended.said());
        }
    }

    @Override
    public void remove(String name) throws CountersignException {
        Ended ended = run(words(List.of("clear"), attributes(name)), new byte[0]);
        if (ended.code() != 0 && !ended.said().isEmpty()) {
            throw failed("cleared", ended.said());
        }
    }

    @Override
    public List<String> names() throws CountersignException {
        Ended ended =
                run(
                        List.of("search", "--all", "application", "countersign", "home", home),
                        new byte[0]);
        // Attributes are told on standard error, values on standard output.
        return ended.said()
                .lines()
                .filter(line -> line.startsWith("attribute.name = "))
                .map(line -> line.substring("attribute.name = ".length()).strip())
                .sorted()
                .toList();
    }

    @Override
    public Protection protection() {
        return new Protection(
                "secret-service",
                true,
                "Credentials lie in the desktop's own key store; programs of this user can ask it while it is unlocked.");
    }

    private static CountersignException failed(String what, String why) {
        return new CountersignException(
                Kind.FAILED,
                "The desktop's key store could not be %s: %s. Unlock it, or set COUNTERSIGN_KEY_STORE=encrypted-file and start the engine again."
                        .formatted(what, why.lines().findFirst().orElse("it says nothing")));
    }

    private Ended run(List<String> words, byte[] input) throws CountersignException {
        ProcessBuilder builder = new ProcessBuilder(words(List.of(PROGRAM), words));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The program secret-tool is not here, by which the desktop's key store is asked. Install libsecret's tools.",
                    e);
        }
        try {
            CompletableFuture<byte[]> output = all(process.getInputStream());
            CompletableFuture<byte[]> said = all(process.getErrorStream());
            try (OutputStream in = process.getOutputStream()) {
                in.write(input);
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "The desktop's key store did not answer within %d s. Unlock it, and try again."
                                .formatted(patience.toSeconds()));
            }
            return new Ended(
                    process.exitValue(),
                    output.join(),
                    new String(said.join(), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            throw failed("asked", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("asked", "interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static CompletableFuture<byte[]> all(InputStream stream) {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try (stream) {
                        read.complete(stream.readNBytes(LARGEST));
                    } catch (IOException e) {
                        read.complete(new byte[0]);
                    }
                });
        return read;
    }
}
