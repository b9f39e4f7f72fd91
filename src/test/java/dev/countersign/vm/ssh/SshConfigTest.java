package dev.countersign.vm.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshConfigTest {
    @TempDir Path dir;

    /// `ssh -G` prints what ssh really makes of a configuration.
    private List<String> effective() throws Exception {
        Path config = dir.resolve("config");
        LinkSettings link =
                new LinkSettings(
                        Path.of("ssh"),
                        "countersign-s-1",
                        Path.of("/home/a user/lima/s-1/s"),
                        Path.of("/home/a user/lima/_config/user"),
                        List.of());
        Files.writeString(config, SshConfig.render(link, 2222));
        Process ssh =
                new ProcessBuilder("ssh", "-G", "-F", config.toString(), "countersign-s-1")
                        .redirectErrorStream(true)
                        .start();
        List<String> lines =
                Arrays.asList(
                        new String(
                                        ssh.getInputStream().readAllBytes(),
                                        java.nio.charset.StandardCharsets.UTF_8)
                                .split("\n"));
        assertThat(ssh.waitFor()).as(lines.toString()).isZero();
        return lines;
    }

    @Test
    void sshItselfReadsTheOptionsForAHostileServer() throws Exception {
        assertThat(effective())
                .contains(
                        "hostname 127.0.0.1",
                        "port 2222",
                        "user root",
                        "hostkeyalias countersign-s-1",
                        "stricthostkeychecking true",
                        "userknownhostsfile /home/a user/lima/s-1/s/known_hosts",
                        "globalknownhostsfile /dev/null",
                        "updatehostkeys false",
                        "identitiesonly yes",
                        "identityagent none",
                        "forwardagent no",
                        "forwardx11 no",
                        "tunnel false",
                        "permitlocalcommand no",
                        "escapechar none",
                        "exitonforwardfailure yes",
                        "batchmode yes",
                        "preferredauthentications publickey")
                .anyMatch(line -> line.startsWith("ciphers aes128-gcm@openssh.com,"))
                .anyMatch(line -> line.startsWith("kexalgorithms curve25519-sha256,"))
                .noneMatch(line -> line.startsWith("remoteforward"))
                .noneMatch(line -> line.startsWith("localforward"))
                .noneMatch(line -> line.startsWith("dynamicforward"))
                .noneMatch(line -> line.startsWith("sendenv"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/%h",
                "/a/$HOME",
                "/a/b:c",
                "/a/\"b",
                "/a\nProxyCommand x",
                "/a,b",
                "rel",
                "/ä"
            })
    void aPathThatCouldMeanSomethingElseIsRefused(String path) {
        assertThatThrownBy(() -> LinkPaths.checkPlain(Path.of(path)))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("COUNTERSIGN_HOME");
    }

    @Test
    void aSocketWithTooLongAPathIsRefusedBeforeAnythingStarts() throws Exception {
        LinkPaths.checkSocket(Path.of("/" + "a".repeat(80)), 17);
        assertThatThrownBy(() -> LinkPaths.checkSocket(Path.of("/" + "a".repeat(90)), 17))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("108 bytes")
                .hasMessageContaining("shorter path");
    }
}
