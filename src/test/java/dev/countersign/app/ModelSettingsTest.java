package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.secrets.FileKeyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSettingsTest {
    @TempDir Path directory;

    private ModelSettings settings(Map<String, String> environment) {
        return new ModelSettings(
                directory.resolve("config"),
                new FileKeyStore(directory.resolve("keys")),
                environment,
                Clock.fixed(Instant.parse("2026-11-30T12:00:00Z"), ZoneOffset.UTC));
    }

    @Test
    void P6_aProvidersKeyIsInTheKeyStoreAndNotInTheSettings() throws Exception {
        ModelSettings settings = settings(Map.of());
        String kept =
                settings.add(
                        new Tools.Provider(
                                "work", "openai", "https://llm.example.com/v1", null, true),
                        "sk-secret");
        assertThat(kept).contains("not encrypted");
        Path file = directory.resolve("config/providers.json");
        assertThat(Files.readString(file)).contains("work").doesNotContain("sk-secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new FileKeyStore(directory.resolve("keys")).get("provider.work"))
                .contains("sk-secret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(settings.list()).extracting(Tools.Provider::name).containsExactly("work");
        assertThat(settings.named("work")).isPresent();
        settings.remove("work");
        assertThat(settings.list()).isEmpty();
        assertThat(new FileKeyStore(directory.resolve("keys")).get("provider.work")).isEmpty();
        assertThatThrownBy(() -> settings.remove("work")).hasMessageContaining("no provider work");
    }

    @Test
    void whatIsInTheEnvironmentIsListedWithoutSettingUp() throws Exception {
        assertThat(settings(Map.of("GEMINI_API_KEY", "x")).list())
                .extracting(Tools.Provider::name)
                .containsExactly("gemini");
        assertThat(settings(Map.of()).named("openai")).isPresent();
        assertThat(settings(Map.of()).named("other")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Bad Name, openai, https://x.example, name must be",
        "x, mistral, https://x.example, kind of provider",
        "x, openai, http://x.example, not usable",
        "x, openai, https://u@x.example, not usable"
    })
    void aProviderThatCannotBeIsRefusedAndNotKept(
            String name, String kind, String url, String said) {
        assertThatThrownBy(() ->
                        settings(Map.of())
                                .add(new Tools.Provider(name, kind, url, null, true), "key"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(said);
        assertThat(directory.resolve("config/providers.json")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: 2 | version must be 1",
                "version: 1;prices: {m: {input: 1}} | m.output is missing",
                "version: 1;prices: {m: {input: -1, output: 2}} | m.input must be a number",
                "version: 1;budget: {eur: 1} | unknown key eur",
                "version: 1;budget: x | budget must be a mapping",
                "a: [ | not YAML"
            })
    void aBadPriceTableIsRefusedByName(String yaml, String said) throws Exception {
        Files.createDirectories(directory.resolve("config"));
        Files.writeString(directory.resolve("config/prices.yaml"), yaml.replace(';', '\n'));
        assertThatThrownBy(() -> settings(Map.of()).budget(0, 0))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining(said);
    }

    private Providers providers(Map<String, String> environment) {
        return new Providers(
                settings(environment),
                Duration.ZERO,
                new Random(1),
                Clock.fixed(Instant.parse("2026-11-30T12:00:00Z"), ZoneOffset.UTC));
    }

    @Test
    void whatIsSetUpBeforeThereIsADataPolicyWorksForInternalDataAndNoMore() throws Exception {
        Map<String, String> environment = Map.of("ANTHROPIC_API_KEY", "x");
        try (Providers known = providers(environment)) {
            assertThat(known.admit("scripted:tour", DataClass.RESTRICTED).region())
                    .isEqualTo("this machine");
            assertThat(known.admit("anthropic", DataClass.INTERNAL).record()).isEqualTo("built-in");
            assertThatThrownBy(() -> known.admit("anthropic", DataClass.CONFIDENTIAL))
                    .hasMessageContaining("Confidential data may not go to the provider anthropic")
                    .hasMessageContaining("countersign provider records --example");
        }
        try (Providers elsewhere =
                providers(Map.of("ANTHROPIC_BASE_URL", "https://proxy.example.net"))) {
            assertThatThrownBy(() -> elsewhere.admit("anthropic", DataClass.PUBLIC))
                    .hasMessageContaining("there is no record of it");
        }
    }

    @Test
    void aProviderAtTheAddressOfItsRecordMayHaveTheDataAndAtAnotherNot() throws Exception {
        ModelSettings settings = settings(Map.of());
        Path config = directory.resolve("config");
        Files.createDirectories(config);
        Files.writeString(config.resolve("data-policy.yaml"), settings.exampleRecords());
        settings.add(
                new Tools.Provider("team", "anthropic", "https://eu.llm.example.com", "K", false),
                null);
        try (Providers providers = providers(Map.of())) {
            assertThat(providers.admit("team", DataClass.CONFIDENTIAL).record())
                    .isEqualTo("data-policy.yaml:9");
            settings.add(
                    new Tools.Provider("team", "anthropic", "https://llm.example.com", "K", false),
                    null);
            assertThatThrownBy(() -> providers.admit("team", DataClass.CONFIDENTIAL))
                    .hasMessageContaining("is set up at https://llm.example.com");
        }
        Tools.DataRecords records = settings.records(null);
        assertThat(records.records()).extracting(Tools.DataRecord::counts).containsOnly(true);
        assertThat(records.records().getFirst().due()).isEqualTo("2027-11-02");
    }
}
