package dev.countersign.vm.process;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// Runs programs of the host. They see only the environment that is named here: no token of the
/// developer's shell reaches limactl, QEMU or ssh.
public final class Commands {
    private static final List<String> KEPT =
            List.of("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "XDG_RUNTIME_DIR");

    private final Map<String, String> environment;

    /// Keeps of `environment` what programs need: `PATH`, `HOME`, user, language, temporary
    /// directory.
    public Commands(Map<String, String> environment) {
        Map<String, String> kept = new TreeMap<>();
        for (String name : KEPT) {
            String value = environment.get(name);
            if (value != null) {
                kept.put(name, value);
            }
        }
        this.environment = Map.copyOf(kept);
    }

    /// What a program printed and how it ended.
    public record Result(int exitCode, byte[] stdout, byte[] stderr) {
        /// Standard output as UTF-8.
        public String text() {
            return new String(stdout, StandardCharsets.UTF_8);
        }

        /// Standard error as UTF-8, without surrounding white space.
        public String errorText() {
            return new String(stderr, StandardCharsets.UTF_8).strip();
        }
    }

    /// One run.
    ///
    /// @param argv the program and its words
    /// @param extra environment beside the kept one
    /// @param directory where it runs
    /// @param limit bytes of output that are kept, of each stream; more is read and dropped
    public record Run(
            List<String> argv,
            Map<String, String> extra,
            Path directory,
            byte[] stdin,
            Duration deadline,
            int limit) {
        /// A run without input, one MiB of output kept.
        public static Run of(List<String> argv, Path directory, Duration deadline) {
            return new Run(argv, Map.of(), directory, new byte[0], deadline, 1 << 20);
        }
    }

    /// A process builder with the kept environment and `extra`, for those who need the process.
    public ProcessBuilder builder(List<String> argv, Map<String, String> extra, Path directory) {
        ProcessBuilder builder = new ProcessBuilder(argv).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(extra);
        return builder;
    }

    /// Starts it; a program that is not there is [Kind#MISSING].
    public static Process start(ProcessBuilder builder) throws CountersignException {
        try {
            return builder.start();
        } catch (IOException e) {
            String program = builder.command().getFirst();
            throw new CountersignException(
                    Kind.MISSING,
                    program
                            + " can't be started: "
                            + e.getMessage()
                            + ". Run `countersign doctor` to see what this machine lacks.",
                    e);
        }
    }

    /// Runs it to its end. At the deadline the program is killed.
    ///
    /// @throws CountersignException if it can't be started or took too long; another exit code than
    ///   0 is not an exception
    public Result run(Run run) throws CountersignException, InterruptedException {
        Process process = start(builder(run.argv(), run.extra(), run.directory()));
        try {
            Sink out = Sink.of(process.getInputStream(), run.limit());
            Sink err = Sink.of(process.getErrorStream(), run.limit());
            Thread.ofPlatform().daemon().start(() -> feed(process, run.stdin()));
            if (!process.waitFor(run.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "%s did not end within %d s and was ended: %s"
                                .formatted(
                                        run.argv().getFirst(),
                                        run.deadline().toSeconds(),
                                        String.join(" ", run.argv())));
            }
            return new Result(process.exitValue(), out.bytes(), err.bytes());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void feed(Process process, byte[] bytes) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(bytes);
        } catch (IOException _) {
            // It ended without reading: its exit code says why.
            return;
        }
    }

    private record Sink(ByteArrayOutputStream kept, Thread reader) {
        static Sink of(InputStream in, int limit) {
            ByteArrayOutputStream kept = new ByteArrayOutputStream();
            Thread reader = Thread.ofPlatform().daemon().start(() -> drain(in, kept, limit));
            return new Sink(kept, reader);
        }

        private static void drain(InputStream in, ByteArrayOutputStream kept, int limit) {
            byte[] buffer = new byte[8192];
            try (in) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    synchronized (kept) {
                        kept.write(buffer, 0, Math.min(n, limit - kept.size()));
                    }
                }
            } catch (IOException _) {
                // The stream of a killed process ends so.
                return;
            }
        }

        /// A grandchild may hold the stream open: what came within a second counts.
        byte[] bytes() throws InterruptedException {
            reader.join(Duration.ofSeconds(1));
            synchronized (kept) {
                return kept.toByteArray();
            }
        }
    }
}
