package dev.countersign.ui.common;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.List;
import javafx.application.Application;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.text.Font;

/// Light and dark, by the system. Faces are bundled; nothing is asked of the machine's own.
public final class Theme {
    private static final List<String> FACES =
            List.of(
                    "Inter-Regular.ttf",
                    "Inter-Medium.ttf",
                    "Inter-SemiBold.ttf",
                    "JetBrainsMonoNL-Regular.ttf",
                    "JetBrainsMonoNL-SemiBold.ttf");

    private Theme() {}

    /// Takes the theme's controls before the first control is made: without it the toolkit reads
    /// its own style sheet first, and for nothing.
    public static void first() {
        controls(Platform.getPreferences().getColorScheme());
    }

    /// Dresses the scene and follows the system from then on.
    public static void follow(Scene scene) {
        Platform.Preferences preferences = Platform.getPreferences();
        wear(scene, preferences.getColorScheme());
        preferences.colorSchemeProperty().addListener((_, _, scheme) -> dress(scene, scheme));
    }

    /// Dresses the scene.
    public static void wear(Scene scene, ColorScheme scheme) {
        loadFaces();
        dress(scene, scheme);
    }

    private static void dress(Scene scene, ColorScheme scheme) {
        controls(scheme);
        scene.getStylesheets()
                .setAll(
                        sheet(scheme == ColorScheme.DARK ? "dark.css" : "light.css"),
                        sheet("window.css"));
    }

    private static void controls(ColorScheme scheme) {
        Application.setUserAgentStylesheet(
                scheme == ColorScheme.DARK
                        ? new PrimerDark().getUserAgentStylesheet()
                        : new PrimerLight().getUserAgentStylesheet());
    }

    /// Whether the system asks for less motion.
    public static boolean still() {
        return Platform.getPreferences().isReducedMotion();
    }

    private static String sheet(String name) {
        return resource(name).toExternalForm();
    }

    private static void loadFaces() {
        for (String face : FACES) {
            try (InputStream in = resource("fonts/" + face).openStream()) {
                Font.loadFont(in, 13);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static URL resource(String name) {
        URL url = Theme.class.getResource("/dev/countersign/ui/" + name);
        if (url == null) {
            throw new IllegalStateException("not packaged: " + name);
        }
        return url;
    }
}
