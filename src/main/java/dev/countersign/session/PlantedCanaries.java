package dev.countersign.session;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.gate.approval.AtomicFile;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The tokens that a session's guest holds for nothing but to be stolen: in files that no work on
/// the workspace reads, one of them root's alone. Kept in the session's directory, for the guest
/// outlives an engine.
final class PlantedCanaries {
    private static final List<String> PLACES =
            List.of(
                    "/home/agent/.config/deploy/production.env",
                    "/root/.config/deploy/production.env");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Letters and digits that survive in a host's name.
    private static final String SIGNS = "abcdefghijklmnopqrstuvwxyz234567";

    /// 200 random bits: nothing else looks like it by chance.
    private static final int LENGTH = 40;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, String> tokens;

    private PlantedCanaries(Map<String, String> tokens) {
        this.tokens = Map.copyOf(tokens);
    }

    /// Those of a session, made at its first start.
    static PlantedCanaries open(Path file) throws CountersignException {
        try {
            if (Files.exists(file)) {
                return new PlantedCanaries(
                        JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {}));
            }
            SecureRandom random = new SecureRandom();
            Map<String, String> made = new TreeMap<>();
            for (String place : PLACES) {
                StringBuilder token = new StringBuilder();
                random.ints(LENGTH, 0, SIGNS.length()).forEach(i -> token.append(SIGNS.charAt(i)));
                made.put(place, token.toString());
            }
            AtomicFile.write(file, JSON.writeValueAsBytes(made));
            return new PlantedCanaries(made);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The session's canaries in %s can't be read or written: %s."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// By their places.
    Map<String, String> tokens() {
        return tokens;
    }

    /// Puts them into the guest.
    ///
    /// @return whether they are there
    boolean plant(Link link) throws CountersignException {
        StringBuilder files = new StringBuilder();
        tokens.forEach((place, token) ->
                files.append(place).append(" DEPLOY_TOKEN=").append(token).append('\n'));
        Link.Output planted =
                link.run(
                        List.of(
                                "sh",
                                "-c",
                                """
                                umask 077
                                while read -r place line; do
                                    mkdir -p "${place%/*}" && printf '%s\\n' "$line" > "$place" || exit 1
                                done
                                chown -R agent:agent /home/agent/.config
                                """),
                        files.toString().getBytes(StandardCharsets.UTF_8),
                        PATIENCE,
                        4096);
        return planted.exitCode() == 0;
    }
}
