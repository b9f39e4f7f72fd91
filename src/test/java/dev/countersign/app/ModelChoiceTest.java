package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.agent.AgentProfiles;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.engine.EngineService.Defaults.Chosen;
import dev.countersign.secrets.FileKeyStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelChoiceTest {
    private static final Map<String, String> ALL_KEYS =
            Map.of("ANTHROPIC_API_KEY", "a", "OPENAI_API_KEY", "o", "GEMINI_API_KEY", "g");

    @TempDir Path directory;

    private ModelSettings settings(Map<String, String> environment) {
        return new ModelSettings(
                directory.resolve("config"),
                new FileKeyStore(directory.resolve("keys")),
                environment,
                Clock.systemUTC());
    }

    private ModelChoice choice(Map<String, String> environment) {
        return new ModelChoice(
                settings(environment), new AgentProfiles(directory.resolve("none")), environment);
    }

    @ParameterizedTest
    @CsvSource({
        "mini, anthropic",
        "claude, anthropic",
        "opencode, anthropic",
        "codex, openai",
        "qwen, openai",
        "gemini, gemini"
    })
    void anAgentAsksTheProviderThatSpeaksItsFormatForItsOwnModel(String agent, String provider)
            throws CountersignException {
        assertThat(choice(ALL_KEYS).of(agent, null, null)).isEqualTo(new Chosen(provider, null));
    }

    @Test
    void theSessionsModelIsStrongerThanTheProvidersDefault() throws CountersignException {
        settings(ALL_KEYS).model("openai", "gpt-team");
        assertThat(choice(ALL_KEYS).of("codex", null, null))
                .isEqualTo(new Chosen("openai", "gpt-team"));
        assertThat(choice(ALL_KEYS).of("codex", "openai", "gpt-mine"))
                .isEqualTo(new Chosen("openai", "gpt-mine"));
        assertThat(choice(ALL_KEYS).of("claude", null, null).model()).isNull();
        assertThat(settings(ALL_KEYS).list()).anyMatch(one -> "gpt-team".equals(one.model()));
        settings(ALL_KEYS).model("openai", null);
        assertThat(choice(ALL_KEYS).of("codex", null, null).model()).isNull();
    }

    @Test
    void aProviderOfAnotherFormatIsRefusedBeforeAMachineStarts() {
        assertThatThrownBy(() -> choice(ALL_KEYS).of("codex", "anthropic", null))
                .hasMessageContaining("speaks the format responses")
                .hasMessageContaining("of kind anthropic");
        assertThatThrownBy(() -> choice(Map.of("ANTHROPIC_API_KEY", "a")).of("codex", null, null))
                .hasMessageContaining("No model is set up for the agent codex")
                .hasMessageContaining("OPENAI_API_KEY");
        assertThatThrownBy(() -> choice(ALL_KEYS).of("codex", "nobody", null))
                .hasMessageContaining("no provider nobody");
    }

    @Test
    void ofSeveralOnesOwnProvidersOneHasToBeNamed() throws CountersignException {
        for (String name : new String[] {"one", "two"}) {
            settings(Map.of())
                    .add(
                            new Tools.Provider(
                                    name,
                                    "openai",
                                    "http://127.0.0.1:1",
                                    null,
                                    false,
                                    name + "-model"),
                            null);
        }
        assertThatThrownBy(() -> choice(Map.of()).of("codex", null, null))
                .hasMessageContaining("one, two");
        assertThat(choice(Map.of()).of("codex", "two", null))
                .isEqualTo(new Chosen("two", "two-model"));
    }

    @Test
    void anAgentWithoutADefaultOfItsOwnIsNotStartedWithoutOne() throws CountersignException {
        assertThatThrownBy(() -> choice(ALL_KEYS).of("copilot", null, null))
                .hasMessageContaining("countersign provider model openai NAME");
        assertThat(choice(ALL_KEYS).of("copilot", null, "gpt-5").model()).isEqualTo("gpt-5");
    }

    @Test
    void aModelsNameIsNoPlaceForOptions() {
        for (String name : new String[] {"a b", "", "x\ny", "$(id)", "\"quoted\""}) {
            assertThatThrownBy(() -> choice(ALL_KEYS).of("claude", null, name))
                    .as(name)
                    .hasMessageContaining("model's name is not one");
        }
        assertThatThrownBy(() -> settings(ALL_KEYS).model("openai", "a b"))
                .hasMessageContaining("model's name is not one");
    }

    @Test
    void theBundledModelTakesAnyName() throws CountersignException {
        assertThat(choice(Map.of()).of("codex", "scripted:tour", null))
                .isEqualTo(new Chosen("scripted:tour", "scripted"));
    }
}
