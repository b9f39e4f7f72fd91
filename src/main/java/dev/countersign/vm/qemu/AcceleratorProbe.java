package dev.countersign.vm.qemu;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.vm.process.Commands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out whether the fast accelerator runs a kernel here. A device file that exists, opens and
/// tells its version may still hang (nested virtualisation does that), so a kernel is really
/// booted, with a short deadline. The result is kept for this kernel, this QEMU and this processor.
public final class AcceleratorProbe {
    private static final Logger LOG = LoggerFactory.getLogger(AcceleratorProbe.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DEADLINE = Duration.ofSeconds(8);

    /// The kernel says this when it hands over to the first program: processor, memory and
    /// interrupts work then.
    private static final String ALIVE = "Run /init as init process";

    private final Path qemu;
    private final Path cache;
    private final Commands commands;
    private final Path kvm;
    private final boolean mac;

    /// @param cache a file of ours; need not exist
    public AcceleratorProbe(Path qemu, Path cache, Commands commands) {
        this(
                qemu,
                cache,
                commands,
                Path.of("/dev/kvm"),
                System.getProperty("os.name", "").startsWith("Mac"));
    }

    AcceleratorProbe(Path qemu, Path cache, Commands commands, Path kvm, boolean mac) {
        this.qemu = qemu;
        this.cache = cache;
        this.commands = commands;
        this.kvm = kvm;
        this.mac = mac;
    }

    /// What was found.
    ///
    /// @param why in words, for a person
    public record Found(
            @JsonProperty("accelerator") Accelerator accelerator,
            @JsonProperty("why") String why) {}

    private record Kept(@JsonProperty("key") String key, @JsonProperty("found") Found found) {}

    /// Probes, or takes what was found before under the same circumstances.
    public Found probe(Path kernel, Path initrd) throws InterruptedException {
        if (!mac && !Files.exists(kvm)) {
            return new Found(Accelerator.TCG, "there is no " + kvm);
        }
        if (!mac && !(Files.isReadable(kvm) && Files.isWritable(kvm))) {
            return new Found(
                    Accelerator.TCG,
                    kvm + " can't be opened by this user (add it to the group kvm)");
        }
        String key = key(kernel);
        Optional<Found> known = read(key);
        if (known.isPresent()) {
            return known.get();
        }
        Found found = boot(kernel, initrd);
        write(new Kept(key, found));
        return found;
    }

    private Found boot(Path kernel, Path initrd) throws InterruptedException {
        Accelerator fast = mac ? Accelerator.HVF : Accelerator.KVM;
        boolean arm = qemu.toString().endsWith("aarch64");
        List<String> argv =
                List.of(
                        qemu.toString(),
                        "-nodefaults",
                        "-no-user-config",
                        "-machine",
                        (arm ? "virt" : "q35") + ",accel=" + fast.word(),
                        "-cpu",
                        "host",
                        "-m",
                        "256",
                        "-display",
                        "none",
                        "-serial",
                        "stdio",
                        "-no-reboot",
                        "-kernel",
                        kernel.toString(),
                        "-initrd",
                        initrd.toString(),
                        "-append",
                        "panic=-1 console=" + (arm ? "ttyAMA0" : "ttyS0"));
        Process process;
        try {
            process =
                    Commands.start(
                            commands.builder(argv, Map.of(), Path.of("/"))
                                    .redirectErrorStream(true));
        } catch (CountersignException e) {
            return new Found(Accelerator.TCG, e.getMessage());
        }
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> listen(process, said));
        try {
            String last = said.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            return last.contains(ALIVE)
                    ? new Found(fast, "booted a kernel")
                    : new Found(
                            Accelerator.TCG,
                            fast.word() + " is there and does not boot a kernel: " + last);
        } catch (TimeoutException _) {
            return new Found(
                    Accelerator.TCG,
                    "%s is there and did not boot a kernel within %d s"
                            .formatted(fast.word(), DEADLINE.toSeconds()));
        } catch (ExecutionException e) {
            return new Found(Accelerator.TCG, fast.word() + ": " + e.getMessage());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void listen(Process process, CompletableFuture<String> said) {
        String last = "no output";
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line.strip().isEmpty() ? last : line.strip();
                if (line.contains(ALIVE)) {
                    break;
                }
            }
            said.complete(last);
        } catch (IOException e) {
            said.complete(last + " (" + e.getMessage() + ")");
        }
    }

    private String key(Path kernel) {
        return Digest.of(
                        String.join(
                                "\n",
                                identity(kernel),
                                identity(qemu),
                                HostCpu.text(),
                                System.getProperty("os.version", "")))
                .hex();
    }

    private static String identity(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return file + " " + attributes.size() + " " + attributes.lastModifiedTime();
        } catch (IOException e) {
            return file + " " + e.getMessage();
        }
    }

    private Optional<Found> read(String key) {
        try {
            Kept kept = JSON.readValue(cache.toFile(), Kept.class);
            return kept.key().equals(key) ? Optional.of(kept.found()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// A result that can't be kept is found again next time.
    private void write(Kept kept) {
        try {
            Files.createDirectories(cache.toAbsolutePath().getParent());
            Path fresh = cache.resolveSibling(cache.getFileName() + ".new");
            JSON.writeValue(fresh.toFile(), kept);
            Files.move(fresh, cache, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.info("the probe's result was not kept: {}", e.getMessage());
        }
    }
}
