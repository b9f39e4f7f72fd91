package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.egress.Origin;
import dev.countersign.egress.Origin.Kind;
import dev.countersign.egress.Origins;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tools as scripts that answer as the real ones do.
class DeveloperOriginsTest {
    @TempDir Path directory;

    @BeforeEach
    void home() throws IOException {
        Files.createDirectories(directory.resolve("home"));
        for (String tool : new String[] {"npm", "python3", "mvn", "cargo", "go", "apt-get"}) {
            tool(tool, "exit 127");
        }
    }

    private Origins look() {
        return new DeveloperOrigins(
                        directory.resolve("home"),
                        directory.resolve("scratch"),
                        Map.of(
                                "PATH",
                                directory.resolve("bin") + ":/usr/bin:/bin",
                                "NPM_WORD",
                                "from the environment"),
                        Clock.systemUTC())
                .get();
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
    }

    private void tool(String name, String script) throws IOException {
        write("bin/" + name, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(
                directory.resolve("bin/" + name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String basic(String login) {
        return "Basic "
                + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void npmsRegistriesComeWithWhatItLogsInWith() throws IOException {
        tool(
                "npm",
                "pwd > cwd; printf '{\"registry\":\"https://mirror.example.org/npm/\",\"@acme:registry\":\"https://own.example.org/\",\"userconfig\":\"%s\",\"globalconfig\":\"/nowhere\"}' "
                        + directory.resolve("home/.npmrc"));
        write(
                "home/.npmrc",
                "//mirror.example.org/:_authToken=${NPM_WORD}\n//own.example.org/:username = me\n//own.example.org/:_password=\"c2VjcmV0\"\n");
        Origins found = look();
        assertThat(found.of(Kind.NPM))
                .extracting(
                        Origin::id,
                        one -> one.base().toString(),
                        Origin::scope,
                        Origin::authorization)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "npm",
                                "https://mirror.example.org/npm/",
                                "",
                                "Bearer from the environment"),
                        org.assertj.core.groups.Tuple.tuple(
                                "npm.1", "https://own.example.org/", "@acme", basic("me:secret")));
        assertThat(Files.readString(directory.resolve("scratch/cwd")).strip())
                .as("where no repository has a word")
                .isEqualTo(directory.resolve("scratch").toRealPath().toString());
    }

    @Test
    void pipsIndexesAreThoseOfItsHelpAndSettings() throws IOException {
        write("home/.netrc", "machine extra.example.org login me password word\n");
        tool(
                "python3",
                """
                case "$4" in
                --help) echo "  -i, --index-url <url>  Base URL of the Python Package Index (default https://user:pw@pip.example.org/simple). This" ;;
                *) echo "global.extra-index-url='https://extra.example.org/simple'" ;;
                esac\
                """);
        assertThat(look().of(Kind.PYPI))
                .extracting(one -> one.base().toString(), Origin::authorization)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "https://pip.example.org/simple/", basic("user:pw")),
                        org.assertj.core.groups.Tuple.tuple(
                                "https://extra.example.org/simple/", basic("me:word")));
    }

    @Test
    void mavensMirrorOfCentralCountsBeforeWhatIsBuiltIn() throws IOException {
        tool("mvn", "echo 'Maven home: " + directory.resolve("maven") + "'");
        Files.createDirectories(directory.resolve("maven/lib"));
        try (OutputStream out =
                        Files.newOutputStream(
                                directory.resolve("maven/lib/maven-model-builder-3.9.9.jar"));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("org/apache/maven/model/pom-4.0.0.xml"));
            zip.write(
                    "<project><repositories><repository><id>central</id><url>https://built-in.example.org/m2</url></repository></repositories></project>"
                            .getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        assertThat(look().of(Kind.MAVEN))
                .singleElement()
                .satisfies(one ->
                        assertThat(one.base()).hasToString("https://built-in.example.org/m2/"));

        write(
                "home/.m2/settings.xml",
                """
                <settings><servers><server><id>corp</id><username>me</username><password>word</password></server></servers>
                <mirrors><mirror><id>corp</id><mirrorOf>*,!jboss</mirrorOf><url>https://maven.example.org/all</url></mirror></mirrors></settings>
                """);
        assertThat(look().of(Kind.MAVEN))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.base()).hasToString("https://maven.example.org/all/");
                    assertThat(one.authorization()).isEqualTo(basic("me:word"));
                    assertThat(one.scope()).isEqualTo("*,!jboss");
                });
    }

    @Test
    void cargoSaysWhatItCouldNotReach() throws IOException {
        tool(
                "cargo",
                "test \"$CARGO_HTTP_PROXY\" = http://127.0.0.1:1 || exit 3; grep -q looks-for Cargo.toml || exit 4; echo '  failed to download from `https://crates.example.org/index/config.json`' >&2; exit 101");
        assertThat(look().of(Kind.CARGO))
                .singleElement()
                .satisfies(one ->
                        assertThat(one.base()).hasToString("https://crates.example.org/index/"));
    }

    @Test
    void goAndAptAreAskedInTheirOwnWords() throws IOException {
        tool("go", "echo 'https://go.example.org,https://second.example.org|direct'");
        tool(
                "apt-get",
                "test \"$1\" = indextargets || exit 1; echo http://deb.example.org/debian/; echo cdrom://x; echo http://deb.example.org/debian/");
        Origins found = look();
        assertThat(found.of(Kind.GO)).extracting(Origin::id).containsExactly("go", "go.1");
        assertThat(found.of(Kind.APT))
                .extracting(one -> one.base().toString())
                .containsExactly("http://deb.example.org/debian/");
    }

    @Test
    void aToolThatIsMissingFailsOrSaysNonsenseIsAbsentWithItsReason() throws IOException {
        tool("npm", "echo nothing of use");
        tool("go", "echo off");
        tool("python3", "exit 1");
        tool("cargo", "echo error: no such command >&2; exit 101");
        tool("mvn", "exit 127");
        Origins found = look();
        assertThat(found.present()).isEmpty();
        assertThat(found.absent())
                .containsEntry(Kind.GO, "go on the host is set up with no proxy")
                .containsEntry(Kind.MAVEN, "mvn is not installed on the host")
                .containsEntry(Kind.PYPI, "python3 on the host does not say its registry")
                .containsKeys(Kind.NPM, Kind.CARGO, Kind.APT);
    }
}
