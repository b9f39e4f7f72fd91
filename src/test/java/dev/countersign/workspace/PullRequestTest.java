package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real git with a bare repository as its server. `gh` and `glab` are stand-ins of that name:
/// what they really speak to is somebody's server and account.
class PullRequestTest {
    private static final String MESSAGE = "--draft the thing\n\nAgent: mini\nApproved-By: dev\n";

    @TempDir Path dir;
    private Path tools;
    private Path server;

    @BeforeEach
    void toolsAndServer() throws Exception {
        tools = Files.createDirectories(dir.resolve("tools"));
        server = Files.createDirectories(dir.resolve("server.git"));
        Rig.run(server, "git", "init", "-q", "--bare");
    }

    private void standIn(String name, String... lines) throws Exception {
        Path file = tools.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Rig rig() throws Exception {
        Rig rig = new Rig(dir.resolve("rig"));
        Rig.write(rig.host, "a", "a\n");
        Rig.gitInit(rig.host);
        Rig.run(rig.host, "git", "remote", "add", "origin", server.toString());
        rig.in();
        Rig.write(rig.guest, "a", "b\n");
        rig.workspace.collect();
        return rig;
    }

    private PullRequests by(Rig rig, String... further) {
        Map<String, String> environment = new HashMap<>();
        String path = tools + ":/usr/local/bin:/usr/bin:/bin";
        environment.put("PATH", String.join(":", further) + (further.length > 0 ? ":" : "") + path);
        environment.put("HOME", dir.toString());
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put("LOG", dir.resolve("log").toString());
        return new PullRequests(rig.host, environment);
    }

    private ApplyOutcome open(Rig rig) throws CountersignException {
        return open(rig, by(rig));
    }

    private static ApplyOutcome open(Rig rig, PullRequests by) throws CountersignException {
        return rig.workspace.apply(
                new Choice.All(rig.review().id()),
                new Target.PullRequest(new Target.Branch("topic", MESSAGE), by));
    }

    private static String branches(Path repository) throws Exception {
        return Rig.run(
                repository, "git", "for-each-ref", "--format=%(refname:short)", "refs/heads");
    }

    @Test
    void aBranchIsPushedAndOpenedWithTheDevelopersOwnTool() throws Exception {
        standIn(
                "gh",
                "case $1 in auth) exit 0;; esac",
                "for word; do printf '<%s>' \"$word\"; done >\"$LOG\"",
                "cat >>\"$LOG\"",
                "echo Creating pull request; echo https://forge.example.org/me/it/pull/7");
        try (Rig rig = rig()) {
            ApplyOutcome done = open(rig);
            assertThat(done.address()).hasToString("https://forge.example.org/me/it/pull/7");
            assertThat(done.to()).isEqualTo("pr:topic");
            assertThat(Rig.run(server, "git", "show", "topic:a")).isEqualTo("b\n");
            assertThat(Files.readString(dir.resolve("log")))
                    .isEqualTo(
                            "<pr><create><--head=topic><--title=--draft the thing><--body-file=->"
                                    + "Agent: mini\nApproved-By: dev");
            assertThat(Rig.read(rig.host, "a")).isEqualTo("a\n");
            assertThat(rig.facts).hasAtLeastOneElementOfType(Fact.Noticed.class);
            assertThat(rig.facts.toString()).contains("goes to the remote origin", "pull/7");
        }
    }

    @Test
    void whereOnlyGlabIsThereItIsTaken() throws Exception {
        standIn(
                "glab",
                "case $1 in auth) exit 0;; esac",
                "for word; do printf '<%s>' \"$word\"; done >\"$LOG\"",
                "echo https://forge.example.org/me/it/-/merge_requests/3");
        try (Rig rig = rig()) {
            assertThat(open(rig).address()).asString().endsWith("merge_requests/3");
            assertThat(Files.readString(dir.resolve("log")))
                    .startsWith("<mr><create><--source-branch=topic><--title=--draft the thing>")
                    .endsWith("<--yes>");
        }
    }

    @Test
    void P10_whatIsMissingIsSaidBeforeAnythingIsMade() throws Exception {
        try (Rig rig = rig()) {
            assertThatThrownBy(() -> open(rig))
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("Neither of gh and glab is installed");
            Path inside = rig.host.resolve("bin");
            Rig.write(rig.host, "bin/gh", "#!/bin/sh\ntouch \"$LOG\"\n");
            Rig.run(rig.host, "chmod", "+x", "bin/gh");
            assertThatThrownBy(() -> open(rig, by(rig, inside.toString(), ".", "bin")))
                    .hasMessageContaining("Neither of gh and glab is installed");
            assertThat(dir.resolve("log")).doesNotExist();
            standIn("gh", "exit 1");
            assertThatThrownBy(() -> open(rig)).hasMessageContaining("gh auth login");
            standIn("gh", "exit 0");
            Rig.run(rig.host, "git", "remote", "remove", "origin");
            assertThatThrownBy(() -> open(rig)).hasMessageContaining("no remote");
            Rig.run(rig.host, "git", "remote", "add", "one", server.toString());
            Rig.run(rig.host, "git", "remote", "add", "two", server.toString());
            assertThatThrownBy(() -> open(rig)).hasMessageContaining("one, two");
            assertThat(branches(rig.host)).isEqualTo("main\n");
            assertThat(branches(server)).isEmpty();
        }
    }

    @Test
    void P3_whatFailsHalfWayLeavesTheBranchAndSaysSo() throws Exception {
        standIn(
                "gh",
                "case $1 in auth) exit 0;; esac",
                "echo 'no such \033[31mserver' >&2; exit 1");
        try (Rig rig = rig()) {
            assertThatThrownBy(() -> open(rig))
                    .hasMessageContaining("was made and pushed to origin and stays")
                    .hasMessageContaining("no such ⟨U+001B⟩[31mserver")
                    .hasMessageContaining("gh pr create --head topic");
            assertThat(Rig.run(rig.host, "git", "show", "topic:a")).isEqualTo("b\n");
            assertThat(branches(server)).isEqualTo("topic\n");
            Rig.run(rig.host, "git", "branch", "-D", "topic");
            // The server has the name already: it is never overwritten.
            String there = Rig.run(server, "git", "rev-parse", "topic");
            Rig.write(rig.guest, "a", "c\n");
            rig.workspace.collect();
            assertThatThrownBy(() -> open(rig))
                    .hasMessageContaining("was made and stays, but pushing it to origin failed");
            assertThat(Rig.run(rig.host, "git", "show", "topic:a")).isEqualTo("c\n");
            assertThat(Rig.run(server, "git", "rev-parse", "topic")).isEqualTo(there);
        }
    }

    @Test
    void noHookOfTheRepositoryRuns() throws Exception {
        standIn("gh", "exit 0");
        try (Rig rig = rig()) {
            Path hook = rig.host.resolve(".git/hooks/pre-push");
            Files.createDirectories(hook.getParent());
            Files.writeString(hook, "#!/bin/sh\ntouch " + dir.resolve("ran") + "\nexit 1\n");
            Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
            open(rig);
            assertThat(dir.resolve("ran")).doesNotExist();
            assertThat(branches(server)).isEqualTo("topic\n");
        }
    }

    @ParameterizedTest(name = "{0} is at {1}")
    @CsvSource({
        "git@forge.example.org:me/it.git, forge.example.org",
        "https://Forge.example.org/me/it, forge.example.org",
        "ssh://git@forge.example.org:2222/me/it, forge.example.org",
        "/srv/git/it.git, ''",
        "file:///srv/git/it.git, ''"
    })
    void theServerIsReadFromTheAddress(String address, String host) {
        assertThat(PullRequests.host(address)).isEqualTo(host);
    }
}
