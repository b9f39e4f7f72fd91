package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import dev.countersign.secrets.Scanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.stream.LongStream;

/// Prints the journal's figures. Run by `bench/journal`, never by the tests.
public final class JournalBench {
    private static final int RECORDS = 300_000;
    private static final int SYNCED = 500;

    private JournalBench() {}

    /// @param args a directory on the disk to measure
    public static void main(String[] args) throws CountersignException, IOException {
        Path home = Files.createTempDirectory(Path.of(args[0]), "journal-bench-");
        SessionId session = new SessionId("s-bench0");
        try (Journals journals =
                        Journals.open(
                                home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
                Journal journal = journals.open(session, new Redactor())) {
            append(journal, RECORDS / 3);
            System.out.printf("append (grouped)   %,9.0f records/s%n", append(journal, RECORDS));
            long[] nanos = synced(journal);
            System.out.printf(
                    "append (synced)    p50 %.2f ms  p95 %.2f ms%n",
                    nanos[SYNCED / 2] / 1e6, nanos[SYNCED * 95 / 100] / 1e6);
        }
        Path log = Journals.directory(home, session);
        JournalVerifier.verify(log);
        long start = System.nanoTime();
        Verification found = JournalVerifier.verify(log);
        System.out.printf(
                "verify             %,9.0f records/s (%s)%n",
                found.entries() * 1e9 / (System.nanoTime() - start), found.says());
        try (JournalIndex index = JournalIndex.open(home.resolve("index.db"))) {
            start = System.nanoTime();
            long read = index.catchUp(session, log);
            System.out.printf(
                    "index              %,9.0f records/s%n",
                    read * 1e9 / (System.nanoTime() - start));
        }
        scan();
    }

    private static double append(Journal journal, int count) throws CountersignException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            journal.record(
                    new Fact.Returned(
                            GuestText.of("toolu_01A09q90qw90lq917835lq" + i),
                            false,
                            GuestText.of("src/main/App.java: 12 files changed, tests passed " + i),
                            61));
        }
        return count * 1e9 / (System.nanoTime() - start);
    }

    private static long[] synced(Journal journal) {
        return LongStream.range(0, SYNCED).map(i -> syncedOnce(journal, i)).sorted().toArray();
    }

    private static long syncedOnce(Journal journal, long i) {
        long start = System.nanoTime();
        try {
            journal.record(Samples.decided("call " + i));
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
        return System.nanoTime() - start;
    }

    private static void scan() {
        StringBuilder text = new StringBuilder();
        while (text.length() < 32 << 20) {
            text.append(
                            "    private final TokenStore tokens; // key = lookup(id), returns the value\n")
                    .append(
                            "    if (count > limit) { throw new IllegalStateException(\"too many\"); }\n")
                    .append("    return values.stream().map(Value::name).toList();\n");
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        Scanner scanner = new Scanner();
        for (Scanner.Mode mode : Scanner.Mode.values()) {
            scanner.scan("a.java", Arrays.copyOf(bytes, bytes.length / 4), mode);
            long start = System.nanoTime();
            int found = scanner.scan("a.java", bytes, mode).size();
            System.out.printf(
                    "scan %-6s        %9.0f MB/s (%d findings)%n",
                    mode, bytes.length * 1e3 / (System.nanoTime() - start), found);
        }
    }
}
