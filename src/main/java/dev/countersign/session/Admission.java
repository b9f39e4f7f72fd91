package dev.countersign.session;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Says no by name before a machine starts to swap: a session is admitted only while memory, disk
/// and the number of VMs suffice.
public final class Admission {
    private static final long MIB = 1024L * 1024;
    private static final long DISK_NEEDED = 4096 * MIB;

    private final Path home;
    private final Memory memory;
    private final int vmLimit;

    /// @param home where images and sessions lie
    /// @param vmLimit how many VMs may run at once
    public Admission(Path home, Memory memory, int vmLimit) {
        this.home = home;
        this.memory = memory;
        this.vmLimit = vmLimit;
    }

    /// What the machine has, in bytes.
    @FunctionalInterface
    public interface Memory {
        /// Total and available memory.
        Amount read();

        /// @param available what a new program can take without swapping
        record Amount(long total, long available) {}
    }

    /// Memory as the kernel tells it, else as the JVM sees it.
    public static Memory ofThisMachine() {
        return () -> {
            Path meminfo = Path.of("/proc/meminfo");
            if (Files.isReadable(meminfo)) {
                try {
                    long total = 0;
                    long available = 0;
                    for (String line : Files.readAllLines(meminfo)) {
                        if (line.startsWith("MemTotal:")) {
                            total = kibibytes(line);
                        } else if (line.startsWith("MemAvailable:")) {
                            available = kibibytes(line);
                        }
                    }
                    return new Memory.Amount(total, available);
                } catch (IOException e) {
                    // The bean below knows less, but it knows.
                    return ofTheJvm();
                }
            }
            return ofTheJvm();
        };
    }

    private static Memory.Amount ofTheJvm() {
        var bean =
                (com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        return new Memory.Amount(bean.getTotalMemorySize(), bean.getFreeMemorySize());
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }

    /// Refuses with EXHAUSTED, naming what is missing.
    ///
    /// @param memoryMiB what the new VM takes
    /// @param running how many VMs run now
    public void check(int memoryMiB, int running) throws CountersignException {
        if (running >= vmLimit) {
            throw new CountersignException(
                    CountersignException.Kind.EXHAUSTED,
                    "%d VMs run already, and the limit is %d. Stop a session first: countersign session stop ID."
                            .formatted(running, vmLimit));
        }
        long needed = memoryMiB * MIB;
        long available = memory.read().available();
        if (available < needed) {
            throw new CountersignException(
                    CountersignException.Kind.EXHAUSTED,
                    "The session needs %s of memory, %s free. Close something, or give it less with --memory."
                            .formatted(size(needed), size(available)));
        }
        long disk = diskFree();
        if (disk < DISK_NEEDED) {
            throw new CountersignException(
                    CountersignException.Kind.EXHAUSTED,
                    "The session needs %s of disk at %s, %s free. Delete a session or make room."
                            .formatted(size(DISK_NEEDED), home, size(disk)));
        }
    }

    /// What is free where the sessions lie.
    public long diskFree() throws CountersignException {
        try {
            return Files.getFileStore(home).getUsableSpace();
        } catch (IOException e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "The free space of %s can't be read: %s.".formatted(home, e.getMessage()),
                    e);
        }
    }

    /// The limit on running VMs.
    public int vmLimit() {
        return vmLimit;
    }

    /// Memory now.
    public Memory.Amount memory() {
        return memory.read();
    }

    /// `1.1 GB`, as people say it.
    static String size(long bytes) {
        double gb = bytes / 1e9;
        return gb >= 1
                ? String.format(Locale.ROOT, "%.1f GB", gb)
                : String.format(Locale.ROOT, "%d MB", Math.round(bytes / 1e6));
    }
}
