package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentProfilesTest {
    private static final String OWN =
            """
            version: 1
            name: mine
            release: 1.2.3
            wire: messages
            program: /usr/bin/mine
            first: [go]
            then: [go, --continue]
            """;

    @TempDir Path directory;

    @Test
    void allSixAgentsAreKnownWithPinsForThisArchitecture() throws CountersignException {
        List<AgentProfile> all = new AgentProfiles(directory.resolve("none")).all();
        assertThat(all)
                .extracting(AgentProfile::name)
                .containsExactly(
                        "mini", "claude", "codex", "opencode", "gemini", "qwen", "copilot");
        for (AgentProfile profile : all.subList(1, all.size())) {
            assertThat(NpmPackages.pin(profile, "x86_64"))
                    .isEqualTo(NpmPackages.pin(profile, "x86_64"));
            assertThat(profile.gate()).isEqualTo("boundary-enforced");
        }
        assertThat(all.stream().skip(1).map(p -> pin(p, "x86_64")).distinct()).hasSize(6);
        assertThatThrownBy(() -> NpmPackages.pin(AgentProfiles.mini(), "x86_64"))
                .hasMessageContaining("in every guest already");
        assertThatThrownBy(() -> NpmPackages.pin(named("opencode"), "aarch64"))
                .hasMessageContaining("No package of opencode for aarch64");
    }

    private AgentProfile named(String name) throws CountersignException {
        return new AgentProfiles(directory).named(name);
    }

    private static String pin(AgentProfile profile, String architecture) {
        try {
            return NpmPackages.pin(profile, architecture).hex();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void P6_noProfileCarriesAKey() throws CountersignException {
        for (AgentProfile profile : new AgentProfiles(directory).all()) {
            profile.environment()
                    .forEach((name, value) -> {
                        if (name.endsWith("_KEY")) {
                            assertThat(value).isEqualTo(AgentProfiles.PLACEHOLDER_KEY);
                        }
                    });
        }
    }

    @Test
    void aProfileOfOnesOwnIsTakenAndForgotten() throws IOException, CountersignException {
        AgentProfiles profiles = new AgentProfiles(directory.resolve("agents"));
        Path file = Files.writeString(directory.resolve("some.yaml"), OWN);
        assertThat(profiles.add(file).name()).isEqualTo("mine");
        assertThat(profiles.named("mine").version()).isEqualTo("1.2.3");
        assertThat(profiles.all()).hasSize(8);
        profiles.remove("mine");
        assertThatThrownBy(() -> profiles.named("mine"))
                .hasMessageContaining("countersign agent add FILE");
        assertThatThrownBy(() -> profiles.remove("codex")).hasMessageContaining("stays");
        Files.writeString(file, OWN.replace("name: mine", "name: codex"));
        assertThatThrownBy(() -> profiles.add(file)).hasMessageContaining("another name");
    }

    @Test
    void aProfileThatIsNotUnderstoodIsRefusedWithItsLine() {
        refused(OWN.replace("wire: messages", "wire: morse"), "line 4: wire is none of");
        refused(OWN.replace("release: 1.2.3", "release: ^1.2"), "line 3: release is not three");
        refused(OWN.replace("first: [go]", "frist: [go]"), "line 6: unknown key frist");
        refused(OWN + "environment: {\"A B\": x}\n", "line 8: a variable is a plain name");
        refused(
                OWN + "files: {/home/agent/.bashrc: x}\n",
                "line 8: a managed file lies below /etc");
        refused(OWN + "files: {/etc/../opt/x: x}\n", "line 8: a managed file lies below /etc");
        refused(OWN.replace("program: /usr/bin/mine", "program: mine"), "line 5: program must be");
        refused(OWN.replace("name: mine", "name: ../mine"), "line 2: name must be");
        refused("name: [", "line");
        refused("", "is empty");
    }

    /// A model that nobody chose must not be named: the agent's own default counts then.
    @Test
    void everyAgentIsToldTheChosenModelAndNoneIfNobodyChose() throws CountersignException {
        for (AgentProfile profile : new AgentProfiles(directory).all()) {
            List<String> chosen =
                    AgentRun.unit(profile, RunOptions.withModel("vendor/some-model:1"));
            assertThat(chosen)
                    .as(profile.name())
                    .anyMatch(word -> word.contains("vendor/some-model:1"));
            assertThat(chosen).noneMatch(word -> word.contains("{model}"));
            List<String> own = AgentRun.unit(profile, RunOptions.withModel(null));
            assertThat(own)
                    .as(profile.name())
                    .noneMatch(word -> word.contains("{model}") || word.contains("MODEL="))
                    .contains("/usr/bin/python3");
            assertThat(own).as("nothing else is left out").hasSizeGreaterThan(chosen.size() - 7);
        }
        AgentProfile.Program copilot = Objects.requireNonNull(named("copilot").program());
        assertThat(copilot.modelNeeded()).isTrue();
    }

    @Test
    void whatAProfileReplacesInAProgramIsThereOnceOrNothingIsBuilt() throws Exception {
        Path program = directory.resolve("program");
        var replacement = new AgentProfile.Replacement("program", "load(all)", "load([ ])");
        Files.writeString(program, "begin load(all) end");
        NpmPackages.replace(replacement, directory);
        assertThat(program).hasContent("begin load([ ]) end");
        for (String other : List.of("begin load(none) end", "load(all) load(all)", "load(al")) {
            Files.writeString(program, other);
            assertThatThrownBy(() -> NpmPackages.replace(replacement, directory))
                    .hasMessageContaining("not there exactly once");
            assertThat(program).hasContent(other);
        }
        AgentProfile opencode = named("opencode");
        String yaml =
                new String(
                        Objects.requireNonNull(
                                        AgentProfiles.class.getResourceAsStream(
                                                "/dev/countersign/agents/opencode.yaml"))
                                .readAllBytes(),
                        StandardCharsets.UTF_8);
        assertThat(
                        pin(
                                ProfileFile.read(
                                        "x", yaml.replace("not loaded", "not looked"), true),
                                "x86_64"))
                .as("the image's digest covers it")
                .isNotEqualTo(pin(opencode, "x86_64"));
        refused(
                yaml.replace("/*not loaded*/", "/**/"),
                "from and to must have the same number of bytes");
    }

    private static void refused(String yaml, String why) {
        assertThatThrownBy(() -> ProfileFile.read("own.yaml", yaml, false))
                .isInstanceOf(CountersignException.class)
                .hasMessageStartingWith("own.yaml")
                .hasMessageContaining(why);
    }

    @Test
    void anAgentOlderThanItsFloorByItsOwnWordIsNotStarted() throws CountersignException {
        AgentProfile claude = named("claude");
        AgentProfile.Program program = Objects.requireNonNull(claude.program());
        AgentRun.checkVersion(claude, program, "2.1.330 (Claude Code)\n");
        AgentRun.checkVersion(claude, program, "2.1.295 (Claude Code)\n");
        for (String said :
                List.of("2.1.197 (Claude Code)", "2.1.294", "hello", "", "2.1.330-rc.1")) {
            assertThatThrownBy(() -> AgentRun.checkVersion(claude, program, said))
                    .as(said)
                    .hasMessageContaining("countersign image build --agents claude");
        }
    }
}
