package dev.countersign.gate.risk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How long a rating takes, for `bench/classify`: the commands of the test table, then texts of up
/// to 4 KiB made of them. Prints p50 and p99 of each.
public final class ClassifyBench {
    private static final int WARM = 5;
    private static final int LARGE = 4096;

    private ClassifyBench() {}

    /// Prints three lines, wall time and processor time of this process.
    public static void main(String[] arguments) throws IOException {
        try (RiskRater risk = RiskRater.start()) {
            List<String> commands = commands();
            List<String> large = large(risk, commands);
            print("commands of the table", risk, commands, 5);
            print("dense texts of 4 KiB, about 150 commands each", risk, large, 40);
            print("the same, with an error in the middle", risk, broken(large), 40);
        }
    }

    private static boolean understood(RiskRater risk, String command) {
        return risk.rateShell(command, "/workspace", WorkspaceView.standard()).understood();
    }

    private static List<String> broken(List<String> large) {
        return large.stream()
                .map(text -> {
                    int half = text.indexOf('\n', text.length() / 2);
                    return text.substring(0, half) + "\n{rm,-rf,/}; ls )" + text.substring(half);
                })
                .toList();
    }

    private static List<String> large(RiskRater risk, List<String> commands) {
        List<String> large = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String command : commands) {
            if (command.indexOf('\n') >= 0 || command.contains("<<")) {
                continue;
            }
            if (!understood(risk, command)) {
                continue;
            }
            if (text.length() + command.length() > LARGE - 2) {
                large.add(text.toString());
                text.setLength(0);
            }
            text.append(command).append('\n');
        }
        return large;
    }

    private static void print(String what, RiskRater risk, List<String> commands, int rounds) {
        for (int i = 0; i < WARM * rounds / 5; i++) {
            measure(risk, commands);
        }
        long[] all = new long[0];
        long cpu =
                java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < rounds; i++) {
            long[] round = measure(risk, commands);
            int before = all.length;
            all = Arrays.copyOf(all, before + round.length);
            System.arraycopy(round, 0, all, before, round.length);
        }
        cpu =
                java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
                        - cpu;
        Arrays.sort(all);
        System.out.printf(
                "classify, %s: n=%d p50=%.3f ms p99=%.3f ms max=%.3f ms, processor %.3f ms each%n",
                what,
                all.length,
                all[all.length / 2] / 1e6,
                all[(int) (all.length * 0.99)] / 1e6,
                all[all.length - 1] / 1e6,
                cpu / 1e6 / all.length);
    }

    private static long[] measure(RiskRater risk, List<String> commands) {
        long[] took = new long[commands.size()];
        for (int i = 0; i < took.length; i++) {
            long start = System.nanoTime();
            risk.rateShell(commands.get(i), "/workspace", WorkspaceView.standard());
            took[i] = System.nanoTime() - start;
        }
        return took;
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
