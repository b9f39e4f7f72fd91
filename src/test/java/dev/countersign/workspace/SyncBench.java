package dev.countersign.workspace;

import dev.countersign.platform.HostWatches;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Measures the workspace over real ssh to this machine, beside rsync, tar and, where they are
/// installed, Unison and lsyncd over the same connection. Run by `bench/sync`, never by the tests.
public final class SyncBench {
    private static final String BEGIN = "<!-- written by bench/sync: begin -->";
    private static final String END = "<!-- written by bench/sync: end -->";
    private static final int EDITS = 200;
    private static final int BURST = 1000;
    private static final int IDLE_SECONDS = 10;

    /// Beyond it unison's first copy takes minutes.
    private static final int UNISON_COPIES = 20_000;

    private final Path dir;
    private final StringBuilder out = new StringBuilder();

    private SyncBench(Path dir) {
        this.dir = dir;
    }

    /// @param args a directory to work in, the report, and numbers of files
    public static void main(String[] args) throws Exception {
        SyncBench bench = new SyncBench(Path.of(args[0]));
        List<String> sizes = Arrays.asList(args).subList(2, args.length);
        bench.line("## Workspace sync");
        bench.line("");
        bench.line(
                "Measured on %s, %d processors, load average %.1f at the start, over OpenSSH to this machine"
                        .formatted(
                                LocalDate.now(java.time.ZoneId.systemDefault()),
                                Runtime.getRuntime().availableProcessors(),
                                java.lang.management.ManagementFactory.getOperatingSystemMXBean()
                                        .getSystemLoadAverage()));
        bench.line(
                "(one master connection, as in a session); trees on "
                        + store(bench.dir)
                        + ". Ratios are within this run.");
        bench.line("");
        try (LoopbackSsh ssh = new LoopbackSsh(bench.dir.resolve("ssh"))) {
            for (String size : sizes) {
                bench.tree(Integer.parseInt(size), ssh);
            }
        }
        bench.write(Path.of(args[1]));
        System.out.print(bench.out);
    }

    private static String store(Path dir) throws IOException {
        return Files.getFileStore(dir).type();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void row(String what, String figure, String ratio) {
        line("| " + what + " | " + figure + " | " + ratio + " |");
        System.err.println(what + ": " + figure + " " + ratio);
    }

    private static String seconds(double s) {
        return String.format(Locale.ROOT, s < 0.1 ? "%.4f s" : "%.2f s", s);
    }

    private void tree(int files, LoopbackSsh ssh) throws Exception {
        Path at = Files.createDirectories(dir.resolve("t" + files));
        Path host = Files.createDirectories(at.resolve("host"));
        Path guest = Files.createDirectories(at.resolve("guest"));
        List<String> paths = generate(host, files);
        long bytes = 0;
        for (String path : paths) {
            bytes += Files.size(host.resolve(path));
        }
        line("### %,d files, %,d MB".formatted(files, bytes / 1_000_000));
        line("");
        line("| what | figure | ratio |");
        line("|---|---|---|");
        Path tarTo = Files.createDirectories(at.resolve("tar"));
        Path rsyncTo = Files.createDirectories(at.resolve("rsync"));
        double tar =
                time(() ->
                        ssh.shell(
                                "tar -C '%s' -cf - . | %s tar -C '%s' -xf -"
                                        .formatted(host, ssh.command(), tarTo)));
        Rig.run(at, "rm", "-rf", tarTo.toString());
        double rsync = time(() -> ssh.rsync(host, rsyncTo));
        row("tar over ssh, into an empty directory", seconds(tar), "1");
        row("rsync -a, into an empty directory", seconds(rsync), ratio(rsync, tar) + " of tar");
        SyncAnchors others = new SyncAnchors(ssh, at);
        Path unisonTo = Files.createDirectories(at.resolve("unison-to"));
        boolean unison = SyncAnchors.installed("unison") && files <= UNISON_COPIES;
        if (unison) {
            double copy = time(() -> others.unison(host, unisonTo));
            row("unison, into an empty directory", seconds(copy), ratio(copy, tar) + " of tar");
        }
        WorkspaceSettings settings =
                WorkspaceSettings.standard(host, at.resolve("state"))
                        .withGuest(guest.toString(), null, Rig.helper());
        AtomicLong copied = new AtomicLong();
        long begin = System.nanoTime();
        try (Workspace workspace = open(settings)) {
            workspace.copyIn(
                    ssh,
                    (done, all) -> {
                        if (done == all) {
                            copied.set(System.nanoTime());
                        }
                    });
            double copy = (copied.get() - begin) / 1e9;
            row(
                    "copy in: filter, hash, base kept, put",
                    seconds(copy),
                    ratio(copy, tar) + " of tar, " + ratio(copy, rsync) + " of rsync");
            row(
                    "the baseline commit by git in the guest, after it",
                    seconds((System.nanoTime() - copied.get()) / 1e9),
                    "");
            double connect = time(() -> workspace.connect(ssh));
            row("first full comparison, watches up on both sides", seconds(connect), "");
            double again = time(() -> ssh.rsync(host, rsyncTo));
            row("rsync -a, nothing to do", seconds(again), "1");
            if (unison) {
                double same = time(() -> others.unison(host, unisonTo));
                row("unison, nothing to do", seconds(same), ratio(same, again) + " of rsync");
            }
            idle();
            double ours = hostEdits(host, guest, paths);
            others(others, host, rsyncTo, unison ? unisonTo : null, paths, ours);
            guestEdits(guest, paths, workspace);
            bursts(host, guest, rsyncTo, ssh, workspace);
            double audit = time(() -> found = workspace.auditNow());
            row(
                    "audit: both sides compared in full",
                    seconds(audit) + ", found " + found,
                    ratio(audit, again) + " of rsync");
        }
        double again = time(() -> ssh.rsync(host, rsyncTo));
        double[] restart = new double[1];
        double opened =
                time(() -> {
                    try (Workspace workspace = open(settings)) {
                        restart[0] = time(() -> workspace.connect(ssh));
                        System.gc();
                        long used =
                                Runtime.getRuntime().totalMemory()
                                        - Runtime.getRuntime().freeMemory();
                        row("heap in use, all of the program", used / 1_000_000 + " MB", "");
                    }
                });
        row(
                "restart: state loaded, both sides compared, watches up",
                seconds(opened),
                ratio(opened, again) + " of rsync");
        row("of it: both sides compared, watches up", seconds(restart[0]), "");
        line("");
        Rig.run(dir, "rm", "-rf", at.toString());
    }

    private int found;

    private static Workspace open(WorkspaceSettings settings) throws Exception {
        return Workspace.open(
                settings,
                fact ->
                        new dev.countersign.domain.Entry(
                                0,
                                java.time.Instant.EPOCH,
                                new dev.countersign.domain.SessionId("s-bench"),
                                0,
                                fact),
                Clock.systemUTC(),
                HostWatches::ofThisSystem);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double time(Work work) throws Exception {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    /// Two digits that say something, also of a ratio far below one.
    private static String ratio(double a, double b) {
        double ratio = a / b;
        if (ratio >= 0.1 || ratio <= 0 || Double.isNaN(ratio)) {
            return String.format(Locale.ROOT, "%.2f", ratio);
        }
        return new BigDecimal(ratio).round(new MathContext(2)).toPlainString();
    }

    // -- single edits

    /// Every second one by rename, as editors save.
    private static void edit(Path root, String path, byte[] content, boolean rename)
            throws IOException {
        Path file = root.resolve(path);
        if (rename) {
            Path fresh = file.resolveSibling(".fresh~");
            Files.write(fresh, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.write(file, content, StandardOpenOption.TRUNCATE_EXISTING);
        }
    }

    private double hostEdits(Path host, Path guest, List<String> paths) throws Exception {
        Random random = new Random(7);
        double[] millis = new double[EDITS];
        for (int i = 0; i < EDITS; i++) {
            String path = paths.get(random.nextInt(paths.size() / 2));
            byte[] text =
                    ("edit " + i + " of the host\n").repeat(20).getBytes(StandardCharsets.UTF_8);
            long begin = System.nanoTime();
            edit(host, path, text, i % 2 == 0);
            Path there = guest.resolve(path);
            while (!same(there, text)) {
                if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(30)) {
                    throw new AssertionError(path + " never came");
                }
                LockSupport.parkNanos(100_000);
            }
            millis[i] = (System.nanoTime() - begin) / 1e6;
            LockSupport.parkNanos(5_000_000);
        }
        row("host edit → in the guest, " + EDITS + " edits", percentiles(millis), "1");
        return median(millis);
    }

    private static double median(double[] millis) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// The same kind of edit by what is installed; each has a tree of its own to bring it to.
    private void others(
            SyncAnchors others,
            Path host,
            Path rsyncTo,
            @Nullable Path unisonTo,
            List<String> paths,
            double ours)
            throws Exception {
        other("one rsync -a after each edit", others.rsyncPerEdit(host, rsyncTo, paths), ours);
        if (unisonTo != null) {
            other("one unison after each edit", others.unisonPerEdit(host, unisonTo, paths), ours);
        }
        if (SyncAnchors.installed("lsyncd")) {
            other("lsyncd, delay 0", others.lsyncd(host, rsyncTo, paths), ours);
        }
        Files.deleteIfExists(host.resolve("lsyncd-began"));
    }

    private void other(String what, double[] millis, double ours) {
        row(
                "host edit by " + what,
                percentiles(millis),
                "ours is " + ratio(ours, median(millis)) + " of it");
    }

    /// What this whole program takes of a core while nothing happens.
    private void idle() {
        java.lang.management.OperatingSystemMXBean system =
                java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof com.sun.management.OperatingSystemMXBean process) {
            long cpu = process.getProcessCpuTime();
            long begin = System.nanoTime();
            long end = begin + TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            double share =
                    (process.getProcessCpuTime() - cpu) / (double) (System.nanoTime() - begin);
            row("idle, of one core", String.format(Locale.ROOT, "%.2f %%", share * 100), "");
        }
    }

    private static boolean same(Path file, byte[] text) {
        try {
            return Files.size(file) == text.length && Arrays.equals(Files.readAllBytes(file), text);
        } catch (IOException e) {
            return false;
        }
    }

    private void guestEdits(Path guest, List<String> paths, Workspace workspace) throws Exception {
        Random random = new Random(8);
        Semaphore changed = new Semaphore(0);
        workspace.onChange(changed::release);
        double[] staged = new double[EDITS];
        double[] shown = new double[EDITS];
        for (int i = 0; i < EDITS; i++) {
            String path;
            do {
                // A review shows the beginning of very long hunks only.
                path = paths.get(paths.size() / 2 + random.nextInt(paths.size() / 2));
            } while (Files.size(guest.resolve(path)) > 20_000);
            String chosen = path;
            byte[] text =
                    ("edit " + i + " of the guest\n").repeat(20).getBytes(StandardCharsets.UTF_8);
            changed.drainPermits();
            long begin = System.nanoTime();
            edit(guest, path, text, i % 2 == 0);
            boolean last = false;
            while (!last) {
                if (!changed.tryAcquire(30, TimeUnit.SECONDS)) {
                    throw new AssertionError(
                            path + " was never staged: " + workspace.review().paused());
                }
                staged[i] = (System.nanoTime() - begin) / 1e6;
                String mine = "edit " + i + " of the guest";
                last =
                        workspace.review().files().stream()
                                .filter(f -> f.path().raw().equals(chosen))
                                .flatMap(f -> f.hunks().stream())
                                .flatMap(h -> h.lines().stream())
                                .anyMatch(l -> l.text().raw().equals(mine));
                shown[i] = (System.nanoTime() - begin) / 1e6;
            }
            LockSupport.parkNanos(5_000_000);
        }
        row("guest edit → staged, " + EDITS + " edits", percentiles(staged), "");
        row("guest edit → its hunk in the review", percentiles(shown), "");
    }

    private static String percentiles(double[] millis) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p95 %.1f ms, max %.1f ms",
                sorted[sorted.length / 2],
                sorted[sorted.length * 95 / 100],
                sorted[sorted.length - 1]);
    }

    // -- bursts

    private void bursts(Path host, Path guest, Path rsyncTo, LoopbackSsh ssh, Workspace workspace)
            throws Exception {
        Files.createDirectories(host.resolve("burst"));
        Files.createDirectories(guest.resolve("storm"));
        for (int i = 0; i < BURST; i++) {
            Files.writeString(host.resolve("burst/f" + i), "x".repeat(3500) + i);
        }
        long begin = System.nanoTime();
        while (count(guest.resolve("burst")) < BURST) {
            giveUp(begin, "the burst of the host");
        }
        double ours = (System.nanoTime() - begin) / 1e9;
        double rsync = time(() -> ssh.rsync(host, rsyncTo));
        row(
                BURST + " new files on the host, after the last write",
                seconds(ours),
                ratio(ours, rsync) + " of one rsync");
        for (int i = 0; i < BURST; i++) {
            Files.writeString(guest.resolve("storm/f" + i), "y".repeat(3500) + i);
        }
        begin = System.nanoTime();
        while (workspace.stagedPaths("storm") < BURST) {
            giveUp(begin, "the burst of the guest");
        }
        ours = (System.nanoTime() - begin) / 1e9;
        row(
                BURST + " new files in the guest, until staged",
                seconds(ours),
                ratio(ours, rsync) + " of one rsync");
    }

    private static void giveUp(long begin, String what) {
        if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(120)) {
            throw new AssertionError(what + " never ended");
        }
        LockSupport.parkNanos(2_000_000);
    }

    private static int count(Path directory) {
        String[] names = directory.toFile().list((_, name) -> name.startsWith("f"));
        return names == null ? 0 : names.length;
    }

    // -- trees

    /// Sizes as in source trees: most small, a few large.
    private static List<String> generate(Path root, int files) throws IOException {
        Random random = new Random(1);
        List<String> paths = new ArrayList<>();
        byte[] noise = new byte[1 << 20];
        random.nextBytes(noise);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) (i % 40 == 39 ? '\n' : 'a' + (noise[i] & 15));
        }
        for (int i = 0; i < files; i++) {
            String path = "m%d/p%d/f%d.c".formatted(i % 37, i % 37 + i % 20, i);
            int size = (int) Math.min(500_000, 3000 * Math.exp(1.5 * random.nextGaussian()));
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            int from = random.nextInt(noise.length - size - 1);
            Files.write(file, Arrays.copyOfRange(noise, from, from + Math.max(40, size)));
            paths.add(path);
        }
        java.util.Collections.shuffle(paths, random);
        return paths;
    }

    private void write(Path report) throws IOException {
        String old = Files.exists(report) ? Files.readString(report) : "";
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        String section = BEGIN + "\n" + out + END + "\n";
        Files.writeString(
                report,
                begin >= 0 && end > begin
                        ? old.substring(0, begin) + section + old.substring(end + END.length() + 1)
                        : old + (old.endsWith("\n") ? "\n" : "\n\n") + section);
    }
}
