package dev.countersign.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.process.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// qemu-img. Every call names the format: a guest writes its disk, and could write what looks like
/// another.
final class QemuImg {
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path program;
    private final Commands commands;

    QemuImg(Path program, Commands commands) {
        this.program = program;
        this.commands = commands;
    }

    /// An overlay in `directory` over a qcow2 file beside it; both stay together, so the name of
    /// the backing file is relative.
    void overlay(Path directory, String name, String backing)
            throws CountersignException, InterruptedException {
        run(directory, List.of("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", backing, name));
    }

    /// What the file says of itself; not of its backing files.
    JsonNode describe(Path directory, String file)
            throws CountersignException, InterruptedException {
        Commands.Result result =
                run(directory, List.of("info", "-U", "-f", "qcow2", "--output=json", file));
        try {
            return JSON.readTree(result.stdout());
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "qemu-img described %s in no known way.".formatted(file), e);
        }
    }

    /// Removes a snapshot from a disk that no QEMU has open.
    void dropSnapshot(Path directory, String file, String name)
            throws CountersignException, InterruptedException {
        String image = "driver=qcow2,file.driver=file,file.filename=" + file;
        run(directory, List.of("snapshot", "--image-opts", "-d", name, image));
    }

    private Commands.Result run(Path directory, List<String> words)
            throws CountersignException, InterruptedException {
        List<String> argv = new ArrayList<>();
        argv.add(program.toString());
        argv.addAll(words);
        Commands.Result result =
                commands.run(
                        new Commands.Run(
                                argv, Map.of(), directory, new byte[0], DEADLINE, 1 << 20));
        if (result.exitCode() != 0) {
            boolean full = result.errorText().contains("No space left");
            throw new CountersignException(
                    full ? Kind.EXHAUSTED : Kind.FAILED,
                    "qemu-img %s failed: %s. %s"
                            .formatted(
                                    words.getFirst(),
                                    result.errorText(),
                                    full
                                            ? "Free some space, or delete old sessions."
                                            : "`countersign doctor` checks the programs."));
        }
        return result;
    }
}
