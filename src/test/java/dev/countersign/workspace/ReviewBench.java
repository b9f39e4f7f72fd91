package dev.countersign.workspace;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Measures review, apply and undo of many small files, beside a plain copy of the same files made
/// durable on the same disk. Run by `bench/review`, never by the tests.
public final class ReviewBench {
    private static final String BEGIN = "<!-- written by bench/review: begin -->";
    private static final String END = "<!-- written by bench/review: end -->";

    private final Path dir;
    private final StringBuilder out = new StringBuilder();

    private ReviewBench(Path dir) {
        this.dir = dir;
    }

    /// @param args a directory to work in, the report, and numbers of files
    public static void main(String[] args) throws Exception {
        ReviewBench bench = new ReviewBench(Path.of(args[0]));
        bench.line("## Review and apply");
        bench.line("");
        bench.line(
                "One run on %s, %d processors, load average %.1f at the start; files and state on %s."
                        .formatted(
                                LocalDate.now(java.time.ZoneId.systemDefault()),
                                Runtime.getRuntime().availableProcessors(),
                                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                                Files.getFileStore(bench.dir).type()));
        bench.line(
                "Of the files, 70 % are edited in two places, 15 % new, 15 % removed. The copy is `cp -r` of the"
                        + " edited tree and `sync`, in the same run.");
        bench.line("");
        for (String size : Arrays.asList(args).subList(2, args.length)) {
            bench.measure(Integer.parseInt(size));
        }
        bench.write(Path.of(args[1]));
        System.out.print(bench.out);
    }

    private interface Step {
        void run() throws Exception;
    }

    private static double time(Step step) throws Exception {
        long begin = System.nanoTime();
        step.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void row(String what, double seconds, double anchor) {
        String text =
                String.format(
                        Locale.ROOT,
                        "| %s | %.2f s | %s |",
                        what,
                        seconds,
                        anchor == 0 ? "" : String.format(Locale.ROOT, "%.2f", seconds / anchor));
        line(text);
        System.err.println(text);
    }

    private void measure(int files) throws Exception {
        Path at = Files.createDirectories(dir.resolve("r" + files));
        line("### %,d files".formatted(files));
        line("");
        line("| what | figure | of the copy |");
        line("|---|---|---|");
        try (Rig rig = new Rig(at)) {
            rig.link.remembers = false;
            generate(rig.host, files);
            rig.in();
            change(rig.guest, files);
            double staging = time(rig.workspace::collect);
            double copy = copy(at, rig.guest);
            row("`cp -r` and `sync`", copy, 0);
            row("staging all changes", staging, copy);
            rig.reopen();
            row("the review, first after a start", time(rig::review), copy);
            row("the review again", time(rig::review), copy);
            Review review = rig.review();
            if (review.files().size() != files) {
                throw new IllegalStateException("staged " + review.files().size());
            }
            ApplyOutcome[] done = new ApplyOutcome[1];
            double apply =
                    time(() ->
                            done[0] =
                                    rig.workspace.apply(
                                            new Choice.All(review.id()), Target.tree()));
            if (done[0].paths().size() != files) {
                throw new IllegalStateException("applied " + done[0].paths().size());
            }
            row("apply of all, each old version checked and kept", apply, copy);
            double undo = time(() -> done[0] = rig.workspace.undo());
            if (done[0].paths().size() != files) {
                throw new IllegalStateException("took back " + done[0].paths().size());
            }
            row("undo of all", undo, copy);
        }
        line("");
        Rig.run(dir, "rm", "-rf", at.toString());
    }

    /// The median of three.
    private static double copy(Path at, Path from) throws Exception {
        double[] times = new double[3];
        for (int i = 0; i < times.length; i++) {
            Path to = at.resolve("copy" + i);
            times[i] =
                    time(() -> {
                        Rig.run(at, "cp", "-r", from.toString(), to.toString());
                        Rig.run(at, "sync", "-f", to.toString());
                    });
            Rig.run(at, "rm", "-rf", to.toString());
        }
        Arrays.sort(times);
        return times[1];
    }

    private static String path(int i) {
        return "m%d/p%d/f%d.c".formatted(i % 37, i % 37 + i % 20, i);
    }

    private static String text(int i) {
        Random random = new Random(i);
        StringBuilder text = new StringBuilder();
        int lines = 20 + random.nextInt(150);
        for (int n = 0; n < lines; n++) {
            text.append("    int value_").append(n).append(" = ").append(random.nextInt());
            text.append(";\n");
        }
        return text.toString();
    }

    private static void generate(Path root, int files) throws IOException {
        for (int i = 0; i < files; i++) {
            if (i % 20 >= 3) {
                Rig.write(root, path(i), text(i));
            }
        }
    }

    private static void change(Path root, int files) throws IOException {
        for (int i = 0; i < files; i++) {
            Path file = root.resolve(path(i));
            if (i % 20 < 3) {
                Rig.write(root, path(i), text(i));
            } else if (i % 20 < 6) {
                Files.delete(file);
            } else {
                List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
                lines.set(3, "    int changed = 1;");
                lines.add(lines.size() - 2, "    int added = 2;");
                Files.write(file, lines, StandardCharsets.UTF_8);
            }
        }
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
