package dev.countersign.vm.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a memory state must find again on the host.
public final class HostCpu {
    private HostCpu() {}

    /// Model and flags of the first processor, or what the JDK knows where there is no `/proc`.
    public static String text() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.takeWhile(line -> !line.isBlank())
                    .filter(line ->
                            line.startsWith("model name")
                                    || line.startsWith("flags")
                                    || line.startsWith("Features")
                                    || line.startsWith("CPU part"))
                    .collect(Collectors.joining("\n"));
        } catch (IOException _) {
            return System.getProperty("os.arch", "") + " " + System.getProperty("os.version", "");
        }
    }
}
