package dev.countersign.app;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// This very program: its version, its build, and how to start it once more.
final class Program {
    private static final String LOGS = "-Dcountersign.log.level=INFO";
    private static final String SEPARATOR = System.getProperty("path.separator");

    /// Flags of a window or a command that an engine does not take over.
    private static final List<String> NOT_THE_ENGINES =
            List.of(
                    "-XX:TieredStopAtLevel",
                    "-XX:SharedArchiveFile",
                    "-XX:AOT",
                    "-Xmx",
                    "-agentlib",
                    "--module-path",
                    "--add-modules",
                    "--enable-native-access",
                    "-Dcountersign.log.level=");

    private Program() {}

    /// The version that Maven wrote into the jar; `dev` when run from classes.
    static String version() {
        Properties properties = new Properties();
        try (InputStream in =
                Program.class.getResourceAsStream("/dev/countersign/app/version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return "dev";
        }
        return properties.getProperty("version", "dev");
    }

    /// Tells one build of the program from another: the name of the copy that it runs from, else
    /// where its code lies, how large and how old it is.
    static String build() {
        String run = System.getProperty("countersign.run");
        if (run != null) {
            return version() + "-" + Path.of(run).getFileName();
        }
        try {
            Path code =
                    Path.of(
                            Program.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return "%s-%d-%d"
                    .formatted(
                            version(),
                            Files.isRegularFile(code) ? Files.size(code) : 0,
                            Files.getLastModifiedTime(code).toMillis());
        } catch (URISyntaxException | IOException e) {
            return version();
        }
    }

    /// The engine's argv: the launcher's own file of flags, else the same java, flags and class
    /// path as this process has, without the flags that make a command start fast but an engine
    /// slow.
    static List<String> engineCommand() {
        return engineCommand(
                System.getProperty("countersign.run"),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path"));
    }

    /// The engine starts in another directory than this process: paths are made absolute. It needs
    /// no toolkit: what a window has on its module path comes to the class path.
    ///
    /// @param run where the launcher keeps its files of flags, if it started this
    /// @param flags of this java, such as `--add-modules=javafx.controls`
    static List<String> engineCommand(
            @Nullable String run,
            List<String> flags,
            String classPath,
            @Nullable String modulePath) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (run != null) {
            command.add("@" + Path.of(run, "engine.args"));
            command.add(LOGS);
            command.add(Main.class.getName());
            command.add("engine");
            return command;
        }
        for (String flag : flags) {
            if (NOT_THE_ENGINES.stream().noneMatch(flag::startsWith)) {
                command.add(flag);
            }
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xmx512m");
        command.add(LOGS);
        command.add("-cp");
        command.add(absolute(modulePath == null ? classPath : classPath + SEPARATOR + modulePath));
        command.add(Main.class.getName());
        command.add("engine");
        return command;
    }

    /// The window's argv: the launcher's, else this java with the same class path.
    static List<String> windowCommand() {
        String launcher = System.getProperty("countersign.launcher");
        if (launcher != null) {
            return List.of(launcher);
        }
        List<String> engine =
                engineCommand(
                        null,
                        ManagementFactory.getRuntimeMXBean().getInputArguments(),
                        System.getProperty("java.class.path"),
                        System.getProperty("jdk.module.path"));
        return engine.subList(0, engine.size() - 1);
    }

    /// An empty entry means the directory that java was started in.
    private static String absolute(String path) {
        return Arrays.stream(path.split(SEPARATOR, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize().toString())
                .distinct()
                .collect(Collectors.joining(SEPARATOR));
    }
}
