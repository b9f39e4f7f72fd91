package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeveloperRegistriesTest {
    @TempDir Path directory;

    private DeveloperRegistries registries() {
        return new DeveloperRegistries(
                directory.resolve("home"),
                directory.resolve("etc"),
                Map.of("PATH", directory.resolve("bin") + ":/usr/bin:/bin"),
                Clock.systemUTC());
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(java.util.Objects.requireNonNull(path.getParent()));
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void registriesAreThoseThatTheDevelopersToolsName() throws IOException {
        Files.createDirectories(directory.resolve("home"));
        write("bin/npm", "#!/bin/sh\npwd > cwd\necho https://user:pw@npm.example.org/path/\n");
        write(
                "bin/go",
                "#!/bin/sh\necho 'https://go.example.org,https://other.example.org|direct'\n");
        write(
                "home/.m2/settings.xml",
                "<settings xmlns=\"http://schema.example.org/S\"><!-- <url>http://old.example.org</url> --><mirrors><mirror><url>https://Maven.example.org/m2</url></mirror></mirrors></settings>");
        write(
                "etc/apt/sources.list.d/d.sources",
                "# http://was.example.org/\nURIs: http://deb.example.org/debian\n");
        write("etc/apt/sources.list.d/notes.txt", "http://no.example.org/\n");
        DeveloperRegistries registries = registries();
        assertThat(registries.known("npm.example.org"))
                .contains("the registry that your npm is set up with");
        assertThat(registries.known("other.example.org"))
                .hasValueSatisfying(what -> assertThat(what).contains("go"));
        assertThat(registries.known("maven.example.org"))
                .hasValueSatisfying(what -> assertThat(what).contains("Maven"));
        assertThat(registries.known("deb.example.org"))
                .hasValueSatisfying(what -> assertThat(what).contains("apt"));
        for (String host :
                new String[] {
                    "user",
                    "old.example.org",
                    "was.example.org",
                    "no.example.org",
                    "schema.example.org"
                }) {
            assertThat(registries.known(host)).as(host).isEmpty();
        }
        assertThat(Files.readString(directory.resolve("home/cwd")).strip())
                .as("npm reads the settings of where it runs")
                .isEqualTo(directory.resolve("home").toRealPath().toString());
    }

    @Test
    void aToolThatIsMissingOrFailsSaysNothing() throws IOException {
        Files.createDirectories(directory.resolve("home"));
        write("bin/npm", "#!/bin/sh\necho https://npm.example.org/; exit 1\n");
        write("bin/go", "#!/bin/sh\nexit 2\n");
        assertThat(registries().known("npm.example.org")).isEmpty();
    }
}
