package dev.countersign.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final String SEPARATOR = System.getProperty("path.separator");

    @Test
    void theLaunchersOwnFlagsComeFirst() {
        assertThat(Program.engineCommand("/run", List.of("-Xmx9g"), "a.jar", null))
                .contains("@" + Path.of("/run", "engine.args"))
                .doesNotContain("-cp", "-Xmx9g");
    }

    @Test
    void theEngineFindsEverythingFromAnotherDirectory() {
        List<String> command =
                Program.engineCommand(
                        null,
                        List.of(
                                "--module-path=lib/fx.jar",
                                "--add-modules=javafx.controls",
                                "--enable-native-access=ALL-UNNAMED,javafx.graphics",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Dkept=yes"),
                        "classes" + SEPARATOR + "lib/a.jar",
                        "lib/fx.jar" + SEPARATOR + "/opt/fx2.jar");
        assertThat(command)
                .contains("-XX:+UseSerialGC", "-Dkept=yes", "--enable-native-access=ALL-UNNAMED")
                .noneMatch(word ->
                        word.startsWith("--module-path")
                                || word.startsWith("--add-modules")
                                || word.startsWith("-XX:TieredStopAtLevel")
                                || word.contains("javafx"));
        String here = Path.of("").toAbsolutePath().toString();
        assertThat(command.get(command.indexOf("-cp") + 1))
                .isEqualTo(
                        String.join(
                                SEPARATOR,
                                here + "/classes",
                                here + "/lib/a.jar",
                                here + "/lib/fx.jar",
                                "/opt/fx2.jar"));
        assertThat(command).endsWith("dev.countersign.app.Main", "engine");
    }
}
