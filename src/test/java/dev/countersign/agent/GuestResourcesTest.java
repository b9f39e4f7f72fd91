package dev.countersign.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuestResourcesTest {
    @Test
    void scriptsOfBuildToolsMayHaveTheShellReadTheNetworksSettingsAgain() {
        assertThat(GuestResources.networkEnvironment(true, true))
                .containsKeys("JDK_JAVA_OPTIONS", "GRADLE_OPTS", "MAVEN_OPTS", "https_proxy")
                .allSatisfy((name, value) ->
                        assertThat(value).as(name).matches("[A-Za-z0-9 ._:=/,-]*"));
    }
}
