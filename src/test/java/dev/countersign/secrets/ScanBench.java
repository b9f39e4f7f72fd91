package dev.countersign.secrets;

import dev.countersign.secrets.Scanner.Mode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/// Scores on the labelled corpus and speed. Run by `bench/scan`, never by the tests.
public final class ScanBench {
    private static final String BEGIN = "<!-- written by bench/scan: begin -->";
    private static final String END = "<!-- written by bench/scan: end -->";
    private static final int ROUNDS = 8;

    private final Scanner scanner = new Scanner();
    private final StringBuilder report = new StringBuilder();

    private ScanBench() {}

    /// @param args the file to write into, and a directory whose text is scanned for speed
    public static void main(String[] args) throws IOException {
        ScanBench bench = new ScanBench();
        bench.scores();
        bench.speed(Path.of(args[1]));
        bench.growth();
        System.out.print(bench.report);
        bench.write(Path.of(args[0]));
    }

    private void scores() {
        report.append("| corpus | mode | positives | look-alikes | recall | precision |\n");
        report.append("|---|---|---|---|---|---|\n");
        score("tuning", LabelledCorpus.tuning());
        score("held out", LabelledCorpus.heldOut());
    }

    private void score(String name, List<LabelledCorpus.Text> corpus) {
        for (Mode mode : Mode.values()) {
            LabelledCorpus.Score score = LabelledCorpus.score(corpus, mode);
            report.append(
                    "| %s | %s | %d | %d | %.3f | %.3f |%n"
                            .formatted(
                                    name,
                                    mode.name().toLowerCase(java.util.Locale.ROOT),
                                    score.positives(),
                                    score.lookAlikes(),
                                    score.recall(),
                                    score.precision()));
        }
    }

    /// The sources of a project, one text after the other.
    private void speed(Path sources) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
                all.write(Files.readAllBytes(file));
            }
        }
        byte[] text = all.toByteArray();
        report.append("\n| text | mode | MB per second of one core |\n|---|---|---|\n");
        for (Mode mode : Mode.values()) {
            long nanos = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                nanos = Math.min(nanos, nanos(text, mode));
            }
            report.append(
                    "| %d KB of Java source | %s | %.0f |%n"
                            .formatted(
                                    text.length >> 10,
                                    mode.name().toLowerCase(java.util.Locale.ROOT),
                                    text.length * 1e3 / nanos));
        }
    }

    /// Twice the text must take about twice the time, whatever the text is.
    private void growth() {
        report.append("\n| hostile text, 1 MB of | ms | twice as much |\n|---|---|---|\n");
        for (String piece :
                List.of(
                        "password=",
                        "eyJ",
                        "://a:",
                        "-----BEGIN ",
                        "\"",
                        "\\",
                        "key\"",
                        "bearer ",
                        "mysql -p",
                        "token(",
                        "key:{",
                        "<key",
                        "auth\":\"a",
                        "MIIEvQIBADANBg",
                        "LS0tLS1CRUdJTi",
                        "password=\n",
                        "\"key\",",
                        "secret=a1B2c3D4;",
                        "key=[1,",
                        "\"d\":\"aaaaaaaaaaaaaaaaaaaaaaaa\"",
                        "key word ",
                        "client(\"",
                        "?code=",
                        "arn:key:",
                        "/hooks/")) {
            byte[] once = piece.repeat((1 << 20) / piece.length()).getBytes(StandardCharsets.UTF_8);
            byte[] twice =
                    piece.repeat((2 << 20) / piece.length()).getBytes(StandardCharsets.UTF_8);
            nanos(once, Mode.REDACT);
            long one = nanos(once, Mode.REDACT);
            long two = nanos(twice, Mode.REDACT);
            report.append(
                    "| `%s` | %d | × %.1f |%n"
                            .formatted(
                                    piece.replace("\n", "⏎"), one / 1_000_000, (double) two / one));
        }
    }

    /// Of the processor, so that what else runs on the machine does not count.
    private long nanos(byte[] text, Mode mode) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        scanner.scan("A.java", text, mode);
        return threads.getCurrentThreadCpuTime() - start;
    }

    private void write(Path file) throws IOException {
        String section =
                BEGIN
                        + "\n## Secrets\n\nOne run on "
                        + LocalDate.now(ZoneOffset.UTC)
                        + "; %d processors, load average %.1f. The corpus is our own (`corpus-*.txt`); of its held-out part only\nscores were looked at. Their first run: tuning 0.951/0.993 (block) and 0.970/0.977 (redact), held out\n0.941/1.000 and 0.941/0.994.\n\n"
                                .formatted(
                                        Runtime.getRuntime().availableProcessors(),
                                        java.lang.management.ManagementFactory
                                                .getOperatingSystemMXBean()
                                                .getSystemLoadAverage())
                        + report
                        + END;
        String old = Files.readString(file);
        int begin = old.indexOf(BEGIN);
        String without = begin < 0 ? old.stripTrailing() + "\n\n" : old.substring(0, begin);
        String behind = begin < 0 ? "\n" : old.substring(old.indexOf(END) + END.length());
        Files.writeString(file, without + section + behind);
    }
}
