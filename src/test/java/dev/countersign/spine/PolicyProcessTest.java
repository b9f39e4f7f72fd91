package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.api.Client;
import dev.countersign.api.PolicyView;
import dev.countersign.api.RuleOutcome;
import dev.countersign.api.RuleRequest;
import dev.countersign.api.SessionView;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The real engine process and the real commands, with the developer's policy and the repository's.
/// Sessions are admitted and begin to start; nothing here waits until their VM is up.
@Tag("vm")
class PolicyProcessTest {
    private static final Duration SOON = Duration.ofMinutes(2);

    private Desk desk;
    private Path policy;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.bare();
        policy = Files.createDirectories(desk.home.resolve("config")).resolve("policy.yaml");
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        desk.clear();
    }

    private static StartRequest request(
            Path repository, @Nullable Mode mode, @Nullable DataClass dataClass) {
        return new StartRequest(
                repository.toString(),
                "mini",
                "a task",
                mode,
                null,
                dataClass,
                null,
                "scripted:tour",
                256,
                null);
    }

    @Test
    void aSessionTakesModeAndClassFromThePolicyAndTheRepositorySetsTheLeast()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Files.writeString(policy, "version: 1\nmode: post-hoc\ndata-class: public\n");
        try (Client engine = desk.engine()) {
            SessionView plain = engine.start(request(repository, null, null));
            assertThat(plain.mode()).isEqualTo(Mode.POST_HOC);
            assertThat(plain.dataClass()).isEqualTo(DataClass.PUBLIC);
            Files.writeString(
                    repository.resolve(".countersign.yaml"),
                    "version: 1\nmode: checkpoint\ndata-class: confidential\n");
            SessionView tighter = engine.start(request(repository, null, null));
            assertThat(tighter.mode()).isEqualTo(Mode.CHECKPOINT);
            assertThat(tighter.dataClass()).isEqualTo(DataClass.CONFIDENTIAL);
            assertThatThrownBy(() -> engine.start(request(repository, Mode.AUTONOMOUS, null)))
                    .hasMessageContaining("at least mode checkpoint");
            assertThatThrownBy(() -> engine.start(request(repository, null, DataClass.PUBLIC)))
                    .hasMessageContaining("at least class confidential");
            assertThat(engine.start(request(repository, Mode.STEP, DataClass.RESTRICTED)).mode())
                    .isEqualTo(Mode.STEP);
        }
    }

    @Test
    void aPolicyThatBrokeIsSaidAndTheLastGoodOneCountsAlsoForTheNextEngine()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        Files.writeString(policy, "version: 1\nmode: step\n");
        assertThat(desk.run(SOON, "policy", "show").code()).isZero();
        assertThat(desk.run(SOON, "engine", "stop").code()).isZero();
        Files.writeString(policy, "version: 1\nmode: step\nrulez: []\n");
        try (Client engine = desk.engine()) {
            PolicyView now = engine.policy(Optional.empty());
            assertThat(now.trouble()).contains("line 3").contains("rulez").contains("old");
            SessionView started = engine.start(request(repository, null, null));
            assertThat(started.mode()).isEqualTo(Mode.STEP);
            assertThat(desk.run(SOON, "session", "events", started.id().value()).output())
                    .contains("rulez");
            Desk.Ended shown = desk.run(SOON, "policy", "show");
            assertThat(shown.code()).isEqualTo(1);
            assertThat(shown.output()).contains("not in force");
        }
    }

    @Test
    void rulesAreMadeInTheRightFileAndTheJournalHasThem()
            throws IOException, InterruptedException, CountersignException {
        Path repository = desk.repository("shop", "a.txt", "one\n");
        String before = "# mine\nversion: 1\nrules:\n  - ask: {argv: [ls]}  # why\n\n# end\n";
        Files.writeString(policy, before);
        String rule = "allow: {tool: shell, argv: [npm, ci]}";
        try (Client engine = desk.engine()) {
            SessionView session = engine.start(request(repository, null, null));
            RuleOutcome dry =
                    engine.addRules(
                            new RuleRequest(List.of(rule), "everywhere", null, null, null, true));
            assertThat(dry.places()).isEmpty();
            assertThat(Files.readString(policy)).isEqualTo(before);
            Desk.Ended made =
                    desk.run(
                            SOON,
                            "policy",
                            "add",
                            rule,
                            "--scope",
                            "repository",
                            "--session",
                            session.id().value(),
                            "--until",
                            "2099-01-31");
            assertThat(made.code()).as(made.output()).isZero();
            assertThat(Files.readString(policy))
                    .isEqualTo(
                            before.replace(
                                    "# why\n",
                                    "# why\n"
                                            + "  - allow: {tool: shell, argv: [npm, ci], scope:"
                                            + " repository, in: \""
                                            + repository.toRealPath()
                                            + "\", until: 2099-01-31}\n"));
            Desk.Ended own =
                    desk.run(SOON, "policy", "add", rule, "--session", session.id().value());
            assertThat(own.output()).contains("session-rules.yaml");
            assertThat(engine.policy(Optional.of(session.id())).rules())
                    .anyMatch(each -> each.place().equals("policy.yaml:5"))
                    .anyMatch(each -> each.place().equals("session-rules.yaml:3"));
            assertThat(desk.run(SOON, "session", "events", session.id().value()).output())
                    .contains("made at policy.yaml:5")
                    .contains("made at session-rules.yaml:3");
            assertThatThrownBy(() ->
                            engine.addRules(
                                    new RuleRequest(
                                            List.of("allow: {tool: shell, argw: [x]}"),
                                            "everywhere",
                                            null,
                                            null,
                                            null,
                                            false)))
                    .hasMessageContaining("argw");
        }
    }

    @Test
    void theSecondFactorIsSetUpOnTheCommandLine()
            throws IOException, InterruptedException, CountersignException {
        try (Client engine = desk.engine()) {
            Desk.Ended made = desk.run(SOON, "approvals", "second-factor", "totp");
            assertThat(made.output()).contains("otpauth://totp/").contains("the answer alone");
            assertThat(
                            desk.run(
                                            SOON,
                                            "approvals",
                                            "second-factor",
                                            "confirm",
                                            "--code",
                                            "12345")
                                    .code())
                    .isEqualTo(1);
            assertThat(desk.run(SOON, "approvals", "second-factor", "phrase").output())
                    .contains("a phrase");
            assertThat(engine.hello().pid()).isPositive();
        }
    }
}
