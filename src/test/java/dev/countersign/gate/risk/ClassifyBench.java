package dev.countersign.gate.risk;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How long a rating takes, for `bench/classify`: wall time, and the processor time of the rater
/// and its parser, which does not depend on what else the machine does. Writes its own section of
/// the measurements where it is given their file.
public final class ClassifyBench {
    private static final int LARGE = 4096;
    private static final int WARM_ROUNDS = 30;
    private static final long SEED = 20261124;

    /// Shares of the mix, in per cent: single commands, lines of an agent, texts of 1 to 4 KiB,
    /// dense ones of 4 KiB.
    private static final int[] SHARES = {70, 20, 7, 3};

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final RiskRater risk;
    private final StringBuilder table = new StringBuilder();

    private ClassifyBench(RiskRater risk) {
        this.risk = risk;
    }

    /// The threads of the parser's process, where the system shows them; it is another after a text
    /// that it did not survive.
    private static @Nullable Path parser() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(child -> Path.of("/proc", Long.toString(child.pid()), "task"))
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(null);
    }

    /// @param arguments the file of measurements, or nothing
    public static void main(String[] arguments) throws IOException {
        try (RiskRater risk = RiskRater.start()) {
            ClassifyBench bench = new ClassifyBench(risk);
            String section = bench.run();
            if (arguments.length > 0) {
                write(Path.of(arguments[0]), section);
            }
        }
    }

    private String run() throws IOException {
        List<String> commands = commands();
        List<String> dense = joined(commands, "\n", LARGE, true);
        List<String> broken = broken(dense);
        List<String> mix = mix(commands, dense);
        int perText = dense.stream().mapToInt(text -> text.split("\n", -1).length).sum();
        for (int i = 0; i < WARM_ROUNDS; i++) {
            mix.forEach(this::rate);
            dense.forEach(this::rate);
            broken.forEach(this::rate);
        }
        row("the mix", mix, 4);
        row("single commands of the labelled table", commands, 4);
        row("dense texts of 4 KiB, about " + perText / dense.size() + " commands each", dense, 40);
        row("the same with a fault in the middle", broken, 40);
        StringBuilder nested = new StringBuilder();
        for (String[] one : nestings()) {
            nested.append(hostile(one[0], one[1]));
        }
        String section =
                """
                ## Classify

                One run on %s; %d processors, load average %.1f. Of the mix %d %% are single commands, %d %% lines of an
                agent with several, %d %% texts of 1 to 4 KiB, %d %% dense texts of 4 KiB. Wall time is the caller's; processor time is that
                of the rater and of the parser's process together, per command, in percentiles of its own.

                | what | n | wall p50 ms | p95 | p99 | max | processor p50 ms | p95 | p99 | max |
                |---|---|---|---|---|---|---|---|---|---|
                %s
                To reach: p99 < 5 ms up to 4 KiB.

                | 100 KiB of | level | ms | processor ms | MB allocated | MB of the parser at most |
                |---|---|---|---|---|---|
                %s\
                """
                        .formatted(
                                LocalDate.now(java.time.ZoneId.systemDefault()),
                                Runtime.getRuntime().availableProcessors(),
                                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                                SHARES[0],
                                SHARES[1],
                                SHARES[2],
                                SHARES[3],
                                table,
                                nested);
        System.out.println(section);
        return section;
    }

    private void rate(String text) {
        risk.rateShell(text, "/workspace", WorkspaceView.standard());
    }

    private void row(String what, List<String> texts, int rounds) {
        Path parser = parser();
        int n = texts.size() * rounds;
        long[] wall = new long[n];
        long[] processor = new long[n];
        for (int i = 0; i < n; i++) {
            String text = texts.get(i % texts.size());
            long cpu = processorTime(parser);
            long start = System.nanoTime();
            rate(text);
            wall[i] = System.nanoTime() - start;
            processor[i] = processorTime(parser) - cpu;
        }
        table.append(
                "| %s | %d |%s%s%n".formatted(what, n, percentiles(wall), percentiles(processor)));
    }

    private static String percentiles(long[] all) {
        Arrays.sort(all);
        return String.format(
                Locale.ROOT,
                " %.2f | %.2f | %.2f | %.2f |",
                all[all.length / 2] / 1e6,
                all[(int) (all.length * 0.95)] / 1e6,
                all[(int) (all.length * 0.99)] / 1e6,
                all[all.length - 1] / 1e6);
    }

    /// Of this thread and of the parser's process, in nanoseconds (proc(5), schedstat).
    private static long processorTime(@Nullable Path tasks) {
        long own = THREADS.getCurrentThreadCpuTime();
        if (tasks == null) {
            return own;
        }
        try (Stream<Path> all = Files.list(tasks)) {
            for (Path task : all.toList()) {
                own += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
            }
        } catch (IOException _) {
            return own;
        }
        return own;
    }

    /// A text that takes longer than the parser's second ends its process: what that one used is
    /// gone with it.
    private String hostile(String what, String text) throws IOException {
        rate("true");
        Path parser = parser();
        long cpu = processorTime(parser);
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        Rating rating = risk.rateShell(text, "/workspace", WorkspaceView.standard());
        long took = System.nanoTime() - start;
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        String peak = peak(parser);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.1f | %s | %.1f | %s |%n",
                what,
                rating.level().name().toLowerCase(Locale.ROOT),
                took / 1e6,
                peak.equals(ENDED)
                        ? ENDED
                        : String.format(Locale.ROOT, "%.1f", (processorTime(parser) - cpu) / 1e6),
                bytes / 1e6,
                peak);
    }

    private static final String ENDED = "ended after its second";

    private static String peak(@Nullable Path tasks) throws IOException {
        if (tasks == null) {
            return "not measured";
        }
        Path status = tasks.resolveSibling("status");
        if (!Files.exists(status)) {
            return ENDED;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .map(kib -> Long.toString(Long.parseLong(kib) / 1024))
                .findFirst()
                .orElse(ENDED);
    }

    /// What the parser takes (up to 64 KiB a text) and what is refused before it.
    private static List<String[]> nestings() {
        int size = 100 * 1024;
        int most = ShellParserMain.LONGEST - 64;
        List<String[]> all = new ArrayList<>();
        for (String[] one :
                new String[][] {
                    {"`$(`", "$("},
                    {"`(`", "("},
                    {"`{ `", "{ "},
                    {"backquotes", "`"},
                    {"`((`", "(("},
                    {"`<(`", "<("},
                    {"`if `", "if "},
                    {"`<<E `", "<<E "},
                    {"quotes", "\"$('"},
                    {"`eval `", "eval "},
                    {"`sh -c '`", "sh -c '"},
                    {"`{a,`", "{a,"}
                }) {
            all.add(new String[] {one[0], one[1].repeat(size / one[1].length())});
            all.add(
                    new String[] {
                        one[0] + ", cut at 64 KiB", one[1].repeat(most / one[1].length())
                    });
        }
        return all;
    }

    private static List<String> mix(List<String> commands, List<String> dense) {
        Random random = new Random(SEED);
        List<String> lines = joined(commands, " && ", 300, false);
        List<String> texts = new ArrayList<>();
        for (int size = 1024; size <= LARGE; size += 1024) {
            texts.addAll(joined(commands, "\n", size, false));
        }
        List<List<String>> kinds = List.of(commands, lines, texts, dense);
        List<String> mix = new ArrayList<>();
        for (int kind = 0; kind < SHARES.length; kind++) {
            List<String> from = kinds.get(kind);
            for (int i = 0; i < SHARES[kind] * 20; i++) {
                mix.add(from.get(random.nextInt(from.size())));
            }
        }
        java.util.Collections.shuffle(mix, random);
        return mix;
    }

    private static List<String> broken(List<String> large) {
        return large.stream()
                .map(text -> {
                    int half = text.indexOf('\n', text.length() / 2);
                    return text.substring(0, half) + "\n{rm,-rf,/}; ls )" + text.substring(half);
                })
                .toList();
    }

    /// Texts of several commands, without those that need lines of their own.
    ///
    /// @param shortOnly only commands of up to 40 characters, so that many find room
    private static List<String> joined(
            List<String> commands, String between, int most, boolean shortOnly) {
        List<String> large = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String command : commands) {
            if (command.indexOf('\n') >= 0
                    || command.contains("<<")
                    || (shortOnly && command.length() > 40)) {
                continue;
            }
            if (text.length() + command.length() + between.length() > most && !text.isEmpty()) {
                large.add(text.toString());
                text.setLength(0);
            }
            text.append(text.isEmpty() ? "" : between).append(command);
        }
        return large;
    }

    private static void write(Path file, String section) throws IOException {
        String name = "bench/classify";
        String begin = "<!-- written by " + name + ": begin -->";
        String end = "<!-- written by " + name + ": end -->";
        String all = Files.readString(file);
        int from = all.indexOf(begin);
        int to = all.indexOf(end);
        String own = begin + "\n" + section + end;
        Files.writeString(
                file,
                from < 0
                        ? all.stripTrailing() + "\n\n" + own + "\n"
                        : all.substring(0, from) + own + all.substring(to + end.length()));
    }

    private static List<String> commands() throws IOException {
        try (InputStream in = ClassifyBench.class.getResourceAsStream("shell-levels.tsv")) {
            if (in == null) {
                throw new IOException("the table of commands is not there; build the tests first");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.substring(line.indexOf('\t') + 1).replace("\\n", "\n"))
                    .toList();
        }
    }
}
