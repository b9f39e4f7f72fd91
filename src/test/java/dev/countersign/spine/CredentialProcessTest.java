package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `credential …` and `port …` as commands, with a real engine that holds the values.
@Timeout(300)
class CredentialProcessTest {
    private static final String PASSPHRASE = "correct horse " + UUID.randomUUID();

    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.bare();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        desk.clear();
    }

    private Desk.Ended typed(String input, String... words)
            throws IOException, InterruptedException {
        Path in = Files.writeString(desk.work.resolve("typed"), input);
        Process process =
                desk.command(words).redirectErrorStream(true).redirectInput(in.toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Files.delete(in);
        return new Desk.Ended(process.waitFor(), said);
    }

    private Desk.Ended add(String value, String name, String... more)
            throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(
                        List.of("credential", "add", name, "--url", "https://api.example.org"));
        words.addAll(List.of(more));
        return typed(value, words.toArray(String[]::new));
    }

    @Test
    void P6_aCredentialIsKeptListedAndRemovedAndItsValueIsSeenNowhere() throws Exception {
        String value = "value-" + UUID.randomUUID();
        try (Client engine = desk.engine(Map.of("COUNTERSIGN_KEY_STORE", "encrypted-file"))) {
            assertThat(engine.credentials()).isEmpty();
            Desk.Ended locked = add(value, "code");
            assertThat(locked.code()).isNotZero();
            assertThat(locked.output()).contains("credential unlock").doesNotContain(value);
            assertThat(typed("short\n", "credential", "unlock").code()).isNotZero();
            assertThat(typed(PASSPHRASE + "\n", "credential", "unlock").code()).isZero();

            Desk.Ended kept =
                    add(
                            value + "\n",
                            "code",
                            "--path",
                            "/user",
                            "--env",
                            "CODE_TOKEN",
                            "--everywhere");
            assertThat(kept.code()).as(kept.output()).isZero();
            assertThat(kept.output())
                    .contains("http://127.0.0.1:4101/o/api/code")
                    .doesNotContain(value);
            Desk.Ended made = add("", "made", "--", "cat", "/nowhere/value");
            assertThat(made.code()).as(made.output()).isZero();

            Desk.Ended listed = typed("", "credential", "list", "--json");
            assertThat(listed.output().lines()).hasSize(2);
            assertThat(listed.output())
                    .contains(
                            "\"name\":\"code\"",
                            "\"paths\":[\"/user\"]",
                            "\"methods\":[\"GET\",\"HEAD\"]",
                            "\"command\":[\"cat\",\"/nowhere/value\"]")
                    .doesNotContain(value);
            assertThat(typed("", "credential", "list").output())
                    .contains("all repositories", "key store", desk.work.toRealPath().toString())
                    .doesNotContain(value);

            // Values of a bad form, addresses that are none, two ways at once: nothing is kept.
            assertThat(add("a b c d e f g h\n", "spaced").code()).isEqualTo(2);
            assertThat(add("", "empty").code()).isEqualTo(2);
            assertThat(
                            typed(
                                            value,
                                            "credential",
                                            "add",
                                            "plain",
                                            "--url",
                                            "http://api.example.org")
                                    .code())
                    .isEqualTo(2);
            assertThat(
                            add(value, "both", "--everywhere", "--repository", desk.work.toString())
                                    .code())
                    .isEqualTo(2);
            assertThat(engine.credentials()).extracting("name").containsExactly("code", "made");

            assertThat(
                            new ByteSearch(Map.of("value", value, "passphrase", PASSPHRASE))
                                    .in(desk.home))
                    .isEmpty();

            assertThat(typed("", "credential", "remove", "code").code()).isZero();
            assertThat(typed("", "credential", "remove", "code").code()).isEqualTo(2);
            assertThat(engine.credentials()).extracting("name").containsExactly("made");
        }
        // A new engine knows what they are for, and is locked again.
        desk.killEngine();
        try (Client engine = desk.engine(Map.of("COUNTERSIGN_KEY_STORE", "encrypted-file"))) {
            assertThat(engine.credentials()).extracting("name").containsExactly("made");
            assertThat(typed("wrong " + PASSPHRASE, "credential", "unlock").output())
                    .doesNotContain(PASSPHRASE);
            assertThat(add(value, "code").code()).isNotZero();
            assertThat(typed(PASSPHRASE, "credential", "unlock").code()).isZero();
            assertThat(add(value, "code").code()).isZero();
        }
    }

    @Test
    void portsOfASessionThatIsNotThereAreRefusedWithTheReason() throws Exception {
        try (Client engine = desk.engine()) {
            assertThat(engine.sessions()).isEmpty();
            for (List<String> words :
                    List.of(
                            List.of("port", "list", "s-aaaaaa"),
                            List.of("port", "open", "s-aaaaaa", "3000"),
                            List.of("port", "close", "s-aaaaaa", "3000"))) {
                Desk.Ended refused = typed("", words.toArray(String[]::new));
                assertThat(refused.code()).as(refused.output()).isNotZero();
                assertThat(refused.output()).contains("s-aaaaaa").doesNotContain("Exception");
            }
            assertThat(typed("", "port", "open", "s-aaaaaa", "none").code()).isEqualTo(2);
            assertThat(typed("", "port", "open", "s-aaaaaa").code()).isEqualTo(2);
        }
    }
}
