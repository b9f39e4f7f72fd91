package dev.countersign.cli.tour;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs the tests as a child process, its output kept in a file of its own.
final class HostTestProcess implements HostTests {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @Override
    public Outcome run(List<String> command, Path directory)
            throws CountersignException, InterruptedException {
        try {
            Path output = Files.createTempFile("countersign-tour-tests", ".log");
            try {
                Process tests =
                        new ProcessBuilder(command)
                                .directory(directory.toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                tests.getOutputStream().close();
                if (!tests.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                    tests.descendants().forEach(ProcessHandle::destroyForcibly);
                    tests.destroyForcibly().waitFor();
                    throw new CountersignException(
                            Kind.TIMEOUT,
                            "The sample's tests did not end within "
                                    + LONGEST.toMinutes()
                                    + " min. Run `"
                                    + String.join(" ", command)
                                    + "` in "
                                    + directory
                                    + " to see why.");
                }
                String text =
                        new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
                return new Outcome(
                        tests.exitValue() == 0, text.substring(text.lastIndexOf('\n') + 1));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The sample's tests can't be run by `"
                            + String.join(" ", command)
                            + "`: "
                            + e.getMessage()
                            + ". Install what it names and try again.",
                    e);
        }
    }
}
