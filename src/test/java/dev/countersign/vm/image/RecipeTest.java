package dev.countersign.vm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {
    private static final Path SOURCE = Path.of("lima-templates/image");

    private final Recipe recipe = Recipe.bundled();

    @TempDir Path directory;

    @Test
    void theBundledRecipeIsTheOneInTheTree() throws IOException, CountersignException {
        assertThat(recipe.digest(ImageSettings.BASE, "x86_64"))
                .isEqualTo(Recipe.read(SOURCE).digest(ImageSettings.BASE, "x86_64"));
    }

    @Test
    void theSameFilesGiveTheSameDigestFromAJar() throws IOException, CountersignException {
        URI jar = URI.create("jar:" + directory.resolve("recipe.jar").toUri());
        try (FileSystem inside = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
            Path root = inside.getPath("/recipe");
            try (Stream<Path> files = Files.walk(SOURCE)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path copy = root.resolve(SOURCE.relativize(file).toString());
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
            assertThat(Recipe.read(root).digest(ImageSettings.BASE, "x86_64"))
                    .isEqualTo(recipe.digest(ImageSettings.BASE, "x86_64"));
        }
    }

    @Test
    void equalNeedsGiveEqualDigestsAndOtherNeedsOtherOnes() throws CountersignException {
        ImageSettings one = new ImageSettings(List.of("maven", "jdk"), List.of("vim", "nano"));
        ImageSettings same =
                new ImageSettings(List.of("jdk", "maven", "jdk"), List.of("nano", "vim"));

        assertThat(recipe.digest(one, "x86_64")).isEqualTo(recipe.digest(same, "x86_64"));
        assertThat(
                        List.of(
                                recipe.digest(one, "x86_64"),
                                recipe.digest(one, "aarch64"),
                                recipe.digest(ImageSettings.BASE, "x86_64"),
                                recipe.digest(
                                        new ImageSettings(List.of(), List.of("nano")), "x86_64")))
                .doesNotHaveDuplicates();
    }

    @Test
    void anyChangeOfAFileChangesTheDigest() throws IOException, CountersignException {
        recipe.unpackInto(directory);
        Path boot = directory.resolve("root/usr/lib/countersign/boot");
        Files.writeString(boot, Files.readString(boot) + "# more\n");

        assertThat(Recipe.read(directory).digest(ImageSettings.BASE, "x86_64"))
                .isNotEqualTo(recipe.digest(ImageSettings.BASE, "x86_64"));
    }

    @Test
    void unpackedProgramsRunAndTheRestDoesNot() throws IOException {
        recipe.unpackInto(directory);

        assertThat(directory.resolve("build.sh")).isExecutable();
        assertThat(directory.resolve("root/usr/lib/countersign/boot")).isExecutable();
        assertThat(Files.isExecutable(directory.resolve("packages.list"))).isFalse();
        assertThat(Files.isExecutable(directory.resolve("root/etc/ssh/sshd_config"))).isFalse();
        assertThat(Files.getPosixFilePermissions(directory.resolve("root/etc")).toString())
                .contains("OTHERS_EXECUTE");
    }

    @Test
    void everyProgramInTheTreeStartsWithItsInterpreter() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file).startsWith("#!"))
                        .as(file.toString())
                        .isEqualTo(Files.isExecutable(file));
            }
        }
    }

    @Test
    void everyListedPackageIsANameThatDebianCouldHave() throws CountersignException {
        Pattern name = Pattern.compile("[a-z0-9][a-z0-9+.-]+");
        ImageSettings everything =
                new ImageSettings(List.copyOf(recipe.toolchains().keySet()), List.of());

        assertThat(recipe.packages(everything, "x86_64"))
                .allSatisfy(p -> assertThat(p).matches(name))
                .contains("linux-image-cloud-amd64", "default-jdk-headless", "python3", "ripgrep");
        assertThat(recipe.packages(ImageSettings.BASE, "aarch64"))
                .contains("linux-image-cloud-arm64");
    }

    @Test
    void anUnknownToolchainIsNamedWithThoseThatAreKnown() {
        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() ->
                        recipe.digest(new ImageSettings(List.of("cobol"), List.of()), "x86_64"))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.USAGE))
                .withMessageContaining("\"cobol\"")
                .withMessageContaining("jdk, maven");
    }

    @Test
    void theGuestTakesNoPasswordAndReachesNothingThroughTheHostsClient() throws IOException {
        String sshd = Files.readString(SOURCE.resolve("root/etc/ssh/sshd_config"));

        assertThat(sshd.lines())
                .contains(
                        "AllowUsers root operator",
                        "PasswordAuthentication no",
                        "PermitRootLogin prohibit-password",
                        "AllowAgentForwarding no",
                        "AllowTcpForwarding remote",
                        "AllowStreamLocalForwarding yes",
                        "StreamLocalBindUnlink yes",
                        "PermitTunnel no",
                        "X11Forwarding no");
    }
}
