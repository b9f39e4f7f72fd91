package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody without the key can do to a log, and what the check says.
class TamperTest {
    private static final SessionId OURS = new SessionId("s-aaaaaa");
    private static final SessionId OTHER = new SessionId("s-bbbbbb");
    private static final int ENTRIES = 40;

    @TempDir Path home;
    private Path log;
    private Path heads;
    private List<String> lines = List.of();

    @BeforeEach
    void recordTwoSessions() throws CountersignException, IOException {
        record(home, 10);
        log = Journals.directory(home, OURS).resolve(SignedLog.FILE);
        heads = Journals.directory(home, OURS).resolve(HeadFile.NAME);
        lines = new ArrayList<>(Files.readAllLines(log));
        assertThat(lines).hasSize(ENTRIES);
        assertThat(check().says())
                .startsWith("verified to entry 39 by head of time ")
                .endsWith("; anchored: none");
    }

    /// Every `synced`th entry is signed at once.
    private static void record(Path home, int synced) throws CountersignException {
        try (Journals journals =
                Journals.open(home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC())) {
            for (SessionId session : List.of(OURS, OTHER)) {
                try (Journal journal = journals.open(session, new Redactor())) {
                    for (int i = 0; i < ENTRIES; i++) {
                        journal.record(
                                i % synced == 0
                                        ? Samples.decided("call-" + i)
                                        : Samples.noticed("call-" + i));
                    }
                }
            }
        }
    }

    private Verification check() throws CountersignException {
        return JournalVerifier.verify(log);
    }

    private void write(List<String> changed) throws IOException {
        Files.writeString(log, String.join("\n", changed) + "\n");
    }

    /// The first wrong entry, or one of the few before it that one head vouches for together.
    private void assertFound(String what, int first) throws CountersignException {
        Verification found = check();
        assertThat(found.ok()).as(what).isFalse();
        assertThat(found.problem()).as(what).contains("entr");
        assertThat(found.firstBad()).as(what + ": " + found.problem()).isEqualTo((long) first);
        assertThat(found.verifiedTo()).as(what).isLessThan(first);
    }

    @Test
    void everyEditedEntryIsNamed() throws IOException, CountersignException {
        for (int i = 0; i < ENTRIES; i++) {
            List<String> changed = new ArrayList<>(lines);
            changed.set(i, lines.get(i).replace("call-" + i, "kall-" + i));
            assertThat(changed).isNotEqualTo(lines);
            write(changed);
            // Entries 31 to 39 are under one head; the last of them has no follower to show it.
            assertFound("edit of " + i, i == 39 ? 31 : i);
        }
    }

    @Test
    void everyDeletedEntryIsNamed() throws IOException, CountersignException {
        for (int i = 0; i < ENTRIES; i++) {
            List<String> changed = new ArrayList<>(lines);
            changed.remove(i);
            write(changed);
            assertFound("deletion of " + i, i);
        }
    }

    @Test
    void everyReorderingIsNamed() throws IOException, CountersignException {
        for (int i = 0; i + 1 < ENTRIES; i++) {
            List<String> changed = new ArrayList<>(lines);
            changed.set(i, lines.get(i + 1));
            changed.set(i + 1, lines.get(i));
            write(changed);
            assertFound("swap at " + i, i);
        }
    }

    @Test
    void everyRepeatedEntryIsNamed() throws IOException, CountersignException {
        for (int i = 0; i < ENTRIES; i++) {
            List<String> changed = new ArrayList<>(lines);
            changed.add(i + 1, lines.get(i));
            write(changed);
            Verification found = check();
            assertThat(found.ok()).isFalse();
            assertThat(found.firstBad()).isEqualTo((long) i + 1);
        }
    }

    @Test
    void everySpliceFromAnotherSessionIsNamed() throws IOException, CountersignException {
        List<String> others =
                Files.readAllLines(Journals.directory(home, OTHER).resolve(SignedLog.FILE));
        for (int i = 0; i < ENTRIES; i++) {
            List<String> changed = new ArrayList<>(lines.subList(0, i));
            changed.addAll(others.subList(i, ENTRIES));
            write(changed);
            Verification found = check();
            assertThat(found.ok()).isFalse();
            // The first foreign entry, or its neighbour where only the chain tells.
            assertThat(found.firstBad()).isBetween(Math.max(0L, i - 1), (long) i);
        }
    }

    @Test
    void everyTruncationIsFoundAlsoInsideALine() throws IOException, CountersignException {
        byte[] whole = Files.readAllBytes(log);
        long seed = System.nanoTime();
        System.err.println("TamperTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            int length = i == 0 ? whole.length - 1 : random.nextInt(whole.length);
            Files.write(log, java.util.Arrays.copyOf(whole, length));
            Verification found = check();
            assertThat(found.ok()).as("seed %d length %d", seed, length).isFalse();
            assertThat(found.problem()).contains("missing");
            assertThat(found.firstBad()).isEqualTo(found.entries());
        }
    }

    @Test
    void everyChangedByteOfLogAndHeadsIsFound() throws IOException, CountersignException {
        long seed = System.nanoTime();
        System.err.println("TamperTest seed " + seed);
        Random random = new Random(seed);
        for (Path file : List.of(log, heads)) {
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < 100; i++) {
                byte[] changed = whole.clone();
                int at = random.nextInt(whole.length);
                changed[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, changed);
                Verification found = check();
                // Without its empty line the last head counts as cut short by a crash.
                boolean tornHead = file.equals(heads) && at >= whole.length - 2;
                assertThat(found.ok())
                        .as("seed %d %s byte %d", seed, file.getFileName(), at)
                        .isEqualTo(tornHead);
            }
            Files.write(file, whole);
        }
    }

    /// Also where the change glues the last head's lines together, so that it looks cut short.
    @Test
    void everyChangedBitOfTheLastHeadIsFound() throws IOException, CountersignException {
        byte[] whole = Files.readAllBytes(heads);
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int last = text.lastIndexOf("\n\ncountersign/") + 2;
        assertThat(last).isGreaterThan(1);
        for (int at = last; at < whole.length - 2; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 << at % 8);
            Files.write(heads, changed);
            assertThat(check().ok()).as("byte %d", at).isFalse();
        }
    }

    /// Somebody who knows the format recomputes the chain behind an edit; the key is missing.
    @Test
    void aRecomputedChainDoesNotReachTheSignedHead() throws IOException, CountersignException {
        List<String> forged = rechained(17);
        write(forged);
        Verification found = check();
        assertThat(found.ok()).isFalse();
        assertThat(found.verifiedTo()).isEqualTo(10);
        assertThat(found.firstBad()).isEqualTo(11);
        assertThat(found.problem()).startsWith("entries 11 to 20 are not what was signed at ");
    }

    private List<String> rechained(int edited) {
        List<String> forged = new ArrayList<>(lines.subList(0, edited));
        forged.add(lines.get(edited).replace("call-" + edited, "gone-" + edited));
        for (int i = edited + 1; i < ENTRIES; i++) {
            MessageDigest sha = dev.countersign.domain.Digest.sha256();
            byte[] before = forged.get(i - 1).getBytes(StandardCharsets.UTF_8);
            String prev =
                    java.util.HexFormat.of().formatHex(Merkle.leaf(sha, before, 0, before.length));
            forged.add(lines.get(i).replaceFirst("\"prev\":\"[0-9a-f]{64}", "\"prev\":\"" + prev));
        }
        return forged;
    }

    @Test
    void headsForgedWithAnotherKeyAreForeign() throws IOException, CountersignException {
        SigningKey foreign = SigningKey.generate();
        List<String> forged = rechained(17);
        write(forged);
        String origin = JournalVerifier.verify(Journals.directory(home, OTHER)).log();
        String ours = origin.replace(OTHER.value(), OURS.value());
        byte[] root =
                Merkle.root(
                        forged.stream()
                                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                                .map(line ->
                                        Merkle.leaf(
                                                dev.countersign.domain.Digest.sha256(),
                                                line,
                                                0,
                                                line.length))
                                .toList());
        Files.writeString(
                heads, SignedHead.sign(foreign, ours, ENTRIES, root, Instant.now()).note() + "\n");
        assertThat(check().problem()).contains("is not signed by key");

        Files.writeString(log.resolveSibling(SignedLog.KEY), foreign.verifier().encoded(ours));
        assertThat(check().problem()).contains("foreign key " + foreign.verifier().fingerprint());
    }

    @Test
    void aLogWithoutItsHeadsIsNotVerified() throws IOException, CountersignException {
        Files.delete(heads);
        Verification found = check();
        assertThat(found.ok()).isFalse();
        assertThat(found.problem()).contains("no signed heads");
    }

    @Test
    void aLogThatWasCutTogetherWithItsHeadsIsFoundByTheList()
            throws IOException, CountersignException {
        write(lines.subList(0, 11));
        List<SignedHead> kept =
                HeadFile.read(heads).heads().stream().filter(head -> head.size() <= 11).toList();
        StringBuilder text = new StringBuilder();
        kept.forEach(head -> text.append(head.note()).append('\n'));
        Files.writeString(heads, text.toString());
        assertFound("cut", 11);
        assertThat(check().problem()).contains("entries 11 to 39 are missing");
    }

    @Test
    void aDeletedLogIsFoundByTheListUnlessTheDeveloperDeletedIt()
            throws IOException, CountersignException {
        assertThat(JournalVerifier.verifyAll(home)).hasSize(3).allMatch(Verification::ok);
        deleteAll(Journals.directory(home, OURS));
        List<Verification> all = JournalVerifier.verifyAll(home);
        assertThat(all.stream().filter(found -> !found.ok()).map(Verification::problem))
                .singleElement()
                .asString()
                .contains("s-aaaaaa", "missing", "40 entries");

        try (Journals journals =
                Journals.open(home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC())) {
            journals.forget(OURS);
        }
        assertThat(JournalVerifier.verifyAll(home)).hasSize(2).allMatch(Verification::ok);
    }

    @Test
    void anEditedListIsFound() throws IOException, CountersignException {
        Path list = home.resolve(Manifest.NAME).resolve(SignedLog.FILE);
        Files.writeString(list, Files.readString(list).replace("\"closed\"", "\"deleted\""));
        assertThat(JournalVerifier.verifyAll(home).getFirst().ok()).isFalse();
    }

    @Test
    void aLogInAnotherSessionsPlaceIsFound() throws IOException, CountersignException {
        Path other = Journals.directory(home, OTHER);
        for (String name : List.of(SignedLog.FILE, HeadFile.NAME, SignedLog.KEY)) {
            Files.copy(
                    other.resolve(name),
                    log.resolveSibling(name),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(check().problem()).contains("s-bbbbbb", "not that of s-aaaaaa");
    }

    @Test
    void aCopyElsewhereSaysThatItsKeyIsOnlyClaimed(@TempDir Path elsewhere)
            throws IOException, CountersignException {
        for (String name : List.of(SignedLog.FILE, HeadFile.NAME, SignedLog.KEY)) {
            Files.copy(log.resolveSibling(name), elsewhere.resolve(name));
        }
        Verification found = JournalVerifier.verify(elsewhere);
        assertThat(found.ok()).isTrue();
        assertThat(found.trust()).isEqualTo("claimed");
        assertThat(found.says()).contains("as the log itself claims");
        VerifierKey key = VerifierKey.parse(Files.readString(elsewhere.resolve(SignedLog.KEY)));
        assertThat(JournalVerifier.verify(elsewhere, key).trust()).isEqualTo("given");
        assertThat(JournalVerifier.verify(elsewhere, SigningKey.generate().verifier()).ok())
                .isFalse();
    }

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> {
                        try {
                            Files.delete(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
