package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A process of its own that records until it is killed, or as it is told on standard input. Prints
/// each record after `record` returned: number, kind, text.
public final class WriterProcess {
    static final SessionId SESSION = new SessionId("s-killed");

    private WriterProcess() {}

    /// @param args home, seed, and `many` (until killed) or `told` (one record a line of input)
    public static void main(String[] args) throws CountersignException, IOException {
        Path home = Path.of(args[0]);
        try (Journals journals =
                        Journals.open(
                                home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
                Journal journal = journals.open(SESSION, new Redactor())) {
            if (args[2].equals("many")) {
                many(journal, Long.parseLong(args[1]));
            } else {
                told(journal);
            }
        }
    }

    private static void many(Journal journal, long seed) {
        List<Thread> writers =
                IntStream.range(0, 4)
                        .mapToObj(i -> Thread.ofPlatform().start(() -> endless(journal, seed + i)))
                        .toList();
        writers.forEach(WriterProcess::join);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void endless(Journal journal, long seed) {
        Random random = new Random(seed);
        PrintStream out = System.out;
        while (true) {
            String text = "record " + seed + "." + random.nextLong();
            boolean synced = random.nextInt(4) == 0;
            // Now and then a long one, so that a kill falls into the middle of a write.
            int padding = random.nextInt(20) == 0 ? random.nextInt(4 << 20) : random.nextInt(300);
            Fact fact =
                    synced
                            ? Samples.decided(text)
                            : new Fact.AgentSaid(GuestText.of(text + " ".repeat(padding)));
            try {
                long seq = journal.record(fact).seq();
                synchronized (out) {
                    out.println(seq + "\t" + (synced ? "synced" : "grouped") + "\t" + text);
                }
            } catch (CountersignException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void told(Journal journal) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            try {
                Fact fact =
                        words[0].equals("synced")
                                ? Samples.decided(words[1])
                                : new Fact.AgentSaid(
                                        GuestText.of("x".repeat(Integer.parseInt(words[1]))));
                System.out.println("recorded " + journal.record(fact).seq());
            } catch (CountersignException e) {
                System.out.println(e.kind() + " " + e.getMessage());
            }
        }
    }

    static List<String> command(Path home, long seed, String what) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WriterProcess.class.getName(),
                home.toString(),
                Long.toString(seed),
                what);
    }
}
