package dev.countersign.vm.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The process of one VM, found by its pid file and recognised by its arguments, so that a number
/// that was given to another process since is never taken for it.
///
/// @param argv as the system shows it now
public record QemuProcess(ProcessHandle handle, List<String> argv) {
    /// The process whose pid file this is, if it lives.
    public static Optional<QemuProcess> of(Path pidFile) {
        return pidIn(pidFile)
                .flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive)
                .flatMap(handle ->
                        argvOf(handle)
                                .filter(argv ->
                                        valueOf(argv, "-pidfile")
                                                .equals(List.of(pidFile.toString())))
                                .map(argv -> new QemuProcess(handle, argv)));
    }

    /// The number in a pid file.
    public static Optional<Long> pidIn(Path pidFile) {
        try {
            String text = Files.readString(pidFile).strip();
            return text.matches("[1-9][0-9]{0,9}")
                    ? Optional.of(Long.parseLong(text))
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// The arguments of a process. `/proc` where there is one: the JDK cuts at a page there.
    public static Optional<List<String>> argvOf(ProcessHandle handle) {
        Path cmdline = Path.of("/proc", Long.toString(handle.pid()), "cmdline");
        if (Files.exists(cmdline)) {
            try {
                String text = new String(Files.readAllBytes(cmdline), StandardCharsets.UTF_8);
                if (text.isEmpty()) {
                    return Optional.empty();
                }
                String[] words = text.substring(0, text.length() - 1).split("\0", -1);
                return Optional.of(List.of(words));
            } catch (IOException _) {
                return Optional.empty();
            }
        }
        return handle.info()
                .arguments()
                .map(arguments -> {
                    List<String> all = new ArrayList<>();
                    all.add(handle.info().command().orElse(""));
                    all.addAll(Arrays.asList(arguments));
                    return all;
                });
    }

    /// All values of an option.
    static List<String> valueOf(List<String> argv, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i + 1 < argv.size(); i++) {
            if (argv.get(i).equals(option)) {
                values.add(argv.get(i + 1));
            }
        }
        return values;
    }
}
