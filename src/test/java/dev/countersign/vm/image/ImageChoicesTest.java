package dev.countersign.vm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageChoicesTest {
    private static final Path HOME = Path.of("/home/me");

    @TempDir Path directory;

    @Test
    void withoutAFileEveryRepositoryGetsTheBase() throws CountersignException {
        assertThat(ImageChoices.read(directory.resolve("none.yaml"), HOME).of(Path.of("/src/a")))
                .isEqualTo(ImageSettings.BASE);
    }

    @Test
    void aRepositoryGetsItsOwnEntryAndTheOthersTheDefault()
            throws IOException, CountersignException {
        ImageChoices choices =
                read(
                        """
                        version: 1
                        default: {with: [python]}
                        repositories:
                          ~/src/shop: {with: [maven, jdk], packages: [libpq-dev]}
                          /srv/../srv/plain:
                        """);

        assertThat(choices.of(Path.of("/home/me/src/shop")))
                .isEqualTo(new ImageSettings(List.of("jdk", "maven"), List.of("libpq-dev")));
        assertThat(choices.of(Path.of("/home/me/src/./shop/")).packages())
                .containsExactly("libpq-dev");
        assertThat(choices.of(Path.of("/srv/plain"))).isEqualTo(ImageSettings.BASE);
        assertThat(choices.of(Path.of("/home/me/src/other")).toolchains())
                .containsExactly("python");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    'version: 2'                                                   | must say `version: 1`
                    'version: 1\ncolour: blue'                                     | unknown key "colour"
                    'version: 1\ndefault: {with: jdk}'                             | must be a list of names
                    'version: 1\ndefault: {with: [1]}'                             | must be a list of names
                    'version: 1\ndefault: {packages: ["vim; rm"]}'                 | no name of a Debian package
                    'version: 1\ndefault: {packages: ["../x"]}'                    | no name of a Debian package
                    'version: 1\ndefault: {packages: ["curl-"]}'                   | no name of a Debian package
                    'version: 1\nrepositories: {src/shop: {}}'                     | must be an absolute path
                    'version: 1\nrepositories: {/a: {image: x}}'                   | unknown key "image"
                    'version: 1\nversion: 1'                                       | line 2
                    'version: 1\ndefault: !!java.net.URL ["http://localhost/"]'    | line 2
                    '- a'                                                          | must be a mapping
                    'version: ['                                                   | line
                    """)
    void refusesWhatItDoesNotUnderstand(String text, String reason) {
        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> read(text.replace("\\n", "\n")))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.USAGE))
                .withMessageContaining(reason);
    }

    private ImageChoices read(String text) throws IOException, CountersignException {
        return ImageChoices.read(Files.writeString(directory.resolve("images.yaml"), text), HOME);
    }
}
