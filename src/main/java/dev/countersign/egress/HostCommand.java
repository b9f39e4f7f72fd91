package dev.countersign.egress;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs a command of the developer's on the host for what it prints, such as `gh auth token`. Its
/// words are never a shell's, and what it prints is in no message and no log.
///
/// @param patience after which it is ended
public record HostCommand(Duration patience) {
    private static final int LONGEST = 16 * 1024;

    /// What it prints.
    ///
    /// @throws CountersignException MISSING if it can't be started, FAILED if it ends otherwise
    ///   than well or prints too much, TIMEOUT
    String output(List<String> argv) throws CountersignException, InterruptedException {
        String name = argv.getFirst();
        Process process;
        try {
            process =
                    new ProcessBuilder(argv)
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "The credential's command %s can't be started. Install it, or add the credential again with another."
                            .formatted(name),
                    e);
        }
        try {
            CompletableFuture<byte[]> printed = new CompletableFuture<>();
            Thread.ofPlatform()
                    .daemon()
                    .start(() -> {
                        try (InputStream out = process.getInputStream()) {
                            printed.complete(out.readNBytes(LONGEST + 1));
                        } catch (IOException e) {
                            printed.completeExceptionally(e);
                        }
                    });
            byte[] bytes = printed.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (bytes.length > LONGEST) {
                throw failed(name, "it prints more than a credential");
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw slow(name);
            }
            if (process.exitValue() != 0) {
                throw failed(name, "it ended with code " + process.exitValue());
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (TimeoutException e) {
            throw slow(name);
        } catch (ExecutionException e) {
            throw failed(name, "what it prints can't be read");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private CountersignException slow(String name) {
        return new CountersignException(
                Kind.TIMEOUT,
                "The credential's command %s did not end within %d s. Run it by hand to see what it waits for."
                        .formatted(name, patience.toSeconds()));
    }

    private static CountersignException failed(String name, String why) {
        return new CountersignException(
                Kind.FAILED,
                "The credential's command %s failed: %s. Run it by hand to see why."
                        .formatted(name, why));
    }
}
