package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.ssh.Link;
import dev.countersign.vm.ssh.SshLink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// What the host does first on each connection: clock, random pool, leftovers of earlier links; and
/// on a session's first one, an identity of its own.
final class Greetings {
    private static final Duration DEADLINE = Duration.ofSeconds(45);
    private static final int SEED_BYTES = 64;
    private static final String SCRIPT = script();

    private final Clock clock;
    private final String setTimeOfDay;
    private final SecureRandom random = new SecureRandom();

    /// @param arch decides the number of the system call (asm/unistd.h)
    Greetings(Clock clock, String arch) {
        this.clock = clock;
        this.setTimeOfDay = arch.equals("aarch64") ? "170" : "164";
    }

    private static String script() {
        try (InputStream in = Greetings.class.getResourceAsStream("/dev/countersign/vm/greet.pl")) {
            if (in == null) {
                throw new IllegalStateException("not packaged: greet.pl");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("can't be read: greet.pl", e);
        }
    }

    /// @param identity the guest takes it as its own ssh host key, and a new machine id with it
    void greet(SshLink.Exec exec, Optional<HostKey> identity) throws CountersignException {
        long micros = clock.millis() * 1000;
        Link.Output output =
                exec.run(
                        List.of(
                                "perl",
                                "-e",
                                SCRIPT,
                                Long.toString(micros / 1_000_000),
                                Long.toString(micros % 1_000_000),
                                setTimeOfDay,
                                hex(SEED_BYTES),
                                hex(16)),
                        identity.map(HostKey::forGuest).orElse(new byte[0]),
                        DEADLINE,
                        4096);
        if (output.exitCode() != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The guest could not be made ready (code %d: %s)."
                            .formatted(
                                    output.exitCode(),
                                    GuestText.of(output.errorText().strip()).visible()));
        }
    }

    /// Sets the guest's clock.
    void setClock(Link link) throws CountersignException {
        var _ =
                link.run(
                        List.of("date", "-u", "-s", "@" + now()),
                        new byte[0],
                        Duration.ofSeconds(15),
                        4096);
    }

    private String now() {
        long millis = clock.millis();
        return "%d.%03d".formatted(millis / 1000, millis % 1000);
    }

    private String hex(int bytes) {
        byte[] seed = new byte[bytes];
        random.nextBytes(seed);
        return HexFormat.of().formatHex(seed);
    }
}
