package dev.countersign.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.NativePrompt;
import dev.countersign.ui.common.NativePrompt.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javafx.application.Platform;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the exit codes of the child process mean, with a program in zenity's place.
@Tag("ui")
@EnabledIfEnvironmentVariable(named = "DISPLAY", matches = ".+")
class ZenityPromptTest {
    private static final Question QUESTION =
            new Question(
                    "“Voucher codes” wants to push",
                    "Held.",
                    List.of(),
                    List.of(new NativePrompt.Point("Undo", "\\n is two characters")),
                    "--text=<b>evil</b>",
                    "Bound to 9f3c",
                    true);
    @TempDir Path home;

    @BeforeAll
    static void toolkit() {
        try {
            Platform.startup(() -> Platform.setImplicitExit(false));
        } catch (IllegalStateException _) {
            // Another test class of this JVM started it.
        }
    }

    private Path program(String body) throws IOException {
        Path script = home.resolve("zenity");
        Files.writeString(script, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static NativePrompt.Listener into(CompletableFuture<String> outcome) {
        return new NativePrompt.Listener() {
            @Override
            public void focused(boolean now) {
                outcome.complete("focused");
            }

            @Override
            public void disturbed() {
                outcome.complete("disturbed");
            }

            @Override
            public void replied(NativePrompt.Reply reply) {
                outcome.complete(reply.name());
            }

            @Override
            public void gone() {
                outcome.complete("gone");
            }
        };
    }

    @ParameterizedTest(name = "exit {0} is {1}")
    @CsvSource({"0, REVIEW", "1, DENY", "5, gone", "255, gone"})
    void p4NoExitCodeAllows(int code, String meaning) throws IOException {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        ZenityPrompt prompt = new ZenityPrompt(program("exit " + code + "\n"));
        Fx.later(() -> assertThat(prompt.open(QUESTION, into(outcome))).isPresent());
        assertThat(outcome.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(meaning);
    }

    @Test
    void p7TheTextsArePlainAndOfOursAlone() throws IOException {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Path seen = home.resolve("arguments");
        ZenityPrompt prompt =
                new ZenityPrompt(program("printf '%s\\n' \"$@\" > " + seen + "\nexit 1\n"));
        Fx.later(() -> prompt.open(QUESTION, into(outcome)));
        outcome.orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(Files.readString(seen))
                .contains("--no-markup\n", "--default-cancel\n", "Undo: \\\\n is two characters")
                .doesNotContain("evil");
    }

    @Test
    void aPathWithoutItShowsNothing() {
        assertThat(
                        ZenityPrompt.ofPath(home.toString())
                                .open(QUESTION, into(new CompletableFuture<>())))
                .isEmpty();
    }
}
