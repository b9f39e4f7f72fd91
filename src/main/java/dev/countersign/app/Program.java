package dev.countersign.app;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/// This very program: its version, its build, and how to start it once more.
final class Program {
    private static final String LOGS = "-Dcountersign.log.level=INFO";

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
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String run = System.getProperty("countersign.run");
        if (run != null) {
            command.add("@" + Path.of(run, "engine.args"));
            command.add(LOGS);
            command.add(Main.class.getName());
            command.add("engine");
            return command;
        }
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-XX:TieredStopAtLevel")
                    && !flag.startsWith("-XX:SharedArchiveFile")
                    && !flag.startsWith("-XX:AOT")
                    && !flag.startsWith("-Xmx")
                    && !flag.startsWith("-agentlib")) {
                command.add(flag);
            }
        }
        command.add("-Xmx512m");
        command.add(LOGS);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.add("engine");
        return command;
    }
}
