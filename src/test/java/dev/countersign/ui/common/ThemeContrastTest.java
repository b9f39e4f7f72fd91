package dev.countersign.ui.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// WCAG 2 contrast over the theme files, for every pair of text and ground that is in use.
class ThemeContrastTest {
    private static final Path RESOURCES = Path.of("src/main/resources/dev/countersign/ui");
    private static final Pattern TOKEN = Pattern.compile("-cs-([a-z-]+):\\s*#([0-9a-f]{6});");

    private static Map<String, Integer> theme(String name) {
        try {
            Map<String, Integer> colours = new HashMap<>();
            Matcher matcher = TOKEN.matcher(Files.readString(RESOURCES.resolve(name + ".css")));
            while (matcher.find()) {
                colours.put(matcher.group(1), Integer.parseInt(matcher.group(2), 16));
            }
            return colours;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int colour(Map<String, Integer> theme, String token) {
        return Objects.requireNonNull(theme.get(token), token);
    }

    private static double channel(int value) {
        double c = value / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    private static double luminance(int rgb) {
        return 0.2126 * channel(rgb >> 16 & 255)
                + 0.7152 * channel(rgb >> 8 & 255)
                + 0.0722 * channel(rgb & 255);
    }

    private static double contrast(int a, int b) {
        double x = luminance(a);
        double y = luminance(b);
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    }

    @ParameterizedTest(name = "{0} on {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    fg-default     | bg-default bg-subtle bg-inset bg-raised bg-hover bg-selected guest-bg low-bg medium-bg high-bg critical-bg accent-subtle add-bg del-bg add-word del-word
                    fg-muted       | bg-default bg-subtle bg-inset bg-raised bg-hover bg-selected low-bg medium-bg high-bg critical-bg
                    fg-subtle      | bg-default bg-subtle bg-inset bg-raised bg-hover add-bg del-bg
                    accent-fg      | bg-default bg-subtle bg-raised bg-hover bg-selected bg-inset accent-subtle
                    low-fg         | bg-default bg-subtle bg-raised bg-hover bg-selected low-bg
                    medium-fg      | bg-default bg-raised bg-hover medium-bg
                    high-fg        | bg-default bg-subtle bg-raised bg-hover high-bg
                    critical-fg    | bg-default bg-subtle bg-raised bg-hover bg-selected critical-bg
                    guest-fg       | guest-bg
                    guest-label    | guest-bg
                    add-fg         | add-bg
                    del-fg         | del-bg
                    syntax-keyword | bg-default add-bg del-bg add-word del-word
                    syntax-text    | bg-default add-bg del-bg add-word del-word
                    syntax-number  | bg-default add-bg del-bg add-word del-word
                    syntax-comment | bg-default add-bg del-bg add-word del-word
                    on-accent      | accent-emphasis
                    on-critical    | critical-emphasis
                    fg-inverse     | bg-inverse
                    """)
    void textIsReadableInBothThemes(String text, String grounds) {
        for (String name : new String[] {"light", "dark"}) {
            Map<String, Integer> theme = theme(name);
            for (String ground : grounds.split(" ")) {
                assertThat(contrast(colour(theme, text), colour(theme, ground)))
                        .as("%s on %s, %s", text, ground, name)
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void outlinesOfInputsAreSeen(String name) {
        Map<String, Integer> theme = theme(name);
        for (String ground : new String[] {"bg-default", "bg-raised", "bg-subtle"}) {
            assertThat(contrast(colour(theme, "border-control"), colour(theme, ground)))
                    .as("border-control on %s", ground)
                    .isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void bothThemesHaveTheSameTokensAndTheSheetUsesOnlyThose() throws IOException {
        assertThat(theme("light").keySet()).isEqualTo(theme("dark").keySet());
        TreeSet<String> used = new TreeSet<>();
        Matcher matcher =
                Pattern.compile("-cs-([a-z-]+)")
                        .matcher(Files.readString(RESOURCES.resolve("window.css")));
        while (matcher.find()) {
            used.add(matcher.group(1));
        }
        used.removeAll(theme("light").keySet());
        assertThat(used).containsOnly("scrim", "shadow");
    }

    @Test
    void theSheetHasNoColourOfItsOwn() throws IOException {
        assertThat(Files.readString(RESOURCES.resolve("window.css")))
                .doesNotContainPattern("#[0-9a-fA-F]{3,8}\\b|rgba?\\(");
    }
}
