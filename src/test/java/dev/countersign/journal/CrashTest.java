package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real process that is killed while it writes, and one that has no space left.
class CrashTest {
    private static final SessionId SESSION = WriterProcess.SESSION;

    @TempDir Path home;

    @Test
    void P5_whatRecordReturnedIsThereAfterAKillAtAnyMoment()
            throws IOException, InterruptedException, CountersignException {
        long seed = System.nanoTime();
        System.err.println("CrashTest seed " + seed);
        Random random = new Random(seed);
        Map<Long, String> returned = new LinkedHashMap<>();
        int torn = 0;
        for (int round = 0; round < 5; round++) {
            returned.putAll(writeAndKill(random));
            Verification after = JournalVerifier.verify(Journals.directory(home, SESSION));
            assertThat(after.ok()).as("seed %d: %s", seed, after.says()).isTrue();
            torn += after.torn() > 0 ? 1 : 0;
            assertThat(texts()).as("seed %d round %d", seed, round).containsAllEntriesOf(returned);
        }
        System.err.println("CrashTest: " + returned.size() + " records, torn ends " + torn);
        assertThat(returned).hasSizeGreaterThan(8);
        List<Verification> all = JournalVerifier.verifyAll(home);
        assertThat(all).allSatisfy(found -> assertThat(found.ok()).as(found.says()).isTrue());
        assertThat(all.getLast().aside()).hasSize(torn);
    }

    private Map<Long, String> writeAndKill(Random random) throws IOException, InterruptedException {
        Process writer =
                new ProcessBuilder(WriterProcess.command(home, random.nextLong(), "many"))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        Map<Long, String> returned = new LinkedHashMap<>();
        try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
            int lines = 1 + random.nextInt(150);
            for (int i = 0; i < lines; i++) {
                note(out.readLine(), returned);
            }
            for (int spin = random.nextInt(200_000); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            // Through the handle: the process object would close the pipe that is still to be read.
            writer.toHandle().destroyForcibly();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                note(line, returned);
            }
        }
        assertThat(writer.waitFor()).isEqualTo(137);
        return returned;
    }

    /// The last line may be cut by the kill; then it does not count.
    private static void note(String line, Map<Long, String> returned) {
        assertThat(line).isNotNull();
        String[] cells = line.split("\t", 3);
        if (cells.length == 3 && cells[2].length() > 20) {
            returned.put(Long.parseLong(cells[0]), cells[2].strip());
        }
    }

    /// Opens the log as the next engine does, and reads what it holds.
    private Map<Long, String> texts() throws CountersignException {
        try (Journals journals =
                        Journals.open(
                                home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
                Journal journal = journals.open(SESSION, new Redactor())) {
            Map<Long, String> texts = new LinkedHashMap<>();
            for (Entry entry : journal.entries(0, Integer.MAX_VALUE)) {
                texts.put(entry.seq(), text(entry.fact()));
            }
            return texts;
        }
    }

    private static String text(Fact fact) {
        return switch (fact) {
            case Fact.Decided decided -> decided.callId().raw();
            case Fact.AgentSaid said -> said.text().raw().strip();
            default -> fact.toString();
        };
    }

    @Test
    void withoutSpaceARecordIsRefusedAndNothingHalfWrittenCounts()
            throws IOException, InterruptedException, CountersignException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "needs prlimit (util-linux)");
        List<String> command =
                new ArrayList<>(List.of("bash", "-c", "ulimit -S -f 512; exec \"$@\""));
        command.add("bash");
        command.addAll(WriterProcess.command(home, 0, "told"));
        Process writer =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out =
                        new BufferedReader(
                                new InputStreamReader(
                                        writer.getInputStream(), StandardCharsets.UTF_8));
                BufferedWriter in =
                        new BufferedWriter(
                                new OutputStreamWriter(
                                        writer.getOutputStream(), StandardCharsets.UTF_8))) {
            assertThat(told(in, out, "synced one")).isEqualTo("recorded 0");
            assertThat(told(in, out, "grouped 300000")).isEqualTo("recorded 1");
            assertThat(told(in, out, "grouped 300000"))
                    .startsWith("EXHAUSTED The journal could not be written: no space is left");
            assertThat(told(in, out, "synced two")).isEqualTo("recorded 2");
            limitless(writer);
            assertThat(told(in, out, "grouped 300000")).isEqualTo("recorded 3");
            assertThat(told(in, out, "synced three")).isEqualTo("recorded 4");
        }
        assertThat(writer.waitFor()).isZero();
        Verification found = JournalVerifier.verify(Journals.directory(home, SESSION));
        assertThat(found.ok()).as(found.says()).isTrue();
        assertThat(found.entries()).isEqualTo(5);
        assertThat(found.verifiedTo()).isEqualTo(4);
    }

    private static String told(BufferedWriter in, BufferedReader out, String what)
            throws IOException {
        in.write(what + "\n");
        in.flush();
        return String.valueOf(out.readLine());
    }

    private static void limitless(Process writer) throws IOException, InterruptedException {
        Process limit =
                new ProcessBuilder(
                                "/usr/bin/prlimit",
                                "--fsize=unlimited:unlimited",
                                "--pid",
                                Long.toString(writer.pid()))
                        .inheritIO()
                        .start();
        assertThat(limit.waitFor()).isZero();
    }
}
